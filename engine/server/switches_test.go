package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/server"
	"github.com/ringdown/ringdown/engine/sim"
)

// TestSwitches: a switch is one for all flows, is seen by a session that runs already,
// and is kept when the server comes up again.
func TestSwitches(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{
		"desk.yaml": `
flow: desk
switches: {emergency: {label: Closed now}}
answers: ["+15005550006"]
answer: ask
states:
  ask:
    prompt: "It is ${switches.emergency ? 'closed' : 'open'}."
    gather: {choices: {1: ask, 2: hangup}, tries: 10, timeout: 20s}
    next: hangup
`,
		"other.yaml": `
flow: other
switches: {emergency: {}, strike: {label: On strike}}
answer: say
states:
  say: {prompt: "${switches.emergency or switches.strike}", next: hangup}
`,
	})
	both := server.SwitchView{Name: "emergency", Label: "Closed now", Flows: []string{"desk", "other"}}
	var list struct{ Switches []server.SwitchView }
	r.api(http.MethodGet, "/api/switches", "", &list)
	if d := cmp.Diff([]server.SwitchView{both, {Name: "strike", Label: "On strike", Flows: []string{"other"}}}, list.Switches); d != "" {
		t.Error(d)
	}

	c := r.call()
	hears := func(c *sim.Call, text string) {
		r.until(text, func() bool { return c.HeardText(text) && c.Listening() })
	}
	hears(c, "It is open.")
	var view server.SwitchView
	if status := r.api(http.MethodPut, "/api/switches/emergency", `{"on":true}`, &view); status != 200 || !view.On {
		t.Errorf("set: %d %+v", status, view)
	}
	c.Press("1")
	hears(c, "It is closed.")
	r.stop()
	r.start()
	hears(r.call(), "It is closed.")
	if status := r.api(http.MethodPut, "/api/switches/emergency", `{"on":false}`, nil); status != 200 {
		t.Error(status)
	}
	r.api(http.MethodGet, "/api/switches/emergency", "", &view)
	if view.On {
		t.Error("it is still on")
	}

	for _, tc := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{http.MethodPut, "/api/switches/emergancy", `{"on":true}`, 404, "there are: emergency, strike"},
		{http.MethodGet, "/api/switches/nothing", "", 404, "there are: emergency, strike"},
		{http.MethodPut, "/api/switches/strike", ``, 422, "say what it should be"},
		{http.MethodPut, "/api/switches/strike", `{"on":"yes"}`, 400, "the body is not"},
		{http.MethodPost, "/api/switches/strike", `{"on":true}`, 405, "use GET or PUT"},
	} {
		var p server.Problem
		if status := r.api(tc.method, tc.path, tc.body, &p); status != tc.status || !strings.Contains(p.Detail, tc.says) {
			t.Errorf("%s %s %s: %d %s", tc.method, tc.path, tc.body, status, p.Detail)
		}
	}
}
