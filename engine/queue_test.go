package engine_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twiml"
)

const queueFlow = `
flow: q
answer: queue
vars: {pressed: ""}
signals: {out: {}}
states:
  queue:
    prompt: Welcome.
    enqueue:
      queue: "line-${session.id}"
      music: ["You are number ${queue.position} of ${queue.size}, since ${seconds(queue.waited)} seconds.", {play: "https://example.com/m.mp3"}]
      choices: {1: other, 2: [{set: {pressed: "${event.digits}"}}], 3: ask, 9: hangup}
    on:
      answered: [{log: "taken by ${event.to}"}]
      completed: [{log: "talked ${event.duration}, waited ${event.waited}"}, {goto: done}]
      full: full
      signal.out: other
    next: done
  other: {hold: {}, on: {signal.out: queue}, after: {10m: done}}
  full: {prompt: We are full., next: hangup}
  ask: {do: [{http: {get: "https://example.com", save: got}}], prompt: Thank you., next: [{log: "${vars.got.ok}"}]}
  done: {prompt: Goodbye., next: hangup}
`

// key presses keys in the wait of leg 1.
func (d *driver) key(number int64, keys string) *driver {
	d.t.Helper()
	return d.send(engine.Event{Kind: engine.KindWaitKey, Leg: 1, Turn: d.s.Leg(1).Turn, Gen: number, Fields: map[string]string{"CallSid": "CA1", "CallStatus": "in-progress", "Digits": keys}})
}

// waits gives the document of a round of the wait of leg 1, and checks it.
func (d *driver) waits() string {
	d.t.Helper()
	doc := engine.Wait(d.c, d.s, 1, d.s.Leg(1).Turn, engine.URLWait, map[string]string{"QueuePosition": "2", "CurrentQueueSize": "5", "QueueTime": "75", "AvgQueueTime": "60", "QueueSid": "QU1"})
	root, err := twiml.Parse(doc)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range twiml.Check(root, twiml.QueueWait) {
		d.t.Errorf("%+v in\n%s", p, doc)
	}
	return string(doc)
}

