package desk_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/schema"
)

const talk = `flow: talk
answers: ["+15005550006"]
env: [FRIEND, HELP_DESK, BILLING_URL]
vars: {code: 0}
defaults: {language: en-GB}
answer: ask
states:
  ask:
    do: [{http: {get: "${env.BILLING_URL}/accounts/${leg.from}", save: account}}, {set: {code: "${vars.account.status}"}}]
    prompt: Hello. The billing service says ${vars.code}.
    next: reach
  reach:
    dial: {to: "${env.FRIEND}"}
    on: {unreached: bye}
    next: hangup
  bye: {prompt: Bye., next: hangup}
`

// folder writes a flow folder of one flow.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"talk.yaml":    talk,
		schema.EnvFile: "# who is there\nFRIEND=+15005550142\nexport HELP_DESK='+15005550143'\nBILLING_URL=http://127.0.0.1:8080/play/billing\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestCloseLeavesNothing runs before the parallel tests of this package: it counts
// goroutines.
func TestCloseLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	before := runtime.NumGoroutine()
	d, err := desk.Open(t.Context(), desk.Options{Flows: folder(t), Listen: "127.0.0.1:0", Pace: 100})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Call("talk", "", nil); err != nil {
		t.Fatal(err)
	}
	if !d.Await(t.Context(), 10*time.Second, func() bool { return len(d.Ring()) == 1 }) {
		t.Fatal("nobody's phone rings")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	// What has been told to end needs a moment.
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(5 * time.Second)
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-deadline:
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if !f.IsDir() { // TempDir makes folders here for the test itself
			t.Errorf("a file is left: %s", f.Name())
		}
	}
}

// TestTakenPort: the desk goes elsewhere, and the env file's address goes with it.
func TestTakenPort(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	d, err := desk.Open(t.Context(), desk.Options{Flows: folder(t), Listen: taken.Addr().String(), Pace: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if !d.Moved() || strings.Contains(d.URL(), taken.Addr().String()) {
		t.Errorf("Moved() = %v, URL() = %s", d.Moved(), d.URL())
	}
	events := make(chan desk.Event, 1000)
	d.Subscribe(func(e desk.Event) { events <- e })
	if _, err := d.Call("+15005550006", "", nil); err != nil {
		t.Fatal(err)
	}
	for e := range within(t, events) {
		if e.Kind == desk.Hears {
			if e.Text != "Hello. The billing service says 200." || e.Language != "en-GB" {
				t.Errorf("heard %q in %q", e.Text, e.Language)
			}
			break
		}
	}
	for e := range within(t, events) {
		if e.Kind == desk.Rings {
			if e.Name != "friend" || e.From != "you" || !e.Manual {
				t.Errorf("rings: %+v", e)
			}
			break
		}
	}
}

// within gives events until they fail to come.
func within(t *testing.T, events <-chan desk.Event) func(yield func(desk.Event) bool) {
	return func(yield func(desk.Event) bool) {
		for {
			select {
			case e := <-events:
				if !yield(e) {
					return
				}
			case <-time.After(10 * time.Second):
				t.Fatal("the event did not come")
			}
		}
	}
}

// TestControlAPI: other programs reach the server with the token.
func TestControlAPI(t *testing.T) {
	t.Parallel()
	d, err := desk.Open(t.Context(), desk.Options{Flows: folder(t), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for token, want := range map[string]int{d.Token(): 200, "wrong": 401} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL()+"/api/flows", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("status %d, want %d", resp.StatusCode, want)
		}
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	broken, badEnv := folder(t), folder(t)
	write := func(dir, name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(broken, "talk.yaml", strings.Replace(talk, "next: reach", "next: raech", 1))
	write(badEnv, schema.EnvFile, "FRIEND=1\nwhat is this\n")
	tests := []struct{ dir, listen, want string }{
		{broken, "127.0.0.1:0", `no state "raech"`},
		{badEnv, "127.0.0.1:0", `line 2: write NAME=value, not "what is this"`},
		{filepath.Join(broken, "nowhere"), "127.0.0.1:0", "nowhere"},
		{broken, "8080", "must be like 127.0.0.1:8080"},
	}
	for _, tt := range tests {
		d, err := desk.Open(t.Context(), desk.Options{Flows: tt.dir, Listen: tt.listen})
		if err == nil {
			d.Close()
			t.Errorf("%s: no error, want %q", tt.dir, tt.want)
			continue
		}
		text := err.Error()
		var wrong *node.DiagnosticsError
		if errors.As(err, &wrong) {
			text = wrong.List.Err().Error()
		}
		if !strings.Contains(text, tt.want) {
			t.Errorf("%s: %s, want %q", tt.dir, text, tt.want)
		}
	}
}

func TestBank(t *testing.T) {
	t.Parallel()
	d, err := desk.Open(t.Context(), desk.Options{Flows: folder(t), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ask := func(method, path, body, key string) (int, map[string]any) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, d.URL()+desk.BillingPath+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		_ = json.Unmarshal(text, &v) // other than JSON is the mux's answer
		return resp.StatusCode, v
	}
	if status, v := ask("GET", "/accounts/+15005550142", "", ""); status != 200 || v["balance"] != "1.00" {
		t.Errorf("account: %d %v", status, v)
	}
	if status, _ := ask("GET", "/accounts/+15005550199", "", ""); status != 404 {
		t.Errorf("no account: %d", status)
	}
	const charge = `{"account": "+15005550142", "amount": 5}`
	if status, _ := ask("POST", "/charges", charge, "one"); status != 200 {
		t.Errorf("charge: %d", status)
	}
	d.Bank().Refuse(true)
	if status, _ := ask("POST", "/charges", charge, "two"); status != 402 {
		t.Errorf("refused charge: %d", status)
	}
	if status, _ := ask("POST", "/charges", charge, "one"); status != 200 {
		t.Errorf("a repeated charge: %d, want the answer of the first", status)
	}
	if status, _ := ask("POST", "/charges", "no", ""); status != 400 {
		t.Errorf("nonsense: %d", status)
	}
	if err := d.Bank().SetBalance("0.5"); err != nil {
		t.Error(err)
	}
	if balance, refuse := d.Bank().State(); balance != "0.5" || !refuse {
		t.Errorf("state: %s %v", balance, refuse)
	}
	for _, bad := range []string{"", "-1", "1.", "x", "1.23456", "1e9"} {
		if d.Bank().SetBalance(bad) == nil {
			t.Errorf("balance %q has no error", bad)
		}
	}
}
