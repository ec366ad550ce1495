package sim_test

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestDequeueReports: the worker's call reports by GET, with the caller's SID.
func TestDequeueReports(t *testing.T) {
	t.Parallel()
	w := deskWorld(t, sim.Switches{TaskCallSIDOnly: true}, "")
	w.worker("ann", bob)
	caller := w.call()
	w.until("reserved", func() bool { return len(w.requests("/assign")) == 1 })
	task := w.Tasks()[0]
	if want := `{"call_sid":"` + caller.SID() + `","type":"support"}`; task.Attributes != want {
		t.Errorf("attributes %s, want %s", task.Attributes, want)
	}
	at := "/Tasks/" + task.SID + "/Reservations/" + task.Reservations[0].SID
	status, body := w.desk(at, url.Values{"Instruction": {"dequeue"}, "DequeueFrom": {carol}, "DequeueStatusCallbackUrl": {w.app.URL + "/ws"},
		"DequeueStatusCallbackEvent": {"answered", "completed"}})
	if status != 200 {
		t.Fatal(status, body)
	}
	w.until("talk", func() bool { return len(caller.Peers()) == 1 })
	caller.Hangup()
	w.ended(caller)
	w.wantTask("completed ann:completed")
	got := w.requests("/ws")
	if len(got) != 2 {
		t.Fatalf("%d reports\n%s", len(got), w.dump())
	}
	wantFields(t, got[0], map[string]string{"taskCallSid": caller.SID(), "CallStatus": "in-progress", "From": carol, "To": bob})
	wantFields(t, w.one("/done"), map[string]string{"QueueResult": "bridged"})
}

// TestRedirectInstruction: an accepted task outlives the queue.
func TestRedirectInstruction(t *testing.T) {
	t.Parallel()
	w := deskWorld(t, sim.Switches{}, "")
	w.worker("ann", bob)
	caller := w.call()
	w.until("reserved", func() bool { return len(w.requests("/assign")) == 1 })
	task := w.Tasks()[0]
	at := "/Tasks/" + task.SID + "/Reservations/" + task.Reservations[0].SID
	if status, body := w.desk(at, url.Values{"Instruction": {"redirect"}, "RedirectCallSid": {caller.SID()},
		"RedirectUrl": {w.app.URL + "/away"}, "RedirectAccept": {"true"}}); status != 200 {
		t.Fatal(status, body)
	}
	w.until("moved", func() bool { return len(w.requests("/away")) == 1 })
	w.wantTask("assigned ann:accepted")
	w.ended(caller)
	w.wantTask("assigned ann:accepted")
}

// TestInstructionErrors: what cannot be done leaves the reservation pending.
func TestInstructionErrors(t *testing.T) {
	t.Parallel()
	for answer, code := range map[string]int{
		`"instruction":"dance"`: 40151, `"instruction":"reject"`: 40100, `"instruction":"dequeue","to":"nowhere"`: 40131,
		`"instruction":"call"`: 40111, `"instruction":"redirect"`: 40120, `"instruction":"conference","to":"x"`: 40137,
	} {
		w := deskWorld(t, sim.Switches{}, answer)
		w.worker("ann", bob)
		caller := w.call()
		w.until("reserved", func() bool { return len(w.requests("/assign")) == 1 })
		w.clock.Advance(time.Second)
		w.wantTask("reserved ann:pending")
		found := ""
		for _, e := range w.Log() {
			if e.Kind == sim.EntryWarning {
				found += strconv.Itoa(e.Code)
			}
		}
		if found != strconv.Itoa(code) {
			t.Errorf("%s: warnings %s, want %d", answer, found, code)
		}
		caller.Hangup()
		w.ended(caller)
		w.wantTask("canceled ann:canceled")
	}
}

// TestBadTasks: no task without a known workflow and good attributes.
func TestBadTasks(t *testing.T) {
	t.Parallel()
	enqueue := func(sid, task string) (*world, *sim.Call) {
		w := deskWorld(t, sim.Switches{}, "")
		w.page("/voice", func(url.Values) string {
			return `<Enqueue workflowSid="` + sid + `" action="/done"><Task>` + task + `</Task></Enqueue>`
		})
		c := w.call()
		w.ended(c)
		if n := len(w.Tasks()); n != 0 {
			t.Errorf("%d tasks of workflow %s with %s", n, sid, task)
		}
		return w, c
	}
	unknown, _ := enqueue("WW00000000000000000000000000000009", "{}")
	wantFields(t, unknown.one("/done"), map[string]string{"QueueResult": "error", "QueueSid": "-"})
	if _, c := enqueue(workflow, "[1]"); !c.HeardText("application error") {
		t.Errorf("attributes that are no object: heard %q", c.Heard())
	}
	w := deskWorld(t, sim.Switches{}, "")
	if status, _ := w.desk("/Tasks", url.Values{"WorkflowSid": {workflow}, "Attributes": {`{"a":1}`}, "Priority": {"3"}}); status != 201 {
		t.Errorf("create: %d", status)
	}
	if one := w.Tasks()[0]; one.Priority != 3 || one.Attributes != `{"a":1}` {
		t.Errorf("%+v", one)
	}
}
