package taskrouter

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

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
	filters []filter
	last    []target // the default filter
}

type filter struct {
	matches expression
	targets []target
}

// target is one step of a task on its way.
type target struct {
	queue    string
	matches  expression
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
		e, err := readExpression(f.Expression)
		if err != nil {
			return r, fmt.Errorf("expression %q: %w", f.Expression, err)
		}
		targets, err := ws.readTargets(f.Targets...)
		if err != nil {
			return r, err
		}
		r.filters = append(r.filters, filter{e, targets})
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

func (ws *workspace) readTargets(targets ...targetJSON) ([]target, error) {
	var all []target
	for _, t := range targets {
		e, err := readExpression(t.Expression)
		if err != nil {
			return nil, fmt.Errorf("expression %q: %w", t.Expression, err)
		}
		if ws.queueAt(t.Queue) == nil {
			return nil, fmt.Errorf("%q is no task queue of the workspace", t.Queue)
		}
		all = append(all, target{t.Queue, e, time.Duration(t.Timeout) * time.Second, t.Priority})
	}
	return all, nil
}

// steps are the targets of a task with these attributes: those of the first filter
// that fits, and at the end the default one.
func (r routing) steps(attributes map[string]any) []target {
	for _, f := range r.filters {
		if f.matches(func(name string) any { return attribute(attributes, name) }) {
			return slices.Concat(f.targets, r.last)
		}
	}
	return r.last
}

// workflowAt finds a workflow of any workspace, or nil.
func (s *Router) workflowAt(sid string) *workflow {
	for _, ws := range s.workspaces {
		if f := bySID(ws.workflows, sid); f != nil {
			return f
		}
	}
	return nil
}

// AddWorkflow adds a workflow to the account's own workspace under its SID, or
// changes it. A configuration that cannot be read leads to all.
func (s *Router) AddWorkflow(sid string, f Workflow) {
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
		f.Configuration = defaultConfiguration(QueueSID)
		read, _ = ws.readRouting(f.Configuration) // our own can be read
	}
	made.Workflow, made.routing = f, read
}
