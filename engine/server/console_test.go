package server_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/engine/server"
)

// TestWhatPagesRead: what a page needs beside the plain resources.
func TestWhatPagesRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	c := r.call()
	r.until("the menu asks", c.Listening)
	var list struct{ Sessions []server.SessionLine }
	r.api("GET", "/api/sessions", "", &list)
	path := "/api/sessions/" + list.Sessions[0].ID

	var view server.SessionView
	r.api("GET", path, "", &view)
	if len(view.Signals) != 0 || view.Now.IsZero() {
		t.Errorf("the menu offers %v, now is %s", view.Signals, view.Now)
	}
	c.Press("1")
	r.until("the music", func() bool { return c.HeardText("wait.mp3") })
	r.api("GET", path, "", &view)
	if len(view.Signals) != 1 || view.Signals[0].Label != "Leave" || view.Signals[0].Data[0].Type != "phone" {
		t.Errorf("what is offered: %+v", view.Signals)
	}

	var drawn struct {
		Closure string
		Graphs  []server.GraphView
	}
	for _, path := range []string{path + "/graph", "/api/flows/line/graph"} {
		if status := r.api("GET", path, "", &drawn); status != 200 || drawn.Closure != view.Closure || len(drawn.Graphs) != 1 || drawn.Graphs[0].Flow != "line" {
			t.Errorf("%s: %d %+v", path, status, drawn)
		}
	}
	var way server.EdgeView
	for _, e := range drawn.Graphs[0].Edges {
		if e.From == "menu" && e.To == "wait" {
			way = e
		}
	}
	if way.Label != "key 1" {
		t.Errorf("the way from menu to wait: %+v of %+v", way, drawn.Graphs[0].Edges)
	}

	var all, rest server.HistoryView
	r.api("GET", path+"/history", "", &all)
	r.api("GET", path+"/history?after=1", "", &rest)
	if len(rest.History) != len(all.History)-1 || rest.History[0].Rev != 2 {
		t.Errorf("%d commits, %d after the first", len(all.History), len(rest.History))
	}
	if status := r.api("GET", path+"/history?after=x", "", nil); status != 400 {
		t.Errorf("after=x: %d", status)
	}
	for _, path := range []string{"/api/sessions/none/graph", "/api/flows/none/graph"} {
		if status := r.api("GET", path, "", nil); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// TestFiles: the newest load first, with the places of what is wrong.
func TestFiles(t *testing.T) {
	t.Parallel()
	loaded := make(chan bool, 10)
	r := newRig(t, testFlows, func(c *node.Config) {
		c.Poll, c.Debounce, c.Loaded = 0, time.Millisecond, func(r node.Report) { loaded <- r.Err == nil }
	})
	<-loaded
	file := filepath.Join(r.cfg.Flows, "line.yaml")
	write := func(from, to string, good bool) server.FilesView {
		t.Helper()
		if err := os.WriteFile(file, []byte(strings.Replace(testFlows["line.yaml"], from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		for {
			if got := <-loaded; got == good {
				break
			}
		}
		var v server.FilesView
		r.api("GET", "/api/files", "", &v)
		return v
	}
	v := write("next: hangup", "next: hangupp", false)
	if len(v.Loads) != 2 || v.Loads[0].Good || !v.Loads[1].Good || v.Flows != 2 {
		t.Fatalf("after a mistake: %+v", v)
	}
	p := v.Loads[0].Problems[0]
	if p.File != "line.yaml" || p.Line != 13 || p.Column != 11 || p.Code != "unknown-state" || strings.TrimSpace(p.Source) != "next: hangupp" {
		t.Errorf("the problem: %+v", p)
	}
	v = write("Press one.", "Press one, please.", true)
	if len(v.Loads) != 3 || !v.Loads[0].Good || v.Loads[0].Changed[0] != "line.yaml" || v.Loads[0].Changes[0] != "line: state menu: prompt changed" {
		t.Errorf("after it was mended: %+v", v.Loads[0])
	}
}

// TestStream: a page that listens is told of sessions and switches.
func TestStream(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	live := httptest.NewServer(*r.app) // the page's connection is no work that time waits for
	t.Cleanup(live.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, live.URL+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(req); err != nil || res.StatusCode != 401 {
		t.Fatalf("without a token: %v %v", res, err)
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	t.Cleanup(func() { res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	next := func(want string) string {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == "event: "+want {
				lines.Scan()
				return lines.Text()
			}
		}
		t.Fatalf("no %s", want)
		return ""
	}
	next("hello")
	c := r.call()
	r.until("the menu asks", c.Listening)
	if data := next("session"); !strings.Contains(data, `"flow":"line"`) || !strings.Contains(data, `"states":["menu"]`) {
		t.Errorf("the session: %s", data)
	}
	r.stop()
	for lines.Scan() { // a server that stops does not wait for pages
	}
}

// TestVoiceToken: only who may start flows gets one, and only for a proper name.
func TestVoiceToken(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows, func(c *node.Config) { c.APIKey, c.APISecret, c.TwiMLApp = "SK1", "secret", "AP1" })
	var token server.TokenView
	if status := r.api("POST", "/api/voice/token", `{"name":"ann"}`, &token); status != 200 || strings.Count(token.Token, ".") != 2 || token.Name != "ann" {
		t.Errorf("%d %+v", status, token)
	}
	if want := r.clock.Now().Add(time.Hour); !token.Ends.Equal(want) {
		t.Errorf("it ends at %s, not %s", token.Ends, want)
	}
	if status := r.api("POST", "/api/voice/token", `{"name":"a b"}`, nil); status != 422 {
		t.Errorf("a bad name: %d", status)
	}
	if status := r.api("POST", "/api/voice/token", `{"name":"ann"}`, nil, "Authorization", "Bearer x"); status != 401 {
		t.Errorf("without the token of the API: %d", status)
	}
	if status := newRig(t, testFlows).api("POST", "/api/voice/token", `{"name":"ann"}`, nil); status != 404 {
		t.Errorf("without an application: %d", status)
	}
}

// TestBrowserCall: a phone in a browser calls an application and names the flow; a call
// from elsewhere cannot.
func TestBrowserCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	fields := map[string]string{"CallSid": "CA00000000000000000000000000000009", "AccountSid": r.sim.AccountSID(), "Direction": "inbound",
		"CallStatus": "ringing", "From": "client:ann", "To": "", "flow": "line"}
	if status, doc := r.webhook("/voice", fields); status != 200 || !strings.Contains(doc, "Press one.") {
		t.Errorf("from a browser: %d %s", status, doc)
	}
	fields["CallSid"], fields["From"] = "CA00000000000000000000000000000008", "+15005550100"
	if status, doc := r.webhook("/voice", fields); status != 200 || !strings.Contains(doc, "<Reject") {
		t.Errorf("from a telephone: %d %s", status, doc)
	}
}

// TestConsoleLogin: the cookie of the page opens the control API, and says who did it.
func TestConsoleLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	app := httptest.NewServer(*r.app)
	t.Cleanup(app.Close)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(app.URL+"/console/login", url.Values{"token": {apiToken}})
	if err != nil || len(res.Cookies()) != 1 {
		t.Fatal(res, err)
	}
	cookie := res.Cookies()[0].String()
	cookie, _, _ = strings.Cut(cookie, ";")
	var started struct{ ID string }
	if status := r.api("POST", "/api/flows/outbound/sessions", `{"input":{"to":"+15005550142"}}`, &started, "Authorization", "", "Cookie", cookie); status != 201 {
		t.Fatalf("a start with the cookie: %d", status)
	}
	if status := r.api("DELETE", "/api/sessions/"+started.ID, "", nil, "Authorization", "", "Cookie", cookie, "Sec-Fetch-Site", "cross-site"); status != 401 {
		t.Errorf("another site ends a session: %d", status)
	}
	if status := r.api("DELETE", "/api/sessions/"+started.ID, "", nil, "Authorization", "", "Cookie", cookie, "Sec-Fetch-Site", "same-origin"); status != 202 {
		t.Errorf("the page ends a session: %d", status)
	}
}
