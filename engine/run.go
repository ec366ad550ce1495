package engine

import (
	"fmt"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
)

// Runner is a verb that runs another flow: the leg goes on in the states of that one,
// and its own state stays entered until the leg comes back.
type Runner interface {
	// Runs gives the flow and the values for its inputs.
	Runs(t *Turn) (flow string, given Values, err error)
	// SavesAs is the variable that takes what the flow brings back, "" for none.
	SavesAs() string
}

// Run begins the flow that the verb runs, where nothing is heard before it or when that
// has been heard. What the flow cannot take ends the verb with `failed`.
func (t *Turn) Run(r Runner) error {
	l := t.Caller
	if t.muted || l.Over() || l.Leaving {
		return nil
	}
	frame, entrance, err := t.newFrame(r)
	if err != nil {
		if pick(t.State.On, "", "failed") == nil {
			return t.atState(t, err)
		}
		t.note(Entry{What: "fault", Leg: l.Number, Why: "input", Text: err.Error()})
		return t.End("failed", Values{"to": "", "code": float64(0)})
	}
	frame.State, frame.Visit, frame.Visits = l.State, l.Visit, l.Visits
	t.note(Entry{What: "moved", Leg: l.Number, From: l.State, To: frame.Flow, Why: "a flow of its own"})
	l.Frames = append(l.Frames, frame)
	l.LastVisit = max(l.LastVisit, l.Visit)
	l.State, l.Visit, l.Visits = "", 0, nil
	return t.enter(l, entrance)
}

// newFrame makes the frame of the flow that the verb runs, and names its first state.
func (t *Turn) newFrame(r Runner) (*Frame, string, error) {
	defer t.as(t.Caller, t.Caller.here().frame)()
	name, given, err := r.Runs(t)
	if err != nil {
		return nil, "", err
	}
	flow := t.c.Subs[name]
	if flow == nil || flow.Answer.State == "" {
		return nil, "", t.Fault(t.State.VerbPos, "limit", "there is no flow %s that can be run", name)
	}
	f := &Frame{Flow: name, Input: make(Values, len(flow.Inputs)), Vars: make(Values, len(flow.Vars)+len(flow.Saves))}
	for _, in := range flow.Inputs {
		v, err := in.Take(given[in.Name])
		if err != nil {
			return nil, "", t.Fault(t.State.VerbPos, "input", "the input %s of the flow %s %w", in.Name, name, err)
		}
		f.Input[in.Name] = v
	}
	for _, v := range flow.Vars {
		f.Vars[v.Name] = v.Value
	}
	t.took(flow.Answer.Pos)
	return f, flow.Answer.State, nil
}

// returnTo brings a leg back from the flow in which the way there begins to the state
// that runs it. At the session's own flow there is nothing to come back to: the call ends.
func (x *Exec) returnTo(l *Leg, from Home, t *Target) error {
	if l == nil {
		return x.Fault(t.Pos, "limit", "there is no leg here that could return")
	}
	depth, there := l.depthOf(from)
	if l.Over() || l.Leaving || x.s.Condition != SessionRunning || !there {
		x.note(Entry{What: "dropped", Leg: l.Number, Name: "return", Why: "the call is over, or has left the flow"})
		return nil
	}
	if depth == 0 {
		x.Hangup(l)
		return nil
	}
	values := x.c.flow(from.Flow).returned(t.Output)
	x.leaveFrames(l, depth-1)
	x.note(Entry{What: "moved", Leg: l.Number, From: from.Flow, To: l.State, Why: "returned"})
	st := x.stateOf(l)
	if st == nil {
		return &Fault{Reason: "limit", Pos: t.Pos, Err: fmt.Errorf("there is no state %s to return to", l.State)}
	}
	if r, ok := st.Verb.(Runner); ok && r.SavesAs() != "" {
		x.assign(x.varsOf(l, l.here().frame.home()), r.SavesAs(), map[string]any(values))
	}
	x.failing = l.Number
	turn := &Turn{Exec: x, Caller: l, State: st}
	return turn.End("returned", values)
}

// returned gives every output a value of its type, also those that `return` leaves out.
func (f *Flow) returned(given Values) Values {
	values := make(Values, len(f.Outputs))
	for _, out := range f.Outputs {
		values[out.Name] = out.Type.zero()
		if v, ok := given[out.Name]; ok {
			values[out.Name] = v
		}
	}
	return values
}

// failRun ends the verb of a state around whose flow has failed and did not handle it.
func (x *Exec) failRun(l *Leg, depth int, r *Raised) error {
	x.leaveFrames(l, depth)
	t := &Turn{Exec: x, Caller: l, State: x.stateOf(l)}
	return t.End("failed", Values{"to": "", "code": r.Data["code"]})
}

// Take gives the value of an input that an expression has made: typed, or as text.
func (in *Input) Take(v any) (any, error) {
	switch v := v.(type) {
	case time.Duration:
		if in.Type == InputDuration {
			return v, nil
		}
	case float64:
		if in.Type == InputDuration {
			return time.Duration(v * float64(time.Second)), nil
		}
	case int:
		if in.Type == InputDuration {
			return time.Duration(v) * time.Second, nil
		}
	}
	return in.Read(v)
}

// Output reads a value that `return` brings back as the type of its output.
func (x *Exec) Output(pos diag.Pos, name string, v any) (any, error) {
	for _, out := range x.Flow().Outputs {
		if out.Name != name {
			continue
		}
		typed, err := out.Take(v)
		if err != nil {
			return nil, x.Fault(pos, "expression", "the output %s %w", name, err)
		}
		return typed, nil
	}
	return nil, x.Fault(pos, "expression", "the flow has no output %s", name)
}
