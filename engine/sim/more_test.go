package sim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestEnqueueEnds(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"/voice": `<Enqueue waitUrl="/wait" action="/left">support</Enqueue>`, "/wait": `<Pause length="5"/>`,
		"/left": `<Say>from the action</Say>`, "/new": `<Pause length="3"/><Say>moved</Say>`,
	}
	for _, tc := range []struct {
		name   string
		s      sim.Switches
		hangup bool
		result string // "" for no action
		last   string
	}{
		{"hangup", sim.Switches{}, true, "hangup", ""},
		{"hangup, no act", sim.Switches{NoActAtHangup: true}, true, "", ""},
		{"redirect", sim.Switches{}, false, "redirected", "moved"},
		{"redirect, used", sim.Switches{InterruptedAct: sim.ActUsed}, false, "redirected", "from the action"},
	} {
		w := newWorld(t, sim.Options{Switches: tc.s}, pages)
		c := w.call()
		w.until("waits", func() bool { return len(w.requests("/wait")) == 2 })
		if tc.hangup {
			c.Hangup()
		} else {
			w.post("/Calls/"+c.SID()+".json", url.Values{"Url": {w.app.URL + "/new"}})
		}
		w.ended(c)
		if c.Queue() != "" {
			t.Errorf("%s: still queued", tc.name)
		}
		acts := w.requests("/left")
		if (len(acts) == 1) != (tc.result != "") || tc.result != "" && acts[0].Get("QueueResult") != tc.result {
			t.Errorf("%s: actions %v", tc.name, acts)
		}
		if h := strings.Join(c.Heard(), "|"); h != tc.last {
			t.Errorf("%s: heard %q, want %q", tc.name, h, tc.last)
		}
	}
}

func TestEnqueueWaitFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Enqueue waitUrl="/wait" action="/left">q</Enqueue>`, "/wait": "!500", "/left": "<Say>hm</Say>"})
	c := w.call()
	w.ended(c)
	wantFields(t, w.one("/left"), map[string]string{"QueueResult": "error"})
}

func TestDialQueueWaitsForACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Enqueue waitUrl="" action="/left">support</Enqueue>`, "/left": "",
		"/agent": `<Dial timeout="60" timeLimit="30" action="/done"><Queue>support</Queue></Dial>`, "/done": `<Redirect>/again</Redirect>`,
		"/again": `<Dial timeout="10" action="/empty"><Queue>support</Queue></Dial>`, "/empty": "",
		"/none": `<Dial action="/failed"><Queue>nobody</Queue></Dial>`, "/failed": "",
	})
	first := w.call() // makes the queue
	w.until("waits", func() bool { return first.Queue() != "" })
	first.Hangup()
	agent := w.place(bob, "/agent", nil)
	w.until("agent is there", func() bool { return agent.Status() == "in-progress" })
	w.clock.Advance(10 * time.Second)
	second := w.call()
	w.until("bridged", func() bool { return len(second.Peers()) == 1 && len(second.Queue()) > 0 })
	w.ended(agent)
	wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": "completed", "DialCallSid": second.SID()})
	wantFields(t, w.one("/empty"), map[string]string{"DialCallStatus": "no-answer"})
	w.ended(w.place(carol, "/none", nil))
	wantFields(t, w.one("/failed"), map[string]string{"DialCallStatus": "failed"})
}

func TestByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Dial answerOnBridge="true" action="/done"><Client>bob</Client><Sip>sip:carol@example.com</Sip></Dial>`, "/done": `<Reject/>`})
	w.AddParty("client:bob", sim.Party{Outcome: sim.Manual})
	w.AddParty("sip:carol@example.com", sim.Party{Outcome: sim.Manual})
	c := w.call()
	w.until("both ring", func() bool {
		kids := c.Children()
		return len(kids) == 2 && kids[0].Ringing() && kids[1].Ringing()
	})
	kids := c.Children()
	if kids[0].ParentSID() != c.SID() || kids[0].Direction() != "outbound-dial" || kids[1].To() != "sip:carol@example.com" {
		t.Errorf("children %s %s %s", kids[0].ParentSID(), kids[0].Direction(), kids[1].To())
	}
	kids[0].Decline()
	kids[1].Hangup()
	w.ended(c)
	wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": "busy", "CallStatus": "ringing"})
	if c.Status() != "no-answer" || len(w.Calls()) != 3 {
		t.Errorf("%s, %d calls", c.Status(), len(w.Calls()))
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Pause length="10"/><Say>never heard</Say>`})
	w.AddParty(alice, sim.Party{HangupAfter: time.Second})
	c := w.call()
	w.clock.Advance(2 * time.Second)
	c.Hangup()
	w.settle()
	w.wantHeard(c)
	wantFields(t, w.one("/status"), map[string]string{"CallStatus": "no-answer", "CallDuration": "0", "Duration": "0"})
}

