package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"
)

// commitOp is a Commit with its ids taken apart, which is done in the caller's
// goroutine: the writer is the narrow place.
type commitOp struct {
	*Commit
	effects, done []effectID
}

type effectID struct{ rev, n int64 }

func newCommitOp(c *Commit) (*commitOp, error) {
	o := &commitOp{Commit: c}
	if c.Session.ID == "" {
		return nil, fmt.Errorf("commit of a session without id: %w", ErrInvalid)
	}
	for i := range c.Effects {
		rev, n, err := parseEffectID(c.Effects[i].ID)
		if err != nil {
			return nil, err
		}
		o.effects = append(o.effects, effectID{rev, n})
	}
	for _, id := range c.Done {
		rev, n, err := parseEffectID(id)
		if err != nil {
			return nil, err
		}
		o.done = append(o.done, effectID{rev, n})
	}
	return o, nil
}

// apply checks everything that can refuse the commit, the session row last, and
// only then writes the rest.
func (o *commitOp) apply(w *writer) error {
	if err := o.checkCalls(w); err != nil {
		return err
	}
	if err := o.checkKey(w); err != nil {
		return err
	}
	if err := o.writeSession(w); err != nil {
		return err
	}
	s := &o.Session
	if o.History != nil {
		if _, err := w.insertHistory.exec(s.ID, s.Rev, toMicro(s.Updated), o.History); err != nil {
			return fmt.Errorf("history of session %s, revision %d: %w", s.ID, s.Rev, err)
		}
	}
	if err := o.writeEffects(w); err != nil {
		return err
	}
	for _, c := range o.Calls {
		if _, err := w.bindCall.exec(c.SID, s.ID, int64(c.Leg)); err != nil {
			return fmt.Errorf("call %s of session %s: %w", c.SID, s.ID, err)
		}
	}
	if err := o.writePrices(w); err != nil {
		return err
	}
	if c := o.Closure; c != nil && !w.hasClosure(c.ID) {
		if _, err := w.putClosure.exec(c.ID, c.Source); err != nil {
			return fmt.Errorf("closure %s: %w", c.ID, err)
		}
		w.fresh = append(w.fresh, c.ID)
	}
	if k := o.Key; k != nil {
		if _, err := w.putKey.exec(k.Scope, k.Key, k.Result, toMicro(k.Expires)); err != nil {
			return fmt.Errorf("idempotency key of session %s: %w", s.ID, err)
		}
	}
	return nil
}

func (o *commitOp) checkCalls(w *writer) error {
	for _, c := range o.Calls {
		var row [2]driver.Value
		found, err := w.getCall.row(row[:], c.SID)
		if err != nil {
			return err
		}
		if session, leg := text(row[0]), int(number(row[1])); found && (session != o.Session.ID || leg != c.Leg) {
			return &SIDTakenError{SID: c.SID, Session: session, Leg: leg}
		}
	}
	return nil
}

func (o *commitOp) checkKey(w *writer) error {
	if o.Key == nil {
		return nil
	}
	var row [2]driver.Value
	found, err := w.getKey.row(row[:], o.Key.Scope, o.Key.Key)
	if err != nil {
		return err
	}
	if expires := number(row[1]); found && expires > toMicro(o.Session.Updated) {
		return &KeyTakenError{Key{o.Key.Scope, o.Key.Key, text(row[0]), fromMicro(expires)}}
	}
	return nil
}

func (o *commitOp) writeSession(w *writer) error {
	s := &o.Session
	due, updated := toMicro(s.Due), toMicro(s.Updated)
	if o.New {
		active := int64(0)
		if s.Active {
			active = 1
		}
		n, err := w.insertSession.exec(s.ID, s.Rev, s.Mark, s.Flow, s.Closure, s.Condition, s.Outcome,
			active, due, toMicro(s.Started), updated, s.States, s.Data)
		if err == nil && n == 0 {
			err = ErrExists
		}
		return wrapSession(s.ID, err)
	}
	update := w.update
	if !s.Active {
		update = w.retire
	}
	n, err := update.exec(s.Rev, s.Mark, s.Condition, s.Outcome, due, updated, s.States, s.Data, s.ID, s.Rev-1)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: revision %d is not the stored one", ErrConflict, s.Rev-1)
	}
	return wrapSession(s.ID, err)
}

func wrapSession(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("session %s: %w", id, err)
}

