package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/twilio"
)

func effect(id string, kind engine.EffectKind, leg int, params ...string) engine.Effect {
	e := engine.Effect{ID: id, Kind: kind, Lane: "misc", Leg: leg, Deadline: start().Add(time.Minute), Params: map[string]string{}}
	if leg > 0 {
		e.Lane = "leg-" + string(rune('0'+leg))
	}
	for i := 0; i < len(params); i += 2 {
		e.Params[params[i]] = params[i+1]
	}
	return e
}

func TestLanesKeepOrderAndAreIndependent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	w.answer = atFirst("update-call", 1, busy(3*time.Second))
	w.commit("s", nil, effect("2.0", engine.UpdateCall, 1, "TimeLimit", "60"), effect("2.1", engine.UpdateCall, 1, "StatusCallback", "/t/x"),
		effect("2.2", engine.SendMessage, 0, "To", "+1", "Body", "/hi"))
	w.clock.Advance(10 * time.Second)
	wantLines(t, w.timed("update", "create", "release"),
		"0s update-call CA1s TimeLimit=60", "0s release 2.0 1",
		"0s create-message Body=/hi To=+1",
		"3s update-call CA1s TimeLimit=60",
		"3s update-call CA1s StatusCallback=https://rd.example/t/x")
}

func TestDelayDeadlineAndFinishedByCommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	later := effect("2.0", engine.HangupCall, 1)
	later.NotBefore = start().Add(10 * time.Second)
	other := effect("2.1", engine.EndRoom, 0)
	other.Room, other.Lane, other.Deadline = "rd-s-elsewhere", "room-elsewhere", start().Add(9*time.Second)
	never := effect("2.2", engine.SendMessage, 0)
	never.NotBefore = start().Add(5 * time.Second)
	w.commit("s", nil, later, other, never)
	w.clock.Advance(2 * time.Second)
	w.commit("s", func(s *engine.Session) { s.Pending = s.Pending[:2] })
	w.clock.Advance(time.Minute)
	wantLines(t, w.timed("update", "create", "result"),
		"9s result 2.1 ok=true unknown=false dropped=false no-room", "10s update-call CA1s Status=completed",
		"10s result 2.0 ok=true unknown=false dropped=false ")
}

