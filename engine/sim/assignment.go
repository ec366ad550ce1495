package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// assignmentLimit is how long an assignment callback may take (documentation:
// TaskRouter, "Handle assignment callbacks").
const assignmentLimit = 5 * time.Second

// enqueueTask makes a task of an Enqueue with a workflow. The second result is
// the error code of one that cannot be made.
func (r *run) enqueueTask(verb *twiml.Element, workflow string) (*task, int) {
	s := r.sim
	f := s.workflowAt(workflow)
	if f == nil {
		return nil, 14220
	}
	attributes, noun := map[string]any{}, verb.First("Task")
	t := f.space.newTask(workflow)
	if noun != nil {
		if body := noun.Body(); body != "" && json.Unmarshal([]byte(body), &attributes) != nil || attributes == nil {
			return nil, 14221
		}
		t.priority = intAttr(noun, "priority", 0)
		t.timeout = time.Duration(intAttr(noun, "timeout", 86400)) * time.Second
	}
	c := r.call
	attributes["call_sid"] = c.sid
	if !s.o.Switches.TaskCallSIDOnly {
		for key, v := range map[string]string{"account_sid": s.o.AccountSID, "from": c.from, "to": c.to, "caller": c.from,
			"called": c.to, "direction": c.direction, "api_version": apiVersion} {
			if _, own := attributes[key]; !own {
				attributes[key] = v
			}
		}
	}
	t.attributes = attributes
	s.addTask(t)
	return t, 0
}

// newTask makes a task that is not taken in yet.
func (ws *workspace) newTask(workflow string) *task {
	t := &task{thing: ws.newThing("WT", ""), workflow: workflow, status: "pending", timeout: 24 * time.Hour, channel: ws.channels[0].sid}
	t.virtual = t.created
	return t
}

func (t *task) age() int { return int(t.sim.now().Sub(t.created) / time.Second) }

// assign asks the application what to do with a reservation.
func (r *reservation) assign() {
	if f := r.task.sim.workflowAt(r.task.workflow); f != nil && f.AssignmentURL != "" {
		r.ask(f.AssignmentURL, f.FallbackURL)
	}
}

// ask sends an assignment callback: its answer must be 200 and JSON, else the
// fallback is asked.
func (r *reservation) ask(url, fallback string) {
	s, t := r.task.sim, r.task
	call := t.callSID()
	h := &hook{kind: EntryWebhook, name: "assignment", sid: call, to: endpoint{url: url}, token: s.uuid(),
		limits: overrides{connect: assignmentLimit, read: assignmentLimit, total: assignmentLimit, retries: 1, on: map[string]bool{"ct": true}},
		params: form{{"Timestamp", strconv.FormatInt(s.now().Unix(), 10)}, {"AccountSid", s.o.AccountSID}, {"WorkspaceSid", r.space.sid},
			{"WorkflowSid", t.workflow}, {"TaskQueueSid", t.queue}, {"WorkerSid", r.worker.sid},
			{"WorkerAttributes", jsonText(r.worker.attributes)}, {"TaskSid", t.sid}, {"TaskAttributes", jsonText(t.attributes)},
			{"TaskAge", strconv.Itoa(t.age())}, {"TaskPriority", strconv.Itoa(t.priority)},
			{"ReservationSid", r.sid}}}
	h.done = func(answer reply) {
		answers, why := assignmentAnswer(answer)
		switch {
		case r.status != "pending":
		case why == "" && len(answers) > 0:
			get := func(key string) string { return instructionText(answers[key]) }
			if code := r.instruct(get("instruction"), get); code != 0 {
				r.warn(code, "assignment instruction "+strconv.Quote(get("instruction"))+" cannot be done")
			}
		case why == "":
		case fallback != "":
			r.ask(fallback, "")
		default:
			r.warn(codeRetrieval, "assignment callback: "+why)
			if s.o.Switches.FailedAssignmentCancels {
				r.giveUp("canceled", r.space.timesOut)
			}
		}
	}
	s.schedule(s.o.Timings.Latency, h)
}

func (r *reservation) warn(code int, text string) {
	call, _ := r.task.attributes["call_sid"].(string)
	r.task.sim.alert(code, call, "", text, fetched{})
}

