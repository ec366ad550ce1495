package graph

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestTextsStayTexts: what is in a flow never becomes part of the language of a picture.
func TestTextsStayTexts(t *testing.T) {
	t.Parallel()
	g := Graph{Title: `a"b`, Nodes: []Node{{ID: "end", Detail: "say \"<hi>\"\n`#`\\"}}, Edges: []Edge{{From: "end", To: "end", Label: `1"|<`}}}
	if m := g.Mermaid(); strings.Contains(m, "<hi>") || !strings.Contains(m, "s_end[") || strings.Contains(m, `1"|<`) {
		t.Error(m)
	}
	if d := g.DOT(); !strings.Contains(d, `digraph "a\"b"`) || !strings.Contains(d, `\n`+"`#`"+`\\"`) {
		t.Error(d)
	}
	if s := g.SVG(); strings.Contains(s, "<hi>") {
		t.Error(s)
	}
}

func TestMerged(t *testing.T) {
	t.Parallel()
	g := Graph{Nodes: []Node{{ID: "a"}, {ID: "b"}}, Edges: []Edge{
		{"b", "a", "x", false, Untaken}, {"a", "b", "1", false, Taken}, {"a", "b", "2", false, Untaken}, {"a", "b", "2", false, Taken}, {"a", "b", "call", true, Taken},
	}}
	want := "[{a b 1, 2 false 2} {a b call true 1} {b a x false 2}]"
	if got := fmt.Sprint(g.Merged().Edges); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestBoxesLieApart lays out dense graphs with cycles.
func TestBoxesLieApart(t *testing.T) {
	t.Parallel()
	for size := range 24 {
		var g Graph
		for i := range size {
			g.Nodes = append(g.Nodes, Node{ID: fmt.Sprint("s", i), Detail: strings.Repeat("x", i%7*5)})
			for _, to := range []int{(i*7 + 3) % size, (i + 1) % size, i / 2} {
				g.Edges = append(g.Edges, Edge{From: fmt.Sprint("s", i), To: fmt.Sprint("s", to), Label: "e"})
			}
		}
		l := place(g.Merged())
		if first, second := g.SVG(), g.SVG(); first != second {
			t.Fatal("two pictures of one graph differ")
		}
		for _, layer := range l.layers {
			for i, b := range layer {
				if math.IsNaN(b.x) || b.x-b.w/2 < 0 || b.x+b.w/2 > l.w || b.y+b.h/2 > l.h {
					t.Fatalf("size %d: a box lies outside", size)
				}
				if i > 0 && b.x-b.w/2 < layer[i-1].x+layer[i-1].w/2 {
					t.Fatalf("size %d: boxes overlap", size)
				}
			}
		}
	}
}

// TestMarks: what tests have not taken is red, everywhere.
func TestMarks(t *testing.T) {
	t.Parallel()
	g := Graph{Nodes: []Node{{ID: "a", Mark: Taken}, {ID: "b", Mark: Untaken}, {ID: "hangup", Kind: Exit}}, Edges: []Edge{
		{From: "a", To: "b", Label: "x", Mark: Untaken}, {From: "b", To: "hangup", Mark: Taken},
	}}
	for name, picture := range map[string]string{"mermaid": g.Mermaid(), "dot": g.DOT(), "svg": g.SVG()} {
		for _, colour := range []string{strokes[Taken], strokes[Untaken], fills[Taken], fills[Untaken]} {
			if !strings.Contains(picture, colour) {
				t.Errorf("%s: no %s in\n%s", name, colour, picture)
			}
		}
	}
}
