package dispatch_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// TestTaskThatIsWhatItShouldBe: a refusal is success where the reservation or the task is
// already as wanted, and waits where the task is about to be assigned.
func TestTaskThatIsWhatItShouldBe(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, do, status string
		ok               bool
		requests         int
	}{
		{"accepted before", "accepted", "accepted", true, 1},
		{"another one has it", "accepted", "canceled", false, 1},
		{"not for this worker any more", "rejected", "timeout", true, 1},
		{"rejected too late", "rejected", "accepted", false, 1},
		{"over already", "completed", "canceled", true, 1},
		{"not assigned yet", "completed", "reserved", true, 3},
		{"never assigned", "completed", "pending", false, 11},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.session("s")
			w.status = tt.status
			e := engine.Effect{ID: "2.0", Kind: engine.UpdateReservation, Lane: "leg-1", Leg: 1, Deadline: start().Add(time.Hour), Params: map[string]string{
				"Workspace": "WS1", "Task": "WT1", "Reservation": "WR1", "ReservationStatus": tt.do,
			}}
			op := "update-reservation"
			if tt.do == "completed" {
				e.Kind, op = engine.UpdateTask, "update-task"
			}
			w.answer = func(o string, n int) error {
				if o == op && (!tt.ok || n < tt.requests || tt.requests == 1) {
					return refusal(40135, 400)
				}
				return nil
			}
			w.commit("s", nil, e)
			w.clock.RunUntil(func() bool { return w.result(e.ID) != nil }, time.Hour)
			if got := w.result(e.ID); got == nil || got.OK != tt.ok {
				t.Errorf("result %+v; log %q", got, w.log)
			}
			if n := len(w.lines(op)); n != tt.requests {
				t.Errorf("%d requests, want %d: %q", n, tt.requests, w.log)
			}
		})
	}
}
