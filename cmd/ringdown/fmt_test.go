package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFmt(t *testing.T) {
	t.Parallel()
	const ugly, tidy = "states:\n  a: {prompt: Hi., next: hangup}  \nflow: x\n", "flow: x\nstates:\n  a: {prompt: Hi., next: hangup}\n"
	dir := t.TempDir()
	file := filepath.Join(dir, "x.yaml")
	if err := os.WriteFile(file, []byte(ugly), 0o640); err != nil {
		t.Fatal(err)
	}
	run := func(in string, args ...string) (int, string) {
		var out, errs bytes.Buffer
		code := Main(context.Background(), append([]string{"fmt"}, args...), Streams{In: strings.NewReader(in), Out: &out, Err: &errs})
		return code, out.String()
	}
	if code, out := run("", "--check", dir); code != 1 || !strings.Contains(out, "x.yaml") {
		t.Errorf("check: exit code %d, %q", code, out)
	}
	if have, _ := os.ReadFile(file); string(have) != ugly {
		t.Error("--check has changed the file")
	}
	if code, out := run("", dir); code != 0 || !strings.Contains(out, "x.yaml") {
		t.Errorf("exit code %d, %q", code, out)
	}
	if have, _ := os.ReadFile(file); string(have) != tidy {
		t.Errorf("the file is %q", have)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if code, out := run("", "--check", dir); code != 0 || out != "" {
		t.Errorf("a tidy file: exit code %d, %q", code, out)
	}
	if code, out := run(ugly, "-"); code != 0 || out != tidy {
		t.Errorf("stdin: exit code %d, %q", code, out)
	}
	for want, args := range map[int][]string{2: {"-", dir}, 3: {filepath.Join(dir, "none.yaml")}} {
		if code, _ := run("", args...); code != want {
			t.Errorf("%v: exit code %d, want %d", args, code, want)
		}
	}
	shared := filepath.Join(dir, "shared.yaml")
	if err := os.WriteFile(shared, []byte("defaults:\n  voice: alice\n# whom we call from\nenv: [X]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := run("", dir); code != 0 || !strings.Contains(out, "shared.yaml") {
		t.Errorf("what flows share: exit code %d, %q", code, out)
	}
	if have, _ := os.ReadFile(shared); string(have) != "# whom we call from\nenv: [X]\ndefaults:\n  voice: alice\n" {
		t.Errorf("what flows share is %q", have)
	}
	if code, _ := run("flow: [", "-"); code != 1 {
		t.Errorf("a broken file: exit code %d", code)
	}
}
