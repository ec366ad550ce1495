package sim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/sim"
)

// alerts are code and level of all alerts.
func (w *world) alerts() string {
	var found []string
	for _, a := range w.Alerts() {
		found = append(found, fmt.Sprintf("%d %s", a.Code, a.Level))
	}
	return strings.Join(found, ", ")
}

// TestAlerts: the debugger names code, level, words, call, request and answer.
func TestAlerts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Gather timeout="0"><Dial>1</Dial></Gather><Blink/><Redirect>/gone</Redirect>`, "/gone": "!410"})
	c := w.call()
	w.ended(c)
	if got, want := w.alerts(), "13313 warning, 13320 warning, 12200 warning, 11200 error"; got != want {
		t.Fatalf("alerts %s, want %s", got, want)
	}
	first, last := w.Alerts()[0], w.Alerts()[3]
	if first.Call != c.SID() || first.Method != http.MethodPost || first.Params.Get("CallSid") != c.SID() || first.Status != 200 ||
		!strings.HasPrefix(first.Body, "<Response>") || first.URL != w.app.URL+"/voice" || first.Message != "Gather: Invalid timeout value" ||
		!strings.HasPrefix(first.Text, "Response/Gather@timeout: ") || len(first.SID) != 34 {
		t.Errorf("%+v", first)
	}
	if last.Status != 410 || last.URL != w.app.URL+"/gone" || last.Text == "" || last.SID == first.SID {
		t.Errorf("%+v", last)
	}
}

// TestCallbackAlerts: a callback that the application refuses is a warning, one
// of a conference an error.
func TestCallbackAlerts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Dial><Conference statusCallback="/conf" statusCallbackEvent="join">room</Conference></Dial>`, "/conf": "!500", "/status": "!404"})
	c := w.call()
	w.until("in the room", func() bool { return c.Conference() != "" })
	w.settle()
	c.Hangup()
	w.ended(c)
	if got, want := w.alerts(), "16011 error, 15003 warning"; got != want {
		t.Errorf("alerts %s, want %s", got, want)
	}
}

// TestBadPartsAreIgnored: what a schema warning is about has no effect, the
// default counts.
func TestBadPartsAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Say loop="-2">Hi <blink>there</blink></Say><Gather timeout="x" numDigits="0" action="/a"/><Say>late</Say>`, "/a": ""})
	w.page("/a", func(f url.Values) string { return `<Say>` + f.Get("Digits") + `</Say>` })
	c := w.call()
	w.until("listens", c.Listening)
	c.Press("12")
	w.ended(c)
	w.wantHeard(c, "Hi", "12")
}
