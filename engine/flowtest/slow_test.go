package flowtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// slowFlows wait for a service in every place where Twilio waits for an answer.
const slowFlows = `
flow: first
env: [BILLING_URL]
MUSIC
answers: ["+15005550101"]
answer: ask
states:
  ask: {do: [ASK], next: [THEN]}
ENDS
---
flow: keys
env: [BILLING_URL]
MUSIC
answers: ["+15005550102"]
answer: ask
states:
  ask: {prompt: Press a key., gather: {timeout: 20s}, on: {digits: [ASK, THEN]}, next: hangup}
ENDS
---
flow: placed
env: [BILLING_URL]
FROM
start: [{call: {leg: ann, to: "+15552220011", state: ask}}]
states:
  ask: {do: [ASK], next: [THEN]}
ENDS
---
flow: asked
env: [BILLING_URL]
FROM
start: [{call: {leg: ann, to: "+15552220011", screen: who, state: good}}]
on: {ann.unreached: [{end: refused}]}
states:
  who: {prompt: Press a key., gather: {timeout: 20s}, on: {digits: [ASK, {goto: accept, if: vars.r.ok}, {goto: hangup}]}, next: hangup}
  good: {prompt: It is good., next: hangup}
---
flow: line
env: [BILLING_URL]
MUSIC
answers: ["+15005550104"]
answer: wait
states:
  wait: {enqueue: {queue: slow, music: [Press a key.], choices: {1: [ASK, THEN]}}, next: hangup}
ENDS
---
flow: held
env: [BILLING_URL]
MUSIC
answers: ["+15005550105"]
answer: wait
states:
  wait: {hold: {music: [Press a key.], choices: {1: [ASK, THEN]}}, after: {3m: hangup}}
ENDS
---
flow: room
env: [BILLING_URL]
answers: ["+15005550106"]
answer: talk
signals: {go: {label: Go}}
states:
  talk:
    prompt: Press a key.
    conference: {room: line, alone: stay, music: silence}
    on: {signal.go: [ASK, THEN]}
    next: hangup
ENDS
---
flow: taped
env: [BILLING_URL]
MUSIC
answers: ["+15005550107"]
answer: leave
states:
  leave: {prompt: Press a key., record: {max_length: 30s}, on: {recorded: [ASK, THEN]}, next: hangup}
ENDS
---
flow: after
env: [BILLING_URL]
MUSIC
answers: ["+15005550108"]
answer: ring
states:
  ring: {prompt: Press a key., dial: {to: "+15552220012", leg: bob, timeout: 20s}, on: {unreached: [ASK, THEN]}, next: hangup}
ENDS
---
flow: outer
env: [BILLING_URL]
MUSIC
answers: ["+15005550109"]
answer: in
states:
  in: {run: {flow: inner, save: o}, next: [{goto: good, if: vars.o.ok}, {goto: bad}]}
ENDS
---
flow: inner
env: [BILLING_URL]
MUSIC
answer: ask
output: {ok: {type: boolean}}
states:
  ask: {prompt: Press a key., gather: {timeout: 20s}, on: {digits: [ASK, {return: {ok: "${vars.r.ok}"}}]}, next: return}
---
flow: heard
env: [BILLING_URL]
FROM
start: [{call: {leg: ann, to: "+15552220011", state: hello, machine_detection: Enable, async_amd: true}}]
states:
  hello: {prompt: Press a key., amd: {}, on: {human: [ASK, THEN]}, next: hangup}
ENDS
---
flow: support
env: [BILLING_URL, WORKFLOW]
FROM
answers: ["+15005550110"]
answer: wait
states:
  wait:
    enqueue: {workflow: "${env.WORKFLOW}", task: {type: slow}, music: [Press a key.]}
    on:
      assigned:
        - ASK
        - {task: {do: reject}, if: not vars.r.ok}
        - {goto: bad, if: not vars.r.ok}
        - call: {leg: ann, to: "${event.contact_uri}", timeout: 20s, state: good}
      ann.answered: [{task: {do: accept}}]
      ann.hung-up: [{task: {do: complete}}, {goto: good}]
    next: hangup
ENDS
`

// slowly writes out what all of them have in common.
var slowly = strings.NewReplacer(
	"ASK", `{http: {get: "${env.BILLING_URL}/accounts/1", timeout: 20s, save: r}}`,
	"THEN", `{goto: good, if: vars.r.ok}, {goto: bad}`,
	"MUSIC", `defaults: {music: {play: "https://example.com/wait.mp3"}}`,
	"FROM", `defaults: {from: "+15005550101", music: {play: "https://example.com/wait.mp3"}}`,
	"ENDS", "  good: {prompt: It is good., next: hangup}\n  bad: {prompt: It is bad., next: hangup}",
)

// slowPlace is one row: where the service is waited for.
type slowPlace struct {
	name, to, start string
	key             string // that the person presses when asked
	signal          string // or that the API sends
	speaks          bool   // or what is recorded
	who             string // hears the end; "" is the caller
	states          string // before good or bad
	quiet           bool   // a good answer lets the party in, a bad one ends the call
	parks           bool   // the flow's music is heard where the service takes longer than a webhook may
}