func TestSuperseding(t *testing.T) {
	t.Parallel()
	place := effect("2.0", engine.PlaceCall, 2, "To", "+2")
	first := effect("2.1", engine.RedirectCall, 1, "Url", "/a")
	first.Turn = 2
	second := effect("2.2", engine.RedirectCall, 1, "Url", "/b")
	second.Turn = 3
	handed := effect("2.3", engine.RedirectCall, 1, "Url", "/c")
	handed.Turn = 1
	for name, c := range map[string]struct {
		effects []engine.Effect
		want    []string
	}{
		"hang-up before the call is placed": {[]engine.Effect{place, effect("2.4", engine.HangupCall, 2)},
			[]string{"result 2.0 ok=false unknown=false dropped=true canceled", "result 2.4 ok=true unknown=false dropped=true gone"}},
		"newer redirect": {[]engine.Effect{first, second},
			[]string{"result 2.1 ok=true unknown=false dropped=true superseded", "update-call CA1s Url=https://rd.example/b",
				"result 2.2 ok=true unknown=false dropped=false handed"}},
		"redirect and hang-up": {[]engine.Effect{first, effect("2.4", engine.HangupCall, 1)},
			[]string{"result 2.1 ok=true unknown=false dropped=true superseded", "update-call CA1s Status=completed", "result 2.4 ok=true unknown=false dropped=false "}},
		"handed out": {[]engine.Effect{handed}, []string{"result 2.3 ok=true unknown=false dropped=true handed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			s := w.session("s")
			s.Legs[0].Turn = 3
			s.Legs = append(s.Legs, &engine.Leg{Number: 2, Condition: engine.LegPlanned})
			w.commit("s", nil, c.effects...)
			w.clock.Advance(500 * time.Millisecond)
			if name == "hang-up before the call is placed" {
				w.commit("s", func(s *engine.Session) { l := *s.Legs[1]; l.Condition = engine.LegGone; s.Legs[1] = &l })
				w.clock.Advance(time.Second)
			}
			wantLines(t, w.lines("create", "update", "result"), c.want...)
		})
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	redirect := effect("2.0", engine.RedirectCall, 1, "Url", "/a")
	redirect.Turn = 2
	for name, c := range map[string]struct {
		answer func(string, int) error
		calls  []twilio.Call
		want   []string
	}{
		"never fetched": {nil, nil, []string{
			"0s update-call CA1s Url=https://rd.example/a", "5s update-call CA1s Url=https://rd.example/a",
			"10s fetch-call CA1s", "10s result 2.0 ok=false unknown=false dropped=false not-applied"}},
		"refused, over": {func(op string, _ int) error {
			if op == "update-call" {
				return refusal(21220, 400)
			}
			return nil
		}, []twilio.Call{{SID: "CA1s", Status: twilio.Completed}}, []string{
			"0s update-call CA1s Url=https://rd.example/a", "0s fetch-call CA1s", "0s status leg=1 CA1s completed",
			"0s result 2.0 ok=false unknown=false dropped=false gone"}},
		"refused, going on": {func(op string, _ int) error {
			if op == "update-call" {
				return refusal(21220, 400)
			}
			return nil
		}, nil, []string{
			"0s update-call CA1s Url=https://rd.example/a", "0s fetch-call CA1s",
			"0.5s update-call CA1s Url=https://rd.example/a", "0.5s fetch-call CA1s",
			"1s update-call CA1s Url=https://rd.example/a", "1s fetch-call CA1s",
			"1s result 2.0 ok=false unknown=false dropped=false refused"}},
		"refused while it rings, until it is picked up": {func(op string, attempt int) error {
			if op == "update-call" && attempt < 4 {
				return refusal(21220, 400)
			}
			return nil
		}, []twilio.Call{{SID: "CA1s", Status: twilio.Ringing}}, []string{
			"0s update-call CA1s Url=https://rd.example/a", "0s fetch-call CA1s",
			"2s update-call CA1s Url=https://rd.example/a", "2s fetch-call CA1s",
			"4s update-call CA1s Url=https://rd.example/a", "4s fetch-call CA1s",
			"6s update-call CA1s Url=https://rd.example/a", "11s update-call CA1s Url=https://rd.example/a",
			"16s fetch-call CA1s", "16s result 2.0 ok=false unknown=false dropped=false not-applied"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.hand, w.answer, w.calls = false, c.answer, c.calls
			w.session("s")
			w.commit("s", func(s *engine.Session) { l := *s.Legs[0]; l.Turn = 2; s.Legs[0] = &l }, redirect)
			w.clock.Advance(30 * time.Second)
			wantLines(t, w.timed("update", "fetch", "status", "result"), c.want...)
		})
	}
}

func TestVerifyAndRooms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	e := effect("2.0", engine.UpdateParticipant, 1, "EndConferenceOnExit", "false")
	e.Room, e.Verify = "rd-s-line", []string{"EndConferenceOnExit"}
	w.shown.EndConferenceOnExit = true
	say := effect("2.1", engine.Announce, 0, "AnnounceUrl", "/t/s/0/0/say-1")
	say.Room, say.Lane = "rd-shared", "room-shared"
	w.rooms = nil
	w.clock.AfterFunc(3*time.Second, func() { w.mu.Lock(); w.rooms = []twilio.Conference{{SID: "CF9"}}; w.mu.Unlock() })
	w.commit("s", nil, e, say)
	w.clock.Advance(20 * time.Second)
	wantLines(t, w.timed("update", "list", "result"),
		"0s update-participant CF1 CA1s EndConferenceOnExit=false", "0s result 2.0 ok=false unknown=false dropped=false not-applied",
		"0s list-conferences rd-shared in-progress", "2s list-conferences rd-shared in-progress", "4s list-conferences rd-shared in-progress",
		"4s update-conference CF9 AnnounceUrl=https://rd.example/t/s/0/0/say-1", "4s result 2.1 ok=true unknown=false dropped=false ")
}

