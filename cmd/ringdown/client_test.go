package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestClientCommands: each command sends what the control API expects and prints what
// it answers.
func TestClientCommands(t *testing.T) {
	t.Parallel()
	const session = `{"id":"s1","flow":"menu","closure":"c1","condition":"running","rev":3,"legs":[{"number":1,"name":"caller","direction":"inbound","condition":"up","state":"main","sid":"CA1"}],"vars":{"n":1}}`
	for name, tt := range map[string]struct {
		args         []string
		status       int
		answer       string
		method, path string
		body         string
		code         int
		out, err     string
	}{
		"start":         {[]string{"start", "menu", "to=+1555", "n=2"}, 201, `{"id":"s1"}`, "POST", "/api/flows/menu/sessions", `{"input":{"n":"2","to":"+1555"}}`, 0, "s1\n", ""},
		"start as JSON": {[]string{"start", "--json", "menu"}, 201, `{"id":"s1"}`, "POST", "/api/flows/menu/sessions", `{"input":{}}`, 0, `{"id":"s1"}`, ""},
		"wrong input": {[]string{"start", "menu"}, 422, `{"title":"Unprocessable Entity","status":422,"detail":"the input is wrong","errors":[{"name":"to","message":"is required"}]}`,
			"POST", "/api/flows/menu/sessions", `{"input":{}}`, 1, "", "to: is required"},
		"sessions": {[]string{"sessions", "--flow", "menu"}, 200, `{"sessions":[` + `{"id":"s1","flow":"menu","states":["main"],"condition":"running"}]}`, "GET", "/api/sessions?active=true&flow=menu&limit=100", "", 0, "s1", ""},
		"show":     {[]string{"show", "s1"}, 200, session, "GET", "/api/sessions/s1", "", 0, "vars.n = 1", ""},
		"what it cost": {[]string{"show", "s1"}, 200, strings.Replace(session, `"legs":[{`, `"price":"-0.014","price_unit":"USD","price_open":1,"legs":[{"price":"-0.014","price_unit":"USD",`, 1),
			"GET", "/api/sessions/s1", "", 0, "price -0.014 USD (calls whose price is not known yet: 1)", ""},
		"history":   {[]string{"show", "s1", "--history"}, 200, `{"id":"s1","history":[{"rev":1,"entries":[{"what":"event","name":"inbound","leg":1}]}]}`, "GET", "/api/sessions/s1/history", "", 0, "event leg 1 inbound", ""},
		"signal":    {[]string{"signal", "s1", "hold", "to=x"}, 202, ``, "POST", "/api/sessions/s1/signals/hold", `{"data":{"to":"x"}}`, 0, "hold was sent", ""},
		"end":       {[]string{"end", "s1"}, 409, `{"title":"Conflict","status":409,"detail":"the session is over"}`, "DELETE", "/api/sessions/s1", "", 1, "", "the session is over"},
		"switches":  {[]string{"switches"}, 200, `{"switches":[{"name":"emergency","label":"Closed now","on":true,"flows":["a","b"]}]}`, "GET", "/api/switches", "", 0, "emergency  on  Closed now  a b", ""},
		"switch":    {[]string{"switch", "emergency", "on"}, 200, `{"name":"emergency","on":true,"flows":["a"]}`, "PUT", "/api/switches/emergency", `{"on":true}`, 0, "emergency is on", ""},
		"no switch": {[]string{"switch", "x", "off"}, 404, `{"title":"Not Found","status":404,"detail":"no flow has a switch"}`, "PUT", "/api/switches/x", `{"on":false}`, 1, "", "no flow has a switch"},
		"half on":   {[]string{"switch", "x", "halfway"}, 200, ``, "", "", "", 2, "", "on or off"},
		"no pair":   {[]string{"start", "menu", "to"}, 200, ``, "", "", "", 2, "", "key=value"},
		"not ours":  {[]string{"end", "s1"}, 502, `<html>`, "DELETE", "/api/sessions/s1", "", 1, "", "502 Bad Gateway"},
		"no flow":   {[]string{"start"}, 200, ``, "", "", "", 2, "", "FLOW is missing"},
		"a version": {[]string{"version"}, 200, ``, "", "", "", 0, "ringdown ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var method, path, body, token string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, _ := io.ReadAll(r.Body)
				method, path, body, token = r.Method, r.RequestURI, string(got), r.Header.Get("Authorization")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.answer)
			}))
			defer server.Close()
			env := map[string]string{"RINGDOWN_URL": server.URL + "/", "RINGDOWN_API_TOKEN": "secret"}
			var out, errs bytes.Buffer
			code := Main(t.Context(), tt.args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs, Env: func(n string) (string, bool) { v, ok := env[n]; return v, ok }})
			if code != tt.code || !strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.err) {
				t.Errorf("exit %d\n%s\n%s", code, out.String(), errs.String())
			}
			if method != tt.method || path != tt.path || body != tt.body || method != "" && token != "Bearer secret" {
				t.Errorf("sent %s %s %s with %q", method, path, body, token)
			}
		})
	}
}

func TestServeSaysWhatToSet(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"serve"}, "TWILIO_AUTH_TOKEN is not set"},
		{[]string{"serve", "--cps", "fast"}, "RINGDOWN_CPS"},
		{[]string{"serve", "--allow-private", "x"}, "RINGDOWN_ALLOW_PRIVATE"},
		{[]string{"serve", "--log-format", "xml"}, "text or json"},
		{[]string{"sessions"}, "RINGDOWN_API_TOKEN"},
	} {
		var out, errs bytes.Buffer
		if code := Main(t.Context(), tt.args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != exitUsage || !strings.Contains(errs.String(), tt.want) {
			t.Errorf("%v: exit %d: %s", tt.args, code, errs.String())
		}
	}
}
