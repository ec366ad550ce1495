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
	st := x.stateOf(l)
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
	defer x.as(l, l.here().frame)()
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
	st := x.stateOf(l)
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

// holdAgain puts a leg on hold that was on hold when its limit came.
func (x *Exec) holdAgain(r *Room, l *Leg) {
	params := map[string]string{"Hold": strconv.FormatBool(true)}
	if l.HoldDoc != nil {
		params["HoldUrl"], params["HoldMethod"] = Path(x.s.ID, l.Number, l.Turn, URLHold), "POST"
	}
	x.Emit(Effect{Kind: UpdateParticipant, Leg: l.Number, Room: r.TwilioName(x.s.ID), Params: params})
}

// backSoon reports whether a leg that is out of its room goes back into it: its state
// holds it there, and the limit of the metered leg is the reason.
func (x *Exec) backSoon(r *Room, l *Leg) bool {
	if l.Over() || l.Leaving || l.RoomKey == "" || l.Room != r.Name || x.ev.Kind != KindRoom {
		return false
	}
	return x.transit(r.Name) && !x.putOut(l)
}

// endedRoom is the room of the flow that an effect ends.
func (x *Exec) endedRoom(e Effect) string {
	if e.Kind != EndRoom {
		return ""
	}
	for _, r := range x.s.Rooms {
		if r.TwilioName(x.s.ID) == e.Room {
			return r.Name
		}
	}
	return ""
}
