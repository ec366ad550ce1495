package sim_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// The standard parameters in their order: of an inbound call between numbers of
// North America, of a call that the REST API placed, and of a dialled party.
const (
	places   = "FromCity FromState FromZip FromCountry ToCity ToState ToZip ToCountry "
	aliases  = "Caller Called CallerCity CallerState CallerZip CallerCountry CalledCity CalledState CalledZip CalledCountry "
	inbound  = "CallSid AccountSid From To CallStatus ApiVersion Direction CallToken " + places + aliases + "StirVerstat "
	outbound = "CallSid AccountSid From To CallStatus ApiVersion Direction " + places + aliases
	child    = "CallSid AccountSid From To CallStatus ApiVersion Direction ParentCallSid " + places + aliases
	progress = "CallbackSource Timestamp SequenceNumber "
	theRoom  = "ConferenceSid FriendlyName AccountSid SequenceNumber Timestamp StatusCallbackEvent "
	aMember  = "CallSid Muted Hold Coaching EndConferenceOnExit StartConferenceOnEnter ParticipantLabel "
	recorded = "RecordingSid RecordingUrl RecordingStatus RecordingChannels ErrorCode "
)

// kind is one kind of webhook: the requests to a path with the names of their
// parameters in order, and values where they are fixed.
type kind struct {
	path   string
	method string // default POST
	names  []string
	values map[string]string // of the last
}

