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

var taskFilters = rest.Filters("Priority AssignmentStatus WorkflowSid WorkflowName TaskQueueSid TaskQueueName EvaluateTaskAttributes RoutingTarget Ordering HasAddons")

var createTaskParams = rest.Join(
	rest.Plain("WorkflowSid TaskQueueSid TaskChannel VirtualStartTime RoutingTarget IgnoreCapacity"),
	rest.Objects("Attributes"),
	rest.Wholes(rest.CodeParameter, 1, 1209600, "Timeout"),
	rest.Wholes(rest.CodeParameter, 0, 1<<31-1, "Priority"),
)

var updateTaskParams = rest.Join(
	rest.Plain("Reason TaskChannel VirtualStartTime"),
	rest.Objects("Attributes"),
	rest.Words(rest.CodeParameter, "pending reserved assigned canceled completed wrapping", "AssignmentStatus"),
	rest.Wholes(rest.CodeParameter, 0, 1<<31-1, "Priority"),
)

func (t *Task) JSON() any {
	ws, o := t.space, t.common()
	delete(o, "friendly_name")
	o["assignment_status"], o["attributes"], o["reason"], o["addons"] = t.status, jsonText(t.attributes), rest.Text(t.reason), "{}"
	o["priority"], o["timeout"], o["age"] = t.priority, int(t.timeout/time.Second), t.age()
	o["workflow_sid"], o["workflow_friendly_name"] = rest.Text(t.workflow), nil
	if f := bySID(ws.workflows, t.workflow); f != nil {
		o["workflow_friendly_name"] = f.name
	}
	o["task_queue_sid"], o["task_queue_friendly_name"], o["task_queue_entered_date"] = rest.Text(t.queue), nil, nil
	if q := ws.queueAt(t.queue); q != nil {
		o["task_queue_friendly_name"], o["task_queue_entered_date"] = q.name, isoDate(t.entered)
	}
	if c := ws.channelAt(t.channel); c != nil {
		o["task_channel_sid"], o["task_channel_unique_name"] = c.sid, c.unique
	}
	o["virtual_start_time"], o["ignore_capacity"], o["routing_target"] = isoDate(t.virtual), t.ignoresLoad, rest.Text(t.target)
	o["url"], o["links"] = ws.url("Tasks", t.sid), object{"workspace": ws.url(), "reservations": ws.url("Tasks", t.sid, "Reservations")}
	return o
}

// tasks are those of the workspace.
func (ws *workspace) tasks() []*Task {
	return slices.DeleteFunc(slices.Clone(ws.router.tasks), func(t *Task) bool { return t.space != ws })
}

func (ws *workspace) listTasks(q *rest.Request) (rest.Answer, *rest.Error) {
	e, err := readExpression(q.Get("EvaluateTaskAttributes"))
	if err != nil {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "EvaluateTaskAttributes cannot be read: "+err.Error())
	}
	var found []*Task
	for _, t := range ws.tasks() {
		queue, flow := ws.queueAt(t.queue), bySID(ws.workflows, t.workflow)
		if q.MatchesAny("AssignmentStatus", t.status) && q.Matches("WorkflowSid", t.workflow) && q.Matches("TaskQueueSid", t.queue) &&
			q.Matches("Priority", strconv.Itoa(t.priority)) && q.Matches("RoutingTarget", t.target) &&
			(queue == nil || q.Matches("TaskQueueName", queue.name)) && (flow == nil || q.Matches("WorkflowName", flow.name)) &&
			e(func(name string) any { return attribute(t.attributes, name) }) {
			found = append(found, t)
		}
	}
	by, downward, _ := strings.Cut(q.Get("Ordering"), ":")
	slices.SortStableFunc(found, func(a, b *Task) int {
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
	return rest.Page(q, "tasks", found)
}

func (ws *workspace) createTask(q *rest.Request) (rest.Answer, *rest.Error) {
	flow := q.Get("WorkflowSid")
	if flow == "" && q.Get("TaskQueueSid") == "" && len(ws.workflows) > 0 {
		flow = ws.workflows[0].sid
	}
	t := ws.newTask(flow)
	switch channel := ws.channelAt(cmp.Or(q.Get("TaskChannel"), "default")); {
	case flow != "" && bySID(ws.workflows, flow) == nil:
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "WorkflowSid is not a workflow of this workspace: "+flow)
	case q.Get("TaskQueueSid") != "" && ws.queueAt(q.Get("TaskQueueSid")) == nil:
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "TaskQueueSid is not a task queue of this workspace: "+q.Get("TaskQueueSid"))
	case flow == "" && q.Get("TaskQueueSid") == "":
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "WorkflowSid is required: the workspace has no workflow")
	case channel == nil:
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "TaskChannel is not a task channel of this workspace: "+q.Get("TaskChannel"))
	default:
		t.channel = channel.sid
	}
	t.attributes = map[string]any{}
	_ = json.Unmarshal([]byte(q.Get("Attributes")), &t.attributes) // was checked
	t.queue, t.target, t.ignoresLoad = q.Get("TaskQueueSid"), q.Get("RoutingTarget"), q.Flag("IgnoreCapacity")
	t.priority, _ = strconv.Atoi(q.Get("Priority"))
	t.timeout = q.Seconds("Timeout", 86400)
	if at, _, ok := rest.ParseDate(q.Get("VirtualStartTime")); ok {
		t.virtual = at
	}
	ws.router.addTask(t)
	return rest.Created(t)
}

