package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// faulty is a flow whose state boom fails at run time: its text has no number.
const faulty = `
flow: faulty
answer: hello
%s
vars: {word: abc}
states:
  hello:
    prompt: Hello.
    gather: {choices: {1: boom, 2: list, 3: rescue}}
    next: hangup
  boom:
    do: [{set: {word: "${text(num(vars.word))}"}}]
    prompt: never heard
    next: hangup
  list:
    do: [{log: "x"}]
    prompt: fine
    next: hangup
  rescue:
    prompt: Something failed, but here we are.
    gather: {choices: {1: boom}}
    next: hangup
`

func TestFaults(t *testing.T) {
	t.Parallel()
	t.Run("unhandled: the built-in apology, and the call is over", func(t *testing.T) {
		t.Parallel()
		d := drive(t, compile(t, "faulty.yaml", strings.Replace(faulty, "%s", "", 1))).inbound()
		d.act(1, "Digits", "1").hears(1, "We are sorry", "<Hangup/>").none(engine.RedirectCall)
		d.status(1, "completed").outcome("completed")
	})
	t.Run("the flow's own apology", func(t *testing.T) {
		t.Parallel()
		d := drive(t, compile(t, "faulty.yaml", strings.Replace(faulty, "%s", "defaults: {apology: Oh dear.}", 1))).inbound()
		d.act(1, "Digits", "1").hears(1, "Oh dear.", "<Hangup/>")
	})
	t.Run("handled by the session, at most three times", func(t *testing.T) {
		t.Parallel()
		d := drive(t, compile(t, "faulty.yaml", strings.Replace(faulty, "%s", "on: {error: [{goto: rescue}]}", 1))).inbound()
		for range 3 {
			d.act(1, "Digits", "1").state(1, "rescue").hears(1, "here we are")
		}
		d.act(1, "Digits", "1").hears(1, "We are sorry")
	})
	t.Run("the fault is in the history with its place", func(t *testing.T) {
		t.Parallel()
		d := drive(t, compile(t, "faulty.yaml", strings.Replace(faulty, "%s", "", 1))).inbound()
		d.act(1, "Digits", "1")
		for _, e := range d.last.Trace {
			if e.What == "fault" && strings.Contains(e.Text, "faulty.yaml:12:") {
				return
			}
		}
		t.Errorf("no fault with a place: %+v", d.last.Trace)
	})
	t.Run("a document that Twilio could not use is not sent again", func(t *testing.T) {
		t.Parallel()
		d := drive(t, compile(t, "faulty.yaml", strings.Replace(faulty, "%s", "", 1))).inbound()
		d.hook(engine.KindFallback, 1, 1, "CallStatus", "in-progress", "ErrorCode", "12100", "ErrorUrl", "x").hears(1, "We are sorry")
	})
}

func TestEndlessLoopsAreFaults(t *testing.T) {
	t.Parallel()
	flow := `
flow: loop
answer: a
states:
  a: {do: [{log: again}], next: b}
  b: {do: [{log: again}, {goto: a, if: "visits('a') < 1000"}], next: hangup}
`
	d := drive(t, compile(t, "loop.yaml", flow)).inbound()
	d.hears(1, "We are sorry", "<Hangup/>")
}

func TestPrivateRoomsAndMovedParties(t *testing.T) {
	t.Parallel()
	flow := `
flow: transfer
answer: talk
signals: {room: {label: Into a room}}
defaults: {from: "+15005550006"}
states:
  talk:
    dial: {leg: agent, to: "+15005550101"}
    on:
      signal.room:
        - move: {leg: agent, state: agent-in}
        - goto: line
      moved: line
    next: hangup
  line: {conference: {room: line, end_on_exit: true}, on: {signal.room: parked}, next: hangup}
  agent-in: {conference: {room: line}, next: hangup}
  parked: {hold: {}, after: {10m: hangup}}
`
	d := drive(t, compile(t, "transfer.yaml", flow)).inbound()
	d.status(2, "in-progress", "CallSid", "CA2")
	d.send(engine.Event{Kind: engine.KindSignal, Name: "room"}).state(1, "line").state(2, "agent-in")
	first, second := d.take(engine.RedirectCall), d.take(engine.RedirectCall)
	if first.Leg == 1 {
		first, second = second, first
	}
	if !first.NotBefore.IsZero() || second.NotBefore.Sub(d.now) != 3*time.Second {
		t.Errorf("the dialled party goes first: %+v, then %+v", first, second)
	}
	// moving the caller out of its room does not end the room
	d.send(engine.Event{Kind: engine.KindHanded, Leg: 1, Turn: 2})
	d.send(engine.Event{Kind: engine.KindSignal, Name: "room"}).state(1, "parked")
	if e := d.take(engine.UpdateParticipant); e.Params["EndConferenceOnExit"] != "false" || len(e.Verify) != 1 {
		t.Errorf("the room would end: %+v", e)
	}
	d.take(engine.RedirectCall)
}

// A dialled party that is not known to have answered is moved when it has.
func TestMoveBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	flow := `
flow: early
answer: talk
signals: {leave: {label: Leave a message}}
states:
  talk:
    dial: {leg: far, to: "+15005550101"}
    on: {signal.leave: [{move: {leg: far, state: message}}]}
    next: hangup
  message: {prompt: Please call back., next: hangup}
`
	early := func() *driver {
		d := drive(t, compile(t, "early.yaml", flow)).inbound()
		d.send(engine.Event{Kind: engine.KindSignal, Name: "leave"}).none(engine.RedirectCall)
		if at := d.s.Leg(2).CheckAt(); at.After(d.now) {
			t.Errorf("Twilio is asked at %v, not at once", at)
		}
		return d
	}
	d := early()
	d.status(2, "ringing", "CallSid", "CA2").none(engine.RedirectCall)
	d.status(2, "in-progress", "CallSid", "CA2").wait(0).state(2, "message")
	if e := d.take(engine.RedirectCall); e.Leg != 2 {
		t.Errorf("redirect: %+v", e)
	}
	d.act(1, "DialCallStatus", "completed", "DialCallSid", "CA2").hears(1, "<Hangup/>")
	d.send(engine.Event{Kind: engine.KindDelete})
	if e := d.take(engine.HangupCall); e.Leg != 2 && d.take(engine.HangupCall).Leg != 2 {
		t.Error("the moved party outlives its session")
	}
	d = early()
	d.status(2, "busy", "CallSid", "CA2").wait(time.Minute).none(engine.RedirectCall)
}

func TestSessionTimersAndMessages(t *testing.T) {
	t.Parallel()
	flow := `
flow: timers
answer: idle
defaults: {from: "+15005550006"}
start:
  - timer: {name: retry, after: 30m}
  - timer: {name: never, after: 1h}
  - cancel: never
on:
  timer.retry: [{message: {to: "+15550001111", body: Now}}]
  message.failed: [{log: "failed ${event.code}"}, {end: not-sent}]
states:
  idle: {prompt: x, next: hangup}
`
	c := compile(t, "timers.yaml", flow+"\n")
	d := drive(t, c).send(engine.Event{Kind: engine.KindBegin})
	d.wait(29 * time.Minute).none(engine.SendMessage)
	d.wait(time.Minute)
	e := d.take(engine.SendMessage)
	if e.Params["From"] != "+15005550006" {
		t.Errorf("message: %+v", e)
	}
	d.outcome("completed")
}
