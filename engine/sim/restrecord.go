package sim

import (
	"net/http"
	"strings"
	"time"
)

// currentRecording names the only active recording in a path.
const currentRecording = "Twilio.CURRENT"

// restRecord serves the recordings of one call or conference: list, start (of a
// call only), fetch, and pause, resume or stop.
func (s *Sim) restRecord(q *restRequest, c *Call, rm *room) (restAnswer, *restError) {
	mine := func(rec *recording) bool { return rec.call == c && rec.room == rm }
	if len(q.parts) == 3 {
		switch {
		case q.method == http.MethodGet && c != nil:
			q.form.Set("CallSid", c.sid)
			return s.listRecordings(q)
		case q.method == http.MethodGet:
			q.form.Set("ConferenceSid", rm.sid)
			return s.listRecordings(q)
		case q.method == http.MethodPost && c != nil:
			return c.startRecording(q)
		}
		return restAnswer{}, q.notAllowed()
	}
	var found *recording
	for _, rec := range s.recordings {
		switch {
		case !mine(rec) || len(q.parts) != 4:
		case rec.sid == q.parts[3]:
			found = rec
		case q.parts[3] == currentRecording && rec.ended.IsZero():
			if found != nil {
				return restAnswer{}, badRequest(16108, "More than one recording is active: name the recording")
			}
			found = rec
		}
	}
	switch {
	case found == nil:
		return restAnswer{}, notFound(q.path)
	case q.method == http.MethodPost:
		return found.update(q)
	case q.method == http.MethodGet:
		return restAnswer{status: 200, body: found.json()}, nil
	}
	return restAnswer{}, q.notAllowed()
}

// startRecording records a call in progress from now on.
func (c *Call) startRecording(q *restRequest) (restAnswer, *restError) {
	if c.status != "in-progress" {
		return restAnswer{}, badRequest(21220, "Requested resource is not eligible for recording: the call is "+c.status)
	}
	rec := c.recordFrom("StartCallRecordingAPI", pick1or2(q.get("RecordingChannels") == "dual"), q.recordingCallback())
	if track := q.get("RecordingTrack"); track == "inbound" || track == "outbound" {
		rec.track = track
	}
	return restAnswer{status: http.StatusCreated, body: rec.json()}, nil
}

// update pauses, resumes or stops a recording. A pause with the behaviour skip
// is missing from the file; one with silence, the default, is not.
func (rec *recording) update(q *restRequest) (restAnswer, *restError) {
	s := rec.sim
	status := q.get("Status")
	switch {
	case !rec.ended.IsZero():
		return restAnswer{}, badRequest(21220, "Recording "+rec.sid+" is "+rec.status)
	case status == "stopped":
		rec.finish()
		return restAnswer{status: 200, body: rec.json()}, nil
	case status == "paused" && rec.status == "in-progress":
		rec.status, rec.updated, rec.paused = status, s.now(), s.now()
		rec.skips = strings.EqualFold(q.get("PauseBehavior"), "skip")
	case status == "in-progress" && rec.status == "paused":
		rec.resume()
	case status != "paused" && status != "in-progress":
		return restAnswer{}, badRequest(20001, "Status is not paused, in-progress or stopped: "+status)
	}
	return restAnswer{status: 200, body: rec.json()}, nil
}

func (rec *recording) resume() {
	if rec.paused.IsZero() {
		return
	}
	if rec.skips {
		rec.missing += rec.sim.now().Sub(rec.paused)
	}
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
