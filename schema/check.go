package schema

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// check runs the rules. whole is false when the YAML itself had errors: what seems to be
// missing may then stand in a part that could not be read, so only the rules that look at
// one place are checked.
func (f *draft) check(whole bool) {
	f.checkLists()
	if !whole || len(f.flow.Order) == 0 {
		return
	}
	f.checkNames()
	f.checkBeginning()
	f.checkEvents()
	f.checkWays()
	f.checkLoops()
	f.checkPrompts()
	f.checkMeter()
	f.checkTelephony()
	f.checkLanguages()
	f.checkDetection()
	f.checkGreeting()
	f.checkScreenings()
	f.checkInline()
	f.checkRuns()
	f.checkReturns()
	f.checkSize()
	if !f.understood() {
		return
	}
	f.checkReachable()
	// What an expression that does not compile reads is not known.
	if !slices.ContainsFunc(f.dec.Diags, func(d diag.Diagnostic) bool { return strings.HasPrefix(d.Code, "expr-") }) {
		f.checkUnused()
	}
}

// understood reports whether every key and step was. What uses a name may else stand in
// one that was not.
func (f *draft) understood() bool {
	return !slices.ContainsFunc(f.dec.Diags, func(d diag.Diagnostic) bool {
		return slices.Contains([]string{"not-yet", "unknown-key", "unknown-step", "unknown-state", "type", "too-many-states", "bad-name", "not-literal",
			"missing-next", "unknown-event", "unknown-signal", "unknown-timer", "unknown-leg"}, d.Code)
	})
}

// checkBeginning wants a way into the flow.
func (f *draft) checkBeginning() {
	d := &f.dec.Diags
	if f.root.Get("answer") == nil && f.root.Get("start") == nil {
		d.Errorf(f.root.Pos, "no-beginning", "nothing begins this flow: it has neither answer nor start").
			WithHint("answer: STATE takes inbound calls, start: [...] is run by the API and the command line")
	}
	if n := f.root.Get("answers"); n != nil && f.root.Get("answer") == nil {
		d.Errorf(n.Pos, "no-beginning", "the flow has numbers, but no state in which their calls begin").WithHint("add answer: STATE")
	}
}

// step returns the kind of a step, or nil.
func (f *draft) step(name string) *spec.StepKind {
	for _, k := range f.lang.steps {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// leaves reports whether a list always ends with a step that leads somewhere.
func (f *draft) leaves(list *engine.List) bool {
	if list == nil {
		return false
	}
	for _, s := range list.Steps {
		if k := f.step(s.Name); k != nil && k.Leaves && s.If == nil && !f.conditional(list, s) {
			return true
		}
	}
	return false
}

// conditional reports whether a step was written with `if`, also one that did not compile.
func (f *draft) conditional(list *engine.List, s engine.FlowStep) bool {
	n := f.dec.Nodes[list.ID]
	for i := range list.Steps {
		if list.Steps[i].Pos == s.Pos && n != nil && i < len(n.Items) {
			return n.Items[i].Get("if") != nil
		}
	}
	return false
}

// targetLeaves reports whether a target always sends the leg somewhere.
func (f *draft) targetLeaves(t *engine.Target) bool {
	return t != nil && (t.Kind != engine.ToList || f.leaves(t.List))
}

// checkLists finds steps that are never run.
func (f *draft) checkLists() {
	for _, list := range f.flow.Lists {
		for i, s := range list.Steps[:max(0, len(list.Steps)-1)] {
			if k := f.step(s.Name); k != nil && k.Leaves && !f.conditional(list, s) {
				f.dec.Diags.Errorf(list.Steps[i+1].Pos, "never-used", "this step is never run: %s before it ends the list", s.Name).
					WithHint("remove it, or give the step before it an if")
				break
			}
		}
	}
}

// stateUses gives the places that refer to states, by the state in which they stand.
func (f *draft) stateUses() map[string][]spec.Use {
	out := map[string][]spec.Use{}
	for _, u := range f.dec.Referred {
		if u.Kind == spec.StateName {
			out[u.State] = append(out[u.State], u)
		}
	}
	return out
}

// under reports whether a path leads to or below another.
func under(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+".")
}
