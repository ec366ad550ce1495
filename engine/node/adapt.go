package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/runtime"
	"github.com/ringdown/ringdown/engine/store"
)

// sessions is the runtime as the dispatcher sees it.
type sessions struct{ r *runtime.Runtime }

// Deliver implements dispatch.Sessions.
func (s sessions) Deliver(ctx context.Context, session string, ev *engine.Event) error {
	return noSession(s.r.Deliver(ctx, session, ev))
}

// Load implements dispatch.Sessions.
func (s sessions) Load(ctx context.Context, id string) (*engine.Session, error) {
	got, err := s.r.Load(ctx, id)
	return got, noSession(err)
}

// Evidence implements dispatch.Sessions.
func (s sessions) Evidence(session string, leg int) time.Time { return s.r.Evidence(session, leg) }

func noSession(err error) error {
	if errors.Is(err, runtime.ErrNotFound) {
		return fmt.Errorf("%w: %w", dispatch.ErrNoSession, err)
	}
	return err
}

// signals is the runtime as it carries signals from session to session.
type signals struct{ r *runtime.Runtime }

// Signal implements dispatch.Signals.
func (s signals) Signal(ctx context.Context, from, id string, to *engine.SignalTo) error {
	err := s.r.Relay(ctx, from, id, to)
	var data *runtime.SignalDataError
	reason := ""
	switch {
	case errors.Is(err, runtime.ErrNotFound):
		reason = dispatch.ReasonNoSession
	case errors.Is(err, runtime.ErrOver):
		reason = dispatch.ReasonOver
	case errors.Is(err, runtime.ErrNotOffered):
		reason = dispatch.ReasonNotOffered
	case errors.As(err, &data):
		reason = dispatch.ReasonData
	default:
		return err
	}
	return &dispatch.RefusedError{Reason: reason, Err: err}
}

// claims is the store as the dispatcher notes attempts in it.
type claims struct{ s *store.SQLite }

// Claim implements dispatch.Claims.
func (c claims) Claim(ctx context.Context, session, effect string, attempt int, lease time.Time) error {
	return taken(c.s.Claim(ctx, session, effect, attempt, lease, nil))
}

// Release implements dispatch.Claims.
func (c claims) Release(ctx context.Context, session, effect string, attempt int, notBefore time.Time) error {
	return taken(c.s.Release(ctx, session, effect, attempt, notBefore, nil))
}

func taken(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("%w: %w", dispatch.ErrTaken, err)
	}
	return err
}

// calls is the store as the dispatcher looks calls up in it.
type calls struct{ s *store.SQLite }

// Bound implements dispatch.Calls.
func (c calls) Bound(ctx context.Context, sid string) (bool, error) {
	_, _, err := c.s.CallLeg(ctx, sid)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// observed is the dispatcher behind somebody who is told of every commit.
type observed struct {
	runtime.Dispatcher
	tell func(*engine.Session)
}

// Committed implements runtime.Dispatcher.
func (o observed) Committed(s *engine.Session, added []engine.Effect, done []string) {
	o.tell(s)
	o.Dispatcher.Committed(s, added, done)
}

// committed tells those who look on.
func (n *Node) committed(s *engine.Session) {
	n.server.Committed(s)
	if n.cfg.Committed != nil {
		n.cfg.Committed(s)
	}
}
