package flows_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestClickToCall(t *testing.T) {
	t.Parallel()
	scenes := clickTalks()
	scenes = append(scenes, clickUnreached()...)
	scenes = append(scenes, clickHangups()...)
	for i := range scenes {
		scenes[i].start = "click-to-call"
		scenes[i].input = map[string]any{"agent": agentTel, "customer": customer}
	}
	playAll(t, scenes)
}

const (
	agentDone    = "agent outbound-api completed"
	customerDone = "customer outbound-dial completed"
)

func clickTalks() []scene {
	return []scene{
		{
			name:   "the customer hangs up",
			script: []step{talking(agentTel), wait(time.Minute), hangup(customer)},
			legs:   []string{agentDone, customerDone},
			states: []string{"agent: connect"},
			heard:  []string{"Connecting you to"},
			least:  time.Minute, most: 80 * time.Second,
		},
		{
			name:   "the agent hangs up",
			script: []step{talking(agentTel), wait(time.Minute), hangup(agentTel)},
			legs:   []string{agentDone, customerDone},
			states: []string{"agent: connect"},
		},
		{
			name:   "the limit of an hour",
			script: []step{talking(agentTel)},
			legs:   []string{agentDone, customerDone},
			states: []string{"agent: connect"},
			least:  time.Hour, most: time.Hour + 20*time.Second,
		},
		{
			name:   "ended from outside during the talk",
			script: []step{talking(agentTel), end()},
			legs:   []string{agentDone, customerDone},
			states: []string{"agent: connect"}, outcome: "deleted",
		},
	}
}

func clickUnreached() []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name:    "the agent " + way.name,
			parties: map[string]sim.Party{agentTel: way.party},
			legs:    []string{"agent outbound-api " + way.result}, outcome: "agent-unreachable",
			most: 45 * time.Second,
		}, scene{
			name:    "the customer " + way.name,
			parties: map[string]sim.Party{customer: way.party},
			legs:    []string{agentDone, "customer outbound-dial " + way.result},
			states:  []string{"agent: connect not-reached"},
			heard:   []string{"Connecting you to", "Sorry, nobody picked up."},
			most:    time.Minute,
		})
	}
	return scenes
}

func clickHangups() []scene {
	never := map[string]sim.Party{customer: {Outcome: sim.NoAnswer}}
	busy, sorry := map[string]sim.Party{customer: {Outcome: sim.Busy}}, []string{"agent: connect not-reached"}
	late := map[string]sim.Party{customer: {Outcome: sim.Manual}}
	return []scene{
		{name: "both hang up at the same time", script: []step{talking(agentTel), wait(10 * time.Second), hangup(agentTel), hangup(customer)}, legs: []string{agentDone, customerDone}, states: []string{"agent: connect"}},
		{
			name: "the agent hangs up as the customer answers", parties: late, script: []step{ringing(customer), act(customer, "answers", (*sim.Call).Answer), hangup(agentTel)},
			legs: []string{agentDone, customerDone}, states: []string{"agent: connect"}, racy: true,
		},
		{
			name: "ended from outside when told that nobody picked up", parties: busy, script: []step{hears(agentTel, "Sorry"), end()},
			legs: []string{agentDone, "customer outbound-dial busy"}, states: sorry, outcome: "deleted",
		},
		{
			name:   "the agent hangs up during the prompt",
			script: []step{hears(agentTel, "Connecting"), hangup(agentTel)},
			legs:   []string{agentDone, "customer outbound-dial canceled"}, states: []string{"agent: connect"},
		},
		{
			name: "the agent hangs up while the customer rings", parties: never,
			script: []step{ringing(customer), wait(5 * time.Second), hangup(agentTel)},
			legs:   []string{agentDone, "customer outbound-dial canceled"}, states: []string{"agent: connect"},
		},
		{
			name: "the agent hangs up when told that nobody picked up", parties: map[string]sim.Party{customer: {Outcome: sim.Busy}},
			script: []step{hears(agentTel, "Sorry"), hangup(agentTel)},
			legs:   []string{agentDone, "customer outbound-dial busy"}, states: []string{"agent: connect not-reached"},
		},
		{
			name: "ended from outside while the agent rings", parties: map[string]sim.Party{agentTel: {Outcome: sim.NoAnswer}},
			script: []step{ringing(agentTel), end()},
			legs:   []string{"agent outbound-api canceled"}, outcome: "deleted",
		},
		{
			name: "ended from outside while the customer rings", parties: never,
			script: []step{ringing(customer), end()},
			legs:   []string{agentDone, "customer outbound-dial canceled"}, states: []string{"agent: connect"}, outcome: "deleted",
		},
	}
}
