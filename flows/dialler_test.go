package flows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestDialler(t *testing.T) {
	t.Parallel()
	legs := []string{"me outbound-api completed", "far outbound-dial completed"}
	// freed proves that the own leg ends at once and the other end hears the whole file.
	freed := func(p *play) error {
		if f := p.at(callee); !f.HeardText("play " + messageURL) {
			return fmt.Errorf("the far end hears %q", f.Heard())
		}
		if p.took < 50*time.Second {
			return fmt.Errorf("over after %v: the file was cut off", p.took)
		}
		return nil
	}
	scenes := []scene{
		{
			name: "a message is left", legs: legs, states: []string{"me: dialling", "far: message"}, also: freed, most: 90 * time.Second,
			script: []step{talking(ann), wait(10 * time.Second), signal("leave-message"), ended(ann), {"the far end is still there", func(p *play) error {
				if p.at(callee).Ended() {
					return fmt.Errorf("the far end has gone with me")
				}
				return nil
			}}},
		},
		{name: "hang-up", legs: legs, states: []string{"me: dialling"}, script: []step{talking(ann), wait(10 * time.Second), signal("hang-up")}},
		{name: "the far end hangs up", legs: legs, states: []string{"me: dialling"}, script: []step{talking(ann), wait(10 * time.Second), hangup(callee)}},
		{name: "I hang up", legs: legs, states: []string{"me: dialling"}, script: []step{talking(ann), wait(10 * time.Second), hangup(ann)}},
		{
			name: "the far end is busy", parties: map[string]sim.Party{callee: {Outcome: sim.Busy}},
			legs:   []string{"me outbound-api completed", "far outbound-dial busy"},
			states: []string{"me: dialling not-reached"}, heard: []string{"Not reached"},
		},
		{
			name: "I do not answer", parties: map[string]sim.Party{ann: {Outcome: sim.NoAnswer}},
			legs: []string{"me outbound-api no-answer"}, outcome: "me-unreachable",
		},
	}
	for i := range scenes {
		scenes[i].start = "dialler"
		scenes[i].input = map[string]any{"me": ann, "number": callee}
	}
	playAll(t, scenes)
}
