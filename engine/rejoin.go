package engine

import (
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// A meter with the strategy rejoin lets Twilio hold the limit: the document that takes
// the metered leg into its room carries the time that is left, and ends the room with
// the leg. With this server dead both sides are cut off then. When credit came in time,
// the room is told to outlive the leg; at the limit Twilio asks what to do, and the leg
// is sent back into its room with a new limit.

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

// rejoining returns the running meter and its leg when the strategy is rejoin and the
// leg's call goes on; nil otherwise.
func (x *Exec) rejoining() (*Meter, *Leg) {
	m := x.s.Meter
	if m == nil || m.Strategy != MeterRejoin {
		return nil, nil
	}
	l := x.s.Leg(m.Leg)
	if l == nil || l.Over() || l.Leaving || x.s.Condition != SessionRunning {
		return nil, nil
	}
	return m, l
}

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

// Back reports whether the document takes the leg back into the room that it was in: no
// beep tells of it.
func (t *Turn) Back() bool { return t.back }

// limited records the limit that the leg's new document carries.
func (x *Exec) limited(l *Leg, limit time.Duration) {
	m := x.s.Meter
	if limit == 0 || m == nil {
		return
	}
	m.Turn, m.Room, m.Limit, m.Handed, m.Cleared, m.Parked = l.Turn, l.Room, limit, x.now, false, false
	x.note(Entry{What: "meter", Leg: l.Number, Name: "limit", Text: limit.String()})
	x.armClear()
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

// hasCredit reports whether there is money for a while after at.
func (m *Meter) hasCredit(at time.Time) bool {
	if m.Since.IsZero() {
		return m.Bought() >= limitSlack
	}
	return m.End.Sub(at) >= limitSlack
}

// charging reports whether a meter.low list is still at work.
func (x *Exec) charging(m *Meter) bool {
	return slices.ContainsFunc(x.s.Activations, func(a *Activation) bool {
		return a.Event != nil && a.Event.Name == "meter.low" && a.Leg == m.Leg
	})
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
	x.Emit(Effect{Kind: UpdateParticipant, Leg: l.Number, Room: RoomName(x.s.ID, m.Room), Quiet: true,
		Params: map[string]string{"EndConferenceOnExit": "false"}, Verify: []string{"EndConferenceOnExit"}})
}

// transit reports whether the legs of a room are on their way back into it, because the
// limit of the metered one has come and there is credit. It goes by the clock and not by
// whose request comes first.
func (x *Exec) transit(room string) bool {
	m, l := x.rejoining()
	if m == nil || m.Room != room || m.Turn != l.Turn || room == "" || !m.Stopped.IsZero() {
		return false
	}
	if m.Parked || x.now.Before(m.Transit) {
		return true
	}
	return x.atLimit(m) && (m.hasCredit(x.now) || x.charging(m) && (m.Grace.IsZero() || x.now.Before(m.Grace)))
}

// roomOver takes the end of a leg's stay in a room whose limit has come: the metered
// leg and the others go back in, or the money is used up. done is false when it is an
// ordinary end.
func (x *Exec) roomOver(l *Leg, ev *Event) (done bool, err error) {
	m, metered := x.rejoining()
	if m == nil || x.muted || ev.Kind != KindAct || isFinal(ev.Fields["CallStatus"]) || l.Over() || l.Leaving || l.Parked || x.putOut(l) {
		return false, nil
	}
	if l != metered {
		if !x.transit(l.Room) {
			return false, nil
		}
		return true, x.backIn(l)
	}
	if m.Turn != l.Turn || !x.atLimit(m) {
		return false, nil
	}
	x.atTheLimit = true
	switch {
	case !m.Stopped.IsZero() && m.hasCredit(m.Stopped):
		return false, nil
	case m.Stopped.IsZero() && m.hasCredit(x.now):
		return true, x.rejoin(m, l)
	case m.Stopped.IsZero() && x.charging(m) && (m.Grace.IsZero() || x.now.Before(m.Grace)):
		return true, x.parkAtLimit(m, l)
	}
	if err := x.leaveRoomAt(l); err != nil {
		return true, err
	}
	return true, x.usedUp(m, l)
}

// putOut reports whether the flow itself put the leg out of its room.
func (x *Exec) putOut(l *Leg) bool {
	if r := x.s.Room(l.Room); r != nil {
		if m := r.member(l.Number); m != nil && m.Reason == "kicked" {
			return true
		}
	}
	return slices.ContainsFunc(x.s.Pending, func(p PendingEffect) bool { return p.Kind == EndRoom && p.Room == l.Room })
}

// rejoin sends the metered leg back into its room with a new limit.
func (x *Exec) rejoin(m *Meter, l *Leg) error {
	if r := x.s.Room(m.Room); r != nil && !m.Parked {
		m.FromStart = m.FromStart || x.now.Before(m.Handed.Add(m.Limit-limitSlack))
		if !m.Cleared { // the room has ended with the leg
			r.Began = x.now
		}
	}
	m.Transit = x.now.Add(transitTime)
	x.note(Entry{What: "meter", Leg: l.Number, Name: "rejoin", Text: m.Left(x.now).String()})
	return x.backIn(l)
}

// backIn sends a leg back into its room: the same state, without `do` and prompt.
func (x *Exec) backIn(l *Leg) error {
	st := x.c.Flow.States[l.State]
	if st == nil || st.Verb == nil {
		return nil
	}
	name := l.Room
	if m := x.s.Meter; name == "" {
		name = m.Room
	}
	if r := x.s.Room(name); r != nil {
		if m := r.member(l.Number); m != nil {
			m.State = MemberTransit
		}
	}
	l.RoomKey = ""
	t := &Turn{Exec: x, Caller: l, State: st, doc: twiml.El("Response"), Number: l.Turn + 1, back: true}
	saved := x.leg
	x.leg, x.env = l, nil
	defer func() { x.leg, x.env = saved, nil }()
	x.failing = l.Number
	return x.finishVerb(t)
}

// parkAtLimit lets the leg hear music while a meter.low list may still bring credit.
func (x *Exec) parkAtLimit(m *Meter, l *Leg) error {
	doc, err := x.parkDocument(l)
	if err != nil {
		return err
	}
	if r := x.s.Room(m.Room); r != nil {
		if member := r.member(l.Number); member != nil {
			member.State = MemberTransit
		}
	}
	x.setDocument(l, doc)
	l.Parked, m.Parked, m.Turn = true, true, l.Turn
	if m.Grace.IsZero() {
		m.Grace = m.End.Add(meterGrace)
		x.rearm("meter-grace", m.Leg, m.Grace)
	}
	return nil
}

// usedUp tells the flow that the money is used up, when the leg is out of its room: if
// that leads it nowhere, its verb has ended.
func (x *Exec) usedUp(m *Meter, l *Leg) error {
	turn := l.Turn
	m.Parked = false
	if !m.Empty {
		m.Empty = true
		if err := x.raise(&Raised{Name: "meter.empty", Leg: m.Leg, Time: x.now, Data: x.meterData()}); err != nil {
			return err
		}
	}
	if l.Turn != turn || l.Held != "" || l.Over() || l.Leaving {
		return nil
	}
	return x.leftAtLimit(l)
}

// leftAtLimit ends the verb of a leg that is out of its room because of the limit.
func (x *Exec) leftAtLimit(l *Leg) error {
	st := x.c.Flow.States[l.State]
	if st == nil {
		return nil
	}
	t := &Turn{Exec: x, Caller: l, State: st}
	return t.End("left", Values{"leg": l.Name, "reason": "limit", "size": float64(0)})
}

// settleMeter decides what becomes of a leg that was parked at its limit, once the list
// that it waits for is over, and forgets the way back of legs that went elsewhere.
func (x *Exec) settleMeter() error {
	m := x.s.Meter
	if m == nil || x.muted {
		return nil
	}
	if _, l := x.rejoining(); m.Parked && l != nil {
		return x.settleParked(m, l)
	}
	if !m.Grace.IsZero() && !m.Empty && m.Stopped.IsZero() && !x.charging(m) {
		return x.meterEnd(true)
	}
	if m.Strategy != MeterRejoin {
		return nil
	}
	for _, r := range x.s.Rooms {
		for _, member := range r.Members {
			l := x.s.Leg(member.Leg)
			if member.State != MemberTransit || l.Room == r.Name {
				continue
			}
			if err := x.memberGone(r, l, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *Exec) settleParked(m *Meter, l *Leg) error {
	switch {
	case l.Turn != m.Turn || !l.Parked: // the flow has moved it
		m.Parked = false
		return nil
	case !m.Stopped.IsZero():
		m.Parked = false
		return x.leftAtLimit(l)
	case m.hasCredit(x.now):
		return x.rejoin(m, l)
	case x.charging(m) && x.now.Before(m.Grace):
		return nil
	}
	return x.usedUp(m, l)
}

// awaitsLimit reports whether Twilio is about to ask what to do with a metered leg whose
// money is used up: whatever else happens then, the flow is told of the money.
func (x *Exec) awaitsLimit(l *Leg) bool {
	m, metered := x.rejoining()
	return m != nil && metered == l && m.Turn == l.Turn && !m.Since.IsZero() && !m.hasCredit(x.now) && x.atLimit(m)
}

// holdAgain puts a leg on hold that was on hold when its limit came.
func (x *Exec) holdAgain(r *Room, l *Leg) {
	params := map[string]string{"Hold": strconv.FormatBool(true)}
	if l.HoldDoc != nil {
		params["HoldUrl"], params["HoldMethod"] = Path(x.s.ID, l.Number, l.Turn, URLHold), "POST"
	}
	x.Emit(Effect{Kind: UpdateParticipant, Leg: l.Number, Room: RoomName(x.s.ID, r.Name), Params: params})
}

// backSoon reports whether a leg that is out of its room goes back into it: its state
// holds it there, and the limit of the metered leg is the reason.
func (x *Exec) backSoon(r *Room, l *Leg) bool {
	if l.Over() || l.Leaving || l.RoomKey == "" || l.Room != r.Name || x.ev.Kind != KindRoom {
		return false
	}
	return x.transit(r.Name) && !x.putOut(l)
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

// endedRoom is the room of the flow that an effect ends.
func (x *Exec) endedRoom(e Effect) string {
	if e.Kind != EndRoom {
		return ""
	}
	for _, r := range x.s.Rooms {
		if RoomName(x.s.ID, r.Name) == e.Room {
			return r.Name
		}
	}
	return ""
}
