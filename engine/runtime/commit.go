package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/store"
)

// load gives the session as it was last committed. The session's lock is held.
func (r *Runtime) load(ctx context.Context, sl *slot) (*pinned, error) {
	if p := sl.newest.Load(); p != nil {
		return p, nil
	}
	p, err := r.read(ctx, sl.id)
	if err != nil {
		return nil, err
	}
	sl.newest.Store(p)
	return p, nil
}

// read takes a session from the store, past the cache.
func (r *Runtime) read(ctx context.Context, id string) (*pinned, error) {
	row, err := r.store.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	s, err := decodeRow(row)
	if err != nil {
		return nil, err
	}
	c, err := r.closure(ctx, s.Flow, s.Closure)
	if err != nil {
		return nil, err
	}
	return &pinned{s: s, c: c}, nil
}

func decodeRow(row store.Session) (*engine.Session, error) {
	s, err := engine.DecodeSession(row.Data)
	if err != nil {
		return nil, fmt.Errorf("session %s, revision %d, cannot be read: %w", row.ID, row.Rev, err)
	}
	return s, nil
}

// extra is what a commit carries beside the outcome of an event.
type extra struct {
	isNew bool
	reply bool // somebody waits for an answer
	key   *store.Key
}

// apply steps the event and commits what comes out, again from the newest session when
// somebody else committed in between. The session's lock is held.
func (r *Runtime) apply(ctx context.Context, sl *slot, ev *engine.Event, x extra) (*pinned, error) {
	var err error
	for range attempts {
		var cur *pinned
		if cur, err = r.load(ctx, sl); err != nil {
			return nil, err
		}
		var next *pinned
		if next, err = r.step(ctx, sl, cur, ev, x); err == nil || !errors.Is(err, store.ErrConflict) {
			return next, err
		}
	}
	return nil, err
}

// step runs the event once on cur and commits. The event itself is not changed.
func (r *Runtime) step(ctx context.Context, sl *slot, cur *pinned, ev *engine.Event, x extra) (*pinned, error) {
	e := *ev
	e.ID = strconv.FormatInt(cur.s.Rev+1, 10) + "-" + ev.Kind
	e.World = r.cfg.World()
	out := engine.Step(cur.c, cur.s, &e)
	next := &pinned{s: out.Session, c: cur.c}
	added := wanted(out)
	done := finished(cur.s, out.Session, &e)
	c, err := r.commitOf(cur, next, &e, out.Trace, added, x)
	if smaller := withoutBody(ev, err); smaller != nil {
		return r.step(ctx, sl, cur, smaller, x)
	}
	if err != nil {
		return nil, err
	}
	c.Done = done
	err = r.store.Commit(ctx, c)
	r.noteCommit(err)
	if err != nil {
		sl.newest.Store(nil) // what is stored now has to be read
		return nil, err
	}
	sl.newest.Store(next)
	if r.cfg.Taken != nil {
		r.cfg.Taken(out.Taken)
	}
	r.rooms.follow(cur.s, next.s)
	if d := r.dispatcher.Load(); d != nil {
		(*d).Committed(next.s, added, done)
	}
	sl.wake()
	r.logFaults(next.s, out.Trace)
	return next, nil
}

// withoutBody is the result of an `http` step without what it saved, when that made the
// session too big to be stored; nil when err has another cause.
func withoutBody(ev *engine.Event, err error) *engine.Event {
	var fault *engine.Fault
	if !errors.As(err, &fault) || ev.Result == nil || ev.Result.Body == nil && ev.Result.Headers == nil {
		return nil
	}
	e, result := *ev, *ev.Result
	result.Body, result.Headers, result.OK, result.Reason, result.Message = nil, nil, false, "too-large", fault.Error()
	e.Result = &result
	return &e
}

// wanted are the effects that were not taken back in the event that made them.
func wanted(out engine.Outcome) []engine.Effect {
	if len(out.Effects) == 0 {
		return nil
	}
	kept := make([]engine.Effect, 0, len(out.Effects))
	for _, e := range out.Effects {
		if pending(out.Session, e.ID) {
			kept = append(kept, e)
		}
	}
	return kept
}

// finished are the effects that need no doing any more. The effect of a result is one
// of them in any case, also when the session is over and takes no news.
func finished(before, after *engine.Session, ev *engine.Event) []string {
	var done []string
	for i := range before.Pending {
		if id := before.Pending[i].ID; !pending(after, id) {
			done = append(done, id)
		}
	}
	if ev.Kind == engine.KindResult && pending(after, ev.Effect) == pending(before, ev.Effect) {
		done = append(done, ev.Effect)
	}
	return done
}

