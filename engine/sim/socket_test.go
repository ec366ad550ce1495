package sim_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ringdown/ringdown/engine/sim"
)

// peer is the application's end of WebSockets: it keeps what comes, and answers.
type peer struct {
	t   *testing.T
	url string

	mu   sync.Mutex
	got  []map[string]any
	conn *websocket.Conn
}

// newPeer serves WebSockets. answer gets every message and a function that sends.
func newPeer(t *testing.T, token string, answer func(in map[string]any, send func(string))) *peer {
	p := &peer{t: t}
	srv := newServer(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Twilio-Signature") != sim.Signature(token, "ws://"+r.Host+r.URL.RequestURI(), nil) {
			t.Error("the handshake is not signed")
		}
		conn, err := websocket.Accept(rw, r, nil)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.conn = conn
		p.mu.Unlock()
		ctx := context.Background()
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			var in map[string]any
			if err := json.Unmarshal(data, &in); err != nil {
				t.Error(err)
			}
			p.mu.Lock()
			p.got = append(p.got, in)
			p.mu.Unlock()
			answer(in, func(text string) { _ = conn.Write(ctx, websocket.MessageText, []byte(text)) })
		}
	})
	p.url = "ws" + strings.TrimPrefix(srv, "http") + "/ws"
	return p
}

// events are the events or types of all messages but media, and counts those.
func (p *peer) events() (list string, media int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, m := range p.got {
		name, _ := m["event"].(string)
		if name == "" {
			name, _ = m["type"].(string)
		}
		if name == "media" {
			media++
			continue
		}
		names = append(names, name)
	}
	return strings.Join(names, " "), media
}

// has reports whether a message of that event or type has come.
func (p *peer) has(name string) bool {
	list, _ := p.events()
	return strings.Contains(" "+list+" ", " "+name+" ")
}

// the returns the first message of that event or type.
func (p *peer) the(name string) map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.got {
		if m["event"] == name || m["type"] == name {
			return m
		}
	}
	p.t.Errorf("no message %s", name)
	return map[string]any{}
}

func (p *peer) close(code websocket.StatusCode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.conn.Close(code, "")
}

