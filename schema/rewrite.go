package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// Edit gives a value of a file another content. Node is the value as Parse gave it.
type Edit struct {
	Node *spec.Node
	Want *spec.Node
}

// Rewrite makes edits in the text of a file. All else stays as it is written, comments and
// layout too; of a value only what differs is changed. The error says why a value cannot
// be rewritten; nothing is changed then.
func Rewrite(file string, src []byte, edits []Edit) ([]byte, error) {
	w := &rewriter{text: []rune(string(src))}
	w.lines = append(w.lines, 0)
	for i, r := range w.text {
		if r == '\n' {
			w.lines = append(w.lines, i+1)
		}
	}
	for _, e := range edits {
		if err := w.edit(e.Node, e.Want); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(w.patches, func(a, b patch) int { return cmp.Compare(b.from, a.from) })
	out := w.text
	for _, p := range w.patches {
		out = slices.Concat(out[:p.from], []rune(p.text), out[p.to:])
	}
	if root, diags := Parse(file, []byte(string(out))); root == nil || diags.HasErrors() {
		return nil, fmt.Errorf("%s cannot be rewritten: %w", file, diags.Err())
	}
	return []byte(string(out)), nil
}

type rewriter struct {
	text    []rune
	lines   []int // where each line begins
	patches []patch
}

// patch replaces text[from:to].
type patch struct {
	from, to int
	text     string
}

func (w *rewriter) at(p diag.Pos) int { return w.lines[p.Line-1] + p.Column - 1 }

// edit changes what differs between a value and the wanted one.
func (w *rewriter) edit(n, want *spec.Node) error {
	switch {
	case sameMeaning(n, want):
		return nil
	case n.Kind == spec.Sequence && want.Kind == spec.Sequence && len(n.Items) == len(want.Items):
		for i := range n.Items {
			if err := w.edit(n.Items[i], want.Items[i]); err != nil {
				return err
			}
		}
		return nil
	case n.Kind == spec.Mapping && want.Kind == spec.Mapping && slices.Equal(n.Keys(), want.Keys()):
		for i := range n.Entries {
			if err := w.edit(n.Entries[i].Value, want.Entries[i].Value); err != nil {
				return err
			}
		}
		return nil
	}
	return w.replace(n, want)
}

// replace writes the wanted value in the place of the other one.
func (w *rewriter) replace(n, want *spec.Node) error {
	from := w.at(n.Pos)
	switch {
	case n.Kind == spec.Scalar && n.Quoted:
		w.patches = append(w.patches, patch{from, w.unquoted(w.at(n.TextPos)), inFlow(want)})
		return nil
	case n.Kind == spec.Scalar && n.Place == nil && !n.Block:
		w.patches = append(w.patches, patch{from, w.at(n.TextPos) + len([]rune(n.Text)), inFlow(want)})
		return nil
	case n.Kind != spec.Scalar && (w.text[from] == '[' || w.text[from] == '{'):
		to, ok := w.closing(from)
		if !ok {
			break
		}
		w.patches = append(w.patches, patch{from, to, inFlow(want)})
		return nil
	case n.Kind == spec.Sequence && want.Kind == spec.Sequence:
		return w.replaceBlock(n, want)
	}
	return fmt.Errorf("%s: a value that is written so cannot be rewritten; change it by hand to %s", n.Pos, inFlow(want))
}

// unquoted finds the end of a text whose first rune behind the quote is at begin.
func (w *rewriter) unquoted(begin int) int {
	quote := w.text[begin-1]
	for i := begin; i < len(w.text); i++ {
		switch {
		case quote == '"' && w.text[i] == '\\', quote == '\'' && w.text[i] == quote && i+1 < len(w.text) && w.text[i+1] == quote:
			i++
		case w.text[i] == quote:
			return i + 1
		}
	}
	return len(w.text)
}

// closing finds the end of a list or mapping in brackets.
func (w *rewriter) closing(from int) (int, bool) {
	depth, quote := 0, rune(0)
	for i := from; i < len(w.text); i++ {
		r := w.text[i]
		switch {
		case quote != 0:
			if r == '\\' && quote == '"' {
				i++
			} else if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'' && strings.ContainsRune("[{, :", w.text[i-1]):
			quote = r
		case r == '#' && (w.text[i-1] == ' ' || w.text[i-1] == '\n'):
			for i < len(w.text) && w.text[i] != '\n' {
				i++
			}
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
	}
	return 0, false
}

// replaceBlock writes a list with an entry on each line. Comments between the entries
// stand above them afterwards.
func (w *rewriter) replaceBlock(n, want *spec.Node) error {
	last := lastLine(n)
	begin, end := w.lines[n.Pos.Line-1], len(w.text)
	if last < len(w.lines) {
		end = w.lines[last]
	}
	indent := strings.Repeat(" ", n.Pos.Column-1)
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(string(w.text[begin:end]), "\n"), "\n") {
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "#") {
			b.WriteString(indent + text + "\n")
		}
	}
	for _, item := range want.Items {
		b.WriteString(indent + "- " + inFlow(item) + "\n")
	}
	w.patches = append(w.patches, patch{begin, end, b.String()})
	return nil
}

// lastLine is the last line on which something of a value begins.
func lastLine(n *spec.Node) int {
	last := n.Pos.Line
	for _, item := range n.Items {
		last = max(last, lastLine(item))
	}
	for _, e := range n.Entries {
		last = max(last, lastLine(e.Value))
	}
	return last
}

// inFlow writes a value on one line.
func inFlow(n *spec.Node) string {
	var parts []string
	switch n.Kind {
	case spec.Sequence:
		for _, item := range n.Items {
			parts = append(parts, inFlow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case spec.Mapping:
		for _, e := range n.Entries {
			parts = append(parts, inFlow(e.Key)+": "+inFlow(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return Quoted(n.Text)
}

// plainText needs no quotes, wherever it stands.
var plainText = regexp.MustCompile(`^[A-Za-z0-9/*]([A-Za-z0-9 _./*'!?-]*[A-Za-z0-9_/*!?.])?$`)

// Quoted writes a text as a value of YAML, in quotes where it needs them.
func Quoted(text string) string {
	if plainText.MatchString(text) && !strings.HasPrefix(text, "*") && !slices.Contains([]string{"null", "Null", "NULL"}, text) {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text) + `"`
}
