package control_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/sim/control"
)

const (
	ours  = "+15550001000"
	alice = "+15551110001"
	bob   = "+15551110002"
)

// rig is a simulator in virtual time with a control API, and an application.
type rig struct {
	t      *testing.T
	server *control.Server
	clock  *clock.Virtual
	api    *httptest.Server
	app    *httptest.Server
}

func newRig(t *testing.T, pages map[string]string) *rig {
	t.Helper()
	r := &rig{t: t, clock: clock.NewVirtual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	r.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		doc := pages[req.URL.Path]
		if d := req.FormValue("Digits") + req.FormValue("SpeechResult"); d != "" {
			doc = strings.ReplaceAll(doc, "DIGITS", d)
		}
		fmt.Fprint(w, "<Response>"+doc+"</Response>")
	}))
	r.server = control.New(control.Options{Clock: r.clock, Open: func(generation uint64) *sim.Sim {
		s := sim.New(sim.Options{Clock: r.clock, Seed: 1 + generation, CPS: 10})
		s.AddNumber(ours, sim.Number{VoiceURL: r.app.URL + "/voice"})
		return s
	}})
	r.api = httptest.NewServer(r.server.Handler())
	t.Cleanup(func() { r.server.Close(); r.api.Close(); r.app.Close() })
	return r
}

// ask sends a request and returns the status and the body as JSON.
func (r *rig) ask(method, path, body string) (int, map[string]any) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.api.URL+control.Prefix+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	var v map[string]any
	if len(raw) > 0 && json.Unmarshal(raw, &v) != nil {
		r.t.Fatalf("%s %s: %s", method, path, raw)
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode >= 400 && kind != "application/problem+json" {
		r.t.Errorf("%s %s: a refusal of type %s", method, path, kind)
	}
	return resp.StatusCode, v
}

func (r *rig) want(status int, method, path, body string) map[string]any {
	r.t.Helper()
	got, v := r.ask(method, path, body)
	if got != status {
		r.t.Fatalf("%s %s %s: %d %v, want %d", method, path, body, got, v, status)
	}
	return v
}

func (r *rig) wantHeard(call map[string]any, want ...string) {
	r.t.Helper()
	if got := call["heard"]; fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("heard %v, want %v", got, want)
	}
}

const menu = `<Gather numDigits="1" action="/next"><Say>Welcome</Say></Gather>`

// TestCallByHand: a caller presses a key; each step waits for what it needs.
func TestCallByHand(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{"/voice": menu, "/next": `<Gather input="speech" action="/last"><Say>You pressed DIGITS</Say></Gather>`, "/last": `<Say>You said DIGITS</Say>`})
	call := r.want(201, "POST", "/calls", `{"from": "`+alice+`", "to": "`+ours+`", "fields": {"CallerName": "ALICE"}}`)
	sid := call["sid"].(string)
	call = r.want(200, "GET", "/calls/"+sid+"/wait?heard=WELCOME&listening=true", "")
	r.wantHeard(call, "Welcome")
	r.want(200, "POST", "/calls/"+sid+"/press", `{"keys": "2"}`)
	r.want(200, "GET", "/calls/"+sid+"/wait?heard=pressed+2", "")
	r.want(200, "POST", "/calls/"+sid+"/say", `{"text": "goodbye"}`)
	call = r.want(200, "GET", "/calls/"+sid+"/wait?status=completed&timeout=60", "")
	r.wantHeard(call, "Welcome", "You pressed 2", "You said goodbye")
	if call["ended"] == nil || call["answered"] == nil {
		t.Errorf("call %v", call)
	}
	log := r.want(200, "GET", "/log?kind=webhook&name=action&contains=Digits", "")["entries"].([]any)
	if len(log) != 1 || log[0].(map[string]any)["params"].(map[string]any)["CallerName"] == nil {
		t.Errorf("log %v", log)
	}
}

