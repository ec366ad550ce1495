package flows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// browser is somebody who calls with the Voice SDK, by a TwiML application.
const browser = "client:dora"

// anApp has the account have a TwiML application for the flow.
func anApp(w *flowtest.World) {
	n := flowtest.NumberAt(w.API.Base)
	n.VoiceURL += "/dialler"
	n.FallbackURL = n.VoiceURL
	w.Sim.AddNumber("app:dialler", n)
}

func TestDialler(t *testing.T) {
	t.Parallel()
	var scenes []scene
	for _, me := range []string{ann, browser} {
		all := slices.Concat(diallerMessages(me), diallerTalks(me), diallerUnreached(me))
		for _, sc := range all {
			switch me {
			case browser:
				sc.from, sc.to, sc.params, sc.world, sc.name = browser, "app:dialler", []string{"number", callee}, anApp, "by browser: "+sc.name
			default:
				sc.start, sc.input, sc.name = "dialler", map[string]any{"me": ann, "number": callee}, "by phone: "+sc.name
			}
			scenes = append(scenes, sc)
		}
	}
	playAll(t, append(scenes, diallerOwnPhone()...))
}

// diallerLegs are the legs of a session: what became of the far one.
func diallerLegs(me, far string) []string {
	own := "me outbound-api completed"
	if me == browser {
		own = "me inbound completed"
	}
	return []string{own, "far outbound-dial " + far}
}

// freed checks that the own call ended at once when the button was pressed, and that the
// other end hears the whole file.
func freed(me string) func(*play) error {
	return func(p *play) error {
		var pressed, free, over time.Time
		for _, e := range p.Sim.Log() {
			switch {
			case e.Kind == sim.EntryREST && e.Call == p.at(callee).SID() && e.Params.Get("Url") != "":
				pressed = e.At
			case e.Kind == sim.EntryStatus && e.Call == p.at(me).SID():
				free = e.At
			case e.Kind == sim.EntryStatus && e.Call == p.at(callee).SID():
				over = e.At
			}
		}
		if pressed.IsZero() || free.Sub(pressed) > time.Second {
			return fmt.Errorf("free %v after the other end was redirected", free.Sub(pressed))
		}
		if played := over.Sub(pressed); !p.at(callee).HeardText("play "+messageURL) || played < 40*time.Second || played > 42*time.Second {
			return fmt.Errorf("the other end heard the message for %v", played)
		}
		return nil
	}
}

// lives waits for nothing: somebody must be on the phone now.
func lives(who string) step {
	return step{who + " is on the phone", func(p *play) error {
		if p.at(who).Ended() {
			return fmt.Errorf("%s has gone", who)
		}
		return nil
	}}
}

func diallerMessages(me string) []scene {
	leave, done := signal("leave-message"), diallerLegs(me, "completed")
	left := []string{"me: dialling", "far: message"}
	rings := map[string]sim.Party{callee: {AnswerAfter: 15 * time.Second}}
	return []scene{
		{
			name: "a message is left", legs: done, states: left, also: freed(me), most: 90 * time.Second,
			script: []step{talking(me), wait(10 * time.Second), leave, ended(me), lives(callee)},
		},
		{
			name: "a machine has it after its beep", parties: map[string]sim.Party{callee: machine()}, legs: done, states: left, also: freed(me),
			script: []step{talking(me), wait(10 * time.Second), leave, ended(me), recorded(callee, "play "+messageURL)},
		},
		{
			name: "pressed while it rings", parties: rings, legs: done, states: left, also: freed(me), racy: true, // else me waits until Twilio is asked
			script: []step{ringing(callee), wait(2 * time.Second), leave, wait(5 * time.Second), lives(me), ended(me), lives(callee)},
		},
		{
			name: "pressed while it rings, and nobody answers", parties: map[string]sim.Party{callee: {Outcome: sim.NoAnswer}}, legs: diallerLegs(me, "no-answer"),
			states: []string{"me: dialling not-reached"}, script: []step{ringing(callee), wait(2 * time.Second), leave},
		},
		{
			name: "pressed while it rings, then hung up", parties: map[string]sim.Party{callee: {Outcome: sim.Manual}}, legs: diallerLegs(me, "canceled"),
			states: []string{"me: dialling"}, script: []step{ringing(callee), leave, wait(2 * time.Second), hangup(me)},
		},
		{
			name: "pressed twice", legs: done, states: left, also: freed(me),
			script: []step{talking(me), wait(10 * time.Second), leave, leave, ended(me)},
		},
		{
			name: "the other end hangs up while it plays", legs: done, states: left,
			script: []step{talking(me), leave, hears(callee, messageURL), wait(5 * time.Second), hangup(callee)},
		},
		{
			name: "stopped while it plays", legs: done, states: left, most: 40 * time.Second,
			script: []step{talking(me), leave, hears(callee, messageURL), wait(5 * time.Second), signal("hang-up"), ended(callee)},
		},
		{
			name: "no second message while it plays", legs: done, states: left,
			script: []step{talking(me), leave, ended(me), refused("leave-message", nil)},
		},
		{
			name: "ended from outside while it plays", legs: done, states: left, outcome: "deleted", most: 40 * time.Second,
			script: []step{talking(me), leave, ended(me), wait(2 * time.Second), end()},
		},
	}
}

