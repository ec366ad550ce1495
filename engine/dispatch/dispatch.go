package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/outbound"
	"github.com/ringdown/ringdown/engine/twilio"
)

// Errors that Sessions and Claims give, bare or wrapped. Every other error of theirs
// counts as trouble that passes: the same is tried again.
var (
	// ErrNoSession: there is no such session, and there will be none.
	ErrNoSession = errors.New("no such session")
	// ErrTaken: the effect is finished, or at another attempt than the claim says.
	ErrTaken = errors.New("effect is finished or at another attempt")
)

// Sessions is where results go and where the state of a session comes from.
type Sessions interface {
	// Deliver has the session take the event and returns when that is committed.
	Deliver(ctx context.Context, session string, ev *engine.Event) error
	// Load gives the session as it was committed last. It is only read.
	Load(ctx context.Context, id string) (*engine.Session, error)
	// Evidence is the newest sign of life of a leg that nobody stored, such as a
	// round of a wait loop; the zero time when there was none. It answers at once, and
	// takes no lock under which Committed is called.
	Evidence(session string, leg int) time.Time
}

// Claims writes down attempts.
type Claims interface {
	// Claim notes durably that attempt number attempt, from 1, begins, and that its
	// request has ended when lease ends. ErrTaken: it must not be sent.
	Claim(ctx context.Context, session, effect string, attempt int, lease time.Time) error
	// Release notes durably that the attempt surely did nothing.
	Release(ctx context.Context, session, effect string, attempt int, notBefore time.Time) error
}

// Calls knows the calls of all sessions.
type Calls interface {
	// Bound reports whether the call belongs to a leg of any session.
	Bound(ctx context.Context, sid string) (bool, error)
}

// Twilio is what is used of the REST API. Errors are *twilio.Error.
type Twilio interface {
	TwilioCalls
	TwilioConferences
	TwilioMessages
	TwilioRecordings
	TwilioTasks
}

// TwilioCalls places, changes and finds calls.
type TwilioCalls interface {
	CreateCall(ctx context.Context, params map[string]string) (*twilio.Call, error)
	FetchCall(ctx context.Context, sid string) (*twilio.Call, error)
	UpdateCall(ctx context.Context, sid string, params map[string]string) (*twilio.Call, error)
	ListCalls(ctx context.Context, f twilio.ListFilter) ([]twilio.Call, error)
}

// TwilioConferences changes and finds conferences and those who are in them.
type TwilioConferences interface {
	ListConferences(ctx context.Context, friendlyName, status string) ([]twilio.Conference, error)
	UpdateConference(ctx context.Context, sid string, params map[string]string) (*twilio.Conference, error)
	UpdateParticipant(ctx context.Context, conferenceSID, callSID string, params map[string]string) (*twilio.Participant, error)
	DeleteParticipant(ctx context.Context, conferenceSID, callSID string) error
}

// TwilioRecordings starts, changes and finds recordings.
type TwilioRecordings interface {
	StartRecording(ctx context.Context, callSID string, params map[string]string) (*twilio.Recording, error)
	UpdateRecording(ctx context.Context, callSID, recordingSID string, params map[string]string) (*twilio.Recording, error)
	UpdateConferenceRecording(ctx context.Context, conferenceSID, recordingSID string, params map[string]string) (*twilio.Recording, error)
	ListRecordings(ctx context.Context, callSID, conferenceSID string) ([]twilio.Recording, error)
}

// TwilioMessages sends and finds text messages.
type TwilioMessages interface {
	CreateMessage(ctx context.Context, params map[string]string) (*twilio.Message, error)
	ListMessages(ctx context.Context, f twilio.MessageFilter) ([]twilio.Message, error)
}

var _ Twilio = (*twilio.Client)(nil)

// HTTP makes the requests of `http` steps. Errors are *outbound.Error.
type HTTP interface {
	Do(ctx context.Context, r outbound.Request) (outbound.Result, error)
}

var _ HTTP = (*outbound.Client)(nil)

// Config configures a Dispatcher. All interfaces are required.
type Config struct {
	Clock    clock.Clock
	Sessions Sessions
	Claims   Claims
	Calls    Calls
	Twilio   Twilio
	HTTP     HTTP
	Signals  Signals
	// CPS is how many calls are placed per second; 0 or less: 1, which every account has.
	CPS float64
	// Base is the public address of this server, without a slash at its end. It is put
	// before the values of URL parameters that begin with "/".
	Base string
	// Secrets gives the value of a secret that a session's flow declares; nil: none.
	Secrets func(session, name string) (value string, ok bool)
	Log     *slog.Logger // nil: no log; never sees parameters, bodies or secrets
}

