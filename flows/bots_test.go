package flows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// botNumber is the number that the flow dtmf-bot answers.
const botNumber = "+15005550009"

const (
	botText  = "I just wanted to leave you a message"
	botSound = "play " + fileURL
)

func TestDTMFBot(t *testing.T) {
	t.Parallel()
	scenes := []scene{
		{name: "1 speaks a message", script: key("1"), states: bot("message again listen"), heard: []string{botText}},
		{name: "2 plays a file", script: key("2"), states: bot("file again listen"), heard: []string{botSound}},
		{name: "one after the other", script: append(key("2"), key("1")...), states: bot("file again listen message again listen"), heard: []string{botSound, botText}},
		{
			name: "four are enough", script: slices.Concat(key("1"), key("2"), key("1"), key("1")), heard: []string{botText, botSound, botText, botText},
			states: bot("message again listen file again listen message again listen message again"), most: 2 * time.Minute,
		},
		{name: "four quiet rounds", states: bot(""), least: 119 * time.Second, most: 135 * time.Second},
		{name: "other keys only", script: slices.Concat(key("5"), key("*"), key("0"), key("#")), states: bot(""), most: 30 * time.Second},
		{name: "the third round", script: append([]step{wait(70 * time.Second)}, key("1")...), states: bot("message again listen"), heard: []string{botText}, least: 190 * time.Second},
		{name: "a key while it speaks is lost", script: append(key("1"), press(caller, "2")), states: bot("message again listen")},
		{name: "the caller hangs up while it listens", script: []step{listening(caller), wait(5 * time.Second), hangup(caller)}, states: bot(""), most: 20 * time.Second},
		{name: "the caller hangs up while it speaks", script: append(key("1"), hears(caller, botText), hangup(caller)), states: bot("message again"), most: 20 * time.Second},
		{name: "the caller hangs up while it plays", script: append(key("2"), hears(caller, botSound), hangup(caller)), states: bot("file again"), most: 20 * time.Second},
		{name: "ended from outside", script: []step{listening(caller), end()}, states: bot(""), outcome: "deleted"},
	}
	for i := range scenes {
		scenes[i].to, scenes[i].legs = botNumber, []string{"caller inbound completed"}
	}
	playAll(t, scenes)
}

// key presses a key when the bot listens.
func key(k string) []step {
	return []step{listening(caller), wait(time.Second), press(caller, k), wait(500 * time.Millisecond)}
}

// bot are the states of the bot's caller.
func bot(then string) []string {
	return []string{strings.TrimSpace("caller: listen " + then)}
}

func TestConferenceBot(t *testing.T) {
	t.Parallel()
	scenes := slices.Concat(botRoom(), botUnreached(), botHangups())
	for i := range scenes {
		sc := &scenes[i]
		sc.start, sc.input = "conference-bot", map[string]any{"office": officeTel, "bot": botNumber, "customer": customer}
		if sc.legs == nil {
			sc.legs = botLegs("completed", "completed", "completed")
		}
		if sc.states == nil && sc.outcome != "office-unreachable" {
			sc.states = []string{"office: join", "bot: join", "customer: join"}
		}
	}
	playAll(t, scenes)
}

func botLegs(office, bot, customer string) []string {
	return []string{"office outbound-api " + office, "bot outbound-api " + bot, "customer outbound-api " + customer}
}

// inTheRoom is a script that begins with the three in one room.
func inTheRoom(more ...step) []step {
	all := when(officeTel, "talks to two", func(c *sim.Call) bool { return len(c.Peers()) == 2 })
	return append([]step{all, wait(5 * time.Second)}, more...)
}

// botEnds are the scenes' ends: the customer hangs up, the office is alone with the bot.
func botEnds() []step { return []step{wait(20 * time.Second), hangup(customer), hangup(officeTel)} }

// both checks that both people hear what the bot brings.
func both(text string) func(*play) error {
	return func(p *play) error {
		for _, who := range []string{officeTel, customer} {
			if !p.at(who).HeardText(text) {
				return fmt.Errorf("%s hears %q, not %q", who, p.at(who).Heard(), text)
			}
		}
		return nil
	}
}

