package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// output is what a command has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// TestDevPage: where no commands come the page is served until the command is
// interrupted, and the terminal tells of changed files.
func TestDevPage(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	for name, in := range map[string]io.Reader{"no input": null, "an empty pipe": strings.NewReader("")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testDevPage(t, in)
		})
	}
}

func testDevPage(t *testing.T, in io.Reader) {
	t.Helper()
	dir := t.TempDir()
	const flow = "flow: a\nanswer: x\nstates:\n  x: {prompt: Hi., next: hangup}\n"
	file := filepath.Join(dir, "a.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(flow)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out output
	ended := make(chan int, 1)
	go func() {
		ended <- Main(ctx, []string{"dev", "--listen", "127.0.0.1:0", dir}, Streams{In: in, Out: &out, Err: &out})
	}()
	waitFor := func(pattern string) []string {
		t.Helper()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		limit := time.After(20 * time.Second)
		for {
			if m := regexp.MustCompile(pattern).FindStringSubmatch(out.String()); m != nil {
				return m
			}
			select {
			case <-tick.C:
			case code := <-ended:
				t.Fatalf("it ended with %d: %s", code, out.String())
			case <-limit:
				t.Fatalf("%s was not written: %s", pattern, out.String())
			}
		}
	}
	url := waitFor(`Ringdown is at (http://127\.0\.0\.1:\d+)`)[1]
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/console/" {
		t.Errorf("the page: %d at %s", res.StatusCode, res.Request.URL)
	}
	write(strings.Replace(flow, "answer: x", "answer: y", 1))
	waitFor(`a\.yaml:2:9: error`)
	write(flow + "# mended\n")
	waitFor(`a\.yaml changed`)
	interrupt()
	if code := <-ended; code != exitOK {
		t.Errorf("an interrupt ends it with %d", code)
	}
}
