package engine

import (
	"slices"
	"strings"
	"time"
)

// The longest that Twilio listens when nothing is said, and how much later than that a
// result is given up.
// https://www.twilio.com/docs/voice/answering-machine-detection
const (
	DetectionLimit = 30 * time.Second
	detectionSlack = 5 * time.Second
)

// amdRaised marks, among the events of a leg, that the result of detection was raised.
const amdRaised = "amd"

// answerers are the events that tell who answered.
var answerers = []string{"human", "machine", "fax", "unknown"}

// Detection is answering machine detection of a call, as the flow asked for it.
type Detection struct {
	Mode  string        `json:",omitzero"` // Enable or DetectMessageEnd
	Async bool          `json:",omitzero"` // the call goes on meanwhile, its result is a callback
	Limit time.Duration `json:",omitzero"` // how long Twilio listens at most
}

// Awaiter is a verb that waits for events of its leg which come from elsewhere: they end
// the verb.
type Awaiter interface {
	Awaits(event string) bool
}

// Passer is a verb that may have nothing to wait for: over says so, and with which event
// it ends.
type Passer interface {
	Pass(t *Turn) (event string, data Values, over bool)
}

// amdResult takes in what answering machine detection found out. The first result is
// kept and raised once; it also proves that the call was answered.
func (x *Exec) amdResult(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	l.EvidenceAt = x.now
	by := ev.Fields["AnsweredBy"]
	if by == "" || slices.Contains(l.Raised, amdRaised) {
		return nil
	}
	if sid := ev.Fields["CallSid"]; l.SID == "" {
		l.SID = sid
	}
	if err := x.raiseUp(l); err != nil {
		return err
	}
	return x.answeredBy(l, by)
}

// detectedAtStart takes in the result of synchronous detection, which comes with the
// call's first request. A request without one says that nothing was found out.
func (x *Exec) detectedAtStart(l *Leg, fields map[string]string) error {
	if l.Detection == nil || l.Detection.Async || l.Leaving || slices.Contains(l.Raised, amdRaised) {
		return nil
	}
	by := fields["AnsweredBy"]
	if by == "" {
		by = "unknown"
	}
	return x.answeredBy(l, by)
}

// answeredBy keeps who answered and raises it. Of a call that is over it is data only.
func (x *Exec) answeredBy(l *Leg, by string) error {
	l.AnsweredBy = by
	l.Raised = append(l.Raised, amdRaised)
	x.disarm(amdRaised, l.Number)
	if l.Over() || l.Leaving || l.Lost {
		x.note(Entry{What: "late", Leg: l.Number, Name: answererEvent(by), Why: "the call is over"})
		return nil
	}
	x.Changed()
	return x.raise(&Raised{Name: answererEvent(by), Leg: l.Number, Time: x.now, Data: answererData(by)})
}

func answererData(by string) Values {
	return Values{"answered_by": by, "greeting_over": by == "machine_end_beep" || by == "machine_end_silence"}
}

// answererEvent is the event of a value of AnsweredBy: machine_start and machine_end_...
// are machines.
func answererEvent(by string) string {
	switch {
	case by == "human" || by == "fax":
		return by
	case strings.HasPrefix(by, "machine"):
		return "machine"
	}
	return "unknown"
}

// Answerer is the event that tells who answered the leg's call, if that is known by now.
// A call without detection is answered by nobody knows whom.
func (t *Turn) Answerer() (event string, data Values, known bool) {
	l := t.Caller
	switch {
	case slices.Contains(l.Raised, amdRaised):
		return answererEvent(l.AnsweredBy), answererData(l.AnsweredBy), true
	case l.Detection == nil || l.Over():
		return "unknown", answererData("unknown"), true
	}
	return "", nil, false
}

// AwaitAnswerer gives the detection up, as `unknown`, some time after Twilio must have
// told its result.
func (t *Turn) AwaitAnswerer() {
	l := t.Caller
	from := l.AnsweredAt
	if from.IsZero() {
		from = t.now
	}
	due := from.Add(l.Detection.limit() + detectionSlack)
	if due.Before(t.now) {
		due = t.now
	}
	t.rearm(amdRaised, l.Number, due)
}

// askSlack is how long after Twilio's limit its callback may come before the call itself
// is asked.
const askSlack = time.Second

// AnswererAt is when Twilio is to be asked who answered a call, because the callback
// that should tell did not come; the zero time when there is nothing to ask.
func (l *Leg) AnswererAt() time.Time {
	if l.Detection == nil || !l.Detection.Async || l.Condition != LegUp || slices.Contains(l.Raised, amdRaised) {
		return time.Time{}
	}
	return l.AnsweredAt.Add(l.Detection.limit() + askSlack)
}

func (d *Detection) limit() time.Duration {
	if d.Limit == 0 {
		return DetectionLimit
	}
	return d.Limit
}

// toldAnswerer takes in who answered where the progress of the call tells it: its
// callback may be late or lost.
func (x *Exec) toldAnswerer(l *Leg, fields map[string]string) error {
	by := fields["AnsweredBy"]
	if by == "" || l.Detection == nil || l.Over() || slices.Contains(l.Raised, amdRaised) {
		return nil
	}
	return x.answeredBy(l, by)
}

// detectionOver gives a result up that never came.
func (x *Exec) detectionOver(l *Leg) error {
	if l == nil || l.Over() || slices.Contains(l.Raised, amdRaised) {
		return nil
	}
	return x.answeredBy(l, "unknown")
}

// awaits reports whether an event of l ends the verb of its state, which waits for it.
func (x *Exec) awaits(l *Leg, r *Raised) bool {
	if l == nil || r.Leg != l.Number || !l.Started || l.Over() || l.Leaving || !slices.Contains(answerers, r.Name) {
		return false
	}
	st := x.stateOf(l)
	if st == nil {
		return false
	}
	w, ok := st.Verb.(Awaiter)
	return ok && w.Awaits(r.Name)
}

// pass ends a verb that has nothing to wait for: at once, or behind what is heard first.
func (x *Exec) pass(t *Turn, event string, data Values) error {
	if len(t.doc.Children) == 0 {
		return t.End(event, data)
	}
	t.RedirectTo(URLAct)
	return x.finishDocument(t)
}
