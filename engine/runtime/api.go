package runtime

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/store"
)

// What people and programs ask for can be refused for these reasons, beside ErrNotFound.
var (
	// ErrNotOffered: neither a state that a leg is in nor the session names the signal.
	ErrNotOffered = errors.New("no state that a leg is in names this signal")
	// ErrOver: the session has ended.
	ErrOver = errors.New("the session is over")
	// ErrCannotStart: the flow has no `start`.
	ErrCannotStart = errors.New("the flow has no start: only a call begins it")
	// ErrKeyReused: the Idempotency-Key was used for another request.
	ErrKeyReused = errors.New("the Idempotency-Key was used for a different request")
)

// keyLife is how long an Idempotency-Key is remembered.
const keyLife = 24 * time.Hour

// StartRequest starts a session without a call.
type StartRequest struct {
	Flow  string
	Input engine.Values // typed, checked
	By    string
	Key   string // Idempotency-Key; "" for none
}

// Start begins a session of a loaded flow and returns its id. The same Key within 24
// hours gives the id of the first start again, and ErrKeyReused when the input differs.
func (r *Runtime) Start(ctx context.Context, req StartRequest) (string, error) {
	c := r.cfg.Flows.Snapshot().Flow(req.Flow)
	switch {
	case c == nil:
		return "", fmt.Errorf("flow %q: %w", req.Flow, ErrNotFound)
	case c.Flow.Start == nil:
		return "", ErrCannotStart
	case r.draining.Load():
		return "", ErrDraining
	case !r.healthy() || r.overloaded():
		return "", ErrUnhealthy
	}
	ctx, end := r.budget(ctx, commitBudget)
	defer end()
	id, now := r.cfg.NewID(), r.now()
	result := id + " " + digest(req.Input)
	key := keyOf("start:"+req.Flow, req.Key, result, now)
	sl := r.slots.get(id)
	defer r.slots.put(sl)
	if err := sl.acquire(ctx, r.clock, lockBudget); err != nil {
		return "", err
	}
	defer sl.release()
	empty := &pinned{s: engine.NewSession(c, id, now), c: c}
	ev := &engine.Event{Kind: engine.KindBegin, At: now, Data: req.Input, By: req.By}
	_, err := r.step(ctx, sl, empty, ev, extra{isNew: true, reply: true, key: key})
	var taken *store.KeyTakenError
	if errors.As(err, &taken) {
		first, sum, _ := strings.Cut(taken.Key.Result, " ")
		if sum != digest(req.Input) {
			return "", ErrKeyReused
		}
		return first, nil
	}
	return id, err
}

// SignalRequest sends a signal to a session.
type SignalRequest struct {
	Session string
	Name    string
	Data    engine.Values // typed, checked
	By      string        // who sends it, for `event.by`
	Key     string        // Idempotency-Key; "" for none
	hops    int           // signals between sessions that led to this one
}

// Signal gives a session a signal and returns once it is committed. The same Key
// within 24 hours does nothing, without an error. ErrNotFound, ErrOver, ErrNotOffered
// and ErrKeyReused leave everything as it is.
func (r *Runtime) Signal(ctx context.Context, req SignalRequest) error {
	key := keyOf("signal:"+req.Session, req.Key, req.Name+" "+digest(req.Data), r.now())
	if key != nil {
		// A repetition is answered like the first one, also when the signal is no
		// longer offered because it was taken.
		if used, err := r.store.Key(ctx, key.Scope, key.Key); err == nil && used.Expires.After(r.now()) {
			return sameRequest(used, key)
		}
	}
	err := r.command(ctx, req.Session, func(cur *pinned) (*engine.Event, error) {
		if !engine.Offers(cur.c, cur.s, req.Name) {
			return nil, ErrNotOffered
		}
		return &engine.Event{Kind: engine.KindSignal, Name: req.Name, Data: req.Data, By: req.By, Hops: req.hops}, nil
	}, key)
	var taken *store.KeyTakenError
	if errors.As(err, &taken) {
		return sameRequest(taken.Key, key)
	}
	return err
}

func sameRequest(used store.Key, now *store.Key) error {
	if used.Result != now.Result {
		return ErrKeyReused
	}
	return nil
}

// End ends a session: its legs are hung up, its timers dropped. ErrNotFound, ErrOver.
func (r *Runtime) End(ctx context.Context, session, by string) error {
	return r.command(ctx, session, func(*pinned) (*engine.Event, error) {
		return &engine.Event{Kind: engine.KindDelete, By: by}, nil
	}, nil)
}

// command gives a session that is not over the event that make makes of it.
func (r *Runtime) command(ctx context.Context, session string, make func(*pinned) (*engine.Event, error), key *store.Key) error {
	ctx, end := r.budget(ctx, commitBudget)
	defer end()
	sl := r.slots.get(session)
	defer r.slots.put(sl)
	if err := sl.acquire(ctx, r.clock, lockBudget); err != nil {
		return err
	}
	defer sl.release()
	var err error
	for range attempts {
		var cur *pinned
		if cur, err = r.load(ctx, sl); err != nil {
			return err
		}
		if cur.s.Condition == engine.SessionClosed {
			return ErrOver
		}
		var ev *engine.Event
		if ev, err = make(cur); err != nil {
			return err
		}
		ev.At = r.now()
		if _, err = r.step(ctx, sl, cur, ev, extra{reply: true, key: key}); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return err
}

// Signals gives the signals that the flow of a session declares; ErrNotFound when
// there is no such session.
func (r *Runtime) Signals(ctx context.Context, session string) ([]*engine.Signal, error) {
	c, err := r.ClosureOf(ctx, session)
	if err != nil {
		return nil, err
	}
	return c.Flow.Signals, nil
}

// Offered gives the signals that a session takes now, in the order of their declaration.
func (r *Runtime) Offered(ctx context.Context, s *engine.Session) ([]*engine.Signal, error) {
	if s.Condition != engine.SessionRunning {
		return nil, nil
	}
	c, err := r.closure(ctx, s.Flow, s.Closure)
	if err != nil {
		return nil, err
	}
	var offered []*engine.Signal
	for _, name := range engine.Signals(c, s) {
		offered = append(offered, c.Flow.Signal(name))
	}
	return offered, nil
}

// ClosureOf gives the version of its flow that a session keeps; ErrNotFound when there
// is no such session.
func (r *Runtime) ClosureOf(ctx context.Context, session string) (*engine.Closure, error) {
	s, err := r.Load(ctx, session)
	if err != nil {
		return nil, err
	}
	return r.closure(ctx, s.Flow, s.Closure)
}

// List gives the rows of sessions that the filter chooses, newest first.
func (r *Runtime) List(ctx context.Context, f store.Filter) ([]store.Session, error) {
	return r.store.Sessions(ctx, f)
}

// History gives what the commits of a session wrote down, oldest first; ErrNotFound
// when there is no such session.
func (r *Runtime) History(ctx context.Context, session string) ([]store.History, error) {
	if _, err := r.store.Session(ctx, session); err != nil {
		return nil, err
	}
	return r.store.History(ctx, session)
}

func keyOf(scope, key, result string, now time.Time) *store.Key {
	if key == "" {
		return nil
	}
	return &store.Key{Scope: scope, Key: key, Result: result, Expires: now.Add(keyLife)}
}

// digest tells whether two requests carry the same values.
func digest(v engine.Values) string {
	data, err := json.Marshal(v) // sorts the keys
	if err != nil {
		data = fmt.Append(nil, v)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// randomID makes an id of 26 characters with 128 random bits.
func randomID() string { return strings.ToLower(rand.Text()) }
