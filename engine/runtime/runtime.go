package runtime

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/store"
)

// Budgets of one event, from its arrival. A webhook that cannot be answered inside
// them is answered 503, so that Twilio tries again or goes to the fallback.
const (
	lockBudget   = 2 * time.Second         // to get hold of the session
	holdBudget   = 4 * time.Second         // to wait for the result of an `http` step
	commitBudget = 6500 * time.Millisecond // until the commit is durable
	busyAfter    = 2 * time.Second         // a commit queue that waits so long is overloaded
	sickAfter    = 5 * time.Second         // a store that fails so long takes no new calls
	attempts     = 5                       // of one event, when others commit in between
)

// Store is what the runtime asks of the store. The rules of each method stand with
// package store's SQLite, which is one.
type Store interface {
	Session(ctx context.Context, id string) (store.Session, error)
	Sessions(ctx context.Context, f store.Filter) ([]store.Session, error)
	ActiveSessions(ctx context.Context, yield func(store.Session) error) error
	CallLeg(ctx context.Context, sid string) (session string, leg int, err error)
	History(ctx context.Context, session string) ([]store.History, error)
	Effects(ctx context.Context) ([]store.Effect, error)
	Prices(ctx context.Context) ([]store.Price, error)
	Closure(ctx context.Context, id string) ([]byte, error)
	Key(ctx context.Context, scope, key string) (store.Key, error)
	Commit(ctx context.Context, c *store.Commit) error
	Stats() store.Stats
}

// Snapshot is one consistent set of loaded flows. It never changes.
type Snapshot interface {
	// Flow gives the flow of that id, nil when there is none.
	Flow(id string) *engine.Closure
	// Number gives the flow that answers a number, nil when none does.
	Number(phone string) *engine.Closure
}

// Flows gives the snapshot in force. New sessions take their closure from it.
type Flows interface{ Snapshot() Snapshot }

// Dispatcher performs what was committed. Committed is called after each commit, in
// the order of a session's commits, while the session's lock is held: it must not
// block and must not call back. Done are ids of effects that need no doing any more.
type Dispatcher interface {
	Committed(s *engine.Session, added []engine.Effect, done []string)
}

// Config configures a Runtime. Clock, Store, Flows and Compile are required.
type Config struct {
	Clock clock.Clock
	Store Store
	Flows Flows
	// Dispatcher may be set later, with SetDispatcher.
	Dispatcher Dispatcher
	// Compile makes a closure of the source that its first session stored. It is asked
	// for sessions whose flow is no longer loaded.
	Compile func(source []byte) (*engine.Closure, error)
	// World gives what every event may read: account, public address, numbers.
	World func() engine.World
	// NewID makes the id of a session that no call begins: 8 to 40 of [a-z0-9-].
	NewID func() string
	// Taken is told of the places in the flows that each committed event has run, for
	// coverage; nil: nobody is told.
	Taken func(places []diag.Pos)
	// Cached is how many sessions are kept decoded; 0 is 10,000.
	Cached int
	Log    *slog.Logger
}

// Runtime runs sessions. Its methods are safe for concurrent use.
type Runtime struct {
	cfg      Config
	clock    clock.Clock
	store    Store
	log      *slog.Logger
	slots    *table
	joins    joins
	closures closureCache
	rooms    roomIndex

	dispatcher atomic.Pointer[Dispatcher]
	draining   atomic.Bool
	unloadable sync.Map // closure id -> error text, for Ready
	sick       atomic.Int64
}

// errLocked: somebody else held the session's lock for too long.
var errLocked = errors.New("the session is busy")

// ErrDraining is what starting a session gives while the server stops.
var ErrDraining = errors.New("the server is stopping")

// ErrUnhealthy is what starting a session gives while the store cannot keep it.
var ErrUnhealthy = errors.New("the store cannot commit")

// New makes a Runtime.
func New(cfg Config) *Runtime {
	if cfg.Cached <= 0 {
		cfg.Cached = 10_000
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.NewID == nil {
		cfg.NewID = randomID
	}
	r := &Runtime{cfg: cfg, clock: cfg.Clock, store: cfg.Store, log: cfg.Log, slots: newTable(cfg.Cached)}
	r.closures.limit = maxClosures
	if cfg.Dispatcher != nil {
		r.SetDispatcher(cfg.Dispatcher)
	}
	return r
}

// SetDispatcher says who performs effects from now on. Call it before the first event.
func (r *Runtime) SetDispatcher(d Dispatcher) { r.dispatcher.Store(&d) }

// Drain refuses new sessions from now on: inbound calls get 503, starts ErrDraining.
// Sessions that are there go on.
func (r *Runtime) Drain() { r.draining.Store(true) }

// budget ends ctx when d has passed on the injected clock.
func (r *Runtime) budget(ctx context.Context, d time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := r.clock.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })
	return ctx, func() { timer.Stop(); cancel(nil) }
}

// healthy reports whether commits go through, seen from here: sick holds the time in
// nanoseconds of the first failure since the last success.
func (r *Runtime) healthy() bool {
	since := r.sick.Load()
	return since == 0 || r.clock.Now().UnixNano()-since <= int64(sickAfter)
}

func (r *Runtime) noteCommit(err error) {
	switch {
	case err == nil:
		if r.sick.Load() != 0 {
			r.sick.Store(0)
		}
	case !refusal(err):
		r.sick.CompareAndSwap(0, max(r.clock.Now().UnixNano(), 1))
	}
}

// overloaded reports whether new work should be refused so that live calls are served.
func (r *Runtime) overloaded() bool { return r.store.Stats().Oldest > busyAfter }

// refusal reports whether err is the store's answer to this one commit, rather than
// trouble of the store.
func refusal(err error) bool {
	for _, e := range []error{store.ErrConflict, store.ErrExists, store.ErrSIDTaken, store.ErrKeyTaken, store.ErrInvalid, store.ErrNotFound} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Ready says why this process should get no calls; nil when it should.
func (r *Runtime) Ready() error {
	if r.draining.Load() {
		return ErrDraining
	}
	if st := r.store.Stats(); st.Failed != nil {
		return st.Failed
	}
	if r.overloaded() {
		return errors.New("the store is overloaded")
	}
	var err error
	r.unloadable.Range(func(id, why any) bool {
		err = errors.New("closure " + id.(string) + " of a live session cannot be loaded: " + why.(string))
		return false
	})
	return err
}
