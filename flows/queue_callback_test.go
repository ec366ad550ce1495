package flows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// callbackNumber is the number that the flow queue-callback answers.
const callbackNumber = "+15005550021"

// calledBack waits until the one who called before is called, and talks.
func calledBack() step {
	return step{"the caller is called back", func(p *play) error {
		ok := p.Until(func() bool {
			calls := p.Sim.CallsTo(caller)
			return len(calls) > 0 && len(calls[len(calls)-1].Peers()) > 0
		}, patience)
		if !ok {
			return fmt.Errorf("nobody calls back")
		}
		return nil
	}}
}

func TestQueueCallback(t *testing.T) {
	t.Parallel()
	asks := func(more ...step) []step {
		return append([]step{listening(caller), wait(5 * time.Second), press(caller, "1"), hears(caller, "We will call you back."), ended(caller), wait(time.Minute)}, more...)
	}
	scenes := []scene{
		{
			name: "called back", script: asks(signal("agent-free"), calledBack(), wait(30*time.Second), hangup(agentTel)),
			legs:   []string{"caller inbound completed", "agent outbound-api completed", "customer outbound-api completed"},
			states: []string{"caller: queue callback", "agent: meet", "customer: meet"}, heard: []string{"We will call you back."},
			least: time.Minute, most: 5 * time.Minute,
		},
		{
			name: "the customer is busy", parties: map[string]sim.Party{caller: {Outcome: sim.Busy}}, script: asks(signal("agent-free"), hears(agentTel, "could not be reached")),
			legs:   []string{"caller inbound completed", "agent outbound-api completed", "customer outbound-api busy"},
			states: []string{"caller: queue callback", "agent: meet not-there"}, outcome: "expired",
		},
		{
			name: "nobody calls back", script: asks(), legs: []string{"caller inbound completed"}, states: []string{"caller: queue callback"},
			outcome: "expired", least: 4 * time.Hour, most: 4*time.Hour + 2*time.Minute,
		},
		{
			name: "another key, then hung up", script: []step{listening(caller), press(caller, "5"), wait(time.Minute), hangup(caller)},
			legs: []string{"caller inbound completed"}, states: []string{"caller: queue"},
		},
	}
	scenes = append(scenes, callbackMoments(asks)...)
	for i := range scenes {
		scenes[i].to = callbackNumber
	}
	playAll(t, scenes)
}

// callbackMoments are those of the agent and of the customer who is called back; asks is
// a script that begins with the customer having asked for it.
func callbackMoments(asks func(...step) []step) []scene {
	legs := func(agent string, more ...string) []string {
		return append([]string{"caller inbound completed", "agent outbound-api " + agent}, more...)
	}
	const done, queued = "customer outbound-api completed", "caller: queue callback"
	free, met := signal("agent-free"), []string{queued, "agent: meet", "customer: meet"}
	callsBack := func(party sim.Party) step { return becomes(caller, party) }
	rings := sim.Party{Outcome: sim.Manual}
	scenes := []scene{
		{name: "the customer hangs up after the talk", script: asks(free, calledBack(), wait(30*time.Second), hangupCustomer()), legs: legs("completed", done), states: met},
		{name: "both hang up at the same time", script: asks(free, calledBack(), wait(30*time.Second), hangup(agentTel), hangupCustomer()), legs: legs("completed", done), states: met},
		{
			name: "the agent hangs up while the customer rings", outcome: "expired", legs: legs("completed", "customer outbound-api canceled"), states: met[:2],
			script: asks(callsBack(rings), free, inRoom(agentTel), wait(3*time.Second), hangup(agentTel)),
		},
		{
			name: "a free agent while the caller waits", script: []step{listening(caller), wait(5 * time.Second), free, talking(caller), wait(20 * time.Second), hangup(caller)},
			legs: legs("completed"), states: []string{"caller: queue meet", "agent: meet"}, most: 2 * time.Minute,
		},
		{
			name: "the caller hangs up while the agent rings", parties: map[string]sim.Party{agentTel: rings}, script: []step{listening(caller), free, ringing(agentTel), wait(2 * time.Second), hangup(caller)},
			legs: legs("canceled"), states: []string{"caller: queue"}, most: time.Minute,
		},
		{
			name: "1 is pressed while the agent rings", parties: map[string]sim.Party{agentTel: {AnswerAfter: 15 * time.Second}}, // for whom nobody waits then
			script: []step{listening(caller), free, ringing(agentTel), wait(2 * time.Second), listening(caller), press(caller, "1"), hears(caller, "We will call you back."), ended(caller), wait(time.Minute), free, calledBack(), wait(10 * time.Second), hangup(agentTel)},
			legs:   legs("canceled", "agent outbound-api completed", done), states: met, most: 5 * time.Minute,
		},
		{
			name: "the second signal finds the agent busy with the first", script: asks(free, free, calledBack(), free, wait(10*time.Second), hangup(agentTel)),
			legs: legs("completed", done), states: met,
		},
		{name: "ended from outside while it waits", script: asks(end()), legs: legs("")[:1], states: met[:1], outcome: "deleted"},
		{name: "ended from outside in the queue", script: []step{listening(caller), end()}, legs: legs("")[:1], states: []string{"caller: queue"}, outcome: "deleted"},
		{name: "ended from outside in the talk", script: asks(free, calledBack(), end()), legs: legs("completed", done), states: met, outcome: "deleted"},
		{
			name: "the caller hangs up when told of the callback", script: []step{listening(caller), press(caller, "1"), hears(caller, "We will call"), hangup(caller), wait(time.Minute), free, calledBack(), hangup(agentTel)},
			legs: legs("completed", done), states: met,
		},
	}
	for _, way := range ways() {
		again := []step{wait(2 * time.Minute), becomes(agentTel, sim.Party{}), becomes(caller, sim.Party{}), free, calledBack(), wait(10 * time.Second), hangup(agentTel)}
		scenes = append(scenes, scene{
			name: "the agent " + way.name + ", then not", script: asks(append([]step{becomes(agentTel, way.party), free}, again...)...),
			legs: legs(way.result, "agent outbound-api completed", done), states: met,
		}, scene{
			name: "the customer " + way.name + ", then not", script: asks(append([]step{becomes(caller, way.party), free, hears(agentTel, "could not be reached")}, again...)...),
			legs: legs("completed", "customer outbound-api "+way.result, "agent outbound-api completed", done), states: []string{queued, "agent: meet not-there", "agent: meet", "customer: meet"},
		})
	}
	return scenes
}

// hangupCustomer ends the call of the one who was called back.
func hangupCustomer() step {
	return step{"the customer hangs up", func(p *play) error {
		calls := p.Sim.CallsTo(caller)
		calls[len(calls)-1].Hangup()
		return nil
	}}
}