func TestEnqueue(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) *driver {
		d := drive(t, compile(t, "q.yaml", queueFlow)).inbound()
		return d.state(1, "queue").hears(1, "Welcome", `<Enqueue action="/t/s1/1/1/act`, `waitUrl="/t/s1/1/1/wait`, ">line-s1</Enqueue>")
	}
	t.Run("what is heard", func(t *testing.T) {
		t.Parallel()
		doc := begin(t).waits()
		for _, want := range []string{"You are number 2 of 5, since 75 seconds.", `numDigits="1"`, `action="/t/s1/1/1/wact-0#`, "m.mp3"} {
			if !strings.Contains(doc, want) {
				t.Errorf("no %q in %s", want, doc)
			}
		}
	})
	t.Run("a key that leads elsewhere", func(t *testing.T) {
		t.Parallel()
		d := begin(t).key(0, "1").state(1, "other")
		e := d.take(engine.RedirectCall)
		if got := e.NotBefore.Sub(d.now); got != 3*time.Second {
			t.Errorf("the redirect waits %v", got)
		}
		if l := d.s.Leg(1); l.Unqueued != (engine.Asked{Turn: 1, Kind: "wact-0"}) {
			t.Errorf("let out by %+v", l.Unqueued)
		}
		d.send(engine.Event{Kind: engine.KindHanded, Leg: 1, Turn: 2})
		if d.result(d.take(engine.UpdateCall), engine.Result{OK: true}); len(d.s.Pending) > 0 {
			t.Errorf("the redirect is still wanted: %+v", d.s.Pending)
		}
	})
	t.Run("a key that changes nothing for the leg, and its repetition", func(t *testing.T) {
		t.Parallel()
		d := begin(t).key(0, "2").state(1, "queue").none(engine.RedirectCall)
		if d.s.Vars["pressed"] != "2" || !d.s.Leg(1).AwaitsKey(1) || !strings.Contains(d.waits(), "/wact-1#") {
			t.Errorf("%+v %+v", d.s.Vars, d.s.Leg(1).Queued)
		}
		d.key(0, "1").state(1, "queue")
		d.key(1, "7").state(1, "queue").key(2, "1").state(1, "other")
	})
	t.Run("a key that hangs up", func(t *testing.T) {
		t.Parallel()
		d := begin(t).key(0, "9")
		d.take(engine.HangupCall)
		if d.s.Leg(1).Unqueued.IsZero() {
			t.Error("not let out")
		}
		d.hook(engine.KindAct, 1, 1, "CallStatus", "in-progress", "QueueResult", "leave").hears(1, "<Hangup/>")
		d.status(1, "completed").outcome("completed")
	})
	t.Run("moved by a signal, and back", func(t *testing.T) {
		t.Parallel()
		d := begin(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "out"}).state(1, "other")
		if e := d.take(engine.RedirectCall); !e.NotBefore.IsZero() {
			t.Errorf("%+v", e)
		}
		d.send(engine.Event{Kind: engine.KindSignal, Name: "out"}).state(1, "queue")
		if !d.s.Leg(1).AwaitsKey(0) {
			t.Errorf("%+v", d.s.Leg(1).Queued)
		}
	})
	t.Run("a talk", func(t *testing.T) {
		t.Parallel()
		d := begin(t)
		news := engine.Event{Kind: engine.KindBridged, Leg: 1, Fields: map[string]string{"To": "+15559990000"}}
		d.send(news).logged("taken by +15559990000")
		d.wait(90 * time.Second).send(news)
		if len(d.last.Trace) != 1 {
			t.Errorf("the repetition is news: %+v", d.last.Trace)
		}
		d.act(1, "QueueResult", "bridged", "QueueTime", "12").logged("talked 90, waited 12").state(1, "done")
	})
	t.Run("the caller gives up", func(t *testing.T) {
		t.Parallel()
		d := begin(t)
		d.act(1, "QueueResult", "hangup", "CallStatus", "completed").state(1, "queue").outcome("completed")
	})
	for result, state := range map[string]string{"queue-full": "full", "error": "done", "system-error": "done", "leave": "done", "redirected": "done", "bridging-in-process": "done"} {
		t.Run(result, func(t *testing.T) {
			t.Parallel()
			begin(t).act(1, "QueueResult", result).state(1, state)
		})
	}
	t.Run("on its way out", func(t *testing.T) {
		t.Parallel()
		d := begin(t).key(0, "3").state(1, "ask")
		if l := d.s.Leg(1); l.Turn != 1 || l.Held == "" || !l.Unqueued.IsZero() || l.AwaitsKey(1) {
			t.Errorf("%+v", l)
		}
		if doc := d.waits(); !strings.Contains(doc, "<Pause") || strings.Contains(doc, "m.mp3") {
			t.Errorf("it hears %s", doc)
		}
		d.send(engine.Event{Kind: engine.KindAssigned, Leg: 1, Fields: assigned("WR1")}).key(1, "1").state(1, "ask")
		d.result(d.take(engine.HTTPCall), engine.Result{OK: true, Status: 200}).hears(1, "Thank you.")
		if e := d.take(engine.RedirectCall); !e.NotBefore.IsZero() {
			t.Errorf("%+v", e)
		}
	})
	t.Run("no news of others", func(t *testing.T) {
		t.Parallel()
		d := begin(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "out"}).send(engine.Event{Kind: engine.KindBridged, Leg: 1}).state(1, "other")
		d.send(engine.Event{Kind: engine.KindAssigned, Leg: 1, Fields: assigned("WR1")})
		if d.s.Leg(1).Task != nil || d.s.Leg(1).Bridged {
			t.Errorf("%+v", d.s.Leg(1))
		}
	})
}

func TestDialQueue(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "a.yaml", `
flow: a
answer: agent
states:
  agent:
    dial: {to: "queue:support", timeout: 20s}
    on: {answered: [{log: "got ${event.to}"}], no-answer: nobody}
    next: nobody
  nobody: {prompt: Nobody waits., next: hangup}
`)).inbound().hears(1, `<Queue url="/t/s1/1/1/queue#`, ">support</Queue>")
	if len(d.s.Legs) != 1 {
		t.Errorf("the queue became a leg: %+v", d.s.Legs)
	}
	d.send(engine.Event{Kind: engine.KindBridged, Leg: 1, Turn: 1, Fields: map[string]string{"To": "+15550007777"}}).logged("got +15550007777")
	d.act(1, "DialCallStatus", "completed", "DialCallSid", "CA77").state(1, "nobody")
	for _, to := range []string{`["queue:a", "+15551234567"]`, `"${'queue:'}"`} {
		d := drive(t, compileLoose(t, `{flow: a, answer: b, states: {b: {dial: {to: `+strings.ReplaceAll(to, `"queue:a"`, `"${'queue:a'}"`)+`}, next: hangup}}}`)).inbound()
		d.hears(1, "something went wrong")
	}
}

