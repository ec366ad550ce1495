package runtime

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

func TestIdenticalRequestsInFlightAreOne(t *testing.T) {
	t.Parallel()
	v := clock.NewVirtual(time.Unix(0, 0))
	var j joins
	var runs atomic.Int32
	var mu sync.Mutex
	var replies []string
	for range 5 {
		v.Go(func() {
			got := j.do(context.Background(), v, joinKey{session: "s", kind: "act", leg: 1, turn: 2}, func() Reply {
				runs.Add(1)
				_ = v.Sleep(context.Background(), time.Second)
				return document([]byte("first"))
			})
			mu.Lock()
			defer mu.Unlock()
			replies = append(replies, string(got.Body))
		})
	}
	v.Advance(2 * time.Second)
	if runs.Load() != 1 || len(replies) != 5 {
		t.Fatalf("%d runs, %d replies", runs.Load(), len(replies))
	}
	for _, r := range replies {
		if r != "first" {
			t.Errorf("reply %q", r)
		}
	}
	if len(j.in) != 0 {
		t.Error("the flight stays")
	}
}

func TestTheLockIsNotWaitedForLongerThanItsBudget(t *testing.T) {
	t.Parallel()
	sl := newTable(10).get("s")
	if err := sl.acquire(t.Context(), clock.Real(), time.Second); err != nil {
		t.Fatal(err)
	}
	if err := sl.acquire(t.Context(), clock.Real(), time.Millisecond); err != errLocked {
		t.Errorf("a held lock: %v", err)
	}
	sl.release()
	if err := sl.acquire(t.Context(), clock.Real(), time.Millisecond); err != nil {
		t.Errorf("a free lock: %v", err)
	}
}

func TestTheCacheKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	table := newTable(3)
	used := table.get("used")
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		sl := table.get(id)
		sl.newest.Store(&pinned{})
		table.put(sl)
	}
	if table.peek("used") != used || table.peek("a") != nil || table.peek("e") == nil || len(table.slots) > 3 {
		t.Errorf("%d slots", len(table.slots))
	}
	empty := table.get("empty")
	table.put(empty)
	if table.peek("empty") != nil {
		t.Error("a slot without a session stays")
	}
}
