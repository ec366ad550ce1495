package flows_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestBridgeTwo(t *testing.T) {
	t.Parallel()
	scenes := append(bridgeTalks(), bridgeUnreached()...)
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
	for _, way := range []struct {
		name, result string
		party        sim.Party
	}{
		{"is busy", "busy", sim.Party{Outcome: sim.Busy}},
		{"does not answer", "no-answer", sim.Party{Outcome: sim.NoAnswer}},
		{"cannot be reached", "failed", sim.Party{Outcome: sim.Unreachable}},
	} {
		scenes = append(scenes, scene{
			name: "A " + way.name, parties: map[string]sim.Party{ann: way.party},
			legs: []string{"a outbound-api " + way.result}, outcome: "a-unreachable",
		}, scene{
			name: "B " + way.name, parties: map[string]sim.Party{bob: way.party},
			legs:   []string{"a outbound-api completed", "b outbound-api " + way.result},
			states: []string{"a: meet sorry"}, heard: []string{"The other party could not be reached"}, most: 90 * time.Second,
		})
	}
	return scenes
}
