package engine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Join is what a verb says of the room that its document joins: what a same room looks
// like (key), whether it ends when this leg hangs up, whether the leg stays in it alone.
func (t *Turn) Join(room *Room, key string, endsRoom, stays bool) {
	t.roomKey, t.endsRoom, t.stays = key+room.Shared, endsRoom, stays
}

// FirstIn reports whether no other leg of the session is in the room, or on its way there.
func (t *Turn) FirstIn(r *Room) bool {
	return !slices.ContainsFunc(r.Members, func(m *Member) bool { return m.State != MemberLeft && m.Leg != t.Caller.Number })
}

// joining records that the leg's new document takes it into its room.
func (x *Exec) joining(l *Leg) {
	r := x.s.Room(l.Room)
	if r == nil {
		return
	}
	m := r.member(l.Number)
	if m == nil {
		m = &Member{Leg: l.Number}
		r.Members = append(r.Members, m)
	}
	m.Turn, m.Reason, m.Seq = l.Turn, "", 0
	if m.State != MemberTransit {
		m.State, m.Held = MemberJoining, false
	}
}

func (r *Room) member(leg int) *Member {
	for _, m := range r.Members {
		if m.Leg == leg {
			return m
		}
	}
	return nil
}

// Size is how many legs are in the room; of other sessions those that are known.
func (r *Room) Size() int {
	n := 0
	for _, m := range r.Members {
		if m.State == MemberIn || m.State == MemberTransit {
			n++
		}
	}
	for _, m := range r.Others {
		if m.State == MemberIn {
			n++
		}
	}
	return n
}

// leaveRoomAt takes in that the leg's verb is over: it is in no room any more. It is
// told here or by the callback, whichever comes first.
func (x *Exec) leaveRoomAt(l *Leg) error {
	l.RoomKey = ""
	r := x.s.Room(l.Room)
	if r == nil {
		return nil
	}
	return x.memberGone(r, l, "")
}

// memberGone marks a member as left and tells the others, once.
func (x *Exec) memberGone(r *Room, l *Leg, reason string) error {
	m := r.member(l.Number)
	if m == nil || m.State == MemberLeft {
		return nil
	}
	if x.backSoon(r, l) {
		m.State = MemberTransit
		return nil
	}
	was := m.State
	m.State = MemberLeft
	if m.Reason == "" {
		m.Reason = reason
	}
	if was == MemberJoining {
		return nil
	}
	return x.raiseRoom(r, "left", l, m.Reason)
}

// leaveRooms tells the others in the room that a call that is over has left.
func (x *Exec) leaveRooms(l *Leg) error {
	for _, r := range x.s.Rooms {
		if err := x.memberGone(r, l, "hung-up"); err != nil {
			return err
		}
	}
	return nil
}

// roomCallback takes in a conference callback. The one with the highest number counts.
func (x *Exec) roomCallback(ev *Event) error {
	i := slices.IndexFunc(x.s.Rooms, func(r *Room) bool { return r.isAt(ev.Room) })
	if i < 0 {
		x.note(Entry{What: "late", Name: "room", Text: ev.Room})
		return nil
	}
	r := x.s.Rooms[i]
	if r.Shared != "" && !r.ours() {
		x.note(Entry{What: "late", Name: "room", Text: ev.Room})
		return nil
	}
	if !x.generation(r, ev.Fields) {
		return nil
	}
	seq, err := strconv.Atoi(ev.Fields["SequenceNumber"])
	if err == nil && !r.Seen.take(seq) {
		x.note(Entry{What: "dropped", Name: "room", Why: "repeated"})
		return nil
	}
	l := x.s.LegBySID(ev.Fields["CallSid"])
	if l != nil && !l.Over() {
		if err := x.raiseUp(l); err != nil {
			return err
		}
		l.EvidenceAt = x.now
	}
	return x.roomEvent(r, l, seq, ev.Fields)
}

// generation reports whether a conference is the room's current one. A new SID starts a
// generation; callbacks of an old one are history, also where all of them come late.
func (x *Exec) generation(r *Room, fields map[string]string) bool {
	sid := fields["ConferenceSid"]
	switch {
	case sid == "" || sid == r.Conference:
		return true
	case slices.Contains(r.Old, sid):
		return false
	case r.Conference != "" && (r.former(fields) || x.happened(fields["Timestamp"]).Before(r.Began)):
		r.Old = append(r.Old, sid)
		return false
	}
	if r.Conference != "" {
		r.Old = append(r.Old, r.Conference)
	}
	r.Conference, r.Ended, r.Seen, r.Began, r.Others = sid, false, Window{}, time.Time{}, nil
	return true
}

// former reports whether a callback tells of a stay that a leg of the session has left:
// its label has the turn of it.
func (r *Room) former(fields map[string]string) bool {
	label := cmp.Or(fields["ParticipantLabel"], fields["ParticipantLabelEndingConference"])
	leg, turn, ok := strings.Cut(label[strings.LastIndexByte(label, 'l')+1:], "t")
	number, err := strconv.Atoi(leg)
	stay, err2 := strconv.Atoi(turn)
	if !ok || err != nil || err2 != nil {
		return false
	}
	m := r.member(number)
	return m != nil && stay < m.Turn
}

// newsTime is how late the news of a conference is believed to be by its own word.
const newsTime = 30 * time.Second

// happened is when what a conference callback tells of was: by its Timestamp, which is
// RFC 2822, where it has one that can be true; else now.
// https://www.twilio.com/docs/voice/twiml/conference#attributes-statusCallback
func (x *Exec) happened(timestamp string) time.Time {
	at, err := time.Parse(time.RFC1123Z, timestamp)
	if err != nil || at.After(x.now) || x.now.Sub(at) > newsTime {
		return x.now
	}
	return at
}