func diallerTalks(me string) []scene {
	done, talk := diallerLegs(me, "completed"), []string{"me: dialling"}
	after := func(more ...step) []step { return append([]step{talking(me), wait(10 * time.Second)}, more...) }
	return []scene{
		{name: "hang-up", legs: done, states: talk, script: after(signal("hang-up")), most: 30 * time.Second},
		{name: "the far end hangs up", legs: done, states: talk, script: after(hangup(callee)), most: 30 * time.Second},
		{name: "I hang up", legs: done, states: talk, script: after(hangup(me)), most: 30 * time.Second},
		{name: "both hang up at the same time", legs: done, states: talk, script: after(hangup(me), hangup(callee))},
		{name: "the far end hangs up as the button is pressed", legs: done, states: talk, script: after(hangup(callee), hangupBy("hang-up"))},
		{name: "ended from outside", legs: done, states: talk, script: after(end()), outcome: "deleted"},
	}
}

// hangupBy sends a signal that may come too late.
func hangupBy(name string) step {
	return step{"signal " + name + ", perhaps too late", func(p *play) error { _ = p.API.Signal(p.id, name, nil); return nil }}
}

func diallerUnreached(me string) []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name: "the far end " + way.name, parties: map[string]sim.Party{callee: way.party},
			legs: diallerLegs(me, way.result), states: []string{"me: dialling not-reached"}, heard: []string{"Not reached"}, most: time.Minute,
		})
	}
	rings, canceled := map[string]sim.Party{callee: {Outcome: sim.Manual}}, diallerLegs(me, "canceled")
	ring := func(more ...step) []step { return append([]step{ringing(callee), wait(3 * time.Second)}, more...) }
	talk := []string{"me: dialling"}
	return append(scenes,
		scene{name: "I hang up while it rings", parties: rings, legs: canceled, states: talk, script: ring(hangup(me))},
		scene{name: "hang-up while it rings", parties: rings, legs: canceled, states: talk, script: ring(signal("hang-up"))},
		scene{name: "ended from outside while it rings", parties: rings, legs: canceled, states: talk, script: ring(end()), outcome: "deleted"},
		scene{
			name: "I hang up when told so", parties: map[string]sim.Party{callee: {Outcome: sim.Busy}}, legs: diallerLegs(me, "busy"),
			states: []string{"me: dialling not-reached"}, script: []step{hears(me, "Not reached"), hangup(me)},
		},
	)
}

// diallerOwnPhone are sessions whose own phone is not answered.
func diallerOwnPhone() []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{name: "my phone " + way.name, parties: map[string]sim.Party{ann: way.party}, legs: []string{"me outbound-api " + way.result}, outcome: "me-unreachable"})
	}
	rings, canceled := map[string]sim.Party{ann: {Outcome: sim.Manual}}, []string{"me outbound-api canceled"}
	scenes = append(scenes,
		scene{name: "hang-up while my phone rings", parties: rings, legs: canceled, script: []step{ringing(ann), refused("leave-message", nil), signal("hang-up")}},
		scene{name: "ended from outside while my phone rings", parties: rings, legs: canceled, script: []step{ringing(ann), end()}, outcome: "deleted"},
	)
	for i := range scenes {
		scenes[i].start, scenes[i].input, scenes[i].most = "dialler", map[string]any{"me": ann, "number": callee}, time.Minute
	}
	return scenes
}

// TestDiallerWithoutCallbacks loses everything that Twilio tells by itself, so that only
// the SID of the own call is known: the far one is looked up by it.
func TestDiallerWithoutCallbacks(t *testing.T) {
	t.Parallel()
	within := func(p *play) error {
		if far := p.at(callee); !far.HeardText("play " + messageURL) {
			return fmt.Errorf("the far end hears %q", far.Heard())
		}
		return nil
	}
	for name, sc := range map[string]scene{
		"in the talk":    {script: []step{talking(ann), wait(10 * time.Second), signal("leave-message"), waitEnd(ann, 4*time.Second), lives(callee)}},
		"while it rings": {script: []step{ringing(callee), wait(time.Second), signal("leave-message"), waitEnd(ann, 20*time.Second), lives(callee)}, parties: map[string]sim.Party{callee: {AnswerAfter: 10 * time.Second}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc.start, sc.input, sc.also, sc.refusals = "dialler", map[string]any{"me": ann, "number": callee}, within, true
			sc.legs, sc.states = diallerLegs(ann, "completed"), []string{"me: dialling", "far: message"}
			for _, v := range append(sim.Variants(), sim.Variant{Name: "none", Set: func(*sim.Switches) {}}) {
				o := flowtest.Options{Seed: 1, Faults: sim.Faults{{Kind: sim.LoseCallback}}}
				v.Set(&o.Switches)
				sc.play(t, condition{v.Name, o, true})
			}
		})
	}
}

// waitEnd waits until somebody is off the phone, for no longer than that.
func waitEnd(who string, limit time.Duration) step {
	return step{who + " is soon off the phone", func(p *play) error {
		if !p.Until(func() bool { return p.at(who).Ended() }, limit) {
			return fmt.Errorf("%s is still on the phone after %v", who, limit)
		}
		return nil
	}}
}
