package twilio

import (
	"context"
	"testing"
)

func TestTaskRouter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	var got seen
	c := answering(t, 200, `{"sid":"WR1","reservation_status":"accepted","date_created":"2026-01-01T00:00:00Z"}`, &got)
	r, err := c.UpdateReservation(ctx, "WS1", "WT1", "WR1", map[string]string{"ReservationStatus": "accepted"})
	if err != nil || r.Status != "accepted" || got.method != "POST" || got.path != "/v1/Workspaces/WS1/Tasks/WT1/Reservations/WR1" || got.form.Get("ReservationStatus") != "accepted" {
		t.Errorf("%+v %v %+v", r, err, got)
	}
	if r, err := c.FetchReservation(ctx, "WS1", "WT1", "WR1"); err != nil || r.SID != "WR1" || got.method != "GET" {
		t.Errorf("%+v %v %+v", r, err, got)
	}
	if _, err := c.UpdateReservation(ctx, "WS1", "", "WR1", nil); OutcomeOf(err) != Refused {
		t.Errorf("no task: %v", err)
	}
	if _, err := c.UpdateReservation(ctx, "WS1", "WT1", "WR1", map[string]string{"Nonsense": "1"}); OutcomeOf(err) != Refused {
		t.Errorf("no such parameter: %v", err)
	}
	c = answering(t, 200, `{"sid":"WT1","assignment_status":"canceled"}`, &got)
	if task, err := c.UpdateTask(ctx, "WS1", "WT1", map[string]string{"AssignmentStatus": "completed", "Reason": "done"}); err != nil || !task.Over() || got.path != "/v1/Workspaces/WS1/Tasks/WT1" {
		t.Errorf("%+v %v %+v", task, err, got)
	}
	if task, err := c.FetchTask(ctx, "WS1", "WT1"); err != nil || task.Status != "canceled" {
		t.Errorf("%+v %v", task, err)
	}
	c = answering(t, 400, `{"code":40135,"message":"Reservation is canceled"}`, &got)
	if _, err := c.FetchTask(ctx, "WS1", "WT1"); OutcomeOf(err) != Refused || !HasCode(err, 40135) {
		t.Errorf("%v", err)
	}
	c = answering(t, 200, `{}`, &got)
	if _, err := c.FetchTask(ctx, "WS1", "WT1"); OutcomeOf(err) != Unknown {
		t.Errorf("an empty answer: %v", err)
	}
	real, err := New(Config{AccountSID: testAccount, AuthToken: testToken})
	if err != nil || real.base != DefaultBaseURL || real.tasks != TaskRouterURL {
		t.Errorf("%v %+v", err, real)
	}
}
