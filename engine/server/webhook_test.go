package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/node"
)

var actionURL = regexp.MustCompile(`action="(/t/[^"#]+)`)

// TestRepeatedAndStaleWebhooks: a repetition gets the same bytes and runs nothing; an
// old request is sent to where the leg is.
func TestRepeatedAndStaleWebhooks(t *testing.T) {
	t.Parallel()
	r := newRig(t, testFlows)
	call := func(path string, more ...string) (int, string) {
		fields := map[string]string{"CallSid": "CA1", "AccountSid": r.sim.AccountSID(), "From": "+15550001111", "To": number, "CallStatus": "in-progress"}
		for i := 0; i+1 < len(more); i += 2 {
			fields[more[i]] = more[i+1]
		}
		return r.webhook(path, fields)
	}
	same := func(what, path string, more ...string) string {
		t.Helper()
		_, first := call(path, more...)
		status, again := call(path, more...)
		if status != 200 || first != again || !strings.Contains(first, "<Response>") {
			t.Errorf("%s: %d\n%s\n%s", what, status, first, again)
		}
		return first
	}
	menu := same("the first request", "/voice", "CallStatus", "ringing")
	act := actionURL.FindStringSubmatch(menu)
	if act == nil {
		t.Fatal(menu)
	}
	music := same("the key", act[1], "Digits", "1")
	if !strings.Contains(music, "wait.mp3") {
		t.Errorf("the key: %s", music)
	}
	for what, path := range map[string]string{"the first request, late": "/voice", "an old end": strings.Replace(act[1], "/act", "/end", 1), "a turn to come": strings.Replace(act[1], "/1/act", "/9/act", 1)} {
		if _, doc := call(path, "Digits", "1"); !strings.Contains(doc, "<Redirect>"+strings.Replace(act[1], "/1/act", "/2/doc", 1)) {
			t.Errorf("%s: %s", what, doc)
		}
	}
	if _, doc := call(strings.Replace(act[1], "/1/act", "/2/doc", 1)); doc != music {
		t.Errorf("the document again: %s", doc)
	}
	for range 3 {
		if _, doc := call("/voice/fallback", "ErrorCode", "11200", "ErrorUrl", r.base+act[1]); doc != music {
			t.Errorf("after a failed fetch: %s", doc)
		}
	}
	if _, doc := call("/voice/fallback", "ErrorCode", "11200"); !strings.Contains(doc, "<Say") || !strings.Contains(doc, "<Hangup/>") {
		t.Errorf("after too many: %s", doc)
	}
	if _, doc := call(act[1], "CallSid", "CA2"); !strings.Contains(doc, "<Hangup/>") {
		t.Errorf("a stray call: %s", doc)
	}
	if status, doc := call("/voice/status", "CallStatus", "completed", "SequenceNumber", "0", "CallDuration", "9"); status != 204 {
		t.Errorf("the end: %d %s", status, doc)
	}
	if _, doc := call(act[1], "CallStatus", "completed"); strings.Contains(doc, "Redirect") {
		t.Errorf("after the end: %s", doc)
	}
}

const slowFlow = `
flow: slow
answers: ["+15005550006"]
env: [URL]
answer: ask
vars: {n: 0}
states:
  ask:
    do: [{http: {get: "${env.URL}", timeout: 30s, save: got}}]
    prompt: "Answer ${vars.got.status}."
    next: hangup
`

// TestASlowServiceParksTheCall: the webhook waits for an http step for 4 seconds, then
// the caller hears something until the answer is there.
func TestASlowServiceParksTheCall(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		takes  time.Duration
		parked bool
	}{"fast": {time.Second, false}, "slow": {9 * time.Second, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var now clock.Clock
			service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { _ = now.Sleep(q.Context(), tt.takes) }))
			t.Cleanup(service.Close)
			r := newRig(t, map[string]string{"slow.yaml": slowFlow}, func(c *node.Config) {
				now = c.Clock
				c.Env = func(string) (string, bool) { return service.URL, true }
				c.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			})
			began := r.clock.Now()
			c := r.call()
			r.until("the answer is heard", func() bool { return c.HeardText("Answer 200.") })
			if took := r.clock.Now().Sub(began); took < tt.takes || took > tt.takes+8*time.Second {
				t.Errorf("heard after %s", took)
			}
			r.until("the end", c.Ended)
			requests := 0
			for _, e := range r.sim.Log() {
				if strings.Contains(e.URL, "/loop") {
					requests++
				}
			}
			if tt.parked != (requests > 0) {
				t.Errorf("%d rounds while parked", requests)
			}
		})
	}
}
