package taskrouter

import (
	"slices"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// routeSoon looks for a worker for each waiting task, a moment later.
func (s *Router) routeSoon() { s.after(s.o.Delay, s.route) }

// fits reports whether a worker may have the task.
func (t *Task) fits(w *worker) bool {
	q := t.space.queueAt(t.queue)
	switch {
	case w.space != t.space || q == nil || !t.ignoresLoad && !w.available(t.channel):
		return false
	case rest.IsSID(t.target, "WK"):
		return w.sid == t.target
	case !q.matches(w.attribute):
		return false
	}
	return t.step >= len(t.steps) || t.steps[t.step].matches == nil || t.steps[t.step].matches(func(name string) any {
		return attribute(map[string]any{"task": t.attributes, "worker": worked(w)}, name)
	})
}

func (s *Router) route() {
	waiting := slices.Clone(s.tasks)
	waiting = slices.DeleteFunc(waiting, func(t *Task) bool { return t.status != "pending" && t.status != "reserved" })
	slices.SortStableFunc(waiting, func(a, b *Task) int {
		if a.priority != b.priority {
			return b.priority - a.priority
		}
		if q := a.space.queueAt(a.queue); q != nil && q.order == "LIFO" && a.queue == b.queue {
			return b.created.Compare(a.created)
		}
		return 0
	})
	for _, t := range waiting {
		for t.wantsOffer() {
			best := t.bestWorker()
			if best == nil {
				break
			}
			t.reserve(best)
		}
	}
}

// wantsOffer reports whether one more worker may be asked.
func (t *Task) wantsOffer() bool {
	q := t.space.queueAt(t.queue)
	return q != nil && t.pending() < q.maxOffers && (t.status == "pending" || t.status == "reserved")
}

// pending counts the workers who have been asked and have not answered.
func (t *Task) pending() int {
	n := 0
	for _, r := range t.reservations {
		if r.status == "pending" {
			n++
		}
	}
	return n
}

// bestWorker is who has had the task least often and has been idle for longest.
func (t *Task) bestWorker() *worker {
	var best *worker
	for _, w := range t.router.workers {
		if t.fits(w) && !t.offered(w) && (best == nil || t.offers(w) < t.offers(best) || t.offers(w) == t.offers(best) && w.idle.Before(best.idle)) {
			best = w
		}
	}
	return best
}

// offered reports whether a worker has the task in front of it now.
func (t *Task) offered(w *worker) bool {
	return slices.ContainsFunc(t.reservations, func(r *Reservation) bool { return r.worker == w && r.status == "pending" })
}

// offers counts how often a worker has had the task: others come first.
func (t *Task) offers(w *worker) int {
	n := 0
	for _, r := range t.reservations {
		if r.worker == w {
			n++
		}
	}
	return n
}
