package schema

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/graph"
)

func TestGraph(t *testing.T) {
	t.Parallel()
	for _, name := range fixtures(t, "testdata/graph") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			g := graphOf(t, name)
			stem := strings.TrimSuffix(name, ".yaml")
			golden(t, stem+".mermaid", []byte(g.Mermaid()))
			golden(t, stem+".dot", []byte(g.DOT()))
			golden(t, stem+".svg", []byte(g.SVG()))
		})
	}
}

func graphOf(t *testing.T, path string) *graph.Graph {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g, diags := Graph(path, src)
	if g == nil {
		t.Fatal(diags.Err())
	}
	return g
}

// TestGraphOfShippedFlows draws what people read: every edge has both its nodes, every
// state can be reached in the picture, and the SVG is well-formed.
func TestGraphOfShippedFlows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../flows/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no flows", err)
	}
	for _, name := range slices.DeleteFunc(files, IsTestFile) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			g := graphOf(t, name)
			known, entered := map[string]bool{}, map[string]bool{}
			for _, n := range g.Nodes {
				known[n.ID] = true
			}
			for _, e := range g.Edges {
				entered[e.To] = true
				if !known[e.From] || !known[e.To] {
					t.Errorf("the edge %+v has no node at an end", e)
				}
			}
			for _, n := range g.Nodes {
				if n.Kind == graph.State && !entered[n.ID] {
					t.Errorf("nothing leads to %s", n.ID)
				}
			}
			if err := wellFormed(g.SVG()); err != nil {
				t.Error(err)
			}
		})
	}
}

// wellFormed reads a whole XML document.
func wellFormed(doc string) error {
	dec := xml.NewDecoder(strings.NewReader(doc))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestGraphOfBrokenFile(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"", "flow: [", "flow: x\nstates: {a: {nothing: 1}}"} {
		if g, diags := Graph("x.yaml", []byte(src)); g != nil || !diags.HasErrors() {
			t.Errorf("%q is drawn, with %v", src, diags)
		}
	}
}
