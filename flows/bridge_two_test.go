package flows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestBridgeTwo(t *testing.T) {
	t.Parallel()
	scenes := slices.Concat(bridgeTalks(), bridgeUnreached(), bridgeHangups())
	for i := range scenes {
		scenes[i].start = "bridge-two"
		scenes[i].input = map[string]any{"a": ann, "b": bob}
	}
	playAll(t, scenes)
}

var (
	bridgeLegs = []string{"a outbound-api completed", "b outbound-api completed"}
	bridgeMet  = []string{"a: meet", "b: meet"}
)

func bridgeTalks() []scene {
	never := map[string]sim.Party{bob: {Outcome: sim.NoAnswer}}
	canceled := []string{"a outbound-api completed", "b outbound-api canceled"}
	return []scene{
		{
			name: "A hangs up", script: []step{talking(ann), wait(time.Minute), hangup(ann)}, legs: bridgeLegs, states: bridgeMet,
			heard: []string{"Connecting you"}, least: time.Minute, most: 85 * time.Second,
		},
		{name: "B hangs up", script: []step{talking(ann), wait(time.Minute), hangup(bob)}, legs: bridgeLegs, states: bridgeMet},
		{
			name: "A hangs up while B rings", parties: never,
			script: []step{ringing(bob), wait(5 * time.Second), hangup(ann)},
			legs:   canceled, states: []string{"a: meet"}, most: 25 * time.Second,
		},
		{
			name: "ended from outside while A rings", parties: map[string]sim.Party{ann: {Outcome: sim.NoAnswer}},
			script: []step{ringing(ann), end()}, legs: []string{"a outbound-api canceled"}, outcome: "deleted",
		},
		{name: "ended from outside during the talk", script: []step{talking(ann), end()}, legs: bridgeLegs, states: bridgeMet, outcome: "deleted"},
	}
}

func bridgeUnreached() []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name: "A " + way.name, parties: map[string]sim.Party{ann: way.party},
			legs: []string{"a outbound-api " + way.result}, outcome: "a-unreachable",
		}, scene{
			name: "B " + way.name, parties: map[string]sim.Party{bob: way.party},
			legs:   []string{"a outbound-api completed", "b outbound-api " + way.result},
			states: []string{"a: meet sorry"}, heard: []string{"The other party could not be reached"}, most: 90 * time.Second,
		})
	}
	return append(scenes, scene{
		name: "A hangs up when told that B was not reached", parties: map[string]sim.Party{bob: {Outcome: sim.Busy}},
		script: []step{hears(ann, "could not be reached"), hangup(ann)}, legs: []string{"a outbound-api completed", "b outbound-api busy"}, states: []string{"a: meet sorry"},
	})
}

func bridgeHangups() []scene {
	late := map[string]sim.Party{bob: {Outcome: sim.Manual}}
	picksUp := act(bob, "answers", (*sim.Call).Answer)
	canceled := []string{"a outbound-api completed", "b outbound-api canceled"}
	return []scene{
		{name: "both hang up at the same time", script: []step{talking(ann), wait(10 * time.Second), hangup(ann), hangup(bob)}, legs: bridgeLegs, states: bridgeMet, most: time.Minute},
		{name: "A hangs up during the prompt", parties: late, script: []step{hears(ann, "Connecting"), hangup(ann)}, legs: canceled, states: []string{"a: meet"}, most: time.Minute},
		{name: "B hangs up during its prompt", script: []step{hears(bob, "Connecting"), hangup(bob)}, legs: bridgeLegs, states: bridgeMet, most: time.Minute},
		{
			name: "A hangs up during B's prompt", parties: late, script: []step{inRoom(ann), ringing(bob), picksUp, hears(bob, "Connecting"), hangup(ann)}, legs: bridgeLegs, states: bridgeMet, most: time.Minute,
		},
		{
			name: "A hangs up as B answers", parties: late, script: []step{inRoom(ann), ringing(bob), picksUp, hangup(ann)}, legs: bridgeLegs, states: bridgeMet, racy: true, most: time.Minute,
		},
		{name: "ended from outside while B rings", parties: late, script: []step{ringing(bob), inRoom(ann), end()}, legs: canceled, states: []string{"a: meet"}, outcome: "deleted"},
	}
}
