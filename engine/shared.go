package engine

import (
	"slices"
	"strings"
)

// Rooms that sessions share: one conference of the account, whose callbacks go to every
// session with a leg in it.

// PresentField is the field of a conference callback that names the calls of other
// sessions that are in a shared room already, with spaces between. The runtime adds it.
const PresentField = "RoomPresent"

// maxOthers is the most calls of other sessions that are kept in mind: more than a
// conference takes. https://www.twilio.com/docs/voice/twiml/conference
const maxOthers = 250

// Room gives the session's room of that name, made at its first use. shared is the name
// that it has among all sessions, "" for a private room.
func (t *Turn) Room(name, shared string) (*Room, error) {
	if shared != "" {
		shared = sharedName(shared)
	}
	for i, r := range t.s.Rooms {
		switch {
		case r.Name != name:
		case r.Shared == shared:
			return r, nil
		case !t.FirstIn(r):
			return nil, t.Fault(t.State.VerbPos, "limit", "the room %s is shared as %q for another leg of the session, and cannot be %q for this one; give it another name in the flow", name, r.Shared, shared)
		default: // nobody of this session is in the room that had the name
			t.s.Rooms[i] = &Room{Name: name, Shared: shared}
			return t.s.Rooms[i], nil
		}
	}
	r := &Room{Name: name, Shared: shared}
	t.s.Rooms = append(t.s.Rooms, r)
	return r, nil
}

// RoomAtTwilio is the name at Twilio of a room of the session.
func (x *Exec) RoomAtTwilio(name string) string {
	if r := x.s.Room(name); r != nil {
		return r.TwilioName(x.s.ID)
	}
	return RoomName(x.s.ID, name)
}

// isAt reports whether an event names the room.
func (r *Room) isAt(event string) bool {
	if r.Shared != "" {
		return SharedRoomEvent(r.Shared) == event
	}
	return slug(r.Name) == event || r.Name == event
}

// ours reports whether a leg of this session is in the room, or on its way there.
func (r *Room) ours() bool {
	return slices.ContainsFunc(r.Members, func(m *Member) bool { return m.State != MemberLeft })
}

// OwnCalls are the SIDs of the session's calls in a room of that name at Twilio.
func (s *Session) OwnCalls(twilioName string) []string {
	var sids []string
	for _, r := range s.Rooms {
		if r.TwilioName(s.ID) != twilioName {
			continue
		}
		for _, m := range r.Members {
			if l := s.Leg(m.Leg); l != nil && (m.State == MemberIn || m.State == MemberTransit) {
				sids = append(sids, l.SID)
			}
		}
	}
	return sids
}

func (r *Room) other(sid string) *Member {
	i := slices.IndexFunc(r.Others, func(m *Member) bool { return m.SID == sid })
	if i >= 0 {
		return r.Others[i]
	}
	if sid == "" || len(r.Others) >= maxOthers {
		return nil
	}
	m := &Member{SID: sid}
	r.Others = append(r.Others, m)
	return m
}

// present takes in who was in the room before this session heard of it.
func (r *Room) present(s *Session, sids string) {
	if r.Shared == "" {
		return
	}
	for sid := range strings.FieldsSeq(sids) {
		if s.LegBySID(sid) != nil {
			continue
		}
		if m := r.other(sid); m != nil && m.State == "" {
			m.State = MemberIn
		}
	}
}

// strangerJoined tells of a call of another session. Its leg has no name here.
func (x *Exec) strangerJoined(r *Room, sid string, seq int) error {
	m := r.other(sid)
	if m == nil || m.Seq > seq {
		return nil
	}
	was := m.State
	m.State, m.Seq, m.Reason = MemberIn, seq, ""
	if was == MemberIn {
		return nil
	}
	return x.raiseRoom(r, "joined", &Leg{}, "")
}

func (x *Exec) strangerLeft(r *Room, sid string, seq int, reason string) error {
	m := r.other(sid)
	if m == nil || m.Seq > seq || m.State == MemberLeft {
		return nil
	}
	m.State, m.Seq, m.Reason = MemberLeft, seq, reason
	return x.raiseRoom(r, "left", &Leg{}, reason)
}
