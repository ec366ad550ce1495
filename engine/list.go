package engine

import (
	"slices"
	"strconv"
)

// take leads a leg to the target of an event that a state of it, or the session, names.
// l is the current leg, nil for session handlers of no leg; p is that state, of the
// session's flow where the session handles the event.
func (x *Exec) take(l *Leg, p place, t *Target, r *Raised) error {
	if x.muted {
		return nil
	}
	a := activation(l, p)
	a.Event, a.Ending = r, x.awaits(l, r)
	return x.follow(l, t, a)
}

// follow leads to a target. a says in which leg, visit and event.
func (x *Exec) follow(l *Leg, t *Target, a *Activation) error {
	x.took(t.Pos)
	switch t.Kind {
	case ToList:
		return x.runList(t.List, a, l)
	case ToHangup:
		x.Hangup(l)
		return nil
	case ToState:
		return x.goTo(l, a.Home, t.State)
	case ToAccept:
		return x.accept(l, t)
	case ToReturn:
		return x.returnTo(l, a.Home, t)
	}
	return nil
}

func numberOf(l *Leg) int {
	if l == nil {
		return 0
	}
	return l.Number
}

func visitOf(l *Leg) int {
	if l == nil {
		return 0
	}
	return l.Visit
}

// runList runs a list from the activation's cursor to its end, or until it waits.
func (x *Exec) runList(list *List, a *Activation, l *Leg) error {
	if x.muted || list == nil {
		return nil
	}
	undo, raised, failing := x.as(l, x.frameOf(l, a.Home)), x.raised, x.failing
	x.raised = a.Event
	if l != nil {
		x.failing = l.Number
	}
	a.List = list.ID
	err := x.runSteps(list, a)
	undo()
	x.raised = raised
	if err == nil {
		x.failing = failing
	}
	return err
}

// runSteps is the loop of runList.
func (x *Exec) runSteps(list *List, a *Activation) error {
	for a.Cursor < len(list.Steps) {
		step := &list.Steps[a.Cursor]
		a.Cursor++
		if x.s.Condition == SessionEnding || x.s.Condition == SessionClosed {
			return nil
		}
		if x.steps++; x.steps > maxSteps {
			return x.Fault(step.Pos, "limit", "more than %d steps in one event", maxSteps)
		}
		ok, err := x.stepApplies(step)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		x.took(step.Pos)
		ctl, err := step.Action.Run(x)
		if err != nil {
			return x.at(step, err)
		}
		switch {
		case ctl.Stop:
			return nil
		case ctl.Wait != "":
			return x.suspend(a, ctl)
		case ctl.Target != nil:
			return x.goFromList(a, ctl.Target, list)
		}
	}
	return x.listEnded(a)
}

func (x *Exec) stepApplies(step *FlowStep) (bool, error) {
	if step.If == nil {
		return true, nil
	}
	return step.If.True(x.Env())
}

// at gives an error without a place the place of the step.
func (x *Exec) at(step *FlowStep, err error) error {
	f := asFault(err)
	if f.Pos.IsZero() {
		f.Pos = step.Pos
	}
	return f
}

// goFromList follows the target of a `goto`: it counts only if the leg is still at the
// visit where the list began.
func (x *Exec) goFromList(a *Activation, t *Target, list *List) error {
	l := x.s.Leg(a.Leg)
	if l == nil {
		return x.Fault(list.Pos, "limit", "goto needs a current leg; use move")
	}
	if !l.entered(a.Visit) || l.Over() || l.Leaving {
		x.note(Entry{What: "dropped", Leg: l.Number, Name: "goto", To: t.State, Why: "the leg has left that state"})
		x.release(l, a)
		return nil
	}
	x.release(l, a)
	return x.follow(l, t, &Activation{Leg: l.Number, Visit: a.Visit, Home: a.Home, Event: a.Event, InNext: a.InNext})
}

// listEnded goes on after the last step of a list.
func (x *Exec) listEnded(a *Activation) error {
	l := x.s.Leg(a.Leg)
	if l == nil || l.Visit != a.Visit || l.Over() || l.Leaving {
		return nil
	}
	held := l.Held == a.ID && a.ID != ""
	x.release(l, a)
	st := x.stateOf(l)
	switch {
	case a.Entry:
		return x.compose(l, st)
	case a.InNext:
		x.Hangup(l)
	case a.Ending:
		return x.followNext(l, st, a.Event)
	case held && x.resumeDocument(l):
		return x.again(l)
	}
	return nil
}

// release ends the hold of an activation on its leg's next document.
func (x *Exec) release(l *Leg, a *Activation) {
	if a.ID != "" && l.Held == a.ID {
		l.Held = ""
	}
}

// resumeDocument reports whether a leg whose held request needs an answer has none yet.
func (x *Exec) resumeDocument(l *Leg) bool { return !l.Asked.IsZero() || l.Parked }

// suspend stores the list until the effect that it waits for has a result. A list that
// decides the answer of the asking webhook holds the leg's turn.
func (x *Exec) suspend(a *Activation, ctl Control) error {
	if len(x.s.Activations) >= maxSuspended {
		return &Fault{Reason: "limit", Err: errTooManyLists}
	}
	l := x.s.Leg(a.Leg)
	held := l != nil && a.ID != "" && l.Held == a.ID
	suspended := *a
	if _, there := l.depthOf(a.Home); !there {
		suspended.Own = x.frame.clone()
	}
	suspended.ID, suspended.Waiting, suspended.Save = ctl.Wait, ctl.Wait, ctl.Save
	x.s.Activations = append(x.s.Activations, &suspended)
	for i := range x.s.Pending {
		if x.s.Pending[i].ID == ctl.Wait {
			x.s.Pending[i].Activation = suspended.ID
		}
	}
	if l == nil || l.Over() || l.Visit != a.Visit {
		return nil
	}
	asking := x.asks && x.ev.Leg == l.Number
	if held || asking || a.Entry {
		l.Held = suspended.ID
	}
	if asking {
		l.Asked = Asked{Turn: x.ev.Turn, Kind: x.ev.Kind}
		x.asks = false
	}
	return nil
}

// resume goes on with a suspended list: the result of what it waited for is there.
func (x *Exec) resume(id string, res *Result) error {
	i := slices.IndexFunc(x.s.Activations, func(a *Activation) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	a := x.s.Activations[i]
	x.s.Activations = slices.Delete(x.s.Activations, i, i+1)
	l := x.s.Leg(a.Leg)
	if a.Save != "" {
		x.assign(x.varsOf(l, a.Home), a.Save, savedResult(res))
	}
	if x.muted {
		if l != nil {
			x.release(l, a)
			x.failing = l.Number
		}
		return nil
	}
	list := x.c.flow(a.Flow).Lists[a.List]
	if list == nil {
		return &Fault{Reason: "limit", Err: errLostList}
	}
	a.Waiting = ""
	return x.runList(list, a, l)
}

// savedResult is what `save` keeps of an answer.
func savedResult(res *Result) map[string]any {
	headers := map[string]any(res.Headers)
	if headers == nil {
		headers = map[string]any{}
	}
	return map[string]any{
		"ok": res.Status >= 200 && res.Status < 300, "status": float64(res.Status),
		"body": res.Body, "headers": headers, "error": res.Reason,
	}
}

// number reads a whole number of Twilio's parameters; 0 when there is none.
func number(text string) float64 {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return float64(n)
}
