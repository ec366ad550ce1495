package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// taskEvent is something that happened in a workspace.
type taskEvent struct {
	thing
	kind        string // reservation.accepted ...
	about       string // SID of the resource
	aboutKind   string // task, reservation or worker
	description string
	fields      form
	at          time.Time
}

// report keeps an event and tells it to EventCallbackUrl (documentation:
// TaskRouter, "Event callbacks").
func (ws *workspace) report(kind, description string, about identified, fields form) {
	s := ws.sim
	e := &taskEvent{thing: ws.newThing("EV", kind), kind: kind, about: about.id(), description: description, fields: fields, at: s.now()}
	e.aboutKind = map[string]string{"WT": "task", "WR": "reservation", "WK": "worker"}[e.about[:2]]
	s.taskEvents = append(s.taskEvents, e)
	if ws.eventURL == "" || ws.events != "" && !slices.Contains(strings.Split(ws.events, ","), kind) {
		return
	}
	f := form{{"Sid", e.sid}, {"AccountSid", s.o.AccountSID}, {"WorkspaceSid", ws.sid}, {"WorkspaceName", ws.name}, {"EventType", kind},
		{"EventDescription", description}, {"ResourceType", e.aboutKind}, {"ResourceSid", e.about},
		{"Timestamp", strconv.FormatInt(e.at.Unix(), 10)}, {"TimestampMs", strconv.FormatInt(e.at.UnixMilli(), 10)}}
	s.callback(hook{name: "event", to: endpoint{url: ws.eventURL}, params: append(f, fields...)})
}

func (t *task) eventFields() form {
	f := form{{"TaskSid", t.sid}, {"TaskAttributes", jsonText(t.attributes)}, {"TaskAge", strconv.Itoa(t.age())},
		{"TaskPriority", strconv.Itoa(t.priority)}, {"TaskAssignmentStatus", t.status}, {"WorkflowSid", t.workflow}, {"TaskQueueSid", t.queue}}
	if c := t.space.channelAt(t.channel); c != nil {
		f = f.with("TaskChannelSid", c.sid).with("TaskChannelUniqueName", c.unique)
	}
	if t.reason != "" {
		f = f.with("TaskCanceledReason", t.reason)
	}
	return f
}

func (w *worker) eventFields() form {
	f := form{{"WorkerSid", w.sid}, {"WorkerName", w.name}, {"WorkerAttributes", jsonText(w.attributes)}, {"WorkerActivitySid", w.activity}}
	if a := w.space.activityAt(w.activity); a != nil {
		f = f.with("WorkerActivityName", a.name)
	}
	return f
}

func (r *reservation) eventFields() form {
	return append(append(r.task.eventFields(), r.worker.eventFields()...), param{"ReservationSid", r.sid})
}
