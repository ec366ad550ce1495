package flowtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

const (
	tester = "+15551110001"
	annTel = "+15552220011"
	bobTel = "+15552220012"
)

// calledFlows are flows for what the shipped ones do not do with called parties.
const calledFlows = `
flow: whisper
answers: ["+15005550081"]
answer: ring
states:
  ring:
    dial: {to: "+15552220011", leg: ann, screen: whisper, timeout: 20s}
    on: {answered: [{log: taken}], unreached: nobody}
    next: bye
  whisper: {prompt: A call for sales., next: accept}
  nobody: {prompt: Nobody took it., next: hangup}
  bye: {prompt: Good-bye., next: hangup}
---
flow: listened
answers: ["+15005550082"]
answer: ring
states:
  ring:
    dial: {to: [{to: "+15552220011", leg: ann, machine_detection: DetectMessageEnd}], timeout: 20s}
    on:
      ann.machine: [{move: {leg: ann, state: message}}, {goto: sorry}]
      unreached: sorry
    next: bye
  message: {prompt: Please call back., next: hangup}
  sorry: {prompt: Only a machine., next: hangup}
  bye: {prompt: Good-bye., next: hangup}
---
flow: chain
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
start:
  - call: {leg: member, to: ["+15552220011", "+15552220012"], order: in-turn, timeout: 15s, screen: ask, state: told}
on:
  member.answered: [{log: "taken by ${legs.member.to}"}]
  member.refused: [{end: refused}]
  member.unreached: [{end: nobody}]
states:
  ask: {prompt: Press 1 to hear it., gather: {choices: {1: accept}, timeout: 5s, tries: 2}, next: hangup}
  told: {prompt: This is the news., next: hangup}
---
flow: bridge
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
start:
  - call: {leg: ann, to: "+15552220011", timeout: 20s, inline: true, state: talk}
on: {ann.unreached: [{end: nobody}]}
states:
  talk: {prompt: One moment., dial: {to: "+15552220012", leg: bob, timeout: 20s, caller_id: "${env.CALLER_ID}"}, on: {unreached: sorry}, next: hangup}
  sorry: {prompt: Nobody there., next: hangup}
`

// called is one row: who is called how, and what must come of it under every switch.
type called struct {
	name, to, start string
	ann, bob        sim.Party
	hangup          string // who hangs up, 10 s after the two talk; "" for nobody
	heard           map[string]string
	want            flowtest.Record
}

func calledRows() []called {
	presses := func(keys ...string) sim.Party {
		return sim.Party{AnswerAfter: time.Second, Script: sim.Replies(2*time.Second, keys...)}
	}
	machine := sim.Party{Kind: sim.Machine, Greeting: strings.Repeat("x", 100)}
	busy := sim.Party{Outcome: sim.Busy}
	record := func(outcome string, legs, states []string) flowtest.Record {
		return flowtest.Record{Outcome: outcome, Legs: legs, States: states}
	}
	inbound, member := "caller inbound completed", "member outbound-api completed"
	return []called{
		{
			name: "a whisper", to: "+15005550081", hangup: annTel, heard: map[string]string{annTel: "A call for sales.", tester: "Good-bye."},
			want: record("completed", []string{inbound, "ann outbound-dial completed"}, []string{"caller: ring bye", "ann: whisper accept"}),
		},
		{
			name: "a whisper to nobody", to: "+15005550081", ann: busy, heard: map[string]string{tester: "Nobody took it."},
			want: record("completed", []string{inbound, "ann outbound-dial busy"}, []string{"caller: ring nobody"}),
		},
		{
			name: "a dialled person is listened to", to: "+15005550082", hangup: annTel, heard: map[string]string{tester: "Good-bye."},
			want: record("completed", []string{inbound, "ann outbound-dial completed"}, []string{"caller: ring bye"}),
		},
		{
			name: "a dialled machine is listened to", to: "+15005550082", ann: machine, heard: map[string]string{annTel: "Please call back.", tester: "Only a machine."},
			want: record("completed", []string{inbound, "ann outbound-dial completed"}, []string{"caller: ring sorry", "ann: message"}),
		},
		{
			name: "the second in turn accepts", start: "chain", bob: presses("1"), heard: map[string]string{bobTel: "This is the news."},
			want: record("completed", []string{member, member}, []string{"member: ask", "member: ask told"}),
		},
		{
			name: "the first in turn accepts", start: "chain", ann: presses("1"), heard: map[string]string{annTel: "This is the news."},
			want: record("completed", []string{member}, []string{"member: ask told"}),
		},
		{
			name: "one refuses, one is busy", start: "chain", bob: busy,
			want: record("refused", []string{member, "member outbound-api busy"}, []string{"member: ask"}),
		},
		{
			name: "both are busy", start: "chain", ann: busy, bob: busy,
			want: record("nobody", []string{"member outbound-api busy", "member outbound-api busy"}, nil),
		},
		{
			name: "a dial that travels with the request", start: "bridge", hangup: bobTel, heard: map[string]string{annTel: "One moment."},
			want: record("completed", []string{"ann outbound-api completed", "bob outbound-dial completed"}, []string{"ann: talk"}),
		},
		{
			name: "a dial that travels and reaches nobody", start: "bridge", bob: busy, heard: map[string]string{annTel: "Nobody there."},
			want: record("completed", []string{"ann outbound-api completed", "bob outbound-dial busy"}, []string{"ann: talk sorry"}),
		},
		{
			name: "a request whose call nobody takes", start: "bridge", ann: busy,
			want: record("nobody", []string{"ann outbound-api busy", "bob outbound-dial canceled"}, nil),
		},
	}
}

