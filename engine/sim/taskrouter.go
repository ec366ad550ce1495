package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

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
	Status      string // pending, accepted, rejected, timeout, canceled, rescinded, wrapping or completed
}

type worker struct {
	thing
	attributes map[string]any
	activity   string
	since      time.Time      // of the activity
	idle       time.Time      // since when it has had nothing to do
	busy       []*reservation // that it has been offered or has accepted
	capacity   map[string]int // of a task channel; 1 unless set
}

// available reports whether the worker can take a task of a channel now.
func (w *worker) available(channel string) bool {
	a := w.space.activityAt(w.activity)
	switch {
	case a == nil || !a.available:
		return false
	case !w.space.multiTask:
		return len(w.busy) == 0
	}
	return w.load(channel) < w.capacityOf(channel)
}

// load is how many tasks of a channel the worker has.
func (w *worker) load(channel string) int {
	n := 0
	for _, r := range w.busy {
		if r.task.channel == channel {
			n++
		}
	}
	return n
}

func (w *worker) capacityOf(channel string) int {
	if n, ok := w.capacity[channel]; ok {
		return n
	}
	return 1
}

// attribute is what an expression sees of a worker.
func (w *worker) attribute(name string) any {
	switch name {
	case "worker.sid", "sid":
		return w.sid
	case "worker.name", "friendly_name":
		return w.name
	case "activity_name":
		if a := w.space.activityAt(w.activity); a != nil {
			return a.name
		}
	}
	return attribute(w.attributes, name)
}

type task struct {
	thing
	workflow     string
	queue        string
	channel      string // SID
	attributes   map[string]any
	priority     int
	timeout      time.Duration
	status       string
	reason       string
	target       string    // RoutingTarget: a worker or a queue
	virtual      time.Time // VirtualStartTime
	ignoresLoad  bool      // IgnoreCapacity
	entered      time.Time // the queue
	steps        []taskTarget
	step         int
	waiting      *waiting // the call in the queue, nil once it has left
	reservations []*reservation
}

type reservation struct {
	thing
	task     *task
	worker   *worker
	status   string
	accepted time.Time
	postWork string // activity after the call
	leg      *Call  // to the worker, if an instruction has placed one
}

// AddWorker adds an available worker to the account's own workspace and returns its
// SID. attributes is the JSON object that assignments carry; contact_uri is the
// address that the instructions dequeue, call and conference ring.
func (s *Sim) AddWorker(name, attributes string) (string, error) {
	var a map[string]any
	if err := json.Unmarshal([]byte(attributes), &a); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ownWorkspace().addWorker(name, a, availableSID).sid, nil
}

func (ws *workspace) addWorker(name string, attributes map[string]any, activity string) *worker {
	w := &worker{thing: ws.newThing("WK", name), attributes: attributes, activity: activity, since: ws.sim.now(), idle: ws.sim.now(), capacity: map[string]int{}}
	ws.sim.workers = append(ws.sim.workers, w)
	ws.report("worker.created", "Worker "+name+" created", w, w.eventFields())
	ws.sim.routeSoon()
	return w
}

// SetAvailable makes a worker available or takes it offline. It does nothing
// for a name that is no worker's.
func (s *Sim) SetAvailable(name string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.workers {
		if w.name == name {
			w.become(pick(on, availableSID, offlineSID))
		}
	}
}

// TakeTask lets a worker accept the task that is reserved for it in TaskRouter's own page:
// Twilio rings the worker and connects the caller. It reports whether there was one.
func (s *Sim) TakeTask(worker string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		for _, r := range t.reservations {
			if r.worker.name == worker && r.status == "pending" {
				return r.instruct("dequeue", func(string) string { return "" }) == 0
			}
		}
	}
	return false
}

// Tasks returns all tasks, oldest first.
func (s *Sim) Tasks() []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Task
	for _, t := range s.tasks {
		one := Task{SID: t.sid, CallSID: t.callSID(), Workflow: t.workflow, Attributes: jsonText(t.attributes), Priority: t.priority, Status: t.status, Reason: t.reason}
		for _, r := range t.reservations {
			one.Reservations = append(one.Reservations, Reservation{SID: r.sid, Worker: r.worker.name, Status: r.status})
		}
		all = append(all, one)
	}
	return all
}