func pending(s *engine.Session, id string) bool {
	for i := range s.Pending {
		if s.Pending[i].ID == id {
			return true
		}
	}
	return false
}

func (r *Runtime) commitOf(cur, next *pinned, ev *engine.Event, trace []engine.Entry, added []engine.Effect, x extra) (*store.Commit, error) {
	s := next.s
	data, err := engine.EncodeSession(s)
	if err != nil {
		return nil, fmt.Errorf("session %s cannot be written: %w", s.ID, err)
	}
	history, err := engine.EncodeTrace(trace)
	if err != nil {
		return nil, fmt.Errorf("history of session %s cannot be written: %w", s.ID, err)
	}
	c := &store.Commit{
		Session: store.Session{
			ID: s.ID, Rev: s.Rev, Mark: s.Mark, Flow: s.Flow, Closure: s.Closure,
			Condition: string(s.Condition), Outcome: s.Outcome, Active: s.Condition != engine.SessionClosed,
			Due: s.NextDue(), Started: s.Started, Updated: s.LastAt, States: statesOf(s), Data: data,
		},
		New: x.isNew, History: history, Key: x.key, Reply: x.reply || ev.Synchronous(),
	}
	for i := range added {
		row, err := EffectRow(&added[i])
		if err != nil {
			return nil, err
		}
		c.Effects = append(c.Effects, row)
	}
	for i, l := range s.Legs {
		if l.SID != "" && (i >= len(cur.s.Legs) || cur.s.Legs[i].SID != l.SID) {
			c.Calls = append(c.Calls, store.Call{SID: l.SID, Leg: l.Number})
		}
	}
	c.Prices, c.Priced = prices(cur.s, s)
	if x.isNew {
		c.Closure = &store.Closure{ID: next.c.ID, Source: next.c.Source}
	}
	return c, nil
}

// prices gives the calls that a commit makes wait for their price, and those legs that it
// ends the wait of.
func prices(before, after *engine.Session) (added []store.Price, done []int) {
	for i, l := range after.Legs {
		was, is := i < len(before.Legs) && before.Legs[i].AwaitsPrice(), l.AwaitsPrice()
		switch {
		case is && !was:
			added = append(added, store.Price{Leg: l.Number, SID: l.SID, Ended: l.EndedAt, Answered: !l.AnsweredAt.IsZero()})
		case was && !is:
			done = append(done, l.Number)
		}
	}
	return added, done
}

// EffectRow is an effect as it is stored; DecodeEffect reads it back.
func EffectRow(e *engine.Effect) (store.Effect, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return store.Effect{}, fmt.Errorf("effect %s: %w", e.ID, err)
	}
	return store.Effect{
		ID: e.ID, Lane: e.Lane, Kind: string(e.Kind), Leg: e.Leg,
		NotBefore: e.NotBefore, Deadline: e.Deadline, Data: data,
	}, nil
}

// DecodeEffect reads the effect of a stored row.
func DecodeEffect(row store.Effect) (engine.Effect, error) {
	var e engine.Effect
	if err := json.Unmarshal(row.Data, &e); err != nil {
		return e, fmt.Errorf("effect %s of session %s cannot be read: %w", row.ID, row.Session, err)
	}
	return e, nil
}

// statesOf are the names of the states that legs are in, for looking sessions up.
func statesOf(s *engine.Session) string {
	one := ""
	var more strings.Builder
	for _, l := range s.Legs {
		switch {
		case l.Gone() || l.State == "":
		case one == "":
			one = l.State
		default:
			more.WriteByte(' ')
			more.WriteString(l.State)
		}
	}
	return one + more.String()
}

// logFaults tells the log what went wrong in a flow; the history has it too.
func (r *Runtime) logFaults(s *engine.Session, trace []engine.Entry) {
	for i := range trace {
		if e := &trace[i]; e.What == "fault" {
			r.log.Error("a flow failed", "session", s.ID, "flow", s.Flow, "rev", s.Rev,
				"reason", e.Why, "error", e.Text, "stack", e.Fields["stack"])
		}
	}
}

// now is the time that events carry.
func (r *Runtime) now() time.Time { return r.clock.Now().UTC() }
