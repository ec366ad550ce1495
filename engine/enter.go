package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// goTo sends a leg to a state of the flow in which the way there begins; it leaves the
// flows that this one runs. A call that has not asked for its first document only
// gets to know where it will begin; a call that is over goes nowhere.
func (x *Exec) goTo(l *Leg, from Home, name string) error {
	if x.muted {
		return nil
	}
	if l == nil {
		return &Fault{Reason: "limit", Err: fmt.Errorf("there is no leg to go to %s; use move", name)}
	}
	if l.Over() || l.Leaving || x.s.Condition != SessionRunning {
		x.note(Entry{What: "dropped", Leg: l.Number, Name: "goto", To: name, Why: "the call is over"})
		return nil
	}
	if x.notNow(l) {
		x.note(Entry{What: "dropped", Leg: l.Number, Name: "goto", To: name, Why: "the party is being asked whether it takes the call"})
		return nil
	}
	if !l.Started && l.Direction != DirectionOutboundDial {
		l.State = name
		x.note(Entry{What: "moved", Leg: l.Number, To: name, Why: "its first state"})
		return nil
	}
	if depth, ok := l.depthOf(from); ok {
		x.leaveFrames(l, depth)
	}
	return x.enter(l, name)
}

// enter makes a new visit of a state: timers, meter, `do`, then what is heard.
func (x *Exec) enter(l *Leg, name string) error {
	st := x.flowOf(l).States[name]
	if st == nil {
		return &Fault{Reason: "limit", Err: fmt.Errorf("there is no state %s", name)}
	}
	if err := x.visit(l, st); err != nil {
		return err
	}
	if st.Do != nil {
		a := activation(l, l.here())
		a.Entry = true
		return x.runList(st.Do, a, l)
	}
	return x.compose(l, st)
}

// visit enters the state as far as the session is concerned.
func (x *Exec) visit(l *Leg, st *State) error {
	if x.states++; x.states > maxStates {
		return &Fault{Reason: "limit", State: st.Name, Pos: st.Pos, Err: fmt.Errorf("more than %d states without a wait", maxStates)}
	}
	x.note(Entry{What: "moved", Leg: l.Number, From: l.State, To: st.Name})
	x.took(st.Pos)
	x.leaveVisit(l)
	l.Visit = max(l.Visit, l.LastVisit) + 1
	l.State = st.Name
	l.Since = l.Turn
	l.Started = true
	l.Tries = Tries{}
	if l.Direction == DirectionOutboundDial && l.Parent != 0 && !l.Moved && !l.Screened {
		l.Moved = true
	}
	if l.Visits == nil {
		l.Visits = make(map[string]int, 4)
	}
	l.Visits[st.Name]++
	for i, a := range st.After {
		x.arm(Timer{Name: st.Name, Due: x.now.Add(a.In), Scope: ScopeState, Leg: l.Number, Visit: l.Visit, Index: i})
	}
	x.failing = l.Number
	if st.Meter != nil {
		return x.enterMeter(l, st)
	}
	return nil
}

// leaveVisit drops what belongs to the visit that ends.
func (x *Exec) leaveVisit(l *Leg) {
	x.s.Timers = slices.DeleteFunc(x.s.Timers, func(t Timer) bool { return t.Scope == ScopeState && t.Leg == l.Number && t.Visit == l.Visit })
	x.disarm(amdRaised, l.Number)
	x.expectLate(l, false)
}

// compose renders what is heard from st on: prompts of states that need nothing of
// their own, up to the first verb, `do` or end, are one document.
func (x *Exec) compose(l *Leg, st *State) error {
	doc := twiml.El("Response")
	t := &Turn{Exec: x, Caller: l, State: st, doc: doc, Number: l.Turn + 1}
	defer x.as(l, l.here().frame)()
	for {
		t.State = st
		if err := t.prompt(); err != nil {
			return err
		}
		if st.Verb != nil {
			if r, ok := st.Verb.(Runner); ok && len(doc.Children) == 0 {
				return t.Run(r)
			}
			if p, ok := st.Verb.(Passer); ok {
				if event, data, over := p.Pass(t); over {
					return x.pass(t, event, data)
				}
			}
			return x.finishVerb(t)
		}
		next := st.Next
		heard := len(doc.Children) > 0
		switch {
		case next == nil || next.Kind == ToHangup:
			if next != nil {
				x.took(next.Pos)
			}
			doc.Append(twiml.El("Hangup"))
			l.Leaving, l.EndedBy = true, "flow"
			if !heard {
				x.Hangup(l)
				return nil
			}
			return x.finishDocument(t)
		case t.Whisper() && next.Kind == ToAccept:
			x.took(next.Pos)
			return x.acceptBehind(t)
		case heard && x.needsOwnTurn(l, st, next) && !(t.Whisper() && next.Kind == ToState):
			return x.finishDocument(t.redirectEnd())
		case next.Kind != ToState:
			return x.followTo(l, next)
		}
		x.took(next.Pos)
		if !heard {
			return x.enter(l, next.State)
		}
		st = x.flowOf(l).States[next.State]
		if err := x.visit(l, st); err != nil {
			return err
		}
	}
}

// needsOwnTurn reports whether the state behind st may only be entered when all before
// it has been heard: it has a `do`, or st has something that may happen meanwhile.
func (x *Exec) needsOwnTurn(l *Leg, st *State, next *Target) bool {
	if next.Kind != ToState || len(st.On) > 0 || len(st.After) > 0 {
		return true
	}
	n := x.flowOf(l).States[next.State]
	return n == nil || n.Do != nil || n.Meter != nil
}

