package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTest calls `test` in all ways: what it says, and how it exits.
func TestTest(t *testing.T) {
	t.Parallel()
	const flow = "flow: a\nanswers: [\"+15005550006\"]\nanswer: hello\nstates:\n  hello: {prompt: Hello., gather: {choices: {1: bye}}, next: hangup}\n  bye: {prompt: Bye., next: hangup}\n"
	const good = "flow: a\ncases:\n  - name: is greeted\n    script: [{caller hears: Hello.}]\n    expect: {took: 5s to 6s}\n"
	holds := folder(t, "a.yaml", flow, "a.test.yaml", good)
	fails := folder(t, "a.yaml", flow, "a.test.yaml", strings.Replace(good, "Hello.", "Good day", 1))
	broken := folder(t, "a.yaml", flow, "a.test.yaml", strings.Replace(good, "caller hears", "caller heard", 1))
	brokenFlow := folder(t, "a.yaml", strings.Replace(flow, "1: bye", "1: by", 1), "a.test.yaml", good)
	none, pictures := folder(t, "a.yaml", flow), t.TempDir()
	tests := []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string // parts of it
	}{
		{"holds", []string{holds}, 0, "1 case of 1 flow: all hold.", ""},
		{"the test file", []string{filepath.Join(holds, "a.test.yaml")}, 0, "all hold", ""},
		{"the flow", []string{filepath.Join(holds, "a.yaml")}, 0, "all hold", ""},
		{"under faults", []string{"--faults", "2", holds}, 0, "all hold", ""},
		{"fails", []string{fails}, 1, `caller never hears "Good day"`, ""},
		{"a pattern", []string{"--run", "a/is", holds}, 0, "1 case", ""},
		{"a pattern that fits none", []string{"--run", "nothing", holds}, 1, "", `no case fits --run "nothing"`},
		{"covered", []string{"--cover", holds}, 0, "a.yaml:6:3: not tested: state bye", ""},
		{"too little covered", []string{"--cover-min", "90", "--cover-graph", pictures, holds}, 1, "not tested", "of the flow a were taken, less than 90 %"},
		{"for programs", []string{"--format", "json", holds}, 0, `"failed": 0`, ""},
		{"for CI", []string{"--format", "junit", fails}, 1, `failures="1"`, ""},
		{"a broken test", []string{broken}, 1, "", "a.test.yaml:4:15: error: \"caller heard\" is no sentence of a script [sentence]"},
		{"a broken flow", []string{brokenFlow}, 1, "", "there is no state \"by\""},
		{"no tests", []string{none}, 3, "", "the folder holds no tests"},
		{"a flow without tests", []string{filepath.Join(none, "a.yaml")}, 3, "", "has no tests: there is no"},
		{"no such path", []string{filepath.Join(none, "nowhere")}, 3, "", "nowhere"},
		{"another file", []string{os.Args[0]}, 3, "", "a test file is called NAME.test.yaml"},
		{"unknown format", []string{"--format", "xml", holds}, 2, "", "text, json, junit"},
		{"a bad pattern", []string{"--run", "(", holds}, 2, "", "--run"},
		{"a bad percentage", []string{"--cover-min", "101", holds}, 2, "", "from 0 to 100"},
		{"a bad picture", []string{"--graph-format", "png", holds}, 2, "", "mermaid, dot, svg"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t, append([]string{"test"}, tt.args...)...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit code %d, want %d; stdout:\n%s\nstderr:\n%s", code, tt.code, stdout, stderr)
			}
		})
	}
	t.Cleanup(func() {
		if svg, err := os.ReadFile(filepath.Join(pictures, "a.svg")); err != nil || !strings.Contains(string(svg), "<svg") {
			t.Errorf("no picture: %v", err)
		}
	})
}

// TestTestUpdate: what does not hold is rewritten, and holds then.
func TestTestUpdate(t *testing.T) {
	t.Parallel()
	dir := folder(t, "a.yaml", "flow: a\nanswers: [\"+15005550006\"]\nanswer: hello\nstates:\n  hello: {prompt: Hello., next: hangup}\n",
		"a.test.yaml", "flow: a\ncases:\n  - name: is greeted\n    expect: {states: {caller: [hello, bye]}} # why\n")
	if code, _, stderr := run(t, "test", "--update", dir); code != 0 || !strings.Contains(stderr, "a.test.yaml: rewritten") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	text, err := os.ReadFile(filepath.Join(dir, "a.test.yaml"))
	if err != nil || !strings.Contains(string(text), "{caller: [hello]}} # why") {
		t.Errorf("%v %s", err, text)
	}
	if code, stdout, _ := run(t, "test", dir); code != 0 {
		t.Errorf("exit code %d, %s", code, stdout)
	}
}
