package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	clean = "flow: clean\nanswer: hello\nstates:\n  hello: {prompt: Hi., next: hangup}\n"
	wrong = "flow: wrong\nanswer: helo\nstates:\n  hello: {prompt: Hi., next: hangup}\n"
	warns = "flow: warns\nenv: [RINGDOWN_NO_SUCH]\nanswer: hello\nstates:\n  hello: {prompt: Hi., next: hangup}\n"
	uses  = "flow: uses\nenv: [GREETING]\nanswer: hello\nstates:\n  hello: {prompt: \"${env.GREETING}\", next: hangup}\n"
)

// folder makes a folder with these files: name, content, name, content ...
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i+1 < len(files); i += 2 {
		path := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run runs the command line and gives its exit code and what it wrote.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	return code, out.String(), errs.String()
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good, bad := folder(t, "a.yaml", clean, "a.test.yaml", "flow: clean\ncases: [{name: a call}]\n"), folder(t, "a.yaml", clean, "sub/b.yaml", wrong, ".git/c.yaml", "[")
	warning, needsEnv, empty := folder(t, "a.yaml", warns), folder(t, "a.yaml", uses), folder(t, "README.md", "")
	runs := folder(t, "sub.yaml", clean, "bad.yaml", wrong,
		"main.yaml", "flow: main\nanswer: a\nstates:\n  a: {run: {flow: clean}, next: hangup}\n",
		"lost.yaml", "flow: lost\nanswer: a\nstates:\n  a: {run: {flow: nowhere}, next: hangup}\n")
	const greets = "flow: greets\nanswer: a\nstates:\n  a: {prompt: \"${env.GREETING}\", next: hangup}\n"
	shares := folder(t, "shared.yaml", "env: [GREETING, UNREAD]\n", "a.yaml", greets, "sub/b.yaml", strings.ReplaceAll(greets, "greets", "below"))
	sharesWrong := folder(t, "shared.yaml", "env: [GREETING]\nstates: {}\n", "a.yaml", greets, "misnamed/shared.yml", "env: []\n")
	tests := []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string // parts of it
	}{
		{"what flows share", []string{shares}, 0, "shared.yaml:1:17: warning: no flow reads the environment variable UNREAD [unused]\n    1 | env:", "2 flow files, 0 errors, 1 warning\n"},
		{"the shared file", []string{filepath.Join(shares, "shared.yaml")}, 0, "UNREAD [unused]", "0 flow files, 0 errors, 1 warning\n"},
		{"a file that shares", []string{filepath.Join(shares, "a.yaml")}, 0, "", "1 flow file, 0 errors, 0 warnings\n"},
		{"a file that shares what is above", []string{filepath.Join(shares, "sub", "b.yaml")}, 0, "", "1 flow file, 0 errors, 0 warnings\n"},
		{"a folder that shares what is above", []string{filepath.Join(shares, "sub")}, 0, "", "1 flow file, 0 errors, 0 warnings\n"},
		{"a file that shares what is wrong", []string{filepath.Join(sharesWrong, "a.yaml")}, 1, "shared.yaml:2:1: error: the shared file has no key \"states\" [unknown-key]\n    2 | states: {}\n", "1 flow file, 1 error"},
		{"a misnamed shared file", []string{sharesWrong}, 1, "shared.yml:1:1: error: the file that flows share is called shared.yaml [shared-name]", "1 flow file, 2 errors"},
		{"clean", []string{good}, 0, "", "1 flow file, 1 test file, 0 errors, 0 warnings\n"},
		{"problems", []string{bad}, 1, "b.yaml:2:9: error: there is no state \"helo\" [unknown-state]\n    2 | answer: helo\n      |         ^\n  hint: did you mean hello?\n", "2 flow files, 1 error, 0 warnings\n"},
		{"a file", []string{filepath.Join(bad, "a.yaml")}, 0, "", "1 flow file, 0"},
		{"a file that runs the one beside it", []string{filepath.Join(runs, "main.yaml")}, 0, "", "1 flow file, 0"},
		{"a file that runs one that is not there", []string{filepath.Join(runs, "lost.yaml")}, 1, "[unknown-flow]", "1 flow file, 1 error"},
		{"warnings pass", []string{warning}, 0, "[unused]", "0 errors, 1 warning\n"},
		{"strict", []string{"--strict", warning}, 1, "[unused]", "1 warning"},
		{"strict and clean", []string{"--strict", good}, 0, "", ""},
		{"environment is ignored", []string{"--strict", needsEnv}, 0, "", ""},
		{"environment", []string{"--env", needsEnv}, 0, "[missing-env]", "1 warning"},
		{"one set", []string{filepath.Join(good, "a.yaml"), filepath.Join(bad, "a.yaml")}, 1, "[duplicate-flow]", ""},
		{"no such path", []string{filepath.Join(good, "nowhere"), bad}, 3, "[unknown-state]", "nowhere"},
		{"no flows", []string{empty}, 3, "", "the folder holds no flow files"},
		{"no flow file", []string{filepath.Join(empty, "README.md")}, 3, "", "a flow file is called NAME.yaml"},
		{"unknown flag", []string{"--strickt", good}, 2, "", "unknown flag: --strickt\nRun 'ringdown validate --help' for usage.\n"},
		{"unknown format", []string{"--format", "xml", good}, 2, "", "text, json, github, sarif"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(t, append([]string{"validate"}, tt.args...)...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit code %d, want %d; stdout:\n%s\nstderr:\n%s", code, tt.code, stdout, stderr)
			}
			if tt.stdout == "" && stdout != "" {
				t.Errorf("stdout is %q", stdout)
			}
		})
	}
}

