package flows_test

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// condition is something that must not change what becomes of a session.
type condition struct {
	name  string
	o     flowtest.Options
	exact bool
}

// share is the part of the switches that a scene is played with one by one, where it is
// not played with all: the scenes take turns, by their names.
const share = 4

// conditions are those that a scene is played under: Twilio as it most likely
// is, things that are not known of it the other way, one by one and some of them
// together, and seeds of late, repeated, reordered and lost callbacks. With several seeds
// each scene has all the switches one by one.
func conditions(scene string) []condition {
	turn := int(crc32.ChecksumIEEE([]byte(scene)) % share)
	all := []condition{{"plain", flowtest.Options{Seed: 1}, true}}
	variants := sim.Variants()
	for i, v := range variants {
		if testing.Short() || *seeds == 1 && (i+turn)%share != 0 {
			continue // the mixed ones have them too
		}
		o := flowtest.Options{Seed: 2}
		v.Set(&o.Switches)
		all = append(all, condition{v.Name, o, false})
	}
	for seed := uint64(1); seed <= uint64(*seeds); seed++ {
		random := rand.New(rand.NewPCG(seed, 3))
		mixed := flowtest.Options{Seed: seed}
		for _, v := range variants {
			if random.IntN(2) == 1 {
				v.Set(&mixed.Switches)
			}
		}
		all = append(all, condition{fmt.Sprintf("mixed switches %d", seed), mixed, false})
		unruly := flowtest.Options{Seed: seed, Faults: sim.Faults{{Kind: sim.RepeatCallback, Rate: 0.3}, {Kind: sim.DelayCallback, By: 3 * time.Second}, {Kind: sim.RepeatWebhook, Rate: 0.3}}}
		all = append(all, condition{fmt.Sprintf("unruly callbacks %d", seed), unruly, false})
		unruly.Switches = mixed.Switches
		all = append(all, condition{fmt.Sprintf("mixed switches and unruly callbacks %d", seed), unruly, false})
		lossy := flowtest.Options{Seed: seed, Switches: mixed.Switches, Faults: sim.Faults{{Kind: sim.LoseCallback, Rate: 0.3}, {Kind: sim.RepeatCallback, Rate: 0.2}}}
		all = append(all, condition{fmt.Sprintf("lossy callbacks %d", seed), lossy, false})
		busy := flowtest.Options{Seed: seed, Faults: sim.Faults{{Kind: sim.TooManyRequests, Rate: 0.3}}}
		all = append(all, condition{fmt.Sprintf("busy REST API %d", seed), busy, false})
		swapped := flowtest.Options{Seed: seed, Switches: mixed.Switches, Faults: sim.Faults{{Kind: sim.ReorderCallback, Rate: 0.7}}}
		all = append(all, condition{fmt.Sprintf("reordered callbacks %d", seed), swapped, false})
		unsure := flowtest.Options{Seed: seed, Faults: sim.Faults{{Kind: sim.ErrorAfter, Rate: 0.2}, {Kind: sim.NoRESTAnswer, Rate: 0.2}}}
		all = append(all, condition{fmt.Sprintf("lost answers of the REST API %d", seed), unsure, false})
	}
	return all
}

// playAll plays every scene under all conditions.
func playAll(t *testing.T, scenes []scene) {
	t.Helper()
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range conditions(t.Name()) {
				sc.play(t, c)
			}
		})
	}
}

// way is one in which a called party is not reached.
type way struct {
	name, result string
	party        sim.Party
}

// ways are all of them.
func ways() []way {
	return []way{
		{"is busy", "busy", sim.Party{Outcome: sim.Busy}},
		{"declines", "busy", sim.Party{Outcome: sim.Decline, AnswerAfter: 4 * time.Second}},
		{"does not answer", "no-answer", sim.Party{Outcome: sim.NoAnswer}},
		{"cannot be reached", "failed", sim.Party{Outcome: sim.Unreachable}},
	}
}
