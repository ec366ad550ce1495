package sim_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// roomWorld puts the inbound caller and those that join with enter into one
// conference with all callbacks.
func roomWorld(t *testing.T, s sim.Switches, dialAttrs, attrs string) *world {
	w := newWorld(t, sim.Options{Switches: s, CPS: 10}, map[string]string{
		"/wait":  `<Say>Please wait</Say>`,
		"/after": `<Say>left the room</Say>`,
		"/hold":  `<Say>On hold</Say><Redirect method="GET"/>`,
		"/news":  `<Say>News for you</Say>`,
	})
	join := func(label, more string) string {
		return fmt.Sprintf(`<Dial action="/after" %s><Conference waitUrl="/wait" participantLabel="%s" %s statusCallback="/room" `+
			`statusCallbackEvent="start end join leave mute hold modify announcement">lobby</Conference></Dial>`, dialAttrs, label, more)
	}
	w.page("/voice", func(url.Values) string { return join("first", attrs) })
	w.page("/join", func(f url.Values) string { return join("l"+f.Get("To")[10:], "") })
	return w
}

func (w *world) members() int {
	for _, c := range w.Conferences() {
		if c.Status != "completed" {
			return len(c.Calls)
		}
	}
	return 0
}

// roomEvents lists the conference callbacks by SequenceNumber.
func (w *world) roomEvents() string {
	var names []string
	for _, r := range w.requests("/room") {
		names = append(names, strings.TrimPrefix(strings.TrimPrefix(r.Get("StatusCallbackEvent"), "participant-"), "conference-"))
	}
	return strings.Join(names, " ")
}

func TestConference(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		s      sim.Switches
		events string
	}{
		{sim.Switches{}, "join join start leave leave end"},
		{sim.Switches{StartBeforeJoin: true}, "join start join leave leave end"},
	} {
		w := roomWorld(t, tc.s, "", "")
		c := w.call()
		w.until("in the room", func() bool { return c.Conference() == "lobby" })
		w.clock.Advance(5 * time.Second)
		other := w.place(bob, "/join", nil)
		w.until("both in", func() bool { return w.members() == 2 })
		other.Say("hello")
		c.Hangup()
		w.settle()
		other.Hangup()
		w.settle()
		w.wantHeard(c, "Please wait", bob+": hello")
		w.wantHeard(other)
		if got := w.roomEvents(); got != tc.events {
			t.Errorf("%+v: %q, want %q", tc.s, got, tc.events)
		}
		leave := w.requests("/room")[3]
		wantFields(t, leave, map[string]string{"CallSid": c.SID(), "ReasonParticipantLeft": "participant_hung_up", "ParticipantCallStatus": "completed",
			"ParticipantLabel": "first", "SequenceNumber": "4", "FriendlyName": "lobby"})
		end := w.requests("/room")[5]
		wantFields(t, end, map[string]string{"ReasonConferenceEnded": "last-participant-left", "CallSidEndingConference": other.SID()})
		acts := w.requests("/after")
		if len(acts) != 2 {
			t.Fatalf("%d actions", len(acts))
		}
		wantFields(t, acts[0], map[string]string{"DialCallStatus": "answered", "DialCallSid": "-", "DialCallDuration": "-", "CallStatus": "completed"})
	}
}

func TestEndOnExit(t *testing.T) {
	t.Parallel()
	w := roomWorld(t, sim.Switches{}, "", `endConferenceOnExit="true"`)
	c := w.call()
	w.until("in", func() bool { return w.members() == 1 })
	other := w.place(bob, "/join", nil)
	w.until("both in", func() bool { return w.members() == 2 })
	c.Hangup()
	w.ended(other)
	w.wantHeard(other, "left the room")
	if got := w.roomEvents(); got != "join join start leave leave end" {
		t.Error(got)
	}
	wantFields(t, w.requests("/room")[4], map[string]string{"ReasonParticipantLeft": "moderator_ended_conference", "CallSid": other.SID()})
	wantFields(t, w.requests("/room")[5], map[string]string{"ReasonConferenceEnded": "participant-with-end-conference-on-exit-left", "ParticipantLabelEndingConference": "first"})
}

