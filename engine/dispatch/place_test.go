package dispatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/twilio"
)

func TestPacing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *dispatch.Config) { c.CPS = 0.5 })
	for i := range 4 {
		id := fmt.Sprintf("s%d", i)
		s := w.session(id)
		s.Legs[0].Number = 1
		if i < 3 {
			s.Legs = []*engine.Leg{{Number: 1, Condition: engine.LegPlanned}}
		} else {
			s.Legs = append(s.Legs, &engine.Leg{Number: 2, Condition: engine.LegPlanned})
		}
		w.commit(id, nil, effect("2.0", engine.PlaceCall, len(s.Legs), "To", id))
	}
	w.clock.Advance(10 * time.Second)
	// The last session has somebody on the line. The ids of effects are those of a session.
	wantLines(t, w.timed("create"), "0s create-call To=s3", "2s create-call To=s0", "4s create-call To=s1", "6s create-call To=s2")
}

func TestPlaceSequence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.session("s")
	s.Legs = append(s.Legs, &engine.Leg{Number: 2, Condition: engine.LegPlanned})
	w.answer = atFirst("create-call", 1, busy(4*time.Second))
	w.commit("s", nil, effect("2.0", engine.PlaceCall, 2, "To", "+2", "StatusCallbackEvent", "initiated answered"))
	w.clock.Advance(6 * time.Second)
	wantLines(t, w.timed("sent", "claim", "create", "release", "result"), "0s sent 2.0", "0s claim 2.0 1 until 15s",
		"0s create-call StatusCallbackEvent=initiated answered To=+2", "0s release 2.0 1", "4s claim 2.0 2 until 19s",
		"4s create-call StatusCallbackEvent=initiated answered To=+2", "4s result 2.0 ok=true unknown=false dropped=false ")
}

func TestMayHaveBeenPlaced(t *testing.T) {
	t.Parallel()
	ours := twilio.Call{SID: "CA50", To: "+2", Direction: "outbound-api", DateCreated: start().Add(time.Second)}
	old, inbound := ours, ours
	old.DateCreated = start().Add(-time.Minute)
	inbound.Direction = "inbound"
	for name, c := range map[string]struct {
		calls  []twilio.Call
		bound  string
		bindAt time.Duration
		noList bool
		want   []string
		text   string
	}{
		"nothing like it": {[]twilio.Call{old, inbound}, "", 0, false, []string{"10s list-calls +2", "25s list-calls +2", "40s list-calls +2",
			"40s result 2.0 ok=false unknown=false dropped=false not-placed"}, ""},
		"of another leg": {[]twilio.Call{ours}, "CA50", 0, false, []string{"10s list-calls +2", "25s list-calls +2", "40s list-calls +2",
			"40s result 2.0 ok=false unknown=false dropped=false not-placed"}, ""},
		"candidate that never names itself": {[]twilio.Call{ours}, "", 0, false, []string{"10s list-calls +2", "25s list-calls +2", "40s list-calls +2",
			"55s result 2.0 ok=false unknown=true dropped=false unknown-outcome"}, "CA50"},
		"webhook": {[]twilio.Call{ours}, "", 12 * time.Second, false, []string{"10s list-calls +2",
			"12s result 2.0 ok=true unknown=false dropped=false "}, ""},
		"lists fail": {nil, "", 0, true, []string{"10s list-calls +2", "25s list-calls +2", "40s list-calls +2",
			"55s result 2.0 ok=false unknown=true dropped=false unknown-outcome"}, "could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			s := w.session("s")
			s.Legs = append(s.Legs, &engine.Leg{Number: 2, Condition: engine.LegPlanned, RingTimeout: 20 * time.Second})
			w.calls, w.bound[c.bound] = c.calls, true
			w.answer = func(op string, _ int) error {
				if op == "create-call" || op == "list-calls" && c.noList {
					return broke()
				}
				return nil
			}
			if c.bindAt > 0 {
				w.clock.AfterFunc(c.bindAt, func() {
					w.commit("s", func(s *engine.Session) {
						l := *s.Legs[1]
						l.SID, l.Condition = "CA50", engine.LegRinging
						s.Legs[1] = &l
					})
				})
			}
			e := effect("2.0", engine.PlaceCall, 2, "To", "+2")
			w.commit("s", nil, e)
			w.clock.RunUntil(func() bool { return w.result("2.0") != nil }, 10*time.Minute)
			wantLines(t, w.timed("list", "result"), c.want...)
			if n := len(w.lines("create")); n != 1 {
				t.Errorf("placed %d times", n)
			}
			if r := w.result("2.0"); r != nil && !strings.Contains(r.Message, c.text) {
				t.Errorf("message %q lacks %q", r.Message, c.text)
			}
		})
	}
}

func TestCrashWhilePlacing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	s := w.session("s")
	s.Legs = append(s.Legs, &engine.Leg{Number: 2, Condition: engine.LegPlacing, RingTimeout: 20 * time.Second})
	e := effect("2.0", engine.PlaceCall, 2, "To", "+2")
	w.d.Recover([]dispatch.Stored{{Session: "s", Effect: e, Attempt: 1, Lease: start().Add(5 * time.Second)}}, []*engine.Session{s})
	w.clock.RunUntil(func() bool { return w.result("2.0") != nil }, 10*time.Minute)
	wantLines(t, w.timed("create", "list", "result"), "0s list-calls +2", "15s list-calls +2", "30s list-calls +2",
		"30s result 2.0 ok=false unknown=false dropped=false not-placed")
}
