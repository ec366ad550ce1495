package engine_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twiml"
)

const huntFlow = `
flow: hunt
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
answer: ring
states:
  ring:
    do:
      - call: {leg: agent, to: ["+15550000002", "+15550000003", "+15550000004"], ORDER timeout: 20s, state: agent-in}
    hold: {}
    on: {agent.answered: talk, agent.busy: busy, agent.refused: refused, agent.unreached: nobody}
    after: {2m: nobody}
  talk: {conference: {room: line}, on: {agent.hung-up: gone}, next: hangup}
  agent-in: {conference: {room: line}, next: hangup}
  busy: {prompt: All are busy., next: hangup}
  nobody: {prompt: Nobody., next: hangup}
  gone: {prompt: The agent has gone., next: hangup}
` + huntAsk + huntRefused

const (
	huntAsk     = "  ask: {prompt: A call., gather: {choices: {1: accept, 2: hangup}, tries: 2, sorry: Once more.}, next: hangup}\n"
	huntRefused = "  refused: {prompt: They refuse., next: hangup}\n"
)

// hunt has the caller ring three agents; order is what the call step says of it.
func hunt(t *testing.T, order string) *driver {
	t.Helper()
	text := strings.Replace(huntFlow, "ORDER", order, 1)
	if !strings.Contains(order, "screen") {
		for _, unused := range []string{"agent.refused: refused, ", huntAsk, huntRefused} {
			text = strings.Replace(text, unused, "", 1)
		}
	}
	return drive(t, compile(t, "hunt.yaml", text)).inbound().status(1, "in-progress")
}

// place has the calls placed that were asked for, leg 2 as CA2.
func (d *driver) place() *driver {
	d.t.Helper()
	for _, e := range slices.Clone(d.effects) {
		if e.Kind == engine.PlaceCall {
			d.take(engine.PlaceCall)
			d.result(e, engine.Result{OK: true, SID: "CA" + strconv.Itoa(e.Leg)})
		}
	}
	return d
}

// start sends the first request of a call that was answered.
func (d *driver) start(leg int) *driver {
	d.t.Helper()
	return d.hook(engine.KindStart, leg, 0, "CallStatus", "in-progress")
}

// hungUp gives the legs that are hung up by REST.
func (d *driver) hungUp() (legs []int) {
	for _, e := range slices.Clone(d.effects) {
		if e.Kind == engine.HangupCall {
			legs = append(legs, d.take(engine.HangupCall).Leg)
		}
	}
	return legs
}

func (d *driver) wantHungUp(want ...int) *driver {
	d.t.Helper()
	if got := d.hungUp(); !slices.Equal(got, want) {
		d.t.Errorf("hung up by REST: legs %v, want %v", got, want)
	}
	return d
}

func TestTogether(t *testing.T) {
	t.Parallel()
	t.Run("the first answer takes the call", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "").place().status(2, "ringing").status(3, "in-progress").state(1, "talk").wantHungUp(2, 4)
		d.start(3).state(3, "agent-in").hears(3, "<Conference")
		d.start(2).hears(2, "<Hangup/>") // it answered too late
		if l := d.s.LegNamed("agent"); l.Number != 3 {
			t.Errorf("the agent is leg %d", l.Number)
		}
		d.status(2, "completed", "CallDuration", "1").status(4, "canceled").state(1, "talk")
		d.status(3, "completed", "CallDuration", "9").wait(3*time.Second).state(1, "gone")
	})
	t.Run("one that was not placed yet", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "")
		e := d.take(engine.PlaceCall)
		d.result(e, engine.Result{OK: true, SID: "CA2"}).start(2).state(2, "agent-in").wantHungUp(3, 4)
		for range 2 {
			d.result(d.take(engine.PlaceCall), engine.Result{Dropped: true, Reason: "canceled"})
		}
		d.state(1, "talk")
	})
	t.Run("the last failure tells which came closest", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "").place().status(2, "busy").state(1, "ring").status(4, "failed").state(1, "ring").status(3, "canceled").state(1, "busy")
		d.wantHungUp()
	})
	t.Run("the caller gives up", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "").place().status(2, "busy").status(1, "completed").wantHungUp(3, 4)
		d.status(3, "canceled").status(4, "canceled").outcome("completed")
	})
	t.Run("nobody knows whether one was placed", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "")
		e := d.take(engine.PlaceCall)
		d.send(engine.Event{Kind: engine.KindSent, Effect: e.ID}).place().result(e, engine.Result{Reason: "not-placed"})
		again := d.take(engine.PlaceCall)
		if again.Leg != 5 || d.s.Leg(5).Group != d.s.Leg(2).Group {
			t.Errorf("placed again: %+v", again)
		}
		d.result(again, engine.Result{OK: true, SID: "CA5"}).status(3, "busy").status(4, "busy").state(1, "ring")
		d.status(5, "no-answer").state(1, "nobody")
	})
}

