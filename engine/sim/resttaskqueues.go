package sim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

var taskQueueParams = params(
	plain("FriendlyName TargetWorkers ReservationActivitySid AssignmentActivitySid"),
	wholes(codeParameter, 1, 50, "MaxReservedWorkers"),
	words(codeParameter, "FIFO LIFO", "TaskOrder"),
)

func (q *taskQueue) json() any {
	ws, o := q.space, q.common()
	o["target_workers"], o["max_reserved_workers"], o["task_order"] = q.target, q.maxOffers, q.order
	o["reservation_activity_sid"], o["reservation_activity_name"] = text(q.reserved), ws.activityName(q.reserved)
	o["assignment_activity_sid"], o["assignment_activity_name"] = text(q.assigned), ws.activityName(q.assigned)
	o["url"], o["links"] = ws.url("TaskQueues", q.sid), object{"workspace": ws.url()}
	return o
}

// listQueues lists task queues, also those for a worker or for attributes.
func (ws *workspace) listQueues(r *restRequest) (restAnswer, *restError) {
	var found []*taskQueue
	var attributes map[string]any
	_ = json.Unmarshal([]byte(r.get("EvaluateWorkerAttributes")), &attributes) // none if it cannot be read
	for _, q := range ws.queues {
		w := bySID(ws.workers(), r.get("WorkerSid"))
		switch {
		case !r.matches("FriendlyName", q.name), r.get("WorkerSid") != "" && (w == nil || !q.matches(w.attribute)):
		case attributes != nil && !q.matches(func(name string) any { return attribute(attributes, name) }):
		default:
			found = append(found, q)
		}
	}
	return page(ws.sim, r, "task_queues", found)
}

func (ws *workspace) createQueue(r *restRequest) (restAnswer, *restError) {
	if e := r.needs("FriendlyName"); e != nil {
		return restAnswer{}, e
	}
	q := &taskQueue{thing: ws.newThing("WQ", r.get("FriendlyName")), target: "1==1", maxOffers: 1, order: "FIFO"}
	if e := q.set(r); e != nil {
		return restAnswer{}, e
	}
	ws.queues = append(ws.queues, q)
	return made(q)
}

func (q *taskQueue) update(r *restRequest) (restAnswer, *restError) {
	if e := q.set(r); e != nil {
		return restAnswer{}, e
	}
	q.sim.routeSoon()
	return show(q, r)
}

func (q *taskQueue) set(r *restRequest) *restError {
	target := cmp.Or(r.get("TargetWorkers"), q.target)
	e, err := readTaskExpr(target)
	if err != nil {
		return badRequest(codeParameter, "TargetWorkers cannot be read: "+err.Error())
	}
	for _, name := range []string{"ReservationActivitySid", "AssignmentActivitySid"} {
		if e := q.space.checkActivity(r, name); e != nil {
			return e
		}
	}
	q.target, q.matches = target, e
	q.name = cmp.Or(r.get("FriendlyName"), q.name)
	q.order = strings.ToUpper(cmp.Or(r.get("TaskOrder"), q.order))
	r.setText("ReservationActivitySid", &q.reserved)
	r.setText("AssignmentActivitySid", &q.assigned)
	if n, err := strconv.Atoi(r.get("MaxReservedWorkers")); err == nil {
		q.maxOffers = n
	}
	q.updated = q.sim.now()
	return nil
}

// remove deletes a queue that no workflow leads to and no task waits in.
func (q *taskQueue) remove(*restRequest) (restAnswer, *restError) {
	ws := q.space
	used := slices.ContainsFunc(ws.workflows, func(f *workflow) bool { return strings.Contains(f.Configuration, q.sid) }) ||
		slices.ContainsFunc(ws.tasks(), func(t *task) bool { return t.queue == q.sid && !t.over() })
	if used {
		return restAnswer{}, badRequest(codeParameter, "Task queue "+q.name+" is in use")
	}
	ws.queues = slices.DeleteFunc(ws.queues, func(o *taskQueue) bool { return o == q })
	return gone()
}

var createWorkflowParams = params(
	plain("FriendlyName"),
	objects("Configuration"),
	webURLs(codeParameter, "AssignmentCallbackUrl FallbackAssignmentCallbackUrl"),
	wholes(codeParameter, 1, 86400, "TaskReservationTimeout"),
)

var updateWorkflowParams = params(createWorkflowParams, plain("ReEvaluateTasks"))