// TestRecordingIsLookedFor: of a start whose outcome nobody knows, Twilio's list of the
// call's recordings tells; those that were there before, or that a verb has made, are others.
func TestRecordingIsLookedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	w.answer = atFirst("start-recording", 1, broke())
	w.recordings = []twilio.Recording{
		{SID: "RE1", Source: "RecordVerb", DateCreated: start()},
		{SID: "RE2", Source: "StartCallRecordingAPI", DateCreated: start().Add(-time.Minute)},
		{SID: "RE3", Source: "StartCallRecordingAPI", DateCreated: start()},
	}
	w.commit("s", nil, effect("2.0", engine.RecordStart, 1, "RecordingStatusCallback", "/t/s/1/0/rec"),
		effect("2.1", engine.RecordUpdate, 1, "Status", "paused", engine.RecordingParam, engine.CurrentRecording))
	w.clock.Advance(20 * time.Second)
	if res := w.result("2.0"); res == nil || !res.OK || res.SID != "RE3" {
		t.Errorf("got %+v, log %q", res, w.log)
	}
	wantLines(t, w.lines("start-recording", "list-recordings", "update-recording"),
		"start-recording CA1s RecordingStatusCallback=https://rd.example/t/s/1/0/rec", "list-recordings CA1s", "update-recording CA1s Twilio.CURRENT Status=paused")
}

func TestDialledPartyIsFoundByItsParent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.session("s")
	s.Legs = append(s.Legs, &engine.Leg{Number: 2, Parent: 1, To: "+2", Condition: engine.LegPlanned})
	w.calls = []twilio.Call{{SID: "CA7", To: "+2", ParentCallSID: "CA1s", Status: twilio.Ringing}, {SID: "CA8", To: "+3"}}
	w.commit("s", nil, effect("2.0", engine.HangupCall, 2), effect("2.1", engine.HangupCall, 0, "Sid", "CA66", "Status", "completed"))
	w.clock.Advance(5 * time.Second)
	wantLines(t, w.timed("list", "status", "update"),
		"0s update-call CA66 Status=completed", "2s list-calls CA1s", "2s status leg=2 CA7 ringing", "2s update-call CA7 Status=completed")
}

func TestStoreTroubleLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	w.broken, w.unclaim = 3, 2
	w.commit("s", func(s *engine.Session) { s.Timers = []engine.Timer{{Name: "a", Gen: 1, Due: start()}} }, effect("2.0", engine.UpdateCall, 1))
	w.clock.Advance(20 * time.Second)
	wantLines(t, w.lines("update", "result", "timer"), "timer 1", "update-call CA1s", "result 2.0 ok=true unknown=false dropped=false ")
}

func TestRecoverFillsLanesInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.session("s")
	stored := func(id string, attempt int, lease time.Time) dispatch.Stored {
		return dispatch.Stored{Session: "s", Effect: effect(id, engine.UpdateCall, 1, "TimeLimit", id), Attempt: attempt, Lease: lease}
	}
	given := stored("2.0", 1, time.Time{}) // its lease was given back: surely not done
	lost := dispatch.Stored{Session: "lost", Effect: effect("1.0", engine.SendMessage, 0)}
	w.d.Recover([]dispatch.Stored{stored("10.0", 0, time.Time{}), stored("2.1", 1, start().Add(7*time.Second)), given, lost}, []*engine.Session{s})
	w.clock.Advance(30 * time.Second)
	wantLines(t, w.timed("update", "create"), "0s update-call CA1s TimeLimit=2.0", "7s update-call CA1s TimeLimit=2.1", "7s update-call CA1s TimeLimit=10.0")
}

func TestClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	waits := effect("2.0", engine.HangupCall, 1)
	waits.NotBefore = start().Add(time.Hour)
	w.commit("s", nil, waits, effect("2.1", engine.SendMessage, 0))
	w.clock.Advance(time.Second)
	if err := w.d.Close(context.Background()); err != nil {
		t.Error(err)
	}
	w.commit("s", nil, effect("3.0", engine.SendMessage, 0))
	w.clock.Advance(2 * time.Hour)
	if got := w.lines("update", "result 2.0", "result 3.0"); len(got) != 0 {
		t.Errorf("began after Close: %q", got)
	}
	if w.clock.Pending() != 0 {
		t.Errorf("%d timers are left", w.clock.Pending())
	}
}
