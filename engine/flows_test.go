package engine_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
)

func TestMenuKeysAndTries(t *testing.T) {
	t.Parallel()
	d := drive(t, load(t, "menu.yaml")).inbound()
	d.state(1, "main").hears(1, `<Gather input="dtmf speech"`, `numDigits="1"`, `actionOnEmptyResult="true"`, "Welcome to Owl Supplies", "<Redirect>/t/s1/1/1/end#")
	d.act(1, "Digits", "").state(1, "main").hears(1, "Sorry, I did not get that.", "/t/s1/1/2/act")
	d.act(1, "Digits", "*").state(1, "main")
	if d.s.Leg(1).Visit != 2 || d.s.Leg(1).Tries.Count != 0 {
		t.Errorf("star begins anew: %+v", d.s.Leg(1))
	}
	d.act(1, "SpeechResult", "I want to BUY, please").state(1, "sales").hears(1, "<Dial", "+15005550101", "statusCallback=\"/t/s1/2/0/status")
	d.status(2, "ringing", "CallSid", "CA2", "SequenceNumber", "1")
	d.act(1, "DialCallStatus", "busy", "DialCallSid", "CA2").state(1, "voicemail").hears(1, "<Record", `recordingStatusCallback="/t/s1/1/5/rec`)
	if l := d.s.Leg(2); l.Result != "busy" || !l.Gone() {
		t.Errorf("the dialled party: %+v", l)
	}
	d.hook(engine.KindAct, 1, 5, "CallStatus", "completed", "Digits", "hangup", "RecordingUrl", "https://api.twilio.com/RE1", "RecordingDuration", "7")
	if d.s.Condition != engine.SessionClosing {
		t.Errorf("the recording is still to come: %s %+v", d.s.Condition, d.s.Awaited)
	}
	d.hook(engine.KindRec, 1, 5, "RecordingStatus", "completed", "RecordingUrl", "https://api.twilio.com/RE1", "RecordingSid", "RE1")
	m := d.take(engine.SendMessage)
	if m.Params["To"] != "+15005550104" || m.Params["Body"] != "Message from +15550001111: https://api.twilio.com/RE1" {
		t.Errorf("message: %v", m.Params)
	}
	d.outcome("completed")
	d.result(m, engine.Result{OK: true, SID: "SM1"})
	if e := d.last.Trace[len(d.last.Trace)-1]; e.What != "late" || e.Effect != m.ID || e.Fields["sid"] != "SM1" {
		t.Errorf("what became of the message: %+v", e)
	}
}

func TestMenuNobodyAnswersThePrompts(t *testing.T) {
	t.Parallel()
	d := drive(t, load(t, "menu.yaml")).inbound()
	d.act(1, "Digits", "").act(1, "Digits", "7").act(1, "Digits", "")
	d.state(1, "operator").hears(1, "+15005550103")
	d.act(1, "DialCallStatus", "completed", "DialCallSid", "CA9", "DialCallDuration", "12")
	d.hears(1, "<Hangup/>")
	d.status(1, "completed", "CallDuration", "40").outcome("completed")
}

