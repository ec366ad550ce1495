package sim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

var taskFilters = filters("Priority AssignmentStatus WorkflowSid WorkflowName TaskQueueSid TaskQueueName EvaluateTaskAttributes RoutingTarget Ordering HasAddons")

var createTaskParams = params(
	plain("WorkflowSid TaskQueueSid TaskChannel VirtualStartTime RoutingTarget IgnoreCapacity"),
	objects("Attributes"),
	wholes(codeParameter, 1, 1209600, "Timeout"),
	wholes(codeParameter, 0, 1<<31-1, "Priority"),
)

var updateTaskParams = params(
	plain("Reason TaskChannel VirtualStartTime"),
	objects("Attributes"),
	words(codeParameter, "pending reserved assigned canceled completed wrapping", "AssignmentStatus"),
	wholes(codeParameter, 0, 1<<31-1, "Priority"),
)

func (t *task) json() any {
	ws, o := t.space, t.common()
	delete(o, "friendly_name")
	o["assignment_status"], o["attributes"], o["reason"], o["addons"] = t.status, jsonText(t.attributes), text(t.reason), "{}"
	o["priority"], o["timeout"], o["age"] = t.priority, int(t.timeout/time.Second), t.age()
	o["workflow_sid"], o["workflow_friendly_name"] = text(t.workflow), nil
	if f := bySID(ws.workflows, t.workflow); f != nil {
		o["workflow_friendly_name"] = f.name
	}
	o["task_queue_sid"], o["task_queue_friendly_name"], o["task_queue_entered_date"] = text(t.queue), nil, nil
	if q := ws.queueAt(t.queue); q != nil {
		o["task_queue_friendly_name"], o["task_queue_entered_date"] = q.name, isoDate(t.entered)
	}
	if c := ws.channelAt(t.channel); c != nil {
		o["task_channel_sid"], o["task_channel_unique_name"] = c.sid, c.unique
	}
	o["virtual_start_time"], o["ignore_capacity"], o["routing_target"] = isoDate(t.virtual), t.ignoresLoad, text(t.target)
	o["url"], o["links"] = ws.url("Tasks", t.sid), object{"workspace": ws.url(), "reservations": ws.url("Tasks", t.sid, "Reservations")}
	return o
}

// tasks are those of the workspace.
func (ws *workspace) tasks() []*task {
	return slices.DeleteFunc(slices.Clone(ws.sim.tasks), func(t *task) bool { return t.space != ws })
}

func (ws *workspace) listTasks(q *restRequest) (restAnswer, *restError) {
	e, err := readTaskExpr(q.get("EvaluateTaskAttributes"))
	if err != nil {
		return restAnswer{}, badRequest(codeParameter, "EvaluateTaskAttributes cannot be read: "+err.Error())
	}
	var found []*task
	for _, t := range ws.tasks() {
		queue, flow := ws.queueAt(t.queue), bySID(ws.workflows, t.workflow)
		if q.matchesAny("AssignmentStatus", t.status) && q.matches("WorkflowSid", t.workflow) && q.matches("TaskQueueSid", t.queue) &&
			q.matches("Priority", strconv.Itoa(t.priority)) && q.matches("RoutingTarget", t.target) &&
			(queue == nil || q.matches("TaskQueueName", queue.name)) && (flow == nil || q.matches("WorkflowName", flow.name)) &&
			e(func(name string) any { return attribute(t.attributes, name) }) {
			found = append(found, t)
		}
	}
	by, downward, _ := strings.Cut(q.get("Ordering"), ":")
	slices.SortStableFunc(found, func(a, b *task) int {
		n := 0
		switch by {
		case "DateCreated":
			n = a.created.Compare(b.created)
		case "Priority":
			n = a.priority - b.priority
		}
		if strings.EqualFold(downward, "desc") {
			n = -n
		}
		return n
	})
	return page(ws.sim, q, "tasks", found)
}

// matchesAny is matches for a filter of several values with commas between them.
func (q *restRequest) matchesAny(name, value string) bool {
	want := q.form[name]
	return len(want) == 0 || slices.Contains(strings.Split(strings.Join(want, ","), ","), value)
}

