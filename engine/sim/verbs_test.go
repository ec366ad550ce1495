package sim_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestSayAndEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Say>Hello</Say><Play loop="2">/tone.mp3</Play><Redirect>/more</Redirect>`,
		"/more":  `<Pause length="3"/><Say>Bye</Say>`,
	})
	c := w.call()
	w.ended(c)
	play := "play " + w.app.URL + "/tone.mp3"
	w.wantHeard(c, "Hello", play, play, "Bye")
	wantFields(t, w.one("/voice"), map[string]string{"CallSid": c.SID(), "CallStatus": "ringing", "Direction": "inbound",
		"From": alice, "Caller": alice, "To": ours, "ApiVersion": "2010-04-01", "ParentCallSid": "-"})
	wantFields(t, w.one("/more"), map[string]string{"CallStatus": "in-progress"})
	wantFields(t, w.one("/status"), map[string]string{"CallStatus": "completed", "SequenceNumber": "0",
		"CallbackSource": "call-progress-events", "CallDuration": "23", "Duration": "1"})
}

func TestGather(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, doc, keys, speech string
		want                    map[string]string // nil: falls through
	}{
		{"numDigits", `<Gather numDigits="2" action="/a"/>`, "123", "", map[string]string{"Digits": "12", "CallStatus": "in-progress"}},
		{"finish", `<Gather action="/a"/>`, "42#", "", map[string]string{"Digits": "42", "FinishedOnKey": "#"}},
		{"timeout with digits", `<Gather action="/a"/>`, "7", "", map[string]string{"Digits": "7"}},
		{"nothing", `<Gather action="/a"/>`, "", "", nil},
		{"only the finish key", `<Gather action="/a"/>`, "#", "", nil},
		{"no finish key", `<Gather finishOnKey="" numDigits="2" action="/a"/>`, "#*", "", map[string]string{"Digits": "#*"}},
		{"empty result", `<Gather actionOnEmptyResult="true" action="/a"/>`, "", "", map[string]string{"Digits": ""}},
		{"speech", `<Gather input="dtmf speech" action="/a"/>`, "", "my name", map[string]string{"SpeechResult": "my name", "Digits": "-"}},
		{"barge in", `<Gather numDigits="1" action="/a"><Say>A rather long menu that is read out</Say></Gather>`, "3", "", map[string]string{"Digits": "3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{}, map[string]string{"/voice": tc.doc + `<Say>fell through</Say>`, "/a": `<Say>acted</Say>`})
			c := w.call()
			w.until("listens", c.Listening)
			c.Press(tc.keys)
			if tc.speech != "" {
				c.Say(tc.speech)
			}
			w.ended(c)
			if tc.want == nil {
				w.until("falls through", func() bool { return c.HeardText("fell through") })
				return
			}
			if !c.HeardText("acted") || c.HeardText("fell through") {
				t.Errorf("heard %q", c.Heard())
			}
			wantFields(t, w.one("/a"), tc.want)
		})
	}
}

func TestGatherWithoutActionAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	w.page("/voice", func(f url.Values) string {
		if f.Get("Digits") != "" {
			return `<Say>got ` + f.Get("Digits") + `</Say>`
		}
		return `<Gather numDigits="1"/>`
	})
	c := w.call()
	w.until("listens", c.Listening)
	c.Press("5")
	w.ended(c)
	w.wantHeard(c, "got 5")
}

func TestRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Record action="/rec" recordingStatusCallback="/recdone" transcribe="true" transcribeCallback="/text"/>`,
		"/rec":   `<Say>Thanks</Say>`,
	})
	c := w.call()
	w.until("records", c.Listening)
	c.Say("Please call me back about the invoice from last week")
	w.clock.Advance(4 * time.Second)
	c.Press("#")
	w.ended(c)
	w.wantHeard(c, "beep", "Thanks")
	wantFields(t, w.one("/rec"), map[string]string{"Digits": "#", "RecordingDuration": "4"})
	wantFields(t, w.one("/recdone"), map[string]string{"RecordingStatus": "completed", "RecordingSource": "RecordVerb", "RecordingChannels": "1", "CallSid": c.SID()})
	wantFields(t, w.one("/text"), map[string]string{"TranscriptionStatus": "completed", "TranscriptionText": "Please call me back about the invoice from last week"})
}

