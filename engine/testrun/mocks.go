package testrun

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/testspec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// mocks is the transport of the flow's HTTP requests: nothing reaches a network.
type mocks struct {
	world *flowtest.World

	mu    sync.Mutex
	list  []*testspec.Mock
	given map[*testspec.Mock]int // answers so far
	asked []request
}

// request is one that the flow has made.
type request struct {
	At     time.Time
	Method string
	URL    string
	Body   string
	JSON   any    // of the body, nil if it is none
	Key    string // Idempotency-Key
	Status int    // of the answer; 0: there was none
	Fails  string
	Repeat bool // of one with the same key
	mocked bool
}

func (r request) String() string { return r.Method + " " + r.URL }

// fits reports whether the request is one that the mock or expectation means.
func (r request) fits(m *testspec.Mock) bool {
	return r.Method == m.Method && testspec.Fits(m.URL, r.URL) && (m.Body == "" || strings.Contains(r.Body, m.Body)) &&
		(m.JSON == nil || testspec.Contains(r.JSON, m.JSON))
}

// prepend puts mocks before the others.
func (m *mocks) prepend(list []*testspec.Mock) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(slices.Clone(list), m.list...)
}

// requests gives what was asked so far.
func (m *mocks) requests() []request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

// unanswered are the requests that no mock fits, each once.
func (m *mocks) unanswered() []string {
	var list []string
	for _, r := range m.requests() {
		if !r.mocked && !slices.Contains(list, r.String()) {
			list = append(list, r.String())
		}
	}
	return list
}

// RoundTrip implements http.RoundTripper.
func (m *mocks) RoundTrip(req *http.Request) (*http.Response, error) {
	patience := flowtest.Patience(req)
	r := request{At: m.world.Clock.Now(), Method: req.Method, URL: req.URL.String(), Key: req.Header.Get("Idempotency-Key")}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		r.Body = string(body)
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&r.JSON) != nil {
			r.JSON = nil
		}
	}
	a := m.answer(&r)
	switch {
	case a.Fails == "silence":
		a.After = flowtest.Forever
	case a.Fails != "":
		if err := m.world.Wait(a.After, patience); err != nil {
			return nil, err
		}
		return nil, failure(a.Fails, req.URL.Hostname())
	}
	if err := m.world.Wait(a.After, patience); err != nil {
		return nil, err
	}
	return response(req, a, r), nil
}

// parameter is how the TwiML of a mock names a parameter of the request.
var parameter = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// filled puts parameters of a request into TwiML, so that another application can send
// the call back to where it came from.
func filled(body string, req *http.Request, r request) string {
	if !isTwiML(body) {
		return body
	}
	values := req.URL.Query()
	if form, err := url.ParseQuery(r.Body); err == nil {
		for name, v := range form {
			values[name] = append(values[name], v...)
		}
	}
	return parameter.ReplaceAllStringFunc(body, func(place string) string {
		if name := place[1 : len(place)-1]; values.Has(name) {
			return twiml.Escape(values.Get(name))
		}
		return place
	})
}

func isTwiML(body string) bool { return strings.HasPrefix(strings.TrimSpace(body), "<") }

// answer chooses the answer and writes the request down.
func (m *mocks) answer(r *request) testspec.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	r.Repeat = r.Key != "" && slices.ContainsFunc(m.asked, func(other request) bool { return other.Key == r.Key })
	a := testspec.Answer{Fails: "refused"}
	for _, mock := range m.list {
		if r.fits(mock) {
			i := m.given[mock]
			m.given[mock] = i + 1
			a, r.mocked = mock.Answers[min(i, len(mock.Answers)-1)], true
			break
		}
	}
	r.Status, r.Fails = a.Status, a.Fails
	if a.Fails != "" {
		r.Status = 0
	}
	m.asked = append(m.asked, *r)
	return a
}

// failure is the error of a transport that gets no answer.
func failure(word, host string) error {
	switch word {
	case "refused":
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case "dns":
		return &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	case "tls":
		return x509.UnknownAuthorityError{}
	case "reset":
		return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return errors.Join(context.DeadlineExceeded, errors.New(word))
}

func response(req *http.Request, a testspec.Answer, r request) *http.Response {
	body := []byte(filled(a.Body, req, r))
	header := http.Header{}
	if isTwiML(a.Body) {
		header.Set("Content-Type", "text/xml")
	}
	if a.JSON != nil {
		body, _ = json.Marshal(a.JSON) // made of texts, numbers and booleans
		header.Set("Content-Type", "application/json")
	}
	for _, h := range a.Headers {
		header.Set(h.Name, h.Text)
	}
	return &http.Response{
		Status: http.StatusText(a.Status), StatusCode: a.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Request: req,
	}
}

// suggestion is a mock for a request.
func suggestion(asked string) string {
	method, url, _ := strings.Cut(asked, " ")
	return "{" + strings.ToLower(method) + ": " + pathOf(url) + ", answer: {json: {}}}"
}
