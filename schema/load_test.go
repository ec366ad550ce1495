package schema

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/diag"
)

const small = `flow: %s
env: [CALLER_ID]
answers: ["%s"]
defaults: {from: "${env.CALLER_ID}"}
answer: hello
states:
  hello: {prompt: "Hello from ${env.CALLER_ID}.", next: hangup}
`

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{
		"a.yaml":       fmt.Appendf(nil, small, "a", "+15005550001"),
		"sub/b.yml":    fmt.Appendf(nil, small, "b", "${env.CALLER_ID}"),
		"a.test.yaml":  []byte("not: a flow"),
		".hidden.yaml": []byte("["),
		"README.md":    []byte("#"),
	}
	set, list := Load(files, env("CALLER_ID", "+15005550002"))
	if list.Err() != nil {
		t.Fatal(list.Err())
	}
	if len(set.Closures) != 2 || set.Numbers["+15005550001"] != set.Closures["a"] || set.Numbers["+15005550002"] != set.Closures["b"] {
		t.Errorf("got %v", set)
	}
	c := set.Closures["b"]
	if c.Env["CALLER_ID"] != "+15005550002" || c.Flow.File != "sub/b.yml" || len(c.ID) != 32 || c.Flow.Answer.Leg != "caller" {
		t.Errorf("got %+v", c)
	}
}

func TestLoadMissingEnv(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{"a.yaml": fmt.Appendf(nil, small, "a", "+15005550001")}
	for mode, want := range map[EnvMode]string{
		EnvIgnored:  "",
		EnvWarned:   "a.yaml:2:7: warning: the environment variable CALLER_ID has no value [missing-env] (set it, or remove it from the flow)",
		EnvRequired: "a.yaml:2:7: error: the environment variable CALLER_ID has no value [missing-env] (set it, or remove it from the flow)",
	} {
		set, list := NewLoader(Options{MissingEnv: mode}).Load(files)
		got := ""
		for _, d := range list {
			got += d.Error()
		}
		if got != want || (set == nil) != (mode == EnvRequired) {
			t.Errorf("mode %d: got %q and set %v, want %q", mode, got, set != nil, want)
		}
	}
}

func TestLoaderKeepsWhatHasNotChanged(t *testing.T) {
	t.Parallel()
	value := "+15005550002"
	loader := NewLoader(Options{Env: func(string) (string, bool) { return value, true }, MissingEnv: EnvRequired})
	files := map[string][]byte{
		"a.yaml": fmt.Appendf(nil, small, "a", "+15005550001"),
		"b.yaml": fmt.Appendf(nil, small, "b", "+15005550003"),
	}
	first, _ := loader.Load(files)
	files["b.yaml"] = append(files["b.yaml"], "# changed\n"...)
	second, _ := loader.Load(files)
	if first.Closures["a"] != second.Closures["a"] {
		t.Error("the unchanged flow was made anew")
	}
	if first.Closures["b"] == second.Closures["b"] || first.Closures["b"].ID == second.Closures["b"].ID {
		t.Error("the changed flow is the old one")
	}
	good := files["a.yaml"]
	files["a.yaml"] = []byte("flow: a\nstates: [")
	if set, list := loader.Load(files); set != nil || !list.HasErrors() {
		t.Error("a broken file gave a set")
	}
	files["a.yaml"] = good
	third, list := loader.Load(files)
	if list.HasErrors() || third.Closures["a"].ID != first.Closures["a"].ID {
		t.Errorf("mended again: %v", list)
	}
	value = "+15005550009"
	fourth, _ := loader.Load(files)
	if fourth.Closures["a"].Env["CALLER_ID"] != value || fourth.Closures["a"].ID != third.Closures["a"].ID {
		t.Error("the new environment is not in the closure, or changed its id")
	}
	delete(files, "b.yaml")
	if fifth, _ := loader.Load(files); len(fifth.Closures) != 1 {
		t.Error("a removed flow is still there")
	}
}

