// Package desk is a telephone exchange on somebody's desk: the real server with the
// flows of a folder, a simulated Twilio that calls it over HTTP, and phones to play with.
// It needs no account and no network.
//
// A Desk takes commands (Call, Press, Answer ...) and tells events; it shows nothing.
// Package terminal is one front of it, a web page may be another.
package desk

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/console"
	"github.com/ringdown/ringdown/engine/live"
	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/engine/sim"
)

// The address that env files are written for. Where the desk listens on another one,
// values that begin with it are changed.
const (
	DefaultListen = "127.0.0.1:8080"
	defaultBase   = "http://" + DefaultListen
)

// You is the phone that calls come from if nobody says otherwise.
const You = "+15005550100"

// Options configures a Desk. Flows is required.
type Options struct {
	Flows  string                           // folder with the flow files
	Listen string                           // host:port; "" is DefaultListen. If the port is taken, a free one
	Env    func(name string) (string, bool) // the environment of the process; wins over EnvFile
	// Token opens the control API; "": a random one.
	Token string
	// Pace is how many times faster than natural prompts are spoken; 0 is 4.
	Pace float64
	// Speed is how many times faster than real all time runs; 0 is 1.
	Speed float64
	// Auto lets phones that ring be answered after 2 s by themselves.
	Auto bool
	// Poll and Debounce of the flow folder; 0: 3 s and 100 ms.
	Poll, Debounce time.Duration
}

// Desk is a running exchange. Its methods are safe for concurrent use.
type Desk struct {
	o     Options
	clock clock.Clock
	base  string
	moved bool
	env   *environment
	sim   *sim.Sim
	bank  *Bank
	node  *node.Node
	up    atomic.Bool // node is there
	http  *http.Server
	mux   *http.ServeMux
	open  bool // whoever reaches the server may use the page
	feed  *feed
	tape  tape
	ended chan struct{} // closed when the HTTP server has ended

	mu       sync.Mutex
	sinks    []func(Event)
	phones   []*phone
	names    map[string]string // of addresses
	sessions map[string]*session
	order    []*session
	tick     chan struct{} // closed and renewed whenever something has happened
	shown    time.Time     // of the last event, on the real clock
}

