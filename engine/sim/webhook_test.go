package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestSignatureVectors are the examples of Twilio's documentation and libraries.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	params := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	const at = "https://mycompany.com/myapp.php?foo=1&bar=2"
	if got := sim.Signature("12345", at+"#rc=2", params); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Error(got)
	}
	params.Set("Reason", "Participant")
	params.Set("ReasonConferenceEnded", "test")
	if got := sim.Signature("12345", at, params); got != "vOEb5UThFn24KEfnOFLQY2AE5FY=" {
		t.Error(got)
	}
	const body = "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
	if got := sim.Signature("12345", at+body, nil); got != "a9nBmqA0ju/hNViExpshrM61xv4=" {
		t.Error(got)
	}
}

// server answers /voice itself with the given handler; all else is the world's.
func (w *world) server(h http.HandlerFunc) string { return newServer(w.t, h) }

func newServer(t *testing.T, h http.HandlerFunc) string {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ ctype, body, want string }{
		{"application/xml; charset=utf-8", "<Response><Say>xml</Say></Response>", "xml"},
		{"text/html", "<Response><Say>html</Say></Response>", "html"},
		{"text/plain", "<Response><Say>plain</Say></Response>", "plain"},
		{"text/plain", "just words", "just words"},
		{"audio/mpeg", "...", "play "},
		{"application/json", "{}", "application error"},
		{"text/xml", " <?xml version=\"1.0\"?><Response/>", "application error"},
		{"text/xml", "<Responses/>", "application error"},
		{"text/xml", "<Response><Say>" + strings.Repeat("x", 65000) + "</Say></Response>", "application error"},
	} {
		w := newWorld(t, sim.Options{}, nil)
		at := w.server(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", tc.ctype)
			fmt.Fprint(rw, tc.body)
		})
		w.AddNumber(ours, sim.Number{VoiceURL: at})
		c := w.call()
		w.ended(c)
		if h := c.Heard(); len(h) != 1 || !strings.Contains(h[0], tc.want) {
			t.Errorf("%s %.40q: heard %q, want %q", tc.ctype, tc.body, h, tc.want)
		}
	}
}

// TestSlowAnswer: a handler that takes 20 virtual seconds meets the ceiling of
// 15; with rt and rc in the fragment it is asked again, with the same token.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fragment string
		ignored  bool
		attempts int
		fallback time.Duration
	}{
		{"", false, 1, 15 * time.Second},
		{"#rt=4000&rc=2&rp=all", false, 3, 12 * time.Second},
		{"#rt=4000&rc=2&rp=all", true, 1, 15 * time.Second},
		{"#rt=9000&rc=5&rp=rt", false, 2, 15 * time.Second},
	} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{FragmentsIgnored: tc.ignored}}, map[string]string{"/fb": `<Say>sorry</Say>`})
		var tokens []string
		at := w.server(func(rw http.ResponseWriter, r *http.Request) {
			tokens = append(tokens, r.Header.Get("I-Twilio-Idempotency-Token"))
			_ = w.clock.Sleep(r.Context(), 20*time.Second)
			rw.Header().Set("Content-Type", "text/xml")
			fmt.Fprint(rw, "<Response><Say>too late</Say></Response>")
		})
		w.AddNumber(ours, sim.Number{VoiceURL: at + "/slow" + tc.fragment, FallbackURL: w.app.URL + "/fb"})
		begun := w.clock.Now()
		c := w.call()
		w.until("fallback", func() bool { return len(c.Heard()) > 0 })
		if got := w.clock.Now().Sub(begun).Truncate(time.Second); got != tc.fallback {
			t.Errorf("%q: fallback after %v, want %v", tc.fragment, got, tc.fallback)
		}
		w.ended(c)
		w.clock.Advance(time.Minute)
		w.wantHeard(c, "sorry")
		wantFields(t, w.one("/fb"), map[string]string{"ErrorCode": "11200", "ErrorUrl": at + "/slow" + tc.fragment})
		if len(tokens) != tc.attempts || tokens[0] == "" || tokens[0] != tokens[len(tokens)-1] {
			t.Errorf("%q: tokens %q, want %d equal ones", tc.fragment, tokens, tc.attempts)
		}
	}
}

func TestRetryOn5xx(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	n := 0
	w.page("/voice", func(url.Values) string {
		if n++; n < 3 {
			return "!503"
		}
		return "<Say>third time</Say>"
	})
	w.AddNumber(ours, sim.Number{VoiceURL: w.app.URL + "/voice#rc=2&rp=5xx"})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "third time")
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/fb": "<Say>sorry</Say>"})
	gone := httptest.NewServer(nil)
	gone.Close()
	w.AddNumber(ours, sim.Number{VoiceURL: gone.URL, FallbackURL: w.app.URL + "/fb"})
	c := w.call()
	w.ended(c)
	wantFields(t, w.one("/fb"), map[string]string{"ErrorCode": "11202"})
	tries := 0
	for _, e := range w.Log() {
		if e.Kind == sim.EntryWebhook && e.URL == gone.URL {
			tries++
		}
	}
	if tries != 2 {
		t.Errorf("%d attempts, want the default retry", tries)
	}
}

// TestHTTPRedirectAndCookies: a POST that is redirected becomes a GET without
// fields, signed again; cookies come back within the call.
func TestHTTPRedirectAndCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	var seen []string
	at := w.server(func(rw http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		cookie, _ := r.Cookie("visit")
		seen = append(seen, fmt.Sprintf("%s %s %q %v", r.Method, r.URL.Path, r.PostForm.Get("CallStatus"), cookie != nil))
		if r.Method == http.MethodGet && r.Header.Get("X-Twilio-Signature") != sim.Signature(w.AuthToken(), "http://"+r.Host+r.URL.RequestURI(), nil) {
			t.Error("the redirected request is not signed")
		}
		if r.URL.Path == "/a" {
			http.SetCookie(rw, &http.Cookie{Name: "visit", Value: "1"})
			http.Redirect(rw, r, "/b", http.StatusFound)
			return
		}
		rw.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(rw, "<Response><Say>done</Say></Response>")
	})
	w.AddNumber(ours, sim.Number{VoiceURL: at + "/a"})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "done")
	if got := strings.Join(seen, "; "); got != `POST /a "ringing" false; GET /b "" true` {
		t.Error(got)
	}
}

func TestGETFieldsInQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Redirect method="GET">/next?x=1</Redirect>`})
	w.page("/next", func(f url.Values) string { return "<Say>" + f.Get("x") + f.Get("CallStatus") + "</Say>" })
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "1in-progress")
}

func TestInlineNeedsAbsoluteAction(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/a": "<Say>acted</Say>"})
	c := w.place(bob, "/x", url.Values{"Url": {""}, "Twiml": {`<Response><Gather numDigits="1" action="` + w.app.URL + `/a"/></Response>`}})
	w.until("listens", c.Listening)
	c.Press("1")
	w.ended(c)
	w.wantHeard(c, "acted")

	c = w.place(bob, "/x", url.Values{"Url": {""}, "Twiml": {`<Response><Gather numDigits="1" action="/a"/></Response>`}})
	w.until("listens", c.Listening)
	c.Press("1")
	w.ended(c)
	if !c.HeardText("application error") {
		t.Errorf("heard %q", c.Heard())
	}
}
