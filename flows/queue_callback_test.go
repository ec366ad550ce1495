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
	for i := range scenes {
		scenes[i].to = callbackNumber
	}
	playAll(t, scenes)
}
