package taskrouter

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

var workerFilters = rest.Filters("ActivityName ActivitySid Available FriendlyName TargetWorkersExpression TaskQueueName TaskQueueSid Ordering")

var (
	createWorkerParams = rest.Join(rest.Plain("FriendlyName ActivitySid"), rest.Objects("Attributes"))
	updateWorkerParams = rest.Join(createWorkerParams, rest.Plain("RejectPendingReservations"))
)

func (w *worker) JSON() any {
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
	return slices.DeleteFunc(slices.Clone(ws.router.workers), func(w *worker) bool { return w.space != ws })
}

func (ws *workspace) listWorkers(q *rest.Request) (rest.Answer, *rest.Error) {
	e, err := readExpression(q.Get("TargetWorkersExpression"))
	if err != nil {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "TargetWorkersExpression cannot be read: "+err.Error())
	}
	var found []*worker
	for _, w := range ws.workers() {
		a := ws.activityAt(w.activity)
		available := a != nil && a.available
		if q.Matches("FriendlyName", w.name) && q.Matches("ActivitySid", w.activity) && (a == nil || q.Matches("ActivityName", a.name)) &&
			(q.Get("Available") == "" || q.Flag("Available") == available || q.Matches("Available", strconv.FormatBool(available))) &&
			e(w.attribute) && ws.inQueue(w, q) {
			found = append(found, w)
		}
	}
	return rest.Page(q, "workers", found)
}

// inQueue reports whether the worker takes tasks of the queue that a filter names.
func (ws *workspace) inQueue(w *worker, q *rest.Request) bool {
	sid, name := q.Get("TaskQueueSid"), q.Get("TaskQueueName")
	return sid == "" && name == "" || slices.ContainsFunc(ws.queues, func(line *taskQueue) bool {
		return (line.sid == sid || name != "" && line.name == name) && line.matches(w.attribute)
	})
}

func (ws *workspace) createWorker(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := q.Needs("FriendlyName"); e != nil {
		return rest.Answer{}, e
	}
	if e := ws.checkActivity(q, "ActivitySid"); e != nil {
		return rest.Answer{}, e
	}
	if slices.ContainsFunc(ws.workers(), func(w *worker) bool { return w.name == q.Get("FriendlyName") }) {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "A worker of that name exists: "+q.Get("FriendlyName"))
	}
	attributes := map[string]any{}
	_ = json.Unmarshal([]byte(cmp.Or(q.Get("Attributes"), "{}")), &attributes) // was checked
	return rest.Created(ws.addWorker(q.Get("FriendlyName"), attributes, cmp.Or(q.Get("ActivitySid"), ws.starts)))
}

func (w *worker) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := w.space.checkActivity(q, "ActivitySid"); e != nil {
		return rest.Answer{}, e
	}
	if v := q.Get("Attributes"); v != "" {
		w.attributes = map[string]any{}
		_ = json.Unmarshal([]byte(v), &w.attributes) // was checked
		w.space.report("worker.attributes.update", "Worker "+w.name+" updated", w, w.eventFields())
	}
	if q.Flag("RejectPendingReservations") {
		for _, r := range slices.Clone(w.busy) {
			if r.status == "pending" {
				r.giveUp("rejected", "")
			}
		}
	}
	w.name, w.updated = cmp.Or(q.Get("FriendlyName"), w.name), w.router.now()
	w.become(q.Get("ActivitySid"))
	return rest.Show(w, q)
}

// remove deletes a worker who has nothing to do and takes no tasks.
func (w *worker) remove(*rest.Request) (rest.Answer, *rest.Error) {
	if a := w.space.activityAt(w.activity); len(w.busy) > 0 || a != nil && a.available {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Worker "+w.name+" is available or has a task: take it offline first")
	}
	w.router.workers = slices.DeleteFunc(w.router.workers, func(o *worker) bool { return o == w })
	return rest.Deleted()
}

