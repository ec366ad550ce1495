package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/graph"
	"github.com/ringdown/ringdown/engine/spec"
)

// WayKind is a kind of what tests of a flow can take.
type WayKind string

// The kinds: a state is entered, a transition leads from one to the next or out of the
// call, a handler runs a list of steps for an event.
const (
	StateWay      WayKind = "state"
	TransitionWay WayKind = "transition"
	HandlerWay    WayKind = "handler"
)

// Way is one thing of a flow that a test can take.
type Way struct {
	Kind   WayKind
	Name   string // in words: "sales -> voicemail (unreached)"
	State  string // that it is, or leads from; "": of the session
	Pos    diag.Pos
	Places []diag.Pos // it is taken when one of them has run
}

// Ways returns all that tests of a flow file can take, in the order of the file. The list
// holds what keeps the file from being read.
func Ways(file string, src []byte) ([]Way, diag.List) {
	f, diags := drawable(file, src)
	if f == nil {
		return nil, diags
	}
	var ways []Way
	for _, name := range f.flow.Order {
		pos := f.states[name].key.Pos
		ways = append(ways, Way{StateWay, name, name, pos, []diag.Pos{pos}})
	}
	for _, u := range f.uses() {
		ways = append(ways, Way{TransitionWay, transition(u), u.State, u.Pos, f.places(u)})
	}
	for id, list := range f.flow.Lists {
		if name, state, ok := handlerName(id); ok {
			ways = append(ways, Way{HandlerWay, name, state, list.Pos, []diag.Pos{list.Pos}})
		}
	}
	slices.SortStableFunc(ways, func(a, b Way) int { return comparePos(a.Pos, b.Pos) })
	return ways, nil
}

// CoverGraph is Graph with what tests have taken, and what not, in colours.
func CoverGraph(file string, src []byte, taken func(places ...diag.Pos) bool) (*graph.Graph, diag.List) {
	f, diags := drawable(file, src)
	if f == nil {
		return nil, diags
	}
	return f.drawn(func(places ...diag.Pos) graph.Mark {
		if taken(places...) {
			return graph.Taken
		}
		return graph.Untaken
	}), nil
}

// transition is what a way from state to state is called.
func transition(u spec.Use) string {
	e := edge(u)
	name := strings.TrimPrefix(e.From, "@") + " -> " + e.To
	if e.Label != "" {
		name += " (" + e.Label + ")"
	}
	return name
}

// handlerName is what a list is called that an event leads to; false for `do` and `start`.
func handlerName(id string) (name, state string, ok bool) {
	path := strings.Split(id, ".")
	switch {
	case path[0] == "on":
		return "session (" + strings.Join(path[1:], ".") + ")", "", true
	case path[0] != "states" || len(path) < 3 || path[2] == "do":
		return "", "", false
	}
	when, _ := occasion(path[2:])
	return fmt.Sprintf("%s (%s)", path[1], when), path[1], true
}

// places are where a transition runs: the target itself; the step that sends another leg;
// the state in which a called party is asked.
func (f *draft) places(u spec.Use) []diag.Pos {
	if strings.HasPrefix(u.Path, "answer") {
		return []diag.Pos{u.Pos, f.flow.Answer.Pos}
	}
	places := []diag.Pos{u.Pos}
	path := strings.Split(u.Path, ".")
	for i := len(path) - 2; i > 0; i-- {
		n, err := strconv.Atoi(path[i])
		list := f.flow.Lists[strings.Join(path[:i], ".")]
		if err != nil || list == nil || n >= len(list.Steps) {
			continue
		}
		if name := list.Steps[n].Name; name != "goto" {
			places = append(places, list.Steps[n].Pos)
		}
		return places
	}
	if st := f.states[u.Name]; st != nil && path[len(path)-1] == "screen" {
		places = append(places, st.key.Pos)
	}
	return places
}
