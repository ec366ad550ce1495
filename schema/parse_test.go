package schema

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// TestTextPlaces finds the place of the marker X in texts of every style.
func TestTextPlaces(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src string
		text      string
		line, col int
	}{
		{"plain", "a: some X", "some X", 1, 9},
		{"plain after runes", "größe: ünï X", "ünï X", 1, 12},
		{"plain with anchor", "a: &n  some X", "some X", 1, 13},
		{"plain over lines", "a: one\n   two\n    X three", "one two X three", 3, 5},
		{"plain with an empty line", "a: one\n\n  X", "one\nX", 3, 3},
		{"single quotes", "a: 'one X'", "one X", 1, 9},
		{"single with a quote", "a: 'it''s X'", "it's X", 1, 11},
		{"single over lines", "a: 'one\n  two X'", "one two X", 2, 7},
		{"double quotes", `a: "one X"`, "one X", 1, 9},
		{"double with escapes", `a: "\t\x41\u00e4\U0001F600 X"`, "\tAä😀 X", 1, 28},
		{"double over lines", "a: \"one\n  two\\\n  three X\"", "one twothree X", 3, 9},
		{"double with a tab at the end", "a: \"one\\t\n  X\"", "one\t X", 2, 3},
		{"literal", "a: |\n  one\n  two X\n", "one\ntwo X\n", 3, 7},
		{"literal with indentation", "a: |\n  one\n    X\n", "one\n  X\n", 3, 5},
		{"literal with a digit", "a: |1\n  one\n X\n", " one\nX\n", 3, 2},
		{"literal after blank lines", "a: |\n\n\n  X\n", "\n\nX\n", 4, 3},
		{"folded", "a: >-\n  one\n  two\n\n  X", "one two\nX", 5, 3},
		{"in a list", "- - X", "X", 1, 5},
		{"in flow style", "{a: {b: [one, X]}}", "X", 1, 15},
		{"windows lines", "a: |\r\n  one\r\n  X\r\n", "one\nX\n", 3, 3},
		{"byte order mark", "\ufeffa: X", "X", 1, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root, list := Parse("f", []byte(tt.src))
			if len(list) > 0 {
				t.Fatal(list)
			}
			n := marked(root)
			if n == nil {
				t.Fatal("no text has the marker")
			}
			if n.Text != tt.text {
				t.Errorf("text %q, want %q", n.Text, tt.text)
			}
			offset := utf8.RuneCountInString(n.Text[:strings.IndexByte(n.Text, 'X')])
			if got := n.At(offset); got != (diag.Pos{File: "f", Line: tt.line, Column: tt.col}) {
				t.Errorf("X is at %v, want %d:%d", got, tt.line, tt.col)
			}
		})
	}
}

// marked finds the text with an X.
func marked(n *spec.Node) *spec.Node {
	if n.Kind == spec.Scalar && strings.Contains(n.Text, "X") {
		return n
	}
	for _, e := range n.Entries {
		if m := marked(e.Value); m != nil {
			return m
		}
	}
	for _, i := range n.Items {
		if m := marked(i); m != nil {
			return m
		}
	}
	return nil
}

func TestScalarsAreTheirText(t *testing.T) {
	t.Parallel()
	src := "[no, 0123, +1555, 1.50, 0x1F, 2026-12-25, 09:30, TRUE, 1e3, \"\", .5, on]"
	root, list := Parse("f", []byte(src))
	if len(list) > 0 {
		t.Fatal(list)
	}
	var got []string
	for _, i := range root.Items {
		got = append(got, i.Text)
	}
	if want := "no 0123 +1555 1.50 0x1F 2026-12-25 09:30 TRUE 1e3  .5 on"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, " "), want)
	}
}

func TestAliasesStandForTheirValue(t *testing.T) {
	t.Parallel()
	root, list := Parse("f", []byte("a: &x {b: [1, 2]}\nc: *x\n"))
	if len(list) > 0 {
		t.Fatal(list)
	}
	if n := root.Get("c").Get("b"); n == nil || len(n.Items) != 2 {
		t.Errorf("got %+v", n)
	}
}

// FuzzFlowFile: whatever a file holds, nothing panics and every place is in the file.
func FuzzFlowFile(f *testing.F) {
	for _, dir := range []string{"testdata/ok/*.yaml", "testdata/err/*.yaml", "testdata/err/*/*.yaml", "../flows/*.yaml"} {
		names, err := filepath.Glob(dir)
		if err != nil {
			f.Fatal(err)
		}
		for _, n := range names {
			src, err := os.ReadFile(n)
			if err != nil {
				f.Fatal(err)
			}
			if len(src) < 8<<10 {
				f.Add(src)
			}
		}
	}
	loader := NewLoader(Options{})
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 16<<10 {
			t.Skip()
		}
		u := loader.lang.compileFile("f.yaml", src, true)
		wellPlaced(t, u.diags, "f.yaml", src)
		if (u.flow == nil) != u.diags.HasErrors() {
			t.Fatalf("flow %v beside %v", u.flow != nil, u.diags)
		}
		if u.flow != nil {
			if _, err := Compile(encodeSource(u, nil), nil); err != nil {
				t.Fatal(err)
			}
		}
		// The same as what flows share.
		const sharing = "flow: x\nanswer: a\nlanguages: {en: {language: en-US}}\nstates: {a: {prompt: {say: {en: Hello.}}, next: hangup}}\n"
		from := loader.lang.readShared("s.yaml", src)
		wellPlaced(t, from.diags, "s.yaml", src)
		u = loader.lang.read("f.yaml", []byte(sharing), from).compile(nil, true)
		wellPlaced(t, slices.DeleteFunc(slices.Clone(u.diags), func(d diag.Diagnostic) bool { return d.Pos.File == "f.yaml" }), "s.yaml", src)
	})
}

// wellPlaced fails where a problem says nothing, or stands outside of the file.
func wellPlaced(t *testing.T, list diag.List, file string, src []byte) {
	t.Helper()
	lines := strings.Split(strings.TrimPrefix(string(src), "\ufeff"), "\n")
	for _, d := range list {
		if d.Pos.File != file || d.Pos.Line < 1 || d.Pos.Line > len(lines) {
			t.Fatalf("%s is not in the file of %d lines", d.Error(), len(lines))
		}
		if width := len([]rune(lines[d.Pos.Line-1])); d.Pos.Column < 1 || d.Pos.Column > width+1 {
			t.Fatalf("%s is not in its line of %d runes", d.Error(), width)
		}
		if d.Code == "" || d.Message == "" {
			t.Fatalf("%#v says nothing", d)
		}
	}
}
