package node_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// trapMode says at which moment the server is killed.
type trapMode int

const (
	killAnytime trapMode = iota
	killBefore           // while it asks Twilio for something, before that is done
	killAfter            // after Twilio has done what it was asked for, before the answer
)

// trap stands before the simulator's REST API and catches the server in the middle of a
// request that changes something.
type trap struct {
	next http.Handler

	mu    sync.Mutex
	armed *snare
}

// snare is a trap that is set.
type snare struct {
	mode   trapMode
	caught chan struct{} // closed when a request is in it
	killed chan struct{} // closed when the server is dead
}

// kill calls the function at a moment of that mode; when none comes within a second, then.
func (t *trap) kill(mode trapMode, kill func() error) error {
	if mode == killAnytime {
		return kill()
	}
	s := &snare{mode: mode, caught: make(chan struct{}), killed: make(chan struct{})}
	t.set(s)
	select {
	case <-s.caught:
	case <-time.After(time.Second):
		t.set(nil)
	}
	defer close(s.killed)
	return kill()
}

func (t *trap) set(s *snare) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.armed = s
}

// take gives the snare to the request that is caught in it.
func (t *trap) take(r *http.Request) *snare {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.armed
	if s == nil || r.Method != http.MethodPost {
		return nil
	}
	t.armed = nil
	close(s.caught)
	return s
}

// ServeHTTP implements http.Handler.
func (t *trap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := t.take(r)
	if s == nil {
		t.next.ServeHTTP(w, r)
		return
	}
	if s.mode == killAfter {
		t.next.ServeHTTP(httptest.NewRecorder(), r)
	}
	<-s.killed
	panic(http.ErrAbortHandler)
}
