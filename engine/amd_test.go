package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
)

const amdFlow = `
flow: remind
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
input: {async: {type: boolean}, mode: {type: text}}
vars: {seen: ''}
start:
  - call: {leg: a, to: "+15550000001", machine_detection: "${input.mode}", async_amd: "${input.async}", machine_detection_timeout: 20s, state: hello}
on:
  a.human: [{set: {seen: "${leg.answered_by} ${legs.a.answered_by}"}}]
  a.unreached: [{end: unreached}]
states:
  hello:
    prompt: Hello.
    amd: {}
    on:
      human: talk
      fax: hangup
      machine: [{goto: beep, if: not event.greeting_over}, {goto: message}]
    next: unsure
  beep: {hold: {}, after: {20s: message}}
  talk: {prompt: You are a person., next: hangup}
  message: {prompt: Call us., next: hangup}
  unsure: {prompt: Whoever you are., next: hangup}
`

// placed starts the flow and has its first call placed as CA1.
func placed(t *testing.T, c *engine.Closure, input engine.Values) (*driver, engine.Effect) {
	t.Helper()
	d := drive(t, c).send(engine.Event{Kind: engine.KindBegin, Data: input, World: engine.World{Base: "https://rd.example.com"}})
	e := d.take(engine.PlaceCall)
	return d.result(e, engine.Result{OK: true, SID: "CA1"}), e
}

func TestDetectionBeforeTheFirstState(t *testing.T) {
	t.Parallel()
	c := compile(t, "remind.yaml", amdFlow)
	for _, tt := range []struct{ by, state, hears string }{
		{"human", "hello", "Hello."}, {"machine_start", "hello", "Hello."}, {"", "hello", "Hello."},
	} {
		d, e := placed(t, c, engine.Values{"async": false, "mode": "Enable"})
		if e.Params["MachineDetection"] != "Enable" || e.Params["AsyncAmd"] != "" || e.Params["MachineDetectionTimeout"] != "20" {
			t.Errorf("params: %v", e.Params)
		}
		d.status(1, "in-progress")
		d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress", "AnsweredBy", tt.by)
		d.state(1, tt.state).hears(1, tt.hears, "/t/s1/1/1/act") // the prompt first, then what is known
		d.act(1)
		switch tt.by {
		case "human":
			d.state(1, "talk").hears(1, "You are a person.")
			if d.s.Vars["seen"] != "human human" {
				t.Errorf("the session has heard %q", d.s.Vars["seen"])
			}
		case "":
			d.state(1, "unsure")
		default:
			d.state(1, "beep").wait(20*time.Second).state(1, "message")
		}
	}
}

func TestDetectionMeanwhile(t *testing.T) {
	t.Parallel()
	c := compile(t, "remind.yaml", amdFlow)
	up := func(t *testing.T) *driver {
		d, e := placed(t, c, engine.Values{"async": true, "mode": "DetectMessageEnd"})
		if e.Params["AsyncAmd"] != "true" || e.Params["AsyncAmdStatusCallback"] == "" {
			t.Errorf("params: %v", e.Params)
		}
		d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress")
		return d.state(1, "hello").hears(1, "Hello.", `<Pause length="2"/><Redirect>/t/s1/1/1/loop`)
	}
	for by, state := range map[string]string{
		"human": "talk", "machine_end_beep": "message", "machine_end_silence": "message", "machine_end_other": "beep",
		"machine_start": "beep", "unknown": "unsure",
	} {
		d := up(t)
		round := string(engine.Wait(c, d.s, 1, 1, engine.URLLoop, nil))
		if round == "" || d.s.Leg(1).Turn != 1 {
			t.Errorf("round %s", round)
		}
		d.hook(engine.KindAMD, 1, 0, "AnsweredBy", by).state(1, state)
		if r := d.take(engine.RedirectCall); r.Turn != 2 {
			t.Errorf("redirect: %+v", r)
		}
		d.hook(engine.KindAMD, 1, 0, "AnsweredBy", "fax").state(1, state) // the first result counts
	}
	t.Run("a fax is hung up", func(t *testing.T) {
		d := up(t).hook(engine.KindAMD, 1, 0, "AnsweredBy", "fax")
		d.take(engine.HangupCall)
	})
	t.Run("no result ever", func(t *testing.T) {
		d := up(t).wait(24*time.Second).state(1, "hello")
		d.wait(time.Second).state(1, "unsure")
		d.hook(engine.KindAMD, 1, 0, "AnsweredBy", "human").state(1, "unsure")
	})
	t.Run("Twilio is asked who answered", func(t *testing.T) {
		d := up(t)
		if at := d.s.Leg(1).AnswererAt(); !at.Equal(d.now.Add(21 * time.Second)) {
			t.Errorf("asked at %v", at)
		}
		d.status(1, "in-progress", "AnsweredBy", "machine_end_beep").state(1, "message")
		if at := d.s.Leg(1).AnswererAt(); !at.IsZero() {
			t.Errorf("asked again at %v", at)
		}
	})
	t.Run("the call ends first", func(t *testing.T) {
		d := up(t).status(1, "completed", "CallDuration", "3")
		d.hook(engine.KindAMD, 1, 0, "AnsweredBy", "human").wait(time.Minute)
		d.none(engine.RedirectCall).outcome("completed")
	})
	t.Run("the result is the first news of the answer", func(t *testing.T) {
		d, _ := placed(t, c, engine.Values{"async": true, "mode": "Enable"})
		d.hook(engine.KindAMD, 1, 0, "AnsweredBy", "human")
		d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress").state(1, "hello")
		d.act(1).state(1, "talk")
	})
	t.Run("without detection it passes at once", func(t *testing.T) {
		d, e := placed(t, c, engine.Values{"async": true, "mode": ""})
		if e.Params["MachineDetection"] != "" || e.Params["AsyncAmd"] != "" {
			t.Errorf("params: %v", e.Params)
		}
		d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress").act(1).state(1, "unsure")
	})
}

