package sim

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/taskrouter"
	"github.com/ringdown/ringdown/engine/twiml"
)

// WorkspaceSID is the TaskRouter workspace that every simulated account has. More
// are made by REST.
const WorkspaceSID = taskrouter.WorkspaceSID

// What TaskRouter is given and tells.
type (
	Workflow    = taskrouter.Workflow
	Task        = taskrouter.TaskState
	Reservation = taskrouter.ReservationState
)

// AddWorker adds an available worker to the account's own workspace and returns its
// SID. attributes is the JSON object that assignments carry; contact_uri is the
// address that the instructions dequeue, call and conference ring.
func (s *Sim) AddWorker(name, attributes string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taskRouter.AddWorker(name, attributes)
}

// SetAvailable makes a worker available or takes it offline. It does nothing
// for a name that is no worker's.
func (s *Sim) SetAvailable(name string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taskRouter.SetAvailable(name, on)
}

// TakeTask lets a worker accept the task that is reserved for it in TaskRouter's own page:
// Twilio rings the worker and connects the caller. It reports whether there was one.
func (s *Sim) TakeTask(worker string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taskRouter.Take(worker)
}

// Tasks returns all tasks, oldest first.
func (s *Sim) Tasks() []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taskRouter.States()
}

// AddWorkflow adds a workflow to the account's own workspace under its SID (WW and
// 32 hex digits), or changes it. A configuration that cannot be read leads to all.
func (s *Sim) AddWorkflow(sid string, f taskrouter.Workflow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taskRouter.AddWorkflow(sid, f)
}

// taskHost is what TaskRouter needs of the account.
type taskHost struct{ sim *Sim }

func (s *Sim) newTaskRouter() *taskrouter.Router {
	host := taskHost{s}
	return taskrouter.New(taskrouter.Options{AccountSID: s.o.AccountSID, Delay: s.o.Timings.Callback,
		CancelFailed: func() bool { return s.o.Switches.FailedAssignmentCancels },
		Clock:        host, Account: host, Webhooks: host, Calls: host})
}

func (h taskHost) Now() time.Time                  { return h.sim.now() }
func (h taskHost) After(d time.Duration, f func()) { h.sim.after(d, f) }
func (h taskHost) SID(prefix string) string        { return h.sim.sid(prefix) }

func (h taskHost) Log(call, sid, text string) {
	h.sim.note(Entry{Kind: EntryTask, Call: call, Name: sid, Text: text})
}

func (h taskHost) Warn(code int, call, text string) { h.sim.alert(code, call, "", text, fetched{}) }

func (h taskHost) Event(url string, fields taskrouter.Fields) {
	h.sim.callback(hook{name: "event", to: endpoint{url: url}, params: formOf(fields)})
}

// assignmentLimit is how long an assignment callback may take (documentation:
// TaskRouter, "Handle assignment callbacks").
const assignmentLimit = 5 * time.Second

// Assign sends an assignment callback: its answer must be 200 and JSON.
func (h taskHost) Assign(call, url string, fields taskrouter.Fields, done func(map[string]any, string)) {
	s := h.sim
	limits := overrides{connect: assignmentLimit, read: assignmentLimit, total: assignmentLimit, retries: 1, on: map[string]bool{"ct": true}}
	s.schedule(s.o.Timings.Latency, &hook{kind: EntryWebhook, name: "assignment", sid: call, to: endpoint{url: url}, token: s.uuid(), limits: limits,
		params: formOf(fields), done: func(answer reply) { done(assignmentAnswer(answer)) }})
}

func formOf(fields taskrouter.Fields) form {
	f := make(form, 0, len(fields))
	for _, one := range fields {
		f = f.with(one.Name, one.Value)
	}
	return f
}

// Drop hangs up on a worker who has not answered the call of a reservation.
func (h taskHost) Drop(r *taskrouter.Reservation) {
	if leg := h.sim.taskLegs[r]; leg != nil && leg.answered.IsZero() {
		leg.end("canceled")
	}
	delete(h.sim.taskLegs, r)
}

// Release lets the caller of a task go on behind its Enqueue.
func (h taskHost) Release(t *taskrouter.Task) {
	if w := h.sim.taskWaits[t]; w != nil {
		delete(h.sim.taskWaits, t)
		w.out(pick(h.sim.o.Switches.TaskEndIsError, "system-error", "leave"))
	}
}

// taskLeft tells TaskRouter that a caller has left the queue, with its QueueResult.
func (s *Sim) taskLeft(t *taskrouter.Task, result string) {
	delete(s.taskWaits, t)
	if result != "redirected" || !s.o.Switches.RedirectKeepsTask {
		t.CallLeft(result)
	}
}

// enqueueTask makes a task of an Enqueue with a workflow. The second result is
// the error code of one that cannot be made.
func (r *run) enqueueTask(verb *twiml.Element, workflow string) (*taskrouter.Task, int) {
	s := r.sim
	if !s.taskRouter.HasWorkflow(workflow) {
		return nil, 14220
	}
	priority, timeout := 0, 86400
	attributes, noun := map[string]any{}, verb.First("Task")
	if noun != nil {
		if body := noun.Body(); body != "" && json.Unmarshal([]byte(body), &attributes) != nil || attributes == nil {
			return nil, 14221
		}
		priority, timeout = intAttr(noun, "priority", 0), intAttr(noun, "timeout", 86400)
	}
	c := r.call
	attributes["call_sid"] = c.sid
	if !s.o.Switches.TaskCallSIDOnly {
		for key, v := range map[string]string{"account_sid": s.o.AccountSID, "from": c.from, "to": c.to, "caller": c.from,
			"called": c.to, "direction": c.direction, "api_version": apiVersion} {
			if _, own := attributes[key]; !own {
				attributes[key] = v
			}
		}
	}
	return s.taskRouter.AddTask(workflow, attributes, priority, time.Duration(timeout)*time.Second), 0
}

// assignmentAnswer reads the JSON of an answer, or says why there is none.
func assignmentAnswer(a reply) (map[string]any, string) {
	media, _, _ := mime.ParseMediaType(a.ctype)
	switch {
	case a.code != 0:
		return nil, a.why
	case a.status != http.StatusOK:
		return nil, fmt.Sprintf("status %d", a.status)
	case media != "application/json":
		return nil, "content type " + strconv.Quote(a.ctype)
	case len(strings.TrimSpace(string(a.body))) == 0:
		return nil, ""
	}
	var answers map[string]any
	if err := json.Unmarshal(a.body, &answers); err != nil {
		return nil, err.Error()
	}
	return answers, ""
}
