package sim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// sidOf is the sid field of an answer that must have the status.
func (w *world) sidOf(status int, got int, body string) string {
	w.t.Helper()
	var o struct {
		SID string `json:"sid"`
	}
	if got != status || json.Unmarshal([]byte(body), &o) != nil || o.SID == "" {
		w.t.Fatalf("%d %s, want %d", got, body, status)
	}
	return o.SID
}

// socket is an address for streams at which nobody listens.
func (w *world) socket() string { return "ws://127.0.0.1:1/audio" }

// events joins a field of all requests to a path.
func (w *world) events(path, field string) string {
	var all []string
	for _, r := range w.requests(path) {
		all = append(all, r.Get(field))
	}
	return strings.Join(all, " ")
}

// talking is a world with a call to bob in progress.
func talking(t *testing.T) (*world, *sim.Call, string) {
	t.Helper()
	w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/x": `<Say>Good day</Say><Pause length="600"/>`})
	c := w.place(bob, "/x", nil)
	w.until("answered", func() bool { return c.HeardText("Good day") })
	return w, c, "/Calls/" + c.SID()
}

func TestStreamsAndSiprec(t *testing.T) {
	t.Parallel()
	w, c, at := talking(t)
	p := newPeer(t, sim.DefaultAuthToken, func(map[string]any, func(string)) {})
	status, body := w.post(at+"/Streams.json", form("Url", p.url, "Name", "one", "Track", "both_tracks", "StatusCallback", w.app.URL+"/stream"))
	sid := w.sidOf(200, status, body)
	w.until("connected", func() bool { return p.has("start") })
	for _, tc := range []struct {
		path, code string
		form       []string
	}{
		{at + "/Streams.json", "20001", []string{"Url", w.socket(), "Name", "one"}},
		{at + "/Streams.json", "31922", []string{"Url", "http://example.com/a"}},
		{at + "/Streams.json", "31923", []string{"Url", "nowhere"}},
		{at + "/Streams.json", "31941", []string{"Url", w.socket(), "Track", "left"}},
		{at + "/Streams/" + sid + ".json", "20001", []string{"Status", "paused"}},
		{at + "/Streams/" + sid + ".json", "20001", nil},
		{at + "/Streams/other.json", "20404", []string{"Status", "stopped"}},
	} {
		if status, body := w.post(tc.path, form(tc.form...)); status < 400 || !strings.Contains(body, `"code":`+tc.code) {
			t.Errorf("%s %v: %d %s, want %s", tc.path, tc.form, status, body, tc.code)
		}
	}
	w.post(at+"/Siprec.json", form("Name", "rec", "StatusCallback", w.app.URL+"/siprec"))
	if status, body := w.post(at+"/Streams/"+sid+".json", form("Status", "stopped")); status != 200 || !strings.Contains(body, `"status":"stopped"`) {
		t.Errorf("stop: %d %s", status, body)
	}
	c.Hangup()
	w.settle()
	if got := w.events("/stream", "StreamEvent"); !strings.HasSuffix(got, "stream-stopped") {
		t.Error(got)
	}
	wantFields(t, w.requests("/stream")[0], map[string]string{"StreamSid": sid, "StreamName": "one", "CallSid": c.SID(), "AccountSid": w.AccountSID()})
	if got := w.events("/siprec", "SiprecEvent"); got != "siprec-started siprec-stopped" {
		t.Errorf("what still runs ends with the call: %s", got)
	}
	if status, body := w.post(at+"/Streams.json", form("Url", w.socket())); status != 400 || !strings.Contains(body, "21220") {
		t.Errorf("after the call: %d %s", status, body)
	}
}

func TestTranscription(t *testing.T) {
	t.Parallel()
	w, c, at := talking(t)
	status, body := w.post(at+"/Transcriptions.json", form("Name", "words", "StatusCallbackUrl", w.app.URL+"/text", "PartialResults", "true",
		"InboundTrackLabel", "customer", "LanguageCode", "de-DE"))
	sid := w.sidOf(200, status, body)
	c.Say("I would like to pay")
	w.post(at+".json", form("Twiml", "<Response><Say>Please hold</Say><Pause length=\"60\"/></Response>"))
	w.clock.Advance(5 * time.Second)
	if status, _ := w.post(at+"/Transcriptions/"+sid+".json", form("Status", "stopped")); status != 200 {
		t.Errorf("stop: %d", status)
	}
	c.Say("Nobody writes this down")
	w.settle()
	got := w.requests("/text")
	if events := w.events("/text", "TranscriptionEvent"); events != "transcription-started transcription-content transcription-content "+
		"transcription-content transcription-content transcription-stopped" {
		t.Fatal(events)
	}
	wantFields(t, got[0], map[string]string{"TranscriptionSid": sid, "Name": "words", "Track": "both_tracks", "InboundTrackLabel": "customer",
		"OutboundTrackLabel": "-", "PartialResults": "true", "LanguageCode": "de-DE", "TranscriptionEngine": "google", "SequenceId": "1"})
	wantFields(t, got[1], map[string]string{"Final": "false", "Stability": "0.8", "Track": "inbound_track", "TranscriptionData": `{"transcript":"I would like"}`})
	wantFields(t, got[2], map[string]string{"Final": "true", "Stability": "-", "TranscriptionData": `{"transcript":"I would like to pay","confidence":0.95}`})
	wantFields(t, got[4], map[string]string{"Final": "true", "Track": "outbound_track", "TranscriptionData": `{"transcript":"Please hold","confidence":0.95}`, "SequenceId": "5"})
}