func TestInTurn(t *testing.T) {
	t.Parallel()
	d := hunt(t, "order: in-turn,").place()
	if len(d.s.Legs) != 2 {
		t.Fatalf("one rings at a time: %v", legs(d.s))
	}
	d.status(2, "busy").state(1, "ring").place().status(3, "no-answer").place().state(1, "ring")
	d.start(4).state(1, "talk").state(4, "agent-in").wantHungUp()
	if to := d.s.LegNamed("agent").To; to != "+15550000004" {
		t.Errorf("the agent is %s", to)
	}
	d = hunt(t, "order: in-turn,").place().status(2, "busy").place().status(3, "failed").place().status(4, "failed").state(1, "busy")
	d.none(engine.PlaceCall)
	d = hunt(t, "order: in-turn,").place().status(1, "completed").wantHungUp(2).status(2, "canceled")
	d.none(engine.PlaceCall).outcome("completed")
}

func TestScreenedCalls(t *testing.T) {
	t.Parallel()
	t.Run("the first who accepts", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "screen: ask,").place().start(2).start(3).state(2, "ask").state(1, "ring").hears(2, "A call.", "<Gather")
		d.act(2, "Digits", "7").hears(2, "Once more.").act(3, "Digits", "1").state(3, "agent-in").state(1, "talk").wantHungUp(2, 4)
		d.act(2, "Digits", "1").hears(2, "<Hangup/>")
		d.status(2, "completed", "CallDuration", "8").status(4, "no-answer").state(1, "talk").state(3, "agent-in")
	})
	t.Run("refused, not answered, busy", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "screen: ask,").place().start(2).act(2, "Digits", "2").hears(2, "<Hangup/>").status(2, "completed", "CallDuration", "4")
		d.state(1, "ring").status(3, "no-answer").status(4, "busy").state(1, "refused")
	})
	t.Run("a mailbox that nobody talks to", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "screen: ask, order: in-turn,").place().start(2).act(2).act(2).hears(2, "<Hangup/>")
		d.status(2, "completed", "CallDuration", "12").place().start(3).status(3, "completed", "CallDuration", "1").place().status(4, "busy").state(1, "refused")
	})
	t.Run("the caller gives up while one is asked", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "screen: ask,").place().start(2).status(1, "completed").wantHungUp(2, 3, 4)
		d.status(2, "completed").status(3, "canceled").status(4, "canceled").outcome("completed")
	})
	t.Run("hung up by the flow", func(t *testing.T) {
		t.Parallel()
		d := hunt(t, "screen: ask,").place().start(2).wait(2*time.Minute).state(1, "nobody")
		if l := d.s.LegNamed("agent"); l.Number != 2 {
			t.Errorf("the agent is leg %d", l.Number)
		}
	})
}

const screenFlow = `
flow: screen
answer: ring
states:
  ring:
    dial: {to: ["+15550000002", "+15550000003"], order: in-turn, leg: agent, screen: SCREEN}
    on: {refused: refused, unreached: nobody, answered: [{log: taken}]}
    next: hangup
  ask: {prompt: A call., gather: {choices: {1: accept, 2: hangup}, tries: 3, sorry: Once more.}, next: hangup}
  whisper: {prompt: A call for sales., next: listen}
  listen: {prompt: Here it comes., next: accept}
  refused: {prompt: They refuse., next: hangup}
  nobody: {prompt: Nobody., next: hangup}
`

