package sim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// invitee is the answer to a created participant.
type invitee struct {
	CallSID       string `json:"call_sid"`
	ConferenceSID string `json:"conference_sid"`
	Label, Status string
}

func (w *world) invite(room, to string, extra url.Values) (int, invitee) {
	w.t.Helper()
	form := url.Values{"From": {ours}, "To": {to}}
	for k, v := range extra {
		form[k] = v
	}
	status, body := w.post("/Conferences/"+room+"/Participants.json", form)
	var p invitee
	if status == http.StatusCreated {
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			w.t.Fatal(err)
		}
	}
	return status, p
}

func TestInviteParticipant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{"/voice": `<Dial><Conference waitUrl="">team</Conference></Dial>`})
	caller := w.call()
	w.until("waits", func() bool { return caller.Conference() == "team" })
	status, p := w.invite("team", bob, url.Values{"Label": {"bob"}, "Muted": {"true"}, "EndConferenceOnExit": {"true"},
		"StatusCallback": {w.app.URL + "/s"}, "StatusCallbackEvent": {"answered", "completed"},
		"MachineDetection": {"Enable"}, "AmdStatusCallback": {w.app.URL + "/amd"}})
	if status != 201 || p.Status != "queued" || p.ConferenceSID != w.Conferences()[0].SID || p.Label != "bob" {
		t.Fatalf("%d %+v", status, p)
	}
	if status, _ := w.invite("team", carol, url.Values{"Label": {"bob"}}); status != 400 {
		t.Errorf("label twice: %d", status)
	}
	w.until("joined", func() bool { return len(caller.Peers()) == 1 })
	_, body := w.rest(http.MethodGet, "/Conferences/"+p.ConferenceSID+"/Participants/bob.json", nil)
	if !strings.Contains(body, `"muted":true`) || !strings.Contains(body, `"status":"connected"`) {
		t.Error(body)
	}
	w.settle()
	wantFields(t, w.one("/amd"), map[string]string{"AnsweredBy": "human", "CallSid": p.CallSID})
	w.post("/Conferences/team/Participants/bob.json", url.Values{"Hold": {"true"}})
	if status, _ := w.rest(http.MethodDelete, "/Conferences/team/Participants/bob.json", nil); status != 204 {
		t.Errorf("kick on hold: %d", status)
	}
	w.ended(caller)
	w.ended(w.CallBySID(p.CallSID))
	if n := len(w.requests("/s")); n != 2 {
		t.Errorf("%d status callbacks", n)
	}
	if got := w.Conferences()[0].Reason; got != "participant-with-end-conference-on-exit-kicked" {
		t.Error(got)
	}
	if status, _ := w.invite(p.ConferenceSID, carol, nil); status != 400 {
		t.Errorf("into an ended conference: %d", status)
	}
}