// TestPartiesByAPI: who is called does what was said, one call after the other.
func TestPartiesByAPI(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{"/voice": `<Dial action="/after">` + bob + `</Dial>`, "/after": `<Say>Thank you</Say>`})
	r.want(200, "PUT", "/parties/"+bob, `[{"outcome": "busy"}, {"outcome": "answer", "after": 1.5, "script": [
		{"when": "connected", "after": 1, "say": "hello there"}, {"when": "next", "after": 2, "hangup": true}]}, {"outcome": "ring"}]`)
	first := r.want(201, "POST", "/calls", `{}`)["sid"].(string)
	r.want(200, "GET", "/calls/"+first+"/wait?status=completed", "")
	second := r.want(201, "POST", "/calls", `{"party": {"script": [{"when": "hears", "text": "hello", "say": "who is it?"}]}}`)["sid"].(string)
	call := r.want(200, "GET", "/calls/"+second+"/wait?status=completed&timeout=30", "")
	r.wantHeard(call, bob+": hello there", "Thank you")
	called := r.want(200, "GET", "/calls/wait?to="+bob+"&heard=who", "") // the + of the number as people write it
	if called["parent_sid"] != second || called["status"] != "completed" {
		t.Errorf("called %v", called)
	}
	third := r.want(201, "POST", "/calls", `{}`)["sid"].(string)
	ringing := r.want(200, "GET", "/calls/wait?to="+url.QueryEscape(bob)+"&status=ringing", "")["sid"].(string)
	r.want(409, "POST", "/calls/"+third+"/answer", "")
	r.want(200, "POST", "/calls/"+ringing+"/answer", "")
	r.want(200, "GET", "/calls/"+ringing+"/wait?connected=true", "")
	r.want(200, "POST", "/calls/"+ringing+"/hangup", "")
	r.want(409, "POST", "/calls/"+ringing+"/press", `{"keys": "1"}`)
	parties := r.want(200, "GET", "/parties", "")["parties"].(map[string]any)
	if len(parties[bob].([]any)) != 1 || parties["default"] == nil {
		t.Errorf("parties %v", parties)
	}
	r.want(204, "DELETE", "/parties/"+bob, "")
	r.want(404, "DELETE", "/parties/"+bob, "")
	r.want(200, "PUT", "/parties/default", `{"outcome": "decline"}`)
}

// TestSettings: numbers, switches, faults, media, time and reset.
func TestSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{"/voice": `<Play>http://files.example.com/a.mp3</Play>`})
	r.want(200, "PUT", "/numbers/+15550001001", `{"voice_url": "`+r.app.URL+`/voice", "voice_method": "GET"}`)
	if n := r.want(200, "GET", "/numbers", "")["numbers"].([]any); len(n) != 2 {
		t.Errorf("numbers %v", n)
	}
	r.want(204, "DELETE", "/numbers/"+ours, "")
	r.want(404, "DELETE", "/numbers/"+ours, "")
	r.want(404, "POST", "/calls", `{"to": "`+ours+`"}`)
	r.want(204, "POST", "/reset", "")
	if n := r.want(200, "GET", "/numbers", "")["numbers"].([]any); len(n) != 1 {
		t.Errorf("numbers after a reset %v", n)
	}
	r.want(200, "PATCH", "/switches", `{"kick-drops": true, "interrupted-act": "used"}`)
	if got := r.server.Sim().Switches(); got != (sim.Switches{KickDrops: true, InterruptedAct: sim.ActUsed}) {
		t.Errorf("switches %+v", got)
	}
	r.want(201, "POST", "/faults", `{"kind": "error-webhook", "next": 1, "for": "/voice"}`)
	r.want(200, "PATCH", "/media", `{"http://files.example.com/a.mp3": 2.5}`)
	begin := r.clock.Now()
	first := r.want(201, "POST", "/calls", `{}`)["sid"].(string)
	r.want(200, "GET", "/calls/"+first+"/wait?status=completed&heard=application+error", "")
	if f := r.want(200, "GET", "/faults", "")["faults"].([]any)[0].(map[string]any); f["times"] != 1.0 {
		t.Errorf("fault %v", f)
	}
	if a := r.want(200, "GET", "/debugger", "")["alerts"].([]any); len(a) != 1 || a[0].(map[string]any)["code"] != 11200.0 {
		t.Errorf("alerts %v", a)
	}
	second := r.want(201, "POST", "/calls", `{}`)["sid"].(string)
	r.want(200, "GET", "/calls/"+second+"/wait?status=completed", "")
	if took := r.clock.Now().Sub(begin); took > 10*time.Second {
		t.Errorf("the file was not 2.5 s long: all took %v", took)
	}
	r.want(204, "DELETE", "/faults", "")
	before := r.clock.Now()
	if v := r.want(200, "POST", "/clock/advance", `{"by": 90}`); v["virtual"] != true || r.clock.Now().Sub(before) != 90*time.Second {
		t.Errorf("clock %v", v)
	}
	r.want(204, "POST", "/reset", "")
	if calls := r.want(200, "GET", "/calls", "")["calls"].([]any); len(calls) != 0 {
		t.Errorf("calls %v", calls)
	}
	r.want(204, "PUT", "/workflows/WW1", `{"assignment_url": "`+r.app.URL+`/assign"}`)
	r.want(204, "PUT", "/workers/ann", `{"attributes": {"contact_uri": "`+bob+`"}}`)
	r.want(204, "PUT", "/workers/ann", `{"available": false}`)
}