func (ws *workspace) createTask(q *restRequest) (restAnswer, *restError) {
	flow := q.get("WorkflowSid")
	if flow == "" && q.get("TaskQueueSid") == "" && len(ws.workflows) > 0 {
		flow = ws.workflows[0].sid
	}
	t := ws.newTask(flow)
	switch channel := ws.channelAt(cmp.Or(q.get("TaskChannel"), "default")); {
	case flow != "" && bySID(ws.workflows, flow) == nil:
		return restAnswer{}, badRequest(codeParameter, "WorkflowSid is not a workflow of this workspace: "+flow)
	case q.get("TaskQueueSid") != "" && ws.queueAt(q.get("TaskQueueSid")) == nil:
		return restAnswer{}, badRequest(codeParameter, "TaskQueueSid is not a task queue of this workspace: "+q.get("TaskQueueSid"))
	case flow == "" && q.get("TaskQueueSid") == "":
		return restAnswer{}, badRequest(codeParameter, "WorkflowSid is required: the workspace has no workflow")
	case channel == nil:
		return restAnswer{}, badRequest(codeParameter, "TaskChannel is not a task channel of this workspace: "+q.get("TaskChannel"))
	default:
		t.channel = channel.sid
	}
	t.attributes = map[string]any{}
	_ = json.Unmarshal([]byte(q.get("Attributes")), &t.attributes) // was checked
	t.queue, t.target, t.ignoresLoad = q.get("TaskQueueSid"), q.get("RoutingTarget"), q.flag("IgnoreCapacity")
	t.priority, _ = strconv.Atoi(q.get("Priority"))
	t.timeout = q.seconds("Timeout", 86400)
	if at, _, ok := parseDate(q.get("VirtualStartTime")); ok {
		t.virtual = at
	}
	ws.sim.addTask(t)
	return made(t)
}

// update changes a task: an assigned one may be completed or wrapped up, one
// that is not over may be canceled.
func (t *task) update(q *restRequest) (restAnswer, *restError) {
	status := q.get("AssignmentStatus")
	busy := t.status == "assigned" || t.status == "wrapping"
	switch {
	case status == "":
	case status == "completed" && busy:
		t.finish("completed", q.get("Reason"))
	case status == "wrapping" && t.status == "assigned":
		t.set("wrapping")
		t.space.report("task.wrapup", "Task "+t.sid+" wrapping up", t, t.eventFields())
	case status == "canceled" && !t.over() && !busy:
		t.finish("canceled", q.get("Reason"))
	default:
		return restAnswer{}, badRequest(codeParameter, "Cannot change task "+t.sid+" from "+t.status+" to "+status)
	}
	if v := q.get("Attributes"); v != "" {
		t.attributes = map[string]any{}
		_ = json.Unmarshal([]byte(v), &t.attributes) // was checked
		t.space.report("task.updated", "Task "+t.sid+" updated", t, t.eventFields())
	}
	if n, err := strconv.Atoi(q.get("Priority")); err == nil {
		t.priority = n
	}
	if c := t.space.channelAt(q.get("TaskChannel")); c != nil {
		t.channel = c.sid
	}
	t.updated = t.sim.now()
	return show(t, q)
}

// remove deletes a task, whatever it is.
func (t *task) remove(*restRequest) (restAnswer, *restError) {
	t.finish("canceled", "Task deleted")
	t.space.report("task.deleted", "Task "+t.sid+" deleted", t, t.eventFields())
	t.sim.tasks = slices.DeleteFunc(t.sim.tasks, func(o *task) bool { return o == t })
	return gone()
}

func (r *reservation) json() any {
	ws, o := r.space, r.common()
	delete(o, "friendly_name")
	o["task_sid"], o["worker_sid"], o["worker_name"], o["reservation_status"] = r.task.sid, r.worker.sid, r.worker.name, r.status
	o["url"] = ws.url("Tasks", r.task.sid, "Reservations", r.sid)
	o["links"] = object{"workspace": ws.url(), "task": ws.url("Tasks", r.task.sid), "worker": ws.url("Workers", r.worker.sid)}
	return o
}

func (t *task) listReservations(q *restRequest) (restAnswer, *restError) {
	return listReservations(t.sim, q, t.reservations)
}

func listReservations(s *Sim, q *restRequest, all []*reservation) (restAnswer, *restError) {
	found := slices.DeleteFunc(slices.Clone(all), func(r *reservation) bool {
		return !q.matches("ReservationStatus", r.status) || !q.matches("WorkerSid", r.worker.sid)
	})
	return page(s, q, "reservations", found)
}

