package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

var queueFlows = map[string]string{"queue.yaml": `
flow: queue
answers: ["+15005550006"]
answer: queue
states:
  queue:
    enqueue:
      workflow: WW00000000000000000000000000000001
      music: ["You are number ${queue.position}."]
      choices: {1: bye}
    next: bye
  bye: {prompt: Good bye., next: hangup}
`}

// TestQueueAndTaskRouter: what a queue's wait and an assignment are answered, the first
// time, again, late, and when they mean nobody.
func TestQueueAndTaskRouter(t *testing.T) {
	t.Parallel()
	r := newRig(t, queueFlows)
	session := engine.SessionID(r.sim.AccountSID(), "CA1")
	post := func(path string, more ...string) (int, string) {
		fields := map[string]string{"CallSid": "CA1", "AccountSid": r.sim.AccountSID(), "From": "+15550001111", "To": number, "CallStatus": "in-progress"}
		for i := 0; i+1 < len(more); i += 2 {
			fields[more[i]] = more[i+1]
		}
		return r.webhook(path, fields)
	}
	expect := func(what, want, path string, more ...string) {
		t.Helper()
		if status, text := post(path, more...); status != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", what, status, text)
		}
	}
	post("/voice", "CallStatus", "ringing")
	turn := func(n int, kind string) string { return fmt.Sprintf("/t/%s/1/%d/%s", session, n, kind) }
	expect("a round of the wait", "You are number 3.", turn(1, "wait"), "QueueSid", "QU1", "QueuePosition", "3")
	own := fmt.Sprintf(`{"ringdown_session": %q, "ringdown_leg": 1}`, session)
	for _, tt := range []struct{ what, attributes, reservation, want string }{
		{"a task of somebody else", `{"call_sid": "CA9"}`, "WR1", "{}"},
		{"a task of another session", `{"ringdown_session": "nope", "ringdown_leg": 1}`, "WR1", "{}"},
		{"a leg that is not there", strings.Replace(own, "1}", "7}", 1), "WR1", "{}"},
		{"attributes that are no JSON", "?", "WR1", "{}"},
		{"by the session", own, "WR1", `"instruction":"dequeue"`},
		{"again", own, "WR1", `"instruction":"dequeue"`},
		{"by the call, for another worker", `{"call_sid": "CA1"}`, "WR2", `"to":"client:ann"`},
	} {
		expect(tt.what, tt.want, "/taskrouter/assignment", "TaskSid", "WT1", "WorkspaceSid", "WS1", "ReservationSid", tt.reservation,
			"TaskAttributes", tt.attributes, "WorkerAttributes", `{"contact_uri": "client:ann"}`)
	}
	expect("another key", "You are number", turn(1, "wact-0"), "QueueSid", "QU1", "Digits", "5")
	expect("that key again", "wact-1", turn(1, "wact-0"), "QueueSid", "QU1", "Digits", "1")
	for _, what := range []string{"the key that leads on", "that key again", "after a restart"} {
		expect(what, "<Leave/>", turn(1, "wact-1"), "QueueSid", "QU1", "Digits", "1")
		if what == "that key again" {
			r.stop()
			r.start()
		}
	}
	expect("a late round of the wait", `<Pause length="10"/>`, turn(1, "wait"), "QueueSid", "QU1")
	expect("a late key", `<Pause length="10"/>`, turn(1, "wact-2"), "Digits", "1")
	expect("out of the queue", "/1/2/doc", turn(1, "act"), "QueueResult", "leave")
	expect("the next document", "Good bye.", turn(2, "doc"))
	expect("a worker when nobody waits any more", "{}", "/taskrouter/assignment", "TaskSid", "WT2", "ReservationSid", "WR3", "TaskAttributes", own)
	expect("somebody dials the queue of another server", "<Response/>", "/t/nope/1/1/queue", "QueueSid", "QU1", "CallSid", "CA9")
	if status, text := post("/taskrouter/status", "taskCallSid", "CA9"); status != 204 {
		t.Errorf("a call to a worker of somebody else: %d %s", status, text)
	}
	if status, _ := post("/taskrouter/other"); status != 404 {
		t.Errorf("no such URL: %d", status)
	}
}
