package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/schema"
)

// mainFlow runs askFlow, which runs pinFlow.
const mainFlow = `
flow: main
answer: greet
env: [AGENT]
input: {team: {type: text, default: support}}
vars: {n: 7, seen: ""}
signals: {out: {label: Out}, note: {label: Note}}
on:
  caller.hung-up: [{log: "session ${vars.n} ${vars.seen}"}]
states:
  greet:
    prompt: Welcome.
    run: {flow: ask, input: {team: "${input.team}", level: "${vars.n}"}, save: got}
    after: {5m: slow}
    on:
      returned: [{set: {seen: "${event.status}/${event.level}"}}]
      failed: [{set: {seen: "failed ${event.code}"}}]
      signal.out: slow
      signal.note: [{set: {n: "${vars.n + 1}"}}]
      hung-up: [{log: "gone ${vars.n} ${visits('greet')}"}]
    next: done
  done: {prompt: "Got ${vars.seen} and ${vars.got.status}.", next: hangup}
  slow: {prompt: "Too slow, ${vars.n}.", gather: {choices: {1: greet}}, next: hangup}
`

const askFlow = `
flow: ask
answer: {leg: me, state: menu}
defaults: {voice: alice}
input: {team: {type: text}, level: {type: number}, mode: {type: choice, values: [a, b], default: a}}
vars: {n: 1}
output: {status: {type: text}, level: {type: number}, ok: {type: boolean}}
states:
  menu:
    do: [{set: {n: "${vars.n + input.level}"}}]
    prompt: "Menu of ${input.team} ${vars.n} ${legs.me.from} ${visits('menu')}."
    gather: {choices: {1: [{return: {status: one, level: "${vars.n}"}}], 2: return, 3: pin, 4: mail, 5: menu, 6: fault, 7: ask-api}}
    after: {1m: menu}
    next: return
  pin: {run: {flow: pin}, after: {3m: menu}, on: {me.recording: [{log: never}]}, next: menu}
  mail: {prompt: Speak., record: {max_length: 10s}, on: {recording: [{log: "url ${event.url} ${vars.n} ${input.team}"}]}, next: return}
  fault: {prompt: "${text(num('x', 0) / 0)} ${[1][5]}", next: return}
  ask-api: {do: [{http: {get: "https://api.example.com/x", save: reply}}, {set: {n: "${vars.n + 100}"}}, {log: "reply ${vars.reply.status} n ${vars.n}"}], prompt: Thanks., next: menu}
`

const pinFlow = `
flow: pin
answer: ask
states:
  ask: {prompt: Your PIN please., gather: {num_digits: 4}, after: {2m: hangup}, on: {digits: return}, next: return}
`

func mainClosure(t testing.TB) *engine.Closure {
	t.Helper()
	return closureOf(t, "main", map[string]string{"main.yaml": mainFlow, "ask.yaml": askFlow, "pin.yaml": pinFlow})
}

// closureOf compiles a set of files and gives one of its flows.
func closureOf(t testing.TB, flow string, texts map[string]string) *engine.Closure {
	t.Helper()
	files := map[string][]byte{}
	for name, text := range texts {
		files[name] = []byte(text)
	}
	set, diags := schema.Load(files, func(name string) (string, bool) { v, ok := testEnv[name]; return v, ok })
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return set.Closures[flow]
}

// inMenu is a caller in the menu of the flow that the first state runs.
func inMenu(t *testing.T) *driver {
	t.Helper()
	d := drive(t, mainClosure(t)).inbound()
	d.state(1, "greet").hears(1, "Welcome.", "<Redirect>/t/s1/1/1/act")
	return d.act(1).state(1, "menu").hears(1, `voice="alice"`, "Menu of support 8 +15550001111 1.")
}

func (d *driver) logged(want string) *driver {
	d.t.Helper()
	var logs []string
	for _, e := range d.last.Trace {
		if e.What == "log" {
			logs = append(logs, e.Text)
		}
	}
	if !slices.Contains(logs, want) {
		d.t.Errorf("the history has %q, not %q", logs, want)
	}
	return d
}

func TestRunAndReturn(t *testing.T) {
	t.Parallel()
	d := inMenu(t).act(1, "Digits", "1")
	d.state(1, "done").hears(1, "Got one/8 and one.", "<Hangup/>")
	want := engine.Values{"n": 7.0, "seen": "one/8", "got": map[string]any{"status": "one", "level": 8.0, "ok": false}}
	if diff := cmp.Diff(want, d.s.Vars); diff != "" {
		t.Error(diff)
	}
	if l := d.s.Leg(1); len(l.Frames) != 0 || l.Visits["greet"] != 1 || l.Visits["menu"] != 0 || len(stateTimers(d.s)) != 0 {
		t.Errorf("after the return: %+v, timers %+v", l, d.s.Timers)
	}
	d.status(1, "completed", "CallDuration", "9").logged("session 7 one/8").outcome("completed")
}