// botRoom are keys that are pressed in the room.
func botRoom() []scene {
	return []scene{
		{name: "the office has the bot speak", script: inTheRoom(append([]step{press(officeTel, "1")}, botEnds()...)...), also: both(botText)},
		{name: "the customer has the bot play", script: inTheRoom(append([]step{press(customer, "2")}, botEnds()...)...), also: both(botSound)},
		{
			name: "both press at the same time", also: both(botText),
			script: inTheRoom(append([]step{press(officeTel, "1"), press(customer, "2")}, botEnds()...)...),
		},
		{
			name: "one after the other", also: both(botSound),
			script: inTheRoom(append([]step{press(officeTel, "1"), hears(customer, botText), wait(10 * time.Second), press(customer, "2"), hears(officeTel, botSound)}, botEnds()...)...),
		},
		{
			name: "four messages, then the bot goes and the people talk on", also: both(botText),
			script: inTheRoom(press(officeTel, "1"), wait(10*time.Second), press(customer, "1"), wait(10*time.Second), press(officeTel, "1"), wait(10*time.Second), press(officeTel, "1"),
				wait(15*time.Second), lives(officeTel), lives(customer), withOne(officeTel), hangup(officeTel)),
		},
		{name: "the bot goes after four quiet rounds", script: inTheRoom(wait(3*time.Minute), withOne(officeTel), hangup(customer)), least: 3 * time.Minute, most: 4 * time.Minute},
	}
}

// withOne waits for nothing: somebody must talk to one other now.
func withOne(who string) step {
	return step{who + " talks to one", func(p *play) error {
		if n := len(p.at(who).Peers()); n != 1 {
			return fmt.Errorf("%s talks to %d", who, n)
		}
		return nil
	}}
}

func botUnreached() []scene {
	var scenes []scene
	for _, way := range ways() {
		rings, late := sim.Party{Outcome: sim.Manual}, sim.Party{AnswerAfter: 33500 * time.Millisecond} // when the office has rung long enough
		scenes = append(scenes, scene{
			name: "the office " + way.name, parties: map[string]sim.Party{officeTel: way.party, botNumber: rings, customer: late},
			outcome: "office-unreachable", legs: botLegs(way.result, "canceled", "canceled"), racy: true, most: time.Minute,
		}, scene{
			name: "the customer " + way.name, parties: map[string]sim.Party{customer: way.party, officeTel: {AnswerAfter: time.Second}}, outcome: "customer-unreachable", racy: true, most: time.Minute,
			script: []step{state("office", "join"), state("bot", "join")}, legs: botLegs("completed", "completed", way.result), states: []string{"office: join", "bot: join"},
		}, scene{
			name: "the bot " + way.name, parties: map[string]sim.Party{botNumber: way.party}, legs: botLegs("completed", way.result, "completed"),
			script: []step{talking(officeTel), wait(time.Minute), hangup(customer)}, states: []string{"office: join", "customer: join"},
		})
	}
	return scenes
}

func botHangups() []scene {
	rings := map[string]sim.Party{customer: {Outcome: sim.Manual}}
	waits := func(more ...step) []step {
		return append([]step{state("office", "join"), state("bot", "join"), ringing(customer), wait(5 * time.Second)}, more...)
	}
	waited := []string{"office: join", "bot: join"}
	return []scene{
		{name: "the customer hangs up, then the office", script: inTheRoom(hangup(customer), wait(10*time.Second), withOne(officeTel), hangup(officeTel)), most: time.Minute},
		{name: "the office hangs up, then the customer", script: inTheRoom(hangup(officeTel), wait(10*time.Second), withOne(customer), hangup(customer)), most: time.Minute},
		{name: "both people hang up at the same time", script: inTheRoom(hangup(officeTel), hangup(customer)), most: time.Minute},
		{name: "the customer hangs up while the bot speaks", script: inTheRoom(press(officeTel, "1"), hears(customer, botText), hangup(customer), hangup(officeTel)), most: time.Minute},
		{name: "the customer hangs up, the office stays with the bot until it goes", script: inTheRoom(hangup(customer)), least: 100 * time.Second, most: 3 * time.Minute},
		{name: "ended from outside", script: inTheRoom(end()), outcome: "deleted", most: time.Minute},
		{
			name: "the office hangs up while the customer rings", parties: rings, script: append(waits(hangup(officeTel)), act(customer, "answers", (*sim.Call).Answer), state("customer", "join"), hangup(customer)),
		},
		{
			name: "nobody but the bot waits for the customer, who does not answer", parties: map[string]sim.Party{customer: {Outcome: sim.NoAnswer}}, script: waits(hangup(officeTel)),
			legs: botLegs("completed", "completed", "no-answer"), states: waited, outcome: "customer-unreachable", most: 2 * time.Minute,
		},
		{
			name: "ended from outside while the customer rings", parties: rings, script: waits(end()), legs: botLegs("completed", "completed", "canceled"), states: waited,
			outcome: "deleted", most: time.Minute,
		},
	}
}
