package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// storm is one seeded run with several calls and faults; the result is its log.
func storm(t *testing.T, seed uint64) (*world, string) {
	t.Helper()
	w := newWorld(t, sim.Options{Seed: seed, CPS: 5, Faults: sim.Faults{
		{Kind: sim.LoseCallback, Rate: 0.2}, {Kind: sim.RepeatCallback, Rate: 0.3}, {Kind: sim.DelayCallback},
		{Kind: sim.RepeatWebhook, Rate: 0.2}, {Kind: sim.LoseAnswer, Rate: 0.05},
	}}, nil)
	w.page("/voice", func(url.Values) string {
		return `<Gather numDigits="1" action="/next"><Say>Menu</Say></Gather><Redirect/>`
	})
	w.page("/next", func(url.Values) string {
		return `<Dial action="/done"><Number statusCallback="/child" statusCallbackEvent="initiated ringing answered completed">` + bob + `</Number></Dial>`
	})
	w.page("/done", func(url.Values) string { return `<Say>Bye</Say>` })
	w.AddParty(alice, sim.Party{Script: sim.Replies(0, "", "1")})
	w.AddParty(bob, sim.Party{AnswerAfter: time.Second, HangupAfter: 5 * time.Second})
	w.AddNumber(ours, sim.Number{VoiceURL: w.app.URL + "/voice", StatusCallback: w.app.URL + "/status", FallbackURL: w.app.URL + "/done"})
	for range 20 {
		w.call()
		w.clock.Advance(2 * time.Second)
	}
	w.until("all calls end", func() bool { return w.Live() == 0 })
	w.settle()
	return w, strings.ReplaceAll(w.dump(), w.app.URL, "")
}

func TestSameSeedSameRun(t *testing.T) {
	t.Parallel()
	w, first := storm(t, 7)
	_, second := storm(t, 7)
	if first != second {
		a, b := strings.Split(first, "\n"), strings.Split(second, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d differs:\n%s\n%s", i, a[i], b[i])
			}
		}
		t.Fatal("one log is longer")
	}
	_, other := storm(t, 8)
	if other == first {
		t.Error("another seed gives the same run")
	}
	kinds := map[sim.EntryKind]int{}
	repeated, late := 0, false
	tokens := map[string]int{}
	last := 0
	for _, e := range w.Log() {
		kinds[e.Kind]++
		if e.Kind == sim.EntryWebhook {
			tokens[e.Token]++
			if tokens[e.Token] == 2 {
				repeated++
			}
		}
		if e.Name == "status" && e.Params.Get("ParentCallSid") != "" {
			n := int(e.Params.Get("SequenceNumber")[0] - '0')
			late = late || n < last
			last = n
		}
	}
	if kinds[sim.EntryLost] == 0 || repeated == 0 || !late {
		t.Errorf("lost %d, repeated webhooks %d, reordered %v", kinds[sim.EntryLost], repeated, late)
	}
}

func TestRESTFaults(t *testing.T) {
	t.Parallel()
	create := func(w *world) (int, string, error) {
		form := url.Values{"To": {bob}, "From": {ours}, "Url": {w.app.URL + "/x"}}
		req, _ := http.NewRequest("POST", w.api.URL+"/2010-04-01/Accounts/"+w.AccountSID()+"/Calls.json", strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(w.AccountSID(), w.AuthToken())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Retry-After"), nil
	}
	for _, tc := range []struct {
		f      sim.Faults
		status int
		calls  int
	}{
		{sim.Faults{{Kind: sim.TooManyRequests}}, 429, 0},
		{sim.Faults{{Kind: sim.ServerError}}, 500, 0},
		{sim.Faults{{Kind: sim.ErrorAfter}}, 500, 1},
		{sim.Faults{{Kind: sim.NoRESTAnswer}}, 0, 1},
	} {
		w := newWorld(t, sim.Options{}, map[string]string{"/x": ""})
		w.SetFaults(tc.f)
		status, retry, err := create(w)
		if status != tc.status || (err != nil) != (tc.status == 0) || (status == 429) != (retry != "") {
			t.Errorf("%+v: %d %q %v", tc.f, status, retry, err)
		}
		if n := len(w.CallsTo(bob)); n != tc.calls {
			t.Errorf("%+v: %d calls, want %d", tc.f, n, tc.calls)
		}
	}
}

// TestVariants: every switch can be set, and sets something of its own.
func TestVariants(t *testing.T) {
	t.Parallel()
	seen := []sim.Switches{{}}
	for _, v := range sim.Variants() {
		var s sim.Switches
		v.Set(&s)
		if slices.Contains(seen, s) {
			t.Errorf("%s sets nothing new", v.Name)
		}
		seen = append(seen, s)
	}
}

// TestRealTime plays a call by the machine's clock, as a person at a terminal
// would have it.
func TestRealTime(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		if r.URL.Path == "/voice" {
			fmt.Fprint(w, `<Response><Gather numDigits="1" action="/next"><Say>Hi</Say></Gather></Response>`)
			return
		}
		fmt.Fprint(w, `<Response><Say>Bye</Say></Response>`)
	}))
	t.Cleanup(app.Close)
	s := sim.New(sim.Options{Timings: sim.Timings{Character: time.Millisecond, Latency: time.Millisecond, Callback: time.Millisecond}})
	t.Cleanup(s.Close)
	s.AddNumber(ours, sim.Number{VoiceURL: app.URL + "/voice"})
	listening := make(chan struct{}, 1)
	s.Subscribe(func(e sim.Entry) {
		if e.Kind == sim.EntryListening {
			listening <- struct{}{}
		}
	})
	c, err := s.Call(alice, ours)
	if err != nil {
		t.Fatal(err)
	}
	<-listening
	c.Press("1")
	<-c.Done()
	if got := strings.Join(c.Heard(), "|"); got != "Hi|Bye" && got != "Bye" {
		t.Errorf("heard %q", got)
	}
	if _, err := s.Call(alice, bob); err == nil {
		t.Error("a number that is not ours was called")
	}
}
