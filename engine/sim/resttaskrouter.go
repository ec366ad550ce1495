package sim

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// taskRouterRoutes are the resources of TaskRouter.
var taskRouterRoutes = []route{
	{path: "/v1/Workspaces/{WorkspaceSid}/Activities", get: (*Sim).listActivities, filters: filters("FriendlyName Available")},
	{path: "/v1/Workspaces/{WorkspaceSid}/Tasks", get: (*Sim).listTasks, filters: filters("AssignmentStatus WorkflowSid"), post: (*Sim).createTask,
		takes: plain("Attributes WorkflowSid Timeout Priority TaskChannel")},
	{path: "/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}", get: on(taskAt, show), post: on(taskAt, (*task).update),
		takes: plain("Attributes AssignmentStatus Reason Priority TaskChannel")},
	{path: "/v1/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations", get: on(taskAt, (*task).listReservations), filters: filters("")},
	{path: "/v1/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations/{Sid}", get: on(reservationAt, show), post: on(reservationAt, (*reservation).update), takes: reservationParams},
	{path: "/v1/Workspaces/{WorkspaceSid}/Workers", get: (*Sim).listWorkers, filters: filters("")},
	{path: "/v1/Workspaces/{WorkspaceSid}/Workers/{Sid}", get: on(workerAt, show), post: on(workerAt, (*worker).update), takes: plain("ActivitySid")},
}