// Open starts a desk: server and simulator are up when it returns, until Close. The error
// is a *node.DiagnosticsError if the flows have errors.
func Open(ctx context.Context, o Options) (*Desk, error) {
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	if o.Pace <= 0 {
		o.Pace = 4
	}
	if o.Token == "" {
		o.Token = randomHex(16)
	}
	d := &Desk{
		o: o, clock: clock.Real(), feed: newFeed(), ended: make(chan struct{}), tick: make(chan struct{}), shown: time.Now(),
		names: map[string]string{You: "you"}, sessions: map[string]*session{},
	}
	if o.Speed > 0 && o.Speed != 1 {
		d.clock = clock.Scaled(o.Speed)
	}
	listener, err := d.listen(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.start(ctx, listener); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return d, nil
}

// listen takes the wished port, or a free one if somebody else has it.
func (d *Desk) listen(ctx context.Context) (net.Listener, error) {
	host, _, err := net.SplitHostPort(d.o.Listen)
	if err != nil {
		return nil, fmt.Errorf("the address to listen on must be like %s: %w", DefaultListen, err)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", d.o.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		d.moved = true
		l, err = config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1" // what listens everywhere is reached here
	}
	d.base = "http://" + net.JoinHostPort(host, port)
	tcp, _ := l.Addr().(*net.TCPAddr)
	d.open = tcp != nil && tcp.IP.IsLoopback()
	return l, nil
}

func (d *Desk) start(ctx context.Context, listener net.Listener) error {
	var err error
	d.env, err = openEnvironment(d.o.Flows, d.o.Env, func(v string) string {
		if rest, ok := strings.CutPrefix(v, defaultBase); ok && (rest == "" || rest[0] == '/') {
			return d.base + rest
		}
		return v
	})
	if err != nil {
		return err
	}
	d.nameAddresses()
	d.bank = newBank(func(text string) { d.tell(Event{Kind: Billing, Text: text}) })
	d.sim = sim.New(d.simOptions())
	d.sim.Subscribe(func(e sim.Entry) { d.feed.put(e) })
	go d.feed.run(d.take)
	d.node, err = node.Open(ctx, node.Config{
		Flows: d.o.Flows, AccountSID: d.sim.AccountSID(), AuthTokens: []string{d.sim.AuthToken()}, TwilioURL: d.base,
		PublicURLs: []string{d.base}, APIToken: d.o.Token, CPS: 10, Env: d.env.lookup, AllowPrivate: loopback(), Clock: d.clock,
		Desk: true, OpenConsole: d.open, Loaded: d.loaded, Committed: d.committed, Poll: d.o.Poll, Debounce: d.o.Debounce, Log: d.logger(),
		WrapHTTP: func(rt http.RoundTripper) http.RoundTripper { return &eavesdropper{rt, &d.tape, d.clock.Now} },
	})
	if err != nil {
		d.sim.Close()
		d.feed.close()
		return err
	}
	d.up.Store(true)
	d.addNumbers()
	if err := d.addWorkers(); err != nil {
		return err
	}
	d.routes()
	d.http = &http.Server{Handler: d.guard(d.mux), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(d.ended)
		_ = d.http.Serve(listener) // ends with ErrServerClosed
	}()
	return nil
}

func (d *Desk) routes() {
	d.mux = http.NewServeMux()
	d.mux.Handle("/2010-04-01/", d.sim.Handler())
	d.mux.Handle("/v1/Workspaces/", d.sim.Handler())
	d.mux.Handle(BillingPath+"/", d.bank.handler())
	d.mux.Handle("/", d.node.Handler())
	d.mux.Handle("POST /api/sessions/{id}/signals/{name}", d.overhear(d.node.Handler()))
	d.mux.Handle("/{$}", http.RedirectHandler(console.Path, http.StatusSeeOther))
}

// Mount serves more under a path, for a front that is a page. Requests that do not come
// from somebody who may use the page are refused.
func (d *Desk) Mount(pattern string, h http.Handler) {
	d.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if !d.node.Admits(r) {
			http.Error(w, "log in on the page first", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Stream is what pages are told of.
func (d *Desk) Stream() *live.Stream { return d.node.Stream() }

// guard refuses requests that name another host. Where everybody on this machine may use
// the page, a foreign site could otherwise lead its name here and use it through the
// browser of the person who looks at it (DNS rebinding).
func (d *Desk) guard(next http.Handler) http.Handler {
	if !d.open {
		return next
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(d.base, "http://"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, p, err := net.SplitHostPort(r.Host)
		ip, notIP := netip.ParseAddr(host)
		if err != nil || p != port || host != "localhost" && (notIP != nil || !ip.IsLoopback()) {
			http.Error(w, "this server is at "+d.base+" only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// simOptions make a Twilio whose phones ring until somebody answers, and which speaks so
// fast that nobody has to wait for what they have read already.
func (d *Desk) simOptions() sim.Options {
	natural := func(t time.Duration) time.Duration { return time.Duration(float64(t) / d.o.Pace) }
	party := &sim.Party{Outcome: sim.Manual}
	if d.o.Auto {
		party = &sim.Party{Outcome: sim.Answer, AnswerAfter: 2 * time.Second}
	}
	return sim.Options{
		Clock: d.clock, AccountSID: "AC" + randomHex(16), AuthToken: randomHex(16), Seed: randomSeed(), CPS: 10, Default: party,
		Timings: sim.Timings{
			Character: natural(60 * time.Millisecond), Play: natural(10 * time.Second), Apology: natural(4 * time.Second),
			PostDial: natural(500 * time.Millisecond),
		},
	}
}

// loopback is what `http` steps may reach here beside the internet: this machine.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// Close ends everything: calls are dropped, no goroutine and no file is left.
func (d *Desk) Close() error {
	d.sim.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	// Effects that are broken off are of no interest: the store goes with the desk.
	_ = d.node.Close(ctx)
	err := d.http.Close()
	<-d.ended
	d.feed.close()
	return err
}

// URL is the address of the server, without a path.
func (d *Desk) URL() string { return d.base }

// Moved reports whether the wished port was taken, so that URL has another one.
func (d *Desk) Moved() bool { return d.moved }

// Open reports whether everybody who reaches the server may use the page: only this
// machine does.
func (d *Desk) Open() bool { return d.open }

// Token opens the control API under URL.
func (d *Desk) Token() string { return d.o.Token }

// Folder is where the flows come from.
func (d *Desk) Folder() string { return d.o.Flows }

// Bank gives the billing service.
func (d *Desk) Bank() *Bank { return d.bank }

// Subscribe calls f for every event from now on, one at a time and in order. f must not
// call Close or wait for other events.
func (d *Desk) Subscribe(f func(Event)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sinks = append(d.sinks, f)
}

// tell queues an event.
func (d *Desk) tell(e Event) {
	if e.At.IsZero() {
		e.At = d.clock.Now()
	}
	d.feed.put(e)
}

// take works off one item of the feed.
func (d *Desk) take(item any) {
	var events []Event
	switch item := item.(type) {
	case Event:
		events = []Event{item}
	case sim.Entry:
		events = d.translate(item)
	}
	d.mu.Lock()
	sinks := slices.Clone(d.sinks)
	d.mu.Unlock()
	for _, e := range events {
		d.tape.event(e)
		for _, sink := range sinks {
			sink(e)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(events) > 0 {
		d.shown = time.Now()
	}
	close(d.tick)
	d.tick = make(chan struct{})
}

// Await waits until done is true, which is looked at whenever something has happened, or
// for at most limit, real time. It reports what done said last.
func (d *Desk) Await(ctx context.Context, limit time.Duration, done func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		tick := d.Changed()
		if done() {
			return true
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return done()
		}
	}
}

// Changed gives a channel that is closed when something has happened again.
func (d *Desk) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tick
}

// Quiet waits until nothing was told for so long, real time, from now on; false: ctx ended
// before.
func (d *Desk) Quiet(ctx context.Context, long time.Duration) bool {
	begin := time.Now()
	for {
		d.mu.Lock()
		since := d.shown
		d.mu.Unlock()
		if since.Before(begin) {
			since = begin
		}
		left := time.Until(since.Add(long))
		if left <= 0 {
			return true
		}
		if clock.Real().Sleep(ctx, left) != nil {
			return false
		}
	}
}

// Sleep lets time pass on the desk's clock.
func (d *Desk) Sleep(ctx context.Context, t time.Duration) error { return d.clock.Sleep(ctx, t) }

// Live reports how many calls are going on.
func (d *Desk) Live() int { return d.sim.Live() }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}
