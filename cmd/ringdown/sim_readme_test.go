package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nodeModules is the environment variable that names a node_modules folder with the
// package twilio in it.
const nodeModules = "RINGDOWN_TEST_NODE_MODULES"

// TestSimReadme runs the README's applications and tests against the simulator, on a port
// that is free.
func TestSimReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		language string
		files    []string
		command  []string
		library  bool
	}{
		{"js", []string{"app.mjs", "app.test.mjs"}, []string{"node", "--test"}, true},
		{"python", []string{"app.py", "test_app.py"}, []string{"python3", "-m", "unittest"}, false},
	} {
		t.Run(tc.language, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(tc.command[0])
			if err != nil {
				t.Skipf("needs %s", tc.command[0])
			}
			dir := t.TempDir()
			if tc.library {
				modules, err := filepath.Abs(os.Getenv(nodeModules))
				if os.Getenv(nodeModules) == "" || err != nil {
					t.Skipf("needs %s, a node_modules folder with the package twilio", nodeModules)
				}
				if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
					t.Fatal(err)
				}
			}
			port := freePort(t)
			rest := string(text)
			for _, name := range tc.files {
				_, after, ok := strings.Cut(rest, "```"+tc.language+"\n")
				if !ok {
					t.Fatalf("the README has no %s", name)
				}
				var code string
				code, rest, _ = strings.Cut(after, "```")
				if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(code, "3000", port)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			script := `cd "$0" && exec "$@"`
			args := append([]string{"sim", "--listen", "127.0.0.1:0", "--pace", "20", "--answer-after", "100ms", "--number", "+15550001000=http://localhost:" + port + "/voice",
				"--", "sh", "-c", script, dir, program}, tc.command[1:]...)
			var out, log strings.Builder
			if code := Main(context.Background(), args, Streams{Out: &out, Err: &log}); code != 0 {
				t.Errorf("exit code %d\n%s\n%s", code, out.String(), log.String())
			}
		})
	}
}

// freePort is a port that nobody uses now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
