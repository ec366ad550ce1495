package sim

import (
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

// leaving says what cuts a verb short from outside.
type leaving int

const (
	leaveHangup   leaving = iota // the call has ended
	leaveRedirect                // a REST update gives the call another document
)

// dialOut starts to ring an outbound call. timeout is the ring timeout as set;
// the slack that Twilio adds comes on top.
func (c *Call) dialOut(timeout time.Duration) {
	s := c.sim
	c.started, c.placed = s.now(), true
	c.report("initiated", "initiated")
	s.after(s.o.Timings.PostDial, func() {
		if c.over() {
			return
		}
		switch c.party.Outcome {
		case Unreachable:
			c.sip = 404
			c.end("failed")
		case Busy:
			c.sip = 486
			c.end("busy")
		default:
			c.rings(timeout + s.o.Timings.RingSlack)
		}
	})
}

func (c *Call) rings(limit time.Duration) {
	s := c.sim
	c.setStatus("ringing")
	c.report("ringing", "ringing")
	if c.dialled != nil {
		c.dialled.dial.startRecording("ringing")
	}
	c.ring = s.after(limit, func() {
		if c.status == "ringing" {
			c.sip = 487
			c.end("no-answer")
		}
	})
	if c.joinOwn() {
		return
	}
	switch c.party.Outcome {
	case Answer:
		s.after(c.party.AnswerAfter, c.pickUp)
	case Decline:
		s.after(c.party.AnswerAfter, func() {
			if c.status == "ringing" {
				c.sip = 603
				c.end("busy")
			}
		})
	}
}

// pickUp is the called party's answer.
func (c *Call) pickUp() {
	if c.direction == "inbound" || c.status != "ringing" || c.over() {
		return
	}
	c.connect()
	c.greet()
	if c.tones != "" {
		c.hears("digits " + c.tones)
	}
	if !c.detect.begin(c) && c.onAnswer != nil {
		c.onAnswer()
	}
}

// connect makes the call in-progress.
func (c *Call) connect() {
	if !c.answered.IsZero() || c.over() {
		return
	}
	c.answered = c.sim.now()
	c.setStatus("in-progress")
	c.report("answered", "in-progress")
	if c.ring != nil {
		c.ring.Stop()
	}
	if c.party.HangupAfter > 0 {
		c.leave = c.sim.after(c.party.HangupAfter, c.partyHangsUp)
	}
	c.limitTo(c.timeLimit, c.answered)
	if c.twin != nil && c.direction == "inbound" {
		c.twin.pickUp()
	}
}

// limitTo ends the call d after from; d <= 0 is Twilio's own limit of four hours.
func (c *Call) limitTo(d time.Duration, from time.Time) {
	if c.limit != nil {
		c.limit.Stop()
	}
	if d <= 0 {
		d = 4 * time.Hour
	}
	c.timeLimit = d
	c.limit = c.sim.after(from.Add(d).Sub(c.sim.now()), func() {
		if c.timeLimit == d { // not changed in the meantime
			c.end("completed")
		}
	})
}

// end is the end of the call, whoever wanted it. The verb in progress is cut
// short; where that requests an action, a switch decides if it comes at all and
// if it comes before the status callback.
func (c *Call) end(status string) {
	if c.over() {
		return
	}
	s := c.sim
	c.ended = s.now()
	c.setStatus(status)
	stopTimers(c.ring, c.limit, c.leave)
	c.keys, c.voice = nil, nil
	var last *act
	if c.main != nil {
		last = c.main.cut(leaveHangup)
		c.main.over = true
	}
	s.finishRecordings(c, nil)
	c.stopForks()
	c.openPayment().hungUp()
	c.detect.partyGone(c)
	c.report("completed", status)
	c.finalAct(last)
	if c.onEnd != nil {
		c.onEnd()
	}
	if c.twin != nil {
		s.after(s.o.Timings.Latency, func() { c.twin.twinEnded(status) })
	}
	if c.dialled != nil {
		c.dialled.dial.childEnded(c)
	}
	close(c.done)
}

// act is the request of an action URL that nobody may be left to hear.
type act struct {
	to     endpoint
	params form
	always bool // promised by the documentation, whatever the switches say
}

func (c *Call) finalAct(a *act) {
	s := c.sim
	if a == nil || a.to.url == "" || (s.o.Switches.NoActAtHangup && !a.always) {
		return
	}
	d := s.o.Timings.Latency
	if s.o.Switches.ActAfterStatus {
		d += 2 * s.o.Timings.Callback
	}
	c.lastAct(d, a, func(reply) {})
}

// lastAct requests the action of a verb that was cut short. used takes an answer
// that has come.
func (c *Call) lastAct(d time.Duration, a *act, used func(reply)) {
	h := &hook{kind: EntryWebhook, name: "action", sid: c.sid, call: c, to: a.to, params: append(c.standard(), a.params...)}
	h.done = func(answer reply) {
		c.fetched = h.fetched(answer)
		if answer.code != 0 {
			c.warn(answer.code, answer.why)
			return
		}
		used(answer)
	}
	c.sim.send(d, h)
}

func stopTimers(timers ...clock.Timer) {
	for _, t := range timers {
		if t != nil {
			t.Stop()
		}
	}
}
