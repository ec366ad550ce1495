// Package schema reads flow files: YAML into checked, compiled flows, with the place of
// every problem. It is the only package that knows the YAML library, and it makes the
// JSON Schema of the language out of the same declarations that decode it.
package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// Limits of one file. A flow of a thousand lines has some 40 KB and 12 levels.
const (
	maxFile    = 512 << 10
	maxDepth   = 32
	maxAliased = 10_000 // nodes reached through aliases, where 8 bytes of text count as one
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// Parse reads the YAML of one file into a tree that knows the place of everything in it.
// The node is nil when the file has nothing that can be decoded; it may be given beside
// errors, so that the problems behind them are told in the same run.
func Parse(file string, src []byte) (*spec.Node, diag.List) {
	p := &parser{file: file}
	if !p.readable(src) {
		return nil, p.diags
	}
	src = bytes.TrimPrefix(src, byteOrderMark)
	p.lines = splitLines(src)
	doc := p.document(src)
	if doc == nil {
		return nil, p.diags
	}
	return p.node(doc, 0), p.diags
}

type parser struct {
	file    string
	lines   [][]rune
	diags   diag.List
	slip    slip         // a text that lacks quotes, where the YAML cannot be read because of it
	open    []*yaml.Node // lists and mappings that are being read, to refuse recursion
	aliases int          // aliases that are being followed
	outer   diag.Pos     // of the outermost of them
	aliased int          // nodes reached through aliases so far
	bombed  bool
}

func (p *parser) pos(line, column int) diag.Pos {
	return diag.Pos{File: p.file, Line: line, Column: column}
}

// readable refuses what must not reach the YAML library.
func (p *parser) readable(src []byte) bool {
	switch {
	case len(src) > maxFile:
		p.diags.Errorf(p.pos(1, 1), "file-too-large", "the file has %d bytes; at most %d are allowed", len(src), maxFile).
			WithHint("split the flow")
		return false
	case !utf8.Valid(src):
		line, column := badByte(src)
		p.diags.Errorf(p.pos(line, column), "encoding", "the file is not UTF-8 here").WithHint("save the file as UTF-8")
		return false
	}
	return true
}

// badByte gives the place of the first byte that is not UTF-8.
func badByte(src []byte) (line, column int) {
	line, column = 1, 1
	for len(src) > 0 {
		r, size := utf8.DecodeRune(src)
		switch {
		case r == utf8.RuneError && size == 1:
			return line, column
		case r == '\n':
			line, column = line+1, 1
		default:
			column++
		}
		src = src[size:]
	}
	return line, column
}

// splitLines gives the lines in runes, without their ends.
func splitLines(src []byte) [][]rune {
	parts := strings.Split(string(src), "\n")
	lines := make([][]rune, len(parts))
	for i, s := range parts {
		lines[i] = []rune(strings.TrimSuffix(s, "\r"))
	}
	return lines
}

// document parses the one document of the file.
func (p *parser) document(src []byte) (root *yaml.Node) {
	defer func() {
		// The library turns its own failures into errors; a slip there must not stop a
		// server with live calls.
		if r := recover(); r != nil {
			p.diags.Errorf(p.pos(1, 1), "yaml-syntax", "the YAML cannot be read: %v", r)
			root = nil
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		p.diags.Errorf(p.pos(1, 1), "empty-file", "the file holds no flow").WithHint("a flow begins with a line like: flow: my-flow")
		return nil
	case err != nil:
		p.syntaxError(err)
		return nil
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			p.syntaxError(err)
			return nil
		}
		p.diags.Errorf(p.pos(max(1, second.Line), max(1, second.Column)), "several-documents", "a file holds one flow, but a second document begins here").
			WithHint("put it into a file of its own")
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// node converts a node of the library. It returns nil for one that cannot be used.
func (p *parser) node(n *yaml.Node, depth int) *spec.Node {
	pos := p.nodePos(n)
	if depth > maxDepth {
		p.diags.Errorf(pos, "too-deep", "the nesting is deeper than %d levels", maxDepth)
		return nil
	}
	if p.aliases > 0 && !p.countAliased(n) {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return p.alias(n, depth)
	}
	tagged := p.tag(n, pos)
	out := &spec.Node{Pos: pos}
	if n.Kind == yaml.ScalarNode {
		if tagged {
			return nil
		}
		return p.scalar(n, out)
	}
	p.open = append(p.open, n)
	defer func() { p.open = p.open[:len(p.open)-1] }()
	switch n.Kind {
	case yaml.SequenceNode:
		out.Kind, out.TextPos = spec.Sequence, pos
		out.Items = make([]*spec.Node, 0, len(n.Content))
		for _, c := range n.Content {
			if p.isNull(c) {
				p.nullValue(p.nodePos(c), n, nil, c.Value)
				continue
			}
			if item := p.node(c, depth+1); item != nil {
				out.Items = append(out.Items, item)
			}
		}
	case yaml.MappingNode:
		out.Kind, out.TextPos = spec.Mapping, pos
		p.mapping(n, out, depth)
	}
	return out
}

// nodePos is where a node begins. The library has no place for a missing value at the
// very end.
func (p *parser) nodePos(n *yaml.Node) diag.Pos {
	line := min(max(1, n.Line), len(p.lines))
	return p.pos(line, min(max(1, n.Column), len(p.lines[line-1])+1))
}

// countAliased counts a node that is reached through an alias; false when there are too many.
func (p *parser) countAliased(n *yaml.Node) bool {
	p.aliased += 1 + len(n.Value)/8
	if p.aliased > maxAliased && !p.bombed {
		p.bombed = true
		p.diags.Errorf(p.outer, "alias-bomb", "the aliases of this file stand for more than %d values", maxAliased)
	}
	return !p.bombed
}

func (p *parser) alias(n *yaml.Node, depth int) *spec.Node {
	if slices.Contains(p.open, n.Alias) {
		p.diags.Errorf(p.nodePos(n), "alias-recursion", "the alias *%s stands inside its own anchor", n.Value)
		return nil
	}
	if p.aliases == 0 {
		p.outer = p.nodePos(n)
	}
	p.aliases++
	out := p.node(n.Alias, depth)
	p.aliases--
	return out
}

func (p *parser) mapping(n *yaml.Node, out *spec.Node, depth int) {
	out.Entries = make([]spec.Entry, 0, len(n.Content)/2)
	first := make(map[string]diag.Pos, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key := p.key(k)
		if key == nil {
			continue
		}
		if at, twice := first[key.Text]; twice {
			p.diags.Errorf(key.Pos, "duplicate-key", "the key %q stands here twice; first in line %d", key.Text, at.Line).
				WithHint("remove one, or rename it")
			continue
		}
		first[key.Text] = key.Pos
		if p.isNull(v) {
			p.nullValue(key.Pos, n, key, v.Value)
			continue
		}
		if value := p.node(v, depth+1); value != nil {
			out.Entries = append(out.Entries, spec.Entry{Key: key, Value: value})
		}
	}
}

// key converts the key of a mapping; nil when it cannot be one.
func (p *parser) key(k *yaml.Node) *spec.Node {
	pos := p.nodePos(k)
	switch {
	case k.Kind == yaml.AliasNode:
		p.diags.Errorf(pos, "bad-key", "a key cannot be an alias").WithHint("write the key out")
		return nil
	case k.Kind != yaml.ScalarNode:
		p.diags.Errorf(pos, "bad-key", "a key is a single word, not a list or mapping").
			WithHint("quote a text that begins with { or [")
		return nil
	case k.Tag == "!!merge":
		p.diags.Errorf(pos, "merge-key", "the merge key << is not part of the language").
			WithHint("write the keys out, or use an alias for the whole value")
		return nil
	}
	p.tag(k, pos)
	return p.scalar(k, &spec.Node{Pos: pos})
}

func (p *parser) isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !p.hasTag(n)
}

// nullValue reports a value that is missing. Inside { } the usual cause is a comma in a
// text that is not quoted.
func (p *parser) nullValue(pos diag.Pos, in *yaml.Node, key *spec.Node, written string) {
	what := "an entry of the list"
	if key != nil {
		what = fmt.Sprintf("the key %q", key.Text)
	}
	d := p.diags.Errorf(pos, "null-value", "%s has no value", what)
	switch {
	case written != "":
		d.WithHint(`%s means "no value" in YAML: quote it if it is a text`, written)
	case in.Style&yaml.FlowStyle != 0 && key != nil:
		d.WithHint(`a comma ends a value inside { }: quote the whole text if the comma belongs to it`)
	default:
		d.WithHint(`give it a value, leave it out, or write "" for an empty text`)
	}
}

// hasTag reports whether a tag is written before the node. The library forgets a lone
// `!`, which would turn a condition into its opposite.
func (p *parser) hasTag(n *yaml.Node) bool {
	if n.Style&yaml.TaggedStyle != 0 {
		return true
	}
	line, column := p.afterAnchor(n)
	return p.at(line, column) == '!'
}

// tag reports a tag, and whether there is one.
func (p *parser) tag(n *yaml.Node, pos diag.Pos) bool {
	if !p.hasTag(n) {
		return false
	}
	d := p.diags.Errorf(pos, "tag", "a text that begins with ! is a tag in YAML; tags are not part of the language")
	if n.Kind != yaml.ScalarNode {
		return true
	}
	line, column := p.afterAnchor(n)
	if rest := strings.TrimSpace(string(p.lines[line-1][column:])); rest != "" && !strings.HasPrefix(rest, "!") {
		d.WithHint("for the opposite write: not %s; for a text quote it", rest)
	}
	return true
}
