package taskrouter

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

var taskQueueParams = rest.Join(
	rest.Plain("FriendlyName TargetWorkers ReservationActivitySid AssignmentActivitySid"),
	rest.Wholes(rest.CodeParameter, 1, 50, "MaxReservedWorkers"),
	rest.Words(rest.CodeParameter, "FIFO LIFO", "TaskOrder"),
)

func (q *taskQueue) JSON() any {
	ws, o := q.space, q.common()
	o["target_workers"], o["max_reserved_workers"], o["task_order"] = q.target, q.maxOffers, q.order
	o["reservation_activity_sid"], o["reservation_activity_name"] = rest.Text(q.reserved), ws.activityName(q.reserved)
	o["assignment_activity_sid"], o["assignment_activity_name"] = rest.Text(q.assigned), ws.activityName(q.assigned)
	o["url"], o["links"] = ws.url("TaskQueues", q.sid), object{"workspace": ws.url()}
	return o
}

// listQueues lists task queues, also those for a worker or for attributes.
func (ws *workspace) listQueues(r *rest.Request) (rest.Answer, *rest.Error) {
	var found []*taskQueue
	var attributes map[string]any
	_ = json.Unmarshal([]byte(r.Get("EvaluateWorkerAttributes")), &attributes) // none if it cannot be read
	for _, q := range ws.queues {
		w := bySID(ws.workers(), r.Get("WorkerSid"))
		switch {
		case !r.Matches("FriendlyName", q.name), r.Get("WorkerSid") != "" && (w == nil || !q.matches(w.attribute)):
		case attributes != nil && !q.matches(func(name string) any { return attribute(attributes, name) }):
		default:
			found = append(found, q)
		}
	}
	return rest.Page(r, "task_queues", found)
}

func (ws *workspace) createQueue(r *rest.Request) (rest.Answer, *rest.Error) {
	if e := r.Needs("FriendlyName"); e != nil {
		return rest.Answer{}, e
	}
	q := &taskQueue{thing: ws.newThing("WQ", r.Get("FriendlyName")), target: "1==1", maxOffers: 1, order: "FIFO"}
	if e := q.set(r); e != nil {
		return rest.Answer{}, e
	}
	ws.queues = append(ws.queues, q)
	return rest.Created(q)
}

func (q *taskQueue) update(r *rest.Request) (rest.Answer, *rest.Error) {
	if e := q.set(r); e != nil {
		return rest.Answer{}, e
	}
	q.router.routeSoon()
	return rest.Show(q, r)
}

func (q *taskQueue) set(r *rest.Request) *rest.Error {
	target := cmp.Or(r.Get("TargetWorkers"), q.target)
	e, err := readExpression(target)
	if err != nil {
		return rest.BadRequest(rest.CodeParameter, "TargetWorkers cannot be read: "+err.Error())
	}
	for _, name := range []string{"ReservationActivitySid", "AssignmentActivitySid"} {
		if e := q.space.checkActivity(r, name); e != nil {
			return e
		}
	}
	q.target, q.matches = target, e
	q.name = cmp.Or(r.Get("FriendlyName"), q.name)
	q.order = strings.ToUpper(cmp.Or(r.Get("TaskOrder"), q.order))
	r.SetText("ReservationActivitySid", &q.reserved)
	r.SetText("AssignmentActivitySid", &q.assigned)
	if n, err := strconv.Atoi(r.Get("MaxReservedWorkers")); err == nil {
		q.maxOffers = n
	}
	q.updated = q.router.now()
	return nil
}

// remove deletes a queue that no workflow leads to and no task waits in.
func (q *taskQueue) remove(*rest.Request) (rest.Answer, *rest.Error) {
	ws := q.space
	used := slices.ContainsFunc(ws.workflows, func(f *workflow) bool { return strings.Contains(f.Configuration, q.sid) }) ||
		slices.ContainsFunc(ws.tasks(), func(t *Task) bool { return t.queue == q.sid && !t.over() })
	if used {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Task queue "+q.name+" is in use")
	}
	ws.queues = slices.DeleteFunc(ws.queues, func(o *taskQueue) bool { return o == q })
	return rest.Deleted()
}

var createWorkflowParams = rest.Join(
	rest.Plain("FriendlyName"),
	rest.Objects("Configuration"),
	rest.WebURLs(rest.CodeParameter, "AssignmentCallbackUrl FallbackAssignmentCallbackUrl"),
	rest.Wholes(rest.CodeParameter, 1, 86400, "TaskReservationTimeout"),
)