// update changes a task: an assigned one may be completed or wrapped up, one
// that is not over may be canceled.
func (t *Task) update(q *rest.Request) (rest.Answer, *rest.Error) {
	status := q.Get("AssignmentStatus")
	busy := t.status == "assigned" || t.status == "wrapping"
	switch {
	case status == "":
	case status == "completed" && busy:
		t.Finish("completed", q.Get("Reason"))
	case status == "wrapping" && t.status == "assigned":
		t.set("wrapping")
		t.space.report("task.wrapup", "Task "+t.sid+" wrapping up", t, t.eventFields())
	case status == "canceled" && !t.over() && !busy:
		t.Finish("canceled", q.Get("Reason"))
	default:
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Cannot change task "+t.sid+" from "+t.status+" to "+status)
	}
	if v := q.Get("Attributes"); v != "" {
		t.attributes = map[string]any{}
		_ = json.Unmarshal([]byte(v), &t.attributes) // was checked
		t.space.report("task.updated", "Task "+t.sid+" updated", t, t.eventFields())
	}
	if n, err := strconv.Atoi(q.Get("Priority")); err == nil {
		t.priority = n
	}
	if c := t.space.channelAt(q.Get("TaskChannel")); c != nil {
		t.channel = c.sid
	}
	t.updated = t.router.now()
	return rest.Show(t, q)
}

// remove deletes a task, whatever it is.
func (t *Task) remove(*rest.Request) (rest.Answer, *rest.Error) {
	t.Finish("canceled", "Task deleted")
	t.space.report("task.deleted", "Task "+t.sid+" deleted", t, t.eventFields())
	t.router.tasks = slices.DeleteFunc(t.router.tasks, func(o *Task) bool { return o == t })
	return rest.Deleted()
}

func (r *Reservation) JSON() any {
	ws, o := r.space, r.common()
	delete(o, "friendly_name")
	o["task_sid"], o["worker_sid"], o["worker_name"], o["reservation_status"] = r.task.sid, r.worker.sid, r.worker.name, r.status
	o["url"] = ws.url("Tasks", r.task.sid, "Reservations", r.sid)
	o["links"] = object{"workspace": ws.url(), "task": ws.url("Tasks", r.task.sid), "worker": ws.url("Workers", r.worker.sid)}
	return o
}

func (t *Task) listReservations(q *rest.Request) (rest.Answer, *rest.Error) {
	return listReservations(t.router, q, t.reservations)
}

func listReservations(s *Router, q *rest.Request, all []*Reservation) (rest.Answer, *rest.Error) {
	found := slices.DeleteFunc(slices.Clone(all), func(r *Reservation) bool {
		return !q.Matches("ReservationStatus", r.status) || !q.Matches("WorkerSid", r.worker.sid)
	})
	return rest.Page(q, "reservations", found)
}

func reservationAt(s *Router, q *rest.Request) (*Reservation, *rest.Error) {
	t, e := taskAt(s, q)
	if e != nil {
		return nil, e
	}
	return rest.Among(t.reservations, q, func(r *Reservation) bool { return r.sid == q.Vars["Sid"] })
}