func reservationAt(s *Sim, q *restRequest) (*reservation, *restError) {
	t, e := taskAt(s, q)
	if e != nil {
		return nil, e
	}
	return among(t.reservations, q, func(r *reservation) bool { return r.sid == q.vars["Sid"] })
}

// reservationParams are those of an update, with those of each instruction
// (documentation: TaskRouter, Reservation resource).
var reservationParams = params(
	words(codeParameter, "pending accepted rejected timeout canceled rescinded wrapping completed", "ReservationStatus"),
	plain("WorkerActivitySid Instruction"),
	plain("DequeuePostWorkActivitySid DequeueFrom DequeueRecord DequeueTimeout DequeueTo DequeueStatusCallbackUrl DequeueStatusCallbackEvent"),
	plain("CallFrom CallRecord CallTimeout CallTo CallUrl CallStatusCallbackUrl CallAccept"),
	plain("RedirectCallSid RedirectAccept RedirectUrl"),
	plain("To From StatusCallbackEvent Timeout Record Muted StartConferenceOnEnter EndConferenceOnExit WaitUrl EarlyMedia"),
	plain("ConferenceRecord ConferenceStatusCallbackEvent PostWorkActivitySid SipAuthUsername SipAuthPassword"),
	plain("EndConferenceOnCustomerExit BeepOnCustomerEntrance Region"),
	words(codeParameter, "true false onEnter onExit", "Beep"),
	wholes(codeParameter, 2, 250, "MaxParticipants"),
	words(codeParameter, "trim-silence do-not-trim", "ConferenceTrim"),
	words(codeParameter, "mono dual", "RecordingChannels"),
	words(codeParameter, "small medium large off", "JitterBufferSize"),
	webURLs(codeParameter, "StatusCallback ConferenceStatusCallback RecordingStatusCallback ConferenceRecordingStatusCallback"),
	methods("StatusCallbackMethod WaitMethod ConferenceStatusCallbackMethod RecordingStatusCallbackMethod ConferenceRecordingStatusCallbackMethod"),
)

// superviseParams are those of the instruction supervise.
var superviseParams = params(plain("Supervisor"), words(codeParameter, "monitor whisper barge", "SupervisorMode"))

// update accepts, rejects or completes a reservation, or gives an instruction.
func (r *reservation) update(q *restRequest) (restAnswer, *restError) {
	status := q.get("ReservationStatus")
	switch {
	case q.get("Instruction") != "":
		name := strings.ToLower(q.get("Instruction"))
		if code := r.instruct(name, q.instruction(name)); code != 0 {
			return restAnswer{}, badRequest(code, "Instruction "+name+" cannot be done; the reservation is "+r.status)
		}
	case status == "accepted" && r.status == "pending":
		r.accept()
	case status == "rejected" && r.status == "pending":
		r.giveUp("rejected", q.get("WorkerActivitySid"))
	case status == "completed" && (r.status == "accepted" || r.status == "wrapping"):
		r.postWork = cmp.Or(q.get("WorkerActivitySid"), r.postWork)
		r.task.finish("completed", "")
	case status == "wrapping" && r.status == "accepted":
		r.set("wrapping")
		r.task.set("wrapping")
	case status != "":
		return restAnswer{}, badRequest(40135, "Reservation "+r.sid+" is "+r.status)
	}
	return show(r, q)
}

// instruction reads the parameters of an instruction by the names that they
// have in an assignment's answer: to is DequeueTo, CallTo or, of a conference, To.
func (q *restRequest) instruction(name string) func(string) string {
	prefix := map[string]string{"dequeue": "Dequeue", "call": "Call", "redirect": "Redirect"}[name]
	return func(key string) string {
		switch key {
		case "activity_sid":
			return q.get("WorkerActivitySid")
		case "conference_status_callback_event":
			return strings.Join(q.form["ConferenceStatusCallbackEvent"], " ")
		case "status_callback_events":
			return strings.Join(q.form[prefix+"StatusCallbackEvent"], ",")
		}
		words := strings.Split(key, "_")
		for i, word := range words {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
		return q.get(prefix + strings.Join(words, ""))
	}
}
