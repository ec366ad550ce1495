// Package spec turns a tree of nodes with positions into flow values. A verb or a step
// declares its fields once; decoding, checking, the JSON Schema and the reference page
// all come from that declaration.
package spec

import "github.com/ringdown/ringdown/engine/diag"

// Kind is the shape of a node.
type Kind int

// The shapes.
const (
	Scalar Kind = iota
	Mapping
	Sequence
)

// String names the shape in messages.
func (k Kind) String() string {
	return [...]string{"a single value", "a mapping (key: value)", "a list"}[k]
}

// Node is one value of a file. Every scalar is its text; the field that reads it gives
// it a type. Pos is where the node begins, TextPos where its text does (behind a quote
// or on the line after a block indicator); further lines of a text begin at column Indent.
//
// Place is set where the text is not written rune by rune (escapes, folded lines): it
// gives the place of the rune at an offset into the text.
type Node struct {
	Kind    Kind
	Text    string
	Quoted  bool // in quotes
	Block   bool // a block scalar, | or >
	Pos     diag.Pos
	TextPos diag.Pos
	Indent  int
	Place   func(offset int) diag.Pos
	Entries []Entry
	Items   []*Node
}

// Entry is one key of a mapping with its value.
type Entry struct {
	Key   *Node
	Value *Node
}

// At is the place of the rune at an offset into the text of a scalar.
func (n *Node) At(offset int) diag.Pos {
	if n.Place != nil {
		return n.Place(offset)
	}
	return n.TextPos.Right(offset)
}

// Get returns the value of a key, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e.Value
		}
	}
	return nil
}

// Keys returns the keys of a mapping in the order written.
func (n *Node) Keys() []string {
	keys := make([]string, len(n.Entries))
	for i, e := range n.Entries {
		keys[i] = e.Key.Text
	}
	return keys
}
