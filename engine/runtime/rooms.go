package runtime

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/ringdown/ringdown/engine"
)

// roomIndex knows which sessions have a room in a conference, by its SID. It serves
// the callbacks of shared rooms, which name no session.
type roomIndex struct {
	mu sync.Mutex
	in map[string][]string
}

// follow takes over what a commit changed.
func (x *roomIndex) follow(before, after *engine.Session) {
	if len(before.Rooms) == 0 && len(after.Rooms) == 0 {
		return
	}
	over := after.Condition == engine.SessionClosed
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, room := range before.Rooms {
		if now := after.Room(room.Name); over || now == nil || now.Conference != room.Conference {
			x.drop(room.Conference, after.ID)
		}
	}
	if over {
		return
	}
	for _, room := range after.Rooms {
		x.add(room.Conference, after.ID)
	}
}

func (x *roomIndex) add(conference, session string) {
	if conference == "" || slices.Contains(x.in[conference], session) {
		return
	}
	if x.in == nil {
		x.in = map[string][]string{}
	}
	x.in[conference] = append(x.in[conference], session)
}

func (x *roomIndex) drop(conference, session string) {
	kept := slices.DeleteFunc(slices.Clone(x.in[conference]), func(s string) bool { return s == session })
	if len(kept) == 0 {
		delete(x.in, conference)
		return
	}
	x.in[conference] = kept
}

// sessions gives those with a room in the conference, and first the one given.
func (x *roomIndex) sessions(conference, first string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var all []string
	if first != "" {
		all = append(all, first)
	}
	for _, s := range x.in[conference] {
		if s != first {
			all = append(all, s)
		}
	}
	return all
}

// roomCallback takes what happens in a conference. It never names a leg in its URL,
// because Twilio uses the first participant's URL for all. A shared room's goes to
// every session that is in it.
func (r *Runtime) roomCallback(ctx context.Context, route Route, q *request) Reply {
	q.kind = roomKind
	if route.Session != SharedRoom {
		return r.roomEvent(ctx, route.Session, route.Room, q)
	}
	first, _, _ := r.legOfCall(ctx, q.fields["CallSid"])
	sessions := r.rooms.sessions(q.fields["ConferenceSid"], first)
	if q.fields["StatusCallbackEvent"] == "participant-join" {
		q.fields[engine.PresentField] = r.present(ctx, route.Room, sessions)
	}
	reply := nothing
	for _, session := range sessions {
		if got := r.roomEvent(ctx, session, engine.SharedRoomEvent(route.Room), q); got.Status != nothing.Status {
			reply = got
		}
	}
	return reply
}

// present gives the calls that the sessions have in a shared room, for one that comes
// later: it was told of nobody's coming before.
func (r *Runtime) present(ctx context.Context, room string, sessions []string) string {
	name := (&engine.Room{Shared: room}).TwilioName("")
	var sids []string
	for _, id := range sessions {
		if s, err := r.Load(ctx, id); err == nil {
			sids = append(sids, s.OwnCalls(name)...)
		}
	}
	return strings.Join(sids, " ")
}

// roomKind stands for the kind that a room's URL does not have.
const roomKind = "room"

func (r *Runtime) roomEvent(ctx context.Context, session, room string, q *request) Reply {
	if r.overloaded() {
		return unavailable
	}
	ev := q.event(engine.KindRoom)
	ev.Room = room
	if err := r.deliver(ctx, session, ev); err != nil {
		if errors.Is(err, ErrNotFound) {
			return r.strange(session, q)
		}
		if !r.foreign(session, err) {
			return r.trouble(session, q, err)
		}
	}
	return nothing
}
