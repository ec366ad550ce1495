package sim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

var workerFilters = filters("ActivityName ActivitySid Available FriendlyName TargetWorkersExpression TaskQueueName TaskQueueSid Ordering")

var (
	createWorkerParams = params(plain("FriendlyName ActivitySid"), objects("Attributes"))
	updateWorkerParams = params(createWorkerParams, plain("RejectPendingReservations"))
)

func (w *worker) json() any {
	ws, o := w.space, w.common()
	a := ws.activityAt(w.activity)
	o["activity_sid"], o["activity_name"], o["available"] = w.activity, ws.activityName(w.activity), a != nil && a.available
	o["attributes"], o["date_status_changed"] = jsonText(w.attributes), isoDate(w.since)
	o["url"] = ws.url("Workers", w.sid)
	o["links"] = object{"workspace": ws.url(), "channels": ws.url("Workers", w.sid, "Channels"), "reservations": ws.url("Workers", w.sid, "Reservations"),
		"activity": ws.url("Activities", w.activity)}
	return o
}

// workers are those of the workspace.
func (ws *workspace) workers() []*worker {
	return slices.DeleteFunc(slices.Clone(ws.sim.workers), func(w *worker) bool { return w.space != ws })
}

func (ws *workspace) listWorkers(q *restRequest) (restAnswer, *restError) {
	e, err := readTaskExpr(q.get("TargetWorkersExpression"))
	if err != nil {
		return restAnswer{}, badRequest(codeParameter, "TargetWorkersExpression cannot be read: "+err.Error())
	}
	var found []*worker
	for _, w := range ws.workers() {
		a := ws.activityAt(w.activity)
		available := a != nil && a.available
		if q.matches("FriendlyName", w.name) && q.matches("ActivitySid", w.activity) && (a == nil || q.matches("ActivityName", a.name)) &&
			(q.get("Available") == "" || q.flag("Available") == available || q.matches("Available", strconv.FormatBool(available))) &&
			e(w.attribute) && ws.inQueue(w, q) {
			found = append(found, w)
		}
	}
	return page(ws.sim, q, "workers", found)
}

// inQueue reports whether the worker takes tasks of the queue that a filter names.
func (ws *workspace) inQueue(w *worker, q *restRequest) bool {
	sid, name := q.get("TaskQueueSid"), q.get("TaskQueueName")
	return sid == "" && name == "" || slices.ContainsFunc(ws.queues, func(line *taskQueue) bool {
		return (line.sid == sid || name != "" && line.name == name) && line.matches(w.attribute)
	})
}

func (ws *workspace) createWorker(q *restRequest) (restAnswer, *restError) {
	if e := q.needs("FriendlyName"); e != nil {
		return restAnswer{}, e
	}
	if e := ws.checkActivity(q, "ActivitySid"); e != nil {
		return restAnswer{}, e
	}
	if slices.ContainsFunc(ws.workers(), func(w *worker) bool { return w.name == q.get("FriendlyName") }) {
		return restAnswer{}, badRequest(codeParameter, "A worker of that name exists: "+q.get("FriendlyName"))
	}
	attributes := map[string]any{}
	_ = json.Unmarshal([]byte(cmp.Or(q.get("Attributes"), "{}")), &attributes) // was checked
	return made(ws.addWorker(q.get("FriendlyName"), attributes, cmp.Or(q.get("ActivitySid"), ws.starts)))
}

func (w *worker) update(q *restRequest) (restAnswer, *restError) {
	if e := w.space.checkActivity(q, "ActivitySid"); e != nil {
		return restAnswer{}, e
	}
	if v := q.get("Attributes"); v != "" {
		w.attributes = map[string]any{}
		_ = json.Unmarshal([]byte(v), &w.attributes) // was checked
		w.space.report("worker.attributes.update", "Worker "+w.name+" updated", w, w.eventFields())
	}
	if q.flag("RejectPendingReservations") {
		for _, r := range slices.Clone(w.busy) {
			if r.status == "pending" {
				r.giveUp("rejected", "")
			}
		}
	}
	w.name, w.updated = cmp.Or(q.get("FriendlyName"), w.name), w.sim.now()
	w.become(q.get("ActivitySid"))
	return show(w, q)
}

// remove deletes a worker who has nothing to do and takes no tasks.
func (w *worker) remove(*restRequest) (restAnswer, *restError) {
	if a := w.space.activityAt(w.activity); len(w.busy) > 0 || a != nil && a.available {
		return restAnswer{}, badRequest(codeParameter, "Worker "+w.name+" is available or has a task: take it offline first")
	}
	w.sim.workers = slices.DeleteFunc(w.sim.workers, func(o *worker) bool { return o == w })
	return gone()
}