func TestClickToCall(t *testing.T) {
	t.Parallel()
	c := load(t, "click-to-call.yaml")
	start := func(t *testing.T) (*driver, engine.Effect) {
		d := drive(t, c).send(engine.Event{Kind: engine.KindBegin, Data: engine.Values{"agent": "+15550000001", "customer": "+15550000002"}})
		return d, d.take(engine.PlaceCall)
	}
	t.Run("talk", func(t *testing.T) {
		t.Parallel()
		d, e := start(t)
		d.send(engine.Event{Kind: engine.KindSent, Effect: e.ID})
		d.result(e, engine.Result{OK: true, SID: "CA1"})
		d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress")
		d.state(1, "connect").hears(1, "Connecting you to", "<Number", "+15550000002", `timeLimit="3600"`)
		d.status(2, "in-progress", "CallSid", "CA2")
		d.status(2, "completed", "CallDuration", "9")
		d.act(1, "DialCallStatus", "completed", "DialCallSid", "CA2", "DialCallDuration", "9").hears(1, "<Hangup/>")
		d.status(1, "completed", "CallDuration", "20").outcome("completed")
	})
	t.Run("the agent does not answer", func(t *testing.T) {
		t.Parallel()
		d, e := start(t)
		d.result(e, engine.Result{OK: true, SID: "CA1"})
		d.status(1, "no-answer").outcome("agent-unreachable")
	})
	t.Run("the request is refused", func(t *testing.T) {
		t.Parallel()
		d, e := start(t)
		d.result(e, engine.Result{Status: 400, Code: 21211, Reason: "refused"}).outcome("agent-unreachable")
	})
	t.Run("not placed, placed again as another leg", func(t *testing.T) {
		t.Parallel()
		d, e := start(t)
		d.send(engine.Event{Kind: engine.KindSent, Effect: e.ID})
		d.result(e, engine.Result{Reason: "not-placed"})
		again := d.take(engine.PlaceCall)
		if again.Leg != 2 || d.s.LegNamed("agent").Number != 2 {
			t.Errorf("placed again: %+v", again)
		}
	})
	t.Run("the customer is busy", func(t *testing.T) {
		t.Parallel()
		d, e := start(t)
		d.result(e, engine.Result{OK: true, SID: "CA1"})
		d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress")
		d.act(1, "DialCallStatus", "busy", "DialCallSid", "CA2").hears(1, "nobody picked up", "<Hangup/>")
		d.status(1, "completed").outcome("completed")
	})
	t.Run("the agent hangs up while the customer rings", func(t *testing.T) {
		t.Parallel()
		for _, statusFirst := range []bool{true, false} {
			d, e := start(t)
			d.result(e, engine.Result{OK: true, SID: "CA1"})
			d.hook(engine.KindStart, 1, 0, "CallStatus", "in-progress")
			d.status(2, "ringing", "CallSid", "CA2")
			turn := d.s.Leg(1).Turn
			act := func() {
				d.hook(engine.KindAct, 1, turn, "CallStatus", "completed", "DialCallStatus", "canceled", "DialCallSid", "CA2")
			}
			if statusFirst {
				d.status(1, "completed", "CallDuration", "5")
				act()
			} else {
				act()
				d.status(1, "completed", "CallDuration", "5")
			}
			d.outcome("completed")
		}
	})
}

