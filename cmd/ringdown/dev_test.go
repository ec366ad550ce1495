package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func runDev(ctx context.Context, in io.Reader, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Main(ctx, append([]string{"dev", "--listen", "127.0.0.1:0", "--pace", "100"}, args...), Streams{In: in, Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// TestDevScript plays the README's first example from a pipe.
func TestDevScript(t *testing.T) {
	t.Parallel()
	shipped := filepath.Join("..", "..", "flows")
	tests := []struct {
		name, script string
		code         int
		want         []string
	}{
		{"a call", "call menu\n1\nanswer\nexpect sales answers\nhangup\n", exitOK,
			[]string{"call hold-loop", "> call menu", "you> 1", "hears: Welcome", "sales        rings", "menu has ended: completed"}},
		{"the end of the pipe hangs up", "call menu\nexpect Welcome", exitOK, []string{"menu has ended: completed"}},
		{"quit", "quit\ncall menu\n", exitOK, []string{"> quit"}},
		{"a mistake fails", "call nothing\nflows\n", exitProblems, []string{"! there is no flow", "> flows"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := runDev(t.Context(), strings.NewReader(tt.script), shipped)
			if code != tt.code || errs != "" {
				t.Errorf("exit code %d, want %d; %s", code, tt.code, errs)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q was not written:\n%s", want, out)
				}
			}
			if strings.Contains(out, "\x1b") {
				t.Error("there are colours where no terminal is")
			}
		})
	}
}

// TestDevInterrupted: an interrupt ends it at once, also while it waits for input.
func TestDevInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	in, w := io.Pipe()
	defer w.Close()
	if code, _, errs := runDev(ctx, in, filepath.Join("..", "..", "flows")); code != exitOK || errs != "" {
		t.Errorf("exit code %d; %s", code, errs)
	}
}

func TestDevRefuses(t *testing.T) {
	t.Parallel()
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.yaml"), []byte("flow: a\nanswer: nowhere\nstates:\n  x: {prompt: Hi., next: hangup}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args []string
		code int
		want string
	}{
		{[]string{broken}, exitProblems, filepath.Join(broken, "a.yaml") + ":2:9: error"},
		{[]string{filepath.Join(broken, "none")}, exitRead, "none"},
		{[]string{"--pace", "0", broken}, exitUsage, "--pace and --speed are above 0"},
		{[]string{"--listen", "nonsense", broken}, exitProblems, "must be like 127.0.0.1:8080"},
		{[]string{"a", "b"}, exitUsage, "at most 1"},
	}
	for _, tt := range tests {
		code, _, errs := runDev(t.Context(), strings.NewReader(""), tt.args...)
		if code != tt.code || !strings.Contains(errs, tt.want) {
			t.Errorf("%q: exit code %d, want %d; %q, want %q", tt.args, code, tt.code, errs, tt.want)
		}
	}
}
