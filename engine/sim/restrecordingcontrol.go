package sim

import (
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// currentRecording names the only active recording in a path.
const currentRecording = "Twilio.CURRENT"

var startRecordingParams = rest.Join(
	rest.WebURLs(21609, "RecordingStatusCallback"),
	rest.Methods("RecordingStatusCallbackMethod"),
	rest.EventLists("in-progress completed absent", "RecordingStatusCallbackEvent"),
	rest.Words(rest.CodeParameter, "mono dual", "RecordingChannels"),
	rest.Words(rest.CodeParameter, "inbound outbound both", "RecordingTrack"),
	rest.Words(rest.CodeParameter, "trim-silence do-not-trim", "Trim"),
)

var updateRecordingParams = rest.Join(
	rest.Words(rest.CodeParameter, "paused in-progress stopped", "Status"),
	rest.Words(rest.CodeParameter, "skip silence", "PauseBehavior"),
)

func (c *Call) listRecordings(q *rest.Request) (rest.Answer, *rest.Error) {
	q.Form.Set("CallSid", c.sid)
	return c.sim.listRecordings(q)
}

func (rm *room) listRecordings(q *rest.Request) (rest.Answer, *rest.Error) {
	q.Form.Set("ConferenceSid", rm.sid)
	return rm.sim.listRecordings(q)
}

// startRecording records a call in progress from now on.
func (c *Call) startRecording(q *rest.Request) (rest.Answer, *rest.Error) {
	if c.status != "in-progress" {
		return rest.Answer{}, rest.BadRequest(21220, "Requested resource is not eligible for recording: the call is "+c.status)
	}
	rec := c.recordTrack("StartCallRecordingAPI", pick1or2(q.Get("RecordingChannels") == "dual"), trackOf(q),
		subscriptionOf(q, "RecordingStatusCallback", "completed"))
	return rest.Created(rec)
}

// update pauses, resumes or stops a recording. A pause with the behaviour skip
// is missing from the file; one with silence, the default, is not.
func (rec *recording) update(q *rest.Request) (rest.Answer, *rest.Error) {
	s := rec.sim
	status := q.Get("Status")
	switch {
	case !rec.ended.IsZero():
		return rest.Answer{}, rest.BadRequest(21220, "Recording "+rec.sid+" is "+rec.status)
	case status == "stopped":
		rec.finish()
		return rest.Show(rec, q)
	case status == "paused" && rec.status == "in-progress":
		rec.status, rec.updated, rec.paused = status, s.now(), s.now()
		rec.skips = strings.EqualFold(q.Get("PauseBehavior"), "skip")
	case status == "in-progress" && rec.status == "paused":
		rec.resume()
	case status != "paused" && status != "in-progress":
		return rest.Answer{}, rest.BadRequest(20001, "Status is not paused, in-progress or stopped: "+status)
	}
	return rest.Show(rec, q)
}

func (rec *recording) resume() {
	if rec.paused.IsZero() {
		return
	}
	rec.pauses = append(rec.pauses, pause{rec.paused, rec.sim.now(), rec.skips})
	rec.status, rec.updated, rec.paused = "in-progress", rec.sim.now(), time.Time{}
}

// setRecord has a conference recorded from its start, if mode says so.
func (rm *room) setRecord(mode string, to subscription) {
	if mode != "true" && mode != "record-from-start" {
		return
	}
	rm.onStart = func() {
		s := rm.sim
		rec := &recording{sim: s, sid: s.sid("RE"), room: rm, source: "Conference", status: "in-progress", channels: 1, track: "both",
			started: s.now(), updated: s.now(), callback: to}
		s.recordings = append(s.recordings, rec)
		rec.report("in-progress")
	}
}

// finishRecordings ends what still records a call or a conference that is over.
func (s *Sim) finishRecordings(c *Call, rm *room) {
	for _, rec := range s.recordings {
		if rec.call == c && rec.room == rm {
			rec.finish()
		}
	}
}

func (rec *recording) callSID() string {
	if rec.call == nil {
		return ""
	}
	return rec.call.sid
}

func (rec *recording) roomSID() string {
	if rec.room == nil {
		return ""
	}
	return rec.room.sid
}
