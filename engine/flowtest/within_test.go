package flowtest_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// withinFlows are flows that run others, and flows whose sessions share a room.
const withinFlows = `
flow: reception
answers: ["+15005550091"]
answer: check
states:
  check:
    prompt: Good morning.
    run: {flow: pin, input: {digits: 4}, save: pin}
    after: {40s: late}
    next: [{goto: in, if: vars.pin.ok}, {goto: out}]
  in: {prompt: "Your number is ${vars.pin.code}.", next: hangup}
  out: {prompt: Wrong number., next: hangup}
  late: {prompt: That took too long., next: hangup}
---
flow: pin
answer: {leg: me, state: ask}
input: {digits: {type: number}}
vars: {tries: 0}
output: {ok: {type: boolean}, code: {type: text}}
states:
  ask:
    do: [{set: {tries: "${vars.tries + 1}"}}]
    prompt: "Try ${vars.tries}."
    gather: {num_digits: 4, valid: "len(event.digits) == input.digits", timeout: 50s}
    on: {digits: [{goto: again, if: "event.digits != '1234'"}, {return: {ok: true, code: "${event.digits}"}}]}
    next: return
  again: {prompt: No., next: [{return: {ok: false}, if: "vars.tries > 1"}, {goto: ask}]}
---
flow: floor
answers: ["+15005550092"]
answer: talk
states:
  talk:
    prompt: Come in.
    conference: {room: floor, shared: floor-1, music: silence, start_on_enter: true}
    on: {floor.joined: [{log: "joined ${event.size}"}], floor.left: [{log: "left ${event.size}"}]}
    after: {3m: bye}
    next: hangup
  bye: {prompt: Closing time., next: hangup}
`

