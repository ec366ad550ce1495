package flows_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// transferNumber is the number that the flow warm-transfer answers.
const transferNumber = "+15005550017"

func TestWarmTransfer(t *testing.T) {
	t.Parallel()
	scenes := append(transferTalks(), transferExpert()...)
	scenes = append(scenes, transferHangups()...)
	for i := range scenes {
		scenes[i].to = transferNumber
	}
	playAll(t, scenes)
}

var (
	consult = step{"signal consult", func(p *play) error {
		return p.API.Signal(p.id, "consult", map[string]any{"to": expertTel})
	}}
	transferLegs = []string{"caller inbound completed", "agent outbound-api completed", "expert outbound-api completed"}
	atFirst      = []string{"caller: ring talk", "agent: advise"}
	consulted    = []string{"caller: ring talk", "agent: advise consulting", "expert: help"}
	takenBack    = []string{"caller: ring talk", "agent: advise consulting advise", "expert: help"}
)

// refused sends a signal that nobody waits for.
func refused(name string, data map[string]any) step {
	return step{"signal " + name + " is refused", func(p *play) error {
		err := p.API.Signal(p.id, name, data)
		var status *flowtest.StatusError
		if !errors.As(err, &status) || status.Status != 409 {
			return fmt.Errorf("not refused with 409: %v", err)
		}
		return nil
	}}
}

// transfer is a script that begins with caller and agent in the room.
func transfer(more ...step) []step {
	return append([]step{talking(caller), state("agent", "advise"), wait(10 * time.Second)}, more...)
}

// consulting is a script that begins with agent and expert in the room, the caller on hold.
func consulting(more ...step) []step {
	first := transfer(consult, hears(caller, "play "+music), state("expert", "help"), talking(agentTel), wait(10*time.Second))
	return append(first, more...)
}

func transferTalks() []scene {
	return []scene{
		{
			name:   "handed over, the caller hangs up",
			script: consulting(signal("complete"), ended(agentTel), talking(caller), wait(time.Minute), hangup(caller)),
			legs:   transferLegs, states: consulted, least: 80 * time.Second,
		},
		{
			name:   "handed over, the expert hangs up",
			script: consulting(signal("complete"), ended(agentTel), talking(caller), wait(time.Minute), hangup(expertTel)),
			legs:   transferLegs, states: consulted,
		},
		{
			name:   "taken back",
			script: consulting(signal("cancel"), ended(expertTel), talking(caller), wait(10*time.Second), hangup(agentTel)),
			legs:   transferLegs, states: takenBack,
		},
		{
			name:   "signals at the wrong time",
			script: transfer(refused("complete", nil), refused("cancel", nil), consult, state("agent", "consulting"), refused("consult", map[string]any{"to": expertTel}), wait(20*time.Second), hangup(caller), hangup(agentTel)),
			legs:   transferLegs, states: consulted,
		},
		{
			name:   "ended from outside during the consultation",
			script: consulting(end()), legs: transferLegs, states: consulted, outcome: "deleted",
		},
	}
}

func transferExpert() []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name: "the expert " + way.name, parties: map[string]sim.Party{expertTel: way.party},
			script: transfer(consult, state("agent", "consulting"), state("agent", "advise"), talking(caller), wait(10*time.Second), hangup(caller)),
			legs:   []string{"caller inbound completed", "agent outbound-api completed", "expert outbound-api " + way.result},
			states: []string{"caller: ring talk", "agent: advise consulting advise"},
		}, scene{
			name: "the agent " + way.name, parties: map[string]sim.Party{agentTel: way.party},
			legs:   []string{"caller inbound completed", "agent outbound-api " + way.result},
			states: []string{"caller: ring talk away"}, heard: []string{"Nobody is there"},
		}, scene{
			name: "handed over to an expert who " + way.name, parties: map[string]sim.Party{expertTel: later(way.party)},
			script: transfer(consult, state("agent", "consulting"), signal("complete"), ended(agentTel)),
			legs:   []string{"caller inbound completed", "agent outbound-api completed", "expert outbound-api " + laterResult(way.result)},
			states: []string{"caller: ring talk away", "agent: advise consulting"}, heard: []string{"Nobody is there"}, most: 2 * time.Minute,
		})
	}
	return scenes
}

// later has a party ring for a while before it is not reached.
func later(party sim.Party) sim.Party {
	switch party.Outcome {
	case sim.Busy, sim.Unreachable:
		party.Outcome = sim.Decline
	}
	party.AnswerAfter = 10 * time.Second
	return party
}

