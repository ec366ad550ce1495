package engine

import (
	"slices"
	"time"
)

// The limit that Twilio holds for a meter with the strategy rejoin, and when it may come.

const (
	// clearBefore is how long before the limit the room is told to outlive the leg.
	clearBefore = 5 * time.Second
	// limitSlack is how far off the limit Twilio's request may be: an end that comes
	// earlier is no limit, and less time than that is not worth another round.
	limitSlack = 2 * time.Second
	// transitTime is how long after the limit the leg counts as being in its room.
	transitTime = 8 * time.Second
	// startSlack is how late the news may be that a conference began.
	startSlack = 5 * time.Second
	// defaultRing is how long a call rings that says nothing of it.
	// https://www.twilio.com/docs/voice/api/call-resource
	defaultRing = time.Minute
	// maxTimeLimit is the longest limit that is asked of a Dial; a longer talk rejoins.
	// https://www.twilio.com/docs/voice/twiml/dial
	maxTimeLimit = 4 * time.Hour
)

// TimeLimit is the limit in seconds that the document of a room must carry because a
// meter counts for this leg; ok is false when none does.
func (t *Turn) TimeLimit() (seconds int, ok bool) {
	m, l := t.rejoining()
	if m == nil || l != t.Caller || !m.Stopped.IsZero() {
		return 0, false
	}
	limit := m.Bought()
	switch {
	case m.Since.IsZero():
		limit += t.ringTime(m)
	default:
		limit = m.End.Sub(t.now)
		if r := t.s.Room(m.Room); m.FromStart && r != nil && !r.Began.IsZero() {
			limit += t.now.Sub(r.Began)
		}
	}
	t.limit = min(max(limit, time.Second), maxTimeLimit).Truncate(time.Second)
	return int(t.limit / time.Second), true
}

// ringTime is how long the leg whose answer starts the meter may still ring.
func (x *Exec) ringTime(m *Meter) time.Duration {
	l := x.s.LegNamed(m.Name)
	if l == nil || l.Over() {
		return defaultRing
	}
	ring := l.RingTimeout
	if ring == 0 {
		ring = defaultRing
	}
	return max(0, l.PlacedAt.Add(ring).Sub(x.now))
}

// limitHanded counts the limit from when Twilio has got the document.
func (x *Exec) limitHanded(l *Leg) {
	if m, metered := x.rejoining(); m != nil && metered == l && m.Turn == l.Turn && !m.Parked {
		m.Handed = x.now
		x.armClear()
	}
}

// limits are the times at which Twilio may end the leg's stay. Whether it counts from
// the joining of the leg or from the beginning of the conference is not documented.
func (x *Exec) limits(m *Meter) []time.Time {
	if m.Limit == 0 || m.Parked {
		return nil
	}
	began := m.Since
	if r := x.s.Room(m.Room); r != nil && !r.Began.IsZero() {
		began = r.Began
	}
	times := []time.Time{m.Handed.Add(m.Limit)}
	if !began.IsZero() {
		times = append(times, began.Add(m.Limit))
	}
	return times
}

// atLimit reports whether Twilio may just be ending the leg's stay because of the limit.
func (x *Exec) atLimit(m *Meter) bool {
	for i, at := range x.limits(m) {
		early, begin := limitSlack, at
		if i > 0 { // counted from the beginning: the document may have come after that limit
			early = startSlack
			if m.Handed.After(at) {
				begin = m.Handed
			}
		}
		if !x.now.Before(at.Add(-early)) && !x.now.After(begin.Add(transitTime)) {
			return true
		}
	}
	return false
}

// armClear sees to it that the room outlives the leg's limit when there is credit.
func (x *Exec) armClear() {
	m, l := x.rejoining()
	if m == nil {
		return
	}
	x.disarm("meter-clear", m.Leg)
	limits := x.limits(m)
	if len(limits) == 0 || m.Cleared || m.Turn != l.Turn || l.EndsRoom == "" || !m.Stopped.IsZero() {
		return
	}
	next := limits[0]
	if m.FromStart && len(limits) > 1 {
		next = limits[1]
		if m.Limit == maxTimeLimit {
			return // the conference is too old for another limit: it ends, and the next one is new
		}
	}
	switch due := next.Add(-clearBefore); {
	case !next.After(x.now):
	case due.After(x.now):
		x.rearm("meter-clear", m.Leg, due)
	case m.hasCredit(next):
		x.clearEnd(m, l)
	}
}

// clearEnd tells Twilio that the room outlives the leg. Where that fails the room ends
// with the limit, and everybody is sent back in. Twilio ignores it, without an error,
// while the leg is on hold.
func (x *Exec) clearEnd(m *Meter, l *Leg) {
	r := x.s.Room(m.Room)
	if r == nil {
		return
	}
	if member := r.member(l.Number); member == nil || member.Held {
		return
	}
	m.Cleared, l.EndsRoom = true, ""
	x.Emit(Effect{Kind: UpdateParticipant, Leg: l.Number, Room: x.RoomAtTwilio(m.Room), Quiet: true,
		Params: map[string]string{"EndConferenceOnExit": "false"}, Verify: []string{"EndConferenceOnExit"}})
}

// awaitsLimit reports whether Twilio is about to ask what to do with a metered leg whose
// money is used up: whatever else happens then, the flow is told of the money.
func (x *Exec) awaitsLimit(l *Leg) bool {
	m, metered := x.rejoining()
	return m != nil && metered == l && m.Turn == l.Turn && !m.Since.IsZero() && !m.hasCredit(x.now) && x.atLimit(m)
}

// twilioEnds reports whether Twilio is about to end the leg's stay: it asks what to do
// about now, and the engine need not act.
func (x *Exec) twilioEnds(m *Meter) bool {
	_, l := x.rejoining()
	if l == nil || m.Strategy != MeterRejoin || m.Turn != l.Turn || l.RoomKey == "" {
		return false
	}
	return slices.ContainsFunc(x.limits(m), func(at time.Time) bool {
		d := at.Sub(x.now)
		return d <= limitSlack && d >= -limitSlack-time.Second
	})
}
