package schema

import (
	"slices"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	load := func(files map[string]string) map[string]*engine.Closure {
		t.Helper()
		sources := map[string][]byte{}
		for name, text := range files {
			sources[name] = []byte(text)
		}
		set, diags := Load(sources, nil)
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		return set.Closures
	}
	const one = "flow: a\nanswers: [\"+15005550006\"]\nanswer: x\nstates:\n  x: {prompt: Hi., next: y}\n  y: {prompt: Bye., next: hangup}\n"
	before := load(map[string]string{"a.yaml": one, "gone.yaml": "flow: gone\nanswer: x\nstates:\n  x: {prompt: Hi., next: hangup}\n"})
	tests := []struct {
		name, text string
		want       []string
	}{
		{"nothing", one, nil},
		{"a comment", "# Hello\n" + one, []string{"a: only comments or the layout changed"}},
		{"a prompt", "flow: a\nanswer: x\nanswers: [\"+15005550006\"]\nstates:\n  y: {next: hangup, prompt: Bye.}\n  x: {prompt: Hello., next: y}\n",
			[]string{"a: state x: prompt changed"}},
		{"states and a key", "flow: a\nanswers: [\"+15005550007\"]\nanswer: x\nstates:\n  x: {prompt: Hi., next: z}\n  z: {prompt: Bye., next: hangup}\n",
			[]string{"a: answers changed", "a: state x: next changed", "a: state z is new", "a: state y is gone"}},
	}
	for _, tt := range tests {
		got := Changes(before, load(map[string]string{"a.yaml": tt.text, "gone.yaml": "flow: gone\nanswer: x\nstates:\n  x: {prompt: Hi., next: hangup}\n"}))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got, want := Changes(before, load(map[string]string{"a.yaml": one, "b.yaml": "flow: b\nanswer: x\nstates:\n  x: {prompt: Hi., next: hangup}\n"})), []string{"b is new", "gone is gone"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
