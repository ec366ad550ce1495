package dispatch_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/outbound"
	"github.com/ringdown/ringdown/engine/twilio"
)

func timer(gen int64, after time.Duration) engine.Timer {
	return engine.Timer{Name: "t", Gen: gen, Due: start().Add(after)}
}

func TestTimers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.session("a")
	s.Timers = []engine.Timer{timer(4, -time.Minute), timer(3, -time.Second), timer(2, -time.Minute)}
	w.d.Recover(nil, []*engine.Session{s})
	w.session("b")
	w.commit("b", func(s *engine.Session) { s.Timers = []engine.Timer{timer(5, 3*time.Hour), timer(6, time.Minute)} })
	w.clock.Advance(30 * time.Second)
	w.commit("b", func(s *engine.Session) { s.Timers = []engine.Timer{timer(7, 90*time.Second), timer(5, 3*time.Hour)} })
	w.clock.Advance(4 * time.Hour)
	wantLines(t, w.timed("timer"), "0s timer 2 late", "0s timer 4 late", "0s timer 3", "90s timer 7", "10800s timer 5")
}

func TestTimerOfAClosedSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("a")
	w.commit("a", func(s *engine.Session) { s.Timers = []engine.Timer{timer(5, time.Minute)} })
	w.commit("a", func(s *engine.Session) { s.Condition = engine.SessionClosed })
	w.clock.Advance(time.Hour)
	wantLines(t, w.timed("timer", "fetch"))
}

func TestLiveness(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		leg    engine.Leg
		calls  []twilio.Call
		answer func(string, int) error
		seen   time.Duration
		want   []string
	}{
		"up and silent, still there": {engine.Leg{Condition: engine.LegUp}, nil, nil, 0, []string{"600s fetch-call CA1", "1200s fetch-call CA1"}},
		"loops go on":                {engine.Leg{Condition: engine.LegUp}, nil, nil, 9 * time.Minute, []string{"1140s fetch-call CA1"}},
		"over": {engine.Leg{Condition: engine.LegUp}, []twilio.Call{{SID: "CA1", Status: twilio.Completed}}, nil, 0,
			[]string{"600s fetch-call CA1", "600s status leg=1 CA1 completed"}},
		"rang out": {engine.Leg{Condition: engine.LegRinging, RingTimeout: 20 * time.Second, Status: "ringing"}, []twilio.Call{{SID: "CA1", Status: twilio.NoAnswer}}, nil, 0,
			[]string{"55s fetch-call CA1", "55s status leg=1 CA1 no-answer"}},
		"Twilio is busy": {engine.Leg{Condition: engine.LegUp}, []twilio.Call{{SID: "CA1", Status: twilio.Completed}}, func(_ string, n int) error {
			if n < 3 {
				return broke()
			}
			return nil
		}, 0, []string{"600s fetch-call CA1", "600.216064454s fetch-call CA1", "600.625610353s fetch-call CA1", "600.625610353s status leg=1 CA1 completed"}},
		"unknown to Twilio": {engine.Leg{Condition: engine.LegUp}, nil, func(string, int) error { return refusal(20404, 404) }, 0,
			[]string{"600s fetch-call CA1", "660s fetch-call CA1", "660s status leg=1 CA1 failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			s := w.session("s")
			c.leg.Number, c.leg.SID, c.leg.PlacedAt, c.leg.EvidenceAt, c.leg.Direction = 1, "CA1", start(), start(), engine.DirectionOutboundAPI
			s.Legs[0] = &c.leg
			w.calls, w.answer = c.calls, c.answer
			if c.seen > 0 {
				w.evidence = start().Add(c.seen)
			}
			w.d.Recover(nil, []*engine.Session{s})
			w.clock.Advance(20*time.Minute + time.Second)
			wantLines(t, w.timed("fetch", "status"), c.want...)
		})
	}
}

// A dialled party none of whose callbacks has come is looked for by its parent: nobody
// else would ever say that it talks.
func TestSilentDialledParty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.session("s")
	s.Legs = append(s.Legs, &engine.Leg{Number: 2, Parent: 1, To: "+2", Condition: engine.LegPlanned, Direction: engine.DirectionOutboundDial, PlacedAt: start(), EvidenceAt: start()})
	w.calls = []twilio.Call{{SID: "CA7", To: "+2", ParentCallSID: "CA1s", Status: twilio.InProgress}}
	w.d.Recover(nil, []*engine.Session{s})
	w.clock.Advance(100 * time.Second)
	wantLines(t, w.timed("list", "status"), "95s list-calls CA1s", "95s status leg=2 CA7 in-progress")
}

// One that the flow has moved meanwhile is looked for at once, and every five seconds.
func TestWantedDialledParty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.session("s")
	s.Legs = append(s.Legs, &engine.Leg{Number: 2, Parent: 1, To: "+2", Goal: "message", Condition: engine.LegPlanned, Direction: engine.DirectionOutboundDial, PlacedAt: start(), EvidenceAt: start()})
	w.d.Recover(nil, []*engine.Session{s})
	w.clock.Advance(7 * time.Second)
	w.calls = []twilio.Call{{SID: "CA7", To: "+2", ParentCallSID: "CA1s", Status: twilio.InProgress}}
	w.clock.Advance(5 * time.Second)
	wantLines(t, w.timed("list", "status"), "0s list-calls CA1s", "5s list-calls CA1s", "10s list-calls CA1s", "10s status leg=2 CA7 in-progress")
}

func TestOneQuestionASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	all := []*engine.Session{w.session("a"), w.session("b"), w.session("c")}
	w.d.Recover(nil, all)
	w.clock.Advance(11 * time.Minute)
	wantLines(t, w.timed("fetch"), "600s fetch-call CA1a", "601s fetch-call CA1b", "602s fetch-call CA1c")
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	lost := &outbound.Error{Word: outbound.ErrUnknown, Cause: outbound.ErrReset, Outcome: outbound.Unknown}
	for name, c := range map[string]struct {
		method       string
		tries        int
		repeats, old bool // old: nobody waits
		err          error
		status       int
		requests     int
		want         engine.Result
	}{
		"post, unknown":             {"POST", 1, false, false, lost, 0, 1, engine.Result{Unknown: true, Reason: "unknown-outcome"}},
		"post that may be repeated": {"POST", 2, true, false, lost, 0, 2, engine.Result{Unknown: true, Reason: "unknown-outcome"}},
		"get, 5xx to the end":       {"GET", 3, false, false, nil, 503, 3, engine.Result{Status: 503}},
		"post, 429":                 {"POST", 2, false, false, nil, 429, 2, engine.Result{Status: 429}},
		"post, 402":                 {"POST", 2, false, false, nil, 402, 1, engine.Result{Status: 402}},
		"blocked":                   {"GET", 3, false, false, &outbound.Error{Word: outbound.ErrBlocked, Outcome: outbound.Rejected}, 0, 1, engine.Result{Reason: "blocked"}},
		"nobody waits, 404":         {"POST", 1, false, true, nil, 404, 1, engine.Result{Status: 404}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.session("s")
			w.http = func(int, outbound.Request) (outbound.Result, error) { return outbound.Result{Status: c.status}, c.err }
			e := effect("2.0", engine.HTTPCall, 0)
			e.HTTP = &engine.HTTPRequest{Method: c.method, URL: "https://b.example", Tries: c.tries, Repeats: c.repeats, Save: !c.old, Key: "s.2.0"}
			w.commit("s", nil, e)
			w.clock.RunUntil(func() bool { return w.result("2.0") != nil }, time.Hour)
			got := w.result("2.0")
			if got == nil || got.OK || got.Reason != c.want.Reason || got.Status != c.want.Status || got.Unknown != c.want.Unknown || w.count["http"] != c.requests {
				t.Errorf("got %+v after %d requests, want %+v after %d", got, w.count["http"], c.want, c.requests)
			}
		})
	}
}

func TestHTTPNobodyWaitsIsRepeatedFor15Minutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	w.http = func(int, outbound.Request) (outbound.Result, error) { return outbound.Result{Status: 500}, nil }
	e := effect("2.0", engine.HTTPCall, 0)
	e.Deadline = start().Add(15 * time.Minute)
	e.HTTP = &engine.HTTPRequest{Method: "POST", URL: "https://b.example", Key: "k"}
	w.commit("s", nil, e)
	w.clock.Advance(16 * time.Minute)
	got := w.result("2.0")
	if got == nil || !got.Unknown || w.count["http"] < 100 || w.count["http"] > 160 {
		t.Errorf("got %+v after %d requests", got, w.count["http"])
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.session("s")
	var sent outbound.Request
	w.http = func(_ int, r outbound.Request) (outbound.Result, error) {
		sent = r
		return outbound.Result{Status: 200, Body: map[string]any{"echo": []any{`token s3"cret`}}, Headers: map[string]string{"x": `s3"cret`}}, nil
	}
	e := effect("2.0", engine.HTTPCall, 0)
	token := engine.Seal("s", "TOKEN", `s3"cret`)
	e.HTTP = &engine.HTTPRequest{
		Method: "POST", URL: "https://b.example/x?t=" + token + "&u=" + url.QueryEscape(token), Save: true, Tries: 1,
		Headers: map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"},
		Body:    `{"t":"` + token + `","forged":"${secrets.TOKEN.0123456789abcdef}"}`,
	}
	none := effect("2.1", engine.HTTPCall, 0)
	none.HTTP = &engine.HTTPRequest{Method: "GET", URL: "https://b.example/" + engine.Seal("s", "NONE", ""), Save: true}
	w.commit("s", nil, e, none)
	w.clock.Advance(time.Second)
	if sent.URL != "https://b.example/x?t=s3%22cret&u=s3%22cret" || string(sent.Body) != `{"t":"s3\"cret","forged":"${secrets.TOKEN.0123456789abcdef}"}` || sent.Header["Authorization"] != `Bearer s3"cret` {
		t.Errorf("sent %+v body %s", sent, sent.Body)
	}
	got := w.result("2.0")
	if got == nil || got.Body.(map[string]any)["echo"].([]any)[0] != "token ***" || got.Headers["x"] != "***" {
		t.Errorf("the result shows the secret: %+v", got)
	}
	if r := w.result("2.1"); r == nil || r.Reason != dispatch.ReasonNoSecret || w.count["http"] != 1 {
		t.Errorf("a secret that is not set: %+v", r)
	}
}
