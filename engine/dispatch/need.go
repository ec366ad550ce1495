package dispatch

import (
	"log/slog"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// lookEvery is the time between look-ups of a SID, and before the first one for the
// call of a dialled party, whose own callbacks are usually there sooner.
const lookEvery = 2 * time.Second

// needSID finds the SID of the effect's call: its own, or that of its leg. It gives
// the time to look again at, zero when the SID is there or none is needed.
func (j *job) needSID(s *engine.Session, now time.Time) time.Time {
	e := j.effect()
	if !j.spec.NeedsSID && e.Leg == 0 || j.spec.Paced || !j.spec.NeedsSID && !j.spec.NeedsRoom {
		return time.Time{}
	}
	if j.sid = e.Params[paramSID]; j.sid != "" {
		return time.Time{}
	}
	l := s.Leg(e.Leg)
	if l == nil {
		return j.never()
	}
	if j.sid = l.SID; j.sid != "" {
		return time.Time{}
	}
	parent := s.Leg(l.Parent)
	if parent == nil || parent.SID == "" {
		return j.never()
	}
	if j.lookAt.IsZero() {
		j.lookAt = now.Add(lookEvery)
	}
	if now.Before(j.lookAt) {
		return j.lookAt
	}
	j.lookAt = now.Add(lookEvery)
	if j.d.findChild(s, l, parent) {
		return now
	}
	return j.lookAt
}

// findChild looks for the call of a dialled party by its parent and its number, and
// tells the session. Two that fit are left to their own callbacks.
func (d *Dispatcher) findChild(s *engine.Session, l, parent *engine.Leg) bool {
	ctx, cancel := d.limit(requestTime)
	defer cancel()
	calls, err := d.cfg.Twilio.ListCalls(ctx, twilio.ListFilter{ParentCallSID: parent.SID})
	if err != nil {
		d.log.Warn("calls of a Dial could not be listed", slog.String("session", s.ID), slog.Any("error", err))
		return false
	}
	var found []twilio.Call
	for _, c := range calls {
		if c.To != l.To || s.LegBySID(c.SID) != nil {
			continue
		}
		if bound, err := d.cfg.Calls.Bound(ctx, c.SID); err != nil || bound {
			continue
		}
		found = append(found, c)
	}
	return len(found) == 1 && d.tell(s.ID, l.Number, &found[0])
}

// roomOf finds a room by its name at Twilio, or its own.
func roomOf(s *engine.Session, name string) *engine.Room {
	for _, r := range s.Rooms {
		if name == r.TwilioName(s.ID) || name == r.Name {
			return r
		}
	}
	return nil
}

// needRoom finds the SID of the effect's conference: the session knows it from
// callbacks, else Twilio's list does. A room that has ended may be beginning again.
func (j *job) needRoom(s *engine.Session, now time.Time) time.Time {
	if !j.spec.NeedsRoom {
		return time.Time{}
	}
	if r := roomOf(s, j.effect().Room); r != nil && r.Conference != "" && !r.Ended {
		j.room = r.Conference
		return time.Time{}
	}
	if j.room != "" && j.it.attempt > 0 {
		return time.Time{} // found by name; the session has not heard of it yet
	}
	if now.Before(j.lookAt) {
		return j.lookAt
	}
	j.lookAt = now.Add(lookEvery)
	ctx, cancel := j.d.limit(requestTime)
	defer cancel()
	found, err := j.d.cfg.Twilio.ListConferences(ctx, j.effect().Room, "in-progress")
	if err != nil {
		j.d.log.Warn("conferences could not be listed", slog.String("session", s.ID), slog.Any("error", err))
	}
	if len(found) == 0 {
		return j.lookAt
	}
	j.room = found[0].SID
	return time.Time{}
}
