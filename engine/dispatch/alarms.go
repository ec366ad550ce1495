package dispatch

import (
	"container/heap"
	"log/slog"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

// An alarm that is far off is looked at this often, to see a wall clock that jumped:
// due times are wall clock, waiting is not.
const (
	alarmLook = time.Minute
	jumpLeast = 2 * time.Second // a jump that is logged
)

// alarms keeps one time per session and calls due when it comes, once. A time only
// ever moves earlier until then: an alarm that is not needed any more does no harm,
// one that was moved away by an old commit would.
type alarms struct {
	clock clock.Clock
	log   *slog.Logger
	due   func(session string)

	mu      sync.Mutex
	heap    alarmHeap
	at      map[string]*alarm
	timer   clock.Timer
	wake    time.Time // what the timer is set to
	armed   time.Time // when it was set
	stopped bool
}

type alarm struct {
	session string
	at      time.Time
	index   int
}

func newAlarms(c clock.Clock, log *slog.Logger, due func(session string)) *alarms {
	return &alarms{clock: c, log: log, due: due, at: map[string]*alarm{}}
}

// earlier sets the session's alarm to t unless it is set to an earlier time.
func (a *alarms) earlier(session string, t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.at[session]; known != nil {
		if !t.Before(known.at) {
			return
		}
		known.at = t
		heap.Fix(&a.heap, known.index)
	} else {
		known = &alarm{session: session, at: t}
		a.at[session] = known
		heap.Push(&a.heap, known)
	}
	a.arm()
}

// clear takes the session's alarm away.
func (a *alarms) clear(session string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.at[session]; known != nil {
		delete(a.at, session)
		heap.Remove(&a.heap, known.index)
	}
}

func (a *alarms) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	if a.timer != nil {
		a.timer.Stop()
	}
}

// arm sets the timer to the first alarm; a.mu is held. A timer that is set too early
// stays: it finds nothing and arms anew.
func (a *alarms) arm() {
	if a.stopped || len(a.heap) == 0 {
		return
	}
	now := a.clock.Now()
	wake := a.heap[0].at
	if limit := now.Add(alarmLook); wake.After(limit) {
		wake = limit
	}
	if a.timer != nil {
		if !wake.Before(a.wake) || !a.timer.Stop() {
			return
		}
	}
	a.wake, a.armed = wake, now
	a.timer = a.clock.AfterFunc(wake.Sub(now), a.ring)
}

// ring calls due for every alarm that has come, in the order of their times, each in a
// timer of its own so that one does not wait for the other.
func (a *alarms) ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = nil
	now := a.clock.Now()
	a.seeJump(now)
	for len(a.heap) > 0 && !a.heap[0].at.After(now) && !a.stopped {
		first := heap.Pop(&a.heap).(*alarm)
		delete(a.at, first.session)
		a.clock.AfterFunc(0, func() { a.due(first.session) })
	}
	a.arm()
}

// seeJump logs a difference between the time that passed and what the wall clock says.
func (a *alarms) seeJump(now time.Time) {
	jump := now.Round(0).Sub(a.armed.Round(0)) - now.Sub(a.armed)
	if jump.Abs() > jumpLeast {
		a.log.Warn("the wall clock jumped: timers follow it", slog.Duration("by", jump))
	}
}

// alarmHeap orders alarms by time, then by session, so that a run can be repeated.
type alarmHeap []*alarm

func (h alarmHeap) Len() int { return len(h) }

func (h alarmHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].session < h[j].session
}

func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *alarmHeap) Push(x any) {
	a := x.(*alarm)
	a.index = len(*h)
	*h = append(*h, a)
}

func (h *alarmHeap) Pop() any {
	old := *h
	a := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return a
}