func (f *workflow) json() any {
	ws, o := f.space, f.common()
	o["assignment_callback_url"], o["fallback_assignment_callback_url"] = text(f.AssignmentURL), text(f.FallbackURL)
	o["configuration"], o["document_content_type"] = f.Configuration, "application/json"
	o["task_reservation_timeout"] = int(f.ReservationTimeout / time.Second)
	o["url"], o["links"] = ws.url("Workflows", f.sid), object{"workspace": ws.url()}
	return o
}

func (ws *workspace) listWorkflows(q *restRequest) (restAnswer, *restError) {
	return named(ws, q, "workflows", ws.workflows, func(f *workflow) string { return f.name })
}

func (ws *workspace) createWorkflow(q *restRequest) (restAnswer, *restError) {
	if e := q.needs("FriendlyName", "Configuration"); e != nil {
		return restAnswer{}, e
	}
	f := &workflow{thing: ws.newThing("WW", ""), Workflow: Workflow{ReservationTimeout: 120 * time.Second}}
	if e := f.set(q); e != nil {
		return restAnswer{}, e
	}
	ws.workflows = append(ws.workflows, f)
	return made(f)
}

func (f *workflow) update(q *restRequest) (restAnswer, *restError) {
	if e := f.set(q); e != nil {
		return restAnswer{}, e
	}
	if q.flag("ReEvaluateTasks") {
		for _, t := range f.space.tasks() {
			if t.workflow == f.sid && t.status == "pending" {
				t.steps = f.routing.steps(t.attributes)
				t.goTo(0)
			}
		}
	}
	return show(f, q)
}

func (f *workflow) set(q *restRequest) *restError {
	configuration := cmp.Or(q.get("Configuration"), f.Configuration)
	read, err := f.space.readRouting(configuration)
	if err != nil {
		return badRequest(codeParameter, "Configuration cannot be read: "+err.Error())
	}
	f.Configuration, f.routing = configuration, read
	f.name = cmp.Or(q.get("FriendlyName"), f.name)
	q.setText("AssignmentCallbackUrl", &f.AssignmentURL)
	q.setText("FallbackAssignmentCallbackUrl", &f.FallbackURL)
	f.ReservationTimeout = q.seconds("TaskReservationTimeout", int(f.ReservationTimeout/time.Second))
	f.updated = f.sim.now()
	return nil
}

// remove deletes a workflow that no task is on.
func (f *workflow) remove(*restRequest) (restAnswer, *restError) {
	ws := f.space
	if slices.ContainsFunc(ws.tasks(), func(t *task) bool { return t.workflow == f.sid && !t.over() }) {
		return restAnswer{}, badRequest(codeParameter, "Workflow "+f.name+" has tasks")
	}
	ws.workflows = slices.DeleteFunc(ws.workflows, func(o *workflow) bool { return o == f })
	return gone()
}

func (c *taskChannel) json() any {
	o := c.common()
	o["unique_name"], o["channel_optimized_routing"] = c.unique, c.optimized
	o["url"], o["links"] = c.space.url("TaskChannels", c.sid), object{"workspace": c.space.url()}
	return o
}

func (ws *workspace) listChannels(q *restRequest) (restAnswer, *restError) {
	return page(ws.sim, q, "channels", ws.channels)
}

func (ws *workspace) createChannel(q *restRequest) (restAnswer, *restError) {
	if e := q.needs("FriendlyName", "UniqueName"); e != nil {
		return restAnswer{}, e
	}
	if ws.channelAt(q.get("UniqueName")) != nil {
		return restAnswer{}, badRequest(codeParameter, "A task channel of that name exists: "+q.get("UniqueName"))
	}
	c := &taskChannel{thing: ws.newThing("TC", q.get("FriendlyName")), unique: q.get("UniqueName"), optimized: q.flag("ChannelOptimizedRouting")}
	ws.channels = append(ws.channels, c)
	return made(c)
}

func (c *taskChannel) update(q *restRequest) (restAnswer, *restError) {
	c.name, c.updated = cmp.Or(q.get("FriendlyName"), c.name), c.sim.now()
	q.setFlag("ChannelOptimizedRouting", &c.optimized)
	return show(c, q)
}

func (c *taskChannel) remove(*restRequest) (restAnswer, *restError) {
	if c.unique == "default" {
		return restAnswer{}, badRequest(codeParameter, "The default task channel cannot be deleted")
	}
	c.space.channels = slices.DeleteFunc(c.space.channels, func(o *taskChannel) bool { return o == c })
	return gone()
}