func TestCalledParties(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, text := range strings.Split(calledFlows, "---\n") {
		if err := os.WriteFile(filepath.Join(dir, "flow"+string(rune('a'+i))+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range calledRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := flowtest.Options{Flows: dir, Env: map[string]string{"CALLER_ID": "+15005550081"}, Seed: 1}
			row.play(t, "plain", o)
			for _, v := range sim.Variants() {
				o.Switches = sim.Switches{}
				v.Set(&o.Switches)
				row.play(t, v.Name, o)
			}
			o.Switches, o.Faults = sim.Switches{}, sim.Faults{{Kind: sim.RepeatCallback, Rate: 0.3}, {Kind: sim.DelayCallback, By: 3 * time.Second}, {Kind: sim.RepeatWebhook, Rate: 0.3}}
			row.play(t, "unruly", o)
		})
	}
}

func (c *called) play(t *testing.T, name string, o flowtest.Options) {
	t.Helper()
	w, err := flowtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Sim.AddParty(annTel, c.ann)
	w.Sim.AddParty(bobTel, c.bob)
	id, caller := "", (*sim.Call)(nil)
	if c.start != "" {
		id, err = w.API.StartFlow(c.start, nil, "")
	} else if caller, err = w.Call(tester, c.to); err == nil {
		id = w.SessionOf(caller)
	}
	if err != nil {
		t.Fatal(err)
	}
	last := func(who string) *sim.Call {
		if who == tester {
			return caller
		}
		if calls := w.Sim.CallsTo(who); len(calls) > 0 {
			return calls[len(calls)-1]
		}
		return nil
	}
	if c.hangup != "" {
		w.Until(func() bool { call := last(c.hangup); return call != nil && len(call.Peers()) > 0 }, time.Minute)
		w.Advance(10 * time.Second)
		last(c.hangup).Hangup()
	}
	if !w.Until(func() bool { return w.Sim.Live() == 0 && w.Closed(id) }, 10*time.Minute) {
		t.Errorf("%s: no end\n%s", name, w.Dump())
		return
	}
	r, err := w.Record(id)
	if d := cmp.Diff(c.want, r); err != nil || d != "" {
		t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
	}
	for who, text := range c.heard {
		if call := last(who); call == nil || !call.HeardText(text) {
			t.Errorf("%s: %s never hears %q", name, who, text)
		}
	}
	if found := w.Troubles(); name == "plain" && len(found) > 0 {
		t.Errorf("troubles: %q", found)
	}
}
