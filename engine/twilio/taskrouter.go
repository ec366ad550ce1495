package twilio

import (
	"context"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/taskrouter/v1"
)

// TaskRouterURL is the address of Twilio's TaskRouter API.
const TaskRouterURL = "https://taskrouter.twilio.com"

// Task is a task of TaskRouter. Source: twilio.com/docs/taskrouter/api/task.
type Task struct {
	SID    string
	Status string // pending, reserved, assigned, wrapping, completed, canceled
}

// Over reports whether nobody need do anything with the task any more.
func (t *Task) Over() bool { return t.Status == "completed" || t.Status == "canceled" }

// Reservation is the offer of a task to a worker. Source:
// twilio.com/docs/taskrouter/api/reservations.
type Reservation struct {
	SID    string
	Status string // pending, accepted, rejected, timeout, canceled, rescinded, wrapping, completed
}

func (c *Client) taskRouter(ctx context.Context, op string) (*api.ApiService, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	return api.NewApiService(&client.RequestHandler{Client: &exchange{client: c, ctx: ctx, op: op}}), cancel
}

// pathParts makes SIDs fit for a path.
func pathParts(op string, sids ...string) ([]string, error) {
	parts := make([]string, len(sids))
	for i, sid := range sids {
		part, err := pathPart(op, "SID", sid)
		if err != nil {
			return nil, err
		}
		parts[i] = part
	}
	return parts, nil
}

func knownReservation(op string, r *api.TaskrouterV1TaskReservation, err error) (*Reservation, error) {
	switch {
	case err != nil:
		return nil, asError(op, err)
	case str(r.Sid) == "":
		return nil, unreadable(op, nil)
	}
	return &Reservation{SID: str(r.Sid), Status: str(r.ReservationStatus)}, nil
}

func knownTask(op string, t *api.TaskrouterV1Task, err error) (*Task, error) {
	switch {
	case err != nil:
		return nil, asError(op, err)
	case str(t.Sid) == "":
		return nil, unreadable(op, nil)
	}
	return &Task{SID: str(t.Sid), Status: str(t.AssignmentStatus)}, nil
}

// UpdateReservation accepts or rejects a reservation (ReservationStatus, WorkerActivitySid).
// Error 40135: it is not pending any more.
func (c *Client) UpdateReservation(ctx context.Context, workspace, task, sid string, params map[string]string) (*Reservation, error) {
	const op = "update reservation"
	parts, err := pathParts(op, workspace, task, sid)
	if err != nil {
		return nil, err
	}
	p := &api.UpdateTaskReservationParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.taskRouter(ctx, op)
	defer cancel()
	got, err := s.UpdateTaskReservation(parts[0], parts[1], parts[2], p)
	return knownReservation(op, got, err)
}

// FetchReservation reads one reservation.
func (c *Client) FetchReservation(ctx context.Context, workspace, task, sid string) (*Reservation, error) {
	const op = "fetch reservation"
	parts, err := pathParts(op, workspace, task, sid)
	if err != nil {
		return nil, err
	}
	s, cancel := c.taskRouter(ctx, op)
	defer cancel()
	got, err := s.FetchTaskReservation(parts[0], parts[1], parts[2])
	return knownReservation(op, got, err)
}

// UpdateTask changes a task: AssignmentStatus (completed, canceled) and Reason.
func (c *Client) UpdateTask(ctx context.Context, workspace, sid string, params map[string]string) (*Task, error) {
	const op = "update task"
	parts, err := pathParts(op, workspace, sid)
	if err != nil {
		return nil, err
	}
	p := &api.UpdateTaskParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.taskRouter(ctx, op)
	defer cancel()
	got, err := s.UpdateTask(parts[0], parts[1], p)
	return knownTask(op, got, err)
}

// FetchTask reads one task.
func (c *Client) FetchTask(ctx context.Context, workspace, sid string) (*Task, error) {
	const op = "fetch task"
	parts, err := pathParts(op, workspace, sid)
	if err != nil {
		return nil, err
	}
	s, cancel := c.taskRouter(ctx, op)
	defer cancel()
	got, err := s.FetchTask(parts[0], parts[1])
	return knownTask(op, got, err)
}
