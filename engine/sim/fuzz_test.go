package sim_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
)

// oneDocument answers every request with the same document, without a network.
type oneDocument string

func (d oneDocument) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Status: "200 OK", Header: http.Header{"Content-Type": {"text/xml"}},
		Body: io.NopCloser(strings.NewReader(string(d))), Request: req}, nil
}

// FuzzDocument: whatever the application answers, to whatever request, the
// simulator neither fails nor lets a call live on after both have hung up.
func FuzzDocument(f *testing.F) {
	for _, doc := range []string{
		`<Say loop="0">x</Say>`, `<Gather input="dtmf speech" action="?a"><Say>x</Say></Gather><Redirect/>`,
		`<Dial action="/a" timeLimit="3" hangupOnStar="true"><Number url="/w" statusCallback="/s">+15551110002</Number><Client>c</Client></Dial>`,
		`<Dial action="/a"><Conference waitUrl="/w" endConferenceOnExit="true" statusCallback="/s" statusCallbackEvent="join leave end">r</Conference></Dial>`,
		`<Enqueue waitUrl="/w" action="/a">q</Enqueue><Leave/>`, `<Dial timeout="5"><Queue url="/w">q</Queue></Dial>`,
		`<Record maxLength="3" transcribe="true" transcribeCallback="/t"/>`, `<Pause length="2"/><Reject/>`, `<Play digits="1w2"/><Hangup/>`, `<Nonsense/>`,
	} {
		f.Add("<Response>"+doc+"</Response>", "12*#", uint8(0))
	}
	f.Fuzz(func(t *testing.T, doc, keys string, variant uint8) {
		v := clock.NewVirtual(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		o := sim.Options{Clock: v, HTTP: oneDocument(doc), Faults: sim.Faults{{Kind: sim.DelayCallback, By: time.Second}}}
		if all := sim.Variants(); int(variant) < len(all) {
			all[variant].Set(&o.Switches)
		}
		s := sim.New(o)
		defer s.Close()
		s.AddNumber(ours, sim.Number{VoiceURL: "http://app/voice", StatusCallback: "http://app/status"})
		s.AddParty(bob, sim.Party{AnswerAfter: 100 * time.Millisecond, Script: sim.Replies(0, "1", "say:hello")})
		first, _ := s.CallWith(alice, ours, url.Values{"CallerName": {"Alice"}})
		v.Advance(3 * time.Second)
		second, _ := s.Call(carol, ours)
		for _, key := range keys[:min(len(keys), 8)] {
			first.Press(string(key))
			second.Say("words")
			v.Advance(500 * time.Millisecond)
		}
		first.Hangup()
		second.Hangup()
		v.Advance(10 * time.Second)
		if !first.Ended() || !second.Ended() {
			t.Error("a call lives on after its party has hung up")
		}
		for _, c := range s.Calls() {
			if !c.Ended() {
				t.Errorf("%s %s is %s after its parents have ended", c.Direction(), c.To(), c.Status())
			}
		}
		for _, c := range s.Conferences() {
			if c.Status != "completed" {
				t.Errorf("conference %s is %s and empty", c.Name, c.Status)
			}
		}
	})
}