// asking begins a dial whose first party has answered and is asked in a state.
func asking(t *testing.T, state string) *driver {
	t.Helper()
	text := strings.Replace(screenFlow, "SCREEN", state, 1)
	if state == "ask" {
		text = text[:strings.Index(text, "  whisper:")] + text[strings.Index(text, "  refused:"):]
	} else {
		text = text[:strings.Index(text, "  ask:")] + text[strings.Index(text, "  whisper:"):]
	}
	d := drive(t, compile(t, "screen.yaml", text)).inbound().hears(1, `url="/t/s1/2/0/start`)
	d.status(2, "in-progress", "CallSid", "CA2").hook(engine.KindStart, 2, 0, "CallStatus", "in-progress")
	root, err := twiml.Parse(d.s.Leg(2).Doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range twiml.Check(root, twiml.Whisper) {
		t.Errorf("%+v in\n%s", p, d.doc(2))
	}
	return d
}

func taken(d *driver) bool {
	return slices.ContainsFunc(d.last.Trace, func(e engine.Entry) bool { return e.What == "log" && e.Text == "taken" })
}

func TestScreenedDial(t *testing.T) {
	t.Parallel()
	t.Run("accepted", func(t *testing.T) {
		t.Parallel()
		d := asking(t, "ask")
		if doc := d.doc(2); strings.Count(doc, "<Gather") != 3 || strings.Count(doc, "Once more.") != 2 || !strings.Contains(doc, "</Gather><Hangup/>") || strings.Contains(doc, "Redirect") {
			t.Errorf("the tries stand in a row: %s", doc)
		}
		if taken(d) || d.s.Leg(1).Bridged {
			t.Error("nobody was let in yet")
		}
		d.act(2, "Digits", "1")
		if d.doc(2) != `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Response/>" && !strings.Contains(d.doc(2), "<Response/>") || !taken(d) {
			t.Errorf("accepted: %s %v", d.doc(2), d.last.Trace)
		}
		d.status(2, "completed", "CallDuration", "30")
		d.act(1, "DialCallStatus", "completed", "DialCallSid", "CA2", "DialCallDuration", "20").hears(1, "<Hangup/>")
		if d.s.Leg(2).Moved || len(d.s.Legs) != 2 {
			t.Errorf("legs: %v", legs(d.s))
		}
	})
	t.Run("a wrong key", func(t *testing.T) {
		t.Parallel()
		d := asking(t, "ask").act(2, "Digits", "5")
		if n := strings.Count(d.doc(2), "<Gather"); n != 2 {
			t.Errorf("%d tries are left: %s", n, d.doc(2))
		}
		d.hears(2, "Once more.").act(2).hears(2, "<Hangup/>")
	})
	for _, status := range []string{"no-answer", "completed"} {
		t.Run("refused, told as "+status, func(t *testing.T) {
			t.Parallel()
			d := asking(t, "ask").act(2, "Digits", "2").hears(2, "<Hangup/>")
			d.act(1, "DialCallStatus", status, "DialCallSid", "CA2").state(1, "ring").hears(1, "+15550000003", `url="/t/s1/3/0/start`)
			if l := d.s.Leg(2); l.Result != "completed" {
				t.Errorf("the first party: %+v", l)
			}
			d.hook(engine.KindStart, 3, 0, "CallStatus", "in-progress", "CallSid", "CA3").status(3, "completed", "CallSid", "CA3")
			d.act(1, "DialCallStatus", status, "DialCallSid", "CA3").state(1, "refused")
		})
	}
	t.Run("the caller gives up meanwhile", func(t *testing.T) {
		t.Parallel()
		d := asking(t, "ask")
		d.hook(engine.KindAct, 1, 1, "CallStatus", "completed", "DialCallStatus", "canceled", "DialCallSid", "CA2")
		d.status(2, "completed", "CallSid", "CA2").outcome("completed")
	})
	t.Run("moved while it is asked", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(screenFlow, "SCREEN", "ask", 1)
		text = text[:strings.Index(text, "  whisper:")] + text[strings.Index(text, "  refused:"):]
		text = strings.Replace(text, "answer: ring", "answer: ring\nsignals: {take: {}}\non: {signal.take: [{move: {leg: agent, state: room}}]}", 1) +
			"  room: {conference: {room: line}, next: hangup}\n"
		d := drive(t, compile(t, "screen.yaml", text)).inbound()
		d.status(2, "in-progress", "CallSid", "CA2").hook(engine.KindStart, 2, 0, "CallStatus", "in-progress")
		d.send(engine.Event{Kind: engine.KindSignal, Name: "take"}).state(2, "ask").none(engine.RedirectCall)
		d.act(2, "Digits", "1").none(engine.RedirectCall)
		d.wait(time.Second).state(2, "room").hears(2, "<Conference")
		if r := d.take(engine.RedirectCall); r.Leg != 2 {
			t.Errorf("redirect: %+v", r)
		}
		d.act(1, "DialCallStatus", "completed", "DialCallSid", "CA2")
		if d.s.Leg(1).Leaving != true || d.s.Leg(2).Over() {
			t.Errorf("the dial is over, the moved party lives on: %v", legs(d.s))
		}
	})
	t.Run("something to hear first", func(t *testing.T) {
		t.Parallel()
		d := asking(t, "whisper").hears(2, "A call for sales.", "Here it comes.</Say></Response>")
		if !taken(d) {
			t.Errorf("it is taken: %v", d.last.Trace)
		}
	})
}
