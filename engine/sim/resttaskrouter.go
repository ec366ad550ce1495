package sim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// taskRouterAPI is the path of the TaskRouter API, which Twilio serves on
// another host. The handler serves it beside the 2010 API.
const taskRouterAPI = "/v1/Workspaces/"

// restTaskRouter serves a workspace. The parts of the path follow its SID.
func (s *Sim) restTaskRouter(q *restRequest) (restAnswer, *restError) {
	if len(q.parts) < 2 {
		return restAnswer{}, notFound(q.path)
	}
	parts := q.parts[2:]
	switch {
	case q.parts[1] != WorkspaceSID || len(parts) == 0:
	case parts[0] == "Tasks":
		return s.restTasks(q, parts[1:])
	case parts[0] == "Workers":
		return s.restWorkers(q, parts[1:])
	case parts[0] == "Activities" && len(parts) == 1 && q.method == http.MethodGet:
		return taskRouterList(q, "activities", []map[string]any{
			{"sid": availableSID, "friendly_name": "Available", "available": true, "workspace_sid": WorkspaceSID},
			{"sid": offlineSID, "friendly_name": "Offline", "available": false, "workspace_sid": WorkspaceSID}}), nil
	}
	return restAnswer{}, notFound(q.path)
}

func taskRouterList(q *restRequest, name string, items []map[string]any) restAnswer {
	if items == nil {
		items = []map[string]any{}
	}
	return restAnswer{status: 200, body: map[string]any{name: items, "meta": map[string]any{
		"key": name, "page": 0, "page_size": 50, "url": q.path, "first_page_url": q.path, "next_page_url": nil, "previous_page_url": nil}}}
}

func isoDate(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (t *task) json() map[string]any {
	return map[string]any{
		"sid": t.sid, "account_sid": t.sim.o.AccountSID, "workspace_sid": WorkspaceSID, "workflow_sid": t.workflow,
		"task_queue_sid": taskQueueSID, "attributes": jsonText(t.attributes), "assignment_status": t.status, "reason": text(t.reason),
		"priority": t.priority, "timeout": int(t.timeout / time.Second), "age": int(t.sim.now().Sub(t.created) / time.Second),
		"task_channel_unique_name": "default", "date_created": isoDate(t.created), "date_updated": isoDate(t.updated),
	}
}

func (r *reservation) json() map[string]any {
	return map[string]any{
		"sid": r.sid, "account_sid": r.task.sim.o.AccountSID, "workspace_sid": WorkspaceSID, "task_sid": r.task.sid,
		"worker_sid": r.worker.sid, "worker_name": r.worker.name, "reservation_status": r.status,
		"date_created": isoDate(r.created), "date_updated": isoDate(r.updated),
	}
}

func (w *worker) json(s *Sim) map[string]any {
	return map[string]any{
		"sid": w.sid, "account_sid": s.o.AccountSID, "workspace_sid": WorkspaceSID, "friendly_name": w.name,
		"attributes": jsonText(w.attributes), "activity_sid": w.activity, "activity_name": pick(w.activity == availableSID, "Available", "Offline"),
		"available": w.activity == availableSID, "date_updated": isoDate(w.updated),
	}
}

func (s *Sim) restTasks(q *restRequest, parts []string) (restAnswer, *restError) {
	if len(parts) == 0 {
		if q.method == http.MethodPost {
			return s.createTask(q)
		}
		var found []map[string]any
		for _, t := range s.tasks {
			if q.matches("AssignmentStatus", t.status) && q.matches("WorkflowSid", t.workflow) {
				found = append(found, t.json())
			}
		}
		return taskRouterList(q, "tasks", found), nil
	}
	for _, t := range s.tasks {
		switch {
		case t.sid != parts[0]:
		case len(parts) > 1 && parts[1] == "Reservations":
			return t.restReservations(q, parts[2:])
		case len(parts) > 1:
		case q.method == http.MethodGet:
			return restAnswer{status: 200, body: t.json()}, nil
		case q.method == http.MethodPost:
			return t.update(q)
		}
	}
	return restAnswer{}, notFound(q.path)
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
	return restAnswer{status: http.StatusCreated, body: t.json()}, nil
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
	return restAnswer{status: 200, body: t.json()}, nil
}

func (t *task) restReservations(q *restRequest, parts []string) (restAnswer, *restError) {
	if len(parts) == 0 && q.method == http.MethodGet {
		var found []map[string]any
		for _, r := range t.reservations {
			found = append(found, r.json())
		}
		return taskRouterList(q, "reservations", found), nil
	}
	for _, r := range t.reservations {
		switch {
		case len(parts) != 1 || r.sid != parts[0]:
		case q.method == http.MethodGet:
			return restAnswer{status: 200, body: r.json()}, nil
		case q.method == http.MethodPost:
			return r.update(q)
		}
	}
	return restAnswer{}, notFound(q.path)
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
	return restAnswer{status: 200, body: r.json()}, nil
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

func (s *Sim) restWorkers(q *restRequest, parts []string) (restAnswer, *restError) {
	if len(parts) == 0 && q.method == http.MethodGet {
		var found []map[string]any
		for _, w := range s.workers {
			found = append(found, w.json(s))
		}
		return taskRouterList(q, "workers", found), nil
	}
	for _, w := range s.workers {
		if len(parts) != 1 || w.sid != parts[0] {
			continue
		}
		if q.method == http.MethodPost {
			if a := q.get("ActivitySid"); a != "" && a != availableSID && a != offlineSID {
				return restAnswer{}, badRequest(20001, "ActivitySid is no activity of this workspace: "+a)
			}
			w.become(s, q.get("ActivitySid"))
		}
		return restAnswer{status: 200, body: w.json(s)}, nil
	}
	return restAnswer{}, notFound(q.path)
}
