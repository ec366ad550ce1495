package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	twilio "github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	desk "github.com/twilio/twilio-go/rest/taskrouter/v1"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestTwilioGoBesideCalls: what runs beside a call, with Twilio's own client.
func TestTwilioGoBesideCalls(t *testing.T) {
	t.Parallel()
	w, c, _ := talking(t)
	tw := w.twilioGo(w.AccountSID(), w.AuthToken())
	stream, err := tw.CreateStream(c.SID(), (&api.CreateStreamParams{}).SetUrl(w.socket()).SetName("one").SetParameter1Name("who").SetParameter1Value("me"))
	if err != nil || *stream.Status != "in-progress" || *stream.Name != "one" {
		t.Fatalf("%+v, %v", stream, err)
	}
	if stream, err = tw.UpdateStream(c.SID(), *stream.Sid, (&api.UpdateStreamParams{}).SetStatus("stopped")); err != nil || *stream.Status != "stopped" {
		t.Errorf("%+v, %v", stream, err)
	}
	siprec, err := tw.CreateSiprec(c.SID(), (&api.CreateSiprecParams{}).SetConnectorName("rec").SetTrack("both_tracks"))
	if err != nil || !strings.HasPrefix(*siprec.Sid, "SR") {
		t.Errorf("%+v, %v", siprec, err)
	}
	text, err := tw.CreateRealtimeTranscription(c.SID(), (&api.CreateRealtimeTranscriptionParams{}).SetStatusCallbackUrl(w.app.URL+"/text"))
	if err != nil || *text.Status != "in-progress" {
		t.Errorf("%+v, %v", text, err)
	}
	pay, err := tw.CreatePayments(c.SID(), (&api.CreatePaymentsParams{}).SetIdempotencyKey("1").SetStatusCallback(w.app.URL+"/pay").SetChargeAmount(5))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tw.UpdatePayments(c.SID(), *pay.Sid, (&api.UpdatePaymentsParams{}).SetIdempotencyKey("2").SetStatusCallback(w.app.URL+"/pay").SetStatus("cancel")); err != nil {
		t.Error(err)
	}
	c.Hangup()
	w.settle()
	events, err := tw.ListCallEvent(c.SID(), &api.ListCallEventParams{})
	if err != nil || len(events) == 0 {
		t.Errorf("%v, %v", events, err)
	}
	if err := tw.DeleteCall(c.SID(), &api.DeleteCallParams{}); err != nil {
		t.Error(err)
	}
	_, err = tw.FetchCall(c.SID(), &api.FetchCallParams{})
	wantCode(t, err, 404, 20404)
}

// TestTwilioGoDesk: TaskRouter with Twilio's own client.
func TestTwilioGoDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	c := &twilio.Client{Credentials: twilio.NewCredentials(w.AccountSID(), w.AuthToken()),
		HTTPClient: &http.Client{Transport: toSim{strings.TrimPrefix(w.api.URL, "http://")}}}
	tr := desk.NewApiServiceWithClient(c)
	team, err := tr.CreateWorkspace((&desk.CreateWorkspaceParams{}).SetFriendlyName("Team").SetTemplate("FIFO"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ann", "ben", "cid"} {
		if _, err := tr.CreateWorker(*team.Sid, (&desk.CreateWorkerParams{}).SetFriendlyName(name).SetAttributes(`{"level":1}`)); err != nil {
			t.Fatal(err)
		}
	}
	workers, err := tr.ListWorker(*team.Sid, (&desk.ListWorkerParams{}).SetPageSize(2))
	if err != nil || len(workers) != 3 || *workers[0].ActivityName != "Offline" || *workers[0].Available {
		t.Fatalf("%d workers, %v", len(workers), err)
	}
	free, err := tr.ListActivity(*team.Sid, (&desk.ListActivityParams{}).SetAvailable("true"))
	if err != nil || len(free) != 1 {
		t.Fatalf("%v, %v", free, err)
	}
	if _, err := tr.UpdateWorker(*team.Sid, *workers[0].Sid, (&desk.UpdateWorkerParams{}).SetActivitySid(*free[0].Sid)); err != nil {
		t.Fatal(err)
	}
	task, err := tr.CreateTask(*team.Sid, (&desk.CreateTaskParams{}).SetAttributes(`{"type":"x"}`).SetTaskChannel("voice").SetTimeout(60))
	if err != nil || *task.AssignmentStatus != "pending" || *task.TaskChannelUniqueName != "voice" || *task.TaskQueueFriendlyName != "FIFO queue" {
		t.Fatalf("%+v, %v", task, err)
	}
	w.clock.Advance(time.Second)
	offers, err := tr.ListTaskReservation(*team.Sid, *task.Sid, &desk.ListTaskReservationParams{})
	if err != nil || len(offers) != 1 || *offers[0].WorkerName != *workers[0].FriendlyName {
		t.Fatalf("%v, %v", offers, err)
	}
	if _, err := tr.UpdateTaskReservation(*team.Sid, *task.Sid, *offers[0].Sid, (&desk.UpdateTaskReservationParams{}).SetReservationStatus("rejected")); err != nil {
		t.Error(err)
	}
	w.clock.Advance(2 * time.Minute)
	if task, err = tr.FetchTask(*team.Sid, *task.Sid); err != nil || *task.AssignmentStatus != "canceled" || *task.Reason != "Task TTL Exceeded" {
		t.Errorf("%+v, %v", task, err)
	}
	_, err = tr.CreateWorker(*team.Sid, (&desk.CreateWorkerParams{}).SetFriendlyName("ann"))
	wantCode(t, err, 400, 20001)
}
