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
	scenes = append(scenes, inlineMoments()...)
	for i := range scenes {
		scenes[i].start = "inline-conference"
		scenes[i].input = map[string]any{"caller": customer, "callee": callee}
	}
	playAll(t, scenes)
}

// inlineMoments: an answer is known by its callback only, so what is first may change.
func inlineMoments() []scene {
	both, met := []string{"caller outbound-api completed", "callee outbound-api completed"}, []string{"caller: meet", "callee: meet"}
	ended := []string{"caller outbound-api canceled", "callee outbound-api canceled"}
	rings := map[string]sim.Party{customer: {Outcome: sim.Manual}, callee: {Outcome: sim.Manual}}
	answer := func(who string) step { return act(who, "answers", (*sim.Call).Answer) }
	scenes := []scene{
		{name: "both hang up at the same time", script: []step{talking(customer), wait(10 * time.Second), hangup(customer), hangup(callee)}, legs: both, states: met},
		{name: "ended from outside while both ring", parties: rings, script: []step{ringing(customer), ringing(callee), end()}, legs: ended, outcome: "deleted"},
		{
			name: "ended from outside while one waits", parties: rings, script: []step{ringing(customer), ringing(callee), answer(customer), inRoom(customer), wait(time.Second), end()},
			legs: []string{"caller outbound-api completed", "callee outbound-api canceled"}, states: []string{"caller: meet"}, outcome: "deleted", racy: true,
		},
		{
			name: "the second answers first and hangs up", parties: rings, outcome: "caller-unreachable",
			script: []step{ringing(callee), answer(callee), inRoom(callee), wait(5 * time.Second), hangup(callee)},
			legs:   []string{"caller outbound-api canceled", "callee outbound-api completed"}, states: []string{"callee: meet"},
		},
		{
			name: "both answer at the same time", parties: rings, script: []step{ringing(customer), ringing(callee), answer(customer), answer(callee), talking(customer), wait(10 * time.Second), hangup(callee)},
			legs: both, states: met,
		},
		{
			name: "the first hangs up as the second answers", parties: rings, racy: true, // the second may still be taken for ringing
			script: []step{ringing(callee), ringing(customer), answer(customer), inRoom(customer), wait(time.Second), answer(callee), hangup(customer)},
			legs:   both, states: met, most: time.Minute,
		},
	}
	for _, way := range ways() {
		late := sim.Party{AnswerAfter: 64900 * time.Millisecond} // just after the first has rung long enough
		scenes = append(scenes, scene{
			name: "the first " + way.name, parties: map[string]sim.Party{customer: way.party, callee: late},
			legs: []string{"caller outbound-api " + way.result, "callee outbound-api canceled"}, outcome: "caller-unreachable", racy: true, most: 2 * time.Minute,
		}, scene{
			name: "the second " + way.name, parties: map[string]sim.Party{callee: way.party, customer: {AnswerAfter: 10 * time.Millisecond}},
			legs: []string{"caller outbound-api completed", "callee outbound-api " + way.result}, states: []string{"caller: meet"}, outcome: "callee-unreachable", racy: true, most: 2 * time.Minute,
		})
	}
	return scenes
}
