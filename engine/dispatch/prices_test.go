package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/twilio"
)

// over ends the leg of a session; answered says whether somebody was connected.
func over(w *world, id string, answered bool) {
	w.commit(id, func(s *engine.Session) {
		l := s.Legs[0]
		l.Condition, l.EndedAt = engine.LegGone, w.clock.Now()
		if answered {
			l.AnsweredAt = start()
		}
		s.Condition = engine.SessionClosed
	})
}

func TestPrices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answered bool
		price    string
		answer   func(string, int) error
		want     []string
	}{
		"there at once": {true, "-0.014", nil, []string{"10s fetch-call CA1a", "10s price leg=1 -0.014 USD"}},
		"nobody answered, there is none": {false, "", nil, []string{
			"10s fetch-call CA1a", "30s fetch-call CA1a", "60s fetch-call CA1a", "120s fetch-call CA1a", "300s fetch-call CA1a",
			"600s fetch-call CA1a", "1800s fetch-call CA1a", "1800s price leg=1",
		}},
		"Twilio answers late": {true, "-0.014", func(_ string, n int) error {
			if n < 3 {
				return broke()
			}
			return nil
		}, []string{"10s fetch-call CA1a", "30s fetch-call CA1a", "60s fetch-call CA1a", "60s price leg=1 -0.014 USD"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.priced, w.answer = true, c.answer
			w.calls = []twilio.Call{{SID: "CA1a", Status: twilio.Completed, Price: c.price, PriceUnit: "USD"}}
			w.session("a")
			over(w, "a", c.answered)
			w.clock.Advance(100 * time.Hour)
			got := w.timed("fetch", "price")
			for i := range got {
				got[i] = strings.TrimSpace(got[i])
			}
			wantLines(t, got, c.want...)
		})
	}
}

// A price that never comes is asked for over a day, one that Twilio gives no answer about
// over three.
func TestPriceGivenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(string, int) error
		tries  int
		last   time.Duration
	}{
		"none":           {nil, 13, 24 * time.Hour},
		"no such call":   {func(string, int) error { return refusal(20404, 404) }, 13, 24 * time.Hour},
		"no answer ever": {func(string, int) error { return broke() }, 13 + 47, 71 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			w.priced, w.answer = true, c.answer
			w.calls = []twilio.Call{{SID: "CA1a", Status: twilio.Completed}}
			w.session("a")
			over(w, "a", true)
			w.clock.Advance(200 * time.Hour)
			if n := len(w.lines("fetch")); n != c.tries {
				t.Errorf("asked %d times, want %d", n, c.tries)
			}
			if got := w.events[len(w.events)-1].At.Sub(start()); got != c.last || len(w.lines("price")) != 1 {
				t.Errorf("given up after %v, want %v: %q", got, c.last, w.lines("price"))
			}
		})
	}
}

// After a restart the prices are asked for that are missing, of closed sessions too, one
// a second, and each price is delivered until it is committed.
func TestPricesRecovered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.priced, w.broken = true, 1
	var owed []dispatch.Price
	for _, id := range []string{"a", "b", "c"} {
		s := w.session(id)
		l := s.Legs[0]
		l.Condition, l.EndedAt, l.AnsweredAt, s.Condition = engine.LegGone, start().Add(-time.Hour), start().Add(-2*time.Hour), engine.SessionClosed
		w.calls = append(w.calls, twilio.Call{SID: l.SID, Status: twilio.Completed, Price: "-0.01", PriceUnit: "USD"})
		owed = append(owed, dispatch.Price{Session: id, Leg: 1, SID: l.SID, Ended: l.EndedAt, Answered: true})
	}
	owed = append(owed, dispatch.Price{Session: "gone", Leg: 1, SID: "CA1a", Ended: start().Add(-time.Hour), Answered: true})
	w.d.RecoverPrices(owed)
	w.clock.Advance(10 * time.Hour)
	wantLines(t, w.timed("fetch"), "0s fetch-call CA1a", "1s fetch-call CA1b", "2s fetch-call CA1c", "3s fetch-call CA1a")
	wantLines(t, w.lines("price", "broken"), "broken price", "price leg=1 -0.01 USD", "price leg=1 -0.01 USD", "price leg=1 -0.01 USD")
}
