package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

const workflow = "WW00000000000000000000000000000001"

// deskWorld is a world with a workflow whose assignments get the answers, one
// after the other ("" is an empty object, "!" an error); the last one repeats.
func deskWorld(t *testing.T, switches sim.Switches, answers ...string) *world {
	t.Helper()
	var mu sync.Mutex
	next := 0
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.Header.Get("X-Twilio-Signature") != sim.Signature(sim.DefaultAuthToken, "http://"+r.Host+r.URL.RequestURI(), r.PostForm) {
			t.Error("an assignment callback is not signed rightly")
		}
		mu.Lock()
		answer := answers[min(next, len(answers)-1)]
		next++
		mu.Unlock()
		if answer == "!" {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "{"+answer+"}")
	}))
	t.Cleanup(desk.Close)
	w := newWorld(t, sim.Options{Switches: switches}, map[string]string{
		"/voice": `<Enqueue workflowSid="` + workflow + `" waitUrl="/wait" action="/done"><Task priority="5" timeout="600">{"type":"support"}</Task></Enqueue>`,
		"/wait":  `<Pause length="5"/>`, "/done": `<Hangup/>`, "/work": `<Dial><Queue reservationSid="RES"/></Dial>`, "/away": `<Pause length="30"/>`,
	})
	w.AddWorkflow(workflow, sim.Workflow{AssignmentURL: desk.URL + "/assign", FallbackURL: desk.URL + "/assign2", ReservationTimeout: 30 * time.Second})
	return w
}

func (w *world) worker(name, address string) {
	w.t.Helper()
	if _, err := w.AddWorker(name, `{"contact_uri":"`+address+`"}`); err != nil {
		w.t.Fatal(err)
	}
}

// desk sends a request to the TaskRouter API.
func (w *world) desk(path string, form url.Values) (int, string) {
	w.t.Helper()
	status, body := w.request(http.MethodPost, "/v1/Workspaces/"+sim.WorkspaceSID+path, form)
	return status, string(body)
}

func (w *world) wantTask(want string) {
	w.t.Helper()
	t := w.Tasks()[0]
	got := t.Status
	for _, r := range t.Reservations {
		got += " " + r.Worker + ":" + r.Status
	}
	if got != want {
		w.t.Errorf("task is %q, want %q\n%s", got, want, w.dump())
	}
}

func TestAssignmentCallback(t *testing.T) {
	t.Parallel()
	w := deskWorld(t, sim.Switches{}, `"instruction":"dequeue","post_work_activity_sid":"WA00000000000000000000000000000002"`)
	caller := w.call()
	w.until("waits", func() bool { return caller.Queue() != "" })
	w.worker("ann", bob)
	w.until("talk", func() bool { return len(caller.Peers()) == 1 && caller.Peers()[0].To() == bob })
	w.wantTask("assigned ann:accepted")
	task := w.Tasks()[0]
	got := w.one("/assign")
	wantFields(t, got, map[string]string{"AccountSid": w.AccountSID(), "WorkspaceSid": sim.WorkspaceSID, "WorkflowSid": workflow,
		"TaskSid": task.SID, "TaskPriority": "5", "ReservationSid": task.Reservations[0].SID, "WorkerAttributes": `{"contact_uri":"` + bob + `"}`})
	if len(got) != 12 || !strings.Contains(got.Get("TaskAttributes"), `"call_sid":"`+caller.SID()+`"`) || !strings.Contains(got.Get("TaskAttributes"), `"type":"support"`) {
		t.Errorf("assignment has %v", got)
	}
	w.CallsTo(bob)[0].Hangup()
	w.ended(caller)
	w.wantTask("completed ann:completed")
	wantFields(t, w.one("/done"), map[string]string{"QueueResult": "bridged"})
}

// TestWorkers: who does not answer loses the task to the next worker; a caller
// who hangs up ends it, and the worker's phone stops ringing.
func TestWorkers(t *testing.T) {
	t.Parallel()
	w := deskWorld(t, sim.Switches{}, `"instruction":"dequeue","timeout":10`)
	w.AddParty(bob, sim.Party{Outcome: sim.NoAnswer})
	w.AddParty(carol, sim.Party{Outcome: sim.Manual})
	w.worker("ann", bob)
	w.worker("cid", carol)
	caller := w.call()
	w.until("second worker", func() bool { return len(w.CallsTo(carol)) == 1 && w.CallsTo(carol)[0].Ringing() })
	w.wantTask("reserved ann:timeout cid:pending")
	caller.Hangup()
	w.ended(caller)
	w.wantTask("canceled ann:timeout cid:canceled")
	if st := w.CallsTo(carol)[0].Status(); st != "canceled" {
		t.Errorf("the worker's call is %s", st)
	}
}