// reservations are all that the worker has had, oldest first.
func (w *worker) reservations() []*Reservation {
	var all []*Reservation
	for _, t := range w.space.tasks() {
		for _, r := range t.reservations {
			if r.worker == w {
				all = append(all, r)
			}
		}
	}
	return all
}

func (w *worker) listReservations(q *rest.Request) (rest.Answer, *rest.Error) {
	return listReservations(w.router, q, w.reservations())
}

func reservationOfWorker(s *Router, q *rest.Request) (*Reservation, *rest.Error) {
	w, e := workerAt(s, q)
	if e != nil {
		return nil, e
	}
	return rest.Among(w.reservations(), q, func(r *Reservation) bool { return r.sid == q.Vars["Sid"] })
}

// workerChannel is how much of one kind of work a worker takes.
type workerChannel struct {
	worker  *worker
	channel *taskChannel
}

func (c *workerChannel) sid() string { return rest.FixedSID("WC", c.worker.sid+c.channel.sid) }

func (c *workerChannel) JSON() any {
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

func (w *worker) listChannels(q *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Page(q, "channels", w.channels())
}

func workerChannelAt(s *Router, q *rest.Request) (*workerChannel, *rest.Error) {
	w, e := workerAt(s, q)
	if e != nil {
		return nil, e
	}
	id := q.Vars["Sid"]
	return rest.Among(w.channels(), q, func(c *workerChannel) bool { return c.sid() == id || c.channel.sid == id || c.channel.unique == id })
}

func (c *workerChannel) update(q *rest.Request) (rest.Answer, *rest.Error) {
	w := c.worker
	if n, err := strconv.Atoi(q.Get("Capacity")); err == nil {
		w.capacity[c.channel.sid] = n
	}
	if q.Has("Available") && !q.Flag("Available") {
		w.capacity[c.channel.sid] = 0
	}
	w.router.routeSoon()
	return rest.Show(c, q)
}

var eventFilters = rest.Filters("EndDate EventType Minutes ReservationSid StartDate TaskQueueSid TaskSid WorkerSid WorkflowSid TaskChannel Sid")

func (e *event) JSON() any {
	ws, data := e.space, object{}
	for _, p := range e.fields {
		data[p.Name] = p.Value
	}
	return object{"sid": e.sid, "account_sid": e.router.o.AccountSID, "workspace_sid": ws.sid, "event_type": e.kind, "event_data": data,
		"event_date": isoDate(e.at), "event_date_ms": e.at.UnixMilli(), "description": e.description, "resource_sid": e.about, "resource_type": e.aboutKind,
		"resource_url": ws.url(map[string]string{"task": "Tasks", "reservation": "Reservations", "worker": "Workers"}[e.aboutKind], e.about),
		"actor_sid":    ws.sid, "actor_type": "system", "actor_url": ws.url(), "source": "twilio", "source_ip_address": nil, "url": ws.url("Events", e.sid)}
}

// taskEvents are those of the workspace, the newest first.
func (ws *workspace) taskEvents() []*event {
	found := slices.DeleteFunc(slices.Clone(ws.router.events), func(e *event) bool { return e.space != ws })
	slices.Reverse(found)
	return found
}

// listEvents lists the events of the last Minutes, 15 unless set, or those from
// StartDate to EndDate.
func (ws *workspace) listEvents(q *rest.Request) (rest.Answer, *rest.Error) {
	from, to := ws.window(q)
	found := slices.DeleteFunc(ws.taskEvents(), func(e *event) bool {
		return e.at.Before(from) || e.at.After(to) || !q.Matches("EventType", e.kind) || !q.Matches("Sid", e.sid) ||
			slices.ContainsFunc([]string{"TaskSid", "WorkerSid", "ReservationSid", "WorkflowSid", "TaskQueueSid"}, func(name string) bool {
				return !q.Matches(name, e.fields.value(name))
			})
	})
	return rest.Page(q, "events", found)
}
