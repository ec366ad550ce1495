package flowtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

const sipFlow = `
flow: sip
secrets: [PASSWORD]
defaults: {from: "+15005550091"}
answers: ["+15005550091"]
answer: desk
states:
  desk: {dial: {to: {to: "sip:desk@example.com", username: rd, password: "${secrets.PASSWORD}"}, timeout: 10s}, next: lab}
  lab:
    do: [{call: {leg: lab, to: "sip:lab@example.com", sip_auth_username: rd, sip_auth_password: "${secrets.PASSWORD}", timeout: 10s, state: hi}}]
    hold: {}
    on: {lab.unreached: door, lab.hung-up: door}
    after: {1m: door}
  hi: {prompt: Hello., next: hangup}
  door:
    do: [{call: {leg: door, to: "sip:door@example.com", timeout: 10s, inline: true, state: again}}]
    hold: {}
    on: {door.unreached: hangup, door.hung-up: hangup}
    after: {1m: hangup}
  again: {dial: {to: {to: "sip:desk@example.com", username: rd, password: "${secrets.PASSWORD}"}, timeout: 10s}, next: hangup}
`

// TestSIPPasswords: Twilio gets the password, in documents and in REST requests; nothing
// that is kept has it.
func TestSIPPasswords(t *testing.T) {
	t.Parallel()
	const password = `s3"c<ret&`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sip.yaml"), []byte(sipFlow), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := flowtest.Start(flowtest.Options{Flows: dir, Env: map[string]string{"PASSWORD": password}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Sim.AddParty("sip:desk@example.com", sim.Party{Outcome: sim.Busy})
	c, err := w.Call(tester, "+15005550091")
	if err != nil {
		t.Fatal(err)
	}
	id := w.SessionOf(c)
	if !w.Until(func() bool { return w.Closed(id) }, 5*time.Minute) {
		t.Fatalf("no end\n%s", w.Dump())
	}
	log := w.Sim.Log()
	const inXML = `password="s3&quot;c&lt;ret&amp;"`
	for what, sent := range map[string]func(e sim.Entry) bool{
		"dial":   func(e sim.Entry) bool { return e.Kind == sim.EntryWebhook && strings.Contains(e.Body, inXML) },
		"call":   func(e sim.Entry) bool { return e.Params.Get("SipAuthPassword") == password },
		"inline": func(e sim.Entry) bool { return strings.Contains(e.Params.Get("Twiml"), inXML) },
	} {
		if !slices.ContainsFunc(log, sent) {
			t.Errorf("%s: Twilio does not get the password\n%s", what, w.Dump())
		}
	}
	history, err := w.API.History(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range history {
		if strings.Contains(h.Text, "c<ret") || strings.Contains(h.Text, "c&lt;ret") {
			t.Errorf("the history shows the password: %+v", h)
		}
	}
}
