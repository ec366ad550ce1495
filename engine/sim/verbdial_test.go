package sim_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// dialPages is a Dial to Bob with progress callbacks and an action.
func dialPages(attrs, nounAttrs string) map[string]string {
	return map[string]string{
		"/voice": `<Dial action="/done" ` + attrs + `><Number statusCallback="/child" statusCallbackEvent="initiated ringing answered completed" ` +
			nounAttrs + `>` + bob + `</Number></Dial>`,
		"/done": `<Say>after the dial</Say>`,
	}
}

func statuses(requests []url.Values) string {
	out := ""
	for _, r := range requests {
		out += r.Get("SequenceNumber") + r.Get("CallStatus") + " "
	}
	return out
}

func TestDialOutcomes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		party    sim.Party
		dial     string
		progress string
	}{
		{"answer", sim.Party{AnswerAfter: time.Second, HangupAfter: 8 * time.Second}, "completed", "0initiated 1ringing 2in-progress 3completed "},
		{"busy", sim.Party{Outcome: sim.Busy}, "busy", "0initiated 1busy "},
		{"decline", sim.Party{Outcome: sim.Decline, AnswerAfter: time.Second}, "busy", "0initiated 1ringing 2busy "},
		{"no answer", sim.Party{Outcome: sim.NoAnswer}, "no-answer", "0initiated 1ringing 2no-answer "},
		{"unreachable", sim.Party{Outcome: sim.Unreachable}, "failed", "0initiated 1failed "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{}, dialPages(`timeout="20"`, ""))
			w.AddParty(bob, tc.party)
			c := w.call()
			w.ended(c)
			child := w.CallsTo(bob)[0]
			want := map[string]string{"DialCallStatus": tc.dial, "DialCallSid": child.SID(), "CallStatus": "in-progress", "DialCallDuration": "-"}
			if tc.name == "answer" {
				want["DialCallDuration"] = "8"
			}
			wantFields(t, w.one("/done"), want)
			if got := statuses(w.requests("/child")); got != tc.progress {
				t.Errorf("progress %q, want %q", got, tc.progress)
			}
			wantFields(t, w.requests("/child")[0], map[string]string{"CallSid": child.SID(), "ParentCallSid": c.SID(), "Direction": "outbound-dial", "From": alice})
			w.wantHeard(c, "after the dial")
		})
	}
}

func TestDialWithoutActionFallsThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Dial>` + bob + `</Dial><Say>still here</Say>`})
	w.AddParty(bob, sim.Party{Outcome: sim.Busy})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "still here")
}

func TestDialParallelAndSequential(t *testing.T) {
	t.Parallel()
	nouns := `<Number>` + bob + `</Number><Client>carol</Client>`
	for _, sequential := range []bool{false, true} {
		attr := ""
		if sequential {
			attr = `sequential="true"`
		}
		w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Dial timeout="10" action="/done" ` + attr + `>` + nouns + `</Dial>`, "/done": ``})
		w.AddParty(bob, sim.Party{AnswerAfter: 30 * time.Second})
		w.AddParty("client:carol", sim.Party{AnswerAfter: 3 * time.Second, HangupAfter: time.Second})
		c := w.call()
		w.ended(c)
		want := map[bool]string{false: "canceled", true: "no-answer"}[sequential]
		if got := w.CallsTo(bob)[0].Status(); got != want {
			t.Errorf("sequential %v: bob %s, want %s", sequential, got, want)
		}
		wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": "completed", "DialCallSid": w.CallsTo("client:carol")[0].SID()})
	}
}

func TestAnswerOnBridge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, dialPages(`answerOnBridge="true"`, ""))
	w.AddParty(bob, sim.Party{Outcome: sim.Manual})
	c := w.call()
	w.until("bob rings", func() bool { return len(w.CallsTo(bob)) == 1 && w.CallsTo(bob)[0].Ringing() })
	if !c.Ringing() {
		t.Errorf("caller is %s", c.Status())
	}
	w.CallsTo(bob)[0].Answer()
	if c.Status() != "in-progress" || len(c.Peers()) != 1 {
		t.Errorf("caller is %s with %d peers", c.Status(), len(c.Peers()))
	}
	c.Say("hi bob")
	if b := w.CallsTo(bob)[0]; !b.HeardText(alice + ": hi bob") {
		t.Errorf("bob heard %q", b.Heard())
	}
	c.Hangup()
	w.settle()
	wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": "completed", "CallStatus": "completed"})
	if s := w.CallsTo(bob)[0].Status(); s != "completed" {
		t.Errorf("bob is %s", s)
	}
}

func TestWhisper(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		key       string
		completes bool
		status    string
	}{{"1", false, "completed"}, {"2", false, "no-answer"}, {"2", true, "completed"}} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{WhisperHangupCompletes: tc.completes}}, dialPages("", `url="/screen"`))
		w.page("/screen", func(url.Values) string {
			return `<Gather numDigits="1" action="/screened"><Say>Press 1 to take the call</Say></Gather><Hangup/>`
		})
		w.page("/screened", func(f url.Values) string {
			if f.Get("Digits") == "1" {
				return ""
			}
			return "<Hangup/>"
		})
		w.AddParty(bob, sim.Party{AnswerAfter: time.Second, Script: sim.Replies(3*time.Second, tc.key), HangupAfter: 30 * time.Second})
		c := w.call()
		w.ended(c)
		wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": tc.status})
		wantFields(t, w.one("/screen"), map[string]string{"CallSid": w.CallsTo(bob)[0].SID(), "ParentCallSid": c.SID(), "CallStatus": "in-progress"})
		w.wantHeard(w.CallsTo(bob)[0], "Press 1 to take the call")
	}
}

