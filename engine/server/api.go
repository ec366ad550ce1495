package server

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/runtime"
	"github.com/ringdown/ringdown/engine/store"
)

// keyHeader makes a repeated start or signal one.
const keyHeader = "Idempotency-Key"

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 255

// api is the control API behind its token.
func (s *Server) api() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/flows", methods{http.MethodGet: s.listFlows})
	mux.Handle("/api/flows/{flow}/graph", methods{http.MethodGet: s.flowGraph})
	mux.Handle("/api/flows/{flow}/sessions", methods{http.MethodPost: s.startSession})
	mux.Handle("/api/sessions", methods{http.MethodGet: s.listSessions})
	mux.Handle("/api/sessions/{id}", methods{http.MethodGet: s.showSession, http.MethodDelete: s.endSession})
	mux.Handle("/api/sessions/{id}/history", methods{http.MethodGet: s.showHistory})
	mux.Handle("/api/sessions/{id}/graph", methods{http.MethodGet: s.sessionGraph})
	mux.Handle("/api/sessions/{id}/signals/{name}", methods{http.MethodPost: s.signalSession})
	mux.Handle("/api/events", methods{http.MethodGet: s.events})
	mux.Handle("/api/files", methods{http.MethodGet: s.showFiles})
	mux.Handle("/api/voice/token", methods{http.MethodPost: s.voiceToken})
	mux.Handle("/api/switches", methods{http.MethodGet: s.listSwitches})
	mux.Handle("/api/switches/{name}", methods{http.MethodGet: s.showSwitch, http.MethodPut: s.setSwitch})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "not-found", "there is no such resource")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case s.cfg.Console != nil && s.cfg.Console.Admits(r):
			mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), byKey{}, "console")))
		case s.cfg.Token == "":
			refuse(w, http.StatusForbidden, "closed", "the control API is closed: set RINGDOWN_API_TOKEN on the server")
		case !s.authorized(r):
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, "unauthorized", "send the API token as Authorization: Bearer TOKEN")
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// byKey is the key of who makes a request of the control API, for the history.
type byKey struct{}

// by says who makes the request, for the history and for event.by.
func by(r *http.Request) string {
	if who, ok := r.Context().Value(byKey{}).(string); ok {
		return who
	}
	return "api"
}

// authorized compares hashes, so that neither length nor content shows in the time.
func (s *Server) authorized(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(given[:], s.token[:]) == 1
}

func (s *Server) listFlows(w http.ResponseWriter, _ *http.Request) {
	flows := []FlowView{}
	for _, f := range s.cfg.Flows() {
		flows = append(flows, viewFlow(f))
	}
	reply(w, http.StatusOK, map[string]any{"flows": flows})
}

func (s *Server) startSession(w http.ResponseWriter, r *http.Request) {
	flow := s.flow(r.PathValue("flow"))
	if flow == nil {
		refuse(w, http.StatusNotFound, "not-found", "there is no flow "+strconv.Quote(r.PathValue("flow")))
		return
	}
	key, ok := idempotencyKey(w, r)
	if !ok {
		return
	}
	var body struct {
		Input map[string]any `json:"input"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	if flow.Start == nil {
		s.refuseError(w, r, runtime.ErrCannotStart)
		return
	}
	input, problems := engine.ReadInputs(flow.Inputs, body.Input)
	if len(problems) > 0 {
		refuse(w, http.StatusUnprocessableEntity, "invalid-input", "the input is not what the flow declares", problems...)
		return
	}
	id, err := s.rt.Start(r.Context(), runtime.StartRequest{Flow: flow.Name, Input: input, By: by(r), Key: key})
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	w.Header().Set("Location", "/api/sessions/"+id)
	reply(w, http.StatusCreated, map[string]string{"id": id})
}

func (s *Server) flow(id string) *engine.Flow {
	for _, f := range s.cfg.Flows() {
		if f.Closure.Flow.Name == id {
			return f.Closure.Flow
		}
	}
	return nil
}

func idempotencyKey(w http.ResponseWriter, r *http.Request) (string, bool) {
	key := r.Header.Get(keyHeader)
	if len(key) > maxKey {
		refuse(w, http.StatusBadRequest, "bad-key", keyHeader+" has at most 255 characters")
		return "", false
	}
	return key, true
}

func (s *Server) listSessions(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f := store.Filter{Flow: q.Get("flow"), State: q.Get("state")}
	switch active := q.Get("active"); active {
	case "":
	case "true", "false":
		on := active == "true"
		f.Active = &on
	default:
		refuse(w, http.StatusBadRequest, "bad-filter", "active is true or false")
		return
	}
	if limit := q.Get("limit"); limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil || n < 1 || n > 1000 {
			refuse(w, http.StatusBadRequest, "bad-filter", "limit is 1 to 1000")
			return
		}
		f.Limit = n
	}
	rows, err := s.rt.List(r.Context(), f)
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	sessions := make([]SessionLine, 0, len(rows))
	for _, row := range rows {
		sessions = append(sessions, viewRow(row))
	}
	reply(w, http.StatusOK, map[string]any{"sessions": sessions})
}

func (s *Server) showSession(w http.ResponseWriter, r *http.Request) {
	session, err := s.rt.Load(r.Context(), r.PathValue("id"))
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	v := viewSession(session)
	v.Now = s.cfg.Clock.Now().UTC()
	offered, err := s.rt.Offered(r.Context(), session)
	if err != nil { // a version that cannot be loaded takes no signals; the rest can be looked at
		s.log.Warn("the signals of a session cannot be told", "session", session.ID, "error", err)
	}
	for _, sig := range offered {
		v.Signals = append(v.Signals, viewSignal(sig))
	}
	reply(w, http.StatusOK, v)
}

func (s *Server) showHistory(w http.ResponseWriter, r *http.Request) {
	after := int64(0) // a page that has the beginning asks for the rest only
	if text := r.URL.Query().Get("after"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			refuse(w, http.StatusBadRequest, "bad-filter", "after is the rev of the last commit that is known")
			return
		}
		after = n
	}
	rows, err := s.rt.History(r.Context(), r.PathValue("id"))
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	rows = slices.DeleteFunc(rows, func(h store.History) bool { return h.Rev <= after })
	reply(w, http.StatusOK, viewHistory(r.PathValue("id"), rows))
}

func (s *Server) endSession(w http.ResponseWriter, r *http.Request) {
	if err := s.rt.End(r.Context(), r.PathValue("id"), by(r)); err != nil {
		s.refuseError(w, r, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (s *Server) signalSession(w http.ResponseWriter, r *http.Request) {
	id, name := r.PathValue("id"), r.PathValue("name")
	key, ok := idempotencyKey(w, r)
	if !ok {
		return
	}
	var body struct {
		Data map[string]any `json:"data"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	signals, err := s.rt.Signals(r.Context(), id)
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	i := slices.IndexFunc(signals, func(sig *engine.Signal) bool { return sig.Name == name })
	if i < 0 {
		refuse(w, http.StatusNotFound, "not-found", "the session's flow has no signal "+strconv.Quote(name))
		return
	}
	data, problems := engine.ReadInputs(signals[i].Data, body.Data)
	if len(problems) > 0 {
		refuse(w, http.StatusUnprocessableEntity, "invalid-input", "the data is not what the signal declares", problems...)
		return
	}
	err = s.rt.Signal(r.Context(), runtime.SignalRequest{Session: id, Name: name, Data: data, By: by(r), Key: key})
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}
