package clock

import (
	"context"
	"sync"
	"time"
)

// Real returns the clock of the machine. It is safe for concurrent use.
func Real() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

func (realClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (realClock) Go(f func()) { go f() }

func (realClock) Begin() (end func()) { return func() {} }

func (realClock) NewWaiter() Waiter { return &realWaiter{} }

// realWaiter hands one channel to all that wait and closes it to wake them.
type realWaiter struct {
	mu      sync.Mutex
	pending bool
	waiting chan struct{}
}

func (w *realWaiter) Wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		w.pending = true
		return
	}
	close(w.waiting)
	w.waiting = nil
}

// enter returns the channel to wait on, or nil if a wake was waiting already.
func (w *realWaiter) enter() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pending {
		w.pending = false
		return nil
	}
	if w.waiting == nil {
		w.waiting = make(chan struct{})
	}
	return w.waiting
}

func (w *realWaiter) Wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		w.mu.Lock()
		defer w.mu.Unlock()
		woken := w.pending
		w.pending = false
		return woken
	}
	ch := w.enter()
	if ch == nil {
		return true
	}
	var limit <-chan time.Time
	if d != Forever {
		t := time.NewTimer(d)
		defer t.Stop()
		limit = t.C
	}
	select {
	case <-ch:
		return true
	case <-limit:
	case <-ctx.Done():
	}
	select { // a wake at the very same moment must not be lost
	case <-ch:
		return true
	default:
		return false
	}
}
