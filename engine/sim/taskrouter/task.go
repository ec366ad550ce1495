package taskrouter

import (
	"encoding/json"
	"time"
)

// Task is a piece of work that a worker is sought for.
type Task struct {
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
	steps        []target  // of its way through the workflow
	step         int
	reservations []*Reservation
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

// CallSID is the call that waits for the task, or "".
func (t *Task) CallSID() string {
	sid, _ := t.attributes["call_sid"].(string)
	return sid
}

// addTask takes a task in. Where its workflow has no place for it, it is canceled.
func (s *Router) addTask(t *Task) {
	s.tasks = append(s.tasks, t)
	s.log(t.CallSID(), t.sid, "pending")
	t.space.report("task.created", "Task "+t.sid+" created", t, t.eventFields())
	s.after(t.timeout, func() {
		if t.status == "pending" || t.status == "reserved" {
			t.Finish("canceled", "Task TTL Exceeded")
		}
	})
	if f := s.workflowAt(t.workflow); f != nil {
		t.steps = f.routing.steps(t.attributes)
	}
	if t.queue != "" {
		t.steps = []target{{queue: t.queue}}
	}
	t.goTo(0)
}

// goTo leads the task to a step of its way; behind the last it is canceled.
func (t *Task) goTo(step int) {
	s := t.router
	if step >= len(t.steps) {
		s.after(0, func() { t.Finish("canceled", "Workflow timeout") })
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

func (t *Task) set(status string) {
	if t.status != status {
		t.status, t.updated = status, t.router.now()
		t.router.log(t.CallSID(), t.sid, status)
	}
}

func (t *Task) over() bool { return t.status == "completed" || t.status == "canceled" }

// newTask makes a task that is not taken in yet.
func (ws *workspace) newTask(workflow string) *Task {
	t := &Task{thing: ws.newThing("WT", ""), workflow: workflow, status: "pending", timeout: 24 * time.Hour, channel: ws.channels[0].sid}
	t.virtual = t.created
	return t
}

func (t *Task) age() int { return int(t.router.now().Sub(t.created) / time.Second) }

// SID returns the task's.
func (t *Task) SID() string { return t.sid }

// Set sets an attribute.
func (t *Task) Set(name, value string) { t.attributes[name] = value }

// Finish ends a task; status is completed or canceled. Its call leaves the queue if it still waits there.
func (t *Task) Finish(status, reason string) {
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
			r.set(status)
		default:
			continue
		}
		r.free(r.postWork)
		t.router.o.Calls.Drop(r)
	}
	t.space.report("task."+status, "Task "+t.sid+" "+status, t, t.eventFields())
	t.router.o.Calls.Release(t)
}

// CallLeft takes the end of the call's waiting, with its QueueResult. A task
// that a worker has accepted by itself lives on until it is completed by REST.
func (t *Task) CallLeft(result string) {
	switch {
	case result == "bridged" || result == "redirected-from-bridged":
		t.Finish("completed", "")
	case t.status == "assigned" || t.status == "wrapping":
	default:
		t.Finish("canceled", result)
	}
}
