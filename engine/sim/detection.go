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
	millis   int // MachineDetectionDuration once known
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
		c.answeredBy, d.millis = result, int(after/time.Millisecond)
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
	greeting := time.Duration(len([]rune(c.party.Greeting))) * t.Character
	if greeting > limit {
		return "machine_end_other", limit
	}
	return "machine_end_beep", max(greeting, first)
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