func (w *worker) become(activity string) {
	if activity != "" && w.activity != activity {
		w.activity, w.updated, w.since, w.idle = activity, w.sim.now(), w.sim.now(), w.sim.now()
		w.space.report("worker.activity.update", "Worker "+w.name+" updated to another activity", w, w.eventFields())
	}
	w.sim.routeSoon()
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

// callSID is the call that waits for the task, or "".
func (t *task) callSID() string {
	sid, _ := t.attributes["call_sid"].(string)
	return sid
}

// addTask takes a task in. Where its workflow has no place for it, it is canceled.
func (s *Sim) addTask(t *task) {
	s.tasks = append(s.tasks, t)
	s.note(Entry{Kind: EntryTask, Call: t.callSID(), Name: t.sid, Text: "pending"})
	t.space.report("task.created", "Task "+t.sid+" created", t, t.eventFields())
	s.after(t.timeout, func() {
		if t.status == "pending" || t.status == "reserved" {
			t.finish("canceled", "Task TTL Exceeded")
		}
	})
	if f := s.workflowAt(t.workflow); f != nil {
		t.steps = f.routing.steps(t.attributes)
	}
	if t.queue != "" {
		t.steps = []taskTarget{{queue: t.queue}}
	}
	t.goTo(0)
}

// goTo leads the task to a step of its way; behind the last it is canceled.
func (t *task) goTo(step int) {
	s := t.sim
	if step >= len(t.steps) {
		s.after(0, func() { t.finish("canceled", "Workflow timeout") })
		return
	}
	target := t.steps[step]
	t.step, t.queue, t.entered = step, target.queue, s.now()
	if target.priority != nil {
		t.priority = *target.priority
	}
	t.space.report("task-queue.entered", "Task "+t.sid+" entered a task queue", t, t.eventFields())
	if target.timeout > 0 {
		s.after(target.timeout, func() {
			if t.status == "pending" && t.step == step {
				t.goTo(step + 1)
			}
		})
	}
	s.routeSoon()
}

// fits reports whether a worker may have the task.
func (t *task) fits(w *worker) bool {
	q := t.space.queueAt(t.queue)
	switch {
	case w.space != t.space || q == nil || !t.ignoresLoad && !w.available(t.channel):
		return false
	case isSID(t.target, "WK"):
		return w.sid == t.target
	case !q.matches(w.attribute):
		return false
	}
	return t.step >= len(t.steps) || t.steps[t.step].matches == nil || t.steps[t.step].matches(func(name string) any {
		return attribute(map[string]any{"task": t.attributes, "worker": worked(w)}, name)
	})
}

// worked is what the expression of a target sees as worker.
func worked(w *worker) map[string]any {
	all := maps.Clone(w.attributes)
	if all == nil {
		all = map[string]any{}
	}
	all["sid"], all["friendly_name"] = w.sid, w.name
	return all
}

// routeSoon looks for a worker for each waiting task, a moment later.
func (s *Sim) routeSoon() { s.after(s.o.Timings.Callback, s.route) }

func (s *Sim) route() {
	waiting := slices.Clone(s.tasks)
	waiting = slices.DeleteFunc(waiting, func(t *task) bool { return t.status != "pending" && t.status != "reserved" })
	slices.SortStableFunc(waiting, func(a, b *task) int {
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
func (t *task) wantsOffer() bool {
	q := t.space.queueAt(t.queue)
	return q != nil && t.pending() < q.maxOffers && (t.status == "pending" || t.status == "reserved")
}

// pending counts the workers who have been asked and have not answered.
func (t *task) pending() int {
	n := 0
	for _, r := range t.reservations {
		if r.status == "pending" {
			n++
		}
	}
	return n
}

// bestWorker is who has had the task least often and has been idle for longest.
func (t *task) bestWorker() *worker {
	var best *worker
	for _, w := range t.sim.workers {
		if t.fits(w) && !t.offered(w) && (best == nil || t.offers(w) < t.offers(best) || t.offers(w) == t.offers(best) && w.idle.Before(best.idle)) {
			best = w
		}
	}
	return best
}

// offered reports whether a worker has the task in front of it now.
func (t *task) offered(w *worker) bool {
	return slices.ContainsFunc(t.reservations, func(r *reservation) bool { return r.worker == w && r.status == "pending" })
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
		t.sim.note(Entry{Kind: EntryTask, Call: t.callSID(), Name: t.sid, Text: status})
	}
}

func (t *task) over() bool { return t.status == "completed" || t.status == "canceled" }
