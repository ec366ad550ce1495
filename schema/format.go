package schema

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/testspec"
	"github.com/ringdown/ringdown/engine/verbs"
)

// Format returns a flow file, or a test file by its name, in its canonical form: the keys
// of the file and of each state or case in the order of their declaration with the comments above them, no blanks at the
// ends of lines, no two empty lines in a row, line ends of one kind. Whatever is written
// in flow style, in quotes or folded stays so, and the meaning is the same: where a change
// could alter it, the change is not made. Texts that YAML does not take without quotes get
// them, where that makes the file readable. The list says why a file cannot be read.
func Format(file string, src []byte) ([]byte, diag.List) {
	before, diags := Parse(file, src)
	if before == nil {
		if mended := quoted(file, src); mended != nil {
			src = mended
			before, diags = Parse(file, src)
		}
	}
	if before == nil || diags.HasErrors() {
		return nil, diags
	}
	src = bytes.TrimPrefix(src, byteOrderMark)
	for _, end := range []string{"\r\n", "\r"} { // YAML takes both for the end of a line
		src = bytes.ReplaceAll(src, []byte(end), []byte("\n"))
	}
	keep := func(changed []byte) bool {
		after, diags := Parse(file, changed)
		return after != nil && !diags.HasErrors() && sameMeaning(before, after)
	}
	out := src
	for _, change := range []func([]byte, *yaml.Node) []byte{orderKeys(file), tidyLines} {
		var doc yaml.Node
		if err := yaml.Unmarshal(out, &doc); err != nil || len(doc.Content) != 1 {
			return out, diags
		}
		if changed := change(out, doc.Content[0]); keep(changed) {
			out = changed
		}
	}
	return out, diags
}

// sameMeaning reports whether two trees have the same texts; the order of keys does not
// matter.
func sameMeaning(a, b *spec.Node) bool {
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) || len(a.Entries) != len(b.Entries) {
		return false
	}
	for i := range a.Items {
		if !sameMeaning(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for _, e := range a.Entries {
		if other := b.Get(e.Key.Text); other == nil || !sameMeaning(e.Value, other) {
			return false
		}
	}
	return true
}

// tidyLines removes what nobody sees: blanks at the ends of lines and superfluous empty
// lines, but not inside block texts.
func tidyLines(src []byte, root *yaml.Node) []byte {
	fixed := blockLines(root, bytes.Count(src, []byte("\n"))+1)
	var out []string
	for i, line := range strings.Split(string(src), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if !fixed[i+1] {
			line = strings.TrimRight(line, " \t")
			if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
				continue
			}
		}
		out = append(out, line)
	}
	return []byte(strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n")
}

// blockLines are the lines, from 1, that belong to block texts.
func blockLines(root *yaml.Node, lines int) map[int]bool {
	var begins []int // of all nodes
	var blocks []*yaml.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		begins = append(begins, n.Line)
		if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			blocks = append(blocks, n)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(root)
	slices.Sort(begins)
	fixed := map[int]bool{}
	for _, b := range blocks {
		end := lines + 1 // where no node stands behind it
		if i, _ := slices.BinarySearch(begins, b.Line+1); i < len(begins) {
			end = begins[i]
		}
		for line := b.Line + 1; line < end; line++ {
			fixed[line] = true
		}
	}
	return fixed
}

// orderKeys puts the keys of the states or cases, then those of the file, into the order
// of their declaration.
func orderKeys(file string) func(src []byte, root *yaml.Node) []byte {
	o := flowOrder()
	if IsTestFile(file) {
		o = order{file: keysOf(testspec.FileObject.Fields), list: "cases", part: keysOf(testspec.CaseObject.Fields)}
	}
	return o.apply
}

// order is the order of the keys of a kind of file, and of those of its parts.
type order struct {
	file []string
	list string // key of the parts
	part []string
}

func flowOrder() order {
	l := newLanguage(verbs.All(), steps.All())
	return order{file: keysOf(l.file.Fields), list: "states", part: keysOf(l.state.Fields)}
}

func (o order) apply(src []byte, root *yaml.Node) []byte {
	lines := strings.Split(strings.TrimSuffix(string(src), "\n"), "\n")
	if root.Kind != yaml.MappingNode {
		return src
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		list := root.Content[i+1]
		if root.Content[i].Value != o.list || list.Style&yaml.FlowStyle != 0 {
			continue
		}
		end := len(lines)
		if i+2 < len(root.Content) {
			end = root.Content[i+2].Line - 1
		}
		o.parts(lines, list, end)
	}
	// Comments above the first key are about the file: they stay on top.
	reorder(lines, root, o.file, root.Line-1, len(lines))
	return []byte(strings.Join(lines, "\n") + "\n")
}

// parts orders the keys of each part of a mapping, whose key has a line for itself, or of
// a list. The first key of a part of a list stands behind the dash, so it stays there.
func (o order) parts(lines []string, list *yaml.Node, end int) {
	if list.Kind == yaml.SequenceNode {
		for j, item := range list.Content {
			last := end
			if j+1 < len(list.Content) {
				last = list.Content[j+1].Line - 1
			}
			if inBlock(item) && len(item.Content) > 4 {
				rest := *item
				rest.Content = item.Content[2:]
				reorder(lines, &rest, o.part, rest.Content[0].Line-1, last)
			}
		}
		return
	}
	for j := 0; j+1 < len(list.Content); j += 2 {
		last := end
		if j+2 < len(list.Content) {
			last = list.Content[j+2].Line - 1
		}
		reorder(lines, list.Content[j+1], o.part, list.Content[j].Line, last)
	}
}

// inBlock reports whether n is a mapping with each key on a line of its own.
func inBlock(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0
}

// part is a key with its value and the comments above, as lines.
type part struct {
	rank  int
	lines []string
}

// reorder sorts the parts of a block mapping that lies in lines[first:end] in place.
func reorder(lines []string, n *yaml.Node, keys []string, first, end int) {
	if !inBlock(n) || len(n.Content) < 4 {
		return
	}
	column := n.Content[0].Column - 1
	for end > first && outside(lines[end-1], column) {
		end--
	}
	var begins []int
	for i := 0; i < len(n.Content); i += 2 {
		at := n.Content[i].Line - 1
		floor := first
		if i > 0 {
			floor = begins[len(begins)-1] + 1
		}
		for at > floor && comment(lines[at-1]) == column {
			at--
		}
		if at < floor || at >= end {
			return
		}
		begins = append(begins, at)
	}
	parts := make([]part, len(begins))
	for i, at := range begins {
		stop := end
		if i+1 < len(begins) {
			stop = begins[i+1]
		}
		rank := slices.Index(keys, n.Content[2*i].Value)
		if rank < 0 {
			rank = len(keys)
		}
		parts[i] = part{rank, slices.Clone(lines[at:stop])}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.rank, b.rank) })
	at := begins[0]
	for _, p := range parts {
		at += copy(lines[at:], p.lines)
	}
}

// outside reports whether a line at the end of a mapping belongs to no key of it: an empty
// one, or a comment that is not indented further than the keys are.
func outside(line string, column int) bool {
	at := comment(line)
	return strings.TrimSpace(line) == "" || at >= 0 && at <= column
}

// comment is the column, from 0, of a comment that has the line for itself, or -1.
func comment(line string) int {
	text := strings.TrimLeft(line, " ")
	if !strings.HasPrefix(text, "#") {
		return -1
	}
	return len(line) - len(text)
}