// reservationParams are those of an update, with those of each instruction
// (documentation: TaskRouter, Reservation resource).
var reservationParams = params(
	words(codeParameter, "pending accepted rejected timeout canceled rescinded wrapping completed", "ReservationStatus"),
	plain("WorkerActivitySid Instruction"),
	plain("DequeuePostWorkActivitySid DequeueFrom DequeueRecord DequeueTimeout DequeueTo DequeueStatusCallbackUrl DequeueStatusCallbackEvent"),
	plain("CallFrom CallRecord CallTimeout CallTo CallUrl CallStatusCallbackUrl CallAccept"),
	plain("RedirectCallSid RedirectAccept RedirectUrl Supervisor"),
	words(codeParameter, "monitor whisper barge", "SupervisorMode"),
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

type activity struct {
	sid, name string
	available bool
}

func (a activity) json() any {
	return object{"sid": a.sid, "friendly_name": a.name, "available": a.available, "workspace_sid": WorkspaceSID}
}

func (s *Sim) listActivities(q *restRequest) (restAnswer, *restError) {
	return page(s, q, "activities", []activity{{availableSID, "Available", true}, {offlineSID, "Offline", false}})
}

func isoDate(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (t *task) json() any {
	return object{
		"sid": t.sid, "account_sid": t.sim.o.AccountSID, "workspace_sid": WorkspaceSID, "workflow_sid": t.workflow,
		"task_queue_sid": taskQueueSID, "attributes": jsonText(t.attributes), "assignment_status": t.status, "reason": text(t.reason),
		"priority": t.priority, "timeout": int(t.timeout / time.Second), "age": int(t.sim.now().Sub(t.created) / time.Second),
		"task_channel_unique_name": "default", "date_created": isoDate(t.created), "date_updated": isoDate(t.updated),
	}
}

func (r *reservation) json() any {
	return object{
		"sid": r.sid, "account_sid": r.task.sim.o.AccountSID, "workspace_sid": WorkspaceSID, "task_sid": r.task.sid,
		"worker_sid": r.worker.sid, "worker_name": r.worker.name, "reservation_status": r.status,
		"date_created": isoDate(r.created), "date_updated": isoDate(r.updated),
	}
}

func (w *worker) json() any {
	s := w.sim
	return object{
		"sid": w.sid, "account_sid": s.o.AccountSID, "workspace_sid": WorkspaceSID, "friendly_name": w.name,
		"attributes": jsonText(w.attributes), "activity_sid": w.activity, "activity_name": pick(w.activity == availableSID, "Available", "Offline"),
		"available": w.activity == availableSID, "date_updated": isoDate(w.updated),
	}
}

func (s *Sim) listTasks(q *restRequest) (restAnswer, *restError) {
	var found []*task
	for _, t := range s.tasks {
		if q.matches("AssignmentStatus", t.status) && q.matches("WorkflowSid", t.workflow) {
			found = append(found, t)
		}
	}
	return page(s, q, "tasks", found)
}

func taskAt(s *Sim, q *restRequest) (*task, *restError) {
	sid := cmp.Or(q.vars["TaskSid"], q.vars["Sid"])
	return among(s.tasks, q, func(t *task) bool { return t.sid == sid })
}

func (s *Sim) createTask(q *restRequest) (restAnswer, *restError) {
	t := &task{sim: s, workflow: q.get("WorkflowSid"), status: "pending", created: s.now(), updated: s.now(), attributes: map[string]any{}}
	if _, known := s.workflows[t.workflow]; !known {
		return restAnswer{}, badRequest(20001, "WorkflowSid is not a workflow of this workspace: "+t.workflow)
	}
	if v := q.get("Attributes"); v != "" && (json.Unmarshal([]byte(v), &t.attributes) != nil || t.attributes == nil) {
		return restAnswer{}, badRequest(20001, "Attributes is not a JSON object")
	}
	t.priority, _ = strconv.Atoi(q.get("Priority"))
	t.timeout = ranges{1, 1209600, 86400}.of(q.get("Timeout"), time.Second)
	s.addTask(t)
	return made(t)
}

// update changes a task: an assigned one may be completed or wrapped up, one
// that is not over may be canceled.
func (t *task) update(q *restRequest) (restAnswer, *restError) {
	if v := q.get("Attributes"); v != "" {
		var attributes map[string]any
		if json.Unmarshal([]byte(v), &attributes) != nil || attributes == nil {
			return restAnswer{}, badRequest(20001, "Attributes is not a JSON object")
		}
		t.attributes = attributes
	}
	status := q.get("AssignmentStatus")
	busy := t.status == "assigned" || t.status == "wrapping"
	switch {
	case status == "":
	case status == "completed" && busy:
		t.finish("completed", q.get("Reason"))
	case status == "wrapping" && t.status == "assigned":
		t.set("wrapping")
	case status == "canceled" && !t.over() && !busy:
		t.finish("canceled", q.get("Reason"))
	default:
		return restAnswer{}, badRequest(20001, "Cannot change task "+t.sid+" from "+t.status+" to "+status)
	}
	return show(t, q)
}

func (t *task) listReservations(q *restRequest) (restAnswer, *restError) {
	return page(t.sim, q, "reservations", t.reservations)
}

func reservationAt(s *Sim, q *restRequest) (*reservation, *restError) {
	t, e := taskAt(s, q)
	if e != nil {
		return nil, e
	}
	return among(t.reservations, q, func(r *reservation) bool { return r.sid == q.vars["Sid"] })
}

// update accepts, rejects or completes a reservation, or gives an instruction.
func (r *reservation) update(q *restRequest) (restAnswer, *restError) {
	status := q.get("ReservationStatus")
	wrong := badRequest(40135, "Reservation "+r.sid+" is "+r.status)
	switch {
	case q.has("Instruction"):
		name := strings.ToLower(q.get("Instruction"))
		if code := r.instruct(name, q.instruction(name)); code != 0 {
			return restAnswer{}, badRequest(code, "Instruction "+name+" cannot be done; the reservation is "+r.status)
		}
	case status == "accepted" && r.status == "pending":
		r.accept()
	case status == "rejected" && r.status == "pending":
		r.giveUp("rejected", q.get("WorkerActivitySid"))
	case status == "completed" && (r.status == "accepted" || r.status == "wrapping"):
		r.task.finish("completed", "")
	case status == "wrapping" && r.status == "accepted":
		r.set("wrapping")
		r.task.set("wrapping")
	case status != "":
		return restAnswer{}, wrong
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

func (s *Sim) listWorkers(q *restRequest) (restAnswer, *restError) {
	return page(s, q, "workers", s.workers)
}

func workerAt(s *Sim, q *restRequest) (*worker, *restError) {
	return among(s.workers, q, func(w *worker) bool { return w.sid == q.vars["Sid"] })
}

func (w *worker) update(q *restRequest) (restAnswer, *restError) {
	if a := q.get("ActivitySid"); a != "" && a != availableSID && a != offlineSID {
		return restAnswer{}, badRequest(20001, "ActivitySid is no activity of this workspace: "+a)
	}
	w.become(w.sim, q.get("ActivitySid"))
	return show(w, q)
}
