package engine

import (
	"encoding/json"
	"strconv"
)

// Task is the TaskRouter task of a leg that was put into a queue with a workflow, and
// the reservation that was offered last.
type Task struct {
	SID         string   `json:",omitzero"`
	Workspace   string   `json:",omitzero"`
	Reservation string   `json:",omitzero"`
	Answer      Document `json:",omitzero"` // JSON with which the assignment of Reservation was answered
	Did         string   `json:",omitzero"` // what the flow did last: accept, reject, complete
}

// What a flow does with a task or its reservation.
const (
	TaskAccept   = "accept"
	TaskReject   = "reject"
	TaskComplete = "complete"
)

// The attributes by which the assignment of a task finds its leg.
const (
	TaskSession = "ringdown_session"
	TaskLeg     = "ringdown_leg"
)

// NoInstruction answers an assignment that is decided later, or by somebody else.
const NoInstruction = "{}"

// PathTaskStatus is where Twilio tells of the calls to workers that it places itself.
const PathTaskStatus = "/taskrouter/status"

// TaskAttributes adds to the attributes of a task what its assignment is found by. own
// is a JSON object, or empty.
func (t *Turn) TaskAttributes(own []byte) (string, error) {
	attributes := map[string]any{}
	if len(own) > 0 {
		if err := json.Unmarshal(own, &attributes); err != nil {
			return "", err
		}
	}
	attributes[TaskSession], attributes[TaskLeg] = t.s.ID, t.Caller.Number
	text, err := json.Marshal(attributes)
	return string(text), err
}

// assignment is TaskRouter's question what to do with the worker that it has chosen. The
// answer is kept: the question may come twice.
// https://www.twilio.com/docs/taskrouter/handle-assignment-callbacks
func (x *Exec) assignment(ev *Event) error {
	l, f := x.s.Leg(ev.Leg), ev.Fields
	if l.Task != nil && l.Task.Reservation == f["ReservationSid"] {
		return nil
	}
	if q := l.waiting(); q == nil || !q.Took.IsZero() {
		x.note(Entry{What: "dropped", Leg: l.Number, Name: "assigned", Why: "the leg does not wait in a queue"})
		return nil
	}
	x.handed(l.Number, l.Turn) // or there would be no task
	l.Task = &Task{SID: f["TaskSid"], Workspace: f["WorkspaceSid"], Reservation: f["ReservationSid"]}
	if x.muted {
		return nil
	}
	worker := attributesOf(f["WorkerAttributes"])
	name := f["WorkerName"]
	if name == "" {
		name, _ = worker["name"].(string)
	}
	contact, _ := worker["contact_uri"].(string)
	x.assigning = l.Number
	taken, err := x.raiseOwn(&Raised{Name: "assigned", Leg: l.Number, Time: x.now, Data: Values{
		"worker": f["WorkerSid"], "worker_name": name, "contact_uri": contact,
		"task": f["TaskSid"], "reservation": f["ReservationSid"], "attributes": worker,
	}})
	x.assigning = 0
	if err != nil || taken {
		return err
	}
	x.note(Entry{What: "dropped", Leg: l.Number, Name: "assigned", Why: "nothing handles it: Twilio connects the worker"})
	return x.dequeue(l, contact)
}

func attributesOf(text string) map[string]any {
	m := map[string]any{}
	if err := json.Unmarshal([]byte(text), &m); err != nil || m == nil {
		return map[string]any{}
	}
	return m
}

// dequeue has Twilio ring the worker and connect the two.
func (x *Exec) dequeue(l *Leg, to string) error {
	instruction := map[string]string{"instruction": "dequeue", "status_callback_events": "answered"}
	if to != "" {
		instruction["to"] = to
	}
	instruction["status_callback_url"] = x.ev.World.Base + PathTaskStatus + connection
	defer x.as(l, l.here().frame)()
	if from := x.Flow().Defaults.From; from != nil {
		text, err := from.Text(x.Env())
		if err != nil {
			return err
		}
		instruction["from"] = text
	}
	return l.Task.answer(instruction)
}

func (t *Task) answer(instruction map[string]string) error {
	text, err := json.Marshal(instruction)
	t.Answer = text
	return err
}

// TaskOf is the leg whose task a step means: the current leg, else the newest leg that
// has one; nil for none.
func (x *Exec) TaskOf() *Leg {
	if x.leg != nil && x.leg.Task != nil {
		return x.leg
	}
	for i := len(x.s.Legs) - 1; i >= 0; i-- {
		if l := x.s.Legs[i]; l.Task != nil {
			return l
		}
	}
	return nil
}

// DoTask accepts or rejects the reservation of the leg's task, or completes the task: in
// the handling of the assignment as its answer, else by REST. activity is the one that a
// rejecting worker gets, "" for none. A text says why there is nothing to do.
func (x *Exec) DoTask(l *Leg, do, activity string) (why string, err error) {
	t := l.Task
	switch {
	case t.Did == do:
		return "that was done already", nil
	case t.Did == TaskComplete:
		return "the task is completed", nil
	case t.Did == TaskReject:
		return "the reservation was rejected", nil
	case t.Did == TaskAccept && do == TaskReject:
		return "the reservation was accepted", nil
	}
	t.Did = do
	if do == TaskComplete {
		x.Emit(Effect{Kind: UpdateTask, Leg: l.Number, Lane: "task-" + strconv.Itoa(l.Number), Params: map[string]string{
			ParamWorkspace: t.Workspace, ParamTask: t.SID, "AssignmentStatus": "completed", "Reason": "completed by the flow",
		}})
		return "", nil
	}
	if x.assigning == l.Number && (do == TaskAccept || activity != "") { // an instruction to reject names an activity
		instruction := map[string]string{"instruction": do}
		if do == TaskReject {
			instruction["activity_sid"] = activity
		}
		return "", t.answer(instruction)
	}
	params := map[string]string{ParamWorkspace: t.Workspace, ParamTask: t.SID, ParamReservation: t.Reservation, "ReservationStatus": do + "ed"}
	if activity != "" {
		params["WorkerActivitySid"] = activity
	}
	// In the lane of the leg: it must be accepted before the leg is taken out of the
	// queue, which cancels a task that nobody has.
	x.Emit(Effect{Kind: UpdateReservation, Leg: l.Number, Params: params})
	return "", nil
}