// Dispatcher performs effects, fires timers and checks on calls. It is safe for
// concurrent use. While nothing is due it does nothing.
type Dispatcher struct {
	cfg    Config
	clock  clock.Clock
	log    *slog.Logger
	kinds  map[engine.EffectKind]kind
	pace   *pacer
	timers *alarms
	checks *alarms
	costs  *alarms

	ctx    context.Context // of all requests; ends when Close loses its patience
	cancel context.CancelFunc

	mu       sync.Mutex
	sessions map[string]*session // those with effects that are not finished
	firing   map[string]bool     // sessions whose due timers are being delivered
	live     liveness
	prices   prices
	closing  bool
	active   int           // lanes and deliveries at work
	idle     chan struct{} // closed when closing and active is 0
}

// New makes a Dispatcher. It does nothing before Committed or Recover is called.
func New(cfg Config) *Dispatcher {
	if cfg.CPS <= 0 {
		cfg.CPS = 1
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Secrets == nil {
		cfg.Secrets = func(string, string) (string, bool) { return "", false }
	}
	d := &Dispatcher{
		cfg: cfg, clock: cfg.Clock, log: cfg.Log, kinds: kinds(),
		sessions: map[string]*session{}, firing: map[string]bool{}, idle: make(chan struct{}),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.pace = newPacer(cfg.Clock, time.Duration(float64(time.Second)/cfg.CPS))
	d.timers = newAlarms(cfg.Clock, cfg.Log, d.timersDue)
	d.checks = newAlarms(cfg.Clock, cfg.Log, d.checksDue)
	d.costs = newAlarms(cfg.Clock, cfg.Log, d.pricesDue)
	d.live = newLiveness()
	d.prices.items = map[string][]*priceItem{}
	return d
}

// Committed takes note of a commit: the session as it is now, the effects that were
// added and the ids of those that are finished. It never blocks. Commits of one session
// come in their order.
func (d *Dispatcher) Committed(s *engine.Session, added []engine.Effect, done []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return
	}
	d.arm(s)
	d.followPrices(s)
	known := d.sessions[s.ID]
	if known == nil && len(added) == 0 {
		return
	}
	if known == nil {
		known = &session{id: s.ID}
		d.sessions[s.ID] = known
	}
	if known.now == nil || s.Rev >= known.now.Rev {
		known.now = s
	}
	for _, id := range done {
		known.finish(id)
	}
	for i := range added {
		d.add(known, &item{effect: added[i]})
	}
	for _, l := range known.lanes {
		d.nudge(l)
	}
	if len(known.lanes) == 0 {
		delete(d.sessions, s.ID)
	}
}

// Stored is an effect as it was stored, with its newest claim.
type Stored struct {
	Session string
	Effect  engine.Effect
	Attempt int       // claims so far
	Lease   time.Time // end of the newest claim; zero: none, or it was given back
}

// Recover takes over, once and before anything else, what an earlier process left: its
// unfinished effects, in any order, and the sessions that are not closed. An effect
// with a lease may have been sent: when the lease has ended its outcome is unknown.
func (d *Dispatcher) Recover(effects []Stored, sessions []*engine.Session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range sessions {
		d.arm(s)
	}
	byID := make(map[string]*engine.Session, len(sessions))
	for _, s := range sessions {
		byID[s.ID] = s
	}
	for i := range effects {
		e := &effects[i]
		known := d.sessions[e.Session]
		if known == nil {
			known = &session{id: e.Session, now: byID[e.Session]}
			d.sessions[e.Session] = known
		}
		d.add(known, &item{effect: e.Effect, attempt: e.Attempt, lease: e.Lease})
	}
}

// arm sets the alarms of a session's timers and checks; d.mu is held.
func (d *Dispatcher) arm(s *engine.Session) {
	if s.Condition == engine.SessionClosed {
		d.timers.clear(s.ID)
		d.checks.clear(s.ID)
		d.live.forget(s)
		return
	}
	if due := s.NextDue(); !due.IsZero() && !d.firing[s.ID] {
		d.timers.earlier(s.ID, due)
	}
	d.armCheck(s)
}

// Close begins nothing new and waits until the requests in hand have been answered and
// their results committed; when ctx ends it breaks them off and returns ctx's error.
// What is left then is found again by Recover.
func (d *Dispatcher) Close(ctx context.Context) error {
	d.mu.Lock()
	first := !d.closing
	d.closing = true
	if first {
		d.timers.stop()
		d.checks.stop()
		d.costs.stop()
		d.pace.stop()
		for _, s := range d.sessions {
			for _, l := range s.lanes {
				l.wake.Wake() // not by a timer: nobody need drive a virtual clock now
			}
		}
		if d.active == 0 {
			close(d.idle)
		}
	}
	d.mu.Unlock()
	defer d.cancel()
	select {
	case <-d.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin counts a piece of work; false: the dispatcher is closing.
func (d *Dispatcher) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.active++
	return true
}

func (d *Dispatcher) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.active--
	if d.closing && d.active == 0 {
		close(d.idle)
	}
}

func (d *Dispatcher) stopping() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closing
}

// limit gives a context that ends after t of the dispatcher's clock.
func (d *Dispatcher) limit(t time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(d.ctx)
	timer := d.clock.AfterFunc(t, func() { cancel(context.DeadlineExceeded) })
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}