func TestParticipantUpdates(t *testing.T) {
	t.Parallel()
	w := roomWorld(t, sim.Switches{}, "", `endConferenceOnExit="true"`)
	c := w.call()
	w.until("in", func() bool { return w.members() == 1 })
	other := w.place(bob, "/join", nil)
	w.until("both in", func() bool { return w.members() == 2 })
	at := "/Conferences/" + w.Conferences()[0].SID + "/Participants/"
	do := func(who, name, value string, more ...string) string {
		t.Helper()
		f := url.Values{name: {value}}
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		status, body := w.post(at+who+".json", f)
		if status != 200 {
			t.Errorf("%s=%s: %d %s", name, value, status, body)
		}
		w.clock.Advance(time.Second)
		return body
	}
	do("first", "Muted", "true")
	do(c.SID(), "Muted", "false")
	do(c.SID(), "Hold", "true", "HoldUrl", w.app.URL+"/hold")
	if body := do(c.SID(), "EndConferenceOnExit", "false"); !strings.Contains(body, `"end_conference_on_exit":true`) {
		t.Errorf("on hold: %s", body)
	}
	do(c.SID(), "Hold", "false")
	if body := do(c.SID(), "EndConferenceOnExit", "false"); !strings.Contains(body, `"end_conference_on_exit":false`) {
		t.Errorf("off hold: %s", body)
	}
	do(other.SID(), "AnnounceUrl", w.app.URL+"/news")
	w.post("/Conferences/lobby.json", url.Values{"AnnounceUrl": {w.app.URL + "/news"}})
	w.clock.Advance(2 * time.Second)
	if status, _ := w.rest("DELETE", at+other.SID()+".json", nil); status != 204 {
		t.Errorf("DELETE: %d", status)
	}
	w.ended(other)
	w.wantHeard(other, "News for you", "News for you", "left the room")
	if status, _ := w.rest("GET", at+other.SID()+".json", nil); status != 404 {
		t.Errorf("GET after the kick: %d", status)
	}
	w.post("/Conferences/"+w.Conferences()[0].SID+".json", url.Values{"Status": {"completed"}})
	w.ended(c)
	want := "join join start mute unmute hold unhold modify announcement-end announcement-end leave leave end"
	if got := w.roomEvents(); got != want {
		t.Errorf("events %q, want %q", got, want)
	}
	if h := c.Heard(); h[1] != "On hold" || h[len(h)-1] != "left the room" {
		t.Errorf("heard %q", h)
	}
	if status, body := w.post("/Conferences/"+w.Conferences()[0].SID+".json", url.Values{"Status": {"completed"}}); status != 400 || !strings.Contains(body, "16001") {
		t.Errorf("ending twice: %d %s", status, body)
	}
}

func TestKickDrops(t *testing.T) {
	t.Parallel()
	w := roomWorld(t, sim.Switches{KickDrops: true}, "", "")
	c := w.call()
	w.until("in", func() bool { return w.members() == 1 })
	w.rest("DELETE", "/Conferences/lobby/Participants/first.json", nil)
	w.settle()
	if !c.Ended() || len(w.requests("/after")) != 0 {
		t.Errorf("ended %v, actions %d", c.Ended(), len(w.requests("/after")))
	}
}

func TestConferenceLimit(t *testing.T) {
	t.Parallel()
	for _, fromStart := range []bool{false, true} {
		w := roomWorld(t, sim.Switches{LimitFromConferenceStart: fromStart}, `timeLimit="60"`, "")
		c := w.call()
		w.until("in", func() bool { return w.members() == 1 })
		joined := w.clock.Now()
		w.clock.Advance(20 * time.Second)
		w.place(bob, "/join", nil)
		w.until("both in", func() bool { return w.members() == 2 })
		started := w.clock.Now()
		w.until("put out", func() bool { return c.Conference() == "" })
		from := joined
		if fromStart {
			from = started
		}
		if got := w.clock.Now().Sub(from); got != 60*time.Second {
			t.Errorf("fromStart %v: put out after %v", fromStart, got)
		}
	}
}

func TestForbiddenVerbInWait(t *testing.T) {
	t.Parallel()
	w := roomWorld(t, sim.Switches{}, "", "")
	w.page("/wait", func(url.Values) string { return `<Gather/>` })
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "left the room")
	wantFields(t, w.one("/after"), map[string]string{"DialCallStatus": "failed"})
}

func TestRedirectParticipant(t *testing.T) {
	t.Parallel()
	w := roomWorld(t, sim.Switches{}, "", "")
	c := w.call()
	w.until("in", func() bool { return w.members() == 1 })
	w.clock.Advance(time.Second)
	w.post("/Calls/"+c.SID()+".json", url.Values{"Twiml": {`<Response><Say>elsewhere</Say></Response>`}})
	w.ended(c)
	w.wantHeard(c, "Please wait", "elsewhere")
	wantFields(t, w.requests("/room")[1], map[string]string{"ReasonParticipantLeft": "participant_updated_via_api"})
}
