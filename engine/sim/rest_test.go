package sim_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	twilio "github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/ringdown/ringdown/engine/sim"
)

// toSim sends requests for api.twilio.com to the simulator.
type toSim struct{ host string }

func (r toSim) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", r.host
	return http.DefaultTransport.RoundTrip(req)
}

// twilioGo returns Twilio's own client, pointed at the simulator.
func (w *world) twilioGo(user, secret string) *api.ApiService {
	c := &twilio.Client{Credentials: twilio.NewCredentials(user, secret),
		HTTPClient: &http.Client{Transport: toSim{strings.TrimPrefix(w.api.URL, "http://")}}}
	c.SetAccountSid(w.AccountSID())
	return api.NewApiServiceWithClient(c)
}

func wantCode(t *testing.T, err error, status, code int) {
	t.Helper()
	var e *twilio.TwilioRestError
	if !errors.As(err, &e) || e.Status != status || e.Code != code {
		t.Errorf("got %v, want status %d and code %d", err, status, code)
	}
}

func TestTwilioGoCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{APIKeys: map[string]string{"SK1": "secret"}}, map[string]string{"/hello": `<Say>Hello</Say><Pause length="60"/>`})
	tw := w.twilioGo("SK1", "secret")
	p := (&api.CreateCallParams{}).SetTo(bob).SetFrom(ours).SetUrl(w.app.URL + "/hello").SetStatusCallback(w.app.URL + "/progress").
		SetStatusCallbackEvent([]string{"initiated", "ringing", "answered", "completed"})
	created, err := tw.CreateCall(p)
	if err != nil {
		t.Fatal(err)
	}
	if *created.Status != "queued" || !strings.HasPrefix(*created.Sid, "CA") || *created.QueueTime != "0" || created.Duration != nil {
		t.Errorf("created %+v", *created)
	}
	w.until("answered", func() bool { return w.CallBySID(*created.Sid).HeardText("Hello") })
	got, err := tw.FetchCall(*created.Sid, &api.FetchCallParams{})
	if err != nil || *got.Status != "in-progress" || *got.To != bob || *got.Direction != "outbound-api" {
		t.Errorf("fetched %+v, %v", got, err)
	}
	if _, err := tw.UpdateCall(*created.Sid, (&api.UpdateCallParams{}).SetStatus("completed")); err != nil {
		t.Error(err)
	}
	w.settle()
	_, err = tw.UpdateCall(*created.Sid, (&api.UpdateCallParams{}).SetUrl(w.app.URL+"/hello"))
	wantCode(t, err, 400, 21220)
	list, err := tw.ListCall((&api.ListCallParams{}).SetTo(bob).SetFrom(ours).SetStartTimeAfter(w.clock.Now().Add(-time.Hour)).SetLimit(20))
	if err != nil || len(list) != 1 || *list[0].Sid != *created.Sid || *list[0].Status != "completed" || list[0].Duration == nil {
		t.Errorf("list %+v, %v", list, err)
	}
	if got := statuses(w.requests("/progress")); got != "0initiated 1ringing 2in-progress 3completed " {
		t.Errorf("progress %q", got)
	}
	wantFields(t, w.requests("/progress")[3], map[string]string{"SipResponseCode": "200", "Direction": "outbound-api"})
}

func TestTwilioGoRest(t *testing.T) {
	t.Parallel()
	w := roomWorld(t, sim.Switches{}, "", "")
	tw := w.twilioGo(w.AccountSID(), w.AuthToken())
	c := w.call()
	w.until("in", func() bool { return w.members() == 1 })
	rooms, err := tw.ListConference((&api.ListConferenceParams{}).SetFriendlyName("lobby").SetStatus("init"))
	if err != nil || len(rooms) != 1 {
		t.Fatalf("%v, %v", rooms, err)
	}
	part, err := tw.UpdateParticipant(*rooms[0].Sid, c.SID(), (&api.UpdateParticipantParams{}).SetEndConferenceOnExit(true).SetMuted(true))
	if err != nil || !*part.EndConferenceOnExit || !*part.Muted || *part.Label != "first" {
		t.Errorf("%+v, %v", part, err)
	}
	parts, err := tw.ListParticipant(*rooms[0].Sid, (&api.ListParticipantParams{}).SetMuted(true))
	if err != nil || len(parts) != 1 {
		t.Errorf("%v, %v", parts, err)
	}
	if err := tw.DeleteParticipant(*rooms[0].Sid, c.SID(), &api.DeleteParticipantParams{}); err != nil {
		t.Error(err)
	}
	_, err = tw.FetchParticipant(*rooms[0].Sid, c.SID(), &api.FetchParticipantParams{})
	wantCode(t, err, 404, 20404)
	room, err := tw.FetchConference(*rooms[0].Sid, &api.FetchConferenceParams{})
	if err != nil || *room.Status != "completed" || *room.ReasonConferenceEnded != "participant-with-end-conference-on-exit-kicked" {
		t.Errorf("%+v, %v", room, err)
	}
	m, err := tw.CreateMessage((&api.CreateMessageParams{}).SetTo(bob).SetFrom(ours).SetBody("Hi").SetStatusCallback(w.app.URL + "/sms"))
	if err != nil || *m.Status != "queued" {
		t.Errorf("%+v, %v", m, err)
	}
	w.settle()
	if m, err = tw.FetchMessage(*m.Sid, &api.FetchMessageParams{}); err != nil || *m.Status != "delivered" {
		t.Errorf("%+v, %v", m, err)
	}
	if len(w.Messages()) != 1 || len(w.requests("/sms")) != 2 {
		t.Errorf("%v, %d callbacks", w.Messages(), len(w.requests("/sms")))
	}
}

