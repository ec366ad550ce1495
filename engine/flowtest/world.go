package flowtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/engine/server"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/schema"
)

// apiToken opens the control API of a World.
const apiToken = "flowtest"

// Options configures a World. Flows is required.
type Options struct {
	Flows    string            // folder with the flow files
	Begin    time.Time         // what the clock shows at the start; zero: a Monday morning, 2026-03-02 09:00 UTC
	Env      map[string]string // what flows may read of the environment; BILLING_URL is added
	Seed     uint64            // of the simulator: SIDs and faults
	Switches sim.Switches
	Hours    map[string]bool // calendars that are held open or shut
	Faults   sim.Faults
	Timings  sim.Timings
	Store    string  // path of the SQLite file; "": one that is not kept
	CPS      float64 // calls per second that are placed; 0: 1
	Restarts bool    // with no Store: what is committed is kept from Down to Up, until Close
	// HTTP answers the requests of flows in place of the network and of Billing, which
	// then is not there, and Twilio's requests to addresses that are not the server's. It
	// must pass virtual time with Wait only.
	HTTP func(*World) http.RoundTripper
	// Loader has compiled the flows before; nil: each world compiles them.
	Loader *schema.Loader
	Taken  func(places []diag.Pos) // see node.Config
}

// World is a server, a simulator and a billing service that share one virtual clock.
// Its methods are for one goroutine.
type World struct {
	Clock   *clock.Virtual
	Sim     *sim.Sim
	Billing *Billing
	API     *API

	node  atomic.Pointer[node.Node] // nil while the server is down
	cfg   node.Config
	dir   string // of a store that Close removes
	end   context.Context
	app   *httptest.Server
	rest  *httptest.Server
	stop  context.CancelFunc
	log   *lockedBuffer
	began time.Time
}

// Start starts a World. Every number that a flow answers becomes a number of the
// simulated account, set up as an account should be. The error is that of the server's
// start, flow files with errors among them. Close ends the World.
func Start(o Options) (*World, error) {
	ctx, stop := context.WithCancel(context.Background())
	begin := o.Begin
	if begin.IsZero() {
		begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	}
	w := &World{Clock: clock.NewVirtual(begin), stop: stop, end: ctx, log: &lockedBuffer{}, began: begin}
	simulated := sim.Options{
		Clock: w.Clock, Seed: o.Seed, Switches: o.Switches, Faults: o.Faults, Timings: o.Timings, CPS: o.CPS,
	}
	if o.HTTP != nil {
		simulated.HTTP = &elsewhere{world: w, own: &http.Transport{}, other: o.HTTP(w)}
	}
	w.Sim = sim.New(simulated)
	w.rest = httptest.NewServer(w.Sim.Handler())
	if o.HTTP == nil {
		w.Billing = NewBilling(w.Clock)
	}
	w.app = httptest.NewServer(http.HandlerFunc(w.serve))
	if err := w.configure(o); err != nil {
		w.Close()
		return nil, err
	}
	if err := w.Up(); err != nil {
		w.Close()
		return nil, err
	}
	w.API = &API{Base: w.app.URL, Token: apiToken, HTTP: &http.Client{Transport: clock.Transport(w.Clock, &http.Transport{})}}
	for _, f := range w.node.Load().Flows() {
		for _, n := range append(f.Closure.Senders(), f.Numbers...) {
			w.Sim.AddNumber(n, NumberAt(w.app.URL))
		}
	}
	return w, nil
}