// TestInviteFails: a conference that only the invitation has made ends with it.
func TestInviteFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 10}, nil)
	w.AddParty(bob, sim.Party{Outcome: sim.Busy})
	w.AddParty(carol, sim.Party{Outcome: sim.NoAnswer})
	_, p := w.invite("solo", bob, url.Values{"ConferenceStatusCallback": {w.app.URL + "/conf"}, "ConferenceStatusCallbackEvent": {"leave end"}})
	_, q := w.invite("other", carol, nil)
	w.settle()
	wantFields(t, w.requests("/conf")[0], map[string]string{"StatusCallbackEvent": "participant-leave", "CallSid": p.CallSID,
		"ReasonParticipantLeft": "participant_add_failed", "ParticipantCallStatus": "busy"})
	wantFields(t, w.requests("/conf")[1], map[string]string{"StatusCallbackEvent": "conference-end"})
	if status, body := w.rest(http.MethodGet, "/Conferences/other/Participants/"+q.CallSID+".json", nil); !strings.Contains(body, `"status":"ringing"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := w.rest(http.MethodDelete, "/Conferences/other/Participants/"+q.CallSID+".json", nil); status != 204 {
		t.Errorf("delete while ringing: %d", status)
	}
	w.settle()
	if c := w.CallBySID(q.CallSID); c.Status() != "canceled" {
		t.Errorf("the call is %s", c.Status())
	}
	for _, c := range w.Conferences() {
		if c.Status != "completed" {
			t.Errorf("%s is %s", c.Name, c.Status)
		}
	}
}

func TestRecordCallByREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{"/x": `<Pause length="60"/>`})
	c := w.place(bob, "/x", nil)
	at := "/Calls/" + c.SID() + "/Recordings"
	if status, body := w.post(at+".json", nil); status != 400 || !strings.Contains(body, "21220") {
		t.Errorf("before the answer: %d %s", status, body)
	}
	w.until("answered", func() bool { return c.Status() == "in-progress" })
	status, body := w.post(at+".json", url.Values{"RecordingStatusCallback": {w.app.URL + "/rec"}, "RecordingChannels": {"dual"},
		"RecordingStatusCallbackEvent": {"in-progress", "completed"}})
	if status != 201 || !strings.Contains(body, `"status":"in-progress"`) {
		t.Fatalf("%d %s", status, body)
	}
	w.clock.Advance(10 * time.Second)
	w.post(at+"/Twilio.CURRENT.json", url.Values{"Status": {"paused"}, "PauseBehavior": {"skip"}})
	w.clock.Advance(5 * time.Second)
	w.post(at+"/Twilio.CURRENT.json", url.Values{"Status": {"in-progress"}})
	w.clock.Advance(10 * time.Second)
	w.post(at+".json", nil)
	if status, body := w.post(at+"/Twilio.CURRENT.json", url.Values{"Status": {"stopped"}}); status != 400 || !strings.Contains(body, "16108") {
		t.Errorf("two active: %d %s", status, body)
	}
	w.ended(c)
	got := w.requests("/rec")
	if len(got) != 2 {
		t.Fatalf("%d callbacks", len(got))
	}
	wantFields(t, got[1], map[string]string{"RecordingStatus": "completed", "RecordingSource": "StartCallRecordingAPI", "RecordingChannels": "2",
		"CallSid": c.SID(), "RecordingDuration": "55", "RecordingTrack": "both"})
	if status, _ := w.post(at+"/"+got[0].Get("RecordingSid")+".json", url.Values{"Status": {"stopped"}}); status != 400 {
		t.Errorf("stop after the end: %d", status)
	}
	deleted := "/Recordings/" + got[0].Get("RecordingSid") + ".json"
	if status, _ := w.rest(http.MethodDelete, deleted, nil); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	_, body = w.rest(http.MethodGet, deleted+"?IncludeSoftDeleted=true", nil)
	_, list := w.rest(http.MethodGet, "/Recordings.json", nil)
	if !strings.Contains(body, `"status":"deleted"`) || strings.Contains(list, got[0].Get("RecordingSid")+`"`) {
		t.Errorf("after the deletion: %s and %s", body, list)
	}
}

func TestRecordConference(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{
		"/voice": `<Dial><Conference waitUrl="" record="record-from-start" recordingStatusCallback="/rec">r</Conference></Dial>`})
	a, b := w.call(), w.call()
	w.until("both in", func() bool { return len(a.Peers()) == 1 })
	w.clock.Advance(20 * time.Second)
	if status, body := w.post("/Conferences/"+w.Conferences()[0].SID+"/Recordings/Twilio.CURRENT.json", url.Values{"Status": {"paused"}}); status != 200 || !strings.Contains(body, `"status":"paused"`) {
		t.Errorf("%d %s", status, body)
	}
	w.clock.Advance(10 * time.Second)
	a.Hangup()
	b.Hangup()
	w.settle()
	wantFields(t, w.one("/rec"), map[string]string{"ConferenceSid": w.Conferences()[0].SID, "CallSid": "-", "RecordingSource": "Conference",
		"RecordingStatus": "completed", "RecordingDuration": "30", "RecordingChannels": "1"})
}
