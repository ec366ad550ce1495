package flows_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// botNumber is the number that the flow dtmf-bot answers.
const botNumber = "+15005550009"

func TestDTMFBot(t *testing.T) {
	t.Parallel()
	scenes := []scene{
		{name: "1 speaks a message", script: []step{listening(caller), press(caller, "1")}, states: []string{"caller: listen message"}, heard: []string{"I just wanted to leave you a message"}},
		{name: "2 plays a file", script: []step{listening(caller), press(caller, "2")}, states: []string{"caller: listen file"}, heard: []string{"play " + fileURL}},
		{name: "four quiet rounds", states: []string{"caller: listen"}, least: 119 * time.Second, most: 135 * time.Second},
		{name: "the caller hangs up", script: []step{listening(caller), wait(5 * time.Second), hangup(caller)}, states: []string{"caller: listen"}},
	}
	for i := range scenes {
		scenes[i].to, scenes[i].legs = botNumber, []string{"caller inbound completed"}
	}
	playAll(t, scenes)
}

func TestConferenceBot(t *testing.T) {
	t.Parallel()
	legs := []string{"office outbound-api completed", "bot outbound-api completed", "customer outbound-api completed"}
	states := []string{"office: join", "bot: join", "customer: join"}
	joined := []step{state("office", "join"), state("bot", "join"), state("customer", "join"), talking(officeTel), wait(10 * time.Second)}
	then := func(more ...step) []step { return append(append([]step(nil), joined...), more...) }
	scenes := []scene{
		{
			name: "a key in the room has the bot speak", legs: legs, states: states, heard: []string{"I just wanted to leave you a message"},
			script: then(press(officeTel, "1"), wait(20*time.Second), hangup(officeTel)),
		},
		{name: "the bot hangs up after four quiet rounds", legs: legs, states: states, script: then(wait(3*time.Minute), hangup(customer))},
		{name: "the people hang up", legs: legs, states: states, script: then(hangup(customer), wait(time.Second), hangup(officeTel)), most: 3 * time.Minute},
		{
			name: "the customer is busy", parties: map[string]sim.Party{customer: {Outcome: sim.Busy}, officeTel: {Outcome: sim.NoAnswer}},
			racy: true, outcome: "customer-unreachable", legs: []string{"office outbound-api canceled", "bot outbound-api completed", "customer outbound-api busy"}, states: []string{"bot: join"},
		},
	}
	for i := range scenes {
		scenes[i].start = "conference-bot"
		scenes[i].input = map[string]any{"office": officeTel, "bot": botNumber, "customer": customer}
	}
	playAll(t, scenes)
}
