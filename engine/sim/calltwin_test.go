package sim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

const botNumber = "+15550001001"

// botWorld has a bot at a second number that gathers four keys, and a
// conference that the bot is called into.
func botWorld(t *testing.T, bot string) *world {
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{
		"/bot": bot, "/room": `<Dial><Conference waitUrl="">r</Conference></Dial>`,
		"/voice": `<Dial><Conference waitUrl="" endConferenceOnExit="true">r</Conference></Dial>`, "/tones": `<Play digits="1ww234"/><Pause length="9"/>`,
	})
	w.AddNumber(botNumber, sim.Number{VoiceURL: w.app.URL + "/bot", StatusCallback: w.app.URL + "/botstatus"})
	return w
}

const gatherBot = `<Gather numDigits="4" timeout="30" action="/digits"><Say>Code please.</Say></Gather>`

// TestKeysThroughConference: keys of a participant reach the Gather of another
// call whose other half is in the conference, and the bot's voice reaches them.
func TestKeysThroughConference(t *testing.T) {
	t.Parallel()
	w := botWorld(t, gatherBot)
	w.page("/digits", func(v url.Values) string { return `<Say>You typed ` + v.Get("Digits") + `</Say><Pause length="5"/>` })
	person := w.call()
	w.until("joined", func() bool { return person.Conference() == "r" })
	far := w.place(botNumber, "/room", nil)
	w.until("talking", func() bool { return len(person.Peers()) == 1 })
	calls := w.CallsTo(botNumber)
	bot := w.CallBySID(calls[len(calls)-1].SID())
	if bot.Direction() != "inbound" || bot.From() != ours {
		t.Fatalf("the bot's call: %s from %s", bot.Direction(), bot.From())
	}
	w.until("listening", bot.Listening)
	w.clock.Advance(time.Second)
	person.Press("12")
	person.Press("34")
	w.until("read back", func() bool { return person.HeardText("You typed 1234") })
	w.ended(far)
	if bot.Status() != "completed" || far.Status() != "completed" {
		t.Errorf("bot %s, far %s", bot.Status(), far.Status())
	}
	if n := len(w.requests("/botstatus")); n != 1 {
		t.Errorf("%d status callbacks of the bot", n)
	}
	person.Hangup()
	w.ended(person)
}

// TestJoinedCalls: tones, ring time, refusal and hang-up cross over.
func TestJoinedCalls(t *testing.T) {
	t.Parallel()
	w := botWorld(t, gatherBot)
	w.page("/digits", func(v url.Values) string { return `<Say>` + v.Get("Digits") + `</Say>` })
	c := w.place(botNumber, "/tones", nil)
	w.ended(c)
	if got := w.one("/digits").Get("Digits"); got != "1234" {
		t.Errorf("tones %q", got)
	}

	w = botWorld(t, `<Pause length="60"/><Say>late</Say>`)
	c = w.place(botNumber, "/tones", url.Values{"Timeout": {"10"}})
	w.ended(c)
	if bot := w.Calls()[1]; c.Status() != "no-answer" || bot.Status() != "no-answer" {
		t.Errorf("ring timeout: %s and %s", c.Status(), bot.Status())
	}

	for reason, want := range map[string]string{"busy": "busy", "rejected": "no-answer"} {
		w = botWorld(t, `<Reject reason="`+reason+`"/>`)
		c = w.place(botNumber, "/tones", nil)
		w.ended(c)
		if c.Status() != want {
			t.Errorf("reject %s: %s", reason, c.Status())
		}
	}

	w = botWorld(t, `<Say>Hello</Say><Pause length="60"/>`)
	c = w.place(botNumber, "/tones", nil)
	w.until("heard", func() bool { return len(w.Calls()) == 2 && w.Calls()[1].HeardText("Hello") })
	w.post("/Calls/"+c.SID()+".json", url.Values{"Status": {"completed"}})
	w.ended(w.Calls()[1])
	if w.Calls()[1].Status() != "completed" {
		t.Errorf("bot is %s", w.Calls()[1].Status())
	}
}

func TestPrices(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		w := newWorld(t, sim.Options{Switches: sim.Switches{UnansweredPriced: on}}, map[string]string{
			"/voice": `<Dial timeLimit="61">` + bob + `</Dial>`, "/x": `<Pause length="10"/>`})
		w.AddParty(carol, sim.Party{Outcome: sim.Busy})
		in := w.call()
		w.until("over", in.Ended)
		price := func(c *sim.Call) string {
			_, body := w.rest(http.MethodGet, "/Calls/"+c.SID()+".json", nil)
			_, rest, _ := strings.Cut(body, `"price":`)
			v, _, _ := strings.Cut(rest, ",")
			return v
		}
		if got := price(in); got != "null" {
			t.Errorf("price at once: %s", got)
		}
		w.settle()
		if a, b := price(in), price(in.Children()[0]); a != `"-0.01700"` || b != `"-0.02800"` {
			t.Errorf("prices %s and %s", a, b)
		}
		busy := w.place(carol, "/x", nil)
		w.ended(busy)
		want := "null"
		if on {
			want = `"0"`
		}
		if got := price(busy); got != want {
			t.Errorf("unanswered: %s, want %s", got, want)
		}
	}
}