func (o *commitOp) writeEffects(w *writer) error {
	session := o.Session.ID
	for i, id := range o.effects {
		e := &o.Effects[i]
		_, err := w.insertEffect.exec(session, id.rev, id.n, e.Lane, e.Kind, int64(e.Leg),
			toMicro(e.NotBefore), toMicro(e.Deadline), int64(e.Attempt), toMicro(e.Lease), e.Data)
		if err != nil {
			return fmt.Errorf("effect %s of session %s: %w", e.ID, session, err)
		}
	}
	for i, id := range o.done {
		if _, err := w.done.exec(session, id.rev, id.n); err != nil {
			return fmt.Errorf("effect %s of session %s: %w", o.Done[i], session, err)
		}
	}
	return nil
}

func (o *commitOp) writePrices(w *writer) error {
	session := o.Session.ID
	for _, p := range o.Prices {
		answered := int64(0)
		if p.Answered {
			answered = 1
		}
		if _, err := w.addPrice.exec(session, int64(p.Leg), p.SID, toMicro(p.Ended), answered); err != nil {
			return fmt.Errorf("price of leg %d of session %s: %w", p.Leg, session, err)
		}
	}
	for _, leg := range o.Priced {
		if _, err := w.dropPrice.exec(session, int64(leg)); err != nil {
			return fmt.Errorf("price of leg %d of session %s: %w", leg, session, err)
		}
	}
	return nil
}

// claimOp takes an effect, or gives it back (release).
type claimOp struct {
	session, effect string
	id              effectID
	attempt         int
	release         bool
	until           time.Time // lease, or not before
	data            []byte
}

func (o *claimOp) apply(w *writer) error {
	var n int64
	var err error
	if o.release {
		n, err = w.giveBack.exec(toMicro(o.until), o.data, o.session, o.id.rev, o.id.n, int64(o.attempt))
	} else {
		n, err = w.claim.exec(int64(o.attempt), toMicro(o.until), o.data, o.session, o.id.rev, o.id.n, int64(o.attempt))
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: it is done, or at another attempt", ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("effect %s of session %s: %w", o.effect, o.session, err)
	}
	return nil
}

type switchOp struct {
	name  string
	value bool
}

func (o *switchOp) apply(w *writer) error {
	value := int64(0)
	if o.value {
		value = 1
	}
	_, err := w.setSwitch.exec(o.name, value)
	return err
}

// Commit stores c and returns when it is durable. It returns ErrConflict,
// ErrExists, ErrSIDTaken, ErrKeyTaken or ErrInvalid when c is refused; ctx's
// error when ctx ended before the writer took c; any other error when the
// transaction failed. In all of these nothing of c is stored, except that a
// machine that dies after a failed transaction may come back with it. c must not
// be changed before Commit returns.
func (s *SQLite) Commit(ctx context.Context, c *Commit) error {
	o, err := newCommitOp(c)
	if err != nil {
		return err
	}
	return s.q.do(ctx, o, c.Reply)
}

// Claim notes, durably, that attempt number attempt (from 1) of an effect begins
// and that nobody else may try before lease. Data replaces the effect's data
// unless it is nil. ErrConflict: the effect is done or was claimed meanwhile.
func (s *SQLite) Claim(ctx context.Context, session, effect string, attempt int, lease time.Time, data []byte) error {
	return s.claim(ctx, &claimOp{session: session, effect: effect, attempt: attempt, until: lease, data: data})
}

// Release ends the lease of attempt number attempt without a result: the effect
// is to be tried again, not before notBefore. Data replaces the effect's data
// unless it is nil. ErrConflict: the effect is done or at another attempt.
func (s *SQLite) Release(ctx context.Context, session, effect string, attempt int, notBefore time.Time, data []byte) error {
	return s.claim(ctx, &claimOp{session: session, effect: effect, attempt: attempt, until: notBefore, data: data, release: true})
}

func (s *SQLite) claim(ctx context.Context, o *claimOp) error {
	rev, n, err := parseEffectID(o.effect)
	if err != nil {
		return err
	}
	o.id = effectID{rev, n}
	return s.q.do(ctx, o, false)
}

// SetSwitch stores a switch; it is durable on return.
func (s *SQLite) SetSwitch(ctx context.Context, name string, value bool) error {
	return s.q.do(ctx, &switchOp{name, value}, true)
}