// TestRefusals: each with its status and a text that says what would be right.
func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{"/voice": menu})
	sid := r.want(201, "POST", "/calls", `{}`)["sid"].(string)
	for _, tc := range []struct {
		method, path, body string
		status             int
		code, detail       string
	}{
		{"GET", "/nothing", "", 404, "not-found", "GET /sim/v1 lists what there is"},
		{"PUT", "/calls", "", 405, "method", "use GET or HEAD or POST"},
		{"POST", "/calls", `{"from": 1}`, 400, "bad-json", "the body is not what is expected"},
		{"POST", "/calls", `{"too": "x"}`, 400, "bad-json", `unknown field "too"`},
		{"POST", "/calls", `{} {}`, 400, "bad-json", "more than one JSON value"},
		{"POST", "/calls", `{"to": "5550001000"}`, 422, "invalid", `a phone number is + and 2 to 15 digits, like +15550001000, not "5550001000"`},
		{"POST", "/calls", `{"from": "bob"}`, 422, "invalid", "an address is a phone number like +15551110001, client:NAME or sip:NAME@HOST"},
		{"POST", "/calls", `{"to": "+15559999999"}`, 404, "not-found", "add it with PUT /sim/v1/numbers/+15559999999"},
		{"POST", "/calls", strings.Repeat(" ", 1<<20+1), 413, "too-large", "at most 1 MB"},
		{"GET", "/calls/CA1", "", 404, "not-found", "there is no call CA1"},
		{"GET", "/calls/" + sid + "/wait?hears=x", "", 400, "bad-query", `there is no parameter "hears"; there are to, from`},
		{"GET", "/calls/" + sid + "/wait?listening=yes", "", 400, "bad-query", `listening is true or false, not "yes"`},
		{"GET", "/calls/" + sid + "/wait?timeout=forever", "", 400, "bad-query", `one waits 0 to 600 seconds, not "forever"`},
		{"GET", "/calls/" + sid + "/wait?heard=x&timeout=2", "", 409, "not-yet", `not within 2s: ` + sid},
		{"GET", "/calls/wait?to=%2B15559999999&timeout=0", "", 409, "not-yet", "no call matches; there are: " + sid},
		{"POST", "/calls/" + sid + "/press", `{"keys": "x"}`, 422, "invalid", "keys are 0 to 9, *, #, A to D"},
		{"POST", "/calls/" + sid + "/say", `{}`, 422, "invalid", "text is missing"},
		{"POST", "/calls/" + sid + "/answer", `{}`, 409, "not-now", "only a called phone can be answered"},
		{"PUT", "/numbers/123", `{"voice_url": "x"}`, 422, "invalid", "is no absolute http or https URL"},
		{"PUT", "/numbers/+15550001001", `{}`, 422, "invalid", "voice_url is missing"},
		{"PUT", "/parties/" + bob, `{"outcome": "maybe"}`, 400, "bad-json", `an outcome is answer, busy, decline, no-answer, unreachable or ring, not "maybe"`},
		{"PUT", "/parties/" + bob, `{"script": [{"when": "later"}]}`, 422, "invalid", `move 1: there is no moment "later"`},
		{"PUT", "/parties/" + bob, `{"script": [{"press": "x"}]}`, 422, "invalid", `move 1: "x" has characters that are no keys`},
		{"PUT", "/parties/" + bob, `{"after": "2s"}`, 400, "bad-json", `a duration is a number of seconds, not "2s"`},
		{"PUT", "/parties/" + bob, `{"after": -1}`, 400, "bad-json", "a duration is 0 to"},
		{"PUT", "/parties/" + bob, `[]`, 422, "invalid", "DELETE forgets an address"},
		{"PUT", "/parties/default", `[{}, {}]`, 422, "invalid", "there is one default party"},
		{"PUT", "/parties/bob", `{}`, 422, "invalid", "an address is"},
		{"PATCH", "/switches", `{"magic": true}`, 422, "invalid", `there is no switch "magic"`},
		{"POST", "/faults", `{"kind": "plague"}`, 422, "invalid", `there is no fault "plague"`},
		{"PATCH", "/media", `{"a.mp3": 2}`, 422, "invalid", "is no absolute http"},
		{"GET", "/log?since=1", "", 400, "bad-query", `there is no parameter "since"`},
		{"GET", "/log?kind=message&wait=1", "", 409, "not-yet", "no such entry within 1s"},
		{"PUT", "/workers/ann", `{"attributes": [1]}`, 422, "invalid", ""},
	} {
		status, v := r.ask(tc.method, tc.path, tc.body)
		detail, _ := v["detail"].(string)
		if status != tc.status || v["code"] != tc.code || !strings.Contains(detail, tc.detail) || v["status"] != float64(tc.status) {
			t.Errorf("%s %s %.60s: %d %v, want %d %s %q", tc.method, tc.path, tc.body, status, v, tc.status, tc.code, tc.detail)
		}
	}
	r.clock.Advance(time.Minute)
	if status, v := r.ask("GET", "/calls/"+sid+"/wait?heard=x", ""); status != 409 || v["code"] != "over" {
		t.Errorf("a call that has ended: %d %v", status, v)
	}
}

