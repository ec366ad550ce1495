package clock_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

func start() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }

// journal collects lines from several goroutines.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) want(t *testing.T, want ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.lines, want) {
		t.Fatalf("got %q, want %q", j.lines, want)
	}
}

func TestAdvanceOrder(t *testing.T) {
	t.Parallel()
	v, j := clock.NewVirtual(start()), &journal{}
	at := func() time.Duration { return v.Now().Sub(start()) }
	v.AfterFunc(2*time.Second, func() { j.add("b %v", at()) })
	v.AfterFunc(2*time.Second, func() { j.add("c %v", at()) })
	v.AfterFunc(time.Second, func() {
		j.add("a %v", at())
		v.AfterFunc(0, func() { j.add("a2 %v", at()) })
		v.AfterFunc(time.Second, func() { j.add("d %v", at()) })
	})
	stopped := v.AfterFunc(time.Second, func() { j.add("never") })
	v.AfterFunc(time.Minute, func() { j.add("late") })
	if !stopped.Stop() || stopped.Stop() {
		t.Error("Stop must report true once")
	}
	v.Advance(10 * time.Second)
	j.want(t, "a 1s", "a2 1s", "b 2s", "c 2s", "d 2s")
	if at() != 10*time.Second || v.Pending() != 1 {
		t.Errorf("clock at %v with %d pending, want 10s and 1", at(), v.Pending())
	}
}

func TestWorkHoldsTime(t *testing.T) {
	t.Parallel()
	v, j := clock.NewVirtual(start()), &journal{}
	gate := make(chan struct{})
	v.AfterFunc(time.Second, func() { j.add("timer") })
	v.Go(func() {
		<-gate
		j.add("work at %v", v.Now().Sub(start()))
		if err := v.Sleep(context.Background(), 3*time.Second); err != nil {
			t.Error(err)
		}
		j.add("slept until %v", v.Now().Sub(start()))
	})
	close(gate)
	v.Advance(5 * time.Second)
	j.want(t, "work at 0s", "timer", "slept until 3s")
}

func TestWaiter(t *testing.T) {
	t.Parallel()
	v, j := clock.NewVirtual(start()), &journal{}
	w := v.NewWaiter()
	ctx := context.Background()
	v.Go(func() {
		j.add("first %v at %v", w.Wait(ctx, clock.Forever), v.Now().Sub(start()))
		j.add("second %v at %v", w.Wait(ctx, 2*time.Second), v.Now().Sub(start()))
		w.Wake()
		j.add("remembered %v", w.Wait(ctx, time.Hour))
		j.add("poll %v", w.Wait(ctx, 0))
	})
	v.AfterFunc(time.Second, func() { w.Wake() })
	// Were the counter to touch zero between a wake and the woken work, this
	// timer of the same moment could run first.
	v.AfterFunc(time.Second, func() { j.add("after the wake") })
	v.Advance(time.Minute)
	j.want(t, "first true at 1s", "after the wake", "second false at 3s", "remembered true", "poll false")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]clock.Clock{"real": clock.Real(), "virtual": clock.NewVirtual(start())} {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		c.Go(func() {
			c.NewWaiter().Wait(ctx, clock.Forever)
			done <- c.Sleep(ctx, time.Hour)
		})
		cancel()
		if err := <-done; err != context.Canceled {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRunUntil(t *testing.T) {
	t.Parallel()
	v := clock.NewVirtual(start())
	n := 0
	var tick func()
	tick = func() {
		n++
		v.AfterFunc(time.Second, tick)
	}
	v.AfterFunc(time.Second, tick)
	if !v.RunUntil(func() bool { return n == 5 }, time.Minute) || v.Now().Sub(start()) != 5*time.Second {
		t.Errorf("n = %d at %v", n, v.Now().Sub(start()))
	}
	if v.RunUntil(func() bool { return false }, 2500*time.Millisecond) || v.Now().Sub(start()) != 7500*time.Millisecond {
		t.Errorf("limit ended at %v", v.Now().Sub(start()))
	}
	if empty := clock.NewVirtual(start()); empty.RunUntil(func() bool { return false }, time.Hour) || !empty.Now().Equal(start()) {
		t.Error("an empty clock must return where it stands")
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	v := clock.NewVirtual(start())
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { v.Run(ctx); close(over) }()
	v.AfterFunc(time.Hour, func() { v.AfterFunc(time.Hour, cancel) })
	<-over
	if got := v.Now().Sub(start()); got != 2*time.Hour {
		t.Errorf("stopped at %v", got)
	}
}

// TestTransport: a handler that sleeps in virtual time frees the clock, although
// nothing but the client's transport holds a token.
func TestTransport(t *testing.T) {
	t.Parallel()
	v := clock.NewVirtual(start())
	entered := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		if err := v.Sleep(r.Context(), 4*time.Second); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, v.Now().Sub(start()))
	}))
	t.Cleanup(srv.Close)
	client := &http.Client{Transport: clock.Transport(v, nil)}
	got := make(chan string, 1)
	go func() {
		resp, err := client.Get(srv.URL)
		if err != nil {
			t.Error(err)
			got <- ""
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		got <- string(body)
	}()
	v.AfterFunc(2*time.Second, func() {})
	<-entered // from here on the client's transport holds the token
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go v.Run(ctx)
	if s := <-got; s != "4s" {
		t.Errorf("got %q", s)
	}
}

func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	v := clock.NewVirtual(start())
	w := v.NewWaiter()
	var mu sync.Mutex
	total := 0
	for i := range 50 {
		v.Go(func() {
			for range 20 {
				if i%2 == 0 {
					w.Wait(context.Background(), time.Duration(i+1)*time.Millisecond)
				} else if v.Sleep(context.Background(), time.Duration(i)*time.Millisecond) == nil {
					w.Wake()
				}
				mu.Lock()
				total++
				mu.Unlock()
			}
		})
	}
	v.Advance(time.Minute)
	mu.Lock()
	defer mu.Unlock()
	if total != 1000 || v.Pending() != 0 {
		t.Errorf("total %d, pending %d", total, v.Pending())
	}
}

func TestRealWaiter(t *testing.T) {
	t.Parallel()
	c := clock.Real()
	w := c.NewWaiter()
	if w.Wait(context.Background(), time.Millisecond) {
		t.Error("woken by nobody")
	}
	w.Wake()
	w.Wake()
	if !w.Wait(context.Background(), clock.Forever) || w.Wait(context.Background(), 0) {
		t.Error("one remembered wake expected")
	}
	go w.Wake()
	if !w.Wait(context.Background(), clock.Forever) {
		t.Error("not woken")
	}
}
