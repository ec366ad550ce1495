package taskrouter

import (
	"slices"
	"time"
)

// Reservation is the offer of a task to a worker.
type Reservation struct {
	thing
	task     *Task
	worker   *worker
	status   string
	accepted time.Time
	postWork string // activity after the call
}

// reserve offers the task to a worker.
func (t *Task) reserve(w *worker) {
	s := t.router
	r := &Reservation{thing: t.space.newThing("WR", ""), task: t, worker: w, status: "pending"}
	t.reservations = append(t.reservations, r)
	w.busy = append(w.busy, r)
	t.set("reserved")
	s.log("", r.sid, "reserved for "+w.name)
	t.space.report("reservation.created", "Reservation "+r.sid+" created", r, r.eventFields())
	if q := t.space.queueAt(t.queue); q != nil {
		w.become(q.reserved)
	}
	timeout := 120 * time.Second
	if f := s.workflowAt(t.workflow); f != nil {
		timeout = f.ReservationTimeout
	}
	s.after(timeout, r.TimeOut)
	r.assign()
}

func (r *Reservation) set(status string) {
	r.status, r.updated = status, r.router.now()
	r.router.log("", r.sid, status)
	event := "reservation." + status
	if status == "wrapping" {
		event = "reservation.wrapup"
	}
	r.space.report(event, "Reservation "+r.sid+" "+status, r, r.eventFields())
}

// Accept takes the task for the worker; nobody else is asked any more.
func (r *Reservation) Accept() {
	if r.status != "pending" {
		return
	}
	r.accepted = r.router.now()
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
func (r *Reservation) giveUp(status, activity string) {
	r.set(status)
	r.free(activity)
	if !r.task.over() && r.task.pending() == 0 {
		r.task.set("pending")
	}
}

// TimeOut ends a reservation that nobody has answered in time.
func (r *Reservation) TimeOut() {
	if r.status == "pending" {
		r.giveUp("timeout", r.space.timesOut)
	}
}

// free lets the worker take other tasks.
func (r *Reservation) free(activity string) {
	w := r.worker
	if i := slices.Index(w.busy, r); i >= 0 {
		w.busy, w.idle = slices.Delete(w.busy, i, i+1), r.router.now()
		w.become(activity)
	}
}

// SID returns the reservation's.
func (r *Reservation) SID() string { return r.sid }

// Task returns what is offered.
func (r *Reservation) Task() *Task { return r.task }

// Open reports whether the worker has not answered yet, or has accepted.
func (r *Reservation) Open() bool { return r.status == "pending" || r.Accepted() }

// Accepted reports whether the worker works on the task.
func (r *Reservation) Accepted() bool { return r.status == "accepted" }

// SetPostWork says in which activity the worker is to be after the task.
func (r *Reservation) SetPostWork(activity string) { r.postWork = activity }

// Contact returns the contact_uri of the worker, "" for none.
func (r *Reservation) Contact() string { return r.worker.contact() }

// SupervisorContact returns the contact_uri of another worker of the workspace, ""
// for none.
func (r *Reservation) SupervisorContact(sid string) string {
	if w := bySID(r.space.workers(), sid); w != nil {
		return w.contact()
	}
	return ""
}
