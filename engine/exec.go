package engine

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// Exec is one Step in progress: a copy of the session that may be changed, what has
// been asked of the world so far, and where in the flow it is. Verbs and steps work on it.
type Exec struct {
	c   *Closure
	s   *Session
	ev  *Event
	now time.Time

	effects []Effect
	trace   []Entry
	taken   []diag.Pos
	before  []int // turn of each leg when the event came

	leg    *Leg      // current leg of the running list; nil in session handlers
	frame  *Frame    // its frame that the list belongs to; nil in the session's flow
	raised *Raised   // event of the running list
	env    *expr.Env // nil: what it reads has changed
	room   expr.Env  // that of env, so that an event makes none of its own

	states, steps int
	gen           int64
	muted         bool // evidence only: nothing of the flow runs
	failing       int  // leg whose list or document is being made, for faults
	assigning     int  // leg whose assignment is being answered
	ended         bool // a call ended or was not reached in this event
	atTheLimit    bool // Twilio has ended the leg's stay in its room because of the meter's limit
	asks          bool // the event is synchronous and its request was not answered yet
}

func newExec(c *Closure, s *Session, ev *Event) *Exec {
	copied := *ev // an inbound call has no leg until its event has made one
	ev = &copied
	x := &Exec{c: c, s: s.Clone(), ev: ev, now: ev.At}
	if x.now.Before(s.LastAt) {
		x.now = s.LastAt
	}
	x.s.Rev, x.s.Mark, x.s.LastAt = s.Rev+1, ev.ID, x.now
	x.asks = ev.Synchronous()
	x.before = make([]int, len(s.Legs))
	for i, l := range s.Legs {
		x.before[i] = l.Turn
	}
	entry := Entry{What: "event", Name: ev.Kind, Leg: ev.Leg, Turn: ev.Turn, At: x.now, Fields: ev.Fields, Effect: ev.Effect}
	if ev.Name != "" {
		entry.Name = ev.Kind + "." + ev.Name
	}
	x.trace = append(make([]Entry, 0, 4), entry)
	return x
}

// newTurn reports whether the leg got a document in this event.
func (x *Exec) newTurn(l *Leg) bool {
	return l.Turn > 0 && (l.Number > len(x.before) || l.Turn != x.before[l.Number-1])
}

func (x *Exec) outcome() Outcome {
	return Outcome{Session: x.s, Effects: x.effects, Trace: x.trace, Taken: x.taken}
}

// Now is the time of the event.
func (x *Exec) Now() time.Time { return x.now }

// Flow is the flow that the running list belongs to.
func (x *Exec) Flow() *Flow { return x.c.flowIn(x.frame) }

// Session is the working copy of the session.
func (x *Exec) Session() *Session { return x.s }

// Leg is the current leg; nil in session handlers of no leg.
func (x *Exec) Leg() *Leg { return x.leg }

// World is what may be read beside session and flow.
func (x *Exec) World() *World { return &x.ev.World }

// note adds a line to the history.
func (x *Exec) note(e Entry) { x.trace = append(x.trace, e) }

// took remembers a place of the flow that has run.
func (x *Exec) took(pos diag.Pos) { x.taken = append(x.taken, pos) }

// Log adds the text of a `log` step to the history.
func (x *Exec) Log(text string) { x.note(Entry{What: "log", Leg: x.legNumber(), Text: text}) }

// Skip records that a step had nothing to act on; that is no error.
func (x *Exec) Skip(pos diag.Pos, step, why string) {
	x.note(Entry{What: "dropped", Leg: x.legNumber(), Name: step, Why: why, Text: pos.String()})
}

func (x *Exec) legNumber() int {
	if x.leg == nil {
		return 0
	}
	return x.leg.Number
}

// Emit asks the world for something. Empty fields of the effect get their defaults: the
// id, the lane of its leg, the deadline of its kind.
func (x *Exec) Emit(e Effect) string {
	e.ID = strconv.FormatInt(x.s.Rev, 10) + "." + strconv.Itoa(len(x.effects))
	if e.Lane == "" {
		e.Lane = "misc"
		if e.Leg != 0 {
			e.Lane = "leg-" + strconv.Itoa(e.Leg)
		}
	}
	if e.Deadline.IsZero() {
		from := x.now
		if e.NotBefore.After(from) {
			from = e.NotBefore
		}
		e.Deadline = from.Add(e.Kind.Spec().Deadline)
	}
	x.effects = append(x.effects, e)
	x.s.Pending = append(x.s.Pending, PendingEffect{ID: e.ID, Kind: e.Kind, Leg: e.Leg, Turn: e.Turn, To: e.Params["To"], Room: x.endedRoom(e), Quiet: e.Quiet})
	x.note(Entry{What: "effect", Effect: e.ID, Name: string(e.Kind), Leg: e.Leg, Turn: e.Turn, Fields: e.fields()})
	return e.ID
}

// Fault makes an error of the running flow with its place.
func (x *Exec) Fault(pos diag.Pos, reason, format string, args ...any) error {
	f := &Fault{Pos: pos, Reason: reason, Err: fmt.Errorf(format, args...)}
	if x.leg != nil {
		f.State = x.leg.State
	}
	return f
}

// nextGen gives a number that no timer of the session had before.
func (x *Exec) nextGen() int64 {
	x.gen++
	return x.s.Rev*1000 + x.gen
}

// NewLeg adds a leg that the flow is about to call.
func (x *Exec) NewLeg(name, direction string, parent int) (*Leg, error) {
	if l := x.dialledInline(name, parent); l != nil {
		return l, nil
	}
	live := 0
	for _, l := range x.s.Legs {
		if !l.Gone() {
			live++
		}
	}
	if live >= maxLiveLegs || len(x.s.Legs) >= maxLegs {
		return nil, &Fault{Reason: "limit", Err: fmt.Errorf("a session has at most %d legs at a time and %d in all", maxLiveLegs, maxLegs)}
	}
	l := &Leg{Number: len(x.s.Legs) + 1, Name: name, Direction: direction, Parent: parent, Condition: LegPlanned, PlacedAt: x.now, EvidenceAt: x.now}
	x.s.Legs = append(x.s.Legs, l)
	return l, nil
}

// DropPending forgets effects that were done or are not needed; the runtime removes
// them from the store in the same commit.
func (x *Exec) dropPending(match func(PendingEffect) bool) {
	kept := x.s.Pending[:0]
	for _, p := range x.s.Pending {
		if !match(p) {
			kept = append(kept, p)
		}
	}
	x.s.Pending = kept
}