func TestRunReturnsNothing(t *testing.T) {
	t.Parallel()
	inMenu(t).act(1, "Digits", "2").state(1, "done").hears(1, "Got /0 and .")
	inMenu(t).act(1, "Digits", "").state(1, "done").hears(1, "Got /0 and .") // by next
}

func TestRunWithinRun(t *testing.T) {
	t.Parallel()
	d := inMenu(t).act(1, "Digits", "3").state(1, "ask").hears(1, "Your PIN please.")
	if got := stateTimers(d.s); !slices.Equal(got, []string{"greet", "pin", "ask"}) {
		t.Errorf("timers of the states that stay entered: %q", got)
	}
	d.send(engine.Event{Kind: engine.KindSignal, Name: "note"}).state(1, "ask")
	if d.s.Vars["n"] != 8.0 || d.s.Leg(1).Frames[0].Vars["n"] != 8.0 {
		t.Errorf("the variables of the flow around: %v, of the inner one: %v", d.s.Vars, d.s.Leg(1).Frames[0].Vars)
	}
	d.act(1, "Digits", "1234").state(1, "menu").hears(1, "Menu of support 15 +15550001111 2.")
	if got := stateTimers(d.s); !slices.Equal(got, []string{"greet", "menu"}) {
		t.Errorf("timers: %q", got)
	}
	if got := engine.Signals(d.c, d.s); !slices.Equal(got, []string{"out", "note"}) {
		t.Errorf("signals that are offered: %q", got)
	}
}

func TestRunIsLeftByTheStateAround(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(d *driver){
		"a signal": func(d *driver) { d.send(engine.Event{Kind: engine.KindSignal, Name: "out"}) },
		"its time": func(d *driver) { d.wait(5 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := inMenu(t).act(1, "Digits", "3").act(1, "Digits", "1").state(1, "menu").act(1, "Digits", "4").state(1, "mail")
			leave(d)
			d.state(1, "slow").hears(1, "Too slow, 7.")
			if e := d.take(engine.RedirectCall); e.Turn != d.s.Leg(1).Turn || len(d.s.Leg(1).Frames) != 0 || len(stateTimers(d.s)) != 0 {
				t.Errorf("redirect %+v, leg %+v, timers %+v", e, d.s.Leg(1), d.s.Timers)
			}
			visit := d.s.Leg(1).Visit
			d.hook(engine.KindHanded, 1, d.s.Leg(1).Turn, "CallStatus", "in-progress").act(1, "Digits", "1").state(1, "greet").act(1).state(1, "menu")
			if d.s.Leg(1).Visit <= visit || d.s.Leg(1).Frames[0].Vars["n"] != 8.0 {
				t.Errorf("a run begins anew: %+v", d.s.Leg(1).Frames[0])
			}
		})
	}
}

func TestRunInnerTimersAndHangup(t *testing.T) {
	t.Parallel()
	d := inMenu(t).wait(time.Minute).state(1, "menu").hears(1, "Menu of support 15 +15550001111 2.")
	d.status(1, "completed", "CallDuration", "70").logged("gone 7 1").outcome("completed")
	d = inMenu(t).act(1, "Digits", "3").wait(2 * time.Minute)
	d.take(engine.HangupCall)
	if got := stateTimers(d.s); len(got) != 0 {
		t.Errorf("timers of a leg that is hung up: %q", got)
	}
}

func TestRunLateNewsGoesToItsFrame(t *testing.T) {
	t.Parallel()
	d := inMenu(t).act(1, "Digits", "4").state(1, "mail").hears(1, "<Record")
	turn := d.s.Leg(1).Turn
	d.act(1, "RecordingUrl", "https://api.twilio.com/RE1", "RecordingDuration", "3").state(1, "done")
	d.hook(engine.KindRec, 1, turn, "RecordingStatus", "completed", "RecordingUrl", "https://api.twilio.com/RE1", "RecordingSid", "RE1")
	d.logged("url https://api.twilio.com/RE1 8 support").state(1, "done")
}

