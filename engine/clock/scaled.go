package clock

import (
	"context"
	"math"
	"time"
)

// Scaled returns the clock of the machine run speed times as fast: with 10, a minute
// takes six seconds. It starts at the present time. A speed that is not above 0 is 1.
// Like Real it ignores tokens.
func Scaled(speed float64) Clock {
	if !(speed > 0) || math.IsInf(speed, 1) {
		speed = 1
	}
	return scaledClock{real: Real(), start: time.Now(), speed: speed}
}

type scaledClock struct {
	real  Clock
	start time.Time
	speed float64
}

// Now keeps no monotonic reading: it would run at the machine's own speed.
func (c scaledClock) Now() time.Time {
	passed := time.Duration(float64(time.Since(c.start)) * c.speed)
	return c.start.Round(0).Add(passed)
}

func (c scaledClock) AfterFunc(d time.Duration, f func()) Timer {
	return c.real.AfterFunc(c.shrink(d), f)
}

func (c scaledClock) Sleep(ctx context.Context, d time.Duration) error {
	return c.real.Sleep(ctx, c.shrink(d))
}

func (c scaledClock) Go(f func()) { c.real.Go(f) }

func (c scaledClock) Begin() (end func()) { return c.real.Begin() }

func (c scaledClock) NewWaiter() Waiter { return scaledWaiter{c.real.NewWaiter(), c} }

// shrink gives the time that d takes on the machine's clock, rounded up so that a
// timer never fires before its time.
func (c scaledClock) shrink(d time.Duration) time.Duration {
	if d <= 0 || d == Forever {
		return d
	}
	return time.Duration(min(math.Ceil(float64(d)/c.speed), float64(math.MaxInt64/2)))
}

type scaledWaiter struct {
	Waiter
	clock scaledClock
}

func (w scaledWaiter) Wait(ctx context.Context, d time.Duration) bool {
	return w.Waiter.Wait(ctx, w.clock.shrink(d))
}
