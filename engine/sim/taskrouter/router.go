package taskrouter

import (
	"encoding/json"
	"time"
)

// Clock is the time of the account.
type Clock interface {
	Now() time.Time
	After(d time.Duration, f func())
}

// Account gives SIDs and takes what there is to tell.
type Account interface {
	SID(prefix string) string                // a new one
	Log(call, sid, text string)              // a task or reservation has changed; call is "" for none
	Warn(code int, call string, text string) // in the debugger
}

// Webhooks sends requests to the application.
type Webhooks interface {
	// Assign asks what to do with a reservation. done gets the answer, or why there is none.
	Assign(call, url string, fields Fields, done func(answer map[string]any, why string))
	// Event tells a workspace's event.
	Event(url string, fields Fields)
}

// Calls does to telephone calls what TaskRouter wants.
type Calls interface {
	// Instruct runs an instruction that needs a call: dequeue, call, redirect,
	// conference or supervise. get reads its parameters; the result is an error code, or 0.
	Instruct(r *Reservation, name string, get func(string) string) int
	// Drop hangs up on a worker who has not answered the call of a reservation that is over.
	Drop(r *Reservation)
	// Release lets the caller of a task that is over go on, if it still waits.
	Release(t *Task)
}

// Options is what TaskRouter works with; all fields but CancelFailed are required.
type Options struct {
	AccountSID   string
	Delay        time.Duration // from a change to the search for workers
	CancelFailed func() bool   // whether a reservation whose callbacks fail is canceled
	Clock        Clock
	Account      Account
	Webhooks     Webhooks
	Calls        Calls
}

// Router is TaskRouter of one account. It is not safe for concurrent use: its
// user holds one lock around all methods and whatever its clock runs.
type Router struct {
	o          Options
	workspaces []*workspace
	workers    []*worker
	tasks      []*Task
	events     []*event
}

// New returns TaskRouter with the workspace that every account has.
func New(o Options) *Router {
	s := &Router{o: o}
	s.ownWorkspace()
	return s
}

// TaskState is what there is to see of a task.
type TaskState struct {
	SID, CallSID, Workflow string
	Attributes             string // JSON
	Priority               int
	Status                 string // pending, reserved, assigned, wrapping, completed or canceled
	Reason                 string
	Reservations           []ReservationState // oldest first
}

// ReservationState is what there is to see of the offer of a task to a worker.
type ReservationState struct {
	SID, Worker string
	Status      string // pending, accepted, rejected, timeout, canceled, rescinded, wrapping or completed
}

// States returns all tasks, oldest first.
func (s *Router) States() []TaskState {
	var all []TaskState
	for _, t := range s.tasks {
		one := TaskState{SID: t.sid, CallSID: t.CallSID(), Workflow: t.workflow, Attributes: jsonText(t.attributes), Priority: t.priority, Status: t.status, Reason: t.reason}
		for _, r := range t.reservations {
			one.Reservations = append(one.Reservations, ReservationState{SID: r.sid, Worker: r.worker.name, Status: r.status})
		}
		all = append(all, one)
	}
	return all
}

// AddWorker adds an available worker to the account's own workspace and returns its
// SID. attributes is a JSON object.
func (s *Router) AddWorker(name, attributes string) (string, error) {
	var a map[string]any
	if err := json.Unmarshal([]byte(attributes), &a); err != nil {
		return "", err
	}
	return s.ownWorkspace().addWorker(name, a, availableSID).sid, nil
}

// SetAvailable makes a worker available or takes it offline. It does nothing
// for a name that is no worker's.
func (s *Router) SetAvailable(name string, on bool) {
	activity := offlineSID
	if on {
		activity = availableSID
	}
	for _, w := range s.workers {
		if w.name == name {
			w.become(activity)
		}
	}
}

// Take lets a worker accept the task that is reserved for it, as in TaskRouter's own
// page: by the instruction dequeue. It reports whether there was one.
func (s *Router) Take(worker string) bool {
	for _, t := range s.tasks {
		for _, r := range t.reservations {
			if r.worker.name == worker && r.status == "pending" {
				return r.instruct("dequeue", func(string) string { return "" }) == 0
			}
		}
	}
	return false
}

// HasWorkflow reports whether a workspace has a workflow with that SID.
func (s *Router) HasWorkflow(sid string) bool { return s.workflowAt(sid) != nil }

// AddTask makes a task for a workflow, which must be there.
func (s *Router) AddTask(workflow string, attributes map[string]any, priority int, timeout time.Duration) *Task {
	t := s.workflowAt(workflow).space.newTask(workflow)
	t.attributes, t.priority, t.timeout = attributes, priority, timeout
	s.addTask(t)
	return t
}

// Reservation finds a reservation by SID, or nil.
func (s *Router) Reservation(sid string) *Reservation {
	for _, t := range s.tasks {
		for _, r := range t.reservations {
			if r.sid == sid {
				return r
			}
		}
	}
	return nil
}

func (s *Router) now() time.Time { return s.o.Clock.Now() }

func (s *Router) after(d time.Duration, f func()) { s.o.Clock.After(d, f) }

func (s *Router) log(call, sid, text string) { s.o.Account.Log(call, sid, text) }
