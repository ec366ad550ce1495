// Package graph draws the states of a flow and what leads from one to another: as
// Mermaid, as DOT or as an SVG that needs no other program. It knows nothing of flows;
// the same graph always gives the same text.
package graph

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Kind says what a node stands for.
type Kind int

// The kinds of nodes: a state, a place where a session or a call enters (start, answer,
// events of the session), and a way out (hangup, return, accept).
const (
	State Kind = iota
	Entry
	Exit
)

// Mark says whether tests have taken a part of the flow; it decides about the colour.
type Mark int

// The marks. Of a graph without tests nothing is marked.
const (
	Unmarked Mark = iota
	Taken
	Untaken
)

// colours of lines and texts, fills of boxes, by their marks.
var (
	strokes = map[Mark]string{Taken: "#2c7a3f", Untaken: "#c62828"}
	fills   = map[Mark]string{Taken: "#e3f4e1", Untaken: "#fde3e1"}
)

func (m Mark) stroke(unmarked string) string { return colour(strokes, m, unmarked) }
func (m Mark) fill(unmarked string) string   { return colour(fills, m, unmarked) }

func colour(of map[Mark]string, m Mark, unmarked string) string {
	if c, ok := of[m]; ok {
		return c
	}
	return unmarked
}

// Node is one box. ID is unique and made of a-z, 0-9 and -, with an @ before it where no
// state can be meant.
type Node struct {
	ID     string
	Detail string // a second line: what the state does
	Kind   Kind
	Mark   Mark
}

// name is what is shown of the ID.
func (n Node) name() string { return strings.TrimPrefix(n.ID, "@") }

// Edge leads from one node to another, both by their IDs.
type Edge struct {
	From, To string
	Label    string
	Other    bool // another leg than the one of the node goes there
	Mark     Mark
}

// Graph is a flow as nodes and edges, in the order in which they are drawn.
type Graph struct {
	Title string
	Nodes []Node
	Edges []Edge
}

// Merged returns the graph with one edge for all those that lead from one node to the
// same other, in the order of the nodes; their labels are joined. One that was not taken
// is told, whatever the others are.
func (g Graph) Merged() Graph {
	place := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		place[n.ID] = i
	}
	var out []Edge
	at := map[Edge]int{}
	labels := map[int][]string{}
	for _, e := range g.Edges {
		key := Edge{From: e.From, To: e.To, Other: e.Other}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, key)
		}
		out[i].Mark = max(out[i].Mark, e.Mark)
		if e.Label != "" && !slices.Contains(labels[i], e.Label) {
			labels[i] = append(labels[i], e.Label)
		}
	}
	for i := range out {
		out[i].Label = strings.Join(labels[i], ", ")
	}
	slices.SortStableFunc(out, func(a, b Edge) int {
		if d := place[a.From] - place[b.From]; d != 0 {
			return d
		}
		return place[a.To] - place[b.To]
	})
	return Graph{Title: g.Title, Nodes: g.Nodes, Edges: out}
}

// Mermaid returns the graph as a Mermaid flowchart, which GitHub and GitLab show.
func (g Graph) Mermaid() string {
	g = g.Merged()
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	for _, n := range g.Nodes {
		open, shut := "[", "]"
		switch n.Kind {
		case Entry:
			open, shut = "([", "])"
		case Exit:
			open, shut = "((", "))"
		}
		label := mermaidText(n.name())
		if n.Detail != "" {
			label += "<br/>" + mermaidText(n.Detail)
		}
		fmt.Fprintf(&b, "  %s%s\"%s\"%s\n", mermaidID(n.ID), open, label, shut)
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Other {
			arrow = "-.->"
		}
		if e.Label != "" {
			arrow += "|\"" + mermaidText(e.Label) + "\"|"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", mermaidID(e.From), arrow, mermaidID(e.To))
	}
	g.mermaidColours(&b)
	return b.String()
}

// mermaidColours paints what is marked.
func (g Graph) mermaidColours(b *strings.Builder) {
	for _, n := range g.Nodes {
		if n.Mark != Unmarked {
			fmt.Fprintf(b, "  style %s fill:%s,stroke:%s\n", mermaidID(n.ID), n.Mark.fill(""), n.Mark.stroke(""))
		}
	}
	for i, e := range g.Edges {
		if e.Mark != Unmarked {
			fmt.Fprintf(b, "  linkStyle %d stroke:%s\n", i, e.Mark.stroke(""))
		}
	}
}

// mermaidID keeps a name from being a word of Mermaid, as `end` is.
func mermaidID(id string) string {
	if entry, ok := strings.CutPrefix(id, "@"); ok {
		return "in_" + entry
	}
	return "s_" + strings.ReplaceAll(id, "-", "_")
}

func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "`", "#96;", "\n", " ").Replace(s)
}

// DOT returns the graph in the language of Graphviz.
func (g Graph) DOT() string {
	g = g.Merged()
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n", dotText(g.Title))
	for _, n := range g.Nodes {
		label := n.name()
		if n.Detail != "" {
			label += "\n" + n.Detail
		}
		shape := ""
		switch n.Kind {
		case Entry:
			shape = ", shape=cds, style=filled"
		case Exit:
			shape = ", shape=oval"
		}
		if n.Mark != Unmarked {
			shape += fmt.Sprintf(", style=\"rounded,filled\", fillcolor=%q, color=%q", n.Mark.fill(""), n.Mark.stroke(""))
		}
		fmt.Fprintf(&b, "  %s [label=%s%s];\n", dotText(n.ID), dotText(label), shape)
	}
	for _, e := range g.Edges {
		style := ""
		if e.Other {
			style = ", style=dashed"
		}
		if e.Mark != Unmarked {
			style += fmt.Sprintf(", color=%q, fontcolor=%q", e.Mark.stroke(""), e.Mark.stroke(""))
		}
		fmt.Fprintf(&b, "  %s -> %s [label=%s%s];\n", dotText(e.From), dotText(e.To), dotText(e.Label), style)
	}
	b.WriteString("}\n")
	return b.String()
}

func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func svgText(s string) string { return html.EscapeString(s) }
