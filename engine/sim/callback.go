package sim

import (
	"strconv"
	"time"
)

// subscription is a callback URL with the events that are wanted there.
type subscription struct {
	endpoint
	events map[string]bool
}

func (p subscription) wants(event string) bool { return p.url != "" && p.events[event] }

// callback sends an asynchronous request: late, twice or not at all as the
// faults have it. Its answer is not used.
func (s *Sim) callback(h hook) {
	h.kind = EntryCallback
	f := s.o.Faults
	if s.happens(f.LoseCallback) {
		s.note(Entry{Kind: EntryLost, Call: h.sid, Room: h.room, Name: h.name, URL: h.to.url, Params: h.params.values()})
		return
	}
	copies := 1
	if s.happens(f.RepeatCallback) {
		copies = 2
	}
	for range copies {
		one := h
		one.done = func(r reply) {
			if r.code != 0 {
				s.alert(callbackCode(h.name, r), h.sid, h.room, r.why, one.fetched(r))
			}
		}
		s.send(s.o.Timings.Callback+s.lateness(), &one)
	}
}

// callbackCode is the code of a callback that failed: an HTTP error has one of
// its own, which is another for conferences.
func callbackCode(name string, r reply) int {
	switch {
	case r.status == 0:
		return r.code
	case name == "conference":
		return 16011
	}
	return 15003
}

// report sends a progress callback of the call. Each call numbers the ones it
// sends from 0.
func (c *Call) report(event, status string) {
	if !c.progress.wants(event) || c.silent {
		return
	}
	f := c.standard().set("CallStatus", status).
		with("CallbackSource", "call-progress-events").
		with("Timestamp", rfc2822(c.sim.now())).
		with("SequenceNumber", strconv.Itoa(c.sequence))
	c.sequence++
	if event == "completed" {
		f = c.finalFields(f)
	}
	if c.answeredBy != "" && (c.sim.o.Switches.AnsweredByOnStatus) {
		f = f.with("AnsweredBy", c.answeredBy)
	}
	c.sim.callback(hook{name: "status", sid: c.sid, to: c.progress.endpoint, params: f})
}

// finalFields are those of the completed event only (documentation: Call
// resource, StatusCallback). Duration counts begun minutes.
func (c *Call) finalFields(f form) form {
	if c.direction != "inbound" {
		f = f.with("SipResponseCode", strconv.Itoa(c.sip))
	}
	talk := c.talk()
	f = f.with("CallDuration", strconv.Itoa(int(talk/time.Second)))
	f = f.with("Duration", strconv.Itoa(int((talk+time.Minute-1)/time.Minute)))
	if c.record != nil {
		f = f.with("RecordingUrl", c.record.url()).with("RecordingSid", c.record.sid).
			with("RecordingDuration", strconv.Itoa(c.record.seconds()))
	}
	return f
}
