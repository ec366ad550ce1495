package engine_test

import (
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

const inlineFlow = `
flow: meet
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
signals: {away: {}}
start:
  - call: {leg: a, to: "+15550000001", timeout: 60s, inline: true, state: hello}
on:
  signal.away: [{move: {leg: a, state: away}}]
  a.unreached: [{end: unreached}]
states:
  hello: {prompt: Hello., next: ask}
  ask: {prompt: Press 1., gather: {choices: {1: party}}, next: hangup}
  party: {dial: {to: "+15550000002"}, next: hangup}
  away: {prompt: Good-bye., next: hangup}
`

func TestInline(t *testing.T) {
	t.Parallel()
	c := compile(t, "meet.yaml", inlineFlow)
	t.Run("the document travels with the request", func(t *testing.T) {
		t.Parallel()
		d, e := placed(t, c, nil)
		if doc := e.Params["Twiml"]; e.Params["Url"] != "" || !strings.Contains(doc, "Hello.") || !strings.Contains(doc, `action="https://rd.example.com/t/s1/1/1/act`) ||
			!strings.Contains(doc, "<Redirect>https://rd.example.com/t/s1/1/1/end") {
			t.Errorf("request: %v", e.Params)
		}
		if l := d.s.Leg(1); l.Visit != 0 || l.Turn != 0 {
			t.Errorf("nothing is entered before the answer: %+v", l)
		}
		d.status(1, "in-progress").state(1, "ask")
		if l := d.s.Leg(1); l.Turn != 1 || l.Handed != 1 || l.Visits["hello"] != 1 || string(l.Doc) != e.Params["Twiml"] {
			t.Errorf("entered at the answer: %+v", l)
		}
		d.none(engine.RedirectCall)
		d.act(1, "Digits", "1").state(1, "party").hears(1, "<Dial")
	})
	t.Run("its action is the first news of the answer", func(t *testing.T) {
		t.Parallel()
		d, _ := placed(t, c, nil)
		d.hook(engine.KindAct, 1, 1, "CallStatus", "in-progress", "Digits", "1").state(1, "party").hears(1, "/t/s1/1/2/act")
		d.status(1, "in-progress").state(1, "party").none(engine.RedirectCall)
	})
	t.Run("its end is the first news of the answer", func(t *testing.T) {
		t.Parallel()
		d, _ := placed(t, c, nil)
		d.status(1, "completed", "CallDuration", "4").outcome("completed")
		if d.s.Leg(1).Visits["ask"] != 1 {
			t.Errorf("it was in its state: %+v", d.s.Leg(1))
		}
	})
	t.Run("not answered", func(t *testing.T) {
		t.Parallel()
		d, _ := placed(t, c, nil)
		d.status(1, "busy").outcome("unreached")
	})
	t.Run("moved before the answer", func(t *testing.T) {
		t.Parallel()
		d, _ := placed(t, c, nil)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "away"}).none(engine.RedirectCall)
		d.status(1, "in-progress").state(1, "away").hears(1, "Good-bye.")
		if r := d.take(engine.RedirectCall); r.Turn != 2 {
			t.Errorf("redirect: %+v", r)
		}
	})
	t.Run("moved, and its action is the first news of the answer", func(t *testing.T) {
		t.Parallel()
		d, _ := placed(t, c, nil)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "away"})
		d.hook(engine.KindAct, 1, 1, "CallStatus", "in-progress", "Digits", "1").state(1, "away").hears(1, "Good-bye.").none(engine.RedirectCall)
	})
	t.Run("too long", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(inlineFlow, "Hello.", strings.Repeat("Hello and welcome. ", 220), 1)
		_, e := placed(t, compile(t, "meet.yaml", text), nil)
		if e.Params["Twiml"] != "" || e.Params["Url"] == "" {
			t.Errorf("request: %v", e.Params)
		}
	})
	t.Run("a dial in the document", func(t *testing.T) {
		t.Parallel()
		text := inlineFlow[:strings.Index(inlineFlow, "  hello:")] + inlineFlow[strings.Index(inlineFlow, "  party:"):]
		d, e := placed(t, compile(t, "meet.yaml", strings.Replace(text, "state: hello", "state: party", 1)), nil)
		if !strings.Contains(e.Params["Twiml"], "https://rd.example.com/t/s1/2/0/status") {
			t.Errorf("request: %v", e.Params)
		}
		d.status(1, "in-progress").state(1, "party").status(2, "in-progress", "CallSid", "CA2")
		d.act(1, "DialCallStatus", "completed", "DialCallSid", "CA2").hears(1, "<Hangup/>")
		if len(d.s.Legs) != 2 {
			t.Errorf("legs: %v", legs(d.s))
		}
	})
	t.Run("answered after it was placed again", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).send(engine.Event{Kind: engine.KindBegin, World: engine.World{Base: "https://rd.example.com"}})
		e := d.take(engine.PlaceCall)
		d.send(engine.Event{Kind: engine.KindSent, Effect: e.ID}).result(e, engine.Result{Reason: "not-placed"})
		again := d.take(engine.PlaceCall)
		if again.Leg != 2 || !strings.Contains(again.Params["Twiml"]+again.Params["Url"], "/t/s1/2/") {
			t.Errorf("placed again: %v", again.Params)
		}
		d.status(1, "in-progress", "CallSid", "CA9")
		if stray := d.take(engine.HangupCall); stray.Params["Sid"] != "CA9" {
			t.Errorf("hang-up: %+v", stray)
		}
	})
	t.Run("answered after the end", func(t *testing.T) {
		t.Parallel()
		d, _ := placed(t, c, nil)
		d.send(engine.Event{Kind: engine.KindDelete}).take(engine.HangupCall)
		d.status(1, "canceled").outcome("deleted").status(1, "in-progress")
		if e := d.take(engine.HangupCall); e.Params["Sid"] != "CA1" {
			t.Errorf("hang-up: %+v", e)
		}
	})
}
