package schema

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
)

// checkWays checks that every state leads on, and that next stands only where something
// comes to it.
func (f *draft) checkWays() {
	for _, name := range f.flow.Order {
		s, st := f.states[name], f.flow.States[name]
		switch {
		case s.broken:
		case f.leaves(st.Do):
			f.neverReached(s)
		case s.verb == nil:
			f.promptOnly(s, name)
		case s.verb.Ends:
			f.unusedNext(s, s.verb.Name+" ends the call")
			f.unusedHandlers(s)
		case s.verb.Endless:
			f.unusedNext(s, s.verb.Name+" never ends by itself")
			f.endless(s, st, name)
		default:
			f.ending(s, st, name)
		}
	}
}

// neverReached reports what stands behind a `do` that always leads elsewhere.
func (f *draft) neverReached(s *sketch) {
	for _, e := range s.node.Entries {
		if e.Key.Text == "prompt" || e.Key.Text == "next" || s.verb != nil && e.Key.Text == s.verb.Name {
			f.dec.Diags.Errorf(e.Key.Pos, "never-used", "%s is never used: do always leads elsewhere", e.Key.Text).
				WithHint("remove it, or give the last goto of do an if")
		}
	}
}

func (f *draft) promptOnly(s *sketch, name string) {
	if s.get("next") != nil {
		return
	}
	what := "when its prompt is over"
	if s.get("prompt") == nil {
		what = "when its do has run"
	}
	f.dec.Diags.Errorf(s.key.Pos, "missing-next", "the state %s leads nowhere %s", name, what).WithHint("add next: STATE, or next: hangup")
}

func (f *draft) unusedNext(s *sketch, why string) {
	if s.get("next") != nil {
		f.dec.Diags.Errorf(s.pos("next"), "next-unused", "next is never used: %s", why).WithHint("remove it")
	}
}

func (f *draft) unusedHandlers(s *sketch) {
	for _, key := range []string{"after", "meter"} {
		if s.get(key) != nil {
			f.dec.Diags.Errorf(s.pos(key), "never-used", "%s is never used: %s ends the call", key, s.verb.Name).WithHint("remove it")
		}
	}
}

// endless wants a time limit where the verb never ends by itself: an event may be lost,
// a person may never press the button.
func (f *draft) endless(s *sketch, st *engine.State, name string) {
	if s.get("after") != nil {
		return
	}
	exits := s.verbNode.Get("choices") != nil
	for event, t := range st.On {
		exits = exits || event != "hung-up" && f.targetLeaves(t)
	}
	exits = exits || f.moves()
	if exits {
		f.dec.Diags.Warnf(s.key.Pos, "no-time-limit", "the state %s may last until the caller gives up: only an event ends it", name).
			WithHint("add after: {10m: STATE}")
		return
	}
	f.dec.Diags.Errorf(s.key.Pos, "no-way-out", "nothing ever ends the state %s", name).
		WithHint("add after: {10m: STATE}, or an on that leads elsewhere")
}

// moves reports whether a list of the flow can send a leg elsewhere from outside.
func (f *draft) moves() bool { return f.hasStep("move") }

// hasStep reports whether a list of the flow has a step of that name.
func (f *draft) hasStep(name string) bool {
	for _, list := range f.flow.Lists {
		if slices.ContainsFunc(list.Steps, func(s engine.FlowStep) bool { return s.Name == name }) {
			return true
		}
	}
	return false
}

// ending checks a state whose verb ends with events: what no handler leads elsewhere
// follows next.
func (f *draft) ending(s *sketch, st *engine.State, name string) {
	var falls []string
	never := s.never()
	for _, event := range s.verb.Ending {
		if never[event] != "" || event == "refused" && s.verbNode.Get("screen") == nil {
			continue
		}
		t := st.On[event]
		if t == nil && slices.Contains(engine.Unreached, event) {
			t = st.On["unreached"]
		}
		if !f.targetLeaves(t) {
			falls = append(falls, event)
		}
	}
	switch {
	case len(falls) == 0:
		if s.get("next") != nil {
			f.dec.Diags.Warnf(s.pos("next"), "next-unused", "next is never used: on leads every event that ends %s elsewhere", s.verb.Name).WithHint("remove it")
		}
	case s.get("next") == nil:
		if s.verb.Dials && !f.canMove(f.partiesOf(name)) {
			if falls = slices.DeleteFunc(falls, func(e string) bool { return e == "moved" }); len(falls) == 0 {
				return
			}
		}
		f.dec.Diags.Errorf(s.key.Pos, "missing-next", "the state %s leads nowhere after %s", name, strings.Join(falls, ", ")).
			WithHint("add next: STATE, or next: hangup")
	}
}

// canMove reports whether the flow may send one of these dialled parties elsewhere.
func (f *draft) canMove(parties []string) bool {
	for _, list := range f.flow.Lists {
		if f.movesAny(list, parties) {
			return true
		}
	}
	for event, t := range f.flow.On {
		leg, _, ofLeg := strings.Cut(event, ".")
		if (event == "error" || ofLeg && slices.Contains(parties, leg)) && f.targetLeaves(t) {
			return true
		}
	}
	return false
}

