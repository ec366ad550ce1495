package engine_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// rejoinFlow has a charge that may take longer than the money lasts.
const rejoinFlow = `
flow: rejoin
env: [BILLING_URL]
defaults: {from: "+15005550006"}
answer: place
vars: {rate: 0.10, why: ""}
states:
  place:
    do: [{call: {leg: callee, to: "+15550002222", timeout: 30s, state: far}}]
    next: talk
  talk:
    prompt: One moment.
    conference: {room: line, end_on_exit: true}
    meter: {leg: callee, balance: 0.20, rate: "${vars.rate}", per: 1m, warn: 5s, strategy: rejoin}
    on:
      meter.low:
        - http: {post: "${env.BILLING_URL}/charges", json: {amount: 1}, timeout: 60s, save: charge}
        - credit: 0.10
          if: vars.charge.ok
        - credit: 0.20
          if: vars.charge.ok
      meter.empty: empty
      left:
        - set: {why: "${event.reason}"}
        - goto: gone
    next: hangup
  far:
    conference: {room: line}
    next: hangup
  gone: {prompt: "You left, ${vars.why}.", next: hangup}
  empty: {prompt: Nothing is left., next: hangup}
`

// talking brings the rejoin flow to where caller (leg 1) and callee (leg 2) talk, ten
// seconds after the caller joined: 0.20 buys 120 seconds, the document's limit is 150.
func talkingRejoin(t *testing.T) *driver {
	t.Helper()
	d := drive(t, compile(t, "rejoin.yaml", rejoinFlow)).inbound()
	e := d.take(engine.PlaceCall)
	d.state(1, "talk").hears(1, "One moment.", `timeLimit="150"`, `endConferenceOnExit="true"`)
	d.result(e, engine.Result{OK: true, SID: "CA2"})
	d.room("participant-join", 1, 1).wait(10 * time.Second)
	d.hook(engine.KindStart, 2, 0, "CallStatus", "in-progress").state(2, "far")
	if strings.Contains(d.doc(2), "timeLimit") || strings.Contains(d.doc(2), "endConference") {
		t.Errorf("the limit is the caller's: %s", d.doc(2))
	}
	return d.room("conference-start", 0, 2).room("participant-join", 2, 3)
}

// room sends a conference callback about a leg's stay of now.
func (d *driver) room(event string, leg, seq int) *driver {
	d.t.Helper()
	f := map[string]string{"StatusCallbackEvent": event, "ConferenceSid": "CF1", "SequenceNumber": strconv.Itoa(seq)}
	if l := d.s.Leg(leg); l != nil {
		f["CallSid"], f["ParticipantLabel"] = l.SID, "l"+strconv.Itoa(leg)+"t"+strconv.Itoa(l.Turn)
	}
	return d.send(engine.Event{Kind: engine.KindRoom, Room: "line", Fields: f})
}

func (d *driver) members(want ...string) *driver {
	d.t.Helper()
	for i, m := range d.s.Room("line").Members {
		if m.State != want[i] {
			d.t.Errorf("member %d of the room is %s, want %s", i+1, m.State, want[i])
		}
	}
	return d
}

func charged(d *driver) *driver {
	d.t.Helper()
	return d.result(d.take(engine.HTTPCall), engine.Result{OK: true, Status: 200, Body: map[string]any{}})
}

func TestRejoinWithCredit(t *testing.T) {
	t.Parallel()
	d := talkingRejoin(t)
	d.wait(115 * time.Second)
	charged(d) // 0.50 in all: 300 s, in two credits of one list
	d.none(engine.UpdateParticipant).wait(20*time.Second - time.Millisecond).none(engine.UpdateParticipant)
	d.wait(time.Millisecond) // 5 s before the limit
	e := d.take(engine.UpdateParticipant)
	if e.Params["EndConferenceOnExit"] != "false" || len(e.Verify) != 1 {
		t.Errorf("the room outlives the caller: %+v", e)
	}
	d.result(e, engine.Result{OK: true}).wait(5 * time.Second)
	// Whose news comes first does not matter: nobody is told that the caller left.
	d.room("participant-leave", 1, 4).members(engine.MemberTransit, engine.MemberIn)
	visit := d.s.Leg(1).Visit
	d.act(1).state(1, "talk").hears(1, `timeLimit="160"`, `beep="false"`, `participantLabel="l1t2"`)
	if strings.Contains(d.doc(1), "One moment") || d.s.Leg(1).Visit != visit {
		t.Errorf("back without prompt, in the same visit: %s", d.doc(1))
	}
	d.none(engine.RedirectCall).none(engine.HTTPCall).room("participant-join", 1, 5).members(engine.MemberIn, engine.MemberIn)
	// The money ends: 300 s after the answer, when Twilio asks again.
	d.wait(155 * time.Second)
	d.result(d.take(engine.HTTPCall), engine.Result{Status: 402, OK: true, Body: map[string]any{}})
	d.wait(5*time.Second).none(engine.UpdateParticipant).act(2).hears(2, "<Hangup/>")
	d.act(1).state(1, "empty").hears(1, "Nothing is left.")
}

func TestRejoinOrderAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, far := range []string{"act first", "gone first", "last"} {
		d := talkingRejoin(t).wait(115 * time.Second)
		charged(d)
		d.wait(25 * time.Second).act(1).wait(155 * time.Second)
		d.result(d.take(engine.HTTPCall), engine.Result{Status: 402, OK: true, Body: map[string]any{}})
		d.wait(4900 * time.Millisecond)
		if far != "last" {
			d.act(2)
		}
		if far == "gone first" {
			d.status(2, "completed", "CallDuration", "300")
		}
		d.act(1).state(1, "empty").none(engine.HangupCall)
	}
}

func TestRejoinWhenTheRoomEnded(t *testing.T) {
	t.Parallel()
	for _, first := range []int{1, 2} {
		d := talkingRejoin(t).wait(115 * time.Second)
		charged(d)
		d.wait(20 * time.Second)
		d.result(d.take(engine.UpdateParticipant), engine.Result{Reason: "not-shown"})
		d.wait(5 * time.Second)
		d.act(first).room("conference-end", 0, 9).act(3 - first)
		d.state(1, "talk").hears(1, "<Conference").state(2, "far").hears(2, "<Conference", `beep="false"`)
		d.members(engine.MemberTransit, engine.MemberTransit)
	}
}

func TestRejoinWithoutCredit(t *testing.T) {
	t.Parallel()
	t.Run("the document's limit covers the ringing: the engine acts", func(t *testing.T) {
		t.Parallel()
		d := talkingRejoin(t).wait(115 * time.Second)
		d.result(d.take(engine.HTTPCall), engine.Result{Status: 402, OK: true, Body: map[string]any{}})
		d.wait(5*time.Second).state(1, "empty")
		if e := d.take(engine.UpdateParticipant); e.Params["EndConferenceOnExit"] != "false" {
			t.Errorf("a move does not end the room: %+v", e)
		}
		d.take(engine.RedirectCall)
	})
	t.Run("an end long before the limit is an ordinary one", func(t *testing.T) {
		t.Parallel()
		d := talkingRejoin(t).wait(30*time.Second).act(1).state(1, "gone").hears(1, "You left, .")
		d.act(2).hears(2, "<Hangup/>")
	})
	t.Run("kicked at the limit", func(t *testing.T) {
		t.Parallel()
		d := talkingRejoin(t).wait(115 * time.Second)
		charged(d)
		d.wait(25 * time.Second)
		d.s.Room("line").Members[0].Reason = "kicked"
		d.act(1).state(1, "gone").hears(1, "You left, kicked.")
	})
}

