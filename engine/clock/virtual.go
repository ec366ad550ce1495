package clock

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Virtual is a Clock whose time stands still while work is being done and
// jumps to the next timer when none is. It moves only while one of its driving
// methods runs: Run, RunUntil or Advance, called from a goroutine that holds no
// token. Timers fire one at a time, each only after the work of the one before
// has ended or blocks on the clock; timers due at the same moment fire in the
// order in which they were made. A timer is never overdue: time does not pass
// it by. Virtual is safe for concurrent use.
type Virtual struct {
	drive sync.Mutex // held by the driving method

	mu      sync.Mutex
	changed *sync.Cond // work reached zero, or a timer was armed
	now     time.Time
	work    int
	made    uint64
	timers  timerHeap
}

// NewVirtual returns a virtual clock that stands at start.
func NewVirtual(start time.Time) *Virtual {
	v := &Virtual{now: start}
	v.changed = sync.NewCond(&v.mu)
	return v
}

// Now returns the virtual time.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// AfterFunc implements Clock.
func (v *Virtual) AfterFunc(d time.Duration, f func()) Timer {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.arm(d, func() {
		go func() {
			defer v.end()
			f()
		}()
	})
}

// arm adds a timer. Its fire function is called with mu held and one token
// taken for it.
func (v *Virtual) arm(d time.Duration, fire func()) *virtualTimer {
	v.made++
	t := &virtualTimer{clock: v, due: v.now.Add(max(d, 0)), made: v.made, fire: fire}
	heap.Push(&v.timers, t)
	v.changed.Broadcast()
	return t
}

// Go implements Clock.
func (v *Virtual) Go(f func()) {
	end := v.Begin()
	go func() {
		defer end()
		f()
	}()
}

// Begin implements Clock.
func (v *Virtual) Begin() (end func()) {
	v.mu.Lock()
	v.work++
	v.mu.Unlock()
	return sync.OnceFunc(v.end)
}

// end gives back one token.
func (v *Virtual) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.release()
}

func (v *Virtual) release() {
	v.work--
	if v.work <= 0 {
		v.changed.Broadcast()
	}
}

// Sleep implements Clock. When ctx ends the sleep, the token is taken back by
// the sleeper itself, a moment after the cancellation: for an exact order end
// waits with a Waiter instead.
func (v *Virtual) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	v.mu.Lock()
	p := v.park(d)
	v.mu.Unlock()
	if p.block(ctx) == parkCanceled {
		return ctx.Err()
	}
	return nil
}

// NewWaiter implements Clock.
func (v *Virtual) NewWaiter() Waiter { return &virtualWaiter{clock: v} }

// Advance runs everything that becomes due within d, waits until that work has
// ended, and leaves the clock d later than it was.
func (v *Virtual) Advance(d time.Duration) {
	v.drive.Lock()
	defer v.drive.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	end := v.now.Add(d)
	for {
		v.waitIdle()
		if !v.fireNext(end) {
			v.now = end
			return
		}
	}
}

// RunUntil moves the clock until cond reports true, at most by limit, and
// returns the last answer of cond. It asks cond only while no work is being
// done, before the first step and after each. It ends early when nothing is
// scheduled any more; the clock then stays where it is.
func (v *Virtual) RunUntil(cond func() bool, limit time.Duration) bool {
	v.drive.Lock()
	defer v.drive.Unlock()
	end := v.Now().Add(limit)
	for {
		v.WaitIdle()
		if cond() {
			return true
		}
		v.mu.Lock()
		more := len(v.timers) > 0
		fired := v.work <= 0 && v.fireNext(end)
		working := v.work > 0
		if more && !fired && !working {
			v.now = end
		}
		v.mu.Unlock()
		if !fired && !working {
			return false
		}
	}
}

// Run moves the clock until ctx is done. While nothing is scheduled it waits
// for something to be.
func (v *Virtual) Run(ctx context.Context) {
	v.drive.Lock()
	defer v.drive.Unlock()
	stop := context.AfterFunc(ctx, func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.changed.Broadcast()
	})
	defer stop()
	v.mu.Lock()
	defer v.mu.Unlock()
	for ctx.Err() == nil {
		if v.work > 0 || !v.fireNext(time.Time{}) {
			v.changed.Wait()
		}
	}
}

// WaitIdle waits until no work is being done. It does not move the clock.
func (v *Virtual) WaitIdle() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.waitIdle()
}

// Pending returns how many timers are armed, blocked Sleep and Wait calls with
// a limit included.
func (v *Virtual) Pending() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.timers)
}

func (v *Virtual) waitIdle() {
	for v.work > 0 {
		v.changed.Wait()
	}
}

// fireNext moves the clock to the next timer that is due not later than end (a
// zero end means any) and fires it. It reports false if there is none.
func (v *Virtual) fireNext(end time.Time) bool {
	if len(v.timers) == 0 || (!end.IsZero() && v.timers[0].due.After(end)) {
		return false
	}
	t := heap.Pop(&v.timers).(*virtualTimer)
	v.now = t.due
	v.work++
	t.fire()
	return true
}

// virtualTimer is an entry of the heap; index is -1 once it has left it.
type virtualTimer struct {
	clock *Virtual
	due   time.Time
	made  uint64
	index int
	fire  func()
}

// Stop implements Timer.
func (t *virtualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.clock.disarm(t)
}

func (v *Virtual) disarm(t *virtualTimer) bool {
	if t.index < 0 {
		return false
	}
	heap.Remove(&v.timers, t.index)
	return true
}

// timerHeap orders timers by due time, then by age.
type timerHeap []*virtualTimer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	return h[i].made < h[j].made
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*virtualTimer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