func TestRecordHangup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{Switches: sim.Switches{NoActAtHangup: true}}, map[string]string{"/voice": `<Record action="/rec"/>`, "/rec": `<Say>nobody</Say>`})
	c := w.call()
	w.until("records", c.Listening)
	c.Hangup()
	w.settle()
	wantFields(t, w.one("/rec"), map[string]string{"Digits": "hangup", "CallStatus": "completed"})
	w.wantHeard(c, "beep")
}

func TestReject(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{`<Reject/>`: "no-answer", `<Reject reason="busy"/>`: "busy", `<Pause length="4"/><Reject/>`: "no-answer", `<Hangup/>`: "completed"} {
		w := newWorld(t, sim.Options{}, map[string]string{"/voice": doc})
		c := w.call()
		w.ended(c)
		if c.Status() != want {
			t.Errorf("%s: %s, want %s", doc, c.Status(), want)
		}
	}
}

func TestPauseRings(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{PauseRingsOn: on}}, map[string]string{
			"/voice": `<Pause length="2"/><Redirect>/next</Redirect>`, "/next": `<Pause length="2"/><Say>Hi</Say>`})
		c := w.call()
		w.clock.Advance(3 * time.Second)
		if c.Ringing() != on {
			t.Errorf("PauseRingsOn %v: status %s", on, c.Status())
		}
		w.ended(c)
		w.wantHeard(c, "Hi")
	}
}

func TestFallback(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, action string
		keeps        bool
		code         string
	}{
		{"http error", "!500", false, "11200"},
		{"keeps fields", "!404", true, "11200"},
		{"bad markup", "<Say>", false, "12100"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{Switches: sim.Switches{FallbackKeepsFields: tc.keeps}}, map[string]string{
				"/voice": `<Gather numDigits="1" action="/a"/>`, "/a": tc.action, "/fb": `<Say>sorry</Say>`})
			w.AddNumber(ours, sim.Number{VoiceURL: w.app.URL + "/voice", FallbackURL: w.app.URL + "/fb"})
			c := w.call()
			w.until("listens", c.Listening)
			c.Press("1")
			w.ended(c)
			w.wantHeard(c, "sorry")
			want := map[string]string{"ErrorCode": tc.code, "ErrorUrl": w.app.URL + "/a", "Digits": "-"}
			if tc.keeps {
				want["Digits"] = "1"
			}
			wantFields(t, w.one("/fb"), want)
		})
	}
}

func TestApplicationError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": "!500"})
	c := w.call()
	w.ended(c)
	if !c.HeardText("application error") || c.Status() != "completed" {
		t.Errorf("heard %q, %s", c.Heard(), c.Status())
	}
}

// TestEnqueue: the wait document repeats, a key in it leaves the queue.
func TestEnqueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Enqueue waitUrl="/wait" action="/left">support</Enqueue>`,
		"/wait":  `<Gather numDigits="1" action="/key" timeout="2"><Say>You are waiting</Say></Gather>`,
		"/key":   `<Leave/>`, "/left": `<Say>Goodbye</Say>`,
	})
	c := w.call()
	w.until("waits the second round", func() bool { return len(w.requests("/wait")) == 2 && c.Listening() })
	c.Press("1")
	w.ended(c)
	wantFields(t, w.requests("/wait")[0], map[string]string{"QueuePosition": "1", "CurrentQueueSize": "1", "MaxQueueSize": "1000"})
	wantFields(t, w.one("/left"), map[string]string{"QueueResult": "leave"})
	if h := c.Heard(); h[len(h)-1] != "Goodbye" {
		t.Errorf("heard %q", h)
	}
}

func TestQueueBridge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Enqueue waitUrl="" action="/left">support</Enqueue>`, "/left": `<Say>Rate us</Say>`,
		"/agent": `<Dial action="/done"><Queue url="/connect">support</Queue></Dial>`, "/connect": `<Say>Connecting you</Say>`, "/done": `<Say>Next</Say>`,
	})
	caller := w.call()
	w.until("waits", func() bool { return caller.Queue() == "support" })
	agent := w.place(bob, "/agent", nil)
	w.until("bridged", func() bool { return len(agent.Peers()) == 1 || len(caller.Peers()) == 1 })
	caller.Say("hello")
	agent.Hangup()
	w.ended(caller)
	w.wantHeard(caller, "Connecting you", "Rate us")
	wantFields(t, w.one("/left"), map[string]string{"QueueResult": "bridged"})
	wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": "completed", "CallStatus": "completed"})
}