func TestCompile(t *testing.T) {
	t.Parallel()
	src := strings.Replace(fmt.Sprintf(small, "a", "+15005550001"), "states:", "states:\n  lost: {prompt: Nothing leads here., next: hangup}", 1)
	src = "\xef\xbb\xbf" + strings.Replace(src, "Hello", "Grüße <&>", 1)
	u := NewLoader(Options{}).lang.compileFile("a.yaml", []byte(src), false)
	if u.flow == nil {
		t.Fatal(u.diags)
	}
	c, err := Compile(encodeSource(u, nil), env("CALLER_ID", "+15005550002"))
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != closureID(u, nil) || !bytes.Equal(c.Source, encodeSource(u, nil)) || c.Env["CALLER_ID"] == "" || c.Flow.States["lost"] == nil || c.Flow.File != "a.yaml" {
		t.Errorf("got %+v", c)
	}
	for _, bad := range []string{"", "{}", `{"format":9,"language":1,"files":[{"name":"a","text":""}]}`, `{"format":1,"language":1,"files":[{"name":"a","text":"flow: ["}]}`} {
		if _, err := Compile([]byte(bad), nil); err == nil {
			t.Errorf("%q compiles", bad)
		}
	}
}

func TestClosureID(t *testing.T) {
	t.Parallel()
	l := NewLoader(Options{})
	a, b := fmt.Appendf(nil, small, "a", "+15005550001"), fmt.Appendf(nil, small, "b", "+15005550001")
	one, moved, other := l.lang.compileFile("x.yaml", a, true), l.lang.compileFile("y.yaml", a, true), l.lang.compileFile("x.yaml", b, true)
	if closureID(one, nil) != closureID(moved, nil) || closureID(one, nil) == closureID(other, nil) {
		t.Errorf("ids %s %s %s", closureID(one, nil), closureID(moved, nil), closureID(other, nil))
	}
}

func TestFileTooLarge(t *testing.T) {
	t.Parallel()
	_, list := Load(map[string][]byte{"a.yaml": bytes.Repeat([]byte("# comment\n"), maxFile/10+1)}, nil)
	if len(list) != 1 || list[0].Code != "file-too-large" || list[0].Pos != (diag.Pos{File: "a.yaml", Line: 1, Column: 1}) {
		t.Errorf("got %v", list)
	}
}

func TestIsFlowFile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a.yaml": true, "x/a.yml": true, `x\a.yaml`: true, "a.test.yaml": false, ".a.yaml": false, ".yaml": false, "a.yaml~": false, "a.json": false,
	} {
		if IsFlowFile(name) != want {
			t.Errorf("IsFlowFile(%q) is %v", name, !want)
		}
	}
}

// manyFlows makes flows of 100 lines each.
func manyFlows(n int) map[string][]byte {
	files := make(map[string][]byte, n)
	for i := range n {
		var b bytes.Buffer
		fmt.Fprintf(&b, "flow: flow-%d\nenv: [API, CALLER_ID]\nanswers: [\"+1500%07d\"]\nvars: {tries: 0, name: \"\"}\ndefaults: {from: \"${env.CALLER_ID}\"}\nanswer: s0\nstates:\n", i, i)
		for s := range 13 {
			fmt.Fprintf(&b, `  s%d:
    prompt: "Hello ${leg.from}, this is state %d. Press 1 for more."
    gather: {choices: {1: s%d, 2: s0}, tries: 3, sorry: "Again, ${vars.name}."}
    on:
      no-input: [{set: {tries: "${vars.tries + 1}"}}, {goto: s0, if: vars.tries < 3}]
      hung-up: [{log: "gone after ${event.duration}"}]
    next: hangup
`, s, s, (s+1)%13)
		}
		files[fmt.Sprintf("flow-%04d.yaml", i)] = b.Bytes()
	}
	return files
}

func BenchmarkLoad1000(b *testing.B) {
	files := manyFlows(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, list := Load(files, nil); list.HasErrors() {
			b.Fatal(list[0])
		}
	}
}

func BenchmarkReload1Of1000(b *testing.B) {
	files := manyFlows(1000)
	loader := NewLoader(Options{})
	loader.Load(files)
	original := files["flow-0500.yaml"]
	i := 0
	for b.Loop() {
		i++
		files["flow-0500.yaml"] = fmt.Appendf(bytes.Clone(original), "# %d\n", i)
		if _, list := loader.Load(files); list.HasErrors() {
			b.Fatal(list[0])
		}
	}
}
