package clock

import (
	"context"
	"slices"
	"time"
)

// parkState tells why a parked goroutine goes on.
type parkState int

const (
	parkWaiting parkState = iota
	parkWoken
	parkTimedOut
	parkCanceled
)

// parked is one goroutine that has given back its token. Whoever ends the wait
// sets state once and takes the token again on its behalf.
type parked struct {
	clock *Virtual
	state parkState
	ready chan struct{}
	timer *virtualTimer
}

// park gives back the caller's token and arms the limit; mu must be held.
func (v *Virtual) park(d time.Duration) *parked {
	p := &parked{clock: v, ready: make(chan struct{})}
	if d != Forever {
		p.timer = v.arm(d, func() { p.resume(parkTimedOut) }) // the timer's token becomes the sleeper's
	}
	v.release()
	return p
}

// resume ends the wait; mu must be held and a token taken for the sleeper.
func (p *parked) resume(why parkState) {
	p.state = why
	if p.timer != nil {
		p.clock.disarm(p.timer)
	}
	close(p.ready)
}

// block waits until the wait is ended, by others or by ctx.
func (p *parked) block(ctx context.Context) parkState {
	select {
	case <-p.ready:
		return p.state
	case <-ctx.Done():
	}
	p.clock.mu.Lock()
	defer p.clock.mu.Unlock()
	if p.state == parkWaiting {
		p.clock.work++
		p.resume(parkCanceled)
	}
	return p.state
}

// virtualWaiter is guarded by its clock's mutex.
type virtualWaiter struct {
	clock   *Virtual
	pending bool
	waiting []*parked
}

func (w *virtualWaiter) Wake() {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	woken := false
	for _, p := range w.waiting {
		if p.state == parkWaiting {
			w.clock.work++
			p.resume(parkWoken)
			woken = true
		}
	}
	w.waiting = nil
	if !woken {
		w.pending = true
	}
}

func (w *virtualWaiter) Wait(ctx context.Context, d time.Duration) bool {
	w.clock.mu.Lock()
	if w.pending || d <= 0 {
		defer w.clock.mu.Unlock()
		woken := w.pending
		w.pending = false
		return woken
	}
	p := w.clock.park(d)
	w.waiting = append(w.waiting, p)
	w.clock.mu.Unlock()

	why := p.block(ctx)
	if why != parkWoken {
		w.clock.mu.Lock()
		defer w.clock.mu.Unlock()
		w.waiting = slices.DeleteFunc(w.waiting, func(q *parked) bool { return q == p })
	}
	return why == parkWoken
}