func laterResult(result string) string {
	if result == "failed" {
		return "busy"
	}
	return result
}

func transferHangups() []scene {
	never := map[string]sim.Party{expertTel: {Outcome: sim.NoAnswer}}
	early := map[string]sim.Party{agentTel: {Outcome: sim.Manual}}
	slow := map[string]sim.Party{expertTel: {AnswerAfter: 12 * time.Second}}
	rung := []string{"caller inbound completed", "agent outbound-api canceled"}
	return []scene{
		{name: "the caller gives up while the agent rings", parties: early, script: []step{ringing(agentTel), wait(5 * time.Second), hangup(caller)}, legs: rung, states: atFirst[:1], most: time.Minute},
		{
			name: "ended from outside while the agent rings", parties: early, script: []step{ringing(agentTel), inRoom(caller), end()}, legs: rung, states: atFirst[:1], outcome: "deleted",
		},
		{
			name: "the caller hangs up when told that nobody is there", parties: map[string]sim.Party{agentTel: {Outcome: sim.Busy}},
			script: []step{hears(caller, "Nobody is there"), hangup(caller)}, legs: []string{"caller inbound completed", "agent outbound-api busy"}, states: []string{"caller: ring talk away"},
		},
		{name: "caller and agent hang up at the same time", script: transfer(hangup(caller), hangup(agentTel)), legs: transferLegs[:2], states: atFirst, most: time.Minute},
		{name: "ended from outside during the talk", script: transfer(end()), legs: transferLegs[:2], states: atFirst, outcome: "deleted"},
		{
			name: "the agent drops out while the expert rings, who takes the caller", parties: slow, legs: transferLegs, states: consulted,
			script: transfer(consult, ringing(expertTel), wait(3*time.Second), hangup(agentTel), wait(20*time.Second), talking(caller), hangup(expertTel)),
		},
		{
			name: "taken back while the expert rings", parties: never, legs: []string{transferLegs[0], transferLegs[1], "expert outbound-api canceled"},
			states: []string{"caller: ring talk", "agent: advise consulting advise"},
			script: transfer(consult, ringing(expertTel), wait(3*time.Second), signal("cancel"), talking(caller), wait(10*time.Second), hangup(caller)),
		},
		{
			name: "a second expert", legs: append(transferLegs[:3:3], transferLegs[2]), states: []string{"caller: ring talk", "agent: advise consulting advise consulting", "expert: help", "expert: help"},
			script: consulting(signal("cancel"), ended(expertTel), talking(caller), wait(5*time.Second), consult, state("agent", "consulting"), state("expert", "help"), wait(10*time.Second), signal("complete"), ended(agentTel), talking(caller), hangup(caller)),
		},
		{
			name: "agent and expert hang up at the same time", script: consulting(hangup(agentTel), hangup(expertTel)), legs: transferLegs, states: consulted, racy: true, most: 2 * time.Minute,
		},
		{name: "all hang up at the same time", script: consulting(hangup(agentTel), hangup(expertTel), hangup(caller)), legs: transferLegs, states: consulted, racy: true, most: 2 * time.Minute},
		{
			name: "the caller hangs up as it is handed over", script: consulting(signal("complete"), hangup(caller)), legs: transferLegs, states: consulted, most: 2 * time.Minute,
		},
		{name: "the caller hangs up during the talk", script: transfer(hangup(caller)), legs: transferLegs[:2], states: atFirst},
		{name: "the agent hangs up during the talk", script: transfer(hangup(agentTel)), legs: transferLegs[:2], states: atFirst},
		{
			name:   "the expert hangs up during the consultation",
			script: consulting(hangup(expertTel), talking(caller), wait(10*time.Second), hangup(caller)),
			legs:   transferLegs, states: takenBack,
		},
		{
			name:   "the agent drops out during the consultation",
			script: consulting(hangup(agentTel), talking(caller), wait(10*time.Second), hangup(caller)),
			legs:   transferLegs, states: consulted,
		},
		{
			name:   "the caller hangs up on hold",
			script: consulting(hangup(caller), wait(10*time.Second), hangup(expertTel)),
			legs:   transferLegs, states: takenBack,
		},
		{
			name: "the caller hangs up while the expert rings", parties: never,
			script: transfer(consult, ringing(expertTel), wait(5*time.Second), hangup(caller)),
			legs:   []string{transferLegs[0], transferLegs[1], "expert outbound-api no-answer"},
			states: []string{"caller: ring talk", "agent: advise consulting advise"}, // the agent still waits for the expert
		},
	}
}
