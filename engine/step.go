package engine

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// Limits of one event and one session. Passing one is a fault.
const (
	maxStates    = 200
	maxSteps     = 1000
	maxEvents    = 20_000
	maxLiveLegs  = 64
	maxLegs      = 256
	maxSuspended = 16
	maxFaults    = 3
)

// Fault is an error in the running of a flow: an expression, a limit, TwiML that is
// illegal or too big. It becomes the event `error`.
type Fault struct {
	Code   int // Twilio's code, 0 for our own
	State  string
	Pos    diag.Pos
	Reason string // closed vocabulary: expression, limit, document, panic, fetch, effect
	Err    error
	Stack  string // of a panic, for the log
}

// Error gives place and cause.
func (f *Fault) Error() string {
	if f.Pos.IsZero() {
		return fmt.Sprintf("%s: %v", f.Reason, f.Err)
	}
	return fmt.Sprintf("%s: %s: %v", f.Pos, f.Reason, f.Err)
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// NewSession makes a session of the closure's flow. It is not stored yet: its first
// event gives it revision 1.
func NewSession(c *Closure, id string, at time.Time) *Session {
	s := &Session{
		Format: SessionFormat, ID: id, Flow: c.Flow.Name, Closure: c.ID, Condition: SessionRunning,
		Input: Values{}, Vars: make(Values, len(c.Flow.Vars)+len(c.Flow.Saves)), Started: at, LastAt: at,
	}
	for _, v := range c.Flow.Vars {
		s.Vars[v.Name] = v.Value
	}
	return s
}

// Step takes an event: it gives the new session, the effects to perform and the trace.
// It never fails and never changes s: a fault becomes the event `error`, and where
// nothing handles that, the caller hears the apology. It is pure.
func Step(c *Closure, s *Session, ev *Event) Outcome {
	x, err := attempt(c, s, ev, nil)
	if err == nil {
		return x.outcome()
	}
	fault := asFault(err)
	x, err = attempt(c, s, ev, fault)
	if err == nil {
		return x.outcome()
	}
	return lastResort(c, s, ev, fault, asFault(err))
}

// attempt runs the event once. With a fault, what the event proves is taken in but
// nothing of the flow runs for it; the event `error` does instead.
func attempt(c *Closure, s *Session, ev *Event, fault *Fault) (x *Exec, err error) {
	x = newExec(c, s, ev)
	defer func() {
		if r := recover(); r != nil {
			err = &Fault{Reason: "panic", Err: fmt.Errorf("%v", r), Stack: string(debug.Stack())}
		}
	}()
	if s.Condition == SessionClosed && ev.Kind == KindPrice {
		x.price(x.ev)
		return x, nil
	}
	if s.Condition == SessionClosed {
		late := Entry{What: "late", Name: ev.Kind, Leg: ev.Leg, Turn: ev.Turn, Fields: ev.Fields, Effect: ev.Effect}
		if ev.Result != nil { // what became of the last effects is worth knowing
			late.Fields = resultFields(ev.Result)
		}
		x.note(late)
		x.hangUpStray(ev)
		return x, nil
	}
	x.s.Events++
	if x.s.Events > maxEvents && x.s.Condition == SessionRunning {
		x.endSession("too-many-events")
	}
	x.muted = fault != nil
	if err := x.handle(x.ev); err != nil {
		return x, err
	}
	if fault != nil {
		x.muted = false
		if err := x.raiseFault(fault); err != nil {
			return x, err
		}
	}
	return x, x.finish()
}

// lastResort is what happens when the handling of a fault failed too: the leg of the
// event hears the apology and is hung up.
func lastResort(c *Closure, s *Session, ev *Event, first, second *Fault) Outcome {
	x := newExec(c, s, ev)
	x.muted = true
	if err := x.evidenceOnly(); err != nil {
		x = newExec(c, s, ev)
	}
	x.noteFault(first)
	x.noteFault(second)
	if l := x.faultLeg(); l != nil {
		x.apologise(l)
	} else {
		x.endSession("failed")
	}
	x.muted = false
	if err := x.finish(); err != nil {
		x.noteFault(asFault(err))
	}
	return x.outcome()
}

// evidenceOnly takes in what the event proves, and survives a panic.
func (x *Exec) evidenceOnly() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Fault{Reason: "panic", Err: fmt.Errorf("%v", r)}
		}
	}()
	return x.handle(x.ev)
}

func asFault(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	f = &Fault{Reason: "expression", Err: err}
	var run *expr.RunError
	if errors.As(err, &run) {
		f.Pos = run.Pos
	}
	return f
}

// raiseFault raises `error` in the leg that the event was about; where nothing sends
// the leg elsewhere it hears the apology.
func (x *Exec) raiseFault(f *Fault) error {
	x.noteFault(f)
	l := x.faultLeg()
	data := Values{"code": float64(f.Code), "message": f.Err.Error(), "state": f.State, "step": f.Pos.String(), "leg": "", "effect": "", "reason": f.Reason}
	if l == nil {
		handled, err := x.raiseToSession(&Raised{Name: "error", Time: x.now, Data: data})
		if err == nil && !handled && x.ev.Kind == KindBegin {
			x.endSession("failed")
		}
		return err
	}
	data["leg"] = l.Name
	if f.State == "" {
		data["state"] = l.State
	}
	l.Faults++
	if l.Over() {
		_, err := x.raiseToSession(&Raised{Name: "error", Leg: l.Number, Time: x.now, Data: data})
		return err
	}
	turn := l.Turn
	if l.Faults <= maxFaults && !l.Leaving {
		if err := x.raise(&Raised{Name: "error", Leg: l.Number, Time: x.now, Data: data}); err != nil {
			return err
		}
	}
	if l.Turn == turn && !l.Leaving && l.Held == "" && x.s.Condition == SessionRunning {
		x.apologise(l)
	}
	return nil
}

// faultLeg is the leg that a fault in this event strikes: the leg of the event, of its
// effect's list, or none.
func (x *Exec) faultLeg() *Leg {
	if x.failing != 0 {
		return x.s.Leg(x.failing)
	}
	return x.s.Leg(x.ev.Leg)
}

// apologise gives the leg the apology as its document: valid TwiML, then the hang-up.
func (x *Exec) apologise(l *Leg) {
	x.failing = 0
	l.EndedBy, l.Leaving, l.Held = "flow", true, ""
	doc := x.c.apology(l.here().frame, l.Language)
	if l.whispered() {
		doc = hangupDocument // the Dial goes on with whoever is next
	}
	x.setDocument(l, doc)
	x.note(Entry{What: "document", Leg: l.Number, Turn: l.Turn, Name: "apology"})
}

func (x *Exec) noteFault(f *Fault) {
	x.note(Entry{What: "fault", Why: f.Reason, Text: f.Error(), Fields: stackField(f.Stack)})
}

func stackField(stack string) map[string]string {
	if stack == "" {
		return nil
	}
	return map[string]string{"stack": stack}
}
