package schema

import (
	"slices"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
)

// silentStates are the states that an inbound call can be in without having heard
// anything: it still rings there.
func (f *draft) silentStates() map[string]bool {
	silent, uses := map[string]bool{}, f.stateUses()
	todo := []string{f.flow.Answer.State}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		s := f.states[name]
		if s == nil || silent[name] {
			continue
		}
		silent[name] = true
		if s.get("prompt") != nil || s.verb != nil {
			continue
		}
		for _, u := range uses[name] {
			if under(u.Path, "states."+name+".next") || under(u.Path, "states."+name+".do") {
				todo = append(todo, u.Name)
			}
		}
	}
	return silent
}

// checkFirst checks a verb that only the first document of an inbound call may have.
func (f *draft) checkFirst(s *sketch, name string) {
	d, silent := &f.dec.Diags, f.silentStates()
	if s.get("prompt") != nil {
		d.Errorf(s.pos("prompt"), "misplaced-verb", "a prompt answers the call, so %s can refuse it no more", s.verb.Name).
			WithHint("remove the prompt, or end the call with next: hangup instead of %s", s.verb.Name)
	}
	for _, u := range f.dec.Referred {
		if u.Kind != spec.StateName || u.Name != name || u.Path == "answer" || u.Path == "answer.state" {
			continue
		}
		from := f.states[u.State]
		if from == nil || !silent[u.State] || from.get("prompt") != nil || from.verb != nil {
			d.Errorf(u.Pos, "misplaced-verb", "%s is the first thing of an inbound call only, but here the call was answered before", s.verb.Name).
				WithHint("use hangup here")
		}
	}
}

// checkBridge warns where answer_on_bridge has no effect.
func (f *draft) checkBridge(s *sketch, name string) {
	n := s.verbNode.Get("answer_on_bridge")
	if n == nil || n.Text != "true" {
		return
	}
	warn := func(format string, args ...any) {
		f.dec.Diags.Warnf(n.Pos, "answer-on-bridge", format, args...).WithHint("remove it")
	}
	silent := f.silentStates()[name]
	switch {
	case s.get("prompt") != nil:
		f.dec.Diags.Warnf(n.Pos, "answer-on-bridge", "the prompt of this state answers the call before answer_on_bridge can keep it ringing").
			WithHint("remove one of them")
	case f.calledStates()[name]:
		warn("answer_on_bridge is for inbound calls, but a call that the flow places comes here")
	case !silent && f.madeToBeRun() == "":
		warn("answer_on_bridge is for calls that still ring, but here the call was answered before")
	}
}

// calledStates are the states that calls come to which the flow places.
func (f *draft) calledStates() map[string]bool {
	var from []string
	for _, u := range f.dec.Referred {
		if u.Kind == spec.StateName && f.definedByStep(u.Path) && isCallState(u.Path) {
			from = append(from, u.Name)
		}
	}
	return f.reach(from...)
}

func isCallState(path string) bool {
	const end = ".call.state"
	return len(path) > len(end) && path[len(path)-len(end):] == end
}

// checkAfterRecord warns about work that callers who simply hang up after a recording
// skip: what comes by way of next is only for those who stay.
func (f *draft) checkAfterRecord(s *sketch, st *engine.State) {
	if !slices.Contains(s.verb.Other, "recording") || st.Next == nil {
		return
	}
	seen := map[string]bool{}
	for next := st.Next; next != nil; {
		if f.skipped(next.List, st.Name) || next.Kind != engine.ToState {
			return
		}
		to := f.flow.States[next.State]
		if to == nil || seen[to.Name] || f.skipped(to.Do, st.Name) || to.Verb != nil {
			return
		}
		seen[to.Name] = true
		next = to.Next
	}
}

// skipped reports work in a list that those do not come to who hang up in the state before.
func (f *draft) skipped(list *engine.List, before string) bool {
	if list == nil {
		return false
	}
	i := slices.IndexFunc(list.Steps, func(s engine.FlowStep) bool { return s.Name == "http" || s.Name == "message" || s.Name == "signal" })
	if i < 0 {
		return false
	}
	f.dec.Diags.Warnf(list.Steps[i].Pos, "after-record", "callers who hang up after the recording never come here").
		WithHint("do it in on: {recording: [...]} of the state %s", before)
	return true
}