func withinFolder(t *testing.T, flows string) string {
	t.Helper()
	dir := t.TempDir()
	for i, text := range strings.Split(flows, "---\n") {
		if err := os.WriteFile(filepath.Join(dir, "flow"+string(rune('a'+i))+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// conditions are all worlds that a scene is played in.
func conditions(dir string, play func(name string, o flowtest.Options)) {
	o := flowtest.Options{Flows: dir, Seed: 1}
	play("plain", o)
	for _, v := range sim.Variants() {
		o.Switches = sim.Switches{}
		v.Set(&o.Switches)
		play(v.Name, o)
	}
	o.Switches, o.Faults = sim.Switches{}, sim.Faults{{Kind: sim.RepeatCallback, Rate: 0.3}, {Kind: sim.DelayCallback, By: 3 * time.Second}, {Kind: sim.RepeatWebhook, Rate: 0.3}}
	play("unruly", o)
}

func TestFlowWithinFlow(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, withinFlows)
	for _, row := range []struct {
		name   string
		keys   []string
		hangup time.Duration
		states string
		hears  string
	}{
		{name: "right at once", keys: []string{"1234"}, states: "check pin ask in", hears: "Your number is 1234."},
		{name: "wrong twice", keys: []string{"4321", "9999"}, states: "check pin ask again ask again out", hears: "Wrong number."},
		{name: "the second is right", keys: []string{"4321", "1234"}, states: "check pin ask again ask in", hears: "Try 2."},
		{name: "the time of the state around runs out", keys: []string{"4321"}, states: "check pin ask again ask late", hears: "That took too long."},
		{name: "hangs up meanwhile", hangup: 10 * time.Second, states: "check pin ask", hears: "Try 1."},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			conditions(dir, func(name string, o flowtest.Options) {
				w, err := flowtest.Start(o)
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				c, err := w.Call(tester, "+15005550091")
				if err != nil {
					t.Fatal(err)
				}
				for i, keys := range row.keys {
					w.Until(func() bool { return c.HeardText("Try " + string(rune('1'+i)) + ".") }, time.Minute)
					w.Advance(time.Second)
					c.Press(keys)
				}
				if row.hangup > 0 {
					w.Advance(row.hangup)
					c.Hangup()
				}
				id := w.SessionOf(c)
				if !w.Until(func() bool { return w.Sim.Live() == 0 && w.Closed(id) }, 5*time.Minute) {
					t.Fatalf("%s: no end\n%s", name, w.Dump())
				}
				r, err := w.Record(id)
				want := flowtest.Record{Outcome: "completed", Legs: []string{"caller inbound completed"}, States: []string{"caller: " + strings.Replace(row.states, " pin", "", 1)}}
				if d := cmp.Diff(want, r); err != nil || d != "" {
					t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
				}
				if !c.HeardText(row.hears) {
					t.Errorf("%s: the caller never hears %q\n%s", name, row.hears, w.Dump())
				}
				if found := w.Troubles(); name == "plain" && len(found) > 0 {
					t.Errorf("troubles: %q", found)
				}
			})
		})
	}
}

func TestSharedRoomOfTwoSessions(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, withinFlows)
	conditions(dir, func(name string, o flowtest.Options) {
		w, err := flowtest.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		call := func(from string) *sim.Call {
			c, err := w.Call(from, "+15005550092")
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		one := call("+15551110001")
		w.Advance(10 * time.Second)
		two := call("+15551110002")
		w.Advance(20 * time.Second)
		if len(one.Peers()) != 1 || len(two.Peers()) != 1 {
			t.Errorf("%s: the two do not hear each other\n%s", name, w.Dump())
		}
		two.Hangup()
		w.Advance(30 * time.Second)
		if w.Sim.Live() != 1 {
			t.Errorf("%s: one is left, but %d calls are", name, w.Sim.Live())
		}
		three := call("+15551110003")
		w.Advance(20 * time.Second)
		if len(one.Peers()) != 1 || len(three.Peers()) != 1 {
			t.Errorf("%s: the third does not hear the first\n%s", name, w.Dump())
		}
		ids := []string{w.SessionOf(one), w.SessionOf(two), w.SessionOf(three)}
		if !w.Until(func() bool { return w.Sim.Live() == 0 && w.Closed(ids[0]) && w.Closed(ids[1]) && w.Closed(ids[2]) }, 10*time.Minute) {
			t.Fatalf("%s: no end\n%s", name, w.Dump())
		}
		for i, want := range [][]string{{"joined 1", "joined 2", "left 1", "joined 2"}, {"joined 2", "left 1"}, {"joined 2", "left 1"}} {
			if got := logsOf(t, w, ids[i]); name == "plain" && !slices.Equal(got, want) {
				t.Errorf("%s: session %d logs %q, want %q", name, i+1, got, want)
			}
		}
		if found := w.Troubles(); name == "plain" && len(found) > 0 {
			t.Errorf("troubles: %q", found)
		}
	})
}

func logsOf(t *testing.T, w *flowtest.World, id string) []string {
	t.Helper()
	history, err := w.API.History(id)
	if err != nil {
		t.Fatal(err)
	}
	var logs []string
	for _, h := range history {
		if h.What == "log" {
			logs = append(logs, h.Text)
		}
	}
	return logs
}

// foreign is a server that is not ours: it asks for a key and sends the call back, the
// one way or the other.
func foreign(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		back := r.Form.Get("back")
		if r.URL.Path == "/number" {
			at, _, _ := strings.Cut(r.Form.Get("home"), "/t/")
			back = at + "/voice"
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = fmt.Fprintf(w, `<Response><Gather numDigits="1" timeout="20" action="%s"><Say>Foreign menu.</Say></Gather><Say>Nothing.</Say><Hangup/></Response>`, html.EscapeString(back))
	}))
	t.Cleanup(s.Close)
	return s
}

