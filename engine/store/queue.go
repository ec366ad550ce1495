package store

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// groupLimit is the most requests one transaction takes, and laterShare how many
// of them are kept for requests nobody waits for, so that a flood of webhooks
// cannot hold up the effects that earlier webhooks promised.
const (
	groupLimit = 64
	laterShare = 8
)

// op is one request as the writer sees it. An error that is a refusal (see
// refused) must leave the database as it was.
type op interface {
	apply(w *writer) error
}

// The states of a job. Only a waiting job can be abandoned by its caller; once
// taken its result is waited for, so that an error from a cancelled context
// always means that nothing was stored.
const (
	jobWaiting int32 = iota
	jobTaken
	jobAbandoned
)

type job struct {
	op    op
	since time.Time
	state atomic.Int32
	err   error
	done  chan struct{} // one token when err is set
}

// queue holds what waits for the writer: urgent before later, each in order.
type queue struct {
	now func() time.Time

	mu            sync.Mutex
	urgent, later []*job
	closed        bool
	wake          chan struct{}
	jobs          sync.Pool
}

func newQueue(now func() time.Time) *queue {
	q := &queue{now: now, wake: make(chan struct{}, 1)}
	q.jobs.New = func() any { return &job{done: make(chan struct{}, 1)} }
	return q
}

// do queues o and waits until it is durable or refused.
func (q *queue) do(ctx context.Context, o op, urgent bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := q.jobs.Get().(*job)
	j.op, j.err = o, nil
	j.state.Store(jobWaiting)
	if err := q.put(j, urgent); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.state.CompareAndSwap(jobWaiting, jobAbandoned) {
			return ctx.Err() // the queue still holds j: it cannot be used again
		}
		<-j.done
	}
	err := j.err
	j.op = nil
	q.jobs.Put(j)
	return err
}

func (q *queue) put(j *job, urgent bool) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	j.since = q.now()
	if urgent {
		q.urgent = append(q.urgent, j)
	} else {
		q.later = append(q.later, j)
	}
	q.mu.Unlock()
	q.signal()
	return nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take waits for requests and appends at most groupLimit of them to group. It
// returns false when the queue is closed and empty.
//
// Before it looks it lets everybody run who can: callers that just got their
// answer, or are about to ask, then share a transaction instead of waiting for
// the next one: a third less work per commit at 2 to 8 callers. With nobody
// ready to run it costs nothing.
func (q *queue) take(group []*job) ([]*job, bool) {
	for {
		runtime.Gosched()
		q.mu.Lock()
		room := groupLimit - min(len(q.later), laterShare)
		group, q.urgent = move(group, q.urgent, room)
		group, q.later = move(group, q.later, groupLimit-len(group))
		closed := q.closed
		q.mu.Unlock()
		if len(group) > 0 {
			return group, true
		}
		if closed {
			return group, false
		}
		<-q.wake
	}
}

// move takes up to n jobs from the head of from; abandoned ones fall out.
func move(to, from []*job, n int) (group, rest []*job) {
	i := 0
	for ; i < len(from) && n > 0; i++ {
		if from[i].state.CompareAndSwap(jobWaiting, jobTaken) {
			to = append(to, from[i])
			n--
		}
		from[i] = nil
	}
	if i == len(from) {
		return to, from[:0]
	}
	return to, from[i:]
}

// close lets no more requests in; take still hands out those that wait.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

// waiting tells how many requests wait and for how long the first one has.
func (q *queue) waiting() (n int, oldest time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, list := range [][]*job{q.urgent, q.later} {
		n += len(list)
		if len(list) > 0 {
			oldest = max(oldest, q.now().Sub(list[0].since))
		}
	}
	return n, oldest
}
