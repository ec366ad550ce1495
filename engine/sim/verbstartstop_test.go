package sim_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestStartAndStopRecording(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Start><Recording name="a" recordingStatusCallback="/a" channels="mono"/></Start>` +
		`<Start><Recording name="b" recordingStatusCallback="/b"/></Start>` +
		`<Pause length="10"/><Stop><Recording name="a"/></Stop><Say>On we go.</Say><Pause length="10"/>`})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "On we go.")
	wantFields(t, w.one("/a"), map[string]string{"RecordingStatus": "completed", "RecordingDuration": "10", "RecordingChannels": "1", "CallSid": c.SID()})
	wantFields(t, w.one("/b"), map[string]string{"RecordingStatus": "completed", "RecordingDuration": "20", "RecordingChannels": "2"})
}

// TestStartForks: the call goes on at once; what was started ends with Stop or
// with the call, and names and URLs are checked.
func TestStartForks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Start>` +
		`<Siprec name="rec" connectorName="c1" statusCallback="/siprec"><Parameter name="a" value="1"/></Siprec>` +
		`<Transcription name="text" statusCallbackUrl="/text" partialResults="true" inboundTrackLabel="customer" languageCode="de-DE"/></Start>` +
		`<Start><Siprec name="rec"/></Start><Start><Stream url="https://a.example.com/x"/></Start>` +
		`<Say>Hello there</Say><Pause length="5"/><Stop><Siprec name="rec"/></Stop><Stop><Stream name="none"/></Stop><Pause length="5"/>`})
	c := w.call()
	w.until("has heard it", func() bool { return c.HeardText("Hello") })
	c.Say("good morning to you")
	w.ended(c)

	siprec := w.requests("/siprec")
	if len(siprec) != 2 {
		t.Fatalf("%d callbacks of the Siprec\n%s", len(siprec), w.dump())
	}
	wantFields(t, siprec[0], map[string]string{"SiprecEvent": "siprec-started", "SiprecName": "rec", "CallSid": c.SID()})
	wantFields(t, siprec[1], map[string]string{"SiprecEvent": "siprec-stopped"})

	text := w.requests("/text")
	if len(text) != 6 {
		t.Fatalf("%d callbacks of the Transcription\n%s", len(text), w.dump())
	}
	wantFields(t, text[0], map[string]string{"TranscriptionEvent": "transcription-started", "Name": "text", "Track": "both_tracks", "SequenceId": "1",
		"InboundTrackLabel": "customer", "OutboundTrackLabel": "-", "PartialResults": "true", "LanguageCode": "de-DE", "TranscriptionEngine": "google"})
	wantFields(t, text[1], map[string]string{"Track": "outbound_track", "Final": "false", "Stability": "0.8"})
	wantFields(t, text[4], map[string]string{"TranscriptionEvent": "transcription-content", "Track": "inbound_track", "Final": "true", "Stability": "-",
		"TranscriptionData": `{"transcript":"good morning to you","confidence":0.95}`})
	wantFields(t, text[5], map[string]string{"TranscriptionEvent": "transcription-stopped", "SequenceId": "6"})

	if got, want := w.alerts(), "31923 error, 12200 warning, 12200 warning"; got != want {
		t.Errorf("alerts %s, want %s", got, want)
	}
	w.wantHeard(c, "Hello there")
}

