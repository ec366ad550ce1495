package console_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/sim/console"
)

// TestLines: what each kind of entry looks like.
func TestLines(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	entries := []sim.Entry{
		{Kind: sim.EntryCall, Call: "CA1", Text: "inbound", From: "+15551110001", To: "+15550001000"},
		{Kind: sim.EntryWebhook, Call: "CA1", Name: "url", Method: "POST", URL: "http://localhost:3000/voice", Params: url.Values{"Digits": {"12"}}, Status: 200,
			Body: "<Response>\n<Say>Hello</Say>\n <Gather><Say>Hi</Say></Gather></Response>"},
		{Kind: sim.EntryStatus, Call: "CA1", Text: "in-progress"},
		{Kind: sim.EntryHeard, Call: "CA1", Text: "Hello"},
		{Kind: sim.EntryHeard, Call: "CA1", Text: "play http://x/a.mp3"},
		{Kind: sim.EntryKeys, Call: "CA1", Text: "1"},
		{Kind: sim.EntrySpoken, Call: "CA1", Text: "yes"},
		{Kind: sim.EntryListening, Call: "CA1", Text: "Gather"},
		{Kind: sim.EntryWebhook, Call: "CA1", Method: "POST", URL: "http://localhost:3000/x", Code: 11202, Text: "connection refused"},
		{Kind: sim.EntryWarning, Call: "CA1", Code: 11202, Text: "connection refused", URL: "http://localhost:3000/x"},
		{Kind: sim.EntryWarning, Call: "CA1", Code: 11200, Text: "403 Forbidden", Method: "POST", URL: "http://localhost:3000/x", Status: 403},
		{Kind: sim.EntryWarning, Call: "CA1", Code: 12300, Text: "content type"},
		{Kind: sim.EntryWebhook, Call: "CA1", Method: "GET", URL: "http://localhost:3000/y", Status: 200, Body: "<Response/>"},
		{Kind: sim.EntryRoom, Call: "CA1", Name: "office", Text: "participant-join"},
		{Kind: sim.EntryQueue, Call: "CA1", Room: "sales", Text: "enter"},
		{Kind: sim.EntryLost, Name: "status", URL: "http://localhost:3000/status"},
		{Kind: sim.EntryREST, Method: "POST", URL: "/2010-04-01/Accounts/AC1/Calls.json", Params: url.Values{"To": {"+1"}}, Status: 401, Code: 20003, Body: `{"code":20003}`},
		{Kind: sim.EntryREST, Method: "GET", URL: "/2010-04-01/Accounts/AC1/Calls.json", Status: 200, Body: `{}`},
		{Kind: sim.EntryMessage, From: "+1555", To: "+1666", Text: "Hi"},
		{Kind: sim.EntryTask, Name: "WT1", Text: "pending"},
		{Kind: sim.EntryStatus, Call: "CA1", Text: "completed"},
		{Kind: sim.EntryCallback, Call: "CA1", Name: "status", Method: "POST", URL: "http://localhost:3000/status", Params: url.Values{"CallStatus": {"completed"}}, Status: 204},
	}
	const want = `
09:00:00.000 #1   call       +15551110001 → +15550001000   inbound CA1
09:00:01.000 #1   POST       http://localhost:3000/voice Digits=12 → 200
                              <Say>Hello</Say>
                              <Gather><Say>Hi</Say></Gather>
09:00:02.000 #1   is         answered
09:00:03.000 #1   hears      “Hello”
09:00:04.000 #1   hears      play http://x/a.mp3
09:00:05.000 #1   presses    1
09:00:06.000 #1   says       “yes”
09:00:07.000 #1   is asked   Gather
09:00:08.000 #1   POST       http://localhost:3000/x → connection refused
09:00:09.000 #1   ERROR      11202 TCP connection refused: connection refused
                              Nothing answers at http://localhost:3000. Is the application running, and on that port? In a container localhost is the container itself.
09:00:10.000 #1   ERROR      11200 HTTP retrieval failure: 403 Forbidden
                              Does the application check the signature? Then its auth token must be that of the simulator, and the URL that it takes for its own must be exactly http://localhost:3000/x (scheme, port and query included).
09:00:11.000 #1   ERROR      12300 Invalid Content-Type: content type
                              Set the header Content-Type: text/xml. Frameworks often send text/html or application/json by default.
09:00:12.000 #1   GET        http://localhost:3000/y → 200
                              an empty Response: the call ends
09:00:13.000 #1   conference “office” participant-join
09:00:14.000 #1   queue      “sales” enter
09:00:15.000      fault      the callback status to http://localhost:3000/status is lost
09:00:16.000      REST       POST /2010-04-01/Accounts/AC1/Calls.json To=+1 → 401
                              {"code":20003}
                              Use the account SID and token that the simulator has shown at its start (or set both for it with TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN).
09:00:17.000      REST       GET /2010-04-01/Accounts/AC1/Calls.json → 200
09:00:18.000      message    +1555 to +1666: “Hi”
09:00:19.000      task       WT1 pending
09:00:20.000 #1   is         completed after 18s
09:00:21.000 #1   POST       http://localhost:3000/status (status completed) → 204
`
	var b strings.Builder
	c := console.New(&b, false)
	for i, e := range entries {
		e.At = at.Add(time.Duration(i) * time.Second)
		c.Write(e)
	}
	got, wanted := strings.Split(b.String(), "\n"), strings.Split(strings.TrimPrefix(want, "\n"), "\n")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("line %d of\n%s\nis not as wanted\n%s", i+1, b.String(), want)
		}
	}
	b.Reset()
	console.New(&b, true).Write(sim.Entry{Kind: sim.EntryHeard, Text: "Hello"})
	if !strings.Contains(b.String(), "\x1b[32m") {
		t.Errorf("no colour in %q", b.String())
	}
}

// TestHints: every hint is about a code that the debugger knows.
func TestHints(t *testing.T) {
	t.Parallel()
	for code := range 99999 {
		if console.Hint(sim.Entry{Code: code}) != "" && sim.CodeMessage(code) == "" {
			t.Errorf("a hint for %d, which is no code", code)
		}
	}
	for status, word := range map[int]string{401: "token", 404: "path", 405: "method", 500: "fallback"} {
		if got := console.Hint(sim.Entry{Code: 11200, Status: status, URL: "http://localhost/x", Method: "POST"}); !strings.Contains(got, word) {
			t.Errorf("%d: %q", status, got)
		}
	}
}
