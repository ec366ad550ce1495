package taskrouter

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// event is something that happened in a workspace.
type event struct {
	thing
	kind        string // reservation.accepted ...
	about       string // SID of the resource
	aboutKind   string // task, reservation or worker
	description string
	fields      Fields
	at          time.Time
}

// report keeps an event and tells it to EventCallbackUrl (documentation:
// TaskRouter, "Event callbacks").
func (ws *workspace) report(kind, description string, about identified, fields Fields) {
	s := ws.router
	e := &event{thing: ws.newThing("EV", kind), kind: kind, about: about.id(), description: description, fields: fields, at: s.now()}
	e.aboutKind = map[string]string{"WT": "task", "WR": "reservation", "WK": "worker"}[e.about[:2]]
	s.events = append(s.events, e)
	if ws.eventURL == "" || ws.events != "" && !slices.Contains(strings.Split(ws.events, ","), kind) {
		return
	}
	f := Fields{{"Sid", e.sid}, {"AccountSid", s.o.AccountSID}, {"WorkspaceSid", ws.sid}, {"WorkspaceName", ws.name}, {"EventType", kind},
		{"EventDescription", description}, {"ResourceType", e.aboutKind}, {"ResourceSid", e.about},
		{"Timestamp", strconv.FormatInt(e.at.Unix(), 10)}, {"TimestampMs", strconv.FormatInt(e.at.UnixMilli(), 10)}}
	s.o.Webhooks.Event(ws.eventURL, append(f, fields...))
}

func (t *Task) eventFields() Fields {
	f := Fields{{"TaskSid", t.sid}, {"TaskAttributes", jsonText(t.attributes)}, {"TaskAge", strconv.Itoa(t.age())},
		{"TaskPriority", strconv.Itoa(t.priority)}, {"TaskAssignmentStatus", t.status}, {"WorkflowSid", t.workflow}, {"TaskQueueSid", t.queue}}
	if c := t.space.channelAt(t.channel); c != nil {
		f = f.with("TaskChannelSid", c.sid).with("TaskChannelUniqueName", c.unique)
	}
	if t.reason != "" {
		f = f.with("TaskCanceledReason", t.reason)
	}
	return f
}

func (w *worker) eventFields() Fields {
	f := Fields{{"WorkerSid", w.sid}, {"WorkerName", w.name}, {"WorkerAttributes", jsonText(w.attributes)}, {"WorkerActivitySid", w.activity}}
	if a := w.space.activityAt(w.activity); a != nil {
		f = f.with("WorkerActivityName", a.name)
	}
	return f
}

func (r *Reservation) eventFields() Fields {
	return append(append(r.task.eventFields(), r.worker.eventFields()...), Field{"ReservationSid", r.sid})
}

// Field is a parameter of a webhook.
type Field struct{ Name, Value string }

// Fields are the parameters of a webhook in Twilio's order.
type Fields []Field

func (f Fields) with(name, value string) Fields { return append(f, Field{name, value}) }

// value is that of a parameter, or "".
func (f Fields) value(name string) string {
	for _, one := range f {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}
