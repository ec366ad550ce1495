package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/console"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/live"
	"github.com/ringdown/ringdown/engine/outbound"
	"github.com/ringdown/ringdown/engine/runtime"
	"github.com/ringdown/ringdown/engine/server"
	"github.com/ringdown/ringdown/engine/store"
	"github.com/ringdown/ringdown/engine/twilio"
	"github.com/ringdown/ringdown/schema"
)

// StopBudget is how long a stop waits for what is in hand.
const StopBudget = 20 * time.Second

// Node is one running server. It answers as soon as its Handler is served.
type Node struct {
	cfg     Config
	flows   *flows
	store   *store.SQLite
	runtime *runtime.Runtime
	out     *dispatch.Dispatcher
	rest    *twilio.Client
	web     *outbound.Client
	server  *server.Server
	stream  *live.Stream
	console *console.Console
	loads   loads

	mu     sync.Mutex
	prune  clock.Timer
	closed bool

	numbers  clock.Timer
	worldNow atomic.Pointer[engine.World]
	// switching is held while a switch is changed.
	switching sync.Mutex
}

// Open loads the flows, opens the store and takes up what an earlier process left:
// timers that came due fire, effects go on. The error names every setting that is
// missing, or is a *DiagnosticsError, or says what is wrong with the store.
func Open(ctx context.Context, cfg Config) (*Node, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Real()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Loaded == nil {
		cfg.Loaded = func(Report) {}
	}
	n := &Node{cfg: cfg, stream: live.New()}
	if err := n.open(ctx); err != nil {
		n.closeAll()
		return nil, err
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) (err error) {
	cfg := &n.cfg
	validator, err := twilio.NewValidator(cfg.AuthTokens, cfg.PublicURLs)
	if err != nil {
		return err
	}
	n.rest, err = twilio.New(twilio.Config{
		AccountSID: cfg.AccountSID, AuthToken: cfg.AuthTokens[0], APIKey: cfg.APIKey, APISecret: cfg.APISecret,
		BaseURL: cfg.TwilioURL, Transport: cfg.REST, Log: cfg.Log,
	})
	if err != nil {
		return err
	}
	if n.flows, err = openFlows(ctx, cfg, n.reported); err != nil {
		return err
	}
	if n.store, err = store.OpenSQLite(cfg.Store, store.Options{Now: cfg.Clock.Now}); err != nil {
		return err
	}
	base := strings.TrimRight(cfg.PublicURLs[0], "/")
	switches, err := n.store.Switches(ctx)
	if err != nil {
		return fmt.Errorf("the switches cannot be read: %w", err)
	}
	n.worldNow.Store(&engine.World{Account: cfg.AccountSID, Base: base, Switches: switches, Hours: cfg.Hours})
	n.runtime = runtime.New(runtime.Config{
		Clock: cfg.Clock, Store: n.store, Flows: n.flows, NewID: cfg.NewID, Log: cfg.Log,
		Compile: func(source []byte) (*engine.Closure, error) { return schema.Compile(source, cfg.Env) },
		World:   n.world, Taken: cfg.Taken,
	})
	n.web = outbound.New(outbound.Options{AllowPrivate: cfg.AllowPrivate, Wrap: cfg.WrapHTTP})
	n.out = dispatch.New(dispatch.Config{
		Clock: cfg.Clock, Sessions: sessions{n.runtime}, Claims: claims{n.store}, Calls: calls{n.store},
		Twilio: n.rest, HTTP: n.web, Signals: signals{n.runtime}, CPS: cfg.CPS, Base: base, Secrets: n.runtime.Secret, Log: cfg.Log,
	})
	n.console = console.New(console.Config{
		Token: cfg.APIToken, Open: cfg.OpenConsole, PublicURLs: cfg.PublicURLs, Desk: cfg.Desk, Voice: cfg.TwiMLApp != "", Clock: cfg.Clock, Log: cfg.Log,
	})
	n.server = server.New(server.Config{
		Runtime: n.runtime, Validator: validator, Clock: cfg.Clock, Flows: n.flows.list, Switches: switchboard{n}, Token: cfg.APIToken, Log: cfg.Log,
		Stream: n.stream, Files: n.loads.view, Graphs: schema.Graphs, VoiceToken: n.voiceToken(),
		Console: n.console,
	})
	n.runtime.SetDispatcher(observed{n.out, n.committed})
	if err := n.recover(ctx); err != nil {
		return err
	}
	n.pruneLater()
	n.watchNumbers()
	return nil
}

// voiceToken mints access tokens for the console's phone; nil where there is none.
func (n *Node) voiceToken() func(name string) (string, time.Time, error) {
	if n.cfg.TwiMLApp == "" {
		return nil
	}
	voice := twilio.Voice{AccountSID: n.cfg.AccountSID, APIKey: n.cfg.APIKey, APISecret: n.cfg.APISecret, AppSID: n.cfg.TwiMLApp}
	return func(name string) (string, time.Time, error) { return voice.Token(name, n.cfg.Clock.Now()) }
}

// recover hands over what was going on when the process before this one ended.
func (n *Node) recover(ctx context.Context) error {
	left, err := n.runtime.Recover(ctx)
	if err != nil {
		return fmt.Errorf("the sessions in the store cannot be taken up: %w", err)
	}
	stored := make([]dispatch.Stored, 0, len(left.Effects))
	for _, row := range left.Effects {
		e, err := runtime.DecodeEffect(row)
		if err != nil {
			n.cfg.Log.Error("an effect cannot be taken up", "session", row.Session, "effect", row.ID, "error", err)
			continue
		}
		stored = append(stored, dispatch.Stored{Session: row.Session, Effect: e, Attempt: row.Attempt, Lease: row.Lease})
	}
	if len(left.Sessions) > 0 || len(stored) > 0 {
		n.cfg.Log.Info("taking up", "sessions", len(left.Sessions), "effects", len(stored))
	}
	prices := make([]dispatch.Price, 0, len(left.Prices))
	for _, p := range left.Prices {
		prices = append(prices, dispatch.Price(p))
	}
	n.out.Recover(stored, left.Sessions)
	n.out.RecoverPrices(prices)
	return nil
}

// pruneLater removes expired idempotency keys from time to time.
func (n *Node) pruneLater() {
	every := n.cfg.Prune
	if every == 0 {
		every = time.Hour
	}
	if every < 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	n.prune = n.cfg.Clock.AfterFunc(every, func() {
		if _, err := n.store.Prune(context.Background(), n.cfg.Clock.Now(), time.Time{}); err != nil && !errors.Is(err, store.ErrClosed) {
			n.cfg.Log.Error("old idempotency keys cannot be removed", "error", err)
		}
		n.pruneLater()
	})
}

// Handler answers HTTP requests.
func (n *Node) Handler() http.Handler { return n.server }

// Runtime gives access to the sessions, for those in the same process.
func (n *Node) Runtime() *runtime.Runtime { return n.runtime }

// Stream is what pages are told of, for those in the same process who have more to tell.
func (n *Node) Stream() *live.Stream { return n.stream }

// Admits reports whether a request comes from somebody who may use the console.
func (n *Node) Admits(r *http.Request) bool { return n.console.Admits(r) }

// Flows gives the flows in force, by id.
func (n *Node) Flows() []server.LoadedFlow { return n.flows.list() }

// Serve answers requests on l until ctx ends, then stops gracefully: new calls are
// refused, requests and effects in hand are finished, for at most StopBudget. The node
// is closed afterwards.
func (n *Node) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: n.server, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(n.cfg.Log.Handler(), slog.LevelWarn),
	}
	srv.RegisterOnShutdown(n.stream.Close) // Shutdown would wait for the pages
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return errors.Join(err, n.Close(ctx))
	case <-ctx.Done():
	}
	n.runtime.Drain()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), StopBudget)
	defer cancel()
	err := srv.Shutdown(stop)
	if err != nil {
		err = errors.Join(err, srv.Close())
	}
	<-failed // http.ErrServerClosed
	return errors.Join(err, n.Close(stop))
}

// Close refuses new calls, finishes effects in hand until ctx ends, and closes the
// store. Whoever serves the Handler stops before.
func (n *Node) Close(ctx context.Context) error {
	n.runtime.Drain()
	err := n.out.Close(ctx)
	if err != nil {
		n.cfg.Log.Warn("effects in hand were broken off; they go on at the next start", "error", err)
	}
	return n.closeAll()
}

// closeAll closes what is open, in the reverse order of Open.
func (n *Node) closeAll() error {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return nil
	}
	n.closed = true
	if n.prune != nil {
		n.prune.Stop()
	}
	if n.numbers != nil {
		n.numbers.Stop()
	}
	n.mu.Unlock()
	n.stream.Close()
	var err error
	if n.flows != nil {
		n.flows.lib.Close()
	}
	if n.store != nil {
		err = n.store.Close()
	}
	if n.web != nil {
		n.web.Close()
	}
	if n.rest != nil {
		n.rest.Close()
	}
	return err
}
