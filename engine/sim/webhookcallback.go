package sim

import (
	"strconv"
	"sync"
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
	if s.happens(LoseCallback, h.name, h.to.url) != nil {
		s.note(Entry{Kind: EntryLost, Call: h.sid, Room: h.room, Name: h.name, URL: h.to.url, Params: h.params.values()})
		return
	}
	copies := 1
	if s.happens(RepeatCallback, h.name, h.to.url) != nil {
		copies = 2
	}
	hold := s.happens(ReorderCallback, h.name, h.to.url)
	if hold == nil {
		s.release(h.subject(), s.o.Timings.Callback)
	}
	for range copies {
		one := h
		one.done = func(r reply) {
			if r.code != 0 {
				s.alert(callbackCode(h.name, r), h.sid, h.room, r.why, one.fetched(r))
			}
		}
		late := s.o.Timings.Callback
		if f := s.happens(DelayCallback, h.name, h.to.url); f != nil {
			late += f.spread()
		}
		if hold != nil {
			s.hold(h.subject(), hold.By, func() { s.send(late, &one) })
			continue
		}
		s.send(late, &one)
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

// subject is what the callback is about: the conference, else the call.
func (h *hook) subject() string {
	if h.room != "" {
		return h.room
	}
	return h.sid
}

// hold keeps a callback back until the next one about the same subject was sent,
// or until d has passed.
func (s *Sim) hold(subject string, d time.Duration, send func()) {
	once := sync.OnceFunc(send)
	s.held[subject] = append(s.held[subject], once)
	s.after(d, once)
}

// release lets go after late what was held back.
func (s *Sim) release(subject string, late time.Duration) {
	for _, send := range s.held[subject] {
		s.after(late, send)
	}
	delete(s.held, subject)
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