// pay sends an update of a payment.
func (w *world) pay(at, key string, fields ...string) (int, string) {
	w.t.Helper()
	return w.post(at, form(append(fields, "IdempotencyKey", key, "StatusCallback", w.app.URL+"/pay")...))
}

func TestPayment(t *testing.T) {
	t.Parallel()
	w, c, at := talking(t)
	status, body := w.post(at+"/Payments.json", form("IdempotencyKey", "1", "StatusCallback", w.app.URL+"/pay", "ChargeAmount", "20.45", "PostalCode", "false"))
	sid := w.sidOf(201, status, body)
	if _, again := w.post(at+"/Payments.json", form("IdempotencyKey", "1", "StatusCallback", w.app.URL+"/pay")); !strings.Contains(again, sid) {
		t.Errorf("the same key makes another payment: %s", again)
	}
	if status, _ := w.pay(at+"/Payments.json", "2"); status != 409 {
		t.Errorf("a second payment: %d", status)
	}
	one := at + "/Payments/" + sid + ".json"
	if status, body := w.pay(one, "3", "Status", "complete"); status != 400 || !strings.Contains(body, "64019") {
		t.Errorf("complete with nothing: %d %s", status, body)
	}
	enter := func(key, field, digits string) {
		t.Helper()
		if status, body := w.pay(one, key, "Capture", field); status != http.StatusAccepted {
			t.Fatalf("capture %s: %d %s", field, status, body)
		}
		c.Press(digits)
		w.clock.Advance(10 * time.Second)
	}
	enter("4", "payment-card-number", "4111111111111112")
	enter("5", "payment-card-number", "4111111111111111")
	enter("6", "security-code", "")
	enter("7", "security-code", "123#")
	enter("8", "expiration-date", "1230")
	if status, body := w.pay(one, "9", "Status", "complete"); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
	w.settle()
	got := w.requests("/pay")
	for i, want := range []map[string]string{
		{"Sid": sid, "PartialResult": "true", "Required": "payment-card-number,expiration-date,security-code", "ChargeAmount": "20.45", "Currency": "USD"},
		{"Capture": "payment-card-number", "ErrorType": "invalid-card-number", "PaymentCardNumber": "-"},
		{"PaymentCardNumber": "xxxx-xxxx-xxxx-1111", "PaymentCardType": "visa", "Required": "expiration-date,security-code", "ErrorType": "-"},
		{"Capture": "security-code", "ErrorType": "input-timeout"},
		{"SecurityCode": "***", "Required": "expiration-date"},
		{"ExpirationDate": "1230", "Required": ""},
		{"Result": "success", "PartialResult": "-", "PaymentToken": "-", "PaymentCardType": "visa"},
	} {
		wantFields(t, got[i], want)
	}
	if got[6].Get("PaymentConfirmationCode") == "" {
		t.Error("a charge has no confirmation code")
	}
	if status, _ := w.pay(one, "10", "Status", "cancel"); status != 400 {
		t.Errorf("cancel when complete: %d", status)
	}
	// The call has ended in the middle of another one.
	w.pay(at+"/Payments.json", "11", "PaymentMethod", "ach-debit")
	c.Hangup()
	w.settle()
	got = w.requests("/pay")
	wantFields(t, got[len(got)-1], map[string]string{"Result": "caller-hung-up", "PaymentMethod": "ach-debit"})
}

func TestPaymentMatching(t *testing.T) {
	t.Parallel()
	w, c, at := talking(t)
	status, body := w.pay(at+"/Payments.json", "1", "PostalCode", "false", "SecurityCode", "false", "RequireMatchingInputs", "expiration-date")
	one := at + "/Payments/" + w.sidOf(201, status, body) + ".json"
	for i, step := range [][2]string{{"payment-card-number", "4000000000000002"}, {"expiration-date", "1230"}, {"expiration-date-matcher", "1231"}, {"expiration-date-matcher", "1230"}} {
		w.pay(one, step[0]+string(rune('a'+i)), "Capture", step[0])
		c.Press(step[1])
		w.clock.Advance(time.Second)
	}
	w.pay(one, "z", "Status", "complete")
	w.settle()
	got := w.requests("/pay")
	wantFields(t, got[2], map[string]string{"Required": "expiration-date-matcher"})
	wantFields(t, got[3], map[string]string{"ErrorType": "input-matching-failed"})
	wantFields(t, got[4], map[string]string{"Required": "", "ErrorType": "-"})
	wantFields(t, got[5], map[string]string{"Result": "payment-connector-error", "PayErrorCode": "64010"})
}