func TestPrepaidWatch(t *testing.T) {
	t.Parallel()
	c := load(t, "prepaid-watch.yaml")
	talk := func(t *testing.T, balance string) *driver {
		d := drive(t, c).inbound("number", "+15550002222", "To", "app")
		if d.s.Leg(1).Held == "" || d.s.Leg(1).Turn != 0 {
			t.Fatalf("the answer waits for the balance: %+v", d.s.Leg(1))
		}
		e := d.take(engine.HTTPCall)
		if e.HTTP.Method != "GET" || e.HTTP.URL != "https://billing.example.com/accounts/%2B15550001111" {
			t.Errorf("request: %+v", e.HTTP)
		}
		d.result(e, engine.Result{OK: true, Status: 200, Body: map[string]any{"balance": balance}})
		d.state(1, "talk").hears(1, `answerOnBridge="true"`, "+15550002222")
		if d.s.Leg(1).By != (engine.Asked{Kind: engine.KindInbound}) {
			t.Errorf("the document answers the first request: %+v", d.s.Leg(1).By)
		}
		d.none(engine.RedirectCall)
		d.now = d.now.Add(5 * time.Second)
		return d.status(2, "in-progress", "CallSid", "CA2")
	}
	t.Run("charged", func(t *testing.T) {
		t.Parallel()
		d := talk(t, "0.20") // two minutes
		d.wait(89 * time.Second).none(engine.HTTPCall)
		d.wait(time.Second)
		e := d.take(engine.HTTPCall)
		if e.HTTP.Body != `{"account":"+15550001111","amount":5}` {
			t.Errorf("charge: %s", e.HTTP.Body)
		}
		d.none(engine.HTTPCall) // one meter.low, one charge
		d.result(e, engine.Result{OK: true, Status: 200})
		d.wait(40 * time.Minute).none(engine.RedirectCall)
		d.wait(20 * time.Minute) // 52 minutes are bought
		d.result(d.take(engine.HTTPCall), engine.Result{OK: true, Status: 402})
		d.state(1, "out-of-credit")
		r := d.take(engine.RedirectCall)
		if r.Leg != 1 {
			t.Errorf("redirect: %+v", r)
		}
		d.hears(1, "we could not charge your card")
	})
	t.Run("charge hangs: grace, then empty", func(t *testing.T) {
		t.Parallel()
		d := talk(t, "0.10") // one minute
		d.wait(30 * time.Second)
		d.take(engine.HTTPCall)
		d.wait(39*time.Second).state(1, "talk")
		d.wait(time.Second).state(1, "out-of-credit")
		d.take(engine.RedirectCall)
	})
	t.Run("no account", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).inbound("number", "+15550002222")
		d.result(d.take(engine.HTTPCall), engine.Result{OK: true, Status: 404}).hears(1, "Your balance is too low", "<Hangup/>")
	})
	t.Run("slow balance: the call keeps ringing, then goes on", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).inbound("number", "+15550002222")
		e := d.take(engine.HTTPCall)
		d.send(engine.Event{Kind: engine.KindPark, Leg: 1, Turn: 0})
		d.hears(1, "<Pause", "/t/s1/1/1/loop")
		d.result(e, engine.Result{OK: true, Status: 200, Body: map[string]any{"balance": 3}})
		d.state(1, "talk")
		if r := d.take(engine.RedirectCall); r.Turn != 2 {
			t.Errorf("redirect: %+v", r)
		}
	})
	t.Run("hang-up while the balance is asked, known later", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).inbound("number", "+15550002222")
		d.result(d.take(engine.HTTPCall), engine.Result{OK: true, Status: 200, Body: map[string]any{"balance": "0.10"}})
		d.state(1, "talk").status(1, "no-answer")
		d.status(2, "in-progress", "CallSid", "CA2").wait(time.Minute).none(engine.HTTPCall)
		d.outcome("completed")
	})
	t.Run("ended while the last action of a call is awaited", func(t *testing.T) {
		t.Parallel()
		d := talk(t, "1.00")
		d.status(1, "completed", "CallDuration", "9")
		if d.s.Leg(1).Condition != engine.LegSettling {
			t.Fatalf("leg: %s", d.s.Leg(1).Condition)
		}
		d.send(engine.Event{Kind: engine.KindDelete}).wait(10 * time.Second).outcome("deleted")
	})
	t.Run("hang-up while the balance is asked", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).inbound("number", "+15550002222")
		e := d.take(engine.HTTPCall)
		d.status(1, "canceled")
		d.result(e, engine.Result{OK: true, Status: 200, Body: map[string]any{"balance": "3"}}).outcome("completed")
	})
}

