package schema

import (
	"testing"

	"github.com/ringdown/ringdown/engine/spec"
)

func text(s string) *spec.Node { return &spec.Node{Text: s} }

func list(items ...*spec.Node) *spec.Node { return &spec.Node{Kind: spec.Sequence, Items: items} }

// TestRewrite: only what differs is changed, however it is written.
func TestRewrite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src, want string
		to              *spec.Node
	}{
		{"a word", "a: x # why\nb: y\n", "a: z # why\nb: y\n", text("z")},
		{"a text in quotes", "a: \"x y\" # why\n", "a: \"p: q\" # why\n", text("p: q")},
		{"a word to a list", "a: x\n", "a: [y, \"+1\"]\n", list(text("y"), text("+1"))},
		{"one of a list", "a: [x, 'it''s', z] # why\n", "a: [x, y, z] # why\n", list(text("x"), text("y"), text("z"))},
		{"a longer list", "a: [x, \"]\"] # why\n", "a: [x, y, z] # why\n", list(text("x"), text("y"), text("z"))},
		{"a list in lines", "a:\n  - x # one\n  # two\n  - y\nb: 1\n", "a:\n  - x # one\n  # two\n  - z\nb: 1\n", list(text("x"), text("z"))},
		{"a shorter list in lines", "a:\n  - x\n  # two\n  - y\nb: 1\n", "a:\n  # two\n  - z\nb: 1\n", list(text("z"))},
		{"a list that was folded", "a: [x,\n  y] # why\n", "a: [z] # why\n", list(text("z"))},
		{"to nothing", "a: [x]\n", "a: []\n", list()},
	}
	for _, tt := range tests {
		root, diags := Parse("f.yaml", []byte(tt.src))
		if root == nil {
			t.Fatal(diags.Err())
		}
		got, err := Rewrite("f.yaml", []byte(tt.src), []Edit{{root.Get("a"), tt.to}})
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", tt.name, err, got, tt.want)
		}
	}
	root, _ := Parse("f.yaml", []byte("a: >\n  x\n"))
	if _, err := Rewrite("f.yaml", []byte("a: >\n  x\n"), []Edit{{root.Get("a"), text("y")}}); err == nil {
		t.Error("a folded text is rewritten")
	}
}
