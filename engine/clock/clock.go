// Package clock is the one source of time of a program: the real clock, or a
// virtual one that jumps from timer to timer as soon as nothing is being done.
//
// Code that takes a Clock never calls package time for the present time, for
// waiting or for timers. In return a test can play an hour in milliseconds and
// gets the same run every time.
package clock

import (
	"context"
	"math"
	"time"
)

// Forever, given to Waiter.Wait, waits without a limit and arms no timer.
const Forever time.Duration = math.MaxInt64

// Clock tells the time, waits and runs timers.
//
// A Clock also counts work. Each running piece of work holds one token, and a
// virtual clock moves on only when no token is held:
//
//   - Go holds one from the call until the function returns;
//   - the function of AfterFunc holds one while it runs;
//   - Begin holds one until its end function is called;
//   - Transport holds one during a request.
//
// Sleep and Waiter.Wait give back one token while they block, and get it back
// from whoever wakes them, before that one's own token ends; so the count never
// touches zero between a wake and the work that follows. The token given back
// is the one of the goroutine itself or, in the handler of an HTTP server, the
// one of the client that waits for the answer. A handler therefore takes no
// token, and there must be exactly one behind it: a client that runs under Go,
// AfterFunc or Begin uses a plain http.Transport, all others use Transport.
//
// Code that blocks on anything else (a mutex, a channel, the network) keeps its
// token, and with it the clock. So what it waits for must not itself need time
// to pass; in particular, nobody may sleep while holding a mutex.
//
// The real clock ignores tokens.
type Clock interface {
	// Now returns the present time.
	Now() time.Time
	// AfterFunc runs f in a goroutine of its own after d; d <= 0 means as
	// soon as possible, never before AfterFunc has returned.
	AfterFunc(d time.Duration, f func()) Timer
	// Sleep waits for d, or until ctx is done and returns its error. With
	// d <= 0 it returns at once.
	Sleep(ctx context.Context, d time.Duration) error
	// Go runs f in a goroutine.
	Go(f func())
	// Begin takes a token. The end function gives it back; calling it more
	// than once does nothing.
	Begin() (end func())
	// NewWaiter returns a Waiter that nobody has woken yet.
	NewWaiter() Waiter
}

// Timer is a call that AfterFunc has armed.
type Timer interface {
	// Stop keeps the call from being made and reports whether it did: false
	// means that it was made (or begun) already or was stopped before.
	Stop() bool
}

// Waiter lets goroutines wait for something that other goroutines bring about.
type Waiter interface {
	// Wake wakes all that wait. If nobody waits, the next Wait returns at
	// once; several such calls count as one.
	Wake()
	// Wait blocks until Wake, until d has passed or until ctx is done, and
	// reports whether it was Wake. With d <= 0 it does not block. Forever
	// waits without a limit.
	Wait(ctx context.Context, d time.Duration) (woken bool)
}