// TestKinds plays one scene for every kind of request that Twilio documents and
// compares its parameters, by name and in order.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		pages map[string]string
		scene func(*world)
		kinds []kind
	}{
		{"inbound, gathers, status", map[string]string{
			"/voice":  `<Gather numDigits="1" action="/keys"/>`,
			"/keys":   `<Gather input="dtmf speech" action="/words" speechTimeout="auto" partialResultCallback="/partial"/>`,
			"/words":  `<Gather action="/empty" actionOnEmptyResult="true" timeout="1" method="GET"/>`,
			"/empty":  `<Gather action="/finish"/>`,
			"/finish": `<Redirect>/redirect</Redirect>`, "/redirect": "",
		}, func(w *world) {
			c, _ := w.CallAs(sim.Party{Script: sim.Replies(0, "7", "say:my name", "", "42#")}, alice, ours, nil)
			w.ended(c)
		}, []kind{
			{"/voice", "", []string{inbound}, map[string]string{"CallStatus": "ringing", "FromCountry": "US", "StirVerstat": "TN-Validation-Passed-A", "CallerCountry": "US", "FromCity": ""}},
			{"/keys", "", []string{inbound + "Digits"}, map[string]string{"Digits": "7", "CallStatus": "in-progress"}},
			{"/partial", "", []string{inbound + "UnstableSpeechResult Stability StableSpeechResult SequenceNumber", inbound + "UnstableSpeechResult Stability StableSpeechResult SequenceNumber"},
				map[string]string{"UnstableSpeechResult": "name", "StableSpeechResult": "my", "SequenceNumber": "1"}},
			{"/words", "", []string{inbound + "SpeechResult Confidence"}, map[string]string{"SpeechResult": "my name", "Confidence": "0.9"}},
			{"/empty", "GET", []string{inbound + "Digits"}, map[string]string{"Digits": ""}},
			{"/finish", "", []string{inbound + "Digits FinishedOnKey"}, map[string]string{"FinishedOnKey": "#"}},
			{"/redirect", "", []string{inbound}, nil},
			{"/status", "", []string{inbound + progress + "CallDuration Duration"}, map[string]string{"CallStatus": "completed", "SequenceNumber": "0", "CallbackSource": "call-progress-events"}},
		}},
		{"outbound with everything", map[string]string{"/x": "<Pause/>"}, func(w *world) {
			w.ended(w.place(bob, "/x", url.Values{"StatusCallback": {w.app.URL + "/s"}, "StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"},
				"MachineDetection": {"Enable"}, "Record": {"true"}, "RecordingStatusCallback": {w.app.URL + "/rec"}}))
		}, []kind{
			{"/x", "", []string{outbound + "AnsweredBy MachineDetectionDuration"}, map[string]string{"CallStatus": "in-progress", "Direction": "outbound-api", "AnsweredBy": "human", "MachineDetectionDuration": "4000"}},
			{"/s", "", []string{outbound + progress, outbound + progress, outbound + progress,
				outbound + progress + "SipResponseCode CallDuration Duration RecordingUrl RecordingSid RecordingDuration"},
				map[string]string{"SequenceNumber": "3", "CallStatus": "completed", "SipResponseCode": "200"}},
			{"/rec", "", []string{"RecordingSource RecordingTrack " + recorded + "CallSid RecordingStartTime AccountSid RecordingDuration"},
				map[string]string{"RecordingSource": "OutboundAPI", "RecordingTrack": "both", "ErrorCode": "0", "RecordingStatus": "completed"}},
		}},
		{"asynchronous detection", map[string]string{"/x": `<Pause length="9"/>`}, func(w *world) {
			w.ended(w.place(bob, "/x", url.Values{"MachineDetection": {"Enable"}, "AsyncAmd": {"true"}, "AsyncAmdStatusCallback": {w.app.URL + "/amd"}}))
		}, []kind{{"/amd", "", []string{"CallSid AccountSid AnsweredBy MachineDetectionDuration"}, nil}, {"/x", "", []string{outbound}, nil}}},
		{"dial", map[string]string{
			"/voice": `<Dial record="true" recordingStatusCallback="/rec" action="/done"><Number url="/whisper" statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed" machineDetection="Enable" amdStatusCallback="/amd">` + bob + `</Number></Dial>`,
			"/done":  `<Dial action="/sip"><Sip>sip:joe@example.com</Sip></Dial>`, "/whisper": "", "/sip": `<Dial action="/busy">` + carol + `</Dial>`, "/busy": "",
		}, func(w *world) {
			w.AddParty(bob, sim.Party{HangupAfter: 9 * time.Second})
			w.AddParty("sip:joe@example.com", sim.Party{HangupAfter: 9 * time.Second})
			w.AddParty(carol, sim.Party{Outcome: sim.Busy})
			w.ended(w.call())
		}, []kind{
			{"/whisper", "", []string{child}, map[string]string{"Direction": "outbound-dial", "CallStatus": "in-progress", "From": alice, "To": bob}},
			{"/leg", "", []string{child + progress, child + progress, child + progress, child + progress + "SipResponseCode CallDuration Duration"}, map[string]string{"CallStatus": "completed"}},
			{"/amd", "", []string{"CallSid AccountSid AnsweredBy MachineDetectionDuration"}, nil},
			{"/rec", "", []string{"RecordingSource RecordingTrack " + recorded + "CallSid RecordingStartTime AccountSid RecordingDuration"}, map[string]string{"RecordingSource": "DialVerb"}},
			{"/done", "", []string{inbound + "DialCallStatus DialCallSid DialCallDuration DialBridged RecordingUrl"}, map[string]string{"DialCallStatus": "completed", "DialBridged": "true"}},
			{"/sip", "", []string{inbound + "DialCallStatus DialCallSid DialCallDuration DialBridged DialSipCallId DialSipResponseCode"}, map[string]string{"DialSipResponseCode": "200"}},
			{"/busy", "", []string{inbound + "DialCallStatus DialCallSid DialBridged"}, map[string]string{"DialCallStatus": "busy", "DialBridged": "false"}},
		}},
		{"record and transcription", map[string]string{
			"/voice": `<Record action="/rec" transcribe="true" transcribeCallback="/text" recordingStatusCallback="/r" recordingStatusCallbackEvent="in-progress completed"/>`, "/rec": "",
		}, func(w *world) {
			c, _ := w.CallWith(alice, ours, url.Values{"ForwardedFrom": {"+15551119999"}, "CallerName": {"ALICE"}})
			w.until("records", c.Listening)
			c.Say("Please call me back, will you")
			w.clock.Advance(4 * time.Second)
			c.Press("#")
			w.ended(c)
		}, []kind{
			{"/voice", "", []string{strings.Replace(inbound, "Direction ", "Direction ForwardedFrom CallerName ", 1)}, map[string]string{"CallerName": "ALICE"}},
			{"/rec", "", []string{strings.Replace(inbound, "Direction ", "Direction ForwardedFrom CallerName ", 1) + "RecordingUrl RecordingDuration RecordingSid Digits"}, map[string]string{"Digits": "#"}},
			{"/r", "", []string{"RecordingSource " + recorded + "CallSid RecordingStartTime AccountSid", "RecordingSource " + recorded + "CallSid RecordingStartTime AccountSid RecordingDuration"},
				map[string]string{"RecordingSource": "RecordVerb", "RecordingChannels": "1"}},
			{"/text", "", []string{"TranscriptionSid TranscriptionText TranscriptionStatus TranscriptionUrl RecordingSid RecordingUrl CallSid AccountSid From To CallStatus ApiVersion Direction ForwardedFrom"}, nil},
		}},
		{"queue", map[string]string{
			"/voice": `<Enqueue waitUrl="/wait" action="/left">support</Enqueue>`, "/wait": `<Pause length="40"/>`, "/left": "",
			"/agent": `<Dial action="/done"><Queue url="/connect">support</Queue></Dial>`, "/connect": "", "/done": "",
		}, func(w *world) {
			c := w.call()
			w.until("waits", func() bool { return c.Queue() != "" })
			w.AddParty(bob, sim.Party{HangupAfter: 9 * time.Second})
			w.place(bob, "/agent", nil)
			w.ended(c)
		}, []kind{
			{"/wait", "", []string{inbound + "QueuePosition QueueSid QueueTime AvgQueueTime CurrentQueueSize MaxQueueSize"}, map[string]string{"QueuePosition": "1", "MaxQueueSize": "1000"}},
			{"/connect", "", []string{inbound + "QueueSid QueueTime DequeingCallSid"}, nil},
			{"/left", "", []string{inbound + "QueueResult QueueSid QueueTime"}, map[string]string{"QueueResult": "bridged"}},
			{"/done", "", []string{outbound + "DialCallStatus DialBridged DialCallSid QueueSid QueueTime"}, nil},
		}},
		{"conference", map[string]string{
			"/voice": `<Dial action="/left"><Conference waitUrl="/wait" waitMethod="GET" participantLabel="a" endConferenceOnExit="true" record="record-from-start" recordingStatusCallback="/rec" ` +
				`statusCallback="/room" statusCallbackEvent="start end join leave mute hold modify speaker announcement">lobby</Conference></Dial>`,
			"/wait": `<Pause/>`, "/join": `<Dial><Conference participantLabel="b" waitUrl="">lobby</Conference></Dial>`, "/hold": "<Pause/>", "/news": "<Say>x</Say>", "/left": "",
		}, everyRoomEvent, []kind{
			{"/wait", "GET", []string{inbound + "ConferenceSid FriendlyName"}, nil},
			{"/hold", "GET", []string{outbound + "ConferenceSid FriendlyName"}, nil},
			{"/news", "", []string{outbound + "ConferenceSid FriendlyName"}, nil},
			{"/left", "", []string{inbound + "DialCallStatus"}, map[string]string{"DialCallStatus": "answered", "CallStatus": "completed"}},
			{"/room", "", []string{
				theRoom + aMember, theRoom + aMember, theRoom, // join join start
				theRoom + aMember, theRoom + aMember, // mute unmute
				theRoom + aMember, theRoom + aMember, // hold unhold
				theRoom + aMember,                    // modify
				theRoom + aMember, theRoom + aMember, // speech
				theRoom + aMember + "AnnounceUrl",
				theRoom + aMember + "ParticipantCallStatus ReasonParticipantLeft", theRoom + aMember + "ParticipantCallStatus ReasonParticipantLeft",
				theRoom + "CallSidEndingConference ParticipantLabelEndingConference ReasonConferenceEnded Reason",
			}, map[string]string{"StatusCallbackEvent": "conference-end", "ReasonConferenceEnded": "participant-with-end-conference-on-exit-left", "SequenceNumber": "14"}},
			{"/rec", "", []string{"RecordingSource RecordingTrack " + recorded + "ConferenceSid RecordingStartTime AccountSid RecordingDuration"}, map[string]string{"RecordingSource": "Conference"}},
		}},
		{"failure", map[string]string{"/voice": "!500", "/fb": ""}, func(w *world) {
			w.AddNumber(ours, sim.Number{VoiceURL: w.app.URL + "/voice", FallbackURL: w.app.URL + "/fb"})
			w.ended(w.call())
		}, []kind{{"/fb", "", []string{inbound + "ErrorCode ErrorUrl"}, map[string]string{"ErrorCode": "11200"}}}},
		{"stream, SIPREC and transcription", map[string]string{"/voice": `<Start><Siprec name="s" connectorName="c" statusCallback="/siprec"/>` +
			`<Transcription statusCallbackUrl="/text" inboundTrackLabel="a" outboundTrackLabel="b" partialResults="true"/></Start><Say>Hello you</Say>`,
		}, func(w *world) { w.ended(w.call()) }, []kind{
			{"/siprec", "", []string{"AccountSid CallSid SiprecSid SiprecName SiprecEvent Timestamp", "AccountSid CallSid SiprecSid SiprecName SiprecEvent Timestamp"}, map[string]string{"SiprecEvent": "siprec-stopped"}},
			{"/text", "", []string{"AccountSid CallSid TranscriptionSid Timestamp SequenceId TranscriptionEvent Name Track InboundTrackLabel OutboundTrackLabel PartialResults LanguageCode TranscriptionEngine ProviderConfiguration",
				"AccountSid CallSid TranscriptionSid Timestamp SequenceId TranscriptionEvent LanguageCode Track TranscriptionData Stability Final",
				"AccountSid CallSid TranscriptionSid Timestamp SequenceId TranscriptionEvent LanguageCode Track TranscriptionData Final",
				"AccountSid CallSid TranscriptionSid Timestamp SequenceId TranscriptionEvent"}, nil},
		}},
		{"refer", map[string]string{"/voice": `<Refer action="/done"><Sip>sip:joe@example.com</Sip></Refer>`, "/done": ""}, func(w *world) {
			c, _ := w.Call("sip:kate@example.com", ours)
			w.ended(c)
		}, []kind{
			{"/voice", "", []string{"CallSid AccountSid From To CallStatus ApiVersion Direction CallToken ToCity ToState ToZip ToCountry Caller Called CalledCity CalledState CalledZip CalledCountry SipCallId SipDomain SipSourceIp"},
				map[string]string{"SipDomain": "example.com"}},
			{"/done", "", []string{"CallSid AccountSid From To CallStatus ApiVersion Direction CallToken ToCity ToState ToZip ToCountry Caller Called CalledCity CalledState CalledZip CalledCountry SipCallId SipDomain SipSourceIp " +
				"ReferCallStatus ReferSipResponseCode NotifySipResponseCode"}, nil},
		}},
		{"pay", map[string]string{"/voice": `<Pay chargeAmount="1" postalCode="94105" action="/done" statusCallback="/step"/>`, "/done": ""}, func(w *world) {
			c, _ := w.CallAs(sim.Party{Script: sim.Replies(0, visa, "1230", "123")}, alice, ours, nil)
			w.ended(c)
		}, []kind{
			{"/step", "", []string{
				"AccountSid CallSid For Attempt PaymentCardNumber PaymentCardType PaymentCardPostalCode",
				"AccountSid CallSid For Attempt PaymentCardNumber PaymentCardType ExpirationDate PaymentCardPostalCode",
				"AccountSid CallSid For Attempt PaymentCardNumber PaymentCardType ExpirationDate SecurityCode PaymentCardPostalCode",
				"AccountSid CallSid For Attempt PaymentCardNumber PaymentCardType ExpirationDate SecurityCode PaymentCardPostalCode"}, map[string]string{"For": "payment-processing"}},
			{"/done", "", []string{inbound + "Result PaymentConfirmationCode PaymentMethod PaymentCardNumber PaymentCardType ExpirationDate SecurityCode PaymentCardPostalCode"}, nil},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{CPS: 10}, tc.pages)
			tc.scene(w)
			for _, k := range tc.kinds {
				k.check(w)
			}
		})
	}
}

