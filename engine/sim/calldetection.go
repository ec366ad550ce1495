package sim

import (
	"strconv"
	"time"
)

// detection is answering-machine detection of one call. The zero value is off.
type detection struct {
	mode     string // Enable, DetectMessageEnd or "" for off
	async    bool
	callback endpoint
	timeout  time.Duration
	quiet    time.Duration // silence that ends a greeting (SpeechEndThreshold)
	ended    bool          // the result is known
	millis   int           // MachineDetectionDuration once known
}

// begin starts detection at the answer and reports whether the call has to wait
// for its result.
func (d *detection) begin(c *Call) (waits bool) {
	if d.mode == "" {
		return false
	}
	result, after := d.outcome(c)
	c.sim.after(after, func() {
		if c.over() {
			return
		}
		d.ended, c.answeredBy, d.millis = true, result, int(after/time.Millisecond)
		if d.async {
			d.report(c)
		} else if c.onAnswer != nil {
			c.onAnswer()
		}
	})
	return !d.async
}

// outcome is what will be found, and when.
func (d *detection) outcome(c *Call) (string, time.Duration) {
	t := c.sim.o.Timings
	limit := d.timeout
	if limit <= 0 {
		limit = 30 * time.Second
	}
	first := min(t.AMD, limit)
	if t.AMD > limit {
		return "unknown", limit
	}
	switch c.party.Kind {
	case Human:
		return "human", first
	case Fax:
		return "fax", first
	case Unclear:
		return "unknown", limit
	}
	if d.mode != "DetectMessageEnd" {
		return "machine_start", first
	}
	end := c.greetingLength()
	result := "machine_end_beep"
	if c.party.NoBeep {
		result, end = "machine_end_silence", end+d.quiet
	}
	if end > limit {
		return "machine_end_other", limit
	}
	return result, max(end, first)
}

// partyGone takes the end of the call during detection.
func (d *detection) partyGone(c *Call) {
	if d.mode == "" || d.ended || !d.async || c.answered.IsZero() || !c.sim.o.Switches.HangupIsUnknown {
		return
	}
	d.ended, c.answeredBy, d.millis = true, "unknown", int(c.sim.now().Sub(c.answered)/time.Millisecond)
	d.report(c)
}

// beep is how a beep stands in the log and among what was heard.
const beep = "beep"

// greet lets the party speak first; a machine begins to record behind it.
func (c *Call) greet() {
	if c.party.Greeting != "" {
		c.note(EntrySpoken, c.party.Greeting)
	}
	if c.party.Kind != Machine {
		return
	}
	c.sim.after(c.greetingLength(), func() {
		if c.over() {
			return
		}
		if !c.party.NoBeep {
			c.note(EntrySpoken, beep)
		}
		c.afterBeep = len(c.heard)
	})
}

func (c *Call) greetingLength() time.Duration {
	return c.sim.speech(c.party.Greeting)
}

// ranges are the bounds of a number in a request and its default.
type ranges struct{ low, high, def int }

// of reads a number; one out of range counts as not set.
func (r ranges) of(v string, unit time.Duration) time.Duration {
	n, ok := ranged(v, r.low, r.high)
	if !ok {
		n = r.def
	}
	return time.Duration(n) * unit
}

// fields are the parameters of the Url request after synchronous detection.
func (d *detection) fields(c *Call) form {
	if d.mode == "" || d.async || c.answeredBy == "" {
		return nil
	}
	return form{{"AnsweredBy", c.answeredBy}, {"MachineDetectionDuration", strconv.Itoa(d.millis)}}
}

func (d *detection) report(c *Call) {
	if d.callback.url == "" {
		c.warn(21262, "detection without a callback URL")
		return
	}
	f := form{{"CallSid", c.sid}, {"AccountSid", c.sim.o.AccountSID}, {"AnsweredBy", c.answeredBy},
		{"MachineDetectionDuration", strconv.Itoa(d.millis)}}
	c.sim.callback(hook{name: "amd", sid: c.sid, to: d.callback, params: f})
}
