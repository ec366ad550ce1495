package sim_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestFailures: what each failure to get a document is called.
func TestFailures(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for _, tc := range []struct {
		name   string
		serve  http.HandlerFunc
		at     string // instead of serve
		alerts string
	}{
		{"loop", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, r.URL.Path, http.StatusFound) }, "", "11215 error"},
		{"nowhere", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNotModified) }, "", "11200 error"},
		{"empty and chunked", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/xml")
			rw.(http.Flusher).Flush()
		}, "", "11770 error"},
		{"empty", func(rw http.ResponseWriter, _ *http.Request) { rw.Header().Set("Content-Type", "text/xml") }, "", "12100 error"},
		{"no type", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) }, "", "12300 error"},
		{"unknown authority", nil, secure.URL, "11237 error"},
		{"not TLS", http.NotFound, "https", "11220 error"},
		{"no host", nil, "http:///x", "11100 error"},
		{"bad retry policy", func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "<Response/>") }, "#rp=never", "11243 error"},
		{"bad edge", func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "<Response/>") }, "#e=moon,dublin-ix", "11240 error"},
		{"good fragment", func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, "<Response/>") }, "#e=dublin,tokyo-ix&ct=200&rp=4xx,5xx&sni=n", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{}, nil)
			at := tc.at
			if tc.serve != nil {
				at = w.server(func(rw http.ResponseWriter, r *http.Request) {
					if !strings.HasPrefix(tc.name, "empty") && tc.name != "no type" {
						rw.Header().Set("Content-Type", "text/xml")
					}
					tc.serve(rw, r)
				}) + strings.TrimPrefix(tc.at, "https")
				if tc.at == "https" {
					at = strings.Replace(at, "http:", "https:", 1)
				}
			}
			w.AddNumber(ours, sim.Number{VoiceURL: at})
			w.ended(w.call())
			if got := w.alerts(); got != tc.alerts {
				t.Errorf("alerts %s, want %s\n%s", got, tc.alerts, w.dump())
			}
		})
	}
}

// TestTotalTime: tt bounds all attempts together.
func TestTotalTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	attempts := 0
	at := w.server(func(rw http.ResponseWriter, r *http.Request) {
		attempts++
		_ = w.clock.Sleep(r.Context(), 20*time.Second)
	})
	w.AddNumber(ours, sim.Number{VoiceURL: at + "#rt=4000&tt=6000&rc=5&rp=rt"})
	begun := w.clock.Now()
	c := w.call()
	w.until("fails", func() bool { return len(w.Alerts()) > 0 })
	if got := w.clock.Now().Sub(begun).Truncate(time.Second); got != 6*time.Second || attempts != 2 || w.alerts() != "11203 error" {
		t.Errorf("after %v and %d attempts: %s", got, attempts, w.alerts())
	}
	w.ended(c)
	w.clock.Advance(time.Minute)
}

// TestRedirectKeepsFields: after 307 the POST is sent again, signed for the new URL.
func TestRedirectKeepsFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/next": ""})
	w.page("/next", func(f url.Values) string { return "<Say>" + f.Get("CallStatus") + "</Say>" })
	at := w.server(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, w.app.URL+"/next", http.StatusTemporaryRedirect)
	})
	w.AddNumber(ours, sim.Number{VoiceURL: at})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "ringing")
	if w.got("/next")[0].method != http.MethodPost {
		t.Error("not a POST") // its signature is checked by the world
	}
}

// TestIdempotencyToken: a UUID, the same for repeats and another for the next request.
func TestIdempotencyToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/next": ""})
	n := 0
	w.page("/voice", func(url.Values) string {
		if n++; n < 3 {
			return "!503"
		}
		return "<Redirect>/next</Redirect>"
	})
	w.AddNumber(ours, sim.Number{VoiceURL: w.app.URL + "/voice#rc=3&rp=5xx"})
	w.ended(w.call())
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	tokens := map[string]int{}
	for _, e := range w.Log() {
		if e.Kind == sim.EntryWebhook {
			tokens[e.Token]++
			if !uuid.MatchString(e.Token) {
				t.Errorf("%q is no UUID", e.Token)
			}
		}
	}
	if len(tokens) != 2 {
		t.Errorf("tokens %v", tokens)
	}
}

// TestPlaces: callers and numbers come from somewhere.
func TestPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Dial>` + bob + `</Dial>`})
	w.AddNumber(ours, sim.Number{VoiceURL: w.app.URL + "/voice", Place: sim.Place{City: "OAKLAND", State: "CA", Zip: "94612"}})
	london := sim.Party{Place: sim.Place{City: "London", Country: "GB"}}
	for from, want := range map[string]map[string]string{
		"+442079460000": {"FromCity": "London", "FromCountry": "GB", "CallerCity": "London", "ToCity": "OAKLAND", "CalledZip": "94612", "ToCountry": "US", "StirVerstat": "-"},
		"+4915112345":   {"FromCity": "London", "FromCountry": "GB", "FromZip": ""},
	} {
		before := len(w.requests("/voice"))
		c, err := w.CallAs(london, from, ours, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Hangup()
		w.until("asked", func() bool { return len(w.requests("/voice")) > before })
		wantFields(t, w.requests("/voice")[before], want)
	}
	c, _ := w.CallAs(sim.Party{}, "+4915112345", ours, nil)
	w.until("asked", func() bool { return len(w.requests("/voice")) == 3 })
	wantFields(t, w.requests("/voice")[2], map[string]string{"FromCity": "", "FromCountry": "DE"})
	c.Hangup()
	w.ended(c)
}
