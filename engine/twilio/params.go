package twilio

import (
	"strconv"
	"time"
)

// Params are the fields of one webhook under Twilio's names, such as CallSid. A
// field that Twilio did not send is absent; one that it sent empty is "".
// Source: twilio.com/docs/voice/twiml, "Request parameters".
type Params map[string]string

// CallStatus is the state of a call as Twilio writes it.
type CallStatus string

// The states of a call. Initiated occurs only in callbacks, never in a Call that
// was fetched. Source: twilio.com/docs/voice/api/call-resource.
const (
	Queued     CallStatus = "queued"
	Initiated  CallStatus = "initiated"
	Ringing    CallStatus = "ringing"
	InProgress CallStatus = "in-progress"
	Completed  CallStatus = "completed"
	Busy       CallStatus = "busy"
	Failed     CallStatus = "failed"
	NoAnswer   CallStatus = "no-answer"
	Canceled   CallStatus = "canceled"
)

// Known reports whether s is one of the documented states.
func (s CallStatus) Known() bool { return s.Rank() >= 0 }

// Final reports whether no further state can follow.
func (s CallStatus) Final() bool { return s.Rank() == finalRank }

const finalRank = 4

// Rank orders the states as a call passes through them: queued 0, initiated 1,
// ringing 2, in-progress 3, every final state 4. Callbacks arrive in any order; one
// of a lower rank than what is known already is old news. -1: not a known state.
func (s CallStatus) Rank() int {
	switch s {
	case Queued:
		return 0
	case Initiated:
		return 1
	case Ringing:
		return 2
	case InProgress:
		return 3
	case Completed, Busy, Failed, NoAnswer, Canceled:
		return finalRank
	}
	return -1
}

// CallStatus gives the CallStatus field, "" if it is absent.
func (p Params) CallStatus() CallStatus { return CallStatus(p["CallStatus"]) }

// Int gives a field that is a decimal number, such as SequenceNumber or
// CallDuration (seconds). False: absent, empty or not a number.
func (p Params) Int(name string) (int, bool) {
	n, err := strconv.Atoi(p[name])
	return n, err == nil
}

// Seconds gives a field that counts whole seconds, such as CallDuration,
// DialCallDuration or RecordingDuration; not Duration, which Twilio counts in
// minutes. False: absent, not a number, or negative.
func (p Params) Seconds(name string) (time.Duration, bool) {
	n, ok := p.Int(name)
	if !ok || n < 0 || n > int(maxSeconds) {
		return 0, false
	}
	return time.Duration(n) * time.Second, true
}

// maxSeconds keeps Seconds inside time.Duration: some 68 years.
const maxSeconds = 1<<31 - 1

// Bool gives a field that is true or false, such as Muted. False, false: absent
// or another word.
func (p Params) Bool(name string) (value, ok bool) {
	switch p[name] {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Float gives a field that is a decimal fraction from 0 on, such as Confidence
// (0 to 1). False: absent, negative or not a number.
func (p Params) Float(name string) (float64, bool) {
	f, err := strconv.ParseFloat(p[name], 64)
	return f, err == nil && f >= 0 && f <= 1e15
}

// Time gives a field with a time, such as Timestamp, in UTC. Twilio writes RFC 2822
// in callbacks (Fri, 20 Aug 2010 01:13:42 +0000) and ISO 8601 in those of real-time
// transcription; both are read. False: absent or neither.
func (p Params) Time(name string) (time.Time, bool) {
	t := parseTime(p[name])
	return t, !t.IsZero()
}

// parseTime reads RFC 2822 and ISO 8601 times; the zero time stands for the rest.
func parseTime(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	for _, layout := range [...]string{"Mon, _2 Jan 2006 15:04:05 -0700", time.RFC1123, time.RFC3339Nano} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
