package engine

import (
	"slices"
	"time"
)

// redirectDelay is how long a redirect waits that Twilio makes needless when it asks
// by itself: for the parent of a moved party, for a leg that the answer takes out of its queue.
const redirectDelay = 3 * time.Second

// endDelay is how long the leg that ends its session in its own answer may take to be
// gone before it is hung up by REST.
const endDelay = 10 * time.Second

// finish settles what follows from all that the event changed: legs that nobody is left
// to talk to, redirects to new documents, the end of the session.
func (x *Exec) finish() error {
	if err := x.settleMeter(); err != nil {
		return err
	}
	if x.ended || x.s.Lonely {
		if err := x.nobodyWaits(); err != nil {
			return err
		}
	}
	x.redirects()
	x.settleSession()
	return nil
}

// redirects makes Twilio fetch the documents that no request asked for.
func (x *Exec) redirects() {
	for _, l := range x.s.Legs {
		if !x.newTurn(l) || !l.By.IsZero() || l.Over() {
			continue
		}
		e := Effect{Kind: RedirectCall, Leg: l.Number, Turn: l.Turn, Params: map[string]string{
			"Url":         Path(x.s.ID, l.Number, l.Turn, URLDoc),
			"Method":      "POST",
			"FallbackUrl": Path(x.s.ID, l.Number, l.Turn, URLFallback),
		}}
		if child := x.movedChild(l); child != nil {
			e.NotBefore = x.now.Add(redirectDelay)
		}
		if x.letsOut(l) {
			e.NotBefore = x.now.Add(redirectDelay)
		}
		x.keepRoomOpen(l)
		x.Emit(e)
	}
}

// movedChild is a party dialled by l that was moved in the same event: redirecting it
// ends the Dial of l, whose action then brings l to its new document.
func (x *Exec) movedChild(l *Leg) *Leg {
	for _, c := range x.s.Legs {
		if c.Parent == l.Number && c.Moved && !c.Over() && x.newTurn(c) && c.By.IsZero() {
			return c
		}
	}
	return nil
}

// keepRoomOpen clears endConferenceOnExit before a leg is moved out of a room: a move
// never ends the room that is left.
func (x *Exec) keepRoomOpen(l *Leg) {
	if l.EndsRoom == "" {
		return
	}
	room := x.RoomAtTwilio(l.EndsRoom)
	if r := x.s.Room(l.EndsRoom); r != nil {
		if m := r.member(l.Number); m != nil && m.Held {
			// Twilio ignores EndConferenceOnExit, without an error, while somebody is on hold.
			x.Emit(Effect{Kind: UpdateParticipant, Leg: l.Number, Room: room, Params: map[string]string{"Hold": "false"}})
			m.Held = false
		}
	}
	x.Emit(Effect{Kind: UpdateParticipant, Leg: l.Number, Room: room,
		Params: map[string]string{"EndConferenceOnExit": "false"}, Verify: []string{"EndConferenceOnExit"}})
	l.EndsRoom = ""
}

// nobodyWaits lets a leg go that sits alone in a private room with nothing pending; and
// cancels pending calls when the last live leg has hung up.
func (x *Exec) nobodyWaits() error {
	var live []*Leg
	pending := false
	hadLive := false
	for _, l := range x.s.Legs {
		switch {
		case l.Lost:
		case l.Screened && l.Parent == 0 && !l.Gone():
			pending = true
		case l.Condition == LegUp || l.Condition == LegSettling:
			live = append(live, l)
		case l.Gone():
			hadLive = hadLive || !l.AnsweredAt.IsZero() && !l.Screened
		default:
			if l.Direction == DirectionInbound {
				live = append(live, l)
			} else {
				pending = true
			}
		}
	}
	x.s.Lonely = false
	switch {
	case len(live) == 0 && pending && hadLive:
		for _, l := range x.s.Legs {
			if !l.Over() && l.Direction == DirectionOutboundAPI {
				x.hangupByREST(l, time.Time{})
			}
		}
	case len(live) == 1 && !pending:
		return x.leaveAlone(live[0])
	}
	return nil
}

