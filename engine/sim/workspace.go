package sim

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The TaskRouter workspace that every simulated account has, its task queue for
// everybody and its activities. More are made by REST.
const (
	WorkspaceSID   = "WS00000000000000000000000000000001"
	taskQueueSID   = "WQ00000000000000000000000000000001"
	availableSID   = "WA00000000000000000000000000000001"
	offlineSID     = "WA00000000000000000000000000000002"
	unavailableSID = "WA00000000000000000000000000000003"
)

// thing is what every resource of TaskRouter has.
type thing struct {
	sim     *Sim
	space   *workspace
	sid     string
	name    string
	created time.Time
	updated time.Time
}

// workspace holds what one team works with.
type workspace struct {
	thing
	eventURL   string
	events     string // EventsFilter: event types with commas between them, "" for all
	multiTask  bool
	order      string // prioritize_queue_order
	starts     string // activity of new workers
	timesOut   string // activity after a reservation that timed out
	activities []*activity
	queues     []*taskQueue
	workflows  []*workflow
	channels   []*taskChannel
}

// activity is what a worker does: it takes tasks or not.
type activity struct {
	thing
	available bool
}

// taskQueue holds tasks for the workers whom its expression names.
type taskQueue struct {
	thing
	target    string // TargetWorkers
	matches   taskExpr
	reserved  string // activity of a worker with a reservation, "" to leave it
	assigned  string // activity of a worker with a task, "" to leave it
	maxOffers int    // MaxReservedWorkers
	order     string // FIFO or LIFO
}

// taskChannel is a kind of work: voice, chat ...
type taskChannel struct {
	thing
	unique    string
	optimized bool
}

// workflow leads tasks to queues.
type workflow struct {
	thing
	Workflow
	routing routing
}

// Workflow is a TaskRouter workflow. Of the workers that its configuration allows,
// the task with the highest priority goes to the one who has been idle for longest.
type Workflow struct {
	AssignmentURL      string        // AssignmentCallbackUrl; none leaves reservations to REST
	FallbackURL        string        // FallbackAssignmentCallbackUrl
	ReservationTimeout time.Duration // TaskReservationTimeout; default 120 s
	Configuration      string        // JSON as TaskRouter takes it; default: all tasks to all workers
}

// routing is the configuration of a workflow, read.
type routing struct {
	filters []taskFilter
	last    []taskTarget // the default filter
}

type taskFilter struct {
	matches taskExpr
	targets []taskTarget
}

// taskTarget is one step of a task on its way.
type taskTarget struct {
	queue    string
	matches  taskExpr
	timeout  time.Duration
	priority *int
}

// defaultConfiguration leads all tasks to a queue.
func defaultConfiguration(queue string) string {
	return fmt.Sprintf(`{"task_routing":{"filters":[],"default_filter":{"queue":%q}}}`, queue)
}

// targetJSON is a target as a configuration writes it.
type targetJSON struct {
	Queue      string `json:"queue"`
	Expression string `json:"expression"`
	Timeout    int    `json:"timeout"` // seconds
	Priority   *int   `json:"priority"`
}

// readRouting reads a configuration (documentation: TaskRouter, "Workflow
// configuration"); every queue must be one of the workspace.
func (ws *workspace) readRouting(text string) (routing, error) {
	var c struct {
		TaskRouting struct {
			Filters []struct {
				Expression string       `json:"expression"`
				Targets    []targetJSON `json:"targets"`
			} `json:"filters"`
			Default *targetJSON `json:"default_filter"`
		} `json:"task_routing"`
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return routing{}, err
	}
	var r routing
	for _, f := range c.TaskRouting.Filters {
		e, err := readTaskExpr(f.Expression)
		if err != nil {
			return r, fmt.Errorf("expression %q: %w", f.Expression, err)
		}
		targets, err := ws.readTargets(f.Targets...)
		if err != nil {
			return r, err
		}
		r.filters = append(r.filters, taskFilter{e, targets})
	}
	if d := c.TaskRouting.Default; d != nil {
		last, err := ws.readTargets(*d)
		if err != nil {
			return r, err
		}
		r.last = last
	}
	return r, nil
}

func (ws *workspace) readTargets(targets ...targetJSON) ([]taskTarget, error) {
	var all []taskTarget
	for _, t := range targets {
		e, err := readTaskExpr(t.Expression)
		if err != nil {
			return nil, fmt.Errorf("expression %q: %w", t.Expression, err)
		}
		if ws.queueAt(t.Queue) == nil {
			return nil, fmt.Errorf("%q is no task queue of the workspace", t.Queue)
		}
		all = append(all, taskTarget{t.Queue, e, time.Duration(t.Timeout) * time.Second, t.Priority})
	}
	return all, nil
}