func TestRedirectInWhisper(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{RedirectInWhisper: allowed}}, dialPages("", `url="/screen"`))
		w.page("/screen", func(url.Values) string { return `<Redirect>/two</Redirect>` })
		w.page("/two", func(url.Values) string { return `<Say>two</Say>` })
		w.AddParty(bob, sim.Party{HangupAfter: 10 * time.Second})
		w.ended(w.call())
		if got := w.CallsTo(bob)[0].HeardText("two"); got != allowed {
			t.Errorf("allowed %v: %q", allowed, w.CallsTo(bob)[0].Heard())
		}
	}
}

func TestDialLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, dialPages(`timeLimit="60" hangupOnStar="true"`, ""))
	c := w.call()
	w.ended(c)
	wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": "completed", "DialCallDuration": "60"})

	w = newWorld(t, sim.Options{}, dialPages(`hangupOnStar="true"`, ""))
	c = w.call()
	w.until("bridged", func() bool { return len(c.Peers()) == 1 })
	c.Press("9*")
	w.ended(c)
	wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": "completed"})
	w.wantHeard(c, "after the dial")
}

func TestHangupInDial(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		s      sim.Switches
		answer bool
		order  string
	}{
		{sim.Switches{}, true, "act status "},
		{sim.Switches{ActAfterStatus: true}, true, "status act "},
		{sim.Switches{NoActAtHangup: true}, true, "status "},
		{sim.Switches{}, false, "act status "},
	} {
		w := newWorld(t, sim.Options{Switches: tc.s}, dialPages("", ""))
		w.AddParty(bob, sim.Party{Outcome: sim.Manual})
		c := w.call()
		w.until("rings", func() bool { return len(w.CallsTo(bob)) == 1 && w.CallsTo(bob)[0].Ringing() })
		want := "canceled"
		if tc.answer {
			w.CallsTo(bob)[0].Answer()
			want = "completed"
		}
		c.Hangup()
		w.settle()
		order := ""
		for _, e := range w.Log() {
			switch {
			case e.URL == w.app.URL+"/done":
				order += "act "
				wantFields(t, e.Params, map[string]string{"DialCallStatus": want, "CallStatus": "completed"})
			case e.URL == w.app.URL+"/status":
				order += "status "
			}
		}
		if order != tc.order {
			t.Errorf("%+v: %q, want %q", tc.s, order, tc.order)
		}
		if s := w.CallsTo(bob)[0].Status(); s != want {
			t.Errorf("bob is %s, want %s", s, want)
		}
		w.wantHeard(c)
	}
}

func TestRedirectParent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		act      sim.InterruptedAct
		requests int
		last     string
	}{{sim.ActNotRequested, 0, "moved"}, {sim.ActIgnored, 1, "moved"}, {sim.ActUsed, 1, "after the dial"}} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{InterruptedAct: tc.act}}, dialPages("", ""))
		w.page("/new", func(url.Values) string { return `<Say>moved</Say>` })
		c := w.call()
		w.until("bridged", func() bool { return len(c.Peers()) == 1 })
		if status, body := w.post("/Calls/"+c.SID()+".json", url.Values{"Url": {w.app.URL + "/new"}}); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		w.ended(c)
		if n := len(w.requests("/done")); n != tc.requests {
			t.Errorf("%v: action requested %d times, want %d", tc.act, n, tc.requests)
		}
		if h := c.Heard(); len(h) == 0 || h[len(h)-1] != tc.last {
			t.Errorf("%v: heard %q\n%s", tc.act, h, w.dump())
		}
		if s := w.CallsTo(bob)[0].Status(); s != "completed" {
			t.Errorf("child is %s", s)
		}
	}
}

func TestRedirectChild(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, dialPages("", ""))
	w.page("/new", func(url.Values) string { return `<Pause length="20"/><Say>moved</Say>` })
	c := w.call()
	w.until("bridged", func() bool { return len(c.Peers()) == 1 })
	child := w.CallsTo(bob)[0]
	w.post("/Calls/"+child.SID()+".json", url.Values{"Url": {w.app.URL + "/new"}})
	w.ended(child)
	w.wantHeard(child, "moved")
	w.wantHeard(c, "after the dial")
	wantFields(t, w.one("/done"), map[string]string{"DialCallDuration": "-", "DialCallStatus": "completed", "CallStatus": "in-progress"})
}

func TestDialDetection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, dialPages("", `machineDetection="DetectMessageEnd" amdStatusCallback="/amd"`))
	w.AddParty(bob, sim.Party{Kind: sim.Machine, Greeting: "You have reached the voice mailbox of Bob. Please leave a message after the tone.", HangupAfter: 20 * time.Second})
	c := w.call()
	w.ended(c)
	wantFields(t, w.one("/amd"), map[string]string{"AnsweredBy": "machine_end_beep", "CallSid": w.CallsTo(bob)[0].SID(), "MachineDetectionDuration": "4860"})
}
