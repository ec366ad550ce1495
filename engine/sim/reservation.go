package sim

import (
	"slices"
	"time"
)

// reserve offers the task to a worker.
func (t *task) reserve(w *worker) {
	s := t.sim
	r := &reservation{thing: t.space.newThing("WR", ""), task: t, worker: w, status: "pending"}
	t.reservations = append(t.reservations, r)
	w.busy = append(w.busy, r)
	t.set("reserved")
	s.note(Entry{Kind: EntryTask, Name: r.sid, Text: "reserved for " + w.name})
	t.space.report("reservation.created", "Reservation "+r.sid+" created", r, r.eventFields())
	if q := t.space.queueAt(t.queue); q != nil {
		w.become(q.reserved)
	}
	timeout := 120 * time.Second
	if f := s.workflowAt(t.workflow); f != nil {
		timeout = f.ReservationTimeout
	}
	s.after(timeout, func() {
		if r.status == "pending" {
			r.giveUp("timeout", t.space.timesOut)
		}
	})
	r.assign()
}

func (r *reservation) set(status string) {
	r.status, r.updated = status, r.task.sim.now()
	r.task.sim.note(Entry{Kind: EntryTask, Name: r.sid, Text: status})
	event := "reservation." + status
	if status == "wrapping" {
		event = "reservation.wrapup"
	}
	r.space.report(event, "Reservation "+r.sid+" "+status, r, r.eventFields())
}

// accept takes the task for the worker; nobody else is asked any more.
func (r *reservation) accept() {
	if r.status != "pending" {
		return
	}
	r.accepted = r.sim.now()
	r.set("accepted")
	r.task.set("assigned")
	for _, other := range r.task.reservations {
		if other != r && other.status == "pending" {
			other.set("rescinded")
			other.free("")
		}
	}
	if q := r.space.queueAt(r.task.queue); q != nil {
		r.worker.become(q.assigned)
	}
}

// giveUp ends a reservation without success: the task is offered again.
func (r *reservation) giveUp(status, activity string) {
	r.set(status)
	r.free(activity)
	if !r.task.over() && r.task.pending() == 0 {
		r.task.set("pending")
	}
}

// free lets the worker take other tasks.
func (r *reservation) free(activity string) {
	w := r.worker
	if i := slices.Index(w.busy, r); i >= 0 {
		w.busy, w.idle = slices.Delete(w.busy, i, i+1), r.task.sim.now()
		w.become(activity)
	}
}

// finish ends a task. Its call leaves the queue if it still waits there.
func (t *task) finish(status, reason string) {
	if t.over() {
		return
	}
	t.reason = reason
	t.set(status)
	for _, r := range t.reservations {
		switch r.status {
		case "pending":
			r.set("canceled")
		case "accepted", "wrapping":
			r.set(pick(status == "completed", "completed", "canceled"))
		default:
			continue
		}
		r.free(r.postWork)
		if r.leg != nil && r.leg.answered.IsZero() {
			r.leg.end("canceled")
		}
	}
	t.space.report("task."+status, "Task "+t.sid+" "+status, t, t.eventFields())
	if w := t.waiting; w != nil {
		t.waiting = nil
		w.out(pick(t.sim.o.Switches.TaskEndIsError, "system-error", "leave"))
	}
}

// callLeft takes the end of the call's waiting, with its QueueResult. A task
// that a worker has accepted by itself lives on until it is completed by REST.
func (t *task) callLeft(result string) {
	t.waiting = nil
	switch {
	case result == "bridged" || result == "redirected-from-bridged":
		t.finish("completed", "")
	case t.status == "assigned" || t.status == "wrapping":
	case result == "redirected" && t.sim.o.Switches.RedirectKeepsTask:
	default:
		t.finish("canceled", result)
	}
}