// steps are the targets of a task with these attributes: those of the first filter
// that fits, and at the end the default one.
func (r routing) steps(attributes map[string]any) []taskTarget {
	for _, f := range r.filters {
		if f.matches(func(name string) any { return attribute(attributes, name) }) {
			return slices.Concat(f.targets, r.last)
		}
	}
	return r.last
}

// newThing makes what a resource of the workspace has.
func (ws *workspace) newThing(prefix, name string) thing {
	s := ws.sim
	return thing{sim: s, space: ws, sid: s.sid(prefix), name: name, created: s.now(), updated: s.now()}
}

// newWorkspace makes a workspace with Twilio's activities and channels, and a queue
// for everybody.
func (s *Sim) newWorkspace(sid, name string) *workspace {
	ws := &workspace{thing: thing{sim: s, sid: sid, name: name, created: s.now(), updated: s.now()}, multiTask: true, order: "FIFO"}
	ws.space = ws
	for _, a := range []struct {
		sid, name string
		available bool
	}{{availableSID, "Available", true}, {offlineSID, "Offline", false}, {unavailableSID, "Unavailable", false}} {
		made := &activity{thing: ws.newThing("WA", a.name), available: a.available}
		if sid == WorkspaceSID {
			made.sid = a.sid
		}
		ws.activities = append(ws.activities, made)
	}
	ws.starts, ws.timesOut = ws.activities[1].sid, ws.activities[1].sid
	for _, c := range []string{"default", "voice", "chat", "sms", "video", "email"} {
		ws.channels = append(ws.channels, &taskChannel{thing: ws.newThing("TC", c), unique: c})
	}
	s.workspaces = append(s.workspaces, ws)
	return ws
}

// ownWorkspace is the workspace that every account has, with its queue.
func (s *Sim) ownWorkspace() *workspace {
	if len(s.workspaces) == 0 {
		ws := s.newWorkspace(WorkspaceSID, "Simulated workspace")
		ws.multiTask = false
		everyone := ws.addQueue("Everyone", "1==1")
		everyone.sid = taskQueueSID
	}
	return s.workspaces[0]
}

// addQueue makes a task queue; target must be an expression that can be read.
func (ws *workspace) addQueue(name, target string) *taskQueue {
	q := &taskQueue{thing: ws.newThing("WQ", name), target: target, maxOffers: 1, order: "FIFO"}
	q.matches, _ = readTaskExpr(target)
	ws.queues = append(ws.queues, q)
	return q
}

func (ws *workspace) activityAt(sid string) *activity { return bySID(ws.activities, sid) }
func (ws *workspace) queueAt(sid string) *taskQueue   { return bySID(ws.queues, sid) }

// channelAt finds a task channel by SID or unique name.
func (ws *workspace) channelAt(id string) *taskChannel {
	if i := slices.IndexFunc(ws.channels, func(c *taskChannel) bool { return c.sid == id || c.unique == id }); i >= 0 {
		return ws.channels[i]
	}
	return nil
}

// workflowAt finds a workflow of any workspace, or nil.
func (s *Sim) workflowAt(sid string) *workflow {
	for _, ws := range s.workspaces {
		if f := bySID(ws.workflows, sid); f != nil {
			return f
		}
	}
	return nil
}

// identified is a resource that has an SID.
type identified interface{ id() string }

func (t *thing) id() string { return t.sid }

// bySID finds a resource in a list, or nil.
func bySID[P interface {
	*T
	identified
}, T any](all []P, sid string) P {
	for _, one := range all {
		if one.id() == sid {
			return one
		}
	}
	return nil
}

// AddWorkflow adds a workflow to the account's own workspace under its SID (WW and
// 32 hex digits), or changes it. A configuration that cannot be read leads to all.
func (s *Sim) AddWorkflow(sid string, f Workflow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ws := s.ownWorkspace()
	made := bySID(ws.workflows, sid)
	if made == nil {
		made = &workflow{thing: ws.newThing("WW", sid)}
		made.sid = sid
		ws.workflows = append(ws.workflows, made)
	}
	if f.ReservationTimeout <= 0 {
		f.ReservationTimeout = 120 * time.Second
	}
	read, err := ws.readRouting(f.Configuration)
	if err != nil {
		f.Configuration = defaultConfiguration(taskQueueSID)
		read, _ = ws.readRouting(f.Configuration) // our own can be read
	}
	made.Workflow, made.routing = f, read
}
