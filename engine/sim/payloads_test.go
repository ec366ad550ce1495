package sim_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestPayloadsOfOthers: whatever name stands in a request that Twilio has sent,
// or that others believe it sends, is one that the simulator sends for that kind;
// TestKinds compares those lists with its requests.
func TestPayloadsOfOthers(t *testing.T) {
	t.Parallel()
	var file struct {
		Payloads []struct {
			ID, Kind, Origin string
			Params           [][2]string
		}
		IncomingCallNames struct{ Names []string } `json:"incoming_call_names"`
	}
	readCorpus(t, "webhooks/payloads.json", &file)
	sent := map[string]string{
		"incoming-call":     inbound + "ForwardedFrom CallerName ApplicationSid AnsweredBy MachineDetectionDuration",
		"gather-action":     inbound + "Digits FinishedOnKey SpeechResult Confidence",
		"record-action":     inbound + "RecordingUrl RecordingDuration RecordingSid Digits",
		"dial-action":       inbound + "DialCallStatus DialCallSid DialCallDuration DialBridged RecordingUrl",
		"status-callback":   outbound + progress + "SipResponseCode CallDuration Duration",
		"recording-status":  "RecordingSource RecordingTrack " + recorded + "CallSid ConferenceSid RecordingStartTime AccountSid RecordingDuration",
		"conference-status": theRoom + aMember + "AnnounceUrl ReasonAnnouncementFailed CallSidEndingConference ParticipantLabelEndingConference ReasonConferenceEnded Reason",
		"transcription":     "TranscriptionStatus TranscriptionText",
	}
	// Not Twilio's of today: the application's own, an older API, another platform,
	// and a test that writes Muted small.
	foreign := strings.Fields("PhoneNumber CallerID DialStatus wait_type timeout muted SipHeader_X-MyCustom-Header1 SipHeader_X-MyCustom-Header2")
	for _, p := range file.Payloads {
		known, ok := sent[p.Kind]
		if !ok {
			t.Errorf("%s: no list for %s", p.ID, p.Kind)
		}
		for _, param := range p.Params {
			if !slices.Contains(strings.Fields(known), param[0]) && !slices.Contains(foreign, param[0]) {
				t.Errorf("%s: a %s request never has %s", p.ID, p.Kind, param[0])
			}
		}
	}
	for _, name := range file.IncomingCallNames.Names {
		if !slices.Contains(strings.Fields(inbound), name) {
			t.Errorf("an incoming call has %s", name)
		}
	}
}

// TestRecordingPayloadOrder: the recording callback has the names of a captured
// one in the same order.
func TestRecordingPayloadOrder(t *testing.T) {
	t.Parallel()
	var file struct {
		Payloads []struct {
			ID     string
			Params [][2]string
		}
	}
	readCorpus(t, "webhooks/payloads.json", &file)
	for id, want := range map[string]string{
		"recording-status-api":         "RecordingSource RecordingTrack " + recorded + "CallSid RecordingStartTime AccountSid RecordingDuration",
		"recording-status-record-verb": "RecordingSource " + recorded + "CallSid RecordingStartTime AccountSid RecordingDuration",
	} {
		for _, p := range file.Payloads {
			var got []string
			for _, param := range p.Params {
				got = append(got, param[0])
			}
			if p.ID == id && strings.Join(got, " ") != want {
				t.Errorf("%s: %s", id, strings.Join(got, " "))
			}
		}
	}
}

// TestSignaturesOfOthers: the simulator signs as Twilio's libraries expect it.
func TestSignaturesOfOthers(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			ID, Token, URL, Signature, Matches string
			Params                             [][2]string
			Valid                              bool
		}
	}
	readCorpus(t, "webhooks/signatures.json", &file)
	checked := 0
	for _, v := range file.Vectors {
		if (v.Matches == "as-given") != v.Valid {
			continue // signed over another form of the URL, or the body has another hash
		}
		checked++
		values := url.Values{}
		for _, p := range v.Params {
			values.Add(p[0], p[1])
		}
		if got := sim.Signature(v.Token, v.URL, values) == v.Signature; got != v.Valid {
			t.Errorf("%s: valid %v, want %v", v.ID, got, v.Valid)
		}
	}
	if checked < 10 {
		t.Errorf("only %d vectors checked", checked)
	}
}
