package flows_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestInlineConference(t *testing.T) {
	t.Parallel()
	both := []string{"caller outbound-api completed", "callee outbound-api completed"}
	met := []string{"caller: meet", "callee: meet"}
	scenes := []scene{
		{name: "the first hangs up", script: []step{talking(customer), wait(time.Minute), hangup(customer)}, legs: both, states: met, least: time.Minute, most: 80 * time.Second},
		{name: "the second hangs up", script: []step{talking(customer), wait(time.Minute), hangup(callee)}, legs: both, states: met},
		{
			name: "the first is busy", parties: map[string]sim.Party{customer: {Outcome: sim.Busy}, callee: {AnswerAfter: 20 * time.Second}},
			legs: []string{"caller outbound-api busy", "callee outbound-api canceled"}, outcome: "caller-unreachable",
		},
		{
			name: "the second does not answer", parties: map[string]sim.Party{callee: {Outcome: sim.NoAnswer}},
			script: []step{inRoom(customer)},
			legs:   []string{"caller outbound-api completed", "callee outbound-api no-answer"}, states: []string{"caller: meet"}, outcome: "callee-unreachable",
		},
		{
			name: "the first hangs up before the second answers", parties: map[string]sim.Party{callee: {Outcome: sim.NoAnswer}},
			script: []step{inRoom(customer), ringing(callee), wait(5 * time.Second), hangup(customer)},
			legs:   []string{"caller outbound-api completed", "callee outbound-api canceled"}, states: []string{"caller: meet"}, outcome: "callee-unreachable",
		},
		{name: "ended from outside", script: []step{talking(customer), wait(10 * time.Second), end()}, legs: both, states: met, outcome: "deleted"},
	}
	for i := range scenes {
		scenes[i].start = "inline-conference"
		scenes[i].input = map[string]any{"caller": customer, "callee": callee}
	}
	playAll(t, scenes)
}
