package control

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
)

// Options configures a Server. Open is required.
type Options struct {
	// Open makes the simulator, with its numbers and parties. It is called for the first
	// time with 0 and after each reset with the next number, which belongs into the seed:
	// a CallSid must not come twice in the life of an application.
	Open func(generation uint64) *sim.Sim
	// Clock is that of the simulator. A *clock.Virtual is moved by /clock/advance and by
	// the requests that wait; their timeouts are then virtual, too.
	Clock clock.Clock
	Speed float64 // how many times faster than real the clock runs, to tell it; 0 is 1
	Token string  // bearer token of the control API; "" opens it to requests for this machine
}

// Server is a simulator with its control API. It is safe for concurrent use.
type Server struct {
	o   Options
	mux *http.ServeMux

	resets sync.Mutex // held by open

	mu         sync.Mutex
	sim        *sim.Sim
	generation uint64
	tick       chan struct{} // closed and renewed whenever something has happened
	closed     bool
}

// New opens a simulator.
func New(o Options) *Server {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Speed <= 0 {
		o.Speed = 1
	}
	s := &Server{o: o, mux: http.NewServeMux(), tick: make(chan struct{})}
	for _, route := range Routes() {
		s.mux.HandleFunc(route.Method+" "+Prefix+route.Path, func(w http.ResponseWriter, r *http.Request) { route.serve(s, w, r) })
	}
	s.open()
	return s
}

// open replaces the simulator by a new one. What takes the simulator's lock is done
// without that of the Server: happened takes them the other way round.
func (s *Server) open() {
	s.resets.Lock()
	defer s.resets.Unlock()
	old, generation, _ := s.current()
	if old != nil {
		old.Close()
		generation++
	}
	fresh := s.o.Open(generation)
	fresh.Subscribe(func(sim.Entry) { s.happened() })
	s.mu.Lock()
	s.sim, s.generation = fresh, generation
	s.mu.Unlock()
	s.happened()
}

// happened wakes all that wait. It is called inside the simulator.
func (s *Server) happened() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.tick)
	s.tick = make(chan struct{})
}

// Sim returns the simulator, until the next reset.
func (s *Server) Sim() *sim.Sim {
	current, _, _ := s.current()
	return current
}

func (s *Server) current() (*sim.Sim, uint64, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sim, s.generation, s.tick
}

// Close stops the simulator, and what waits.
func (s *Server) Close() {
	s.Sim().Close()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.happened()
}

// Handler serves the control API under Prefix, and all else as Twilio does.
func (s *Server) Handler() http.Handler {
	control := http.NewCrossOriginProtection()
	control.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "cross-origin", "web pages of other origins may not use the control API")
	}))
	guarded := control.Handler(http.HandlerFunc(s.control))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == Prefix || strings.HasPrefix(r.URL.Path, Prefix+"/"):
			guarded.ServeHTTP(w, r)
		case r.URL.Path == "/":
			s.welcome(w)
		default:
			s.Sim().Handler().ServeHTTP(w, r)
		}
	})
}

func (s *Server) welcome(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "A simulated Twilio. REST: /2010-04-01/Accounts/%s.json  Control: %s\n", s.Sim().AccountSID(), Prefix)
}

// control checks who asks and finds the route.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.o.Token != "":
		got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(got), []byte(s.o.Token)) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="control"`)
			refuse(w, http.StatusUnauthorized, "unauthorized", "the control API wants the header Authorization: Bearer TOKEN")
			return
		}
	case !Loopback(r.Host):
		// A page of a foreign name that was made to point here (DNS rebinding) cannot forge this header.
		refuse(w, http.StatusForbidden, "host", "without a token the control API is used by the name localhost or 127.0.0.1, not "+r.Host)
		return
	}
	handler, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	recorder := &statusOnly{header: http.Header{}}
	handler.ServeHTTP(recorder, r)
	if recorder.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", recorder.header.Get("Allow"))
		refuse(w, recorder.status, "method", "use "+strings.ReplaceAll(recorder.header.Get("Allow"), ", ", " or "))
		return
	}
	refuse(w, http.StatusNotFound, "not-found", "there is no "+r.URL.Path+"; GET "+Prefix+" lists what there is")
}

// statusOnly takes an answer of the mux apart from its body.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }

// Loopback reports whether a host, with or without a port, is this machine by name.
func Loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}

// Follow calls f with every entry of the log, the past ones included and across
// resets, until ctx is done. It works outside of the simulator: f may take its time.
func (s *Server) Follow(ctx context.Context, f func(sim.Entry)) {
	s.follow(ctx, 0, func(e sim.Entry) bool { f(e); return true })
}

// follow is Follow from behind seq on, until f returns false.
func (s *Server) follow(ctx context.Context, seq int, f func(sim.Entry) bool) {
	_, generation, _ := s.current()
	for {
		s.mu.Lock() // all at once: when it is closed no other tick comes
		current, now, tick, closed := s.sim, s.generation, s.tick, s.closed
		s.mu.Unlock()
		if now != generation {
			generation, seq = now, 0
		}
		for _, e := range current.LogSince(seq) {
			seq = e.Seq
			if !f(e) {
				return
			}
		}
		if closed {
			return
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return
		}
	}
}

// look again at what is waited for, also where no entry tells of a change.
const lookAgain = 50 * time.Millisecond

// await waits until done, for at most limit. Virtual time is moved for it.
func (s *Server) await(ctx context.Context, limit time.Duration, done func() bool) bool {
	if v, ok := s.o.Clock.(*clock.Virtual); ok {
		return v.RunUntil(done, limit)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		_, _, tick := s.current()
		if done() {
			return true
		}
		select {
		case <-tick:
		case <-again.C:
		case <-ctx.Done():
			return done()
		}
	}
}

func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	current, generation, _ := s.current()
	routes := []string{}
	for _, r := range Routes() {
		routes = append(routes, r.Method+" "+Prefix+r.Path)
	}
	reply(w, http.StatusOK, map[string]any{
		"account_sid": current.AccountSID(), "auth_token": current.AuthToken(), "numbers": numbers(current), "resets": generation, "routes": routes,
	})
}

func numbers(s *sim.Sim) []numberJSON {
	all := []numberJSON{}
	for phone, n := range s.Numbers() {
		all = append(all, numberOut(phone, n))
	}
	slices.SortFunc(all, func(a, b numberJSON) int { return strings.Compare(a.Number, b.Number) })
	return all
}

// reset begins anew.
func (s *Server) reset(w http.ResponseWriter, _ *http.Request) {
	s.open()
	w.WriteHeader(http.StatusNoContent)
}
