package sim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestDialNouns: what each noun rings.
func TestDialNouns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ noun, to, status, alerts string }{
		{bob, bob, "completed", ""},
		{"(555) 111-0002", bob, "completed", ""},
		{"<Number>1-555-111-0002</Number>", bob, "completed", ""},
		{"<Client>joe</Client>", "client:joe", "completed", ""},
		{`<Client><Identity>joe</Identity><Parameter name="a" value="b"/></Client>`, "client:joe", "completed", ""},
		{"<Sip>joe@example.com</Sip>", "sip:joe@example.com", "completed", ""},
		{"<Sip><Uri>sip:joe@example.com</Uri></Sip>", "sip:joe@example.com", "completed", ""},
		{"<WhatsApp>" + bob + "</WhatsApp>", "whatsapp:" + bob, "completed", ""},
		{"<Number>no number</Number>", "", "failed", "13223 warning"},
		{"<Sim>DE00000000000000000000000000000001</Sim>", "", "failed", "13258 error"},
		{"", "", "failed", "12200 warning"},
	} {
		w := newWorld(t, sim.Options{Default: &sim.Party{HangupAfter: 5 * time.Second}}, map[string]string{"/voice": `<Dial action="/done">` + tc.noun + `</Dial>`, "/done": ""})
		w.AddParty(alice, sim.Party{})
		c := w.call()
		w.ended(c)
		to := ""
		if kids := c.Children(); len(kids) > 0 {
			to = kids[0].To()
		}
		if to != tc.to || w.alerts() != tc.alerts {
			t.Errorf("%s: rings %q, want %q; alerts %s", tc.noun, to, tc.to, w.alerts())
		}
		wantFields(t, w.one("/done"), map[string]string{"DialCallStatus": tc.status})
	}
}

// TestCallerID: a telephone sees only numbers of the account or of the call.
func TestCallerID(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ from, attr, noun, shown string }{
		{alice, "", bob, alice},
		{alice, ours, bob, ours},
		{alice, alice, bob, alice},
		{alice, carol, bob, ""},
		{alice, "+15551119999", bob, "+15551119999"}, // verified
		{"client:web", "", bob, ""},
		{"client:web", ours, bob, ours},
		{"client:web", "", "<Client>joe</Client>", "client:web"},
		{"sip:kate@example.com", "sip:kate@example.com", bob, ""},
		{alice, "Kate", "<Sip>sip:joe@example.com</Sip>", "Kate"},
	} {
		attr := ""
		if tc.attr != "" {
			attr = `callerId="` + tc.attr + `"`
		}
		w := newWorld(t, sim.Options{Default: &sim.Party{HangupAfter: 5 * time.Second}}, map[string]string{"/voice": `<Dial action="/done" ` + attr + `>` + tc.noun + `</Dial>`, "/done": ""})
		w.AddParty(tc.from, sim.Party{})
		w.AddCallerID("+15551119999")
		c, err := w.Call(tc.from, ours)
		if err != nil {
			t.Fatal(err)
		}
		w.ended(c)
		shown := ""
		if kids := c.Children(); len(kids) > 0 {
			shown = kids[0].From()
		}
		if shown != tc.shown || (w.alerts() == "13214 warning") != (tc.shown == "") {
			t.Errorf("%s with callerId %q: shows %q, want %q; alerts %s", tc.from, tc.attr, shown, tc.shown, w.alerts())
		}
	}
}

// TestApplication: a client calls an application, and a Dial does.
func TestApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/app": `<Say>Application</Say><Pause length="5"/>`})
	sid := w.AddApplication("web", sim.Number{VoiceURL: w.app.URL + "/app"})
	w.page("/voice", func(url.Values) string {
		return `<Dial><Application><ApplicationSid>` + sid + `</ApplicationSid><Parameter name="colour" value="light blue"/></Application></Dial>`
	})
	c, err := w.Call("client:web", "app:"+sid+"?PhoneNumber=%2B15551110002")
	if err != nil {
		t.Fatal(err)
	}
	w.ended(c)
	w.wantHeard(c, "Application")
	first := w.one("/app")
	wantFields(t, first, map[string]string{"ApplicationSid": sid, "From": "client:web", "Caller": "client:web", "To": "", "Called": "", "Direction": "inbound",
		"CallStatus": "ringing", "PhoneNumber": bob, "FromCountry": "-"})
	if _, err := w.Call("client:web", "app:AP0"); err == nil || !strings.Contains(err.Error(), "AddApplication") {
		t.Error(err)
	}

	caller := w.call()
	w.ended(caller)
	w.wantHeard(caller, "Application")
	wantFields(t, w.requests("/app")[1], map[string]string{"ApplicationSid": sid, "From": alice, "colour": "light blue"})
}

// TestDialRecording: from the first ring or from the answer, of one side or both.
func TestDialRecording(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string][2]string{
		"record-from-ringing": {"13", "1"}, "record-from-answer": {"9", "1"}, "record-from-ringing-dual": {"13", "2"}, "true": {"9", "1"}, "false": {"", ""},
	} {
		w := newWorld(t, sim.Options{}, map[string]string{
			"/voice": `<Dial record="` + mode + `" recordingTrack="inbound" recordingStatusCallback="/rec" action="/done">` + bob + `</Dial>`, "/done": ""})
		w.AddParty(bob, sim.Party{AnswerAfter: 4 * time.Second, HangupAfter: 9 * time.Second})
		w.ended(w.call())
		if want[0] == "" {
			if n := len(w.requests("/rec")); n != 0 {
				t.Errorf("%s: %d callbacks", mode, n)
			}
			continue
		}
		wantFields(t, w.one("/rec"), map[string]string{"RecordingDuration": want[0], "RecordingChannels": want[1], "RecordingTrack": "inbound"})
		if w.one("/done").Get("RecordingUrl") == "" {
			t.Errorf("%s: no RecordingUrl", mode)
		}
	}
}