// TestConnectStream: the application hears the party and speaks to it; marks come
// back when what was before them was played.
func TestConnectStream(t *testing.T) {
	t.Parallel()
	second := base64.StdEncoding.EncodeToString(make([]byte, 8000))
	p := newPeer(t, sim.DefaultAuthToken, func(in map[string]any, send func(string)) {
		sid, _ := in["streamSid"].(string)
		if in["event"] == "start" {
			send(`{"event":"media","streamSid":"` + sid + `","media":{"payload":"` + second + `"}}`)
			send(`{"event":"mark","streamSid":"` + sid + `","mark":{"name":"hello"}}`)
			send(`no JSON`)
			send(`{"event":"dance","streamSid":"` + sid + `"}`)
		}
	})
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Connect action="/done"><Stream url="` + p.url + `" name="bot" statusCallback="/stream"><Parameter name="who" value="me"/></Stream></Connect><Say>no</Say>`,
		"/done":  `<Say>Back</Say>`})
	c := w.call()
	w.until("the mark", func() bool { return p.has("mark") })
	c.Say("hello")
	c.Press("7")
	w.until("the key", func() bool { return p.has("dtmf") })
	w.until("sound", func() bool { return p.sounds() })
	p.close(websocket.StatusNormalClosure)
	w.ended(c)

	list, media := p.events()
	if list != "connected start mark dtmf" || media < 40 {
		t.Errorf("got %s and %d media", list, media)
	}
	start := p.the("start")["start"].(map[string]any)
	if start["callSid"] != c.SID() || start["customParameters"].(map[string]any)["who"] != "me" || start["tracks"].([]any)[0] != "inbound" {
		t.Errorf("start %v", start)
	}
	first := p.the("media")["media"].(map[string]any)
	if first["track"] != "inbound" || first["chunk"] != "1" || len(first["payload"].(string)) != 216 {
		t.Errorf("media %v", first)
	}
	if p.the("dtmf")["dtmf"].(map[string]any)["digit"] != "7" || p.the("mark")["mark"].(map[string]any)["name"] != "hello" {
		t.Error("wrong key or mark")
	}
	heard := c.Heard()
	if len(heard) != 2 || !strings.HasPrefix(heard[0], "play stream MZ") || heard[1] != "Back" {
		t.Errorf("heard %q", heard)
	}
	if got, want := w.alerts(), "31950 warning, 31951 warning"; got != want {
		t.Errorf("alerts %s, want %s", got, want)
	}
	var events []string
	for _, f := range w.requests("/stream") {
		events = append(events, f.Get("StreamEvent")+" "+f.Get("StreamName"))
	}
	if got := strings.Join(events, ", "); got != "stream-started bot, stream-stopped bot" {
		t.Error(got)
	}
	w.one("/done")
}

// sounds reports whether a frame that is not silent has come.
func (p *peer) sounds() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	silent := ""
	for _, m := range p.got {
		if media, ok := m["media"].(map[string]any); ok {
			if silent == "" {
				silent, _ = media["payload"].(string)
			}
			if media["payload"] != silent {
				return true
			}
		}
	}
	return false
}

// TestClearStream: clear drops what is not played yet and sends its marks at once.
func TestClearStream(t *testing.T) {
	t.Parallel()
	long := base64.StdEncoding.EncodeToString(make([]byte, 80000))
	p := newPeer(t, sim.DefaultAuthToken, func(in map[string]any, send func(string)) {
		sid, _ := in["streamSid"].(string)
		if in["event"] == "start" {
			send(`{"event":"media","streamSid":"` + sid + `","media":{"payload":"` + long + `"}}`)
			send(`{"event":"mark","streamSid":"` + sid + `","mark":{"name":"end"}}`)
			send(`{"event":"clear","streamSid":"` + sid + `"}`)
		}
	})
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Connect><Stream url="` + p.url + `"/></Connect>`})
	begun := w.clock.Now()
	c := w.call()
	w.until("the mark", func() bool { return p.has("mark") })
	if got := w.clock.Now().Sub(begun); got > 5*time.Second {
		t.Errorf("the mark came after %v", got)
	}
	c.Hangup()
	w.ended(c)
	waitFor(t, func() bool { return p.has("stop") })
}

// TestStartStream: a stream of one direction runs beside the call until it is stopped.
func TestStartStream(t *testing.T) {
	t.Parallel()
	p := newPeer(t, sim.DefaultAuthToken, func(map[string]any, func(string)) {})
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Start><Stream url="` + p.url + `" name="s" track="both_tracks"/></Start><Pause length="2"/><Say>Words</Say><Stop><Stream name="s"/></Stop><Pause/>`})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "Words")
	waitFor(t, func() bool { return p.has("stop") })
	list, media := p.events()
	if list != "connected start stop" || media < 100 || !p.sounds() {
		t.Errorf("got %s and %d media", list, media)
	}
}

// TestStreamFails: a stream that does not come about is an error, and the call
// goes on.
func TestStreamFails(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	for at, code := range map[string]string{newServer(t, http.NotFound): "31920", gone.URL: "31902"} {
		at = "ws" + strings.TrimPrefix(at, "http")
		w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Connect><Stream url="` + at + `" statusCallback="/stream"/></Connect><Say>on</Say>`})
		c := w.call()
		w.ended(c)
		w.wantHeard(c, "on")
		if got := w.alerts(); got != code+" error" {
			t.Errorf("%s: %s", at, got)
		}
		wantFields(t, w.requests("/stream")[0], map[string]string{"StreamEvent": "stream-error"})
	}
}