func TestHoldLoop(t *testing.T) {
	t.Parallel()
	c := load(t, "hold-loop.yaml")
	talk := func(t *testing.T) *driver {
		d := drive(t, c).inbound()
		d.state(1, "talk").hears(1, "<Conference", "rd-s1-line", `participantLabel="l1t1"`)
		d.result(d.take(engine.PlaceCall), engine.Result{OK: true, SID: "CA2"})
		d.hook(engine.KindStart, 2, 0, "CallStatus", "in-progress").state(2, "agent-in")
		room := func(seq, event, sid string) {
			d.send(engine.Event{Kind: engine.KindRoom, Room: "line", Fields: map[string]string{"ConferenceSid": "CF1", "SequenceNumber": seq, "StatusCallbackEvent": event, "CallSid": sid}})
		}
		room("1", "participant-join", "CA1")
		room("2", "participant-join", "CA2")
		return d
	}
	t.Run("hold and resume", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "hold"}).state(1, "on-hold").hears(1, "hold.mp3", "/loop")
		if r := d.take(engine.RedirectCall); r.Turn != 2 {
			t.Errorf("redirect: %+v", r)
		}
		d.send(engine.Event{Kind: engine.KindHanded, Leg: 1, Turn: 2})
		d.send(engine.Event{Kind: engine.KindSignal, Name: "resume"}).state(1, "talk").hears(1, "<Conference")
		d.take(engine.RedirectCall)
	})
	t.Run("hold in the room", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "room-hold"}).state(1, "in-room").none(engine.RedirectCall)
		if e := d.take(engine.UpdateParticipant); e.Params["Hold"] != "true" || e.Params["HoldUrl"] == "" {
			t.Errorf("hold: %v", e.Params)
		}
		d.send(engine.Event{Kind: engine.KindSignal, Name: "resume"}).state(1, "talk").none(engine.RedirectCall)
		if e := d.take(engine.UpdateParticipant); e.Params["Hold"] != "false" {
			t.Errorf("resume: %v", e.Params)
		}
	})
	t.Run("the agent hangs up while the caller is on the way back", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "hold"})
		d.take(engine.RedirectCall)
		d.send(engine.Event{Kind: engine.KindHanded, Leg: 1, Turn: 2}).send(engine.Event{Kind: engine.KindSignal, Name: "resume"})
		d.take(engine.RedirectCall)
		d.hook(engine.KindAct, 2, d.s.Leg(2).Turn, "CallStatus", "completed", "DialCallStatus", "answered").state(1, "talk").none(engine.HangupCall)
		d.send(engine.Event{Kind: engine.KindHanded, Leg: 1, Turn: 3})
		d.take(engine.HangupCall)
	})
	t.Run("the agent does not answer", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).inbound()
		d.result(d.take(engine.PlaceCall), engine.Result{OK: true, SID: "CA2"})
		d.status(2, "busy").state(1, "away").hears(1, "Nobody is there")
		d.take(engine.RedirectCall)
	})
	t.Run("the agent hangs up while the caller is on hold", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "hold"})
		d.hook(engine.KindAct, 2, d.s.Leg(2).Turn, "CallStatus", "completed", "DialCallStatus", "answered").state(1, "away")
	})
	t.Run("the agent hangs up: the caller leaves the room alone", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.hook(engine.KindAct, 2, d.s.Leg(2).Turn, "CallStatus", "completed", "DialCallStatus", "answered")
		if e := d.take(engine.HangupCall); e.Leg != 1 {
			t.Errorf("hang-up: %+v", e)
		}
		d.status(1, "completed").outcome("completed")
	})
	t.Run("the caller gives up while the agent rings", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).inbound()
		d.result(d.take(engine.PlaceCall), engine.Result{OK: true, SID: "CA2"})
		d.status(1, "completed").wait(3 * time.Second)
		if e := d.take(engine.HangupCall); e.Leg != 2 {
			t.Errorf("the agent's phone goes on ringing: %+v", e)
		}
		d.status(2, "canceled").outcome("completed")
	})
	t.Run("the caller gives up while nobody knows whether the agent was called", func(t *testing.T) {
		t.Parallel()
		d := drive(t, c).inbound()
		e := d.take(engine.PlaceCall)
		d.send(engine.Event{Kind: engine.KindSent, Effect: e.ID})
		d.status(1, "completed").wait(3 * time.Second)
		d.take(engine.HangupCall)
		d.result(e, engine.Result{Reason: "not-placed"}).none(engine.PlaceCall)
		d.outcome("completed")
	})
	t.Run("hold for too long", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.send(engine.Event{Kind: engine.KindSignal, Name: "hold"}).wait(30*time.Minute).state(1, "away")
	})
	t.Run("session takes too long", func(t *testing.T) {
		t.Parallel()
		d := talk(t)
		d.wait(4 * time.Hour)
		if d.s.Condition != engine.SessionEnding {
			t.Errorf("session: %s", d.s.Condition)
		}
		d.status(1, "completed").status(2, "completed").outcome("too-long")
	})
}
