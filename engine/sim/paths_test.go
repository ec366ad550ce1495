package sim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestOddPaths: whatever is asked for, the API answers and does not break.
func TestOddPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{"/voice": `<Dial><Conference waitUrl="">r</Conference></Dial>`})
	c := w.call()
	w.until("in", func() bool { return c.Conference() == "r" })
	for _, resource := range []string{"Calls", "Conferences", "Queues", "Messages", "Recordings", "IncomingPhoneNumbers", "Workspaces", "Nothing"} {
		for _, rest := range []string{"", "/", "//", "/x", "/x/y", "/x/Members/Front", "/" + c.SID() + "/Recordings/x/y", "/r/Participants/", "/r/Participants/x/y",
			"/r/Recordings", "/" + sim.WorkspaceSID, "/" + sim.WorkspaceSID + "/Tasks/x/Reservations/y", "/" + sim.WorkspaceSID + "/Workers/x/y"} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodPut} {
				if status, body := w.rest(method, "/"+resource+rest, url.Values{"Attributes": {"null"}, "MaxSize": {"x"}}); status == 0 || status >= 500 {
					t.Errorf("%s /%s%s: %d %s", method, resource, rest, status, body)
				}
			}
		}
	}
}

// TestInlineUpdate: a live call takes inline TwiML, in which every URL has to
// be absolute; with a URL as well, that wins.
func TestInlineUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{"/x": `<Pause length="60"/>`, "/y": `<Say>from the URL</Say>`})
	update := func(form url.Values) *sim.Call {
		c := w.place(bob, "/x", nil)
		w.until("talks", func() bool { return c.Status() == "in-progress" })
		if status, body := w.post("/Calls/"+c.SID()+".json", form); status != 200 && !strings.Contains(body, "32018") {
			t.Errorf("%d %s", status, body)
		}
		w.clock.Advance(20 * time.Second)
		return c
	}
	w.wantHeard(update(url.Values{"Twiml": {`<Response><Say>inline</Say></Response>`}}), "inline")
	w.wantHeard(update(url.Values{"Twiml": {`<Response><Redirect>` + w.app.URL + `/y</Redirect></Response>`}}), "from the URL")
	w.wantHeard(update(url.Values{"Url": {w.app.URL + "/y"}, "Twiml": {`<Response><Say>inline</Say></Response>`}}), "from the URL")
	if c := update(url.Values{"Twiml": {`<Response><Redirect>/y</Redirect></Response>`}}); !c.HeardText("application error") {
		t.Errorf("relative URL: heard %q", c.Heard())
	}
	if c := update(url.Values{"Twiml": {`<Response><Say>` + strings.Repeat("x", 4000) + `</Say></Response>`}}); c.Ended() || len(c.Heard()) > 0 {
		t.Errorf("too long: heard %q", c.Heard())
	}
}

// TestDialOwnNumber: a Dial to a number of the account is answered there, and
// sound that comes round in a circle ends.
func TestDialOwnNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{
		"/voice": `<Dial action="/after">` + botNumber + `</Dial>`, "/bot": `<Dial><Conference waitUrl="">c</Conference></Dial>`,
		"/after": `<Hangup/>`, "/room": `<Dial><Conference waitUrl="">c</Conference></Dial>`})
	w.AddNumber(botNumber, sim.Number{VoiceURL: w.app.URL + "/bot"})
	caller := w.call()
	w.until("bridged", func() bool { return len(caller.Peers()) == 1 })
	loop := w.place(botNumber, "/room", nil) // both halves in the same conference
	w.until("in", func() bool { return loop.Conference() == "c" })
	person := w.place(carol, "/room", nil)
	w.until("in", func() bool { return person.Conference() == "c" })
	w.clock.Advance(time.Second)
	person.Say("hello")
	person.Press("1")
	if n := strings.Count(strings.Join(caller.Heard(), "|"), "hello"); n == 0 || n > 4 {
		t.Errorf("the caller heard it %d times: %q", n, caller.Heard())
	}
	caller.Hangup()
	w.settle()
	if live := w.CallsTo(botNumber); live[0].Status() != "completed" || live[1].Status() != "completed" {
		t.Errorf("halves are %s and %s", live[0].Status(), live[1].Status())
	}
}

func TestMessagePrice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	w.post("/Messages.json", url.Values{"To": {bob}, "From": {ours}, "Body": {strings.Repeat("x", 200)}})
	path := "/Messages/" + w.Messages()[0].SID + ".json"
	if _, body := w.rest(http.MethodGet, path, nil); !strings.Contains(body, `"price":null`) {
		t.Error(body)
	}
	w.settle()
	if _, body := w.rest(http.MethodGet, path, nil); !strings.Contains(body, `"price":"-0.01580"`) {
		t.Error(body)
	}
}
