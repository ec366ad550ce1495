package sim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestEveryFault plays one call under each kind of fault and looks at what it must change.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	const (
		plain   = "Hello|Bye"
		sorry   = "We are sorry, an application error has occurred. Goodbye."
		statuss = "initiated ringing answered completed"
	)
	for _, tc := range []struct {
		fault    string
		heard    string
		status   string // callbacks by their sequence numbers, as they arrive
		requests int    // to /voice
		code     int    // of the REST answer
	}{
		{"", plain, "0 1 2 3", 1, 201},
		{"lose-callback,skip=1,next=1", plain, "0 2 3", 1, 201},
		{"repeat-callback,next=1", plain, "0 0 1 2 3", 1, 201},
		{"delay-callback=1,by=20s,next=1", plain, "1 2 3 0", 1, 201},
		{"reorder-callback,next=1", plain, "1 0 2 3", 1, 201},
		{"reorder-callback,skip=3,by=2s", plain, "0 1 2 3", 1, 201},
		{"reset-webhook,for=/voice", sorry, "0 1 2 3", 0, 201},
		{"reset-webhook,for=/next", "Hello|" + sorry, "0 1 2 3", 1, 201},
		{"slow-webhook,for=/voice,by=3s", plain, "0 1 2 3", 1, 201},
		{"slow-webhook,next=1", sorry, "0 1 2 3", 1, 201},
		{"error-webhook,next=1", sorry, "0 1 2 3", 0, 201},
		{"repeat-webhook,for=url", plain, "0 1 2 3", 2, 201},
		{"lose-answer,for=/next", "Hello|" + sorry, "0 1 2 3", 1, 201},
		{"rest-429,for=/Calls", "", "", 0, 429},
		{"rest-500", "", "", 0, 500},
		{"rest-500-after", plain, "0 1 2 3", 1, 500},
		{"rest-no-answer", plain, "0 1 2 3", 1, 0},
		{"rest-slow,by=2s", plain, "0 1 2 3", 1, 201},
		{"hang-up,for=Pause,by=1ns", "Hello", "0 1 2 3", 1, 201},
	} {
		t.Run(tc.fault, func(t *testing.T) {
			t.Parallel()
			var faults sim.Faults
			if tc.fault != "" {
				f, err := sim.ParseFault(tc.fault)
				if err != nil {
					t.Fatal(err)
				}
				faults = sim.Faults{f}
			}
			w := newWorld(t, sim.Options{Faults: faults}, map[string]string{"/voice": `<Say>Hello</Say><Pause length="2"/><Redirect>/next</Redirect>`, "/next": `<Say>Bye</Say>`})
			seen := 0
			w.page("/voice", func(url.Values) string {
				seen++ // requests come one at a time in virtual time
				return `<Say>Hello</Say><Pause length="2"/><Redirect>/next</Redirect>`
			})
			w.page("/child", func(url.Values) string { return "" })
			begin := w.clock.Now()
			code := w.create(url.Values{"To": {bob}, "From": {ours}, "Url": {w.app.URL + "/voice"}, "StatusCallback": {w.app.URL + "/child"},
				"StatusCallbackEvent": strings.Fields(statuss)})
			if late := w.clock.Now().Sub(begin); (late == 2*time.Second) != strings.HasPrefix(tc.fault, "rest-slow") {
				t.Errorf("the REST answer took %v", late)
			}
			w.clock.Advance(time.Minute)
			var heard, status []string
			if calls := w.CallsTo(bob); len(calls) > 0 {
				heard = calls[0].Heard()
			}
			for _, v := range w.requests("/child") {
				status = append(status, v.Get("SequenceNumber"))
			}
			if got := strings.Join(heard, "|"); got != tc.heard {
				t.Errorf("heard %q, want %q", got, tc.heard)
			}
			if got := strings.Join(status, " "); got != tc.status {
				t.Errorf("callbacks %q, want %q", got, tc.status)
			}
			if seen != tc.requests || code != tc.code {
				t.Errorf("%d requests, want %d; status %d, want %d", seen, tc.requests, code, tc.code)
			}
			for _, f := range w.Faults() {
				if f.Times == 0 {
					t.Error("the fault never happened")
				}
			}
		})
	}
}

// create asks for a call while the clock runs, and returns the HTTP status, 0 for none.
func (w *world) create(form url.Values) int {
	req, err := http.NewRequest(http.MethodPost, w.api.URL+"/2010-04-01/Accounts/"+w.AccountSID()+"/Calls.json", strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(w.AccountSID(), w.AuthToken())
	status, done := 0, false
	w.clock.Go(func() {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			status = resp.StatusCode
		}
		done = true
	})
	w.until("the REST answer", func() bool { return done })
	return status
}

// TestFaultTexts: what String writes ParseFault reads, and what is wrong it tells.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	for _, info := range sim.FaultKinds() {
		f := sim.Fault{Kind: info.Kind, Rate: 0.25, Next: 3, Skip: 1, For: "/voice", By: info.By}
		back, err := sim.ParseFault(f.String())
		if err != nil || back != f {
			t.Errorf("%s: %+v %v", f, back, err)
		}
		if info.Doc == "" || info.For == "" {
			t.Errorf("%s is not documented", info.Kind)
		}
	}
	for text, want := range map[string]string{
		"lose":                      `there is no fault "lose"`,
		"lose-callback=2":           `the rate of lose-callback is above 0 and at most 1, not "2"`,
		"lose-callback=x":           `the rate of lose-callback is above 0 and at most 1, not "x"`,
		"lose-callback,next=x":      `next of fault lose-callback: "x" is not a whole number`,
		"lose-callback,next=-1":     "next, skip and by of lose-callback are not below 0",
		"delay-callback,by=7":       `by of fault delay-callback: "7" is not a duration like 500ms or 3s`,
		"lose-callback,by=7s":       "fault lose-callback has no use for by",
		"lose-callback,sometimes=1": `a fault is NAME[=RATE][,next=N][,skip=N][,for=TEXT][,by=DURATION]; there is no "sometimes"`,
	} {
		if _, err := sim.ParseFault(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestSwitchesByName: names, values and errors.
func TestSwitchesByName(t *testing.T) {
	t.Parallel()
	var s sim.Switches
	for _, step := range [][2]string{{"no-act-at-hangup", ""}, {"NoActAtHangup", "off"}, {"kick-drops", "true"}, {"interrupted-act", "used"}} {
		if err := s.Set(step[0], step[1]); err != nil {
			t.Fatal(err)
		}
	}
	if want := (sim.Switches{KickDrops: true, InterruptedAct: sim.ActUsed}); s != want {
		t.Errorf("%+v", s)
	}
	for _, tc := range [][3]string{
		{"nothing", "on", `there is no switch "nothing"`},
		{"kick-drops", "maybe", `switch kick-drops is off or on, not "maybe"`},
		{"interrupted-act", "on", `switch interrupted-act is not-requested or ignored or used, not "on"`},
	} {
		if err := s.Set(tc[0], tc[1]); err == nil || err.Error() != tc[2] {
			t.Errorf("%v: %v", tc, err)
		}
	}
	names := map[string]bool{}
	for _, sw := range s.List() {
		if sw.Doc == "" || names[sw.Name] {
			t.Errorf("switch %q", sw.Name)
		}
		names[sw.Name] = true
		if (sw.Name == "kick-drops") != (sw.Value == "on") && sw.Name != "interrupted-act" {
			t.Errorf("%s is %s", sw.Name, sw.Value)
		}
	}
	if !names["task-call-sid-only"] {
		t.Errorf("names %v", names)
	}
}
