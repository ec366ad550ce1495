package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

const (
	sourceRecordVerb = "RecordVerb"
	sourceDialVerb   = "DialVerb"

	codeTooShort        = 16101
	codeNoTranscription = 13617 // too short, too long or nothing said
)

// recording is a Recording resource.
type recording struct {
	sim      *Sim
	sid      string
	call     *Call // the leg, or the parent leg of a bridged call; nil for a conference
	room     *room // of a conference recording
	track    string
	name     string    // to stop it by
	byVerb   bool      // a Start began it
	paused   time.Time // since when, zero while it records
	skips    bool      // the pause is missing from the file
	pauses   []pause   // that have ended
	source   string
	status   string
	channels int
	started  time.Time
	ended    time.Time
	updated  time.Time
	speech   string // what was said, for a transcription
	callback subscription
}

// record begins a recording of the leg.
func (c *Call) recordFrom(source string, channels int, callback subscription) *recording {
	return c.recordTrack(source, channels, "both", callback)
}

// recordTrack is recordFrom for a track: inbound, outbound or both.
func (c *Call) recordTrack(source string, channels int, track string, callback subscription) *recording {
	s := c.sim
	rec := &recording{sim: s, sid: s.sid("RE"), call: c, source: source, status: "in-progress",
		track: track, channels: channels, started: s.now(), updated: s.now(), callback: callback}
	s.recordings = append(s.recordings, rec)
	rec.report("in-progress")
	return rec
}

func (rec *recording) url() string {
	return fmt.Sprintf("%s/%s/Accounts/%s/Recordings/%s", rec.sim.o.BaseURL, apiVersion, rec.sim.o.AccountSID, rec.sid)
}

func (rec *recording) seconds() int {
	end := rec.ended
	if end.IsZero() {
		end = rec.sim.now()
	}
	length := end.Sub(rec.started)
	for _, p := range rec.pauses {
		if p.skips {
			length -= p.to.Sub(p.from)
		}
	}
	return int(length / time.Second)
}

// finish ends the recording; the file is there a moment later.
func (rec *recording) finish() {
	if !rec.ended.IsZero() {
		return
	}
	s := rec.sim
	rec.resume()
	rec.ended, rec.updated, rec.status = s.now(), s.now(), "processing"
	s.after(s.o.Timings.Recording, func() {
		rec.status, rec.updated = "completed", s.now()
		if rec.seconds() == 0 {
			rec.status = "absent"
			if rec.call != nil {
				rec.call.warn(codeTooShort, rec.sid)
			}
		}
		rec.report(rec.status)
	})
}

// errorCode says why a recording is absent: it is too short. 0 is no error.
func (rec *recording) errorCode(event string) int {
	if event == "absent" {
		return codeTooShort
	}
	return 0
}

// report sends the status callback. The order of its parameters is that of
// requests of Twilio.
func (rec *recording) report(event string) {
	if !rec.callback.wants(event) {
		return
	}
	f := form{{"RecordingSource", rec.source}}
	if rec.source != sourceRecordVerb {
		f = f.with("RecordingTrack", rec.track)
	}
	f = f.with("RecordingSid", rec.sid).with("RecordingUrl", rec.url()).with("RecordingStatus", event).
		with("RecordingChannels", strconv.Itoa(rec.channels)).with("ErrorCode", strconv.Itoa(rec.errorCode(event)))
	if rec.room != nil {
		f = f.with("ConferenceSid", rec.room.sid)
	} else {
		f = f.with("CallSid", rec.callSID())
	}
	f = f.with("RecordingStartTime", rfc2822(rec.started)).with("AccountSid", rec.sim.o.AccountSID)
	if event == "completed" {
		f = f.with("RecordingDuration", strconv.Itoa(rec.seconds()))
	}
	rec.sim.callback(hook{name: "recording", sid: rec.callSID(), room: rec.roomSID(), to: rec.callback.endpoint, params: f})
}

// recordingCallback reads the recordingStatusCallback attributes.
func (r *run) recordingCallback(verb *twiml.Element) subscription {
	return r.subscribe(verb, "recordingStatusCallback", "completed")
}

// subscribe reads a callback attribute with its Method and Event companions.
func (r *run) subscribe(e *twiml.Element, name, events string) subscription {
	v, ok := e.Attr(name)
	if !ok || v == "" {
		return subscription{}
	}
	url, _ := r.resolve(v)
	p := subscription{endpoint{url, e.AttrOr(name+"Method", "POST")}, map[string]bool{}}
	for _, event := range strings.Fields(e.AttrOr(name+"Event", events)) {
		p.events[event] = true
	}
	return p
}
