package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

// numbered is an op that is only told apart.
type numbered int

func (numbered) apply(*writer) error { return nil }

func fill(t *testing.T, q *queue, from, n int, urgent bool) {
	t.Helper()
	for i := range n {
		if err := q.put(&job{op: numbered(from + i), done: make(chan struct{}, 1)}, urgent); err != nil {
			t.Fatal(err)
		}
	}
}

func taken(t *testing.T, q *queue) []int {
	t.Helper()
	group, _ := q.take(nil)
	var out []int
	for _, j := range group {
		out = append(out, int(j.op.(numbered)))
	}
	return out
}

func TestQueueOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		urgent, later           int
		wantUrgent, wantLater   int // in the first group
		secondUrgent, secondAll int
	}{
		"urgent first":                {10, 10, 10, 10, 0, 0},
		"full of urgent":              {70, 0, 64, 0, 6, 6},
		"later ones keep their share": {200, 20, 56, 8, 56, 64},
		"few later ones":              {200, 3, 61, 3, 64, 64},
		"later ones fill up":          {10, 100, 10, 54, 0, 46},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newQueue(time.Now)
			fill(t, q, 1000, c.later, false)
			fill(t, q, 0, c.urgent, true)
			got := taken(t, q)
			if len(got) != c.wantUrgent+c.wantLater {
				t.Fatalf("took %d", len(got))
			}
			for i, n := range got {
				want := i
				if i >= c.wantUrgent {
					want = 1000 + i - c.wantUrgent
				}
				if n != want {
					t.Errorf("place %d: got %d, want %d", i, n, want)
				}
			}
			if c.secondAll == 0 {
				return
			}
			got = taken(t, q)
			if len(got) != c.secondAll || (c.secondUrgent > 0 && got[0] != c.wantUrgent) {
				t.Errorf("second group: %v", got)
			}
		})
	}
}

func TestQueueAbandonedAndAge(t *testing.T) {
	t.Parallel()
	now := time.Unix(100, 0)
	q := newQueue(func() time.Time { return now })
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() { result <- q.do(ctx, numbered(1), true) }()
	<-q.wake // it is queued
	fill(t, q, 2, 1, false)
	now = now.Add(3 * time.Second)
	if n, oldest := q.waiting(); n != 2 || oldest != 3*time.Second {
		t.Errorf("%d wait, for %s", n, oldest)
	}
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := taken(t, q); len(got) != 1 || got[0] != 2 {
		t.Errorf("took %v, want only 2", got)
	}
	q.close()
	if group, more := q.take(nil); more || len(group) != 0 {
		t.Errorf("a closed queue gave %v", group)
	}
	if err := q.do(context.Background(), numbered(3), true); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}
