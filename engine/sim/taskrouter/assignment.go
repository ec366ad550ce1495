package taskrouter

import (
	"strconv"
)

// assign asks the application what to do with a reservation.
func (r *Reservation) assign() {
	if f := r.router.workflowAt(r.task.workflow); f != nil && f.AssignmentURL != "" {
		r.ask(f.AssignmentURL, f.FallbackURL)
	}
}

// ask sends an assignment callback (documentation: TaskRouter, "Handle assignment
// callbacks"); if that fails the fallback is asked.
func (r *Reservation) ask(url, fallback string) {
	s, t := r.router, r.task
	fields := Fields{{"Timestamp", strconv.FormatInt(s.now().Unix(), 10)}, {"AccountSid", s.o.AccountSID}, {"WorkspaceSid", r.space.sid},
		{"WorkflowSid", t.workflow}, {"TaskQueueSid", t.queue}, {"WorkerSid", r.worker.sid},
		{"WorkerAttributes", jsonText(r.worker.attributes)}, {"TaskSid", t.sid}, {"TaskAttributes", jsonText(t.attributes)},
		{"TaskAge", strconv.Itoa(t.age())}, {"TaskPriority", strconv.Itoa(t.priority)},
		{"ReservationSid", r.sid}}
	s.o.Webhooks.Assign(t.CallSID(), url, fields, func(answers map[string]any, why string) {
		switch {
		case r.status != "pending":
		case why == "" && len(answers) > 0:
			get := func(key string) string { return instructionText(answers[key]) }
			if code := r.instruct(get("instruction"), get); code != 0 {
				s.o.Account.Warn(code, t.CallSID(), "assignment instruction "+strconv.Quote(get("instruction"))+" cannot be done")
			}
		case why == "":
		case fallback != "":
			r.ask(fallback, "")
		default:
			s.o.Account.Warn(codeAssignment, t.CallSID(), "assignment callback: "+why)
			if s.o.CancelFailed() {
				r.giveUp("canceled", r.space.timesOut)
			}
		}
	})
}

// codeAssignment is the error of assignment callbacks that fail (Twilio's error
// dictionary: HTTP retrieval failure).
const codeAssignment = 11200

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
func (r *Reservation) instruct(name string, get func(string) string) int {
	switch {
	case name == "supervise":
		return r.router.o.Calls.Instruct(r, name, get)
	case r.status != "pending":
		return 40135
	}
	switch name {
	case "":
	case "accept":
		r.Accept()
	case "reject":
		if r.space.activityAt(get("activity_sid")) == nil {
			return 40100
		}
		r.giveUp("rejected", get("activity_sid"))
	default:
		return r.router.o.Calls.Instruct(r, name, get)
	}
	return 0
}
