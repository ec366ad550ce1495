package flows_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// holdNumber is the number that the flow hold-loop answers.
const holdNumber = "+15005550011"

func TestHoldLoop(t *testing.T) {
	t.Parallel()
	scenes := slices.Concat(holdTalks(), holdUnreached(), holdHangups())
	for _, way := range []held{{"hold", "on-hold"}, {"room-hold", "in-room"}, {"queue-hold", "in-queue"}} {
		for _, sc := range slices.Concat(way.talks(), way.unreached(), way.hangups()) {
			sc.name = way.signal + ": " + sc.name
			scenes = append(scenes, sc)
		}
	}
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

var atWork = "agent: agent-in"

func holdTalks() []scene {
	return []scene{
		{
			name: "the caller hangs up", script: holdTalk(hangup(caller)), legs: holdLegs,
			states: []string{"caller: ring talk", atWork}, least: 10 * time.Second, most: 30 * time.Second,
		},
		{name: "the agent hangs up", script: holdTalk(hangup(agentTel)), legs: holdLegs, states: []string{"caller: ring talk", atWork}},
		{name: "both hang up at the same time", script: holdTalk(hangup(agentTel), hangup(caller)), legs: holdLegs, states: []string{"caller: ring talk", atWork}},
		{
			name: "hold and resume twice, quickly",
			script: holdTalk(signal("hold"), wait(500*time.Millisecond), signal("resume"), wait(500*time.Millisecond), signal("hold"),
				wait(30*time.Second), signal("resume"), talking(caller), wait(10*time.Second), hangup(agentTel)),
			legs: holdLegs, states: []string{"caller: ring talk on-hold talk on-hold talk", atWork},
		},
		{
			name: "hold in the room, then out of it",
			script: holdTalk(signal("room-hold"), hears(caller, "play "+music), wait(5*time.Second), signal("resume"), signal("hold"), state("caller", "on-hold"),
				wait(20*time.Second), signal("resume"), talking(caller), wait(10*time.Second), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk in-room talk on-hold talk", atWork},
		},
		{
			name: "each way after the other",
			script: holdTalk(signal("queue-hold"), hears(caller, "You are number"), signal("resume"), talking(caller), signal("room-hold"), alone(agentTel), wait(time.Minute), signal("resume"),
				talking(caller), signal("hold"), state("caller", "on-hold"), wait(time.Minute), signal("resume"), talking(caller), hangup(caller)),
			legs: holdLegs, states: []string{"caller: ring talk in-queue talk in-room talk on-hold talk", atWork},
		},
		{
			name: "ended from outside during the talk", script: holdTalk(end()), legs: holdLegs,
			states: []string{"caller: ring talk", atWork}, outcome: "deleted",
		},
	}
}

// held is one of the ways to hold a caller: its signal, and the state that it leads to.
type held struct{ signal, state string }

// onHold is a script that begins with the caller on hold and the agent by himself.
func (h held) onHold(more ...step) []step {
	return holdTalk(append([]step{signal(h.signal), hears(caller, "play "+music), alone(agentTel)}, more...)...)
}

func (h held) states(more ...string) []string {
	return []string{strings.Join(append([]string{"caller: ring talk", h.state}, more...), " "), atWork}
}

func (h held) talks() []scene {
	early := map[string]sim.Party{agentTel: {AnswerAfter: 15 * time.Second}}
	return []scene{
		{
			name: "and resume", script: h.onHold(wait(2*time.Minute), hears(caller, "Thank you for holding."), signal("resume"), talking(caller), talking(agentTel), wait(10*time.Second), hangup(caller)),
			legs: holdLegs, states: h.states("talk"),
		},
		{
			name: "signals at the wrong time", legs: holdLegs, states: h.states("talk"),
			script: holdTalk(refused("resume", nil), signal(h.signal), state("caller", h.state), refused(h.signal, nil), wait(20*time.Second), signal("resume"), talking(caller), refused("resume", nil), hangup(caller)),
		},
		{
			name: "for too long", script: h.onHold(), legs: holdLegs, states: h.states("away"),
			heard: []string{"play " + music, "Thank you for holding.", "Nobody is there"}, least: 30 * time.Minute, most: 31 * time.Minute,
		},
		{
			name: "before the agent answers", parties: early, legs: holdLegs, states: h.states("talk"),
			script: []step{ringing(agentTel), inRoom(caller), wait(2 * time.Second), signal(h.signal), wait(25 * time.Second), signal("resume"), talking(caller), wait(10 * time.Second), hangup(caller)},
		},
		{name: "ended from outside", script: h.onHold(end()), legs: holdLegs, states: h.states(), outcome: "deleted"},
	}
}

// unreached: the agent turns out not to be there while the caller is on hold.
func (h held) unreached() []scene {
	var scenes []scene
	for _, result := range []string{"busy", "no-answer"} {
		party := sim.Party{Outcome: sim.NoAnswer}
		if result == "busy" {
			party = sim.Party{Outcome: sim.Decline, AnswerAfter: 12 * time.Second}
		}
		scenes = append(scenes, scene{
			name: "and then the agent is not there: " + result, parties: map[string]sim.Party{agentTel: party}, heard: []string{"Nobody is there"}, most: 2 * time.Minute,
			script: []step{ringing(agentTel), inRoom(caller), wait(2 * time.Second), signal(h.signal), state("caller", h.state)},
			legs:   []string{"caller inbound completed", "agent outbound-api " + result}, states: []string{"caller: ring talk " + h.state + " away"},
		})
	}
	return scenes
}

func (h held) hangups() []scene {
	never := map[string]sim.Party{agentTel: {Outcome: sim.NoAnswer}}
	return []scene{
		{name: "the caller hangs up", script: h.onHold(wait(time.Minute), hangup(caller)), legs: holdLegs, states: h.states()},
		{
			name: "the agent hangs up", script: h.onHold(wait(time.Minute), hangup(agentTel)), legs: holdLegs, states: h.states("away"),
			heard: []string{"Nobody is there"}, most: 3 * time.Minute,
		},
		{
			name: "the caller gives up while the agent rings", parties: never, most: time.Minute,
			script: []step{ringing(agentTel), inRoom(caller), wait(2 * time.Second), signal(h.signal), hears(caller, "play "+music), wait(5 * time.Second), hangup(caller)},
			legs:   []string{"caller inbound completed", "agent outbound-api canceled"}, states: []string{"caller: ring talk " + h.state},
		},
		{
			name: "the agent hangs up as the caller comes back", script: h.onHold(wait(time.Minute), signal("resume"), hangup(agentTel)), legs: holdLegs,
			states: h.states("talk"), racy: true, most: 3 * time.Minute,
		},
	}
}

// TestTooLong plays a session that is ended by its limit, whatever its calls do then.
func TestTooLong(t *testing.T) {
	t.Parallel()
	folder := variant(t, "hold-loop.yaml", "answer: ring\n", "answer: ring\nmax_duration: 20m\n")
	scenes := []scene{
		{name: "in the talk", script: holdTalk(), legs: holdLegs, states: []string{"caller: ring talk", atWork}},
		{name: "on hold", script: held{"hold", "on-hold"}.onHold(), legs: holdLegs, states: held{"hold", "on-hold"}.states()},
		{name: "in a queue", script: held{"queue-hold", "in-queue"}.onHold(), legs: holdLegs, states: held{"queue-hold", "in-queue"}.states()},
	}
	for i := range scenes {
		sc := &scenes[i]
		sc.to, sc.flows, sc.outcome, sc.least, sc.most = holdNumber, folder, "too-long", 20*time.Minute, 21*time.Minute
	}
	playAll(t, scenes)
}

// TestHoldQueue has two callers hold for the same agent: each hears the own place.
func TestHoldQueue(t *testing.T) {
	t.Parallel()
	second := step{"another caller holds first", func(p *play) error {
		c, err := p.Call(ann, holdNumber)
		if err != nil {
			return err
		}
		id := p.SessionOf(c)
		if !p.Until(func() bool { return len(c.Peers()) > 0 }, time.Minute) {
			return errors.New("nobody takes the other call")
		}
		if err := p.API.Signal(id, "queue-hold", nil); err != nil {
			return err
		}
		p.Until(func() bool { return c.HeardText("You are number 1.") }, time.Minute)
		p.Sim.AddParty(ann, sim.Party{})
		return nil
	}}
	bye := step{"the other caller hangs up", func(p *play) error {
		for _, c := range p.Sim.Calls() {
			if c.From() == ann {
				c.Hangup()
			}
		}
		return nil
	}}
	playAll(t, []scene{{
		name: "two hold", to: holdNumber, script: []step{talking(caller), second, signal("queue-hold"), hears(caller, "You are number 2."), bye, hears(caller, "You are number 1."), signal("resume"), talking(caller), hangup(caller)},
		legs: holdLegs, states: []string{"caller: ring talk in-queue talk", atWork},
	}})
}

func holdUnreached() []scene {
	var scenes []scene
	for _, way := range ways() {
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
