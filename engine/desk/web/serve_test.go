package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/engine/sim"
)

const loginToken = "the token of the help desk"

// serve runs a server as `ringdown serve` does, with a simulated Twilio somewhere else.
func serve(t *testing.T, change func(*node.Config)) *httptest.Server {
	t.Helper()
	twilio := sim.New(sim.Options{Seed: 1, CPS: 10, Default: &sim.Party{AnswerAfter: 100 * time.Millisecond}, Timings: sim.Timings{Character: time.Millisecond}})
	rest := httptest.NewServer(twilio.Handler())
	var handler http.Handler
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	cfg := node.Config{
		Flows: filepath.Join("..", "..", "..", "flows"), AccountSID: twilio.AccountSID(), AuthTokens: []string{twilio.AuthToken()},
		TwilioURL: rest.URL, PublicURLs: []string{app.URL}, APIToken: loginToken, CPS: 10,
		Env: func(name string) (string, bool) {
			v, ok := map[string]string{"CALLER_ID": "+15005550006"}[name]
			return v, ok
		},
	}
	change(&cfg)
	twilio.AddNumber("+15005550006", sim.Number{VoiceURL: app.URL + "/voice"})
	n, err := node.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	handler = n.Handler()
	t.Cleanup(func() {
		twilio.Close()
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		_ = n.Close(ctx) // effects that are broken off are of no interest
		app.Close()
		rest.Close()
	})
	return app
}

// TestServe: a person at the help desk logs in, starts a call, and logs out.
func TestServe(t *testing.T) {
	url := serve(t, func(*node.Config) {}).URL
	p := browse(t, 1280, 900)
	p.expect = []string{"401"} // the browser notes the answer to a wrong token
	p.open(url + "/console/")
	p.sees("main", "API token")
	p.shots("login")
	p.size(1280, 900)
	p.fill("#token", "wrong")
	p.click("button", "Log in")
	p.sees(".problem", "not the token")
	p.fill("#token", loginToken)
	p.click("button", "Log in")
	p.sees("main", "Nothing has happened yet")
	if eval[bool](p, `document.cookie !== "" || document.documentElement.outerHTML.includes(`+quote(loginToken)+`)`) {
		t.Error("a script of the page can read the login")
	}
	p.shots("sessions")
	p.size(1280, 900)
	p.click("nav a", "Flows")
	p.sees(".switches", "business-hours")
	p.click(".toggle", "")
	p.wait(`document.querySelector('.toggle input').checked`)
	p.shots("flows")
	p.size(1280, 900)
	p.open(url + "/console/#/flows/click-to-call")
	p.fill("#start-agent", "+15005550171")
	p.fill("#start-customer", "+15005550172")
	p.click("main button", "Start")
	p.sees("main h1", "click-to-call")
	p.sees(".legs", "customer")
	p.wait(`!document.querySelector('.phones')`) // phones are for a desk, or for the Voice SDK
	p.click("button", "Log out")
	p.sees("main", "API token")
	p.open(url + "/console/#/sessions")
	p.sees("main", "API token")
}

// TestReconnect: a page whose connection broke shows what happened meanwhile.
func TestReconnect(t *testing.T) {
	app := serve(t, func(*node.Config) {})
	p := browse(t, 1280, 900)
	p.expect = []string{"net::ERR_"} // the browser notes the broken connection
	p.open(app.URL + "/console/")
	p.fill("#token", loginToken)
	p.click("button", "Log in")
	p.sees("main", "Nothing has happened yet")
	p.wait(`document.querySelector('.link.up')`)
	app.CloseClientConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, app.URL+"/api/flows/click-to-call/sessions",
		strings.NewReader(`{"input":{"agent":"+15005550171","customer":"+15005550172"}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+loginToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("the start: %d", res.StatusCode)
	}
	p.sees(".session-row", "click-to-call")
	p.wait(`document.querySelector('.link.up')`)
}

// TestVoicePhone: the page loads Twilio's SDK and gets a token for it. Nobody is at the
// other end here: what is tested ends where Twilio begins.
func TestVoicePhone(t *testing.T) {
	url := serve(t, func(c *node.Config) {
		c.APIKey, c.APISecret, c.TwiMLApp = "SK"+strings.Repeat("0", 32), "key secret", "AP"+strings.Repeat("0", 32)
	}).URL
	p := browse(t, 390, 844)
	p.expect = []string{"voice-js.roaming.twilio.com", "eventgw.twilio.com", "sdk.twilio.com", "media.twiliocdn.com"} // they cannot be reached from a test
	p.open(url + "/console/")
	p.fill("#token", loginToken)
	p.click("button", "Log in")
	p.sees(".phones", "Call with this browser")
	p.wait(`Twilio.Device.version`)
	p.wait(`document.querySelector('#voice-to').value === 'dialler'`)
	p.shots("phone")
	p.size(390, 844)
	eval[bool](p, `(window.tokens = [], window.plain = window.fetch, window.fetch = async (...a) => { const r = await window.plain(...a); if (String(a[0]).includes('/api/voice/token')) window.tokens.push(await r.clone().json()); return r; }, true)`)
	p.fill("#voice-number", "+15005550172")
	p.click("button", "Call")
	p.wait(`window.tokens.length === 1`)
	token := eval[string](p, `window.tokens[0].token`)
	if parts := strings.Split(token, "."); len(parts) != 3 {
		t.Errorf("the token: %s", token)
	}
	p.wait(`document.querySelector('.phone.card') || document.querySelector('.problem')`)
	p.shots("calling")
}

// TestNoVoice: where no TwiML application is set, Twilio's SDK is not there.
func TestNoVoice(t *testing.T) {
	url := serve(t, func(*node.Config) {}).URL
	res, err := http.Get(url + "/console/assets/vendor/twilio.js")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("the SDK is served: %d", res.StatusCode)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/voice/token", strings.NewReader(`{"name":"ann"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+loginToken)
	res, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("a token is given: %d", res.StatusCode)
	}
}
