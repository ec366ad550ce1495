package dispatch

import (
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// lateAfter is from when on a timer counts as late.
const lateAfter = 2 * time.Second

// timersDue fires what is due of a session, one timer after the other in the order of
// their times. Firing and removing is one commit of the session, so each fires once.
func (d *Dispatcher) timersDue(session string) {
	if !d.begin() {
		return
	}
	defer d.end()
	d.mu.Lock()
	busy := d.firing[session]
	d.firing[session] = true
	d.mu.Unlock()
	if busy {
		return // the delivery in progress goes on until nothing is due
	}
	d.fireAll(session)
	d.mu.Lock()
	delete(d.firing, session)
	d.mu.Unlock()
	// A commit meanwhile has armed nothing: look once more.
	if s := d.read(session); s != nil && s.Condition != engine.SessionClosed {
		if due := s.NextDue(); !due.IsZero() {
			d.timers.earlier(session, due)
		}
	}
}

// fireAll delivers timers until none is due.
func (d *Dispatcher) fireAll(session string) {
	var last int64
	for again := 0; ; {
		s := d.read(session)
		if s == nil || s.Condition == engine.SessionClosed {
			return
		}
		t, ok := firstTimer(s)
		now := d.clock.Now()
		if !ok || t.Due.After(now) {
			return
		}
		if again > 0 && t.Gen == last {
			// It was delivered and is still there. Asking on at once would never end.
			d.log.Error("timer was delivered and is still armed", slog.String("session", session), slog.String("timer", t.Name))
			if d.clock.Sleep(d.ctx, backoff(session+"timer", again)) != nil {
				return
			}
		}
		if t.Gen == last {
			again++
		} else {
			again = 1
		}
		last = t.Gen
		ev := &engine.Event{
			ID: "timer-" + strconv.FormatInt(t.Gen, 10), Kind: engine.KindTimer, At: now, Leg: t.Leg, Name: t.Name,
			Gen: t.Gen, Late: now.Sub(t.Due) > lateAfter,
		}
		if !d.deliver(session, ev) {
			return
		}
	}
}

// firstTimer gives the timer that fires first: by its time, then by its age.
func firstTimer(s *engine.Session) (first engine.Timer, ok bool) {
	for i, t := range s.Timers {
		if i == 0 || t.Due.Before(first.Due) || t.Due.Equal(first.Due) && t.Gen < first.Gen {
			first, ok = t, true
		}
	}
	return first, ok
}

// read loads a session, again and again until that succeeds; nil: it is not there, or the
// dispatcher is closing.
func (d *Dispatcher) read(session string) *engine.Session {
	for attempt := 1; ; attempt++ {
		if d.stopping() {
			return nil
		}
		s, err := d.cfg.Sessions.Load(d.ctx, session)
		if err == nil {
			return s
		}
		if errors.Is(err, ErrNoSession) {
			return nil
		}
		d.log.Warn("session could not be read", slog.String("session", session), slog.Any("error", err))
		if d.clock.Sleep(d.ctx, backoff(session, attempt)) != nil {
			return nil
		}
	}
}
