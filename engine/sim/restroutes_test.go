package sim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// nasty are values that nobody expects.
var nasty = []string{"", "x", "-1", "0", "99999999999999999999", "true", "null", "{}", `{"task_routing":{"filters":[{"targets":[{}]}]}}`, "\x00", "ü€𝄞",
	"http://", "://", "%zz", "2026-13-45", "2026-03-02", "+1", "client:", "sip:@", "app:", strings.Repeat("a", 5000)}

// TestNastyValues: no value of any parameter of any endpoint makes the simulator
// fail. Things that the paths name are there.
func TestNastyValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 1e6}, map[string]string{"/x": `<Dial><Conference waitUrl="">room</Conference></Dial>`, "/q": `<Enqueue waitUrl="">line</Enqueue>`})
	in, waiting := w.place(bob, "/x", nil), w.place(carol, "/q", nil)
	w.until("in", func() bool { return in.Conference() != "" && waiting.Queue() != "" })
	for _, r := range sim.Resources() {
		if strings.HasPrefix(r.Path, "/2010-04-01/Accounts/{Sid}") {
			continue
		}
		at := fill(r.Path, w, in, waiting)
		names := append(slices.Concat(r.Filters, r.Takes), "Unknown", "Parameter1.Name")
		try := func(f url.Values) {
			get, post := w.handle(http.MethodGet, at+"?"+f.Encode(), nil), w.handle(http.MethodPost, at, f)
			if get >= 500 || post >= 500 {
				t.Fatalf("%s %v: %d and %d", r.Path, f, get, post)
			}
		}
		for i, value := range nasty {
			all := url.Values{}
			for _, name := range names {
				all.Set(name, value)
			}
			try(all)
			for j := i; j < len(names); j += len(nasty) {
				f := url.Values{"To": {alice}, "From": {ours}, "Url": {w.app.URL + "/x"}, "FriendlyName": {names[j]}}
				f.Set(names[j], value)
				if names[j] != "Status" {
					f.Del("Status")
				}
				try(f)
			}
		}
		w.clock.Advance(time.Second)
	}
}

// fill puts names into a path.
func fill(path string, w *world, in, waiting *sim.Call) string {
	queue := "QU00000000000000000000000000000000"
	vars := map[string]string{"AccountSid": w.AccountSID(), "CallSid": in.SID(), "ConferenceSid": "room", "WorkspaceSid": sim.WorkspaceSID,
		"CountryCode": "US", "QueueSid": queue, "Sid": in.SID()}
	if strings.Contains(path, "/Conferences/{Sid}") {
		vars["Sid"] = "room"
	}
	if strings.Contains(path, "/Members") {
		vars["CallSid"] = waiting.SID()
	}
	var parts []string
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			if part = vars[name]; part == "" {
				part = "XX1"
			}
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "/")
}

// handle makes a request without a network and returns its status.
func (w *world) handle(method, path string, f url.Values) int {
	req := httptest.NewRequest(method, path, strings.NewReader(f.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(w.AccountSID(), w.AuthToken())
	resp := httptest.NewRecorder()
	w.Handler().ServeHTTP(resp, req)
	return resp.Code
}
