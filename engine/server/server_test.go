package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/engine/server"
)

func TestInboundCallRunsEndToEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	c := r.call()
	r.until("the menu asks", c.Listening)
	if !c.HeardText("Press one.") {
		t.Errorf("heard %q", c.Heard())
	}
	c.Press("1")
	r.until("the music", func() bool { return c.HeardText("wait.mp3") })
	var list struct{ Sessions []server.SessionLine }
	if status := r.api("GET", "/api/sessions?flow=line&state=wait&active=true", "", &list); status != 200 || len(list.Sessions) != 1 {
		t.Fatalf("sessions: %d %+v", status, list)
	}
	id := list.Sessions[0].ID
	if status := r.api("POST", "/api/sessions/"+id+"/signals/leave", `{"data":{"to":"+15550009999"}}`, nil); status != 202 {
		t.Fatalf("signal: %d", status)
	}
	r.until("the end", c.Ended)
	if !c.HeardText("Good bye.") {
		t.Errorf("heard %q", c.Heard())
	}
	var view server.SessionView
	r.until("the session is closed", func() bool {
		s, err := r.node.Runtime().Load(t.Context(), id)
		return err == nil && s.Condition == "closed"
	})
	if status := r.api("GET", "/api/sessions/"+id, "", &view); status != 200 || view.Outcome != "completed" || len(view.Legs) != 1 || view.Legs[0].Result != "completed" {
		t.Errorf("session: %d %+v", status, view)
	}
	var history server.HistoryView
	if status := r.api("GET", "/api/sessions/"+id+"/history", "", &history); status != 200 || len(history.History) < 4 || int64(len(history.History)) != view.Rev {
		t.Errorf("history: %d, %d commits at revision %d", status, len(history.History), view.Rev)
	}
	if status := r.api("POST", "/api/sessions/"+id+"/signals/leave", `{"data":{"to":"+15550009999"}}`, nil); status != 409 {
		t.Errorf("signal to a closed session: %d", status)
	}
}

func TestStartPlacesTheCallOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	start := func(body, key string, want int) string {
		t.Helper()
		var out struct{ ID string }
		if status := r.api("POST", "/api/flows/outbound/sessions", body, &out, "Idempotency-Key", key); status != want {
			t.Fatalf("start %s: %d, want %d", body, status, want)
		}
		return out.ID
	}
	first := start(`{"input":{"to":"+15550002222"}}`, "k1", 201)
	if again := start(`{"input":{"to":"+15550002222"}}`, "k1", 201); again != first {
		t.Errorf("the same key gave %s, then %s", first, again)
	}
	start(`{"input":{"to":"+15550003333"}}`, "k1", 422)
	r.until("the call is over", func() bool {
		calls := r.sim.CallsTo("+15550002222")
		return len(calls) == 1 && calls[0].Ended()
	})
	r.clock.Advance(time.Minute)
	if calls := r.sim.CallsTo("+15550002222"); len(calls) != 1 || !calls[0].HeardText("Hello.") {
		t.Errorf("%d calls", len(calls))
	}
	if s, err := r.node.Runtime().Load(t.Context(), first); err != nil || s.Condition != "closed" {
		t.Errorf("session: %+v %v", s, err)
	}
}

func TestAPIRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	c := r.call()
	r.until("the menu asks", c.Listening)
	var list struct{ Sessions []server.SessionLine }
	r.api("GET", "/api/sessions", "", &list)
	session := "/api/sessions/" + list.Sessions[0].ID
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		code                     string
		errors                   int
	}{
		{"unknown flow", "POST", "/api/flows/nope/sessions", `{}`, 404, "not-found", 0},
		{"every wrong input", "POST", "/api/flows/outbound/sessions", `{"input":{"to":"12","times":"x","more":1}}`, 422, "invalid-input", 3},
		{"missing input", "POST", "/api/flows/outbound/sessions", ``, 422, "invalid-input", 1},
		{"a flow without start", "POST", "/api/flows/line/sessions", `{}`, 409, "cannot-start", 0},
		{"no JSON", "POST", "/api/flows/outbound/sessions", `{"input":`, 400, "bad-json", 0},
		{"two values", "POST", "/api/flows/outbound/sessions", `{} {}`, 400, "bad-json", 0},
		{"unknown member", "POST", "/api/flows/outbound/sessions", `{"inputs":{}}`, 400, "bad-json", 0},
		{"too large", "POST", "/api/flows/outbound/sessions", `{"input":{"to":"` + strings.Repeat("1", 2<<20) + `"}}`, 413, "too-large", 0},
		{"wrong method", "PUT", "/api/sessions", ``, 405, "method", 0},
		{"no such resource", "GET", "/api/nothing", ``, 404, "not-found", 0},
		{"bad filter", "GET", "/api/sessions?active=maybe", ``, 400, "bad-filter", 0},
		{"unknown session", "GET", "/api/sessions/nope", ``, 404, "not-found", 0},
		{"history of none", "GET", "/api/sessions/nope/history", ``, 404, "not-found", 0},
		{"end of none", "DELETE", "/api/sessions/nope", ``, 404, "not-found", 0},
		{"signal to none", "POST", "/api/sessions/nope/signals/leave", ``, 404, "not-found", 0},
		{"unknown signal", "POST", session + "/signals/nope", ``, 404, "not-found", 0},
		{"wrong data", "POST", session + "/signals/leave", `{"data":{"to":"x"}}`, 422, "invalid-input", 1},
		{"a signal no state names now", "POST", session + "/signals/leave", `{"data":{"to":"+15550002222"}}`, 409, "not-offered", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p server.Problem
			if status := r.api(tt.method, tt.path, tt.body, &p); status != tt.status || p.Status != tt.status || p.Code != tt.code || len(p.Errors) != tt.errors {
				t.Errorf("%d %+v", status, p)
			}
		})
	}
	if status := r.api("DELETE", session, "", nil); status != 202 {
		t.Errorf("end: %d", status)
	}
	r.until("the call is hung up", c.Ended)
}

func TestAPINeedsItsToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	for _, header := range []string{"", "Bearer", "Bearer wrong", "Basic " + apiToken, "Bearer " + apiToken + "x"} {
		if status := r.api("GET", "/api/flows", "", nil, "Authorization", header); status != 401 {
			t.Errorf("%q: %d", header, status)
		}
	}
	var out struct{ Flows []server.FlowView }
	if status := r.api("GET", "/api/flows", "", &out); status != 200 || len(out.Flows) != 2 || out.Flows[0].ID != "line" || out.Flows[0].Numbers[0] != number {
		t.Errorf("%d %+v", status, out)
	}
	closed := newRig(t, testFlows, func(c *node.Config) { c.APIToken = "" })
	if status := closed.api("GET", "/api/flows", "", nil, "Authorization", "Bearer "); status != 403 {
		t.Errorf("without a token configured: %d", status)
	}
}

func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	post := func(path, body, signature string) int {
		req, err := http.NewRequest(http.MethodPost, r.base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("X-Twilio-Signature", signature)
		status, _ := r.do(req)
		return status
	}
	good := sign(r.sim.AuthToken(), r.base+"/voice", map[string]string{"CallSid": "CA1"})
	for name, tt := range map[string]struct {
		path, body, signature string
		want                  int
	}{
		"no signature":       {"/voice", "CallSid=CA1", "", 403},
		"another body":       {"/voice", "CallSid=CA2", good, 403},
		"another path":       {"/voice/status", "CallSid=CA1", good, 403},
		"another token":      {"/voice", "CallSid=CA1", sign("nope", r.base+"/voice", map[string]string{"CallSid": "CA1"}), 403},
		"too large":          {"/voice", strings.Repeat("a", 1<<20), good, 413},
		"no URL of ours":     {"/t/x", "", good, 404},
		"an escaped path":    {"/voice/a%2Fb", "", good, 404},
		"a percent mistaken": {"/voice", "CallSid=%", good, 400},
	} {
		if status := post(tt.path, tt.body, tt.signature); status != tt.want {
			t.Errorf("%s: %d, want %d", name, status, tt.want)
		}
	}
	if status, doc := r.webhook("/voice", map[string]string{"CallSid": "CA1", "To": "+19990000000"}); status != 200 || !strings.Contains(doc, "<Reject/>") {
		t.Errorf("a number without a flow: %d %s", status, doc)
	}
	if status, doc := r.webhook("/voice/outbound", map[string]string{"CallSid": "CA1", "To": number}); status != 200 || !strings.Contains(doc, "<Reject/>") {
		t.Errorf("a flow that takes no calls: %d %s", status, doc)
	}
	if status, doc := r.webhook("/voice/status", map[string]string{"CallSid": "CA1", "CallStatus": "completed"}); status != 204 || doc != "" {
		t.Errorf("the status of an unknown call: %d %s", status, doc)
	}
	if status, doc := r.webhook("/t/nope/1/1/act", map[string]string{"CallSid": "CA1"}); status != 200 || !strings.Contains(doc, "<Hangup/>") {
		t.Errorf("an unknown session: %d %s", status, doc)
	}
}

func TestRestartKeepsTheClosureAndTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	c := r.call()
	r.until("the menu asks", c.Listening)
	r.stop()
	changed := strings.ReplaceAll(testFlows["line.yaml"], "Good bye.", "Another farewell.")
	if err := os.WriteFile(filepath.Join(r.cfg.Flows, "line.yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	c.Press("1")
	r.until("the music", func() bool { return c.HeardText("wait.mp3") })
	r.until("the end, by the state's timer", c.Ended)
	if !c.HeardText("Good bye.") || c.HeardText("Another farewell.") {
		t.Errorf("heard %q", c.Heard())
	}
}

func TestABadSnapshotChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	r.stop()
	if err := os.WriteFile(filepath.Join(r.cfg.Flows, "line.yaml"), []byte("flow: line\nstates: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Open(t.Context(), r.cfg); err == nil || !strings.Contains(err.Error(), "line.yaml") {
		t.Errorf("opened with a bad flow: %v", err)
	}
	r.node = nil
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := node.Open(t.Context(), node.Config{Flows: "x", PublicURLs: []string{"https://example.com/path"}})
	for _, name := range []string{"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "RINGDOWN_PUBLIC_URL"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