func everyRoomEvent(w *world) {
	c := w.call()
	w.until("in", func() bool { return w.members() == 1 })
	w.clock.Advance(5 * time.Second)
	other := w.place(bob, "/join", nil)
	w.until("both in", func() bool { return w.members() == 2 })
	at := "/Conferences/" + w.Conferences()[0].SID + "/Participants/" + other.SID() + ".json"
	for _, f := range []url.Values{{"Muted": {"true"}}, {"Muted": {"false"}}, {"Hold": {"true"}, "HoldUrl": {w.app.URL + "/hold"}}, {"Hold": {"false"}},
		{"BeepOnExit": {"false"}}} {
		w.post(at, f)
		w.clock.Advance(5 * time.Second)
	}
	other.Say("good morning")
	w.clock.Advance(5 * time.Second)
	w.post(at, url.Values{"AnnounceUrl": {w.app.URL + "/news"}})
	w.clock.Advance(5 * time.Second)
	c.Hangup()
	w.ended(other)
}

// check compares the requests of a kind that came with what they have to be.
func (k kind) check(w *world) {
	w.t.Helper()
	got := w.got(k.path)
	if len(got) != len(k.names) {
		var have []string
		for _, r := range got {
			have = append(have, r.params.Get("StatusCallbackEvent")+" "+strings.Join(r.names, " "))
		}
		w.t.Errorf("%s: %d requests, want %d\n%s", k.path, len(got), len(k.names), strings.Join(have, "\n"))
		return
	}
	for i, want := range k.names {
		if names := got[i].names; !slices.Equal(names, strings.Fields(want)) {
			w.t.Errorf("%s %d:\ngot  %s\nwant %s", k.path, i, strings.Join(names, " "), want)
		}
		if method := k.method; got[i].method != method && (method != "" || got[i].method != http.MethodPost) {
			w.t.Errorf("%s: %s", k.path, got[i].method)
		}
	}
	wantFields(w.t, got[len(got)-1].params, k.values)
}
