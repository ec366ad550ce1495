package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestGatherSpeech: when speech ends, and what becomes of keys and prompts meanwhile.
func TestGatherSpeech(t *testing.T) {
	t.Parallel()
	const words = "one two three" // 0.84 s
	for _, tc := range []struct {
		name, attrs string
		act         func(*world, *sim.Call)
		want        map[string]string
		after       time.Duration // from the first word to the action, in whole seconds
	}{
		{"timeout is the pause", `timeout="3"`, func(w *world, c *sim.Call) { c.Say(words) }, map[string]string{"SpeechResult": words}, 3 * time.Second},
		{"pause of its own", `timeout="3" speechTimeout="2"`, func(w *world, c *sim.Call) { c.Say(words) }, map[string]string{"SpeechResult": words}, 2 * time.Second},
		{"auto", `speechTimeout="auto"`, func(w *world, c *sim.Call) { c.Say(words) }, map[string]string{"SpeechResult": words}, time.Second},
		{"goes on", `speechTimeout="2"`, func(w *world, c *sim.Call) {
			c.Say("one")
			w.clock.Advance(2 * time.Second)
			c.Say("two")
		}, map[string]string{"SpeechResult": "one two"}, 4 * time.Second},
		{"keys do not count any more", `speechTimeout="2"`, func(w *world, c *sim.Call) {
			c.Say("one")
			c.Press("5#")
		}, map[string]string{"SpeechResult": "one", "Digits": "-"}, 2 * time.Second},
		{"nor words after keys", `timeout="3"`, func(w *world, c *sim.Call) {
			c.Press("5")
			c.Say("one")
		}, map[string]string{"Digits": "5", "SpeechResult": "-"}, 3 * time.Second},
		{"at most a minute", `speechTimeout="50"`, func(w *world, c *sim.Call) {
			c.Say("one")
			w.clock.Advance(40 * time.Second)
			c.Say("two")
		}, map[string]string{"SpeechResult": "one two"}, 60 * time.Second},
		{"at most maxSpeechTime", `speechTimeout="50" maxSpeechTime="4"`, func(w *world, c *sim.Call) { c.Say("one") }, map[string]string{"SpeechResult": "one"}, 4 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Gather input="dtmf speech" action="/a" ` + tc.attrs + `/>`, "/a": ""})
			c := w.call()
			w.until("listens", c.Listening)
			begun := w.clock.Now()
			tc.act(w, c)
			w.until("action", func() bool { return len(w.requests("/a")) > 0 })
			if got := w.clock.Now().Sub(begun); got.Truncate(time.Second) != tc.after {
				t.Errorf("after %v, want %v", got, tc.after)
			}
			wantFields(t, w.one("/a"), tc.want)
		})
	}
}

// TestBargeIn: speech stops the prompt, unless bargeIn is false.
func TestBargeIn(t *testing.T) {
	t.Parallel()
	for attr, second := range map[string]bool{"": false, `bargeIn="false"`: true} {
		w := newWorld(t, sim.Options{}, map[string]string{
			"/voice": `<Gather input="speech" speechTimeout="1" action="/a" ` + attr + `><Say>First part</Say><Say>Second part</Say></Gather>`, "/a": ""})
		c := w.call()
		w.until("hears", func() bool { return c.HeardText("First") })
		c.Say("yes")
		w.ended(c)
		if c.HeardText("Second") != second {
			t.Errorf("%q: heard %q", attr, c.Heard())
		}
		wantFields(t, w.one("/a"), map[string]string{"SpeechResult": "yes"})
	}
}

// TestPartialResults: one callback for each word, numbered, with a growing stable part.
func TestPartialResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Gather input="speech" action="/a" partialResultCallback="/p" partialResultCallbackMethod="GET"/>`, "/a": ""})
	c := w.call()
	w.until("listens", c.Listening)
	c.Say("book a table")
	w.ended(c)
	var got []string
	for _, f := range w.requests("/p") {
		got = append(got, f.Get("SequenceNumber")+" "+f.Get("StableSpeechResult")+"|"+f.Get("UnstableSpeechResult"))
	}
	if want := "0 |book, 1 book|a, 2 book a|table"; strings.Join(got, ", ") != want {
		t.Errorf("got %q", got)
	}
	if w.got("/p")[0].method != "GET" {
		t.Error("not by GET")
	}
	wantFields(t, w.one("/a"), map[string]string{"SpeechResult": "book a table"})
}

// TestBreaks: the pauses of SSML take their time.
func TestBreaks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Say>ab<break time="2s"/><p>cd<break time="500ms"/></p></Say>`})
	c := w.call()
	w.until("hears", func() bool { return c.HeardText("ab") })
	begun := w.clock.Now()
	w.until("ends", c.Ended)
	if got := w.clock.Now().Sub(begun); got != 2500*time.Millisecond+4*60*time.Millisecond {
		t.Errorf("took %v", got)
	}
}
