package engine

import (
	"slices"
	"time"
)

// SetTimer sets a session timer anew.
func (x *Exec) SetTimer(name string, due time.Time) {
	x.CancelTimer(name)
	x.arm(Timer{Name: name, Due: due, Scope: ScopeSession})
}

// CancelTimer drops a session timer; one that is not armed is nothing to drop.
func (x *Exec) CancelTimer(name string) {
	x.s.Timers = slices.DeleteFunc(x.s.Timers, func(t Timer) bool { return t.Scope == ScopeSession && t.Name == name })
}

func (x *Exec) arm(t Timer) {
	t.Gen = x.nextGen()
	x.s.Timers = append(x.s.Timers, t)
	x.note(Entry{What: "timer", Name: t.Name, Leg: t.Leg, At: t.Due})
}

// rearm replaces the engine's own timer of that name.
func (x *Exec) rearm(name string, leg int, due time.Time) {
	x.disarm(name, leg)
	x.arm(Timer{Name: name, Due: due, Scope: ScopeEngine, Leg: leg})
}

func (x *Exec) disarm(name string, leg int) {
	x.s.Timers = slices.DeleteFunc(x.s.Timers, func(t Timer) bool {
		return t.Scope == ScopeEngine && t.Name == name && t.Leg == leg
	})
}

func (x *Exec) armLimit() {
	x.arm(Timer{Name: "limit", Due: x.now.Add(x.c.Flow.Limit()), Scope: ScopeEngine})
}

// fire takes a timer that came due: fired and removed in one commit, so exactly once.
func (x *Exec) fire(ev *Event) error {
	i := slices.IndexFunc(x.s.Timers, func(t Timer) bool { return t.Gen == ev.Gen })
	if i < 0 {
		x.note(Entry{What: "dropped", Name: "timer", Why: "it is not armed any more"})
		return nil
	}
	t := x.s.Timers[i]
	x.s.Timers = slices.Delete(x.s.Timers, i, i+1)
	x.trace[0].Name, x.trace[0].Leg = KindTimer+"."+t.Name, t.Leg
	switch t.Scope {
	case ScopeSession:
		return x.raise(&Raised{Name: "timer." + t.Name, Time: x.now, Data: Values{}})
	case ScopeState:
		return x.stateTimer(t)
	}
	return x.engineTimer(t)
}

func (x *Exec) stateTimer(t Timer) error {
	l := x.s.Leg(t.Leg)
	if l == nil || l.Over() || l.Leaving {
		return nil
	}
	for i := l.depth(); i >= 0; i-- {
		p := l.place(i)
		st := x.c.stateAt(p)
		if p.visit != t.Visit || st == nil || t.Index >= len(st.After) {
			continue
		}
		x.failing = l.Number
		return x.take(l, p, st.After[t.Index].Target, &Raised{Name: "after", Leg: l.Number, Time: x.now})
	}
	return nil
}

// engineTimer handles the engine's own timers.
func (x *Exec) engineTimer(t Timer) error {
	l := x.s.Leg(t.Leg)
	if x.ev.Late && x.meterLate(t) {
		return nil
	}
	switch t.Name {
	case "limit":
		x.endSession(OutcomeTooLong)
	case "settle":
		if l != nil && l.Condition == LegSettling {
			return x.settled(l)
		}
	case "child":
		if l != nil && !l.Gone() && !l.Moved {
			status := "canceled"
			if l.Condition == LegUp {
				status = "completed"
			}
			return x.evidence(l, map[string]string{"CallStatus": status})
		}
	case amdRaised:
		return x.detectionOver(l)
	case letInTimer:
		return x.moveOn(l)
	case "meter-low":
		return x.meterLow()
	case "meter-end", "meter-grace", "meter-guard":
		return x.meterEnd(t.Name != "meter-end")
	case "meter-clear":
		x.armClear()
	}
	return nil
}

// settled ends a call whose last `act` never came.
func (x *Exec) settled(l *Leg) error {
	if x.muted {
		l.Condition = LegGone
		x.endChildren(l)
		return nil
	}
	return x.hungUp(l)
}

// Late results of a recording are waited for this long.
const lateTime = 10 * time.Minute

// Expect says that a late result (recording, transcribed) of the current turn has a
// handler. It is awaited once the verb is over.
func (t *Turn) Expect(kind string) {
	t.s.Awaited = append(t.s.Awaited, Awaited{Kind: kind, Leg: t.Caller.Number, Turn: t.Number, Visit: t.Caller.Visit, State: t.State.Name, Home: t.Caller.here().frame.home()})
}

// ExpectNothing says that the verb brought nothing that could arrive late.
func (t *Turn) ExpectNothing() {
	turn := t.ev.Turn
	t.s.Awaited = slices.DeleteFunc(t.s.Awaited, func(a Awaited) bool { return a.Leg == t.Caller.Number && a.Turn == turn })
}

// expectLate starts the waiting for what the leg's verb may still bring; at the end of
// the call also for what a step has begun to record.
func (x *Exec) expectLate(l *Leg, over bool) {
	for i := range x.s.Awaited {
		a := &x.s.Awaited[i]
		if a.Leg == l.Number && a.Due.IsZero() && (over || a.Turn != 0) {
			a.Due = x.now.Add(lateTime)
		}
	}
}
