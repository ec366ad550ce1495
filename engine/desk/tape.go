package desk

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// tape keeps what has happened, so that a session can be saved as a test case.
type tape struct {
	mu       sync.Mutex
	events   []Event
	requests []asked
	signals  []sent
	machines map[int]string // greeting by the number of the phone; that of its last call
}

// asked is an HTTP request of a flow with its answer.
type asked struct {
	at      time.Time
	method  string
	url     string
	status  int // 0: there was no answer
	json    bool
	body    string
	elapsed time.Duration
}

// sent is a signal with its data.
type sent struct {
	session, name string
	data          map[string]string
}

// longestTape is how many events and requests a tape keeps; the oldest go first.
const longestTape = 20_000

func (t *tape) event(e Event) {
	if e.Kind == Requested {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, e)
	if len(t.events) > longestTape {
		t.events = slices.Delete(t.events, 0, len(t.events)-longestTape)
	}
}

func (t *tape) signal(s sent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.signals = append(t.signals, s)
}

func (t *tape) machine(phone int, greeting string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.machines == nil {
		t.machines = map[int]string{}
	}
	t.machines[phone] = greeting
}

// between gives what happened from one time to another.
func (t *tape) between(from, to time.Time) (events []Event, requests []asked) {
	t.mu.Lock()
	defer t.mu.Unlock()
	inside := func(at time.Time) bool { return !at.Before(from) && !at.After(to) }
	for _, e := range t.events {
		if inside(e.At) {
			events = append(events, e)
		}
	}
	for _, r := range t.requests {
		if inside(r.at) {
			requests = append(requests, r)
		}
	}
	return events, requests
}

// eavesdropper is a transport that puts the requests of flows on the tape.
type eavesdropper struct {
	next http.RoundTripper
	tape *tape
	now  func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (l *eavesdropper) RoundTrip(req *http.Request) (*http.Response, error) {
	a := asked{at: l.now(), method: req.Method, url: req.URL.String()}
	resp, err := l.next.RoundTrip(req)
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20)); err == nil {
			err = resp.Body.Close()
		}
		resp.Body = io.NopCloser(bytes.NewReader(text))
		a.status, a.body, a.json = resp.StatusCode, string(text), strings.Contains(resp.Header.Get("Content-Type"), "json")
	}
	a.elapsed = l.now().Sub(a.at)
	l.tape.mu.Lock()
	l.tape.requests = append(l.tape.requests, a)
	if len(l.tape.requests) > longestTape {
		l.tape.requests = slices.Delete(l.tape.requests, 0, len(l.tape.requests)-longestTape)
	}
	l.tape.mu.Unlock()
	return resp, err
}
