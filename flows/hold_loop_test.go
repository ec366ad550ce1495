package flows_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// holdNumber is the number that the flow hold-loop answers.
const holdNumber = "+15005550011"

func TestHoldLoop(t *testing.T) {
	t.Parallel()
	scenes := holdTalks()
	scenes = append(scenes, holdUnreached()...)
	scenes = append(scenes, holdHangups()...)
	for i := range scenes {
		scenes[i].to = holdNumber
	}
	playAll(t, scenes)
}

// holdTalk is a script that begins with caller and agent in the room.
func holdTalk(more ...step) []step {
	return append([]step{talking(caller), wait(10 * time.Second)}, more...)
}

var holdLegs = []string{"caller inbound completed", "agent outbound-api completed"}

func holdTalks() []scene {
	return []scene{
		{
			name: "the caller hangs up", script: holdTalk(hangup(caller)), legs: holdLegs,
			states: []string{"caller: ring talk", "agent: agent-in"}, least: 10 * time.Second, most: 30 * time.Second,
		},
		{
			name: "the agent hangs up", script: holdTalk(hangup(agentTel)), legs: holdLegs,
			states: []string{"caller: ring talk", "agent: agent-in"},
		},
		{
			name: "hold and resume",
			script: holdTalk(signal("hold"), hears(caller, "play "+music), alone(agentTel), wait(2*time.Minute),
				signal("resume"), talking(caller), wait(10*time.Second), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk on-hold talk", "agent: agent-in"},
		},
		{
			name: "hold and resume twice, quickly",
			script: holdTalk(signal("hold"), wait(500*time.Millisecond), signal("resume"), wait(500*time.Millisecond), signal("hold"),
				wait(30*time.Second), signal("resume"), talking(caller), wait(10*time.Second), hangup(agentTel)),
			legs: holdLegs, states: []string{"caller: ring talk on-hold talk on-hold talk", "agent: agent-in"},
		},
		{
			name: "hold in the room and resume",
			script: holdTalk(signal("room-hold"), hears(caller, "play "+music), wait(time.Minute), signal("resume"), talking(caller),
				wait(10*time.Second), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk", "agent: agent-in"},
		},
		{
			name: "hold in a queue and resume",
			script: holdTalk(signal("queue-hold"), hears(caller, "play "+music), alone(agentTel), wait(2*time.Minute),
				signal("resume"), talking(caller), wait(10*time.Second), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk in-queue talk", "agent: agent-in"},
		},
		{
			name: "hold in the room, then out of it",
			script: holdTalk(signal("room-hold"), hears(caller, "play "+music), wait(5*time.Second), signal("hold"), state("caller", "on-hold"),
				wait(20*time.Second), signal("resume"), talking(caller), wait(10*time.Second), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk on-hold talk", "agent: agent-in"},
		},
		{
			name:   "on hold for too long",
			script: holdTalk(signal("hold")), legs: holdLegs,
			states: []string{"caller: ring talk on-hold away", "agent: agent-in"},
			heard:  []string{"play " + music, "Nobody is there"},
			least:  30 * time.Minute, most: 31 * time.Minute,
		},
		{
			name:    "hold before the agent answers",
			parties: map[string]sim.Party{agentTel: {AnswerAfter: 15 * time.Second}},
			script: []step{ringing(agentTel), wait(2 * time.Second), signal("hold"), wait(25 * time.Second), signal("resume"),
				talking(caller), wait(10 * time.Second), hangup(caller)},
			legs: holdLegs, states: []string{"caller: ring talk on-hold talk", "agent: agent-in"},
		},
		{
			name: "ended from outside during the talk", script: holdTalk(end()), legs: holdLegs,
			states: []string{"caller: ring talk", "agent: agent-in"}, outcome: "deleted",
		},
		{
			name: "ended from outside on hold", script: holdTalk(signal("hold"), hears(caller, "play "+music), end()), legs: holdLegs,
			states: []string{"caller: ring talk on-hold", "agent: agent-in"}, outcome: "deleted",
		},
	}
}

func holdUnreached() []scene {
	var scenes []scene
	for _, way := range []struct {
		name, result string
		party        sim.Party
	}{
		{"is busy", "busy", sim.Party{Outcome: sim.Busy}},
		{"declines", "busy", sim.Party{Outcome: sim.Decline, AnswerAfter: 4 * time.Second}},
		{"does not answer", "no-answer", sim.Party{Outcome: sim.NoAnswer}},
		{"cannot be reached", "failed", sim.Party{Outcome: sim.Unreachable}},
	} {
		scenes = append(scenes, scene{
			name:    "the agent " + way.name,
			parties: map[string]sim.Party{agentTel: way.party},
			legs:    []string{"caller inbound completed", "agent outbound-api " + way.result},
			states:  []string{"caller: ring talk away"},
			heard:   []string{"Nobody is there. Please call again."},
			most:    time.Minute,
		})
	}
	return scenes
}

func holdHangups() []scene {
	never := map[string]sim.Party{agentTel: {Outcome: sim.NoAnswer}}
	canceled := []string{"caller inbound completed", "agent outbound-api canceled"}
	return []scene{
		{
			name: "the caller gives up while the agent rings", parties: never,
			script: []step{ringing(agentTel), wait(5 * time.Second), hangup(caller)},
			legs:   canceled, states: []string{"caller: ring talk"}, most: 20 * time.Second,
		},
		{
			name: "the caller gives up on hold while the agent rings", parties: never,
			script: []step{ringing(agentTel), wait(2 * time.Second), signal("hold"), hears(caller, "play "+music), wait(5 * time.Second), hangup(caller)},
			legs:   canceled, states: []string{"caller: ring talk on-hold"},
		},
		{
			name: "the caller hangs up on hold", script: holdTalk(signal("hold"), hears(caller, "play "+music), wait(time.Minute), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk on-hold", "agent: agent-in"},
		},
		{
			name: "the caller hangs up on hold in the room", script: holdTalk(signal("room-hold"), hears(caller, "play "+music), wait(time.Minute), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk", "agent: agent-in"},
		},
		{
			name: "the caller hangs up in a queue", script: holdTalk(signal("queue-hold"), hears(caller, "play "+music), wait(time.Minute), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk in-queue", "agent: agent-in"},
		},
		{
			name: "the agent hangs up while the caller is in a queue", script: holdTalk(signal("queue-hold"), hears(caller, "play "+music), wait(time.Minute), hangup(agentTel)),
			legs: holdLegs, states: []string{"caller: ring talk in-queue away", "agent: agent-in"},
		},
		{
			name: "the agent hangs up while the caller is on hold", script: holdTalk(signal("hold"), hears(caller, "play "+music), wait(time.Minute), hangup(agentTel)),
			legs: holdLegs, states: []string{"caller: ring talk on-hold away", "agent: agent-in"},
			heard: []string{"Nobody is there"},
		},
		{
			name: "the agent hangs up while the caller is on hold in the room", script: holdTalk(signal("room-hold"), hears(caller, "play "+music), wait(time.Minute), hangup(agentTel)),
			legs: holdLegs, states: []string{"caller: ring talk", "agent: agent-in"},
		},
		{
			name: "the caller hangs up when told that nobody is there", parties: map[string]sim.Party{agentTel: {Outcome: sim.Busy}},
			script: []step{hears(caller, "Nobody is there"), hangup(caller)},
			legs:   []string{"caller inbound completed", "agent outbound-api busy"}, states: []string{"caller: ring talk away"},
		},
		{
			name: "ended from outside while the agent rings", parties: never,
			script: []step{ringing(agentTel), inRoom(caller), end()},
			legs:   canceled, states: []string{"caller: ring talk"}, outcome: "deleted",
		},
	}
}