func TestTwilioGoRecordings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Record maxLength="10" action="/done"/>`, "/done": ""})
	tw := w.twilioGo(w.AccountSID(), w.AuthToken())
	c := w.call()
	w.ended(c)
	list, err := tw.ListRecording((&api.ListRecordingParams{}).SetCallSid(c.SID()))
	if err != nil || len(list) != 1 || *list[0].Duration != "5" {
		t.Fatalf("%v, %v", list, err)
	}
	if rec, err := tw.FetchRecording(*list[0].Sid, &api.FetchRecordingParams{}); err != nil || *rec.Status != "completed" || *rec.Source != "RecordVerb" {
		t.Errorf("%+v, %v", rec, err)
	}
	numbers, err := tw.ListIncomingPhoneNumber((&api.ListIncomingPhoneNumberParams{}).SetPhoneNumber(ours))
	if err != nil || len(numbers) != 1 || *numbers[0].StatusCallback != w.app.URL+"/status" {
		t.Errorf("%+v, %v", numbers, err)
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	ok := url.Values{"To": {bob}, "From": {ours}, "Url": {w.app.URL + "/x"}}
	with := func(name, value string) url.Values {
		f := url.Values{}
		for k, v := range ok {
			f[k] = v
		}
		f.Set(name, value)
		return f
	}
	for _, tc := range []struct {
		method, path string
		form         url.Values
		status       int
		code         string
	}{
		{"POST", "/Calls.json", with("To", ""), 400, "21201"},
		{"POST", "/Calls.json", with("To", "12345"), 400, "21211"},
		{"POST", "/Calls.json", with("To", ours), 400, "21211"},
		{"POST", "/Calls.json", with("From", ""), 400, "21213"},
		{"POST", "/Calls.json", with("From", carol), 400, "21210"},
		{"POST", "/Calls.json", with("Url", ""), 400, "21205"},
		{"POST", "/Calls.json", with("Timeout", "900"), 400, "21208"},
		{"POST", "/Calls.json", with("MachineDetectionTimeout", "2"), 400, "21234"},
		{"POST", "/Calls.json", with("SendDigits", "x"), 400, "21206"},
		{"POST", "/Calls.json", with("Method", "PUT"), 400, "21209"},
		{"POST", "/Calls.json", with("ApplicationSid", "AP1"), 400, "21218"},
		{"POST", "/Calls.json", with("StatusCallback", "nowhere"), 400, "21609"},
		{"POST", "/Calls.json", url.Values{"To": {bob}, "From": {ours}, "Twiml": {strings.Repeat("x", 4001)}}, 400, "32018"},
		{"GET", "/calls.json", nil, 404, "20404"},
		{"GET", "/Calls/CA00000000000000000000000000000000.json", nil, 404, "20404"},
		{"DELETE", "/Calls.json", nil, 405, "20004"},
		{"GET", "/Calls.json?PageSize=1001", nil, 400, "20007"},
		{"GET", "/Conferences/none/Participants.json", nil, 404, "20404"},
		{"POST", "/Messages.json", url.Values{"To": {bob}, "Body": {"x"}}, 400, "21603"},
	} {
		status, body := w.rest(tc.method, tc.path, tc.form)
		if status != tc.status || !strings.Contains(body, `"code":`+tc.code) {
			t.Errorf("%s %s %v: %d %s, want %d %s", tc.method, tc.path, tc.form, status, body, tc.status, tc.code)
		}
	}
	_, err := w.twilioGo(w.AccountSID(), "wrong").ListCall(&api.ListCallParams{})
	wantCode(t, err, 401, 20003)
}

func TestPaging(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/x": ""})
	for range 7 {
		w.place(bob, "/x", nil)
	}
	list, err := w.twilioGo(w.AccountSID(), w.AuthToken()).ListCall((&api.ListCallParams{}).SetPageSize(3).SetTo(bob))
	if err != nil || len(list) != 7 {
		t.Errorf("%d calls, %v", len(list), err)
	}
}

func TestCPSAndCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 0.5}, map[string]string{"/x": ""})
	progress := url.Values{"StatusCallback": {w.app.URL + "/progress"}, "StatusCallbackEvent": {"initiated", "completed"}}
	first, second, third := w.place(bob, "/x", progress), w.place(carol, "/x", nil), w.place(alice, "/x", progress)
	if status, _ := w.post("/Calls/"+third.SID()+".json", url.Values{"Status": {"canceled"}}); status != 200 {
		t.Errorf("cancel: %d", status)
	}
	w.clock.Advance(time.Second)
	if first.Status() != "ringing" || second.Status() != "queued" || third.Status() != "canceled" {
		t.Errorf("%s %s %s", first.Status(), second.Status(), third.Status())
	}
	w.settle()
	for _, r := range w.requests("/progress") {
		if r.Get("CallSid") == third.SID() {
			t.Errorf("callback of a call cancelled while queued: %v", r)
		}
	}
}

func TestBadEventCostsCallbacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/x": ""})
	c := w.place(bob, "/x", url.Values{"StatusCallback": {w.app.URL + "/progress"}, "StatusCallbackEvent": {"initiated ringing"}})
	w.ended(c)
	if len(w.requests("/progress")) != 0 {
		t.Error("callbacks in spite of 21626")
	}
}

func TestSwitchesOfREST(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{RedirectWhileRinging: on, ListLag: on, AttachStatusIgnored: on, TimeLimitFromUpdate: on}},
			map[string]string{"/x": `<Say>first</Say>`, "/y": `<Say>second</Say><Pause length="600"/>`})
		c := w.place(bob, "/x", nil)
		if _, body := w.rest("GET", "/Calls.json", nil); strings.Contains(body, c.SID()) == on {
			t.Errorf("list lag %v: %s", on, body)
		}
		w.until("rings", c.Ringing)
		status, _ := w.post("/Calls/"+c.SID()+".json", url.Values{"Url": {w.app.URL + "/y"}})
		if (status == 200) != on {
			t.Errorf("redirect while ringing: %d", status)
		}
		w.until("speaks", func() bool { return len(c.Heard()) == 1 })
		w.post("/Calls/"+c.SID()+".json", url.Values{"Url": {w.app.URL + "/y"}})
		w.clock.Advance(10 * time.Second)
		at := w.clock.Now()
		w.post("/Calls/"+c.SID()+".json", url.Values{"TimeLimit": {"60"}, "StatusCallback": {w.app.URL + "/attached"}})
		w.until("ends", c.Ended)
		if left := w.clock.Now().Sub(at); (left == time.Minute) != on {
			t.Errorf("from update %v: ended after %v", on, left)
		}
		w.settle()
		if n := len(w.requests("/attached")); (n == 0) != on {
			t.Errorf("attach ignored %v: %d callbacks", on, n)
		}
	}
}

func TestDetectionOfREST(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		w := newWorld(t, sim.Options{CPS: 10, Switches: sim.Switches{AnsweredByOnStatus: on}}, map[string]string{"/x": `<Pause length="10"/>`})
		w.AddParty(bob, sim.Party{Kind: sim.Machine})
		c := w.place(bob, "/x", url.Values{"MachineDetection": {"Enable"}, "StatusCallback": {w.app.URL + "/s"}})
		async := w.place(carol, "/x", url.Values{"MachineDetection": {"Enable"}, "AsyncAmd": {"true"}, "AsyncAmdStatusCallback": {w.app.URL + "/amd"}})
		w.ended(async)
		w.ended(c)
		wantFields(t, w.requests("/x")[1], map[string]string{"AnsweredBy": "machine_start", "MachineDetectionDuration": "4000", "CallSid": c.SID()})
		wantFields(t, w.requests("/x")[0], map[string]string{"AnsweredBy": "-", "CallSid": async.SID()})
		wantFields(t, w.one("/amd"), map[string]string{"AnsweredBy": "human", "CallSid": async.SID()})
		want := map[string]string{"AnsweredBy": "-"}
		if on {
			want = map[string]string{"AnsweredBy": "machine_start"}
		}
		wantFields(t, w.one("/s"), want)
	}
}