func TestDetectionInSessionHandlers(t *testing.T) {
	t.Parallel()
	c := compile(t, "s.yaml", `
flow: s
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
start: [{call: {leg: a, to: "+15550000001", machine_detection: DetectMessageEnd, state: hello}}]
on:
  a.machine: message
  a.fax: [{end: fax}]
states:
  hello: {prompt: Hello., next: hangup}
  message: {prompt: Call us., next: hangup}
`)
	d, _ := placed(t, c, nil)
	d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress", "AnsweredBy", "machine_end_beep").state(1, "message").hears(1, "Call us.")
	if d.s.Leg(1).Turn != 1 || d.s.Leg(1).Visits["hello"] != 0 {
		t.Errorf("the first state is never entered: %+v", d.s.Leg(1).Visits)
	}
	d, _ = placed(t, c, nil)
	d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress", "AnsweredBy", "fax").hears(1, "<Hangup/>")
	d.status(1, "completed", "CallDuration", "4").outcome("fax")
}

func TestDetectionOfADialledParty(t *testing.T) {
	t.Parallel()
	c := compile(t, "p.yaml", `
flow: p
answer: ring
states:
  ring:
    dial: {to: {to: "+15550000002", leg: bob, machine_detection: Enable, machine_detection_timeout: 10s}}
    on: {bob.machine: [{move: {leg: bob, state: note}}, {goto: sorry}]}
    next: hangup
  note: {amd: {}, on: {machine: beep}, next: hangup}
  beep: {hold: {}, after: {5s: message}}
  message: {prompt: Call us., next: hangup}
  sorry: {prompt: Nobody there., next: hangup}
`)
	d := drive(t, c).inbound()
	d.hears(1, `machineDetection="Enable"`, `machineDetectionTimeout="10"`, `amdStatusCallback="/t/s1/2/0/amd`)
	d.status(2, "in-progress", "CallSid", "CA2")
	d.hook(engine.KindAMD, 2, 0, "CallSid", "CA2", "AnsweredBy", "machine_start").state(2, "beep").state(1, "sorry")
	if r := d.take(engine.RedirectCall); r.Leg != 1 && r.Leg != 2 {
		t.Errorf("redirect: %+v", r)
	}
}

func TestDetectionNeedsANumber(t *testing.T) {
	t.Parallel()
	c := compile(t, "p.yaml", `
flow: p
answer: ring
input: {who: {type: text, default: "client:bob"}}
states:
  ring:
    dial: {to: {to: "${input.who}", leg: bob, machine_detection: Enable}}
    on: {bob.machine: hangup}
    next: hangup
`)
	d := drive(t, c).inbound().hears(1, "<Client", ">bob</Client>")
	if strings.Contains(d.doc(1), "machineDetection") || strings.Contains(d.doc(1), "amdStatusCallback") || d.s.Leg(2).Detection != nil {
		t.Errorf("nobody is listened to at a client: %s", d.doc(1))
	}
}