func TestSlowServiceInEveryPlace(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, slowly.Replace(slowFlows))
	places := []slowPlace{
		{name: "the first document", to: "+15005550101", states: "ask"},
		{name: "keys", to: "+15005550102", key: "1", states: "ask", parks: true},
		{name: "a placed call", start: "placed", who: annTel, states: "ask", parks: true},
		{name: "a called party that is asked", start: "asked", who: annTel, key: "1", states: "who", quiet: true, parks: true},
		{name: "the wait of a queue", to: "+15005550104", key: "1", states: "wait"},
		{name: "on hold", to: "+15005550105", key: "1", states: "wait", parks: true},
		{name: "a room", to: "+15005550106", signal: "go", states: "talk"},
		{name: "a recording", to: "+15005550107", speaks: true, states: "leave", parks: true},
		{name: "after a dial", to: "+15005550108", states: "ring", parks: true},
		{name: "a flow within a flow", to: "+15005550109", key: "1", states: "in ask", parks: true},
		{name: "detection", start: "heard", who: annTel, states: "hello"},
		{name: "an assignment", to: "+15005550110", states: "wait"},
	}
	const parked = "after the webhook's time"
	delays := map[string]flowtest.Answer{
		"soon": {Delay: time.Second}, parked: {Delay: 8 * time.Second}, "refused late": {Status: http.StatusForbidden, Delay: 6 * time.Second}, "never": {Delay: flowtest.Forever},
	}
	for _, place := range places {
		for when, answer := range delays {
			t.Run(place.name+" "+when, func(t *testing.T) {
				t.Parallel()
				conditions(dir, func(name string, o flowtest.Options) {
					if when != parked && name != "plain" && name != "unruly" {
						return
					}
					place.play(t, when+", "+name, o, answer)
				})
			})
		}
	}
}

func (s *slowPlace) play(t *testing.T, name string, o flowtest.Options, answer flowtest.Answer) {
	t.Helper()
	o.Env = map[string]string{"WORKFLOW": "WW00000000000000000000000000000001"}
	w, err := flowtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Billing.SetBalance("1", "1.00")
	w.Billing.AnswerAccounts(answer)
	w.Sim.AddParty(annTel, sim.Party{AnswerAfter: time.Second, HangupAfter: 90 * time.Second})
	w.Sim.AddParty(bobTel, sim.Party{Outcome: sim.Busy})
	w.Sim.AddWorkflow(o.Env["WORKFLOW"], sim.Workflow{AssignmentURL: w.API.Base + "/taskrouter/assignment"})
	if _, err := w.Sim.AddWorker("ann", fmt.Sprintf(`{"contact_uri": %q}`, annTel)); err != nil {
		t.Fatal(err)
	}
	var c *sim.Call
	id := ""
	if s.start != "" {
		id, err = w.API.StartFlow(s.start, nil, "")
	} else if c, err = w.Call(tester, s.to); err == nil {
		id = w.SessionOf(c)
	}
	if err != nil {
		t.Fatal(err)
	}
	who := func() *sim.Call {
		if s.who == "" {
			return c
		}
		if calls := w.Sim.CallsTo(s.who); len(calls) > 0 {
			return calls[0]
		}
		return nil
	}
	s.act(t, w, id, who)
	if !w.Until(func() bool { return w.Sim.Live() == 0 && w.Closed(id) }, 10*time.Minute) {
		t.Errorf("%s: no end\n%s", name, w.Dump())
		return
	}
	end, text := "good", "It is good."
	if answer.Status != 0 || answer.Delay > time.Minute {
		end, text = "bad", "It is bad."
	}
	r, err := w.Record(id)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(r.States, "; ")
	switch {
	case s.quiet && end == "bad":
		if who().HeardText("good") || strings.Contains(got, "accept") || strings.Contains(got, "ann: who good") {
			t.Errorf("%s: let in: %s\n%s", name, got, w.Dump())
		}
	case s.quiet:
		if !strings.Contains(got, "ann: who accept") && !strings.Contains(got, "ann: who good") {
			t.Errorf("%s: not let in: %s\n%s", name, got, w.Dump())
		}
	case !strings.Contains(got, s.states+" "+end) || !who().HeardText(text):
		t.Errorf("%s: states %s, heard %q, want %s %s\n%s", name, got, who().Heard(), s.states, end, w.Dump())
	}
	if s.parks && answer.Delay > 5*time.Second && !who().HeardText("wait.mp3") {
		t.Errorf("%s: dead air: heard %q", name, who().Heard())
	}
	var reserved time.Time
	for _, e := range w.Sim.Log() {
		switch {
		case e.Kind == sim.EntryWebhook && e.Code != 0:
			t.Errorf("%s: a webhook failed: %d %s\n%s", name, e.Code, e.URL, w.Dump())
		case e.Kind == sim.EntryTask:
			reserved = e.At
		case e.Name == "assignment" && e.At.Sub(reserved) > 3600*time.Millisecond: // the answer, and Twilio's own way
			t.Errorf("%s: an assignment was answered after %v", name, e.At.Sub(reserved))
		}
	}
}

// act has the person do what the place asks for.
func (s *slowPlace) act(t *testing.T, w *flowtest.World, id string, who func() *sim.Call) {
	t.Helper()
	w.Until(func() bool { return who() != nil && who().HeardText("Press a key.") }, time.Minute)
	w.Advance(2 * time.Second)
	switch {
	case s.key != "":
		w.Until(who().Listening, time.Minute)
		who().Press(s.key)
		if s.states != "wait" {
			who().Press("#")
		}
	case s.signal != "":
		if err := w.API.Signal(id, s.signal, nil); err != nil {
			t.Errorf("%v", err)
		}
	case s.speaks:
		w.Until(who().Listening, time.Minute)
		who().Say("Something.")
	}
}
