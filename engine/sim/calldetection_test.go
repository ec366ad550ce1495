package sim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestDetectionResults(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	cases := []struct {
		name, mode, timeout string
		party               sim.Party
		want, millis        string
	}{
		{"human", "Enable", "", sim.Party{}, "human", "4000"},
		{"fax", "DetectMessageEnd", "", sim.Party{Kind: sim.Fax}, "fax", "4000"},
		{"start", "Enable", "", sim.Party{Kind: sim.Machine, Greeting: long}, "machine_start", "4000"},
		{"too short", "Enable", "3", sim.Party{Kind: sim.Machine}, "unknown", "3000"},
		{"unclear", "Enable", "10", sim.Party{Kind: sim.Unclear}, "unknown", "10000"},
		{"beep", "DetectMessageEnd", "", sim.Party{Kind: sim.Machine, Greeting: long[:100]}, "machine_end_beep", "6000"},
		{"silence", "DetectMessageEnd", "", sim.Party{Kind: sim.Machine, Greeting: long[:100], NoBeep: true}, "machine_end_silence", "7200"},
		{"other", "DetectMessageEnd", "", sim.Party{Kind: sim.Machine, Greeting: long}, "machine_end_other", "30000"},
	}
	for _, c := range cases {
		for _, async := range []string{"false", "true"} {
			w := newWorld(t, sim.Options{}, map[string]string{"/x": `<Say>Message.</Say>`})
			w.AddParty(bob, c.party)
			extra := url.Values{"MachineDetection": {c.mode}, "AsyncAmd": {async}, "AsyncAmdStatusCallback": {w.app.URL + "/amd"},
				"StatusCallback": {w.app.URL + "/s"}, "StatusCallbackEvent": {"answered"}}
			if c.timeout != "" {
				extra.Set("MachineDetectionTimeout", c.timeout)
			}
			w.page("/x", func(url.Values) string { return `<Pause length="40"/>` })
			call := w.place(bob, "/x", extra)
			w.ended(call)
			from, other := "/x", "/amd"
			if async == "true" {
				from, other = "/amd", "/x"
			}
			wantFields(t, w.one(from), map[string]string{"AnsweredBy": c.want, "MachineDetectionDuration": c.millis, "CallSid": call.SID()})
			if n := w.requests(other); len(n) > 0 && n[0].Get("AnsweredBy") != "" {
				t.Errorf("%s async=%s: the result is in %s as well", c.name, async, other)
			}
			if call.AnsweredBy() != c.want {
				t.Errorf("%s async=%s: %s", c.name, async, call.AnsweredBy())
			}
			wantFields(t, w.one("/s"), map[string]string{"CallStatus": "in-progress", "AnsweredBy": "-"})
		}
	}
}

// TestHangupDuringDetection: without a result no document is requested; a
// switch decides if the callback says unknown.
func TestHangupDuringDetection(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		for _, async := range []string{"false", "true"} {
			w := newWorld(t, sim.Options{Switches: sim.Switches{HangupIsUnknown: on}}, map[string]string{"/x": `<Pause length="40"/>`})
			w.AddParty(bob, sim.Party{HangupAfter: 2 * time.Second})
			w.ended(w.place(bob, "/x", url.Values{"MachineDetection": {"Enable"}, "AsyncAmd": {async}, "AsyncAmdStatusCallback": {w.app.URL + "/amd"}}))
			if got := len(w.requests("/x")) > 0; got != (async == "true") {
				t.Errorf("async %s: document requested: %v", async, got)
			}
			if on && async == "true" {
				wantFields(t, w.one("/amd"), map[string]string{"AnsweredBy": "unknown", "MachineDetectionDuration": "2000"})
			} else if n := len(w.requests("/amd")); n != 0 {
				t.Errorf("async %s: %d results", async, n)
			}
		}
	}
}

func TestMachineRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/x": `<Say>Too early.</Say><Pause length="5"/><Say>The message.</Say>`})
	w.AddParty(bob, sim.Party{Kind: sim.Machine, Greeting: strings.Repeat("x", 50)})
	c := w.place(bob, "/x", nil)
	w.ended(c)
	if got := strings.Join(c.Recorded(), "|"); got != "The message." {
		t.Errorf("recorded %q", got)
	}
}

// TestAsyncDetectionMethod: whether the method of the callback counts is a switch.
func TestAsyncDetectionMethod(t *testing.T) {
	t.Parallel()
	for posts, want := range map[bool]string{false: "GET", true: "POST"} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{AsyncDetectionPosts: posts}}, map[string]string{"/x": `<Pause length="9"/>`})
		w.ended(w.place(bob, "/x", url.Values{"MachineDetection": {"Enable"}, "AsyncAmd": {"true"}, "AsyncAmdStatusCallback": {w.app.URL + "/amd"}, "AsyncAmdStatusCallbackMethod": {"GET"}}))
		if got := w.got("/amd"); len(got) != 1 || got[0].method != want {
			t.Errorf("AsyncDetectionPosts %v: %+v, want one by %s", posts, got, want)
		}
	}
}
