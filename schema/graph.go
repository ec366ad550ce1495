package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/graph"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/verbs"
)

// Nodes of a graph that are no states.
const sessionNode = "session"

// Graph returns the states of one flow file and what leads from each to which: targets
// of events, choices, times and `next`, the states in which legs begin, and what the
// session's own events lead to. What is wrong elsewhere in the file does not matter; the
// list holds what keeps the file from being read at all.
func Graph(file string, src []byte) (*graph.Graph, diag.List) {
	f, diags := drawable(file, src)
	if f == nil {
		return nil, diags
	}
	return f.drawn(func(...diag.Pos) graph.Mark { return graph.Unmarked }), nil
}

// drawable decodes a file so far that its states are known.
func drawable(file string, src []byte) (*draft, diag.List) {
	root, diags := Parse(file, src)
	if root == nil || diags.HasErrors() {
		return nil, diags
	}
	f := newLanguage(verbs.All(), steps.All()).decode(file, root)
	if f.dec.Diags.HasErrors() {
		return nil, f.dec.Diags.Sorted()
	}
	return f, nil
}

// drawn is the graph of the flow; mark says whether tests have run one of some places.
func (f *draft) drawn(mark func(...diag.Pos) graph.Mark) *graph.Graph {
	g := &graph.Graph{Title: f.flow.Name}
	for _, u := range f.uses() {
		e := edge(u)
		e.Mark = mark(f.places(u)...)
		g.Edges = append(g.Edges, e)
	}
	add := func(id string, kind graph.Kind) {
		if slices.ContainsFunc(g.Edges, func(e graph.Edge) bool { return e.From == id || e.To == id }) {
			g.Nodes = append(g.Nodes, graph.Node{ID: id, Kind: kind})
		}
	}
	for _, id := range []string{"@answer", "@start", "@" + sessionNode} {
		add(id, graph.Entry)
	}
	for _, name := range f.flow.Order {
		g.Nodes = append(g.Nodes, graph.Node{ID: name, Detail: f.states[name].detail(), Mark: mark(f.states[name].key.Pos)})
	}
	for _, id := range spec.ReservedTargets {
		add(id, graph.Exit)
	}
	return g
}

// Graphs draws the flows of a closure's stored source: the flow itself, then those that
// it runs.
func Graphs(source []byte) ([]graph.Graph, error) {
	s, err := readSource(source)
	if err != nil {
		return nil, err
	}
	graphs := make([]graph.Graph, 0, len(s.Files))
	for _, f := range s.Files {
		g, diags := Graph(f.Name, []byte(f.Text))
		if g == nil {
			return nil, fmt.Errorf("the stored flow cannot be drawn: %w", diags.Err())
		}
		graphs = append(graphs, *g)
	}
	return graphs, nil
}

// detail is the verb of a state with its main field: the one that a bare value stands
// for, or the first that is declared, when it is a text.
func (s *sketch) detail() string {
	switch {
	case s.verb == nil && s.get("prompt") != nil:
		return "prompt"
	case s.verb == nil:
		return ""
	case s.verbNode.Kind == spec.Scalar:
		return s.verb.Name + " " + s.verbNode.Text
	case len(s.verb.Fields) > 0:
		if v := s.verbNode.Get(s.verb.Fields[0].Name); v != nil && v.Kind == spec.Scalar {
			return s.verb.Name + " " + v.Text
		}
	}
	return s.verb.Name
}

// uses are all places where a state or a way out is named, in the order of the file.
func (f *draft) uses() []spec.Use {
	uses := slices.Clone(f.dec.Hangups)
	uses = append(uses, f.dec.Accepts...)
	uses = append(uses, f.dec.Returns...)
	for _, u := range f.dec.Referred {
		if u.Kind == spec.StateName {
			uses = append(uses, u)
		}
	}
	slices.SortStableFunc(uses, func(a, b spec.Use) int { return comparePos(a.Pos, b.Pos) })
	return uses
}

func comparePos(a, b diag.Pos) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// edge reads from the path of a use where it begins and what it is called.
func edge(u spec.Use) graph.Edge {
	path := strings.Split(u.Path, ".")
	from := u.State
	if from == "" {
		from = "@" + sessionNode
		if path[0] == "start" || path[0] == "answer" {
			from = "@" + path[0]
			path = path[1:]
		}
	} else {
		path = path[min(2, len(path)):] // states.NAME
	}
	label, step := occasion(path)
	e := graph.Edge{From: from, To: u.Name, Label: label}
	if step != "" && step != "goto" && step != "return" {
		e.Other = true
		e.Label = strings.TrimSpace(label + " " + step)
	}
	return e
}

// occasion is when the way is taken, in words, and the step that takes it, if one does.
func occasion(path []string) (label, step string) {
	var when []string
	for i, p := range path {
		if isNumber(p) && i+1 < len(path) {
			if word := path[i+1]; !isNumber(word) {
				step = word
				break
			}
		}
		when = append(when, p)
	}
	if len(when) == 0 {
		return "", step
	}
	switch when[0] {
	case "on":
		when = when[1:]
		return strings.Join(when, "."), step
	case "do", "next", "state":
		return when[0], step
	case "after":
		return strings.Join(when, " "), step
	}
	if len(when) > 2 && when[1] == "choices" {
		return "key " + strings.Join(when[2:], " "), step
	}
	return strings.Join(when[min(1, len(when)-1):], " "), step
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