// reservationParams are those of an update, with those of each instruction
// (documentation: TaskRouter, Reservation resource).
var reservationParams = rest.Join(
	rest.Words(rest.CodeParameter, "pending accepted rejected timeout canceled rescinded wrapping completed", "ReservationStatus"),
	rest.Plain("WorkerActivitySid Instruction"),
	rest.Plain("DequeuePostWorkActivitySid DequeueFrom DequeueRecord DequeueTimeout DequeueTo DequeueStatusCallbackUrl DequeueStatusCallbackEvent"),
	rest.Plain("CallFrom CallRecord CallTimeout CallTo CallUrl CallStatusCallbackUrl CallAccept"),
	rest.Plain("RedirectCallSid RedirectAccept RedirectUrl"),
	rest.Plain("To From StatusCallbackEvent Timeout Record Muted StartConferenceOnEnter EndConferenceOnExit WaitUrl EarlyMedia"),
	rest.Plain("ConferenceRecord ConferenceStatusCallbackEvent PostWorkActivitySid SipAuthUsername SipAuthPassword"),
	rest.Plain("EndConferenceOnCustomerExit BeepOnCustomerEntrance Region"),
	rest.Words(rest.CodeParameter, "true false onEnter onExit", "Beep"),
	rest.Wholes(rest.CodeParameter, 2, 250, "MaxParticipants"),
	rest.Words(rest.CodeParameter, "trim-silence do-not-trim", "ConferenceTrim"),
	rest.Words(rest.CodeParameter, "mono dual", "RecordingChannels"),
	rest.Words(rest.CodeParameter, "small medium large off", "JitterBufferSize"),
	rest.WebURLs(rest.CodeParameter, "StatusCallback ConferenceStatusCallback RecordingStatusCallback ConferenceRecordingStatusCallback"),
	rest.Methods("StatusCallbackMethod WaitMethod ConferenceStatusCallbackMethod RecordingStatusCallbackMethod ConferenceRecordingStatusCallbackMethod"),
)

// superviseParams are those of the instruction supervise.
var superviseParams = rest.Join(rest.Plain("Supervisor"), rest.Words(rest.CodeParameter, "monitor whisper barge", "SupervisorMode"))

// update accepts, rejects or completes a reservation, or gives an instruction.
func (r *Reservation) update(q *rest.Request) (rest.Answer, *rest.Error) {
	status := q.Get("ReservationStatus")
	switch {
	case q.Get("Instruction") != "":
		name := strings.ToLower(q.Get("Instruction"))
		if code := r.instruct(name, instructionParams(q, name)); code != 0 {
			return rest.Answer{}, rest.BadRequest(code, "Instruction "+name+" cannot be done; the reservation is "+r.status)
		}
	case status == "accepted" && r.status == "pending":
		r.Accept()
	case status == "rejected" && r.status == "pending":
		r.giveUp("rejected", q.Get("WorkerActivitySid"))
	case status == "completed" && (r.status == "accepted" || r.status == "wrapping"):
		r.postWork = cmp.Or(q.Get("WorkerActivitySid"), r.postWork)
		r.task.Finish("completed", "")
	case status == "wrapping" && r.status == "accepted":
		r.set("wrapping")
		r.task.set("wrapping")
	case status != "":
		return rest.Answer{}, rest.BadRequest(40135, "Reservation "+r.sid+" is "+r.status)
	}
	return rest.Show(r, q)
}

// instruction reads the parameters of an instruction by the names that they
// have in an assignment's answer: to is DequeueTo, CallTo or, of a conference, To.
func instructionParams(q *rest.Request, name string) func(string) string {
	prefix := map[string]string{"dequeue": "Dequeue", "call": "Call", "redirect": "Redirect"}[name]
	return func(key string) string {
		switch key {
		case "activity_sid":
			return q.Get("WorkerActivitySid")
		case "conference_status_callback_event":
			return strings.Join(q.Form["ConferenceStatusCallbackEvent"], " ")
		case "status_callback_events":
			return strings.Join(q.Form[prefix+"StatusCallbackEvent"], ",")
		}
		words := strings.Split(key, "_")
		for i, word := range words {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
		return q.Get(prefix + strings.Join(words, ""))
	}
}
