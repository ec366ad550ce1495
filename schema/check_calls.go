package schema

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// answererEvents tell who answered a call that is listened to.
var answererEvents = []string{"human", "machine", "fax", "unknown"}

// ownRef reports whether a use of a state leads the leg itself there, and not another one.
func ownRef(u spec.Use) bool {
	last := u.Path[strings.LastIndexByte(u.Path, '.')+1:]
	return u.Kind == spec.StateName && u.State != "" && last != "state" && last != "screen"
}

// reach gives the states that a leg can come to from some states.
func (f *draft) reach(from ...string) map[string]bool {
	uses, seen := f.stateUses(), map[string]bool{}
	for len(from) > 0 {
		name := from[len(from)-1]
		from = from[:len(from)-1]
		if f.states[name] == nil || seen[name] {
			continue
		}
		seen[name] = true
		for _, u := range uses[name] {
			if ownRef(u) {
				from = append(from, u.Name)
			}
		}
	}
	return seen
}

// movedTo gives the states to which other legs send the leg of that name.
func (f *draft) movedTo(leg string) []string {
	steps := map[string]bool{}
	for _, u := range f.dec.Referred {
		if base, ok := strings.CutSuffix(u.Path, ".move.leg"); ok && u.Kind == spec.LegName && u.Name == leg {
			steps[base] = true
		}
	}
	var out []string
	for _, u := range f.dec.Referred {
		if base, ok := strings.CutSuffix(u.Path, ".move.state"); ok && u.Kind == spec.StateName && steps[base] {
			out = append(out, u.Name)
		}
	}
	return out
}

// listened gives the states that calls come to of which is found out who answered, as
// far as want holds of the detection.
func (f *draft) listened(want func(spec.Detection) bool) map[string]bool {
	var from []string
	for _, found := range f.dec.Detections {
		if want(found) {
			from = append(append(from, found.State, found.Screen), f.movedTo(found.Leg)...)
		}
	}
	return f.reach(from...)
}

func (f *draft) detects(leg string) bool {
	return slices.ContainsFunc(f.dec.Detections, func(found spec.Detection) bool { return found.Leg == leg })
}

// checkDetection finds what waits for the result of a detection that nobody asked for.
func (f *draft) checkDetection() {
	if f.madeToBeRun() != "" {
		return // its leg comes from another flow
	}
	all := f.listened(func(spec.Detection) bool { return true })
	meanwhile := f.listened(func(found spec.Detection) bool { return !found.Sync })
	for _, name := range f.flow.Order {
		s := f.states[name]
		if s.broken {
			continue
		}
		waits := s.verb != nil && slices.Contains(s.verb.Ending, "human")
		if waits && !all[name] {
			f.dec.Diags.Errorf(s.pos(s.verb.Name), "detection", "%s has nothing to wait for: on no call that comes here it is found out who answered", s.verb.Name).
				WithHint("add machine_detection: Enable to the call")
			continue
		}
		for _, key := range handlerKeys(s.get("on")) {
			switch prefix, event := engine.SplitEvent(key.Text); {
			case !slices.Contains(answererEvents, event):
			case prefix != "":
				f.checkListened(key, prefix)
			case !all[name]:
				f.dec.Diags.Errorf(key.Pos, "event-never", "%s never comes: on no call that comes here it is found out who answered", key.Text).
					WithHint("add machine_detection: Enable to the call")
			case !waits && !meanwhile[name]:
				f.dec.Diags.Errorf(key.Pos, "event-never", "%s comes before the first state of the call: nothing is heard until it is found out who answered", key.Text).
					WithHint("add the verb amd to the state, handle LEG.%s in the on of the session, or write async_amd: true", event)
			}
		}
	}
	for _, key := range handlerKeys(f.onNode) {
		if prefix, event := engine.SplitEvent(key.Text); prefix != "" && slices.Contains(answererEvents, event) {
			f.checkListened(key, prefix)
		}
	}
	for _, found := range f.dec.Detections {
		if found.Leg == "" {
			f.dec.Diags.Warnf(found.Pos, "detection", "nobody is told who answered: the party has no name").WithHint("add leg: NAME, and handle NAME.machine")
		}
	}
}

func handlerKeys(on *spec.Node) []*spec.Node {
	if on == nil || on.Kind != spec.Mapping {
		return nil
	}
	keys := make([]*spec.Node, len(on.Entries))
	for i, e := range on.Entries {
		keys[i] = e.Key
	}
	return keys
}

func (f *draft) checkListened(key *spec.Node, leg string) {
	if f.declared(spec.LegName, leg) && !f.detects(leg) {
		f.dec.Diags.Errorf(key.Pos, "event-never", "%s never comes: on no call of %s it is found out who answered", key.Text, leg).
			WithHint("add machine_detection: Enable to the call")
	}
}

// checkGreeting warns where a machine is spoken to while its greeting runs: with Enable
// the result is there as soon as it is known that it is one.
func (f *draft) checkGreeting() {
	early := func(found spec.Detection) bool { return found.Mode != "DetectMessageEnd" }
	states := f.listened(early)
	legs := map[string]bool{}
	for _, found := range f.dec.Detections {
		legs[found.Leg] = legs[found.Leg] || early(found)
	}
	check := func(on *spec.Node, path string, bare bool) {
		if on == nil || on.Kind != spec.Mapping {
			return
		}
		for _, e := range on.Entries {
			prefix, event := engine.SplitEvent(e.Key.Text)
			if event == "machine" && (prefix == "" && bare || legs[prefix]) && !mentions(e.Value, "greeting_over") {
				f.spokenTo(e.Key.Pos, path+"."+e.Key.Text)
			}
		}
	}
	for _, name := range f.flow.Order {
		check(f.states[name].get("on"), "states."+name+".on", states[name])
	}
	check(f.onNode, "on", false)
}

func (f *draft) spokenTo(pos diag.Pos, path string) {
	for _, u := range f.dec.Referred {
		st := f.flow.States[u.Name]
		if u.Kind != spec.StateName || !under(u.Path, path) || st == nil || st.Prompt == nil || st.Prompt.Silence {
			continue
		}
		f.dec.Diags.Warnf(pos, "greeting-runs", "the machine's greeting may still run when %s begins to speak", u.Name).
			WithHint("write machine_detection: DetectMessageEnd, or ask event.greeting_over and wait in a hold state first")
		return
	}
}

// mentions reports whether a word stands in a text below n.
func mentions(n *spec.Node, word string) bool {
	if n == nil {
		return false
	}
	return strings.Contains(n.Text, word) ||
		slices.ContainsFunc(n.Items, func(item *spec.Node) bool { return mentions(item, word) }) ||
		slices.ContainsFunc(n.Entries, func(e spec.Entry) bool { return mentions(e.Value, word) })
}
