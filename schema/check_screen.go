package schema

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
)

// checkScreenings checks the states in which a called party is asked whether it takes
// the call: what may stand there, who comes there, and that it can be let in.
func (f *draft) checkScreenings() {
	asked, dialled := map[string]bool{}, map[string]bool{}
	for _, s := range f.dec.Screenings {
		for name := range f.reach(s.State) {
			asked[name] = true
			dialled[name] = dialled[name] || s.By == spec.ByDial
		}
	}
	accepts := map[string]bool{}
	for _, u := range f.dec.Accepts {
		accepts[u.State] = true
		if !asked[u.State] {
			f.dec.Diags.Errorf(u.Pos, "misplaced-accept", "accept lets in a called party that is being asked, but nobody is asked here").
				WithHint("name the state in screen: of call or dial, or write a state")
		}
	}
	for _, name := range f.flow.Order {
		if asked[name] && !f.states[name].broken {
			f.checkAsking(name, dialled[name])
		}
	}
	for _, s := range f.dec.Screenings {
		if f.states[s.State] != nil && !slices.ContainsFunc(f.flow.Order, func(n string) bool { return f.reach(s.State)[n] && accepts[n] }) {
			f.dec.Diags.Errorf(s.Use.Pos, "screening", "nobody is ever let in from the state %s on", s.State).WithHint("add accept: choices: {1: accept}, or next: accept")
		}
	}
	f.checkAskedOnly(asked)
	f.checkRefused()
}

// checkRefused finds handlers of a refusal where nobody is asked.
func (f *draft) checkRefused() {
	never := func(key *spec.Node) {
		f.dec.Diags.Errorf(key.Pos, "event-never", "%s never comes: nobody is asked whether it takes the call", key.Text).
			WithHint("add screen: STATE, or remove it")
	}
	legs := func(on *spec.Node) {
		for _, key := range handlerKeys(on) {
			if leg, event := engine.SplitEvent(key.Text); leg != "" && event == "refused" && !f.asks(leg) {
				never(key)
			}
		}
	}
	for _, name := range f.flow.Order {
		s := f.states[name]
		legs(s.get("on"))
		if s.verb == nil || !slices.Contains(s.verb.Ending, "refused") || s.verbNode.Get("screen") != nil {
			continue
		}
		for _, key := range handlerKeys(s.get("on")) {
			if key.Text == "refused" {
				never(key)
			}
		}
	}
	legs(f.onNode)
}

// asks reports whether the party of a placed call of that name is asked; true also where
// no call of that name is placed, which is told elsewhere.
func (f *draft) asks(leg string) bool {
	placed := false
	for _, u := range f.dec.Defined {
		base, ok := strings.CutSuffix(u.Path, ".call.leg")
		if u.Kind != spec.LegName || u.Name != leg || !ok {
			continue
		}
		placed = true
		if slices.ContainsFunc(f.dec.Screenings, func(s spec.Screening) bool { return s.Use.Path == base+".call.screen" }) {
			return true
		}
	}
	return !placed
}

// checkAsking checks one state in which a called party is asked. In the document of a
// dialled party less may stand than in that of a call of its own.
func (f *draft) checkAsking(name string, dialled bool) {
	s, st, d := f.states[name], f.flow.States[name], &f.dec.Diags
	const hint = "ask in one state, and do the rest when the party has accepted"
	for _, key := range []string{"do", "after", "meter"} {
		if s.get(key) != nil {
			d.Errorf(s.pos(key), "screening", "a party that is being asked hears prompts and gather only, so %s cannot stand here", key).WithHint(hint)
		}
	}
	if s.verb != nil && !s.verb.Screen {
		d.Errorf(s.pos(s.verb.Name), "screening", "a party that is being asked hears prompts and gather only, not %s", s.verb.Name).WithHint(hint)
	}
	if !dialled {
		return
	}
	if s.verb == nil && st.Next != nil && st.Next.Kind == engine.ToList {
		d.Errorf(s.pos("next"), "screening", "behind a prompt for a dialled party only a state, accept or hangup can come").WithHint("write next: accept")
	}
	for event, t := range st.On {
		if slices.Contains(answererEvents, event) && t.Kind == engine.ToState {
			d.Errorf(t.Pos, "screening", "a dialled party that is being asked cannot be sent elsewhere from outside").WithHint("write %s: hangup", event)
		}
	}
	for id, list := range f.flow.Lists {
		if !under(id, "states."+name) {
			continue
		}
		for _, step := range list.Steps {
			if k := f.step(step.Name); k != nil && k.Waits && f.saves(list, step) {
				d.Errorf(step.Pos, "screening", "a dialled party that is being asked cannot wait for an answer").WithHint("ask before the dial, and keep what comes in a variable")
			}
		}
	}
}

// saves reports whether a step that may wait does: its list goes on with the answer.
func (f *draft) saves(list *engine.List, s engine.FlowStep) bool {
	n := f.dec.Nodes[list.ID]
	for i := range list.Steps {
		if list.Steps[i].Pos == s.Pos && n != nil && i < len(n.Items) {
			return n.Items[i].Get(s.Name).Get("save") != nil
		}
	}
	return false
}

// checkAskedOnly reports ways by which others than called parties come to a state that
// asks them.
func (f *draft) checkAskedOnly(asked map[string]bool) {
	for _, u := range f.dec.Referred {
		screens := slices.ContainsFunc(f.dec.Screenings, func(s spec.Screening) bool { return s.Use == u })
		if u.Kind != spec.StateName || !asked[u.Name] || screens || ownRef(u) && asked[u.State] {
			continue
		}
		f.dec.Diags.Errorf(u.Pos, "screening", "the state %s asks called parties, so nobody else can come there", u.Name).WithHint("make a state of its own for it")
	}
}
