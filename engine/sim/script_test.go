package sim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// did lists what the party of a call has done, with the seconds since its answer.
func (w *world) did(c *sim.Call) string {
	var done []string
	var answered time.Time
	for _, e := range w.Log() {
		switch {
		case e.Call != c.SID():
		case e.Kind == sim.EntryStatus && e.Text == "in-progress":
			answered = e.At
		case e.Kind == sim.EntryKeys, e.Kind == sim.EntrySpoken:
			done = append(done, e.At.Sub(answered).Round(time.Second/10).String()+" "+e.Text)
		case e.Kind == sim.EntryStatus && e.Text != "ringing" && e.Text != "queued":
			done = append(done, e.At.Sub(answered).Round(time.Second/10).String()+" "+e.Text)
		}
	}
	return strings.Join(done, ", ")
}

// TestScript plays each moment against a menu that asks twice, records and dials.
func TestScript(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"/voice":  `<Say>Welcome to the shop.</Say><Gather numDigits="1" action="/second" timeout="9"><Say>First?</Say></Gather>`,
		"/second": `<Gather numDigits="1" action="/rec" timeout="9" input="dtmf speech"><Say>Second?</Say></Gather>`,
		"/rec":    `<Record timeout="4" action="/room"/>`,
		"/room":   `<Dial><Conference waitUrl="">Office</Conference></Dial>`,
	}
	for _, tc := range []struct {
		name   string
		script []sim.Move
		want   string
	}{
		{"answered: all of them", []sim.Move{{After: 2 * time.Second, Hangup: true}, {When: sim.Answered, After: time.Second, Say: "Hello?"}}, "1s Hello?, 2s completed"},
		{"keys with waiting", []sim.Move{{Press: "12w3W4"}}, "0s 12, 500ms 3, 1.5s 4"},
		{"rings", []sim.Move{{When: sim.Rings, Say: "ring ring"}}, "ring ring"},
		{"asked, in turn", sim.Replies(0, "1", "say:blue"), "2.2s 1, 3.2s blue"},
		{"asked, nothing first", sim.Replies(0, "", "7"), ""},
		{"hears, whatever the case", []sim.Move{{When: sim.Hears, Text: "WELCOME", After: 100 * time.Millisecond, Hangup: true}}, "100ms completed"},
		{"each hearing for the first that waits", []sim.Move{
			{When: sim.Hears, Text: "?", Press: "1"}, {When: sim.Hears, Text: "?", Press: "2"}, {When: sim.Hears, Text: "nothing like it", Press: "3"},
		}, "1.2s 1, 1.2s 2"},
		{"every", []sim.Move{{When: sim.Hears, Text: "?", Press: "5", Every: true}}, "1.3s 5, 1.4s 5"},
		{"beeps, then next", append(sim.Replies(0, "1", "2"),
			sim.Move{When: sim.Beeps, Say: "Call me."}, sim.Move{When: sim.Next, After: 3 * time.Second, Press: "#"}, sim.Move{When: sim.Next, After: time.Second, Hangup: true}),
			"2.2s 1, 3.2s 2, 3.2s Call me., 6.2s #, 7.2s completed"},
		{"of one verb only", []sim.Move{{When: sim.Asked, Text: "record", Say: "me"}, {When: sim.Asked, Press: "1"}, {When: sim.Asked, Press: "2"}}, "2.2s 1, 3.2s 2, 4.2s me"},
		{"joins", append(sim.Replies(0, "1", "2", "#"), sim.Move{When: sim.Joins, Text: "office", After: time.Second, Hangup: true}), "2.2s 1, 3.2s 2, 4.2s #, 5.3s completed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{}, pages)
			c, err := w.CallAs(sim.Party{Script: tc.script}, alice, ours, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.clock.Advance(10 * time.Second)
			got := w.did(c)
			if strings.HasPrefix(tc.name, "rings") { // before the answer there is no time to tell
				_, got, _ = strings.Cut(got, " ")
				got, _, _ = strings.Cut(got, ",")
			}
			got = strings.TrimSuffix(strings.ReplaceAll(got, "0s in-progress", ""), ", ")
			got = strings.TrimPrefix(got, ", ")
			if got != tc.want {
				t.Errorf("did %q, want %q\n%s", got, tc.want, w.dump())
			}
		})
	}
}

// TestConnected: both sides of a Dial, of a queue and of a conference learn that there is somebody.
func TestConnected(t *testing.T) {
	t.Parallel()
	greet := []sim.Move{{When: sim.Connected, After: time.Second, Say: "hello"}, {When: sim.Next, After: 2 * time.Second, Hangup: true}}
	for name, voice := range map[string]string{
		"dial":       `<Dial>` + bob + `</Dial>`,
		"conference": `<Dial><Conference waitUrl="">r</Conference></Dial>`,
		"queue":      `<Enqueue waitUrl="">q</Enqueue>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{}, map[string]string{
				"/voice": voice, "/conference": `<Dial><Conference waitUrl="">r</Conference></Dial>`, "/queue": `<Dial><Queue>q</Queue></Dial>`,
			})
			w.AddParty(alice, sim.Party{Script: greet})
			w.AddParty(bob, sim.Party{Script: greet})
			caller := w.call()
			w.clock.Advance(time.Second)
			if name != "dial" {
				w.place(bob, "/"+name, nil)
			}
			w.ended(caller)
			callee := w.CallsTo(bob)[0]
			if !caller.HeardText(bob+": hello") || !callee.HeardText("+15551110001: hello") {
				t.Errorf("caller heard %q, callee %q\n%s", caller.Heard(), callee.Heard(), w.dump())
			}
		})
	}
}

// TestPartiesInTurn: each call to an address meets the next party, the last one stays.
func TestPartiesInTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{"/x": `<Say>Hi</Say>`})
	w.AddParty(bob, sim.Party{Outcome: sim.Busy}, sim.Party{Outcome: sim.NoAnswer}, sim.Party{})
	for _, want := range []string{"busy", "no-answer", "completed", "completed"} {
		c := w.place(bob, "/x", url.Values{"Timeout": {"5"}})
		w.ended(c)
		if c.Status() != want {
			t.Errorf("status %s, want %s", c.Status(), want)
		}
	}
}
