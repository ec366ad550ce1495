package server_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/engine/sim"
)

const (
	apiToken = "api-token"
	number   = "+15005550006"
)

// rig is a node and a simulated Twilio in virtual time, joined by real HTTP.
type rig struct {
	t     *testing.T
	clock *clock.Virtual
	sim   *sim.Sim
	node  *node.Node
	cfg   node.Config
	base  string
	app   *http.Handler // the node's handler, exchanged at a restart
	http  *http.Client
}

// testFlows are small flows for what the shipped ones do not show.
var testFlows = map[string]string{
	"line.yaml": `
flow: line
answers: ["+15005550006"]
answer: menu
input:
  who: {type: text, optional: true}
signals:
  leave: {label: Leave, data: {to: {type: phone}}}
states:
  menu:
    prompt: Press one.
    gather: {choices: {1: wait}, tries: 3, timeout: 5s}
    next: hangup
  wait:
    hold: {music: {play: "https://example.com/wait.mp3"}}
    on: {signal.leave: bye}
    after: {10m: bye}
  bye:
    prompt: Good bye.
    next: hangup
`,
	"outbound.yaml": `
flow: outbound
input:
  to: {type: phone}
  times: {type: number, default: 1}
start:
  - call: {leg: far, to: "${input.to}", from: "+15005550006", state: hello}
states:
  hello:
    prompt: Hello.
    next: hangup
`,
}

func newRig(t *testing.T, files map[string]string, change ...func(*node.Config)) *rig {
	t.Helper()
	r := &rig{t: t, clock: clock.NewVirtual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), app: new(http.Handler)}
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.sim = sim.New(sim.Options{Clock: r.clock, Seed: 1})
	rest := httptest.NewServer(r.sim.Handler())
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { (*r.app).ServeHTTP(w, q) }))
	r.base = app.URL
	r.http = &http.Client{Transport: clock.Transport(r.clock, nil)}
	r.cfg = node.Config{
		Flows: dir, AccountSID: r.sim.AccountSID(), AuthTokens: []string{r.sim.AuthToken()}, TwilioURL: rest.URL,
		PublicURLs: []string{app.URL}, Store: filepath.Join(t.TempDir(), "test.db"), APIToken: apiToken, CPS: 10,
		Clock: r.clock, Poll: time.Hour, Prune: -1,
	}
	for _, f := range change {
		f(&r.cfg)
	}
	r.sim.AddNumber(number, sim.Number{VoiceURL: app.URL + "/voice", FallbackURL: app.URL + "/voice/fallback", StatusCallback: app.URL + "/voice/status"})
	t.Cleanup(func() {
		r.sim.Close()
		app.Close()
		rest.Close()
		r.stop()
	})
	r.start()
	return r
}

func (r *rig) start() {
	r.t.Helper()
	n, err := node.Open(context.Background(), r.cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.node, *r.app = n, n.Handler()
}

func (r *rig) stop() {
	if r.node != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = r.node.Close(ctx)
	}
}

// until runs the clock until cond, at most by an hour.
func (r *rig) until(what string, cond func() bool) {
	r.t.Helper()
	if !r.clock.RunUntil(cond, time.Hour) {
		r.t.Fatalf("it did not come to this: %s", what)
	}
}

func (r *rig) call() *sim.Call {
	r.t.Helper()
	c, err := r.sim.Call("+15550001111", number)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// webhook sends a signed request as Twilio would.
func (r *rig) webhook(path string, fields map[string]string) (int, string) {
	r.t.Helper()
	form := url.Values{}
	for k, v := range fields {
		form.Set(k, v)
	}
	req, err := http.NewRequest(http.MethodPost, r.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", sign(r.sim.AuthToken(), r.base+path, fields))
	return r.do(req)
}

func sign(token, target string, fields map[string]string) string {
	names := make([]string, 0, len(fields))
	for k := range fields {
		names = append(names, k)
	}
	slices.Sort(names)
	text := target
	for _, k := range names {
		text += k + fields[k]
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// api sends a request to the control API and reads the answer into out.
func (r *rig) api(method, path, body string, out any, header ...string) int {
	r.t.Helper()
	req, err := http.NewRequest(method, r.base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	status, text := r.do(req)
	if out != nil {
		if err := json.Unmarshal([]byte(text), out); err != nil {
			r.t.Fatalf("%s %s: %d %s: %v", method, path, status, text, err)
		}
	}
	return status
}

func (r *rig) do(req *http.Request) (int, string) {
	r.t.Helper()
	resp, err := r.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
