package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/store"
)

// ErrNotFound: there is no such session.
var ErrNotFound = store.ErrNotFound

// Deliver gives a session an event that no webhook brings: a timer, the result of an
// effect, something found out by asking Twilio. It returns once the event is
// committed. After an error nothing of it is stored and it has to be delivered again,
// except after ErrNotFound. ID and World of the event are filled in, At too when it is zero.
func (r *Runtime) Deliver(ctx context.Context, session string, ev *engine.Event) error {
	e := *ev
	if e.At.IsZero() {
		e.At = r.now()
	}
	ctx, end := r.budget(ctx, commitBudget)
	defer end()
	err := r.deliver(ctx, session, &e)
	if errors.Is(err, store.ErrSIDTaken) {
		// Somebody else's call: what the event says of it cannot be about this leg.
		r.log.Error("an event names a call that belongs to another leg", "session", session, "kind", e.Kind, "effect", e.Effect, "error", err)
		return r.deliver(ctx, session, withoutSID(&e))
	}
	return err
}

func (r *Runtime) deliver(ctx context.Context, session string, ev *engine.Event) error {
	sl := r.slots.get(session)
	defer r.slots.put(sl)
	if err := sl.acquire(ctx, r.clock, lockBudget); err != nil {
		return err
	}
	defer sl.release()
	_, err := r.apply(ctx, sl, ev, extra{})
	return err
}

// withoutSID is the event with nothing that binds a call to a leg. A result becomes a
// failure: a call that is another leg's was not placed for this one.
func withoutSID(ev *engine.Event) *engine.Event {
	e := *ev
	if e.Result != nil {
		result := *e.Result
		result.SID, result.OK, result.Reason = "", false, "sid-taken"
		e.Result = &result
	}
	if e.Fields["CallSid"] != "" {
		e.Fields = make(map[string]string, len(ev.Fields))
		for k, v := range ev.Fields {
			if k != "CallSid" {
				e.Fields[k] = v
			}
		}
	}
	return &e
}

// Load gives a session as it was last committed, to read only; ErrNotFound.
func (r *Runtime) Load(ctx context.Context, id string) (*engine.Session, error) {
	if sl := r.slots.peek(id); sl != nil {
		if p := sl.newest.Load(); p != nil {
			return p.s, nil
		}
	}
	row, err := r.store.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	return decodeRow(row)
}

// Evidence is when the leg last asked for anything, as far as this process knows; the
// zero time when it does not. The rounds of a wait are seen only here: they are not stored.
func (r *Runtime) Evidence(session string, leg int) time.Time {
	if sl := r.slots.peek(session); sl != nil {
		return sl.lastSign(leg)
	}
	return time.Time{}
}

// Unfinished is what was going on when the process before this one ended.
type Unfinished struct {
	Sessions []*engine.Session // not closed, oldest first
	Effects  []store.Effect    // without result, by session, revision and number
	Prices   []store.Price     // not known yet, also of sessions that are closed
}

// Recover reads what was going on, for the dispatcher, and prepares for its events. A
// session that cannot be read is left out and reported: the others must go on.
func (r *Runtime) Recover(ctx context.Context) (Unfinished, error) {
	var u Unfinished
	err := r.store.ActiveSessions(ctx, func(row store.Session) error {
		s, err := decodeRow(row)
		if err != nil {
			r.log.Error("a session cannot be taken up again", "session", row.ID, "flow", row.Flow, "error", err)
			return nil
		}
		if _, err := r.closure(ctx, s.Flow, s.Closure); err != nil {
			r.log.Error("the flow of a live session cannot be loaded", "session", s.ID, "flow", s.Flow, "error", err)
		}
		r.rooms.follow(&engine.Session{}, s)
		u.Sessions = append(u.Sessions, s)
		return nil
	})
	if err != nil {
		return u, err
	}
	if u.Effects, err = r.store.Effects(ctx); err != nil {
		return u, err
	}
	u.Prices, err = r.store.Prices(ctx)
	return u, err
}