// TestRefer: a SIP phone is asked to call somebody else.
func TestRefer(t *testing.T) {
	t.Parallel()
	const caller = "sip:kate@example.com"
	for _, tc := range []struct {
		name   string
		party  sim.Party // who is called
		self   sim.Party
		want   map[string]string
		status string
	}{
		{"answered", sim.Party{AnswerAfter: 2 * time.Second}, sim.Party{}, map[string]string{"ReferCallStatus": "in-progress", "ReferSipResponseCode": "202", "NotifySipResponseCode": "200", "CallStatus": "in-progress"}, "completed"},
		{"busy", sim.Party{Outcome: sim.Busy}, sim.Party{}, map[string]string{"ReferCallStatus": "busy", "ReferSipResponseCode": "202", "NotifySipResponseCode": "486"}, "completed"},
		{"declined", sim.Party{Outcome: sim.Decline}, sim.Party{}, map[string]string{"ReferCallStatus": "failed", "NotifySipResponseCode": "603"}, "completed"},
		{"unreachable", sim.Party{Outcome: sim.Unreachable}, sim.Party{}, map[string]string{"ReferCallStatus": "failed", "NotifySipResponseCode": "404"}, "completed"},
		{"never answered", sim.Party{Outcome: sim.NoAnswer}, sim.Party{}, map[string]string{"ReferCallStatus": "failed", "NotifySipResponseCode": "480"}, "completed"},
		{"refused", sim.Party{}, sim.Party{RefusesRefer: true}, map[string]string{"ReferCallStatus": "failed", "ReferSipResponseCode": "405", "NotifySipResponseCode": "-"}, "completed"},
		{"hung up", sim.Party{Outcome: sim.NoAnswer}, sim.Party{HangupAfter: 10 * time.Second}, map[string]string{"ReferCallStatus": "canceled", "ReferSipResponseCode": "202", "NotifySipResponseCode": "180", "CallStatus": "completed"}, "completed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Refer action="/done"><Sip>sip:joe@example.com</Sip></Refer>`, "/done": `<Say>After</Say>`})
			w.AddParty("sip:joe@example.com", tc.party)
			c, err := w.CallAs(tc.self, caller, ours, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.ended(c)
			wantFields(t, w.one("/done"), tc.want)
			if c.Status() != tc.status {
				t.Error(c.Status())
			}
		})
	}
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Refer><Sip>sip:joe@example.com</Sip></Refer><Say>no</Say>`})
	c := w.call()
	w.ended(c)
	if w.alerts() != "13801 error" || !c.HeardText("application error") {
		t.Errorf("on a telephone: %s, heard %q", w.alerts(), c.Heard())
	}
}

// TestDialledPartyRefers: the REFER of a called SIP phone goes to referUrl.
func TestDialledPartyRefers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Dial referUrl="/refer" action="/done"><Sip>sip:joe@example.com</Sip></Dial>`, "/refer": `<Say>Moved</Say>`, "/done": `<Say>no</Say>`})
	c := w.call()
	w.until("connected", func() bool { return len(c.Peers()) == 1 })
	if c.Refer("sip:x@example.com") {
		t.Error("the caller has no SIP phone")
	}
	joe := c.Children()[0]
	if !joe.Refer("sip:mia@example.com") {
		t.Fatal("not taken")
	}
	w.ended(c)
	w.wantHeard(c, "Moved")
	wantFields(t, w.one("/refer"), map[string]string{"ReferTransferTarget": "sip:mia@example.com", "CallSid": c.SID()})
	if !joe.Ended() {
		t.Error("the party stays on the line")
	}

	w = newWorld(t, sim.Options{}, map[string]string{"/voice": `<Dial><Sip>sip:joe@example.com</Sip></Dial>`})
	c = w.call()
	w.until("connected", func() bool { return len(c.Peers()) == 1 })
	if c.Children()[0].Refer("sip:mia@example.com") || w.alerts() != "13802 error" {
		t.Errorf("without referUrl: %s", w.alerts())
	}
}

func TestSms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Sms statusCallback="/sent">Hello</Sms><Sms to="nobody">Lost</Sms><Sms action="/done">Last</Sms><Say>never</Say>`, "/done": `<Say>Done</Say>`})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "Done")
	got := w.Messages()
	if len(got) != 2 || got[0].Body != "Hello" || got[0].From != ours || got[0].To != alice || got[1].Body != "Last" {
		t.Errorf("%+v", got)
	}
	if got, want := w.alerts(), "14101 warning"; got != want {
		t.Errorf("alerts %s, want %s", got, want)
	}
	wantFields(t, w.one("/done"), map[string]string{"SmsSid": got[1].SID, "SmsStatus": "sent"})
	if n := len(w.requests("/sent")); n != 2 {
		t.Errorf("%d status callbacks", n)
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Echo/><Say>never</Say>`})
	c := w.call()
	w.until("listens", c.Listening)
	c.Say("one two")
	w.settle()
	c.Hangup()
	w.ended(c)
	w.wantHeard(c, "one two")
}
