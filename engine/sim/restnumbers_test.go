package sim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestApplications: a number, a call and a participant run an application.
func TestApplications(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/app": `<Say>This is the application</Say>`, "/room": `<Dial><Conference>desk</Conference></Dial>`})
	status, body := w.post("/Applications.json", form("FriendlyName", "desk", "VoiceUrl", w.app.URL+"/app", "StatusCallback", w.app.URL+"/over"))
	app := w.sidOf(201, status, body)
	_, body = w.rest(http.MethodGet, "/IncomingPhoneNumbers.json?PhoneNumber="+url.QueryEscape(ours), nil)
	number := body[strings.Index(body, `"sid":"PN`)+7:][:34]
	if status, body := w.post("/IncomingPhoneNumbers/"+number+".json", form("VoiceApplicationSid", app)); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := w.post("/IncomingPhoneNumbers/"+number+".json", form("VoiceApplicationSid", "AP1")); status != 400 || !strings.Contains(body, "21218") {
		t.Errorf("no such application: %d %s", status, body)
	}
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "This is the application")
	wantFields(t, w.one("/over"), map[string]string{"CallSid": c.SID(), "CallStatus": "completed"})

	if status, body := w.post("/Calls.json", form("To", bob, "From", ours, "ApplicationSid", app, "StatusCallback", w.app.URL+"/ignored")); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	w.settle()
	w.wantHeard(w.CallsTo(bob)[0], "This is the application")
	if len(w.requests("/ignored")) != 0 || len(w.requests("/over")) != 2 {
		t.Error("with an application StatusCallback of the request is ignored")
	}

	if status, body := w.post("/Conferences/desk/Participants.json", form("From", ours, "To", "app:"+app)); status != 201 {
		t.Fatalf("participant: %d %s", status, body)
	}
	w.settle()
	if n := len(w.requests("/app")); n != 3 {
		t.Errorf("the application has had %d calls", n)
	}
	if status, _ := w.rest(http.MethodDelete, "/Applications/"+app+".json", nil); status != 204 {
		t.Errorf("delete: %d", status)
	}
}

// TestCallerIDOfPlacedCalls: who is called sees CallerId; a recording is of the track that was
// asked for from its first callback on.
func TestCallerIDOfPlacedCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/x": `<Pause length="5"/>`, "/second": `<Say>Hello</Say><Pause length="5"/>`})
	w.AddNumber("+15550002000", sim.Number{VoiceURL: w.app.URL + "/second"})
	w.place("+15550002000", "/x", form("CallerId", carol, "Record", "true", "RecordingTrack", "outbound",
		"RecordingStatusCallback", w.app.URL+"/rec", "RecordingStatusCallbackEvent", "in-progress"))
	w.settle()
	wantFields(t, w.one("/second"), map[string]string{"From": carol, "To": "+15550002000", "Direction": "inbound"})
	wantFields(t, w.one("/rec"), map[string]string{"RecordingTrack": "outbound", "RecordingStatus": "in-progress"})
}

func TestBuyAndReleaseNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/new": `<Say>New number</Say>`})
	_, body := w.rest(http.MethodGet, "/AvailablePhoneNumbers/US/Local.json?AreaCode=415&Contains=7", nil)
	phone := body[strings.Index(body, `"phone_number":"`)+16:][:12]
	if !strings.HasPrefix(phone, "+1415") || !strings.Contains(phone, "7") {
		t.Fatalf("offered %s", body)
	}
	status, body := w.post("/IncomingPhoneNumbers.json", form("PhoneNumber", phone, "VoiceUrl", w.app.URL+"/new"))
	sid := w.sidOf(201, status, body)
	if status, body := w.post("/IncomingPhoneNumbers.json", form("PhoneNumber", phone)); status != 400 || !strings.Contains(body, "21422") {
		t.Errorf("twice: %d %s", status, body)
	}
	c, err := w.Call(alice, phone)
	if err != nil {
		t.Fatal(err)
	}
	w.ended(c)
	w.wantHeard(c, "New number")
	w.rest(http.MethodDelete, "/IncomingPhoneNumbers/"+sid+".json", nil)
	if _, err := w.Call(alice, phone); err == nil {
		t.Error("a released number can be called")
	}
}

func TestVerifyCallerID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/x": ""})
	status, body := w.post("/OutgoingCallerIds.json", form("PhoneNumber", bob, "StatusCallback", w.app.URL+"/verified"))
	code := body[strings.Index(body, `"validation_code":"`)+19:][:6]
	c := w.CallsTo(bob)[0]
	w.until("asked", c.Listening)
	c.Press("000000"[:6])
	w.settle()
	wantFields(t, w.one("/verified"), map[string]string{"VerificationStatus": "failed", "OutgoingCallerIdSid": "-"})
	if status != 200 || code == "000000" {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := w.post("/Calls.json", form("To", alice, "From", bob, "Url", w.app.URL+"/x")); status != 400 || !strings.Contains(body, "21210") {
		t.Errorf("not verified: %d %s", status, body)
	}
}

// TestCallToken: the number of a caller may be used while its token is known.
func TestCallToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/voice": `<Pause length="60"/>`, "/x": ""})
	w.call()
	w.until("asked", func() bool { return len(w.requests("/voice")) == 1 })
	token := w.one("/voice").Get("CallToken")
	for to, want := range map[string]int{token: 201, "CTnone": 400} {
		if status, body := w.post("/Calls.json", form("To", bob, "From", alice, "Url", w.app.URL+"/x", "CallToken", to)); status != want {
			t.Errorf("token %q: %d %s", to, status, body)
		}
	}
}

func TestKeysOpenAndClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	status, body := w.post("/Keys.json", form("FriendlyName", "laptop"))
	sid := w.sidOf(201, status, body)
	secret := body[strings.Index(body, `"secret":"`)+10:][:32]
	fetch := func() int {
		req, _ := http.NewRequest(http.MethodGet, w.api.URL+"/2010-04-01/Accounts/"+w.AccountSID()+".json", nil)
		req.SetBasicAuth(sid, secret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if got := fetch(); got != 200 {
		t.Errorf("with the key: %d", got)
	}
	w.rest(http.MethodDelete, "/Keys/"+sid+".json", nil)
	if got := fetch(); got != 401 {
		t.Errorf("with a deleted key: %d", got)
	}
}

func TestScheduledMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	at := w.clock.Now().Add(time.Hour).Format(time.RFC3339)
	service := "MG00000000000000000000000000000001"
	send := func(extra ...string) string {
		status, body := w.post("/Messages.json", form(append(extra, "To", bob, "MessagingServiceSid", service, "Body", "later", "ScheduleType", "fixed", "SendAt", at)...))
		return w.sidOf(201, status, body)
	}
	first, second := send(), send("StatusCallback", w.app.URL+"/sms")
	if status, body := w.post("/Messages/"+first+".json", form("Status", "canceled")); status != 200 || !strings.Contains(body, `"status":"canceled"`) {
		t.Errorf("cancel: %d %s", status, body)
	}
	w.clock.Advance(59 * time.Minute)
	if _, body := w.rest(http.MethodGet, "/Messages/"+second+".json", nil); !strings.Contains(body, `"status":"scheduled"`) || !strings.Contains(body, `"from":null`) {
		t.Error(body)
	}
	w.clock.Advance(2 * time.Minute)
	if _, body := w.rest(http.MethodGet, "/Messages/"+second+".json", nil); !strings.Contains(body, `"status":"delivered"`) || !strings.Contains(body, `"from":"`+ours) {
		t.Error(body)
	}
	if got := w.events("/sms", "MessageStatus"); got != "sent delivered" {
		t.Error(got)
	}
	if _, body := w.rest(http.MethodGet, "/Messages/"+first+".json", nil); !strings.Contains(body, `"status":"canceled"`) {
		t.Error(body)
	}
	for code, f := range map[string]url.Values{
		"35114": form("To", bob, "From", ours, "Body", "x", "ScheduleType", "fixed"),
		"35118": form("To", bob, "MessagingServiceSid", service, "Body", "x", "ScheduleType", "fixed", "SendAt", "soon"),
		"21617": form("To", bob, "From", ours, "Body", strings.Repeat("x", 1601)),
		"21606": form("To", bob, "From", carol, "Body", "x"),
		"21701": form("To", bob, "MessagingServiceSid", "MG1", "Body", "x"),
	} {
		if status, body := w.post("/Messages.json", f); status != 400 || !strings.Contains(body, `"code":`+code) {
			t.Errorf("%v: %d %s, want %s", f, status, body, code)
		}
	}
}

func TestTestCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	ask := func(method, path string, f url.Values) (int, string) {
		req, _ := http.NewRequest(method, w.api.URL+"/2010-04-01/Accounts/"+sim.DefaultTestAccountSID+path, strings.NewReader(f.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(sim.DefaultTestAccountSID, sim.DefaultTestAuthToken)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body := make([]byte, 4096)
		n, _ := resp.Body.Read(body)
		return resp.StatusCode, string(body[:n])
	}
	const fine, magic = "+15005550006", "+1500555000"
	call := func(from, to string) url.Values { return form("From", from, "To", to, "Url", "https://example.com/") }
	text := func(from, to string) url.Values { return form("From", from, "To", to, "Body", "x") }
	for _, tc := range []struct {
		method, path string
		form         url.Values
		status       int
		want         string
	}{
		{"POST", "/Calls.json", call(fine, bob), 201, `"account_sid":"` + sim.DefaultTestAccountSID},
		{"POST", "/Calls.json", call(magic+"1", bob), 400, "21212"}, {"POST", "/Calls.json", call(ours, bob), 400, "21210"},
		{"POST", "/Calls.json", call(fine, magic+"1"), 400, "21217"}, {"POST", "/Calls.json", call(fine, magic+"2"), 400, "21214"},
		{"POST", "/Calls.json", call(fine, magic+"3"), 400, "21215"}, {"POST", "/Calls.json", call(fine, magic+"4"), 400, "21216"},
		{"POST", "/Calls.json", call(fine, ""), 400, "21201"}, {"POST", "/Calls.json", form("From", fine, "To", bob), 400, "21205"},
		{"POST", "/Messages.json", text(fine, bob), 201, `"status":"queued"`}, {"POST", "/Messages.json", text(fine, magic+"4"), 400, "21610"},
		{"POST", "/Messages.json", text(ours, bob), 400, "21606"},
		{"POST", "/IncomingPhoneNumbers.json", form("PhoneNumber", fine), 201, fine}, {"POST", "/IncomingPhoneNumbers.json", form("PhoneNumber", magic+"1"), 400, "21421"},
		{"POST", ".json", form("FriendlyName", "x"), 403, "20008"},
		{"GET", "/Calls.json", nil, 403, "20008"}, {"POST", "/Queues.json", form("FriendlyName", "x"), 403, "20008"},
	} {
		if status, body := ask(tc.method, tc.path, tc.form); status != tc.status || !strings.Contains(body, tc.want) {
			t.Errorf("%s %s %v: %d %s, want %d %s", tc.method, tc.path, tc.form, status, body, tc.status, tc.want)
		}
	}
	if len(w.Calls()) != 0 || len(w.Messages()) != 0 {
		t.Error("test credentials did something")
	}
}