// TestConversationRelay talks with an application by text.
func TestConversationRelay(t *testing.T) {
	t.Parallel()
	p := newPeer(t, sim.DefaultAuthToken, func(in map[string]any, send func(string)) {
		switch in["type"] {
		case "prompt":
			if in["voicePrompt"] == "bye" {
				send(`{"type":"end","handoffData":"{\"to\":\"agent\"}"}`)
				return
			}
			send(`{"type":"text","token":"You said "}`)
			send(`{"type":"text","token":"` + in["voicePrompt"].(string) + `.","last":true}`)
		case "dtmf":
			send(`{"type":"play","source":"https://a.example.com/x.mp3"}`)
			send(`{"type":"sendDigits","digits":"12"}`)
			send(`{"type":"language","transcriptionLanguage":"sv-SE"}`)
		}
	})
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Connect action="/done"><ConversationRelay url="` + p.url + `" welcomeGreeting="Hi, how can I help you today?" dtmfDetection="true"><Parameter name="who" value="me"/></ConversationRelay></Connect>`,
		"/done":  `<Say>Agent</Say>`})
	c := w.call()
	w.until("greets", func() bool { return c.HeardText("Hi") })
	w.clock.Advance(500 * time.Millisecond)
	c.Say("stop it")
	w.until("answers", func() bool { return c.HeardText("You said stop it.") })
	w.clock.Advance(3 * time.Second)
	c.Press("5")
	w.until("plays", func() bool { return c.HeardText("digits 12") })
	w.clock.Advance(time.Second)
	c.Say("hej")
	w.until("answers", func() bool { return c.HeardText("You said hej.") })
	w.clock.Advance(3 * time.Second)
	c.Say("bye")
	w.ended(c)
	w.wantHeard(c, "Hi, how can I help you today?", "You said stop it.", "play https://a.example.com/x.mp3", "digits 12", "You said hej.", "Agent")
	if list, _ := p.events(); list != "setup interrupt prompt dtmf prompt prompt" {
		t.Error(list)
	}
	setup := p.the("setup")
	if setup["callSid"] != c.SID() || setup["callType"] != "PSTN" || setup["customParameters"].(map[string]any)["who"] != "me" {
		t.Errorf("setup %v", setup)
	}
	if u := p.the("interrupt")["utteranceUntilInterrupt"].(string); u == "" || !strings.HasPrefix("Hi, how can I help you today?", u) {
		t.Errorf("interrupted after %q", u)
	}
	wantFields(t, w.one("/done"), map[string]string{"SessionStatus": "ended", "HandoffData": `{"to":"agent"}`, "CallStatus": "in-progress"})
}

// TestRelayEnds: by the caller, by the application, or before it has begun.
func TestRelayEnds(t *testing.T) {
	t.Parallel()
	p := newPeer(t, sim.DefaultAuthToken, func(map[string]any, func(string)) {})
	doc := func(at string) string {
		return `<Connect action="/done"><ConversationRelay url="` + at + `"/></Connect>`
	}
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": doc(p.url), "/done": ""})
	c := w.call()
	w.until("set up", func() bool { return p.has("setup") })
	c.Hangup()
	w.ended(c)
	wantFields(t, w.one("/done"), map[string]string{"SessionStatus": "completed", "CallStatus": "completed"})

	w = newWorld(t, sim.Options{}, map[string]string{"/voice": doc("ws" + strings.TrimPrefix(newServer(t, http.NotFound), "http")), "/done": "<Say>sorry</Say>"})
	c = w.call()
	w.ended(c)
	w.wantHeard(c, "sorry")
	wantFields(t, w.one("/done"), map[string]string{"SessionStatus": "failed", "ErrorCode": "31920"})
}

// TestServices: a service that is not simulated holds the call until it is ended.
func TestServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Connect action="/done"><VirtualAgent connectorName="agent"/></Connect>`, "/done": `<Connect><Autopilot>UA1</Autopilot></Connect><Say>End</Say>`})
	c := w.call()
	w.until("connected", func() bool { return c.HeardText("VirtualAgent agent") })
	w.clock.Advance(time.Minute)
	if !c.EndService(url.Values{"VirtualAgentStatus": {"completed"}}) || c.EndService(nil) {
		t.Error("there is exactly one service")
	}
	w.ended(c)
	w.wantHeard(c, "play VirtualAgent agent", "End")
	wantFields(t, w.one("/done"), map[string]string{"VirtualAgentStatus": "completed"})
}

// waitFor waits in real time for what the application's end does.
func waitFor(t *testing.T, cond func() bool) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for !cond() {
		select {
		case <-deadline:
			t.Fatal("never happened")
		case <-time.After(time.Millisecond):
		}
	}
}