const awayFlows = `
flow: away
answers: ["+15005550093"]
answer: out
env: [IVR]
states:
  out:
    prompt: One moment.
    redirect: {url: "${env.IVR}?back=${leg.return_url}&home=${leg.return_url}"}
    on: {returned: [{log: "key ${event.params.Digits}"}]}
    after: {1m: tired}
    next: raw
  raw: {twiml: "<Say>Raw ${leg.from}</Say><Pause length=\"1\"/>", on: {completed: end}}
  end: {prompt: Good-bye., next: hangup}
  tired: {prompt: Enough., next: hangup}
---
flow: placed
env: [IVR]
defaults: {from: "+15005550093"}
start: [{call: {leg: callee, to: "+15552220011", state: out}}]
states:
  out: {redirect: {url: "${env.IVR}?back=${leg.return_url}&home=${leg.return_url}"}, on: {returned: [{log: "key ${event.params.Digits}"}]}, next: talk}
  talk:
    dial: {to: "+15552220012", leg: other, record: record-from-answer, timeout: 20s}
    on: {recording: [{log: "talk of ${event.duration}"}]}
    next: end
  end: {prompt: Good-bye., next: hangup}
`

// TestPlacedCallAwayAndRecorded: a call that the flow has placed comes back too, also by
// the URL of a number; its talk is recorded by the Dial, where there is one.
func TestPlacedCallAwayAndRecorded(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, awayFlows)
	other := foreign(t)
	for _, path := range []string{"/ivr", "/number"} {
		for _, busy := range []bool{false, true} {
			conditions(dir, func(name string, o flowtest.Options) {
				o.Env = map[string]string{"IVR": other.URL + path}
				w, err := flowtest.Start(o)
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				w.Sim.AddParty(annTel, sim.Party{AnswerAfter: time.Second, Script: sim.Replies(2*time.Second, "6")})
				third := sim.Party{AnswerAfter: time.Second, HangupAfter: 10 * time.Second}
				if busy {
					third = sim.Party{Outcome: sim.Busy}
				}
				w.Sim.AddParty(bobTel, third)
				id, err := w.API.StartFlow("placed", nil, "")
				if err != nil {
					t.Fatal(err)
				}
				began := w.Elapsed()
				if !w.Until(func() bool { return w.Closed(id) }, 5*time.Minute) {
					t.Fatalf("%s%s: no end\n%s", name, path, w.Dump())
				}
				want := []string{"key 6", "talk of 10"}
				if busy {
					want = want[:1]
				}
				if got := logsOf(t, w, id); !slices.Equal(got, want) || w.Elapsed()-began > time.Minute {
					t.Errorf("%s%s busy %v: logs %q, want %q, after %s\n%s", name, path, busy, got, want, w.Elapsed()-began, w.Dump())
				}
			})
		}
	}
}

func TestAwayAndBackAgain(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, awayFlows)
	other := foreign(t)
	for _, row := range []struct {
		name, path, key string
		hangup          time.Duration
		states          string
		hears           string
		logs            []string
	}{
		{name: "by the return url", path: "/ivr", key: "4", states: "out raw end", hears: "Raw " + tester, logs: []string{"key 4"}},
		{name: "by the url of the number", path: "/number", key: "5", states: "out raw end", hears: "Good-bye.", logs: []string{"key 5"}},
		{name: "hangs up there", path: "/ivr", hangup: 5 * time.Second, states: "out", hears: "Foreign menu."},
		{name: "is hung up there", path: "/ivr", states: "out", hears: "Nothing."},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			conditions(dir, func(name string, o flowtest.Options) {
				o.Env = map[string]string{"IVR": other.URL + row.path}
				w, err := flowtest.Start(o)
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				c, err := w.Call(tester, "+15005550093")
				if err != nil {
					t.Fatal(err)
				}
				w.Until(func() bool { return c.HeardText("Foreign menu.") }, time.Minute)
				w.Advance(2 * time.Second)
				if row.key != "" {
					c.Press(row.key)
				}
				if row.hangup > 0 {
					w.Advance(row.hangup)
					c.Hangup()
				}
				id := w.SessionOf(c)
				if !w.Until(func() bool { return w.Sim.Live() == 0 && w.Closed(id) }, 5*time.Minute) {
					t.Fatalf("%s: no end\n%s", name, w.Dump())
				}
				r, err := w.Record(id)
				want := flowtest.Record{Outcome: "completed", Legs: []string{"caller inbound completed"}, States: []string{"caller: " + row.states}}
				if d := cmp.Diff(want, r); err != nil || d != "" {
					t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
				}
				if got := logsOf(t, w, id); !slices.Equal(got, row.logs) || !c.HeardText(row.hears) {
					t.Errorf("%s: logs %q, want %q; heard %q\n%s", name, got, row.logs, c.Heard(), w.Dump())
				}
				if found := w.Troubles(); name == "plain" && len(found) > 0 {
					t.Errorf("troubles: %q", found)
				}
			})
		})
	}
}

