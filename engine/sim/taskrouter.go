package sim

import (
	"encoding/json"
	"slices"
	"time"
)

// The TaskRouter workspace of a simulated account, its task queue and its
// activities.
const (
	WorkspaceSID = "WS00000000000000000000000000000001"
	taskQueueSID = "WQ00000000000000000000000000000001"
	availableSID = "WA00000000000000000000000000000001"
	offlineSID   = "WA00000000000000000000000000000002"
)

// Workflow is a TaskRouter workflow: every task goes to the worker who has been
// idle for longest, the task with the highest priority first.
type Workflow struct {
	AssignmentURL      string        // AssignmentCallbackUrl; none leaves reservations to REST
	FallbackURL        string        // FallbackAssignmentCallbackUrl
	ReservationTimeout time.Duration // TaskReservationTimeout; default 120 s
}

// Task is a TaskRouter task, as Sim.Tasks tells it.
type Task struct {
	SID, CallSID, Workflow string
	Attributes             string // JSON
	Priority               int
	Status                 string // pending, reserved, assigned, wrapping, completed or canceled
	Reason                 string
	Reservations           []Reservation // oldest first
}

// Reservation is the offer of a task to a worker.
type Reservation struct {
	SID, Worker string
	Status      string // pending, accepted, rejected, timeout, canceled, wrapping or completed
}

type worker struct {
	sim        *Sim
	sid, name  string
	attributes map[string]any
	activity   string
	idle       time.Time // since when it has had nothing to do
	updated    time.Time
	busy       *reservation
}

func (w *worker) available() bool { return w.activity == availableSID && w.busy == nil }

type task struct {
	sim          *Sim
	sid          string
	workflow     string
	attributes   map[string]any
	priority     int
	timeout      time.Duration
	status       string
	reason       string
	created      time.Time
	updated      time.Time
	waiting      *waiting // the call in the queue, nil once it has left
	reservations []*reservation
}

type reservation struct {
	sid      string
	task     *task
	worker   *worker
	status   string
	created  time.Time
	updated  time.Time
	postWork string // activity after the call
	leg      *Call  // to the worker, if an instruction has placed one
}

// AddWorkflow adds a workflow under its SID (WW and 32 hex digits).
func (s *Sim) AddWorkflow(sid string, f Workflow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.ReservationTimeout <= 0 {
		f.ReservationTimeout = 120 * time.Second
	}
	s.workflows[sid] = f
}

// AddWorker adds an available worker and returns its SID. attributes is the
// JSON object that assignments carry; contact_uri is the address that the
// instructions dequeue, call and conference ring.
func (s *Sim) AddWorker(name, attributes string) (string, error) {
	var a map[string]any
	if err := json.Unmarshal([]byte(attributes), &a); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &worker{sim: s, sid: s.sid("WK"), name: name, attributes: a, activity: availableSID, idle: s.now(), updated: s.now()}
	s.workers = append(s.workers, w)
	s.routeSoon()
	return w.sid, nil
}

// SetAvailable makes a worker available or takes it offline. It does nothing
// for a name that is no worker's.
func (s *Sim) SetAvailable(name string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.workers {
		if w.name == name {
			w.become(s, pick(on, availableSID, offlineSID))
		}
	}
}

// Tasks returns all tasks, oldest first.
func (s *Sim) Tasks() []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Task
	for _, t := range s.tasks {
		one := Task{SID: t.sid, Workflow: t.workflow, Attributes: jsonText(t.attributes), Priority: t.priority, Status: t.status, Reason: t.reason}
		one.CallSID, _ = t.attributes["call_sid"].(string)
		for _, r := range t.reservations {
			one.Reservations = append(one.Reservations, Reservation{SID: r.sid, Worker: r.worker.name, Status: r.status})
		}
		all = append(all, one)
	}
	return all
}

func (w *worker) become(s *Sim, activity string) {
	if activity != "" && w.activity != activity {
		w.activity, w.updated, w.idle = activity, s.now(), s.now()
	}
	s.routeSoon()
}

// jsonText is an attributes object as text, its keys in order.
func jsonText(v map[string]any) string {
	if v == nil {
		return "{}"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(text)
}

// routeSoon looks for a worker for each waiting task, a moment later.
func (s *Sim) routeSoon() { s.after(s.o.Timings.Callback, s.route) }

func (s *Sim) route() {
	pending := slices.Clone(s.tasks)
	pending = slices.DeleteFunc(pending, func(t *task) bool { return t.status != "pending" })
	slices.SortStableFunc(pending, func(a, b *task) int { return b.priority - a.priority })
	for _, t := range pending {
		var best *worker
		for _, w := range s.workers {
			if w.available() && (best == nil || t.offers(w) < t.offers(best) || t.offers(w) == t.offers(best) && w.idle.Before(best.idle)) {
				best = w
			}
		}
		if best != nil {
			t.reserve(best)
		}
	}
}

// offers counts how often a worker has had the task: others come first.
func (t *task) offers(w *worker) int {
	n := 0
	for _, r := range t.reservations {
		if r.worker == w {
			n++
		}
	}
	return n
}

func (t *task) set(status string) {
	if t.status != status {
		t.status, t.updated = status, t.sim.now()
		call, _ := t.attributes["call_sid"].(string)
		t.sim.note(Entry{Kind: EntryTask, Call: call, Name: t.sid, Text: status})
	}
}

func (t *task) over() bool { return t.status == "completed" || t.status == "canceled" }

func (t *task) reserve(w *worker) {
	s := t.sim
	r := &reservation{sid: s.sid("WR"), task: t, worker: w, status: "pending", created: s.now(), updated: s.now()}
	t.reservations = append(t.reservations, r)
	w.busy = r
	t.set("reserved")
	s.note(Entry{Kind: EntryTask, Name: r.sid, Text: "reserved for " + w.name})
	s.after(s.workflows[t.workflow].ReservationTimeout, func() {
		if r.status == "pending" {
			r.giveUp("timeout", offlineSID)
		}
	})
	r.assign()
}

func (r *reservation) set(status string) {
	r.status, r.updated = status, r.task.sim.now()
	r.task.sim.note(Entry{Kind: EntryTask, Name: r.sid, Text: status})
}

// accept takes the task for the worker.
func (r *reservation) accept() {
	if r.status == "pending" {
		r.set("accepted")
		r.task.set("assigned")
	}
}

// giveUp ends a reservation without success: the task is offered again.
func (r *reservation) giveUp(status, activity string) {
	r.set(status)
	r.free(activity)
	if !r.task.over() {
		r.task.set("pending")
	}
}

// free lets the worker take other tasks.
func (r *reservation) free(activity string) {
	if w := r.worker; w.busy == r {
		w.busy, w.idle = nil, r.task.sim.now()
		w.become(r.task.sim, activity)
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
