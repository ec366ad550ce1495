package flowtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// restFlows are flows for parts of the language that the shipped ones do without.
const restFlows = `
flow: speaks
answers: ["+15005550070"]
languages: {en: {language: en-CA}, fr: {language: fr-CA, voice: Polly.Gabrielle}}
defaults: {apology: {say: {en: Sorry., fr: Désolé.}}}
answer: choose
states:
  choose: {prompt: [For English press 1., {say: "Pour le français, le 2.", language: fr}], gather: {choices: {1: [{language: en}, {goto: menu}], 2: [{language: fr}, {goto: menu}]}, tries: 2}, next: menu}
  menu:
    prompt: {say: {en: Sales or support., fr: Ventes ou soutien.}}
    gather: {words: {sales: {en: [sales], fr: [ventes]}}, tries: 2, sorry: {say: {en: Sorry., fr: Pardon.}}}
    on: {no-match: [{log: "${leg.language} does not know ${event.speech}"}], no-input: []}
    next: bye
  sales: {prompt: {say: {en: This is sales., fr: Voici les ventes.}}, next: hangup}
  bye: {prompt: {say: {en: Good-bye., fr: Au revoir.}}, next: hangup}
---
flow: speech
answers: ["+15005550071"]
answer: ask
states:
  ask:
    prompt: How can we help?
    gather: {input: [speech], timeout: 10s}
    on:
      partial: [{log: "so far ${event.speech}"}, {goto: person, if: "event.speech contains 'person'"}]
      speech: [{log: "said ${event.speech}"}, {goto: thanks}]
    next: hangup
  thanks: {prompt: Thank you., next: hangup}
  person: {prompt: A person it is., next: hangup}
---
flow: refers
answers: ["+15005550072"]
answer: ring
states:
  ring:
    dial: {to: "sip:joe@example.com", leg: joe}
    on: {referred: [{log: "to ${event.target}"}, {goto: mia, if: "event.target contains 'mia'"}]}
    next: bye
  mia: {prompt: Mia will call you., next: hangup}
  bye: {prompt: Good-bye., next: hangup}
---
flow: limited
answers: ["+15005550073"]
max_duration: 2m
answer: wait
states:
  wait: {hold: {music: {play: "https://example.com/wait.mp3"}}, on: {hung-up: [{log: "by ${event.by}"}]}, after: {1h: hangup}}
---
flow: lonely
answers: ["+15005550074"]
answer: wait
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
states:
  wait:
    do: [{call: {leg: ann, to: "+15552220011", timeout: 15s, state: talk}}]
    conference: {room: line, music: silence}
    on: {left: [{log: "left ${event.reason}"}, {goto: bye}], ann.unreached: []}
    next: hangup
  talk: {conference: {room: line}, next: hangup}
  bye: {prompt: Nobody came., next: hangup}
---
flow: stays
answers: ["+15005550075"]
answer: wait
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
states:
  wait:
    do: [{call: {leg: ann, to: "+15552220011", timeout: 15s, state: talk}}]
    conference: {room: line, music: silence, alone: stay, time_limit: 30s}
    on: {left: [{log: "left ${event.reason}"}], ann.unreached: [{goto: alone}]}
    next: bye
  alone:
    conference: {room: line, music: silence, alone: stay, time_limit: 30s}
    on: {left: [{log: "left ${event.reason}"}]}
    after: {20s: bye}
    next: hangup
  talk: {conference: {room: line}, next: hangup}
  bye: {prompt: Time is up., next: hangup}
---
flow: texts
answers: ["+15005550076"]
answer: send
env: [CALLER_ID]
defaults: {sms_from: "${env.CALLER_ID}"}
states:
  send:
    do: [{message: {to: "+15552220011", body: Hello}}, {message: {to: nobody, body: Lost}}]
    hold: {}
    on: {message.failed: [{log: "${event.to} ${event.code}"}, {goto: sorry}]}
    after: {1m: hangup}
  sorry: {prompt: The message is lost., next: hangup}
---
flow: chain
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
start:
  - call: {leg: member, to: ["+15552220011", "+15552220012"], order: in-turn, timeout: 15s, time_limit: 30s, record: true, recording_channels: dual, send_digits: "12", call_reason: News, state: told}
on:
  member.recording: [{log: "taped ${event.duration > 0}"}]
  member.unreached: [{end: nobody}]
  member.hung-up: [{log: "hung up by ${event.by}"}]
states:
  told: {prompt: This is the news., hold: {}, after: {10m: hangup}}
`

// restRow is a call or a start, what its people do, and what must come of it.
type restRow struct {
	name, to, start string
	ann, bob        sim.Party
	do              func(w *flowtest.World, c *sim.Call)
	outcome         string
	logs            []string
	heard           string // by the caller
	within          time.Duration
}