// TestTaskByREST: an empty answer leaves the reservation to REST.
func TestTaskByREST(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		w := deskWorld(t, sim.Switches{RedirectKeepsTask: keeps}, "")
		w.worker("ann", bob)
		caller := w.call()
		w.until("reserved", func() bool { return len(w.requests("/assign")) == 1 })
		task := w.Tasks()[0]
		at := "/Tasks/" + task.SID + "/Reservations/" + task.Reservations[0].SID
		if status, body := w.desk(at, url.Values{"ReservationStatus": {"accepted"}}); status != 200 || !strings.Contains(body, `"reservation_status":"accepted"`) {
			t.Errorf("accept: %d %s", status, body)
		}
		if status, body := w.desk(at, url.Values{"ReservationStatus": {"rejected"}}); status != 400 || !strings.Contains(body, "40135") {
			t.Errorf("reject after accept: %d %s", status, body)
		}
		w.post("/Calls/"+caller.SID()+".json", url.Values{"Url": {w.app.URL + "/away"}})
		w.clock.Advance(5 * time.Second)
		w.wantTask("assigned ann:accepted")
		wantFields(t, w.one("/done"), map[string]string{"QueueResult": "redirected"})
		if status, _ := w.desk("/Tasks/"+task.SID, url.Values{"AssignmentStatus": {"completed"}, "Reason": {"done"}}); status != 200 {
			t.Errorf("complete: %d", status)
		}
		if status, _ := w.desk("/Tasks/"+task.SID, url.Values{"AssignmentStatus": {"completed"}}); status != 400 {
			t.Errorf("complete twice: %d", status)
		}
		w.wantTask("completed ann:completed")
		caller.Hangup()
		w.ended(caller)

		early := w.call()
		w.until("waits", func() bool { return early.Queue() != "" })
		w.SetAvailable("ann", false)
		w.post("/Calls/"+early.SID()+".json", url.Values{"Url": {w.app.URL + "/away"}})
		if got := w.Tasks()[1].Status == "canceled"; got == keeps {
			t.Errorf("keeps %v: the task of a redirected caller is %s", keeps, w.Tasks()[1].Status)
		}
	}
}

func TestAssignmentTrouble(t *testing.T) {
	t.Parallel()
	for _, cancels := range []bool{false, true} {
		w := deskWorld(t, sim.Switches{FailedAssignmentCancels: cancels}, "!", "!", `"instruction":"accept"`)
		w.worker("ann", bob)
		w.worker("cid", carol)
		caller := w.call()
		w.until("assigned", func() bool { return len(w.Tasks()) == 1 && w.Tasks()[0].Status == "assigned" })
		if n, m := len(w.requests("/assign")), len(w.requests("/assign2")); n != 2 || m != 1 {
			t.Errorf("%d callbacks and %d fallbacks", n, m)
		}
		w.wantTask("assigned ann:" + map[bool]string{true: "canceled", false: "timeout"}[cancels] + " cid:accepted")
		caller.Hangup()
	}
	w := deskWorld(t, sim.Switches{}, `"instruction":"reject"`, `"instruction":"reject","activity_sid":"WA00000000000000000000000000000002"`)
	w.worker("ann", bob)
	w.worker("cid", carol)
	w.call()
	w.until("tried", func() bool { return len(w.requests("/assign")) == 2 })
	w.clock.Advance(time.Second)
	w.wantTask("pending ann:timeout cid:rejected")

	for _, on := range []bool{false, true} {
		w := deskWorld(t, sim.Switches{TaskEndIsError: on}, "")
		w.ended(w.call())
		w.wantTask("canceled")
		wantFields(t, w.one("/done"), map[string]string{"QueueResult": map[bool]string{true: "system-error", false: "leave"}[on], "QueueTime": "600"})
	}
}

// TestInstructions: call with a document of its own, redirect, and conference.
func TestInstructions(t *testing.T) {
	t.Parallel()
	var w *world
	w = deskWorld(t, sim.Switches{}, "")
	w.page("/work", func(url.Values) string {
		return `<Dial><Queue reservationSid="` + w.Tasks()[0].Reservations[0].SID + `"/></Dial>`
	})
	for _, c := range []struct {
		name string
		form url.Values
		want string
	}{
		{"call", url.Values{"CallFrom": {ours}, "CallUrl": {w.app.URL + "/work"}}, "completed ann:completed"},
		{"conference", url.Values{"From": {ours}, "EndConferenceOnExit": {"true"}}, "completed ann:completed"},
	} {
		old := w
		w = deskWorld(t, sim.Switches{}, "")
		w.page("/work", func(url.Values) string {
			return `<Dial><Queue reservationSid="` + w.Tasks()[0].Reservations[0].SID + `"/></Dial>`
		})
		if u := c.form.Get("CallUrl"); u != "" {
			c.form.Set("CallUrl", strings.Replace(u, old.app.URL, w.app.URL, 1))
		}
		w.AddParty(bob, sim.Party{HangupAfter: 20 * time.Second})
		w.worker("ann", bob)
		caller := w.call()
		w.until("reserved", func() bool { return len(w.requests("/assign")) == 1 })
		task := w.Tasks()[0]
		c.form.Set("Instruction", c.name)
		if status, body := w.desk("/Tasks/"+task.SID+"/Reservations/"+task.Reservations[0].SID, c.form); status != 200 {
			t.Fatalf("%s: %d %s", c.name, status, body)
		}
		w.until(c.name+": talk", func() bool { return len(caller.Peers()) == 1 })
		w.wantTask("assigned ann:accepted")
		w.ended(caller)
		w.wantTask(c.want)
	}
}
