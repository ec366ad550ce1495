package server

import (
	"net/http"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/live"
)

// gathering is how long changes of a session are gathered before pages are told: a busy
// line commits far more often than anybody can look.
const gathering = 100 * time.Millisecond

// EventSession is the event of the stream whose data is the SessionLine of a session that
// has changed.
const EventSession = "session"

// EventSwitch is the event of the stream whose data is the SwitchView of a switch that was set.
const EventSwitch = "switch"

// watch tells pages which sessions have changed.
type watch struct {
	stream *live.Stream

	mu      sync.Mutex
	changed map[string]*engine.Session
	order   []string
}

// Committed takes a session as a commit has left it. It returns at once.
func (s *Server) Committed(session *engine.Session) {
	w := &s.watch
	if w.stream == nil {
		return
	}
	if !w.stream.Listened() {
		w.stream.Publish(EventSession, nil) // notes that something was missed
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.changed == nil {
		w.changed = map[string]*engine.Session{}
		time.AfterFunc(gathering, w.flush) // pages live in real time, whatever the clock
	}
	if w.changed[session.ID] == nil {
		w.order = append(w.order, session.ID)
	}
	w.changed[session.ID] = session
}

func (w *watch) flush() {
	w.mu.Lock()
	changed, order := w.changed, w.order
	w.changed, w.order = nil, nil
	w.mu.Unlock()
	for _, id := range order {
		w.stream.Publish(EventSession, lineOf(changed[id]))
	}
}

// lineOf is a session as it stands in a list.
func lineOf(s *engine.Session) SessionLine {
	states := []string{}
	for _, l := range s.Legs {
		if !l.Gone() && l.State != "" {
			states = append(states, l.State)
		}
	}
	return SessionLine{
		ID: s.ID, Flow: s.Flow, Closure: s.Closure, Condition: string(s.Condition), Outcome: s.Outcome, Rev: s.Rev,
		Active: s.Condition != engine.SessionClosed, States: states, Started: s.Started, Updated: s.LastAt,
	}
}

// events is the stream of what happens, for pages.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	if s.watch.stream == nil {
		refuse(w, http.StatusNotFound, "not-found", "there is no such resource")
		return
	}
	s.watch.stream.ServeHTTP(w, r)
}
