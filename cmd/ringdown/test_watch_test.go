package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// spoken is a writer that can be waited for.
type spoken struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

// await waits until a text was written behind what was awaited before.
func (s *spoken) await(t *testing.T, want string) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		text := s.text.String()
		s.mu.Unlock()
		if strings.Contains(text, want) {
			return
		}
		select {
		case <-s.more:
		case <-limit:
			t.Fatalf("never %q:\n%s", want, text)
		}
	}
}

// TestWatch: a change of a file plays the tests again; the end of the context ends it.
func TestWatch(t *testing.T) {
	t.Parallel()
	const flow = "flow: a\nanswers: [\"+15005550006\"]\nanswer: hello\nstates:\n  hello: {prompt: Hello., next: hangup}\n"
	dir := folder(t, "a.yaml", flow, "a.test.yaml", "flow: a\ncases:\n  - name: x\n    script: [{caller hears: Good day}]\n")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &spoken{more: make(chan struct{}, 1)}
	done := make(chan int)
	go func() {
		done <- Main(ctx, []string{"test", "--watch", dir}, Streams{In: strings.NewReader(""), Out: out, Err: out})
	}()
	out.await(t, "1 failed")
	out.await(t, "watching "+dir)
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(strings.Replace(flow, "Hello.", "Good day.", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out.await(t, "all hold")
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d", code)
	}
}