// reservations are all that the worker has had, oldest first.
func (w *worker) reservations() []*reservation {
	var all []*reservation
	for _, t := range w.space.tasks() {
		for _, r := range t.reservations {
			if r.worker == w {
				all = append(all, r)
			}
		}
	}
	return all
}

func (w *worker) listReservations(q *restRequest) (restAnswer, *restError) {
	return listReservations(w.sim, q, w.reservations())
}

func reservationOfWorker(s *Sim, q *restRequest) (*reservation, *restError) {
	w, e := workerAt(s, q)
	if e != nil {
		return nil, e
	}
	return among(w.reservations(), q, func(r *reservation) bool { return r.sid == q.vars["Sid"] })
}

// workerChannel is how much of one kind of work a worker takes.
type workerChannel struct {
	worker  *worker
	channel *taskChannel
}

func (c *workerChannel) sid() string { return fixedSID("WC", c.worker.sid+c.channel.sid) }

func (c *workerChannel) json() any {
	w := c.worker
	o := w.common()
	delete(o, "friendly_name")
	most, load := w.capacityOf(c.channel.sid), w.load(c.channel.sid)
	o["sid"], o["worker_sid"], o["task_channel_sid"], o["task_channel_unique_name"] = c.sid(), w.sid, c.channel.sid, c.channel.unique
	o["configured_capacity"], o["assigned_tasks"], o["available"] = most, load, most > 0
	o["available_capacity_percentage"] = 100 * max(0, most-load) / max(1, most)
	o["url"] = w.space.url("Workers", w.sid, "Channels", c.sid())
	return o
}

func (w *worker) channels() []*workerChannel {
	var all []*workerChannel
	for _, c := range w.space.channels {
		all = append(all, &workerChannel{w, c})
	}
	return all
}

func (w *worker) listChannels(q *restRequest) (restAnswer, *restError) {
	return page(w.sim, q, "channels", w.channels())
}

func workerChannelAt(s *Sim, q *restRequest) (*workerChannel, *restError) {
	w, e := workerAt(s, q)
	if e != nil {
		return nil, e
	}
	id := q.vars["Sid"]
	return among(w.channels(), q, func(c *workerChannel) bool { return c.sid() == id || c.channel.sid == id || c.channel.unique == id })
}

func (c *workerChannel) update(q *restRequest) (restAnswer, *restError) {
	w := c.worker
	if n, err := strconv.Atoi(q.get("Capacity")); err == nil {
		w.capacity[c.channel.sid] = n
	}
	if q.has("Available") && !q.flag("Available") {
		w.capacity[c.channel.sid] = 0
	}
	w.sim.routeSoon()
	return show(c, q)
}

var eventFilters = filters("EndDate EventType Minutes ReservationSid StartDate TaskQueueSid TaskSid WorkerSid WorkflowSid TaskChannel Sid")

func (e *taskEvent) json() any {
	ws, data := e.space, object{}
	for _, p := range e.fields {
		data[p.name] = p.value
	}
	return object{"sid": e.sid, "account_sid": e.sim.o.AccountSID, "workspace_sid": ws.sid, "event_type": e.kind, "event_data": data,
		"event_date": isoDate(e.at), "event_date_ms": e.at.UnixMilli(), "description": e.description, "resource_sid": e.about, "resource_type": e.aboutKind,
		"resource_url": ws.url(map[string]string{"task": "Tasks", "reservation": "Reservations", "worker": "Workers"}[e.aboutKind], e.about),
		"actor_sid":    ws.sid, "actor_type": "system", "actor_url": ws.url(), "source": "twilio", "source_ip_address": nil, "url": ws.url("Events", e.sid)}
}

// taskEvents are those of the workspace, the newest first.
func (ws *workspace) taskEvents() []*taskEvent {
	found := slices.DeleteFunc(slices.Clone(ws.sim.taskEvents), func(e *taskEvent) bool { return e.space != ws })
	slices.Reverse(found)
	return found
}

// listEvents lists the events of the last Minutes, 15 unless set, or those from
// StartDate to EndDate.
func (ws *workspace) listEvents(q *restRequest) (restAnswer, *restError) {
	from, to := ws.window(q)
	found := slices.DeleteFunc(ws.taskEvents(), func(e *taskEvent) bool {
		return e.at.Before(from) || e.at.After(to) || !q.matches("EventType", e.kind) || !q.matches("Sid", e.sid) ||
			slices.ContainsFunc([]string{"TaskSid", "WorkerSid", "ReservationSid", "WorkflowSid", "TaskQueueSid"}, func(name string) bool {
				return !q.matches(name, e.fields.value(name))
			})
	})
	return page(ws.sim, q, "events", found)
}