func restRows() []restRow {
	busy := sim.Party{Outcome: sim.Busy}
	say := func(text string) func(*flowtest.World, *sim.Call) {
		return func(w *flowtest.World, c *sim.Call) {
			w.Until(func() bool { return c.HeardText("How can we help?") }, time.Minute)
			w.Advance(3 * time.Second)
			c.Say(text)
		}
	}
	refer := func(to string) func(*flowtest.World, *sim.Call) {
		return func(w *flowtest.World, c *sim.Call) {
			w.Until(func() bool { return len(c.Peers()) > 0 }, time.Minute)
			w.Advance(5 * time.Second)
			c.Children()[0].Refer(to)
		}
	}
	french := func(word string) func(*flowtest.World, *sim.Call) {
		return func(w *flowtest.World, c *sim.Call) {
			w.Until(func() bool { return c.HeardText("For English press 1.") }, time.Minute)
			w.Advance(time.Second)
			c.Press("2")
			for range 2 {
				w.Until(func() bool { return c.HeardText("Ventes ou soutien.") }, time.Minute)
				w.Advance(5 * time.Second)
				c.Say(word)
				w.Advance(5 * time.Second)
			}
		}
	}
	return []restRow{
		{name: "a call in French", to: "+15005550070", do: french("les ventes"), heard: "Voici les ventes."},
		{name: "English words in French", to: "+15005550070", do: french("sales"), logs: []string{"fr does not know sales"}, heard: "Au revoir."},
		{name: "speech so far", to: "+15005550071", do: say("I want some help"), logs: []string{"so far I", "so far I want", "so far I want some", "so far I want some help", "said I want some help"}, heard: "Thank you."},
		{name: "speech so far leads elsewhere", to: "+15005550071", do: say("a person please come"), logs: []string{"so far a", "so far a person"}, heard: "A person it is."},
		{name: "the dialled party asks to be referred", to: "+15005550072", do: refer("sip:mia@example.com"), logs: []string{"to sip:mia@example.com"}, heard: "Mia will call you."},
		{name: "nobody follows the referral", to: "+15005550072", do: refer("sip:bob@example.com"), logs: []string{"to sip:bob@example.com"}, heard: "Good-bye."},
		{name: "the session takes too long", to: "+15005550073", outcome: "too-long", within: 3 * time.Minute},
		{name: "nobody waits for nobody", to: "+15005550074", ann: busy, logs: []string{"left alone"}, heard: "Nobody came.", within: time.Minute},
		{name: "nobody answers", to: "+15005550074", ann: sim.Party{Outcome: sim.NoAnswer}, logs: []string{"left alone"}, heard: "Nobody came.", within: time.Minute},
		{name: "one who stays alone", to: "+15005550075", ann: busy, heard: "Time is up.", within: time.Minute},
		{name: "a stay with a limit", to: "+15005550075", logs: []string{"left limit"}, heard: "Time is up.", within: time.Minute},
		{name: "a message that cannot be sent", to: "+15005550076", logs: []string{"nobody 21211"}, heard: "The message is lost."},
		{name: "called in turn, with attributes", start: "chain", ann: busy, logs: []string{"hung up by limit", "taped true"}},
		{name: "called in turn, nobody", start: "chain", ann: busy, bob: busy, outcome: "nobody"},
	}
}

func TestRestOfTheLanguage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, text := range strings.Split(restFlows, "---\n") {
		if err := os.WriteFile(filepath.Join(dir, "flow"+string(rune('a'+i))+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range restRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.play(t, "plain", flowtest.Options{Flows: dir, Env: map[string]string{"CALLER_ID": "+15005550071"}, Seed: 1})
			for _, v := range sim.Variants() {
				if testing.Short() {
					break
				}
				o := flowtest.Options{Flows: dir, Env: map[string]string{"CALLER_ID": "+15005550071"}, Seed: 1}
				v.Set(&o.Switches)
				row.play(t, v.Name, o)
			}
		})
	}
}

func (r *restRow) play(t *testing.T, name string, o flowtest.Options) {
	t.Helper()
	w, err := flowtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Sim.AddParty(annTel, r.ann)
	w.Sim.AddParty(bobTel, r.bob)
	id, c := "", (*sim.Call)(nil)
	if r.start != "" {
		id, err = w.API.StartFlow(r.start, nil, "")
	} else if c, err = w.Call(tester, r.to); err == nil {
		id = w.SessionOf(c)
	}
	if err != nil {
		t.Fatal(err)
	}
	if r.do != nil {
		r.do(w, c)
	}
	began := w.Elapsed()
	if !w.Until(func() bool { return w.Sim.Live() == 0 && w.Closed(id) }, 10*time.Minute) {
		t.Errorf("%s: no end\n%s", name, w.Dump())
		return
	}
	if r.within > 0 && w.Elapsed()-began > r.within {
		t.Errorf("%s: it took %s", name, w.Elapsed()-began)
	}
	rec, err := w.Record(id)
	want := r.outcome
	if want == "" {
		want = "completed"
	}
	if err != nil || rec.Outcome != want {
		t.Errorf("%s: %v, outcome %s, want %s\n%s", name, err, rec.Outcome, want, w.Dump())
	}
	if got := logsOf(t, w, id); !slices.Equal(got, r.logs) {
		t.Errorf("%s: logs %q, want %q\n%s", name, got, r.logs, w.Dump())
	}
	if r.heard != "" && !c.HeardText(r.heard) {
		t.Errorf("%s: the caller never hears %q but %q", name, r.heard, c.Heard())
	}
	if found := w.Troubles(); name == "plain" && len(found) > 0 && r.start+r.to != "+15005550076" {
		t.Errorf("troubles: %q", found)
	}
}
