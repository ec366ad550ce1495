package sim_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
)

const (
	ours  = "+15550001000"
	alice = "+15551110001"
	bob   = "+15551110002"
	carol = "+15551110003"
)

// world is a simulator with a small application that serves fixed documents.
type world struct {
	*sim.Sim
	t     *testing.T
	clock *clock.Virtual
	app   *httptest.Server
	api   *httptest.Server

	mu    sync.Mutex
	pages map[string]func(url.Values) string
	bad   []string // requests whose signature was wrong
	raw   []request
}

// request is a request as it came: its names in their order.
type request struct {
	method, path string
	names        []string
	params       url.Values
}

// newWorld starts a simulator. pages maps a path to its document: TwiML without
// the Response element, or "!404" for an HTTP error.
func newWorld(t *testing.T, o sim.Options, pages map[string]string) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewVirtual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), pages: map[string]func(url.Values) string{}}
	o.Clock = w.clock
	w.Sim = sim.New(o)
	for path, doc := range pages {
		w.pages[path] = func(url.Values) string { return doc }
	}
	w.app = httptest.NewServer(http.HandlerFunc(w.serve))
	w.api = httptest.NewServer(w.Handler())
	t.Cleanup(func() {
		w.Close()
		w.app.Close()
		w.api.Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.bad) > 0 {
			t.Errorf("wrong signature: %q", w.bad)
		}
	})
	w.AddNumber(ours, sim.Number{VoiceURL: w.app.URL + "/voice", StatusCallback: w.app.URL + "/status"})
	return w
}

// page replaces the document of a path by a function of the request's fields.
func (w *world) page(path string, f func(url.Values) string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[path] = f
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	_ = r.ParseForm()
	var post url.Values
	if r.Method == http.MethodPost {
		post = r.PostForm
	}
	full := "http://" + r.Host + r.URL.RequestURI()
	if r.Header.Get("Upgrade") != "" {
		full = "ws://" + r.Host + r.URL.RequestURI()
	}
	w.mu.Lock()
	w.raw = append(w.raw, request{r.Method, r.URL.Path, names(string(body) + r.URL.RawQuery), r.Form})
	if r.Header.Get("X-Twilio-Signature") != sim.Signature(w.AuthToken(), full, post) {
		w.bad = append(w.bad, full)
	}
	f := w.pages[r.URL.Path]
	w.mu.Unlock()
	if f == nil {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	doc := f(r.Form)
	var status int
	if n, _ := fmt.Sscanf(doc, "!%d", &status); n == 1 {
		http.Error(rw, "error", status)
		return
	}
	rw.Header().Set("Content-Type", "text/xml")
	fmt.Fprint(rw, "<Response>"+doc+"</Response>")
}

// names are the names in a query, in their order.
func names(query string) []string {
	var all []string
	for _, pair := range strings.Split(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// got returns the requests to a path as they came, oldest first.
func (w *world) got(path string) []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []request
	for _, r := range w.raw {
		if r.path == path {
			found = append(found, r)
		}
	}
	return found
}

// until moves the clock until cond holds, for at most an hour.
func (w *world) until(what string, cond func() bool) {
	w.t.Helper()
	if !w.clock.RunUntil(cond, time.Hour) {
		w.t.Fatalf("never happened: %s\n%s", what, w.dump())
	}
}

func (w *world) settle() { w.clock.Advance(30 * time.Second) }

// call lets alice call our number.
func (w *world) call() *sim.Call {
	w.t.Helper()
	c, err := w.Call(alice, ours)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) ended(c *sim.Call) {
	w.t.Helper()
	w.until(c.To()+" ends", c.Ended)
	w.settle()
}

func (w *world) wantHeard(c *sim.Call, want ...string) {
	w.t.Helper()
	if got := strings.Join(c.Heard(), "|"); got != strings.Join(want, "|") {
		w.t.Errorf("%s heard %q, want %q\n%s", c.To(), got, strings.Join(want, "|"), w.dump())
	}
}

// dump is the log in a readable form.
func (w *world) dump() string {
	var b strings.Builder
	for _, e := range w.Log() {
		sid := e.Call
		if len(sid) > 6 {
			sid = sid[:6]
		}
		fmt.Fprintf(&b, "%v %-9s %s %s %s %d %s %v\n", e.At.Format("04:05.000"), e.Kind, sid, e.Name, e.Text, e.Status, e.URL, e.Params)
	}
	return b.String()
}

// requests returns the webhooks and callbacks to a path, oldest first.
func (w *world) requests(path string) []url.Values {
	var found []url.Values
	for _, e := range w.Log() {
		if u, err := url.Parse(e.URL); err == nil && u.Path == path && (e.Kind == sim.EntryWebhook || e.Kind == sim.EntryCallback) {
			found = append(found, e.Params)
		}
	}
	return found
}

// one returns the only request to a path.
func (w *world) one(path string) url.Values {
	w.t.Helper()
	r := w.requests(path)
	if len(r) != 1 {
		w.t.Fatalf("%d requests to %s, want 1\n%s", len(r), path, w.dump())
	}
	return r[0]
}

// post sends a REST request and returns its status and body.
func (w *world) post(path string, form url.Values) (int, string) {
	w.t.Helper()
	return w.rest(http.MethodPost, path, form)
}

func (w *world) rest(method, path string, form url.Values) (int, string) {
	w.t.Helper()
	status, body := w.request(method, "/2010-04-01/Accounts/"+w.AccountSID()+path, form)
	return status, string(body)
}

// request asks the simulator over HTTP.
func (w *world) request(method, path string, form url.Values) (int, []byte) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.api.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(w.AccountSID(), w.AuthToken())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, body
}

// place has the REST API call a number and returns the call.
func (w *world) place(to, path string, extra url.Values) *sim.Call {
	w.t.Helper()
	form := url.Values{"To": {to}, "From": {ours}, "Url": {w.app.URL + path}}
	for k, v := range extra {
		form[k] = v
	}
	if status, body := w.post("/Calls.json", form); status != http.StatusCreated {
		w.t.Fatalf("call not created: %d %s", status, body)
	}
	calls := w.CallsTo(to)
	return calls[len(calls)-1]
}

func wantFields(t *testing.T, got url.Values, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if v, ok := got[name]; value == "-" && ok {
			t.Errorf("%s = %q, want it absent", name, v)
		} else if value != "-" && got.Get(name) != value {
			t.Errorf("%s = %q, want %q (all: %v)", name, got.Get(name), value, got)
		}
	}
}