func TestLengths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Play>/short.mp3</Play><Play digits="1wW2"/><Say>12345</Say>`})
	w.AddMedia(w.app.URL+"/short.mp3", 3*time.Second)
	c := w.call()
	w.until("answered", func() bool { return c.Status() == "in-progress" })
	begun := w.clock.Now()
	w.until("ended", c.Ended)
	if got := w.clock.Now().Sub(begun); got != 3*time.Second+1900*time.Millisecond+300*time.Millisecond {
		t.Errorf("took %v", got)
	}
}

// TestRedirectDuringDetection: the document that a redirect brings replaces the
// one that synchronous detection holds back.
func TestRedirectDuringDetection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/x": `<Say>first</Say>`, "/y": `<Say>second</Say><Pause length="20"/>`})
	c := w.place(bob, "/x", url.Values{"MachineDetection": {"Enable"}})
	w.until("answered", func() bool { return c.Status() == "in-progress" })
	w.post("/Calls/"+c.SID()+".json", url.Values{"Url": {w.app.URL + "/y"}})
	w.ended(c)
	w.wantHeard(c, "second")
	if len(w.requests("/x")) != 0 {
		t.Error("the first document was requested as well")
	}
}

// TestCancelWhileDialling: dialled but not ringing yet, a call still reports its end.
func TestCancelWhileDialling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	c := w.place(bob, "/x", url.Values{"StatusCallback": {w.app.URL + "/progress"}})
	w.clock.Advance(100 * time.Millisecond)
	w.post("/Calls/"+c.SID()+".json", url.Values{"Status": {"completed"}})
	w.settle()
	if got := statuses(w.requests("/progress")); got != "0canceled " {
		t.Errorf("progress %q", got)
	}
}

func TestRecordedCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/x": `<Dial record="record-from-answer-dual" recordingStatusCallback="/rec" action="/done">` + carol + `</Dial>`, "/done": ""})
	w.AddParty(carol, sim.Party{HangupAfter: 7 * time.Second})
	c := w.place(bob, "/x", url.Values{"Record": {"true"}, "StatusCallback": {w.app.URL + "/s"}})
	w.ended(c)
	wantFields(t, w.one("/rec"), map[string]string{"RecordingSource": "DialVerb", "RecordingChannels": "2", "RecordingDuration": "7", "CallSid": c.SID()})
	if w.one("/done").Get("RecordingUrl") == "" || w.one("/s").Get("RecordingSid") == "" {
		t.Error("RecordingUrl or RecordingSid missing")
	}
	if _, body := w.rest("GET", "/Calls/"+c.SID()+"/Recordings.json", nil); strings.Count(body, `"source"`) != 2 {
		t.Error(body)
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/x": ""})
	w.ended(w.place(bob, "/x", nil))
	day := w.clock.Now().Format(time.DateOnly)
	for query, want := range map[string]int{
		"": 1, "?To=" + url.QueryEscape(bob): 1, "?To=x": 0, "?Status=completed": 1, "?Status=queued": 0,
		"?StartTime=" + day: 1, "?StartTime=2020-01-01": 0, "?StartTime%3E=" + day: 1, "?StartTime%3C=" + day: 1,
		"?StartTime%3C=2020-01-01": 0, "?StartTime%3E=2099-01-01T00:00:00Z": 0, "?EndTime=" + day: 1,
	} {
		if _, body := w.rest("GET", "/Calls.json"+query, nil); strings.Count(body, `"sid"`) != want {
			t.Errorf("%q: %d, want %d: %s", query, strings.Count(body, `"sid"`), want, body)
		}
	}
	if status, body := w.rest("GET", ".json", nil); status != 200 || !strings.Contains(body, "active") {
		t.Errorf("account: %d %s", status, body)
	}
}