// assignmentAnswer reads the JSON of an answer, or says why there is none.
func assignmentAnswer(a reply) (map[string]any, string) {
	media, _, _ := mime.ParseMediaType(a.ctype)
	switch {
	case a.code != 0:
		return nil, a.why
	case a.status != http.StatusOK:
		return nil, fmt.Sprintf("status %d", a.status)
	case media != "application/json":
		return nil, "content type " + strconv.Quote(a.ctype)
	case len(strings.TrimSpace(string(a.body))) == 0:
		return nil, ""
	}
	var answers map[string]any
	if err := json.Unmarshal(a.body, &answers); err != nil {
		return nil, err.Error()
	}
	return answers, ""
}

func instructionText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// instruct does what an assignment's answer or a REST update says. get reads a
// parameter by its name in an answer. It returns an error code.
func (r *reservation) instruct(name string, get func(string) string) int {
	switch {
	case name == "supervise":
		return r.supervise(get)
	case r.status != "pending":
		return 40135
	}
	switch name {
	case "":
	case "accept":
		r.accept()
	case "reject":
		if r.space.activityAt(get("activity_sid")) == nil {
			return 40100
		}
		r.giveUp("rejected", get("activity_sid"))
	case "dequeue":
		return r.dequeue(get)
	case "call":
		return r.callWorker(get)
	case "redirect":
		return r.redirectCaller(get)
	case "conference":
		return r.conference(get)
	default:
		return 40151
	}
	return 0
}

// contact is the worker's address.
func (r *reservation) contact(get func(string) string) string {
	if to := get("to"); to != "" {
		return to
	}
	to, _ := r.worker.attributes["contact_uri"].(string)
	return to
}

// ring calls the worker; answered runs when it picks up. A worker that cannot
// be reached loses the reservation and goes offline.
func (r *reservation) ring(to, from, timeout string, get func(string) string, answered func(*Call)) {
	s := r.task.sim
	c := s.newCall(nil, "outbound-api", from, to)
	if url := cmp.Or(get("status_callback_url"), get("status_callback")); url != "" {
		events := map[string]bool{}
		for _, event := range strings.Split(get("status_callback_events"), ",") {
			events[strings.TrimSpace(event)] = true
		}
		if get("status_callback_events") == "" {
			events = map[string]bool{"completed": true}
		}
		// The instructions dequeue and call request it by GET.
		c.progress = subscription{endpoint{url, cmp.Or(get("status_callback_method"), http.MethodGet)}, events}
		c.extra = form{{"taskCallSid", r.task.callSID()}}
	}
	r.task.attributes["worker_call_sid"] = c.sid
	r.leg = c
	c.onAnswer = func() { answered(c) }
	c.onEnd = func() {
		if r.status == "pending" {
			r.giveUp("timeout", r.space.timesOut)
		}
	}
	c.setStatus("queued")
	seconds, ok := ranged(timeout, 1, 999)
	if !ok {
		seconds = 60
	}
	c.dialOut(time.Duration(seconds) * time.Second)
}

// dequeue rings the worker and connects it with the caller.
func (r *reservation) dequeue(get func(string) string) int {
	w, to, from := r.task.waiting, r.contact(get), get("from")
	switch {
	case w == nil:
		return 40140
	case to == "" || !addressOK(to):
		return 40131
	}
	if from == "" {
		from = w.call.to
	}
	r.postWork = get("post_work_activity_sid")
	dial := twiml.El("Dial", twiml.El("Queue").Set("reservationSid", r.sid))
	if record := get("record"); record != "" {
		dial = dial.Set("record", record)
	}
	r.ring(to, from, get("timeout"), get, func(c *Call) { c.runInline(dial) })
	return 0
}

// callWorker rings the worker with a document of the application.
func (r *reservation) callWorker(get func(string) string) int {
	to, from, url := r.contact(get), get("from"), get("url")
	switch {
	case to == "" || !addressOK(to):
		return 40110
	case from == "":
		return 40111
	case url == "":
		return 40112
	}
	if get("accept") == "true" {
		r.accept()
	}
	r.ring(to, from, get("timeout"), get, func(c *Call) {
		c.source = source{endpoint: endpoint{url: url}}
		c.runMain()
	})
	return 0
}

// redirectCaller gives a call another document.
func (r *reservation) redirectCaller(get func(string) string) int {
	c := r.task.sim.bySID[get("call_sid")]
	switch {
	case c == nil || c.over():
		return 40120
	case get("url") == "":
		return 40121
	}
	if get("accept") == "true" {
		r.accept()
	}
	c.redirect(source{endpoint: endpoint{url: get("url")}})
	return 0
}

func inline(verb *twiml.Element) string { return "<Response>" + verb.String() + "</Response>" }

func (c *Call) runInline(verb *twiml.Element) {
	c.source = source{twiml: inline(verb)}
	c.runMain()
}