// checkPrompts warns where a prompt that is repeated until the call ends keeps the leg
// from what stands behind it.
func (f *draft) checkPrompts() {
	for _, name := range f.flow.Order {
		s := f.states[name]
		items := []*spec.Node{s.get("prompt")}
		if items[0] == nil || s.broken {
			continue
		}
		if items[0].Kind == spec.Sequence {
			items = items[0].Items
		}
		// A key ends it, or a time does.
		ends := s.verb != nil && s.verb.Name == "gather" || s.verb == nil && s.get("after") != nil
		for i, item := range items {
			loop := item.Get("loop")
			if loop == nil || loop.Text != "0" || ends && i == len(items)-1 {
				continue
			}
			f.dec.Diags.Warnf(loop.Pos, "endless-prompt", "loop: 0 repeats it until the call ends, so nothing behind it is ever heard").
				WithHint("write how often, or a hold with music, which events and after can end")
		}
	}
}

// checkReachable finds states that nothing leads to.
func (f *draft) checkReachable() {
	edges := map[string][]string{}
	var roots []string
	for _, u := range f.dec.Referred {
		switch {
		case u.Kind != spec.StateName:
		case u.State == "":
			roots = append(roots, u.Name)
		default:
			edges[u.State] = append(edges[u.State], u.Name)
		}
	}
	seen := map[string]bool{}
	visit(roots, edges, seen)
	// What only unreachable states lead to is not told: first those to which nothing leads
	// at all, then one of each circle.
	lost := slices.DeleteFunc(slices.Clone(f.flow.Order), func(name string) bool { return seen[name] })
	led := map[string]bool{}
	for _, from := range lost {
		for _, to := range edges[from] {
			led[to] = led[to] || to != from
		}
	}
	for _, circles := range []bool{false, true} {
		for _, name := range lost {
			if seen[name] || led[name] && !circles {
				continue
			}
			visit([]string{name}, edges, seen)
			f.dec.Diags.Errorf(f.states[name].key.Pos, "unreachable-state", "nothing leads to the state %s", name).
				WithHint("remove it, or name it in a next, on, choices, goto, call or move")
		}
	}
}

// visit marks what can be reached.
func visit(from []string, edges map[string][]string, seen map[string]bool) {
	for len(from) > 0 {
		name := from[len(from)-1]
		from = from[:len(from)-1]
		if !seen[name] {
			seen[name] = true
			from = append(from, edges[name]...)
		}
	}
}

// checkLoops finds circles of states in which nothing is waited for: the caller would
// hear the same for ever, or the session would stop at its limit of states.
func (f *draft) checkLoops() {
	walk := map[string]int{} // number of the walk that came through a state first
	for i, name := range f.flow.Order {
		var way []string
		for at := name; walk[at] == 0; {
			walk[at] = i + 1
			way = append(way, at)
			next, ok := f.follows(at)
			if !ok {
				break
			}
			if walk[next] == i+1 {
				f.loop(way[slices.Index(way, next):])
				break
			}
			at = next
		}
	}
}

func (f *draft) loop(circle []string) {
	shown := append(slices.Clone(circle), circle[0])
	if len(shown) > 10 {
		shown = append(append(shown[:8:8], "..."), circle[0])
	}
	f.dec.Diags.Errorf(f.states[circle[0]].key.Pos, "endless-loop", "these states follow each other for ever, and nothing is waited for: %s", strings.Join(shown, " -> ")).
		WithHint("ask with gather and tries, or leave the circle with: goto: STATE, if: visits('%s') > 3", circle[0])
}

// follows gives the state that always comes after another one without anything being
// waited for.
func (f *draft) follows(name string) (string, bool) {
	s, st := f.states[name], f.flow.States[name]
	if s == nil || s.broken {
		return "", false
	}
	if next, ok := f.always(st.Do); ok || f.leaves(st.Do) {
		return next, ok
	}
	if s.verb != nil || st.Next == nil || f.maybeLeaves(st.Do) {
		return "", false
	}
	if st.Next.Kind == engine.ToList {
		if f.maybeLeaves(st.Next.List) && !f.leaves(st.Next.List) {
			return "", false
		}
		return f.always(st.Next.List)
	}
	return st.Next.State, st.Next.Kind == engine.ToState && f.flow.States[st.Next.State] != nil
}

// always gives the state that a list leads to whatever happens: one with a conditional
// way out before that has none.
func (f *draft) always(list *engine.List) (string, bool) {
	if list == nil {
		return "", false
	}
	n := f.dec.Nodes[list.ID]
	for i, s := range list.Steps {
		k := f.step(s.Name)
		if k == nil || !k.Leaves {
			continue
		}
		if f.conditional(list, s) || s.Name != "goto" || i >= len(n.Items) {
			return "", false
		}
		to := n.Items[i].Get("goto")
		if to == nil || f.flow.States[to.Text] == nil {
			return "", false
		}
		return to.Text, true
	}
	return "", false
}

// maybeLeaves reports whether a list has any step that leads elsewhere.
func (f *draft) maybeLeaves(list *engine.List) bool {
	return list != nil && slices.ContainsFunc(list.Steps, func(s engine.FlowStep) bool {
		k := f.step(s.Name)
		return k != nil && k.Leaves
	})
}