func (x *Exec) roomEvent(r *Room, l *Leg, seq int, fields map[string]string) error {
	switch fields["StatusCallbackEvent"] {
	case "participant-join":
		r.present(x.s, fields[PresentField])
		if l == nil && r.Shared != "" {
			return x.strangerJoined(r, fields["CallSid"], seq)
		}
		return x.memberJoined(r, l, seq, fields["ParticipantLabel"])
	case "participant-leave":
		if l == nil && r.Shared != "" {
			return x.strangerLeft(r, fields["CallSid"], seq, fields["ReasonParticipantLeft"])
		}
		return x.memberLeft(r, l, seq, fields)
	case "conference-start":
		r.Began = x.happened(fields["Timestamp"])
		x.armClear()
		return nil
	case "conference-end":
		r.Ended = true
		if x.transit(r.Name) {
			return nil // everybody goes back in
		}
		return x.raise(&Raised{Name: r.Name + ".ended", Time: x.now, Data: Values{"reason": fields["ReasonConferenceEnded"]}})
	case "participant-mute", "participant-unmute":
		return x.raiseFlag(r, l, "muted", fields["StatusCallbackEvent"] == "participant-mute")
	case "participant-hold", "participant-unhold":
		on := fields["StatusCallbackEvent"] == "participant-hold"
		if m := r.member(numberOf(l)); m != nil {
			m.Held = on
		}
		return x.raiseFlag(r, l, "held", on)
	case "participant-speech-start", "participant-speech-stop":
		return x.raiseFlag(r, l, "speaking", fields["StatusCallbackEvent"] == "participant-speech-start")
	}
	return nil
}

func (x *Exec) memberJoined(r *Room, l *Leg, seq int, label string) error {
	if l == nil {
		return nil
	}
	m := r.member(l.Number)
	if m == nil || m.Seq > seq || m.State != MemberJoining && m.State != MemberTransit || l.Over() || !m.sameStay(label) {
		return nil
	}
	was := m.State
	m.State, m.Seq = MemberIn, seq
	if was == MemberTransit {
		if m.Held {
			x.holdAgain(r, l)
		}
		return nil
	}
	st := x.stateOf(l)
	if st != nil && l.Room == r.Name && !x.muted {
		if t := st.On["joined"]; t != nil {
			err := x.take(l, l.here(), t, &Raised{Name: "joined", Leg: l.Number, Time: x.now, Data: Values{"leg": l.Name, "size": float64(r.Size())}})
			if err != nil {
				return err
			}
		}
	}
	return x.raiseRoom(r, "joined", l, "")
}

func (x *Exec) memberLeft(r *Room, l *Leg, seq int, fields map[string]string) error {
	if l == nil {
		return nil
	}
	m := r.member(l.Number)
	if m == nil || m.Seq > seq || !m.sameStay(fields["ParticipantLabel"]) {
		return nil
	}
	m.Seq = seq
	if reason := fields["ReasonParticipantLeft"]; m.Reason == "" {
		m.Reason = reason
	}
	if m.State == MemberJoining {
		m.State = MemberIn // its join was lost or is late
	}
	return x.memberGone(r, l, "")
}

// sameStay reports whether a callback is about the member's stay of now: a leg that came
// back has another label, and the end of its former stay may be told late.
func (m *Member) sameStay(label string) bool {
	i := strings.LastIndexByte(label, 't')
	return i < 0 || label[i+1:] == strconv.Itoa(m.Turn)
}

func (x *Exec) raiseRoom(r *Room, event string, l *Leg, reason string) error {
	data := Values{"leg": l.Name, "size": float64(r.Size()), "reason": reason}
	return x.raise(&Raised{Name: r.Name + "." + event, Time: x.now, Data: data})
}

func (x *Exec) raiseFlag(r *Room, l *Leg, event string, on bool) error {
	name := ""
	if l != nil {
		name = l.Name
	}
	return x.raise(&Raised{Name: r.Name + "." + event, Time: x.now, Data: Values{"leg": name, "on": on}})
}

// StaysFor records how long at most Twilio lets the leg stay in its room.
func (t *Turn) StaysFor(limit time.Duration) { t.stayLimit = limit }

// LeaveReason says why the leg's conference verb ended, as far as is known.
func (t *Turn) LeaveReason() string {
	r := t.s.Room(t.Caller.Room)
	if r == nil {
		return ""
	}
	if t.atTheLimit || !t.Caller.StayEnds.IsZero() && !t.now.Before(t.Caller.StayEnds) {
		return "limit"
	}
	if r.Ended {
		return "room-ended"
	}
	if m := r.member(t.Caller.Number); m != nil {
		switch m.Reason {
		case "conference_ended_via_api", "moderator_ended_conference":
			return "room-ended"
		case "kicked":
			return "kicked"
		}
	}
	return ""
}

// Held records that the flow puts a leg on hold in its room, or takes it off.
func (x *Exec) Held(l *Leg, on bool) {
	if r := x.s.Room(l.Room); r != nil {
		if m := r.member(l.Number); m != nil {
			m.Held = on
		}
	}
}

// Kicked records that the flow puts a leg out of its room.
func (x *Exec) Kicked(l *Leg) {
	if r := x.s.Room(l.Room); r != nil {
		if m := r.member(l.Number); m != nil {
			m.Reason = "kicked"
		}
	}
}

// InRoom reports whether the leg's current document joins the room of that name.
func (l *Leg) InRoom(room string) bool {
	return l.Room == room && room != "" && l.RoomKey != "" && !l.Over()
}
