package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine"
)

func TestCost(t *testing.T) {
	t.Parallel()
	leg := func(price, unit string, open bool) *engine.Leg {
		l := &engine.Leg{SID: "CA1", Condition: engine.LegGone, Price: price, PriceUnit: unit, PricedAt: time.Unix(1, 0)}
		if open {
			l.PricedAt = time.Time{}
		}
		return l
	}
	for name, c := range map[string]struct {
		legs []*engine.Leg
		want engine.Cost
	}{
		"no call":           {nil, engine.Cost{}},
		"two":               {[]*engine.Leg{leg("-0.0085", "USD", false), leg("-0.01400", "USD", false)}, engine.Cost{Price: "-0.02250", Unit: "USD"}},
		"one to come":       {[]*engine.Leg{leg("-1.5", "USD", false), leg("", "", true)}, engine.Cost{Price: "-1.5", Unit: "USD", Open: 1}},
		"one has none":      {[]*engine.Leg{leg("", "", false), leg("0", "USD", false)}, engine.Cost{Price: "0", Unit: "USD"}},
		"another unit":      {[]*engine.Leg{leg("-1", "USD", false), leg("-3", "EUR", false)}, engine.Cost{Price: "-1", Unit: "USD"}},
		"never placed":      {[]*engine.Leg{{Condition: engine.LegGone}}, engine.Cost{}},
		"still on the line": {[]*engine.Leg{{Condition: engine.LegUp, SID: "CA1"}}, engine.Cost{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, (&engine.Session{Legs: c.legs}).Cost()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A price changes nothing but the leg's own, once, also when the session is closed.
func TestPriceOfAClosedSession(t *testing.T) {
	t.Parallel()
	c := compile(t, "one.yaml", "flow: one\nanswer: hello\nstates:\n  hello: {prompt: Hello., next: hangup}\n")
	s := engine.NewSession(c, "s", time.Unix(0, 0))
	s.Condition = engine.SessionClosed
	s.Legs = []*engine.Leg{{Number: 1, SID: "CA1", Condition: engine.LegGone}, {Number: 2, SID: "CA2", Condition: engine.LegUp}}
	step := func(leg int, fields map[string]string, want string) {
		t.Helper()
		out := engine.Step(c, s, &engine.Event{Kind: engine.KindPrice, Leg: leg, At: time.Unix(100, 0), Fields: fields})
		if len(out.Effects) != 0 || out.Session.Condition != engine.SessionClosed {
			t.Errorf("effects %v, condition %s", out.Effects, out.Session.Condition)
		}
		last := out.Trace[len(out.Trace)-1]
		if got := last.What + " " + last.Text + last.Why; got != want {
			t.Errorf("trace %q, want %q", got, want)
		}
		s = out.Session
	}
	step(1, map[string]string{"Price": "-0.014", "PriceUnit": "USD"}, "price -0.014 USD")
	step(1, map[string]string{"Price": "-9", "PriceUnit": "USD"}, "dropped the leg waits for no price")
	step(2, map[string]string{"Price": "-9"}, "dropped the leg waits for no price")
	step(3, nil, "dropped the leg waits for no price")
	s.Legs[1].Condition = engine.LegGone
	step(2, map[string]string{"Price": "1e9"}, "price Twilio names none")
	if d := cmp.Diff(engine.Cost{Price: "-0.014", Unit: "USD"}, s.Cost()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