// compileLoose compiles a flow in one line.
func compileLoose(t *testing.T, text string) *engine.Closure {
	t.Helper()
	return compile(t, "loose.yaml", text)
}

// assigned are the parameters of an assignment.
func assigned(reservation string) map[string]string {
	return map[string]string{
		"WorkspaceSid": "WS1", "TaskSid": "WT1", "ReservationSid": reservation, "WorkerSid": "WK1", "WorkflowSid": "WW1",
		"WorkerAttributes": `{"contact_uri": "client:ann", "name": "Ann", "skills": ["fr"]}`, "TaskAttributes": "{}",
	}
}

func (d *driver) assign(reservation string) string {
	d.t.Helper()
	d.send(engine.Event{Kind: engine.KindAssigned, Leg: 1, Fields: assigned(reservation), World: engine.World{Base: "https://rd.example"}})
	if task := d.s.Leg(1).Task; task != nil && task.Reservation == reservation {
		return string(task.Answer)
	}
	return ""
}

// updates gives the oldest effect on TaskRouter, as "reservation accepted".
func (d *driver) updates(kind engine.EffectKind) string {
	d.t.Helper()
	p := d.take(kind).Params
	if kind == engine.UpdateTask {
		return p["Workspace"] + " " + p["Task"] + " " + p["AssignmentStatus"]
	}
	return p["Workspace"] + " " + p["Task"] + " " + p["Reservation"] + " " + p["ReservationStatus"]
}

func TestSupportHold(t *testing.T) {
	t.Parallel()
	c := load(t, "support-hold.yaml")
	begin := func(t *testing.T) *driver {
		d := drive(t, c).inbound().state(1, "queue").hears(1, `workflowSid="WW00000000000000000000000000000001"`)
		root, err := twiml.Parse(d.s.Leg(1).Doc)
		if err != nil {
			t.Fatal(err)
		}
		var attributes map[string]any
		if err := json.Unmarshal([]byte(root.First("Enqueue").First("Task").Body()), &attributes); err != nil {
			t.Fatal(err)
		}
		if attributes["type"] != "support" || attributes["from"] != "+15550001111" || attributes["ringdown_session"] != "s1" || attributes["ringdown_leg"] != 1.0 {
			t.Errorf("attributes %v", attributes)
		}
		return d
	}
	ring := func(t *testing.T) *driver {
		d := begin(t)
		if answer := d.assign("WR1"); answer != "" {
			t.Errorf("answer %q", answer)
		}
		e := d.take(engine.PlaceCall)
		if e.Params["To"] != "client:ann" {
			t.Errorf("%v", e.Params)
		}
		d.assign("WR1") // the question comes twice
		return d.none(engine.PlaceCall).result(e, engine.Result{OK: true, SID: "CA2"})
	}
	talk := func(t *testing.T) *driver {
		d := ring(t).hook(engine.KindStart, 2, 0, "CallStatus", "in-progress").state(2, "with-caller").state(1, "talk")
		d.take(engine.UpdateCall)
		if d.effects[0].Kind != engine.UpdateReservation || d.effects[1].Kind != engine.RedirectCall || d.effects[0].Lane != d.effects[1].Lane {
			t.Errorf("accepted first, in one lane: %+v", d.effects)
		}
		if got := d.updates(engine.UpdateReservation); got != "WS1 WT1 WR1 accepted" {
			t.Error(got)
		}
		return d
	}
	t.Run("the caller hangs up", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.hook(engine.KindAct, 1, d.s.Leg(1).Turn, "CallStatus", "completed")
		if got := d.updates(engine.UpdateTask); got != "WS1 WT1 completed" {
			t.Error(got)
		}
		d.none(engine.UpdateTask)
	})
	t.Run("the agent declines", func(t *testing.T) {
		t.Parallel()
		d := ring(t).status(2, "busy").state(1, "queue")
		if got := d.updates(engine.UpdateReservation); got != "WS1 WT1 WR1 rejected" {
			t.Error(got)
		}
		d.assign("WR2")
		d.take(engine.PlaceCall)
	})
	t.Run("on hold the agent hangs up", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "hold"}).state(1, "on-hold")
		d.hook(engine.KindAct, 2, d.s.Leg(2).Turn, "CallStatus", "completed").state(1, "queue")
		if got := d.updates(engine.UpdateTask); got != "WS1 WT1 completed" {
			t.Error(got)
		}
	})
}

func TestAssignmentAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, on, want, rest string }{
		{"nobody handles it", "", `{"from":"+15005550006","instruction":"dequeue","status_callback_events":"answered","status_callback_url":"https://rd.example/taskrouter/status#ct=2000&rt=7000&rc=2&rp=all","to":"client:ann"}`, ""},
		{"accept", "assigned: [{task: {do: accept}}]", `{"instruction":"accept"}`, ""},
		{"reject with an activity", "assigned: [{task: {do: reject, activity: WA1}}]", `{"activity_sid":"WA1","instruction":"reject"}`, ""},
		{"reject", "assigned: [{task: {do: reject}}]", "", "WS1 WT1 WR1 rejected"},
		{"accept and leave", "assigned: [{task: {do: accept}}, {goto: b}]", `{"instruction":"accept"}`, ""},
		{"twice", "assigned: [{task: {do: accept}}, {task: {do: reject}}]", `{"instruction":"accept"}`, ""},
		{"the fields", `assigned: [{log: "${event.worker} ${event.worker_name} ${event.contact_uri} ${event.task} ${event.reservation} ${text(event.attributes.skills[0], '')}"}]`, "", ""},
		{"a fault", `assigned: [{log: "${list(event.attributes.skills, [])[7]}"}]`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, compile(t, "q.yaml", `
flow: q
env: [CALLER_ID]
defaults: {from: "${env.CALLER_ID}"}
vars: {n: 0}
answer: a
signals: {b: {}}
states:
  a: {enqueue: {workflow: WW00000000000000000000000000000001, priority: "${vars.n + 5}", task_timeout: 10m}, on: {signal.b: b, `+tt.on+`}, next: hangup}
  b: {hold: {}, after: {1m: a}}
`)).inbound().hears(1, `<Task priority="5" timeout="600">`)
			got := strings.ReplaceAll(d.assign("WR1"), `\u0026`, "&")
			if got != tt.want {
				t.Errorf("answer %s, want %s", got, tt.want)
			}
			if again := strings.ReplaceAll(d.assign("WR1"), `\u0026`, "&"); again != got {
				t.Errorf("the second time %s", again)
			}
			if tt.rest != "" {
				if rest := d.updates(engine.UpdateReservation); rest != tt.rest {
					t.Error(rest)
				}
			}
			d.none(engine.UpdateReservation)
		})
	}
}

func TestSignalToAnotherSession(t *testing.T) {
	t.Parallel()
	c := compile(t, "s.yaml", `
flow: s
signals: {ping: {data: {other: {type: text}}}}
start: [{timer: {name: end, after: 1h}}]
on:
  signal.ping: [{signal: {session: "${event.data.other}", name: ping, data: {n: 3, who: "${event.by}"}}}]
  timer.end: [{end: done}]
  error: [{log: "${event.reason}"}]
answer: a
states: {a: {prompt: Hi., next: hangup}}
`)
	d := drive(t, c).send(engine.Event{Kind: engine.KindBegin})
	ping := func(other string, hops int) {
		d.send(engine.Event{Kind: engine.KindSignal, Name: "ping", By: "s0", Hops: hops, Data: engine.Values{"other": other}})
	}
	ping("s2", 3)
	e := d.take(engine.SignalSession)
	if s := e.Signal; s.Session != "s2" || s.Name != "ping" || s.Hops != 4 || s.Data["n"] != 3.0 || s.Data["who"] != "s0" {
		t.Errorf("%+v", e.Signal)
	}
	d.result(e, engine.Result{Reason: "not-offered"}).logged("not-offered")
	ping("", 0)
	d.none(engine.SignalSession)
	ping("s2", 16)
	d.none(engine.SignalSession).logged("limit")
}