// finishVerb renders the state's verb behind its prompt. A leg that is in the same room
// already stays in it: only its handlers change.
func (x *Exec) finishVerb(t *Turn) error {
	l, verb := t.Caller, t.State.Verb
	joiner, joins := verb.(Joiner)
	if err := verb.Render(t); err != nil {
		return x.atState(t, err)
	}
	if joins && l.RoomKey != "" && l.RoomKey == t.roomKey && t.heardNothing && l.Held == "" {
		return nil
	}
	t.redirectEnd()
	if err := x.finishDocument(t); err != nil {
		return err
	}
	if joins {
		x.keepRoomOpen(l)
		l.RoomKey, l.Room = t.roomKey, joiner.RoomName()
		l.Stays, l.EndsRoom = t.stays, ""
		if t.stayLimit > 0 {
			l.StayEnds = x.now.Add(t.stayLimit)
		}
		if t.endsRoom {
			l.EndsRoom = l.Room
		}
		x.joining(l)
		x.limited(l, t.limit)
	}
	if _, ok := verb.(Queuer); ok {
		x.queued(l)
	}
	if a, ok := verb.(ActsAtHangup); ok {
		l.ActPending = a.ActsAtHangup()
	}
	return nil
}

func (x *Exec) atState(t *Turn, err error) error {
	f := asFault(err)
	if f.State == "" {
		f.State = t.State.Name
	}
	if f.Pos.IsZero() {
		f.Pos = t.State.VerbPos
	}
	return f
}

// finishDocument stores the rendered document as the leg's next turn.
func (x *Exec) finishDocument(t *Turn) error {
	if err := x.preface(t.Caller, t.doc); err != nil {
		return err
	}
	buf := twiml.AppendDocument(make([]byte, 0, 768), t.doc)
	if len(buf) > twiml.MaxDocument {
		return &Fault{Code: 11750, Reason: "document", State: t.State.Name, Pos: t.State.Pos,
			Err: fmt.Errorf("the document has %d bytes; Twilio takes %d", len(buf), twiml.MaxDocument)}
	}
	x.setDocument(t.Caller, buf)
	if t.away {
		t.Caller.Out, t.Caller.OutFrom = t.Caller.Turn, t.Caller.Since+1
	}
	return nil
}

// setDocument gives the leg its next document. In answer to the leg's own request it is
// the reply; otherwise finish makes Twilio fetch it.
func (x *Exec) setDocument(l *Leg, doc []byte) {
	l.Turn++
	l.Doc, l.Out, l.OutFrom = doc, 0, 0
	l.By = Asked{}
	switch {
	case !l.Asked.IsZero():
		l.By = l.Asked
	case x.ev.Synchronous() && x.ev.Leg == l.Number:
		l.By = Asked{Turn: x.ev.Turn, Kind: x.ev.Kind}
	}
	if !l.By.IsZero() {
		l.Handed = l.Turn
		x.asks = false
	}
	l.Asked, l.Held, l.Parked, l.ActPending, l.RoomKey, l.Stays, l.Bridged = Asked{}, "", false, false, "", false, false
	l.StayEnds = time.Time{}
	if !l.By.IsZero() {
		l.EndsRoom = "" // it asked by itself: it is out of the room
	}
	l.Room = "" // its callback, or the end of the leg, tells the others
	x.note(Entry{What: "document", Leg: l.Number, Turn: l.Turn, Text: string(doc)})
}

// again renders the leg's state once more without its `do`: a new turn of the same visit.
func (x *Exec) again(l *Leg) error { return x.compose(l, x.stateOf(l)) }

// followNext leads a leg whose verb or prompt is over to the state's `next`.
func (x *Exec) followNext(l *Leg, st *State, r *Raised) error {
	if x.muted {
		return nil
	}
	if l.Over() || l.Leaving {
		return nil
	}
	if st == nil || st.Next == nil {
		x.Hangup(l)
		return nil
	}
	return x.followTo(l, st.Next)
}

// followTo leads a leg to the `next` of the state that it is in.
func (x *Exec) followTo(l *Leg, next *Target) error {
	a := activation(l, l.here())
	a.InNext = true
	return x.follow(l, next, a)
}

// Hangup ends a leg because the flow says so: in its own answer with TwiML, else by REST.
func (x *Exec) Hangup(l *Leg) {
	if x.muted || l == nil || l.Over() {
		return
	}
	if !l.Leaving {
		l.Leaving = true
		x.note(Entry{What: "moved", Leg: l.Number, From: l.State, To: "hangup"})
	}
	if l.EndedBy == "" {
		l.EndedBy = "flow"
	}
	x.s.Timers = slices.DeleteFunc(x.s.Timers, func(t Timer) bool { return t.Scope == ScopeState && t.Leg == l.Number })
	x.leaveVisit(l)
	if !l.Asked.IsZero() || x.ev.Synchronous() && x.ev.Leg == l.Number && x.asks {
		x.hangupNow(l)
		return
	}
	x.hangupByREST(l, time.Time{})
}

// hangupNow answers the leg's own request with the hang-up.
func (x *Exec) hangupNow(l *Leg) {
	l.Leaving = true
	x.setDocument(l, hangupDocument)
}

func (x *Exec) hangupByREST(l *Leg, notBefore time.Time) {
	for _, p := range x.s.Pending {
		if p.Kind == HangupCall && p.Leg == l.Number {
			return
		}
	}
	x.Emit(Effect{Kind: HangupCall, Leg: l.Number, NotBefore: notBefore, Params: map[string]string{"Status": "completed"}})
}

var hangupDocument = twiml.AppendDocument(nil, twiml.El("Response", twiml.El("Hangup")))
