package dispatch

import (
	"context"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// TwilioTasks changes and finds tasks of TaskRouter.
type TwilioTasks interface {
	UpdateReservation(ctx context.Context, workspace, task, sid string, params map[string]string) (*twilio.Reservation, error)
	FetchReservation(ctx context.Context, workspace, task, sid string) (*twilio.Reservation, error)
	UpdateTask(ctx context.Context, workspace, sid string, params map[string]string) (*twilio.Task, error)
	FetchTask(ctx context.Context, workspace, sid string) (*twilio.Task, error)
}

// maxTooEarly is how often a task is completed again that has not been assigned yet: its
// acceptance may be on its way.
const maxTooEarly = 10

// taskParams are the parameters that are sent, and what they are about.
func (j *job) taskParams() (workspace, task, reservation string, params map[string]string) {
	params = j.params()
	workspace, task, reservation = params[engine.ParamWorkspace], params[engine.ParamTask], params[engine.ParamReservation]
	delete(params, engine.ParamWorkspace)
	delete(params, engine.ParamTask)
	delete(params, engine.ParamReservation)
	return workspace, task, reservation, params
}

func sendReservation(j *job, ctx context.Context) answer {
	workspace, task, reservation, params := j.taskParams()
	_, err := j.d.cfg.Twilio.UpdateReservation(ctx, workspace, task, reservation, params)
	return twilioAnswer(reservation, err)
}

// reservationRefused: an attempt before may have done it, or TaskRouter itself has.
func reservationRefused(j *job, a answer) *engine.Result {
	workspace, task, reservation, params := j.taskParams()
	ctx, cancel := j.d.limit(requestTime)
	defer cancel()
	r, err := j.d.cfg.Twilio.FetchReservation(ctx, workspace, task, reservation)
	if err != nil {
		return &a.result
	}
	shows := []string{"accepted", "wrapping", "completed"}
	if params["ReservationStatus"] == "rejected" {
		shows = []string{"rejected", "timeout", "canceled", "rescinded"} // the worker does not have it
	}
	for _, status := range shows {
		if r.Status == status {
			return &engine.Result{OK: true, SID: reservation, Reason: ReasonGone, Message: "the reservation is " + status}
		}
	}
	return &a.result
}

func sendTask(j *job, ctx context.Context) answer {
	workspace, task, _, params := j.taskParams()
	_, err := j.d.cfg.Twilio.UpdateTask(ctx, workspace, task, params)
	return twilioAnswer(task, err)
}

// taskRefused: a task that is over needs no completion, one that nobody has yet may be
// about to be accepted.
func taskRefused(j *job, a answer) *engine.Result {
	workspace, task, _, _ := j.taskParams()
	ctx, cancel := j.d.limit(requestTime)
	defer cancel()
	t, err := j.d.cfg.Twilio.FetchTask(ctx, workspace, task)
	switch {
	case err != nil:
	case t.Over():
		return &engine.Result{OK: true, SID: task, Reason: ReasonGone, Message: "the task is " + t.Status}
	case (t.Status == "pending" || t.Status == "reserved") && j.counter < maxTooEarly:
		j.counter++
		j.wait(a)
		return nil
	}
	return &a.result
}