// TestDoors: who may use the control API, with a token and without.
func TestDoors(t *testing.T) {
	t.Parallel()
	open := func(uint64) *sim.Sim { return sim.New(sim.Options{}) }
	for _, tc := range []struct {
		name, token string
		host        string
		header      [2]string
		status      int
	}{
		{"this machine", "", "localhost:8090", [2]string{}, 200},
		{"this machine, IPv6", "", "[::1]:8090", [2]string{}, 200},
		{"a foreign name", "", "evil.example.com", [2]string{}, 403},
		{"a foreign page", "", "localhost:8090", [2]string{"Origin", "http://evil.example.com"}, 403},
		{"no token", "secret", "localhost:8090", [2]string{}, 401},
		{"a wrong token", "secret", "localhost:8090", [2]string{"Authorization", "Bearer secre"}, 401},
		{"the token", "secret", "sim.example.com", [2]string{"Authorization", "Bearer secret"}, 200},
	} {
		s := control.New(control.Options{Open: open, Token: tc.token})
		req := httptest.NewRequest("DELETE", control.Prefix+"/faults", nil)
		req.Host = tc.host
		if tc.header[0] != "" {
			req.Header.Set(tc.header[0], tc.header[1])
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, req)
		if got := w.Code; got != tc.status && !(tc.status == 200 && got == 204) {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.status)
		}
		s.Close()
	}
	s := control.New(control.Options{Open: open})
	defer s.Close()
	w := httptest.NewRecorder()
	req := httptest.NewRequest("POST", control.Prefix+"/clock/advance", strings.NewReader(`{"by": 1}`))
	req.Host = "localhost"
	s.Handler().ServeHTTP(w, req)
	if w.Code != 409 || !strings.Contains(w.Body.String(), "real-time") {
		t.Errorf("real time was advanced: %d %s", w.Code, w.Body)
	}
}

