package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, name := range fixtures(t, "testdata/fmt") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".out", formatted(t, name, src))
		})
	}
}

// formatted formats a file and checks what must hold for any.
func formatted(t testing.TB, name string, src []byte) []byte {
	t.Helper()
	before, _ := Parse(name, src)
	out, diags := Format(name, src)
	if out == nil {
		t.Fatal(diags.Err())
	}
	after, diags := Parse(name, out)
	if after == nil || diags.HasErrors() || !sameMeaning(before, after) {
		t.Fatalf("the meaning has changed: %v\n%s", diags.Err(), out)
	}
	if again, _ := Format(name, out); !bytes.Equal(again, out) {
		t.Errorf("the second run gives another text:\n%s\n---\n%s", out, again)
	}
	if a, b := bytes.Count(src, []byte("#")), bytes.Count(out, []byte("#")); a != b {
		t.Errorf("%d of %d comment signs are left", b, a)
	}
	return out
}

// TestFormatKeepsFlows formats what is there: every shipped flow and every clean fixture.
func TestFormatKeepsFlows(t *testing.T) {
	t.Parallel()
	shipped, err := filepath.Glob("../flows/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	clean, err := filepath.Glob("testdata/ok/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(shipped, clean...) {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		formatted(t, name, src)
	}
}

func TestFormatRefusesBrokenFiles(t *testing.T) {
	t.Parallel()
	out, diags := Format("x.yaml", []byte("flow: x\nstates:\n  a: {dial: {to: a #b}}\n"))
	if out != nil || !diags.HasErrors() {
		t.Fatalf("got %q, %v", out, diags)
	}
	if text := diags.Err().Error(); !strings.Contains(text, "quote") {
		t.Errorf("the cause is not named: %s", text)
	}
}

// TestFormatQuotes: texts that YAML does not take without quotes get them.
func TestFormatQuotes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a: {dial: {to: ${env.A}, timeout: 5s}}":               `a: {dial: {to: "${env.A}", timeout: 5s}}`,
		"a: [${a}, x, +1${b}]":                                 `a: ["${a}", x, "+1${b}"]`,
		"a: {b: ${x ? {a: 1}.a : 2} or so, c: d}":              `a: {b: "${x ? {a: 1}.a : 2} or so", c: d}`,
		`a: {b: Say "${x}", c: d}`:                             `a: {b: 'Say "${x}"', c: d}`,
		"a: {b: ${x == 'it''s, so'} it's, c: d}":               `a: {b: "${x == 'it''s, so'} it's", c: d}`,
		"a: {sorry: Pardon?, again: Yes?}":                     `a: {sorry: "Pardon?", again: "Yes?"}`,
		"prompt: Dear caller: hello":                           `prompt: "Dear caller: hello"`,
		"prompt: Dear caller: hello  # for all":                `prompt: "Dear caller: hello"  # for all`,
		"- prompt: Dear caller: hello":                         `- prompt: "Dear caller: hello"`,
		"to: @ann":                                             `to: "@ann"`,
		"a: [@ann, `x`, %y]":                                   "a: [\"@ann\", \"`x`\", \"%y\"]",
		"a: {b: ${x}}\nc: {d: ${y}, e: [${z}]}\nf: all: right": "a: {b: \"${x}\"}\nc: {d: \"${y}\", e: [\"${z}\"]}\nf: \"all: right\"",
	} {
		out, diags := Format("x.yaml", []byte(in))
		if string(out) != want+"\n" {
			t.Errorf("%s becomes %s, want %s: %v", in, out, want, diags)
			continue
		}
		if again, _ := Format("x.yaml", out); !bytes.Equal(again, out) {
			t.Errorf("the second run gives another text: %s", again)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte("# head\nstates:\n  a:\n    next: hangup\n\n\n    # what is heard\n    prompt: |\n      x  \n\n\n      y\n# end\nflow: x  \r\n"))
	f.Add([]byte("states: {a: {next: b, prompt: x}}\nflow: &a x\ndescription: *a\n"))
	f.Add([]byte("0: 0\r\r1: 00"))
	f.Fuzz(func(t *testing.T, src []byte) {
		before, diags := Parse("x.yaml", src)
		out, _ := Format("x.yaml", src)
		if before == nil || diags.HasErrors() {
			return
		}
		after, diags := Parse("x.yaml", out)
		if after == nil || diags.HasErrors() || !sameMeaning(before, after) {
			t.Fatalf("the meaning of %q has changed: %q", src, out)
		}
	})
}