func TestRunListOfAnInnerFlowOutlivesIt(t *testing.T) {
	t.Parallel()
	for _, left := range []bool{false, true} {
		d := inMenu(t).act(1, "Digits", "7")
		e := d.take(engine.HTTPCall)
		if left {
			d.send(engine.Event{Kind: engine.KindSignal, Name: "out"}).state(1, "slow")
		}
		d.result(e, engine.Result{OK: true, Status: 204}).logged("reply 204 n 108")
		switch {
		case left:
			d.state(1, "slow")
		default:
			d.state(1, "ask-api").hears(1, "Thanks.")
			if d.s.Leg(1).Frames[0].Vars["n"] != 108.0 {
				t.Errorf("variables: %v", d.s.Leg(1).Frames[0].Vars)
			}
		}
		if _, saved := d.s.Vars["reply"]; saved || d.s.Vars["n"] != 7.0 {
			t.Errorf("the session's own variables: %v", d.s.Vars)
		}
	}
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	inMenu(t).act(1, "Digits", "6").state(1, "done").hears(1, "Got failed 0 and .")
	bad := strings.Replace(mainFlow, `team: "${input.team}"`, `team: x, mode: "${input.team}"`, 1)
	set, diags := schema.Load(map[string][]byte{"main.yaml": []byte(bad), "ask.yaml": []byte(askFlow), "pin.yaml": []byte(pinFlow)}, nil)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	drive(t, set.Closures["main"]).inbound().act(1).state(1, "done").hears(1, "Got failed 0 and .")
}

const whoMainFlow = `
flow: amd
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
signals: {look: {label: Look}, send: {label: Send}}
start: [{call: {leg: callee, to: "+15550000009", machine_detection: Enable, async_amd: true, state: check}}]
on:
  signal.look: [{log: "callee in ${legs.callee.state}"}, {move: {leg: callee, state: check}}]
  signal.send: [{move: {leg: callee, state: bye}}]
states:
  check: {run: {flow: who}, on: {human: [{log: never}], hung-up: [{log: "gone from ${leg.state}"}]}, next: bye}
  bye: {prompt: "Bye ${visits('check')}.", next: hangup}
`

const whoFlow = `
flow: who
answer: {leg: party, state: ask}
states:
  ask: {do: [{log: "in ${legs.party.state} ${leg.state}"}], prompt: Hello., amd: {}, next: talk}
  talk: {prompt: "Talk to ${legs.party.answered_by}.", hold: {}, after: {1m: return}}
`

func TestRunOnACalledLeg(t *testing.T) {
	t.Parallel()
	called := func(t *testing.T) *driver {
		set, diags := schema.Load(map[string][]byte{"amd.yaml": []byte(whoMainFlow), "who.yaml": []byte(whoFlow)}, func(string) (string, bool) { return "+15005550006", true })
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		d := drive(t, set.Closures["amd"]).send(engine.Event{Kind: engine.KindBegin, Data: engine.Values{}})
		d.result(d.take(engine.PlaceCall), engine.Result{OK: true, SID: "CA1"})
		return d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress").logged("in ask ask").state(1, "ask")
	}
	d := called(t).press("look").logged("callee in check").state(1, "ask") // it is in check already
	d.hook(engine.KindAMD, 1, 0, "AnsweredBy", "human").state(1, "talk").hears(1, "Talk to human.")
	d.status(1, "completed", "CallDuration", "9").logged("gone from check").outcome("completed")
	d = called(t).press("send").state(1, "bye").hears(1, "Bye 1.")
	if len(d.s.Leg(1).Frames) != 0 {
		t.Errorf("a leg that was moved is in no other flow: %+v", d.s.Leg(1).Frames)
	}
}

func TestReturnWithoutARun(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "pin.yaml", pinFlow)).inbound().act(1, "Digits", "1234").hears(1, "<Hangup/>")
	d.status(1, "completed", "CallDuration", "3").outcome("completed")
}

func TestRunIsPinnedWithItsFlows(t *testing.T) {
	t.Parallel()
	c := mainClosure(t)
	again, err := schema.Compile(c.Source, func(string) (string, bool) { return "x", true })
	if err != nil {
		t.Fatal(err)
	}
	if again.ID != c.ID || len(again.Subs) != 2 || again.Subs["pin"].States["ask"] == nil {
		t.Errorf("got %s with %d flows, want %s", again.ID, len(again.Subs), c.ID)
	}
}

// stateTimers are the names of the armed timers of states, in the order of their arming.
func stateTimers(s *engine.Session) []string {
	var names []string
	for _, t := range s.Timers {
		if t.Scope == engine.ScopeState {
			names = append(names, t.Name)
		}
	}
	return names
}