var updateWorkflowParams = rest.Join(createWorkflowParams, rest.Plain("ReEvaluateTasks"))

func (f *workflow) JSON() any {
	ws, o := f.space, f.common()
	o["assignment_callback_url"], o["fallback_assignment_callback_url"] = rest.Text(f.AssignmentURL), rest.Text(f.FallbackURL)
	o["configuration"], o["document_content_type"] = f.Configuration, "application/json"
	o["task_reservation_timeout"] = int(f.ReservationTimeout / time.Second)
	o["url"], o["links"] = ws.url("Workflows", f.sid), object{"workspace": ws.url()}
	return o
}

func (ws *workspace) listWorkflows(q *rest.Request) (rest.Answer, *rest.Error) {
	return named(ws, q, "workflows", ws.workflows, func(f *workflow) string { return f.name })
}

func (ws *workspace) createWorkflow(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := q.Needs("FriendlyName", "Configuration"); e != nil {
		return rest.Answer{}, e
	}
	f := &workflow{thing: ws.newThing("WW", ""), Workflow: Workflow{ReservationTimeout: 120 * time.Second}}
	if e := f.set(q); e != nil {
		return rest.Answer{}, e
	}
	ws.workflows = append(ws.workflows, f)
	return rest.Created(f)
}

func (f *workflow) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := f.set(q); e != nil {
		return rest.Answer{}, e
	}
	if q.Flag("ReEvaluateTasks") {
		for _, t := range f.space.tasks() {
			if t.workflow == f.sid && t.status == "pending" {
				t.steps = f.routing.steps(t.attributes)
				t.goTo(0)
			}
		}
	}
	return rest.Show(f, q)
}

func (f *workflow) set(q *rest.Request) *rest.Error {
	configuration := cmp.Or(q.Get("Configuration"), f.Configuration)
	read, err := f.space.readRouting(configuration)
	if err != nil {
		return rest.BadRequest(rest.CodeParameter, "Configuration cannot be read: "+err.Error())
	}
	f.Configuration, f.routing = configuration, read
	f.name = cmp.Or(q.Get("FriendlyName"), f.name)
	q.SetText("AssignmentCallbackUrl", &f.AssignmentURL)
	q.SetText("FallbackAssignmentCallbackUrl", &f.FallbackURL)
	f.ReservationTimeout = q.Seconds("TaskReservationTimeout", int(f.ReservationTimeout/time.Second))
	f.updated = f.router.now()
	return nil
}

// remove deletes a workflow that no task is on.
func (f *workflow) remove(*rest.Request) (rest.Answer, *rest.Error) {
	ws := f.space
	if slices.ContainsFunc(ws.tasks(), func(t *Task) bool { return t.workflow == f.sid && !t.over() }) {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Workflow "+f.name+" has tasks")
	}
	ws.workflows = slices.DeleteFunc(ws.workflows, func(o *workflow) bool { return o == f })
	return rest.Deleted()
}

func (c *taskChannel) JSON() any {
	o := c.common()
	o["unique_name"], o["channel_optimized_routing"] = c.unique, c.optimized
	o["url"], o["links"] = c.space.url("TaskChannels", c.sid), object{"workspace": c.space.url()}
	return o
}

func (ws *workspace) listChannels(q *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Page(q, "channels", ws.channels)
}

func (ws *workspace) createChannel(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := q.Needs("FriendlyName", "UniqueName"); e != nil {
		return rest.Answer{}, e
	}
	if ws.channelAt(q.Get("UniqueName")) != nil {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "A task channel of that name exists: "+q.Get("UniqueName"))
	}
	c := &taskChannel{thing: ws.newThing("TC", q.Get("FriendlyName")), unique: q.Get("UniqueName"), optimized: q.Flag("ChannelOptimizedRouting")}
	ws.channels = append(ws.channels, c)
	return rest.Created(c)
}

func (c *taskChannel) update(q *rest.Request) (rest.Answer, *rest.Error) {
	c.name, c.updated = cmp.Or(q.Get("FriendlyName"), c.name), c.router.now()
	q.SetFlag("ChannelOptimizedRouting", &c.optimized)
	return rest.Show(c, q)
}

func (c *taskChannel) remove(*rest.Request) (rest.Answer, *rest.Error) {
	if c.unique == "default" {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "The default task channel cannot be deleted")
	}
	c.space.channels = slices.DeleteFunc(c.space.channels, func(o *taskChannel) bool { return o == c })
	return rest.Deleted()
}