// elsewhere carries Twilio's requests: those to the server to it, all others to what
// stands in for the network.
type elsewhere struct {
	world *World
	own   *http.Transport
	other http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (e *elsewhere) RoundTrip(req *http.Request) (*http.Response, error) {
	if "http://"+req.URL.Host == e.world.app.URL {
		return e.own.RoundTrip(req)
	}
	return e.other.RoundTrip(req)
}

// CloseIdleConnections is called by http.Client.
func (e *elsewhere) CloseIdleConnections() { e.own.CloseIdleConnections() }

// NumberAt is a phone number whose calls go to the server at base.
func NumberAt(base string) sim.Number {
	return sim.Number{VoiceURL: base + "/voice", FallbackURL: base + "/voice/fallback", StatusCallback: base + "/voice/status"}
}

// configure says how the server runs, each time that it comes up.
func (w *World) configure(o Options) (err error) {
	env := map[string]string{}
	wrap := func(http.RoundTripper) http.RoundTripper { return o.HTTP(w) }
	if w.Billing != nil {
		env["BILLING_URL"] = w.Billing.URL()
		wrap = func(rt http.RoundTripper) http.RoundTripper { return &slowly{next: rt, world: w} }
	}
	maps.Copy(env, o.Env)
	if o.Restarts && o.Store == "" {
		if w.dir, err = os.MkdirTemp("", "flowtest-"); err != nil {
			return err
		}
		o.Store = filepath.Join(w.dir, "ringdown.db")
	}
	ids := 0
	w.cfg = node.Config{
		Flows: o.Flows, AccountSID: w.Sim.AccountSID(), AuthTokens: []string{w.Sim.AuthToken()},
		TwilioURL: w.rest.URL, PublicURLs: []string{w.app.URL}, Store: o.Store, APIToken: apiToken, CPS: o.CPS, Hours: o.Hours,
		Env:          func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Clock:        w.Clock,
		WrapHTTP:     wrap,
		Loader:       o.Loader,
		Taken:        o.Taken,
		NewID:        func() string { ids++; return "session-" + strconv.Itoa(ids) },
		Prune:        -1,
		Log:          slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	return nil
}

// serve hands a request to the server; while that is down the connection breaks.
func (w *World) serve(rw http.ResponseWriter, r *http.Request) {
	if n := w.node.Load(); n != nil {
		n.Handler().ServeHTTP(rw, r)
		return
	}
	panic(http.ErrAbortHandler)
}

// Down ends the server as a crash would: no webhook is answered, no timer fires and no
// effect is performed until Up. What it has committed is kept.
func (w *World) Down() {
	n := w.node.Swap(nil)
	if n == nil {
		return
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel() // what is in hand is broken off
	_ = n.Close(ended)
}

// Up starts the server again on what it had committed.
func (w *World) Up() error {
	n, err := node.Open(w.end, w.cfg)
	if err != nil {
		return err
	}
	w.node.Store(n)
	w.Clock.Advance(0) // what the server asks Twilio at its start comes before everything else
	return nil
}

// Close ends everything. It may be called more than once.
func (w *World) Close() {
	w.Sim.Close()
	w.stop()
	w.Down()
	w.app.Close()
	w.rest.Close()
	if w.Billing != nil {
		w.Billing.Close()
	}
	if w.dir != "" {
		_ = os.RemoveAll(w.dir)
	}
}

// Call lets somebody at from call a number of the account, with further parameters in
// every request of that call, as pairs of name and value.
func (w *World) Call(from, to string, params ...string) (*sim.Call, error) {
	extra := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		extra.Set(params[i], params[i+1])
	}
	return w.Sim.CallWith(from, to, extra)
}

// SessionOf is the id of the session of an inbound call.
func (w *World) SessionOf(c *sim.Call) string { return engine.SessionID(w.Sim.AccountSID(), c.SID()) }

// Session gives a session as it was last committed, to read only. There is none while the
// server is down.
func (w *World) Session(id string) (*engine.Session, error) {
	n := w.node.Load()
	if n == nil {
		return nil, errors.New("the server is down")
	}
	return n.Runtime().Load(context.Background(), id)
}

// Closed reports whether the session has ended for good.
func (w *World) Closed(id string) bool {
	s, err := w.Session(id)
	return err == nil && s.Condition == engine.SessionClosed
}

// Began is what the clock showed at the start.
func (w *World) Began() time.Time { return w.began }

// Elapsed is how much virtual time has passed.
func (w *World) Elapsed() time.Duration { return w.Clock.Now().Sub(w.began) }

// Advance lets d pass.
func (w *World) Advance(d time.Duration) { w.Clock.Advance(d) }

// Until lets time pass until cond holds, at most limit, and reports whether it does.
func (w *World) Until(cond func() bool, limit time.Duration) bool {
	return w.Clock.RunUntil(cond, limit)
}

// Log is what the server has logged, level info and above.
func (w *World) Log() string { return w.log.String() }

// Dump tells in a readable form what happened: the simulator's log, then the server's.
func (w *World) Dump() string {
	var b bytes.Buffer
	for _, e := range w.Sim.Log() {
		fmt.Fprintf(&b, "%10.3f %-9s %s %s %s %d %d %s %s %v\n", e.At.Sub(w.began).Seconds(), e.Kind, tail(e.Call), e.Name, e.Text,
			e.Code, e.Status, e.Method, e.URL, e.Params)
		if e.Kind == sim.EntryWebhook {
			fmt.Fprintf(&b, "           answer: %s\n", e.Body)
		}
	}
	if w.Billing != nil {
		b.WriteString("billing:\n")
		for _, r := range w.Billing.Requests() {
			fmt.Fprintf(&b, "%10.3f %s %s %s -> %d %s\n", r.At.Sub(w.began).Seconds(), r.Method, r.Path, r.Body, r.Status, r.Key)
		}
	}
	b.WriteString("server:\n")
	b.WriteString(w.Log())
	return b.String()
}

// tail is the end of a SID, enough to tell calls apart.
func tail(sid string) string {
	if len(sid) > 6 {
		return sid[len(sid)-6:]
	}
	return sid
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Flows gives the flows in force, by id; none while the server is down.
func (w *World) Flows() []server.LoadedFlow {
	if n := w.node.Load(); n != nil {
		return n.Flows()
	}
	return nil
}
