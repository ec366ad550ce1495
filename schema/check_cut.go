package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// checkCuts warns where somebody's wish to put a call on hold, or to hand it over, hangs
// up the other side: a leg that is moved out of its dial takes the dialled party with it.
// The end of a time or of the money is meant to end the talk.
func (f *draft) checkCuts() {
	moves := f.movesOnSignals()
	for _, name := range f.flow.Order {
		s := f.states[name]
		if s.verb == nil || !s.verb.Dials || s.broken {
			continue
		}
		parties := f.partiesOf(name)
		for event, t := range f.flow.States[name].On {
			if strings.HasPrefix(event, "signal.") {
				f.cutByGoto(t, name, parties)
			}
		}
		for _, m := range moves {
			if m.reaches[name] && !slices.Contains(parties, m.leg) && !f.movesAny(m.list, parties) {
				f.cut(m.pos, name)
			}
		}
	}
}

// checkOwnNames finds parties that are called like the caller who dials them: there would
// be two legs of one name, and the flow could not tell them apart.
func (f *draft) checkOwnNames() {
	caller := f.flow.Answer.Leg
	if caller == "" {
		return
	}
	own := f.reach(f.flow.Answer.State)
	for _, u := range f.dec.Defined {
		if u.Kind == spec.LegName && u.Name == caller && own[u.State] && !f.definedByStep(u.Path) {
			f.dec.Diags.Errorf(u.Pos, "own-name", "%s is the leg that dials here: the dialled party needs a name of its own", caller).
				WithHint("name it for what it is, like agent")
		}
	}
}

// signalMove is a step by which a signal moves another leg.
type signalMove struct {
	leg     string
	reaches map[string]bool // states in which the leg may be
	list    *engine.List
	pos     diag.Pos
}

func (f *draft) movesOnSignals() []signalMove {
	var moves []signalMove
	reaches := map[string]map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(f.flow.Lists)) {
		if !strings.HasPrefix(id, "on.signal.") && !strings.Contains(id, ".on.signal.") {
			continue
		}
		list := f.flow.Lists[id]
		for i, s := range list.Steps {
			n := f.dec.Nodes[list.ID].Items[i].Get("move").Get("leg")
			if s.Name != "move" || n == nil {
				continue
			}
			if reaches[n.Text] == nil {
				reaches[n.Text] = f.reach(f.beginnings(n.Text)...)
			}
			moves = append(moves, signalMove{n.Text, reaches[n.Text], list, s.Pos})
		}
	}
	return moves
}

// partiesOf are the names of the legs that a state dials.
func (f *draft) partiesOf(state string) []string {
	var names []string
	for _, u := range f.dec.Defined {
		if u.Kind == spec.LegName && u.State == state && !f.definedByStep(u.Path) {
			names = append(names, u.Name)
		}
	}
	return names
}

// cutByGoto checks a handler of the dialling leg's own state.
func (f *draft) cutByGoto(t *engine.Target, dialling string, parties []string) {
	if t == nil {
		return
	}
	if t.Kind == engine.ToState {
		f.cut(t.Pos, dialling)
	}
	if t.List == nil || f.movesAny(t.List, parties) {
		return
	}
	for i, s := range t.List.Steps {
		if s.Name == "goto" && !slices.Contains(spec.ReservedTargets, f.dec.Nodes[t.List.ID].Items[i].Get("goto").Text) {
			f.cut(s.Pos, dialling)
			return
		}
	}
}

// movesAny reports whether a list moves one of the legs of these names.
func (f *draft) movesAny(list *engine.List, legs []string) bool {
	for i, s := range list.Steps {
		if s.Name != "move" {
			continue
		}
		if n := f.dec.Nodes[list.ID].Items[i].Get("move").Get("leg"); n != nil && slices.Contains(legs, n.Text) {
			return true
		}
	}
	return false
}

// beginnings are the states in which a leg of that name begins, or is put.
func (f *draft) beginnings(leg string) []string {
	from := f.movedTo(leg)
	if f.flow.Answer.Leg == leg {
		from = append(from, f.flow.Answer.State)
	}
	for _, u := range f.dec.Defined {
		base, placed := strings.CutSuffix(u.Path, ".call.leg")
		if u.Kind != spec.LegName || u.Name != leg || !placed {
			continue
		}
		for _, r := range f.dec.Referred {
			if r.Kind == spec.StateName && r.Path == base+".call.state" {
				from = append(from, r.Name)
			}
		}
	}
	return from
}

func (f *draft) cut(pos diag.Pos, dialling string) {
	f.dec.Diags.Warnf(pos, "dial-cut", "whoever is moved out of the dial of %s takes the other one along: the dialled party is hung up", dialling).
		WithHint("talk in a conference, where one can leave and come back; or move the dialled party in the same list")
}
