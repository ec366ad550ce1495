package dispatch

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
)

// session is a session with unfinished effects. Its fields are guarded by the
// dispatcher's mutex.
type session struct {
	id    string
	now   *engine.Session // as of its newest commit; nil: not loaded yet
	lanes []*lane         // a few, in the order in which they began
}

// lane performs the effects of one lane strictly one after the other, in a goroutine
// that lives as long as there are any.
type lane struct {
	d       *Dispatcher
	session *session
	name    string
	wake    clock.Waiter // something changed: look again
	nudged  bool         // a wake is on its way
	items   []*item
	inHand  bool // the first item is being performed
}

// item is an effect of a lane. done is guarded by the dispatcher's mutex; attempt and
// lease belong to the goroutine of the lane.
type item struct {
	effect  engine.Effect
	attempt int
	lease   time.Time // end of the newest claim whose outcome nobody knows
	done    bool      // a commit says that it is finished
}

// finish marks the effect with that id as finished.
func (s *session) finish(id string) {
	for _, l := range s.lanes {
		for _, it := range l.items {
			if it.effect.ID == id {
				it.done = true
			}
		}
	}
}

// add puts an effect into its lane, by the order of effect ids, and starts the lane if
// there was none; d.mu is held.
func (d *Dispatcher) add(s *session, it *item) {
	i := slices.IndexFunc(s.lanes, func(l *lane) bool { return l.name == it.effect.Lane })
	if i >= 0 {
		l := s.lanes[i]
		at, first := len(l.items), 0
		if l.inHand {
			first = 1
		}
		for at > first && before(it.effect.ID, l.items[at-1].effect.ID) {
			at--
		}
		l.items = slices.Insert(l.items, at, it)
		return
	}
	l := &lane{d: d, session: s, name: it.effect.Lane, wake: d.clock.NewWaiter(), items: []*item{it}}
	s.lanes = append(s.lanes, l)
	// A timer and not Go: a virtual clock then runs lanes one by one, in this order.
	d.clock.AfterFunc(0, l.run)
}

// before orders effect ids "rev.n" by revision, then number.
func before(a, b string) bool {
	ra, na := idParts(a)
	rb, nb := idParts(b)
	if ra != rb {
		return ra < rb
	}
	return na < nb
}

func idParts(id string) (rev, n int64) {
	r, k, _ := strings.Cut(id, ".")
	rev, _ = strconv.ParseInt(r, 10, 64)
	n, _ = strconv.ParseInt(k, 10, 64)
	return rev, n
}

// nudge has the lane look again soon; d.mu is held.
func (d *Dispatcher) nudge(l *lane) {
	if l.nudged {
		return
	}
	l.nudged = true
	d.clock.AfterFunc(0, func() {
		d.mu.Lock()
		l.nudged = false
		d.mu.Unlock()
		l.wake.Wake()
	})
}

// run performs the lane to its end.
func (l *lane) run() {
	if !l.d.begin() {
		return
	}
	defer l.d.end()
	for {
		it := l.head()
		if it == nil {
			return
		}
		j := &job{d: l.d, lane: l, it: it, spec: it.effect.Kind.Spec(), kind: l.d.kinds[it.effect.Kind]}
		res := j.run()
		j.leavePace()
		if res != nil {
			l.d.report(l.session.id, it, res)
		}
		if l.d.stopping() {
			return
		}
		l.drop()
	}
}

// head gives the next effect; nil: the lane has ended and is forgotten.
func (l *lane) head() *item {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	for len(l.items) > 0 && l.items[0].done {
		l.items = l.items[1:]
	}
	if l.d.closing {
		return nil
	}
	if len(l.items) > 0 {
		l.inHand = true
		return l.items[0]
	}
	s := l.session
	s.lanes = slices.DeleteFunc(s.lanes, func(o *lane) bool { return o == l })
	if len(s.lanes) == 0 {
		delete(l.d.sessions, s.id)
	}
	return nil
}

// drop takes the head off the lane.
func (l *lane) drop() {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.items, l.inHand = l.items[1:], false
}

// pause waits until t, or until something changed, whichever is first.
func (l *lane) pause(t time.Time) {
	l.wake.Wait(l.d.ctx, t.Sub(l.d.clock.Now()))
}

// behind reports whether a later effect of the lane matches.
func (l *lane) behind(match func(*engine.Effect) bool) bool {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	for _, it := range l.items[1:] {
		if !it.done && match(&it.effect) {
			return true
		}
	}
	return false
}