const tapedFlows = `
flow: taped
answers: ["+15005550094"]
answer: early
signals: {tape: {label: Tape}, stop: {label: Stop}}
on: {caller.recording: [{log: "session ${event.duration}"}]}
states:
  early:
    do: [{recording: {do: start, leg: caller}}]
    prompt: This call is recorded.
    on: {recording: [{log: "early ${event.duration}"}]}
    next: talk
  talk:
    do: [{recording: {do: stop, leg: caller}}]
    hold: {}
    on:
      signal.tape: [{recording: {do: start, leg: caller, channels: dual}}]
      signal.stop: [{recording: {do: stop, leg: caller}}]
      recording: [{log: "talk ${event.duration}"}]
    after: {10m: hangup}
`

func TestRecordingSteps(t *testing.T) {
	t.Parallel()
	conditions(withinFolder(t, tapedFlows), func(name string, o flowtest.Options) {
		w, err := flowtest.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		c, err := w.Call(tester, "+15005550094")
		if err != nil {
			t.Fatal(err)
		}
		id := w.SessionOf(c)
		press := func(signal string) {
			t.Helper()
			if err := w.API.Signal(id, signal, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			w.Advance(20 * time.Second)
		}
		w.Advance(30 * time.Second)
		press("tape")
		press("stop")
		press("tape")
		c.Hangup()
		if !w.Until(func() bool { return w.Closed(id) }, 5*time.Minute) {
			t.Fatalf("%s: no end\n%s", name, w.Dump())
		}
		got := logsOf(t, w, id)
		if want := []string{"early 1", "talk 20", "talk 20"}; !slices.Equal(got, want) && name != "unruly" || len(got) != 3 {
			t.Errorf("%s: logs %q, want %q\n%s", name, got, want, w.Dump())
		}
		if found := w.Troubles(); name == "plain" && len(found) > 0 {
			t.Errorf("troubles: %q", found)
		}
	})
}

// TestRunSurvivesReloadAndCrash changes the flow that another one runs while a call is in
// it, and lets the server die: the call goes on with the text that it began with, the
// next one hears the new.
func TestRunSurvivesReloadAndCrash(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, withinFlows)
	w, err := flowtest.Start(flowtest.Options{Flows: dir, Seed: 1, Restarts: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c, err := w.Call(tester, "+15005550091")
	if err != nil {
		t.Fatal(err)
	}
	w.Until(func() bool { return c.HeardText("Try 1.") }, time.Minute)
	w.Advance(time.Second)
	w.Down()
	file := filepath.Join(dir, "flowb.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(src), "Try ${", "Attempt ${")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Up(); err != nil {
		t.Fatal(err)
	}
	c.Press("4321")
	w.Until(func() bool { return c.HeardText("Try 2.") }, time.Minute)
	w.Advance(time.Second)
	c.Press("1234")
	if !w.Until(func() bool { return w.Closed(w.SessionOf(c)) }, 5*time.Minute) || !c.HeardText("Your number is 1234.") {
		t.Fatalf("the call does not go on\n%s", w.Dump())
	}
	next, err := w.Call(tester, "+15005550091")
	if err != nil {
		t.Fatal(err)
	}
	if !w.Until(func() bool { return next.HeardText("Attempt 1.") }, time.Minute) {
		t.Errorf("the next call does not hear the new text\n%s", w.Dump())
	}
}