// leaveAlone takes the only leg that is left out of its room, as soon as nothing is under
// way that may change that.
func (x *Exec) leaveAlone(l *Leg) error {
	if l.Over() || l.Leaving || l.RoomKey == "" || l.Stays || x.s.Condition != SessionRunning {
		return nil
	}
	if x.awaitsLimit(l) || len(x.s.Activations) > 0 ||
		slices.ContainsFunc(x.s.Timers, func(t Timer) bool { return t.Scope != ScopeEngine }) ||
		slices.ContainsFunc(x.s.Pending, func(p PendingEffect) bool {
			return p.Kind == PlaceCall || p.Kind == RedirectCall && p.Leg == l.Number
		}) {
		x.s.Lonely = true
		return nil
	}
	if r := x.s.Room(l.Room); r != nil && r.Shared != "" {
		return nil // others may come that this session does not know of
	}
	st := x.stateOf(l)
	if st == nil || x.muted {
		return nil
	}
	if err := x.leaveRoomAt(l); err != nil {
		return err
	}
	t := &Turn{Exec: x, Caller: l, State: st}
	return t.End("left", Values{"leg": l.Name, "reason": "alone", "size": float64(0)})
}

// endSession hangs everybody up and lets nothing of the flow run any more.
func (x *Exec) endSession(outcome string) {
	if x.s.Condition != SessionRunning {
		return
	}
	x.s.Condition = SessionEnding
	if x.s.Outcome == "" {
		x.s.Outcome = outcome
	}
	x.note(Entry{What: "end", Name: outcome})
	x.s.Activations = nil
	// Calls that are just ending still wait for their last callbacks, or they would be
	// waited for without end.
	x.s.Timers = slices.DeleteFunc(x.s.Timers, func(t Timer) bool {
		return t.Scope != ScopeEngine || t.Name != "settle" && t.Name != "child"
	})
	for _, l := range x.s.Legs {
		if l.Over() {
			continue
		}
		l.Leaving = true
		if l.EndedBy == "" {
			l.EndedBy = "flow"
		}
		delay := time.Time{}
		if !l.Asked.IsZero() || x.ev.Synchronous() && x.ev.Leg == l.Number {
			x.hangupNow(l)
			delay = x.now.Add(endDelay)
		}
		if l.Direction != DirectionOutboundDial || l.Moved { // else its Dial ends with the call that dialled it
			x.hangupByREST(l, delay)
		}
	}
}

// End ends the session with an outcome, as the step `end` says.
func (x *Exec) End(outcome string) {
	x.s.Outcome = ""
	x.endSession(outcome)
}

// settleSession moves the session on in its life when nothing of it is left.
func (x *Exec) settleSession() {
	s := x.s
	if s.Condition == SessionClosed || s.Condition == SessionRunning && x.mayGoOn() {
		return
	}
	if slices.ContainsFunc(s.Legs, func(l *Leg) bool { return !l.Gone() }) {
		return
	}
	if s.Outcome == "" {
		s.Outcome = OutcomeCompleted
	}
	if s.Ended.IsZero() {
		s.Ended = x.now
		x.note(Entry{What: "end", Name: s.Outcome, Why: "nothing is left to wait for"})
	}
	s.Timers = slices.DeleteFunc(s.Timers, func(t Timer) bool { return t.Name != "await" })
	if due := x.awaitedUntil(); due.After(x.now) {
		s.Condition = SessionClosing
		if !slices.ContainsFunc(s.Timers, func(t Timer) bool { return t.Name == "await" }) {
			x.arm(Timer{Name: "await", Due: due, Scope: ScopeEngine})
		}
		return
	}
	s.Condition, s.Timers, s.Awaited = SessionClosed, nil, nil
}

// mayGoOn reports whether something of a running session can still bring it on.
func (x *Exec) mayGoOn() bool {
	s := x.s
	return slices.ContainsFunc(s.Legs, func(l *Leg) bool { return !l.Gone() }) ||
		len(s.Activations) > 0 ||
		slices.ContainsFunc(s.Pending, func(p PendingEffect) bool { return p.Kind == PlaceCall }) ||
		slices.ContainsFunc(s.Timers, func(t Timer) bool { return t.Scope == ScopeSession })
}

func (x *Exec) awaitedUntil() time.Time {
	var due time.Time
	for _, a := range x.s.Awaited {
		if a.Due.After(due) {
			due = a.Due
		}
	}
	return due
}