func TestRejoinParks(t *testing.T) {
	t.Parallel()
	// Both are in the second round, whose limit is the end of the money.
	start := func(t *testing.T) *driver {
		d := talkingRejoin(t).wait(115 * time.Second)
		charged(d)
		d.wait(25*time.Second).act(1).room("participant-join", 1, 5).wait(160 * time.Second)
		d.act(1).hears(1, "/1/3/loop").act(2).hears(2, "<Conference")
		return d.state(1, "talk")
	}
	t.Run("credit in the grace", func(t *testing.T) {
		t.Parallel()
		d := start(t).wait(9 * time.Second)
		charged(d)
		d.state(1, "talk").hears(1, "<Conference", `timeLimit="171"`)
		d.take(engine.RedirectCall)
	})
	t.Run("no credit", func(t *testing.T) {
		t.Parallel()
		d := start(t).wait(3 * time.Second)
		d.result(d.take(engine.HTTPCall), engine.Result{Status: 402, OK: true, Body: map[string]any{}}).state(1, "empty")
		d.take(engine.RedirectCall)
	})
	t.Run("no answer", func(t *testing.T) {
		t.Parallel()
		d := start(t).wait(9*time.Second).state(1, "talk").wait(time.Second).state(1, "empty")
		charged(d) // too late
		d.state(1, "empty")
	})
	t.Run("the callee hangs up", func(t *testing.T) {
		t.Parallel()
		d := start(t).wait(3*time.Second).status(2, "completed", "CallDuration", "300").status(2, "completed")
		d.hook(engine.KindAct, 2, d.s.Leg(2).Turn, "CallStatus", "completed")
		d.state(1, "gone").hears(1, "limit")
	})
}

func TestRejoinWhileItRings(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "rejoin.yaml", rejoinFlow)).inbound()
	d.result(d.take(engine.PlaceCall), engine.Result{OK: true, SID: "CA2"})
	d.wait(145 * time.Second)
	d.take(engine.UpdateParticipant)
	d.wait(5*time.Second).act(1).state(1, "talk").hears(1, `timeLimit="120"`)
	d.hook(engine.KindStart, 2, 0, "CallStatus", "in-progress")
	if m := d.s.Meter; !m.End.Equal(d.now.Add(2 * time.Minute)) {
		t.Errorf("the money counts from the answer: %+v", m)
	}
}

// Twilio may count the limit from the beginning of the conference.
func TestRejoinCountedFromTheStart(t *testing.T) {
	t.Parallel()
	d := talkingRejoin(t).wait(115 * time.Second)
	charged(d)
	d.wait(35 * time.Second) // 150 s after the beginning
	d.take(engine.UpdateParticipant)
	d.act(1).hears(1, `timeLimit="150"`)
	// The second limit has passed already when it is given out: the room ends at once.
	d.wait(200*time.Millisecond).act(1).act(2).state(1, "talk").hears(1, `timeLimit="149"`).hears(2, "<Conference")
	if !d.s.Meter.FromStart {
		t.Error("it has learned how Twilio counts")
	}
}

func TestMeterTimersAfterAnOutage(t *testing.T) {
	t.Parallel()
	d := talkingRejoin(t)
	gen := func(name string) int64 {
		for _, timer := range d.s.Timers {
			if timer.Name == name {
				return timer.Gen
			}
		}
		t.Fatalf("%s is not armed", name)
		return 0
	}
	d.now = d.now.Add(5 * time.Minute)
	d.send(engine.Event{Kind: engine.KindTimer, Gen: gen("meter-low"), Late: true}).none(engine.HTTPCall)
	d.send(engine.Event{Kind: engine.KindTimer, Gen: gen("meter-end"), Late: true})
	if at := d.s.Leg(2).CheckAt(); at.After(d.now) {
		t.Errorf("Twilio is to be asked about the calls now, not at %v", at)
	}
	d.status(2, "completed", "CallDuration", "100").status(1, "completed", "CallDuration", "110").wait(10 * time.Second)
	d.none(engine.HTTPCall).outcome("completed")
}

// A callback says itself when the conference began, however late it comes; a time that
// cannot be true counts for nothing.
func TestConferenceBeganByItsOwnWord(t *testing.T) {
	t.Parallel()
	for late, want := range map[time.Duration]time.Duration{0: 0, 6 * time.Second: 6 * time.Second, -time.Minute: 0, time.Hour: 0} {
		d := talkingRejoin(t).wait(10 * time.Second)
		stamp := d.now.Add(-late).Format(time.RFC1123Z)
		d.send(engine.Event{Kind: engine.KindRoom, Room: "line", Fields: map[string]string{
			"StatusCallbackEvent": "conference-start", "ConferenceSid": "CF1", "SequenceNumber": "9", "Timestamp": stamp,
		}})
		if got := d.now.Sub(d.s.Room("line").Began).Truncate(time.Second); got != want {
			t.Errorf("news that says %s before it comes: began %v ago, want %v", late, got, want)
		}
	}
}
