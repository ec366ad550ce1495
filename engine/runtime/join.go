package runtime

import (
	"context"
	"sync"

	"github.com/ringdown/ringdown/engine/clock"
)

// joinKey names a request: the same one twice at once is one.
type joinKey struct {
	session, kind, token string
	leg, turn            int
}

// flight is a request that is being answered.
type flight struct {
	reply   Reply
	waiters []clock.Waiter
}

// joins finds requests that are repeated while the first is still being answered:
// Twilio repeats one when a connection breaks. The second gets the first's answer.
type joins struct {
	mu sync.Mutex
	in map[joinKey]*flight
}

// do answers with f, or with the answer of the same request in flight.
func (j *joins) do(ctx context.Context, c clock.Clock, key joinKey, f func() Reply) Reply {
	j.mu.Lock()
	if first := j.in[key]; first != nil {
		w := c.NewWaiter()
		first.waiters = append(first.waiters, w)
		j.mu.Unlock()
		if !w.Wait(ctx, commitBudget) {
			return unavailable
		}
		return first.reply // written before the wake
	}
	if j.in == nil {
		j.in = map[joinKey]*flight{}
	}
	own := &flight{reply: unavailable} // a panic in f leaves this
	j.in[key] = own
	j.mu.Unlock()
	defer func() {
		j.mu.Lock()
		delete(j.in, key)
		waiters := own.waiters
		j.mu.Unlock()
		for _, w := range waiters {
			w.Wake()
		}
	}()
	own.reply = f()
	return own.reply
}
