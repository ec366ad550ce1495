package flows_test

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
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

// share is the part of a list of conditions that a scene is played under where it is not
// played under all: the scenes take turns, by their names.
const share = 4

// conditions are those that a scene is played under: Twilio as it most likely is, things
// that are not known of it the other way, one by one and some of them together, and seeds
// of late, repeated, reordered and lost callbacks. The scenes share the switches one by
// one, unless there are several seeds; in short runs they share the seed's conditions
// instead, which have the switches too.
func conditions(scene string) []condition {
	own := func(all []condition) (part []condition) {
		for i := int(crc32.ChecksumIEEE([]byte(scene)) % share); i < len(all); i += share {
			part = append(part, all[i])
		}
		return part
	}
	alone, seeded := eachSwitch(), seededConditions()
	switch {
	case testing.Short():
		alone, seeded = nil, own(seeded)
	case *seeds == 1:
		alone = own(alone)
	}
	return slices.Concat([]condition{{"plain", flowtest.Options{Seed: 1}, true}}, alone, seeded)
}

// eachSwitch has each thing that is not known of Twilio the other way.
func eachSwitch() (all []condition) {
	for _, v := range sim.Variants() {
		o := flowtest.Options{Seed: 2}
		v.Set(&o.Switches)
		all = append(all, condition{v.Name, o, false})
	}
	return all
}

// seededConditions are mixed switches, and what networks and busy services do.
func seededConditions() (all []condition) {
	for seed := uint64(1); seed <= uint64(*seeds); seed++ {
		random := rand.New(rand.NewPCG(seed, 3))
		var mixed sim.Switches
		for _, v := range sim.Variants() {
			if random.IntN(2) == 1 {
				v.Set(&mixed)
			}
		}
		add := func(name string, switches sim.Switches, faults ...sim.Fault) {
			all = append(all, condition{fmt.Sprintf("%s %d", name, seed), flowtest.Options{Seed: seed, Switches: switches, Faults: faults}, false})
		}
		unruly := sim.Faults{{Kind: sim.RepeatCallback, Rate: 0.3}, {Kind: sim.DelayCallback, By: 3 * time.Second}, {Kind: sim.RepeatWebhook, Rate: 0.3}}
		add("mixed switches", mixed)
		add("unruly callbacks", sim.Switches{}, unruly...)
		add("mixed switches and unruly callbacks", mixed, unruly...)
		add("lossy callbacks", mixed, sim.Fault{Kind: sim.LoseCallback, Rate: 0.3}, sim.Fault{Kind: sim.RepeatCallback, Rate: 0.2})
		add("busy REST API", sim.Switches{}, sim.Fault{Kind: sim.TooManyRequests, Rate: 0.3})
		add("reordered callbacks", mixed, sim.Fault{Kind: sim.ReorderCallback, Rate: 0.7})
		add("lost answers of the REST API", sim.Switches{}, sim.Fault{Kind: sim.ErrorAfter, Rate: 0.2}, sim.Fault{Kind: sim.NoRESTAnswer, Rate: 0.2})
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