func TestValidateJSON(t *testing.T) {
	t.Parallel()
	code, stdout, _ := run(t, "validate", "--format", "json", folder(t, "a.yaml", wrong))
	var list []struct {
		File, Severity, Code, Message, Hint string
		Line, Column                        int
	}
	if err := json.Unmarshal([]byte(stdout), &list); err != nil {
		t.Fatal(err)
	}
	if code != 1 || len(list) != 1 || list[0].Code != "unknown-state" || list[0].Line != 2 || list[0].Column != 9 || list[0].Severity != "error" {
		t.Errorf("exit code %d, %+v", code, list)
	}
	if _, stdout, _ = run(t, "validate", "--format", "json", folder(t, "a.yaml", clean)); stdout != "[]\n" {
		t.Errorf("clean files give %q", stdout)
	}
}

func TestSchemaCommand(t *testing.T) {
	t.Parallel()
	for file, args := range map[string][]string{"flow.schema.json": {"schema"}, "shared.schema.json": {"schema", "--shared"}} {
		code, stdout, stderr := run(t, args...)
		want, err := os.ReadFile("../../schema/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if code != 0 || stdout != string(want) || stderr != "" {
			t.Errorf("exit code %d, stderr %q; schema/%s is another one: %v", code, stderr, file, stdout != string(want))
		}
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{nil, 0, "ringdown validate", ""},
		{[]string{"--help"}, 0, "Available Commands", ""},
		{[]string{"help", "validate"}, 0, "Exit codes", ""},
		{[]string{"validate", "--help"}, 0, "--strict", ""},
		{[]string{"help", "nothing"}, 2, "", "there is no command"},
		{[]string{"valdate"}, 2, "", "unknown command"},
		{[]string{"schema", "extra"}, 2, "", "unknown command \"extra\""},
	}
	for _, tt := range tests {
		code, stdout, stderr := run(t, tt.args...)
		if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%v: exit code %d, want %d; stdout:\n%s\nstderr:\n%s", tt.args, code, tt.code, stdout, stderr)
		}
	}
}

// TestShippedFlowsAreClean keeps the flows of the repository without a warning.
func TestShippedFlowsAreClean(t *testing.T) {
	t.Parallel()
	if code, stdout, _ := run(t, "validate", "--strict", "../../flows"); code != 0 {
		t.Error(stdout)
	}
}