// TestEvents: a stream begins now or behind Last-Event-ID, and goes on over a reset.
func TestEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{"/voice": menu})
	r.want(201, "POST", "/calls", `{}`)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream := func(last string) func() (string, sim.EntryKind) {
		req, err := http.NewRequestWithContext(ctx, "GET", r.api.URL+control.Prefix+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		lines := bufio.NewScanner(resp.Body)
		return func() (string, sim.EntryKind) {
			id := ""
			for lines.Scan() {
				if v, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
					id = v
				}
				if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
					var e control.EntryJSON
					if err := json.Unmarshal([]byte(data), &e); err != nil {
						t.Fatal(err)
					}
					return id, e.Kind
				}
			}
			t.Fatalf("the stream has ended: %v", lines.Err())
			return "", ""
		}
	}
	again := stream("0")
	if id, kind := again(); id != "1" || kind != sim.EntryCall {
		t.Errorf("event %s %s", id, kind)
	}
	next := stream("")
	r.want(201, "POST", "/calls", `{}`)
	if id, kind := next(); id != "3" || kind != sim.EntryCall {
		t.Errorf("event %s %s", id, kind)
	}
	r.want(204, "POST", "/reset", "")
	sid := r.want(201, "POST", "/calls", `{}`)["sid"]
	for id := ""; id != "1"; {
		id, _ = next()
	}
	if calls := r.server.Sim().Calls(); len(calls) != 1 || calls[0].SID() != sid {
		t.Errorf("calls after the reset: %d", len(calls))
	}
}

// TestSIDsAfterReset: no CallSid comes twice.
func TestSIDsAfterReset(t *testing.T) {
	t.Parallel()
	r := newRig(t, map[string]string{"/voice": menu})
	first := r.want(201, "POST", "/calls", `{}`)["sid"]
	r.want(204, "POST", "/reset", "")
	if second := r.want(201, "POST", "/calls", `{}`)["sid"]; second == first {
		t.Errorf("%v came twice", second)
	}
}

// TestReference: the page in the repository is that of the code.
func TestReference(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../REFERENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != control.Reference() {
		t.Error("engine/sim/REFERENCE.md is old: go run ./cmd/ringdown sim reference > engine/sim/REFERENCE.md")
	}
}

// TestFollowAfterClose: whoever begins to follow late gets the whole log and its end.
func TestFollowAfterClose(t *testing.T) {
	t.Parallel()
	s := control.New(control.Options{Open: func(uint64) *sim.Sim { return sim.New(sim.Options{}) }})
	s.Sim().AddNumber(ours, sim.Number{VoiceURL: "http://127.0.0.1:1/"})
	if _, err := s.Sim().Call(alice, ours); err != nil {
		t.Fatal(err)
	}
	s.Close()
	n := 0
	s.Follow(t.Context(), func(sim.Entry) { n++ })
	if n < 2 {
		t.Errorf("%d entries", n)
	}
}

// TestResetUnderLoad: calls, waits and resets at the same time leave nothing hanging.
func TestResetUnderLoad(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, `<Response><Say>Hi</Say></Response>`)
	}))
	defer app.Close()
	quick := sim.Timings{Character: time.Millisecond, Latency: time.Millisecond, Callback: time.Millisecond}
	s := control.New(control.Options{Open: func(generation uint64) *sim.Sim {
		one := sim.New(sim.Options{Seed: generation, Timings: quick})
		one.AddNumber(ours, sim.Number{VoiceURL: app.URL})
		return one
	}})
	defer s.Close()
	ask := func(method, path, body string) {
		req := httptest.NewRequest(method, control.Prefix+path, strings.NewReader(body))
		req.Host = "localhost"
		s.Handler().ServeHTTP(httptest.NewRecorder(), req)
	}
	var all sync.WaitGroup
	for _, ask := range []func(){
		func() { ask("POST", "/calls", `{}`) },
		func() { ask("POST", "/calls", `{}`) },
		func() { ask("GET", "/calls/wait?heard=hi&timeout=0.05", "") },
		func() { ask("GET", "/log?kind=heard&wait=0.05", "") },
		func() { ask("POST", "/reset", "") },
	} {
		all.Go(func() {
			for range 30 {
				ask()
			}
		})
	}
	all.Wait()
}
