// Package server is the HTTP side of Ringdown: the URLs that Twilio requests, the
// control API, and health. It decides nothing about calls; that is package runtime's.
package server

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/graph"
	"github.com/ringdown/ringdown/engine/live"
	"github.com/ringdown/ringdown/engine/runtime"
	"github.com/ringdown/ringdown/engine/twilio"
)

// LoadedFlow is a flow that is in force.
type LoadedFlow struct {
	Closure *engine.Closure
	Numbers []string  // E.164, sorted
	Loaded  time.Time // when this version came into force
}

// Config configures a Server. Runtime, Validator, Clock and Flows are required.
type Config struct {
	Runtime   *runtime.Runtime
	Validator *twilio.Validator
	Clock     clock.Clock
	Flows     func() []LoadedFlow // sorted by id
	// Stream is told of every change of a session and sent to pages; nil: there is none.
	Stream *live.Stream
	// Console lets people in by a page; nil: the control API takes tokens only.
	Console Console
	// Files says what came of loading the flow files; nil: nobody knows.
	Files func() FilesView
	// Graphs draws the flows of a closure's source; nil: nothing is drawn.
	Graphs func(source []byte) ([]graph.Graph, error)
	// VoiceToken mints an access token for a phone in a browser; nil: there is none. The
	// error says what is wrong with the name.
	VoiceToken func(name string) (token string, ends time.Time, err error)
	// Switches are what people turn on and off; nil: there are none.
	Switches Switches
	// Token opens the control API. With "" the API is closed.
	Token string
	// Ready says why this process should get no calls; nil when it should. Nil asks the
	// runtime alone.
	Ready func() error
	Log   *slog.Logger // nil: no log. Never sees tokens, signatures, bodies or inputs.
}

// Console is the page for people. Admits reports whether a request comes from somebody
// who has logged in there; it does so for none that another site has caused.
type Console interface {
	http.Handler
	Admits(r *http.Request) bool
}

// Server answers HTTP requests. It is an http.Handler, safe for concurrent use.
type Server struct {
	cfg   Config
	rt    *runtime.Runtime
	log   *slog.Logger
	token [sha256.Size]byte
	mux   *http.ServeMux
	bufs  bufferPool
	watch watch
}

// New makes a Server.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Ready == nil {
		cfg.Ready = cfg.Runtime.Ready
	}
	s := &Server{cfg: cfg, rt: cfg.Runtime, log: cfg.Log, token: sha256.Sum256([]byte(cfg.Token)), mux: http.NewServeMux()}
	s.watch.stream = cfg.Stream
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.mux.Handle("/api/", s.api())
	if cfg.Console != nil {
		s.mux.Handle("/console/", cfg.Console)
	}
	return s
}

// ServeHTTP answers a request. A panic is answered 503, so that Twilio tries again,
// and its stack goes to the log.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := s.cfg.Clock.Now()
	answer := &recorder{ResponseWriter: w}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.Error("a request panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			if answer.status == 0 {
				answer.WriteHeader(http.StatusServiceUnavailable)
			}
		}
		s.logRequest(r, answer.status, s.cfg.Clock.Now().Sub(start))
	}()
	if isWebhook(r.URL.Path) {
		s.webhook(answer, r)
		return
	}
	s.mux.ServeHTTP(answer, r)
}

func isWebhook(path string) bool {
	return strings.HasPrefix(path, "/t/") || strings.HasPrefix(path, "/r/") || strings.HasPrefix(path, "/voice") || strings.HasPrefix(path, "/taskrouter/")
}

// logRequest writes one line: webhooks that went well at level debug, because a busy
// line has thousands of them, and whatever only looks: pages do that all the time.
func (s *Server) logRequest(r *http.Request, status int, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelError
	case status >= 400:
		level = slog.LevelWarn
	case !strings.HasPrefix(r.URL.Path, "/api/") || r.Method == http.MethodGet:
		level = slog.LevelDebug
	}
	ctx := r.Context()
	if !s.log.Enabled(ctx, level) {
		return
	}
	s.log.LogAttrs(ctx, level, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", status), slog.Duration("took", took))
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if err := s.cfg.Ready(); err != nil {
		s.log.Warn("not ready", "error", err)
		http.Error(w, "not ready: see the log", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what the recorder wraps.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
