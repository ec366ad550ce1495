package runtime

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
)

// pinned is a session as it was last committed and the closure it runs on. Both are
// never changed afterwards, so everybody may read them.
type pinned struct {
	s *engine.Session
	c *engine.Closure
}

// slot is what this process keeps of one session: its lock, its newest committed form,
// who waits for it, and signs of life that are not worth a commit.
type slot struct {
	id   string
	lock chan struct{} // one token: whoever has put it in holds the session
	refs int           // users; guarded by the table
	elem *list.Element

	newest atomic.Pointer[pinned] // nil: not loaded; set by the holder of the lock only

	mu        sync.Mutex
	waiters   []clock.Waiter
	evidence  []time.Time // by leg number - 1
	fallbacks map[int]fallbackCount
}

// fallbackCount counts how often the document of a turn was given again to a call
// that could not fetch it.
type fallbackCount struct{ turn, n int }

// table finds the slots of sessions. Slots nobody uses stay, least recently used last,
// as a cache of decoded sessions.
type table struct {
	mu    sync.Mutex
	limit int
	slots map[string]*slot
	order *list.List // front: used last
}

func newTable(limit int) *table {
	return &table{limit: limit, slots: map[string]*slot{}, order: list.New()}
}

// get finds or makes the slot of a session; each get needs a put.
func (t *table) get(id string) *slot {
	t.mu.Lock()
	defer t.mu.Unlock()
	sl := t.slots[id]
	if sl == nil {
		sl = &slot{id: id, lock: make(chan struct{}, 1)}
		sl.elem = t.order.PushFront(sl)
		t.slots[id] = sl
		t.evict()
	} else if t.order.Front() != sl.elem {
		t.order.MoveToFront(sl.elem)
	}
	sl.refs++
	return sl
}

// peek finds the slot of a session without keeping it.
func (t *table) peek(id string) *slot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.slots[id]
}

// put ends a use. A slot without a session is of no use to anybody.
func (t *table) put(sl *slot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sl.refs--
	if sl.refs == 0 && sl.newest.Load() == nil {
		t.remove(sl)
	}
}

// evict drops slots beyond the limit that nobody uses, the oldest first. Some of the
// oldest may be in use; a few are looked at, so that get stays cheap.
func (t *table) evict() {
	e := t.order.Back()
	for tries := 0; e != nil && len(t.slots) > t.limit && tries < 8; tries++ {
		previous := e.Prev()
		if sl := e.Value.(*slot); sl.refs == 0 {
			t.remove(sl)
		}
		e = previous
	}
}

func (t *table) remove(sl *slot) {
	t.order.Remove(sl.elem)
	delete(t.slots, sl.id)
}

// acquire takes the session's lock, waiting at most d. Time does not pass for a
// virtual clock while somebody waits here, since whoever holds the lock does work.
func (sl *slot) acquire(ctx context.Context, c clock.Clock, d time.Duration) error {
	select {
	case sl.lock <- struct{}{}:
		return nil
	default:
	}
	late := make(chan struct{})
	timer := c.AfterFunc(d, func() { close(late) })
	defer timer.Stop()
	select {
	case sl.lock <- struct{}{}:
		return nil
	case <-late:
		return errLocked
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (sl *slot) release() { <-sl.lock }

// wait registers w to be woken by the next commit, until the function it returns is called.
func (sl *slot) wait(w clock.Waiter) (stop func()) {
	sl.mu.Lock()
	sl.waiters = append(sl.waiters, w)
	sl.mu.Unlock()
	return func() {
		sl.mu.Lock()
		defer sl.mu.Unlock()
		sl.waiters = slices.DeleteFunc(sl.waiters, func(x clock.Waiter) bool { return x == w })
	}
}

// wake tells all who wait that there is a new form of the session.
func (sl *slot) wake() {
	sl.mu.Lock()
	defer sl.mu.Unlock()
	for _, w := range sl.waiters {
		w.Wake()
	}
}

// alive notes that the leg gave a sign of life.
func (sl *slot) alive(leg int, at time.Time) {
	if leg < 1 || leg > maxEvidence {
		return
	}
	sl.mu.Lock()
	defer sl.mu.Unlock()
	for len(sl.evidence) < leg {
		sl.evidence = append(sl.evidence, time.Time{})
	}
	if at.After(sl.evidence[leg-1]) {
		sl.evidence[leg-1] = at
	}
}

// maxEvidence is above the legs that a session can have.
const maxEvidence = 256

func (sl *slot) lastSign(leg int) time.Time {
	sl.mu.Lock()
	defer sl.mu.Unlock()
	if leg < 1 || leg > len(sl.evidence) {
		return time.Time{}
	}
	return sl.evidence[leg-1]
}

// countFallback counts another attempt to give the document of a turn again.
func (sl *slot) countFallback(leg, turn int) int {
	sl.mu.Lock()
	defer sl.mu.Unlock()
	if sl.fallbacks == nil {
		sl.fallbacks = map[int]fallbackCount{}
	}
	f := sl.fallbacks[leg]
	if f.turn != turn {
		f = fallbackCount{turn: turn}
	}
	f.n++
	sl.fallbacks[leg] = f
	return f.n
}
