package flows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// supportNumber is the number that the flow support-hold answers.
const supportNumber = "+15005550010"

// workers has TaskRouter know these workers by their phones.
func workers(phones ...string) func(*flowtest.World) {
	return func(w *flowtest.World) {
		w.Sim.AddWorkflow(workflow, sim.Workflow{AssignmentURL: w.API.Base + "/taskrouter/assignment"})
		for _, phone := range phones {
			if _, err := w.Sim.AddWorker("worker "+phone, fmt.Sprintf(`{"contact_uri": %q}`, phone)); err != nil {
				panic(err) // the attributes are JSON
			}
		}
	}
}

// tasks wants these tasks, each as its status and those of its reservations.
func tasks(want ...[]string) func(*play) error {
	return func(p *play) error {
		var got [][]string
		for _, t := range p.Sim.Tasks() {
			one := []string{t.Status}
			for _, r := range t.Reservations {
				one = append(one, r.Status)
			}
			got = append(got, one)
		}
		if d := cmp.Diff(want, got); d != "" {
			return fmt.Errorf("tasks (-want +got):\n%s", d)
		}
		return nil
	}
}

func TestSupportHold(t *testing.T) {
	t.Parallel()
	talk := func(more ...step) []step {
		return append([]step{talking(caller), wait(10 * time.Second)}, more...)
	}
	both := []string{"caller inbound completed", "agent outbound-api completed"}
	done := tasks([]string{"completed", "completed"})
	scenes := []scene{
		{
			name: "the caller hangs up", world: workers(agentTel), script: talk(hangup(caller)),
			legs: both, states: []string{"caller: queue talk", "agent: with-caller"}, also: done, most: time.Minute,
		},
		{
			name: "the agent hangs up", world: workers(agentTel), script: talk(hangup(agentTel)),
			legs: both, states: []string{"caller: queue talk finish", "agent: with-caller"}, also: done, most: time.Minute,
		},
		{
			name: "hold and resume with the same agent", world: workers(agentTel, ann),
			script: talk(signal("hold"), hears(caller, "Please hold"), alone(agentTel), wait(time.Minute), signal("resume"), talking(caller),
				talking(agentTel), wait(10*time.Second), hangup(caller)),
			legs: both, states: []string{"caller: queue talk on-hold talk", "agent: with-caller"}, also: done,
			heard: []string{"You are number 1.", "Please hold the line."},
		},
		{
			name: "the first agent declines", world: workers(agentTel, ann), parties: map[string]sim.Party{agentTel: {Outcome: sim.Decline, AnswerAfter: 4 * time.Second}},
			script: []step{talking(ann), wait(10 * time.Second), hangup(caller)},
			legs:   []string{"caller inbound completed", "agent outbound-api busy", "agent outbound-api completed"},
			states: []string{"caller: queue talk", "agent: with-caller"}, also: tasks([]string{"completed", "rejected", "completed"}),
		},
		{
			name: "the caller hangs up while nobody is there", world: workers(),
			script: []step{hears(caller, "You are number 1."), wait(time.Minute), hangup(caller)},
			legs:   []string{"caller inbound completed"}, states: []string{"caller: queue"}, also: tasks([]string{"canceled"}),
		},
		{
			name: "the caller hangs up while the agent rings", world: workers(agentTel), parties: map[string]sim.Party{agentTel: {Outcome: sim.NoAnswer}},
			script: []step{ringing(agentTel), wait(4 * time.Second), hangup(caller)},
			legs:   []string{"caller inbound completed", "agent outbound-api canceled"}, states: []string{"caller: queue"},
			also: tasks([]string{"canceled", "canceled"}),
		},
		{
			name: "the server is gone while the agent rings, and on hold", world: workers(agentTel), parties: map[string]sim.Party{agentTel: {AnswerAfter: 15 * time.Second}},
			script: []step{ringing(agentTel), wait(time.Second), down(), wait(5 * time.Second), up(), talking(caller), wait(5 * time.Second), signal("hold"), hears(caller, "Please hold"),
				down(), wait(time.Second), up(), wait(20 * time.Second), signal("resume"), talking(caller), wait(5 * time.Second), hangup(caller)},
			legs: both, states: []string{"caller: queue talk on-hold talk", "agent: with-caller"}, also: done, restarts: true,
		},
		{
			name: "the caller hangs up on hold", world: workers(agentTel), script: talk(signal("hold"), hears(caller, "play "+music), wait(time.Minute), hangup(caller)),
			legs: both, states: []string{"caller: queue talk on-hold", "agent: with-caller"}, also: done,
		},
		{
			name: "the agent hangs up while the caller is on hold", world: workers(agentTel),
			script: talk(signal("hold"), hears(caller, "play "+music), wait(time.Minute), hangup(agentTel), wait(time.Minute), hangup(caller)),
			legs:   []string{"caller inbound completed", "agent outbound-api completed", "agent outbound-api completed"},
			states: []string{"caller: queue talk on-hold queue talk", "agent: with-caller", "agent: with-caller"},
			also:   tasks([]string{"completed", "completed"}, []string{"completed", "completed"}),
		},
	}
	scenes = append(scenes, supportMoments(talk)...)
	for i := range scenes {
		scenes[i].to = supportNumber
	}
	playAll(t, scenes)
}

// supportMoments: talk is a script that begins with caller and agent in the room.
func supportMoments(talk func(...step) []step) []scene {
	both, done := []string{"caller inbound completed", "agent outbound-api completed"}, tasks([]string{"completed", "completed"})
	one := workers(agentTel)
	rings := map[string]sim.Party{agentTel: {Outcome: sim.Manual}}
	hold := func(more ...step) []step {
		return talk(append([]step{signal("hold"), hears(caller, "play "+music), alone(agentTel)}, more...)...)
	}
	talked, held := []string{"caller: queue talk", "agent: with-caller"}, []string{"caller: queue talk on-hold", "agent: with-caller"}
	scenes := []scene{
		{name: "both hang up at the same time", world: one, script: talk(hangup(caller), hangup(agentTel)), legs: both, states: talked, also: done, most: time.Minute, racy: true},
		{name: "both hang up on hold at the same time", world: one, script: hold(hangup(caller), hangup(agentTel)), legs: both, atOnce: true, racy: true, also: done},
		{
			name: "the caller hangs up when told to hold", world: one, script: talk(signal("hold"), hears(caller, "Please hold"), hangup(caller)), legs: both, states: held, also: done, most: time.Minute,
		},
		{
			name: "on hold for too long: back to the same agent", world: workers(agentTel, ann), script: hold(hears(caller, "Thank you for waiting."), wait(9*time.Minute), talking(caller), talking(agentTel), hangup(caller)),
			legs: both, states: []string{"caller: queue talk on-hold talk", "agent: with-caller"}, also: done, least: 10 * time.Minute, most: 11 * time.Minute,
		},
		{
			name: "held twice", world: workers(agentTel, ann), legs: both, states: []string{"caller: queue talk on-hold talk on-hold talk finish", "agent: with-caller"}, also: done,
			script: hold(signal("resume"), talking(caller), signal("hold"), alone(agentTel), wait(10*time.Second), signal("resume"), talking(caller), talking(agentTel), hangup(agentTel)),
		},
		{name: "signals at the wrong time", world: one, script: talk(refused("resume", nil), signal("hold"), refused("hold", nil), wait(5*time.Second), hangup(caller)), legs: both, states: held, also: done},
		{name: "a signal in the queue", world: workers(), script: []step{hears(caller, "You are number 1."), refused("hold", nil), hangup(caller)}, legs: both[:1], states: []string{"caller: queue"}},
		{name: "ended from outside in the queue", world: workers(), script: []step{hears(caller, "You are number 1."), end()}, legs: both[:1], states: []string{"caller: queue"}, also: tasks([]string{"canceled"}), outcome: "deleted"},
		{
			name: "ended from outside while the agent rings", world: one, parties: rings, script: []step{ringing(agentTel), end()},
			legs: []string{"caller inbound completed", "agent outbound-api canceled"}, states: []string{"caller: queue"}, outcome: "deleted",
		},
		{name: "ended from outside in the talk", world: one, script: talk(end()), legs: both, states: talked, outcome: "deleted"},
		{name: "ended from outside on hold", world: one, script: hold(end()), legs: both, states: held, outcome: "deleted"},
		{
			name: "a worker comes later", world: workers(), script: []step{hears(caller, "You are number 1."), wait(30 * time.Second), aWorker(), talking(caller), hangup(caller)}, legs: both, states: talked, also: done,
		},
	}
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name: "the first agent " + way.name, world: workers(agentTel, ann), parties: map[string]sim.Party{agentTel: way.party},
			script: []step{talking(ann), wait(10 * time.Second), hangup(caller)},
			legs:   []string{"caller inbound completed", "agent outbound-api " + way.result, "agent outbound-api completed"},
			states: talked, also: tasks([]string{"completed", "rejected", "completed"}),
		})
	}
	return scenes
}

// aWorker has TaskRouter know another worker.
func aWorker() step {
	return step{"a worker comes", func(p *play) error {
		_, err := p.Sim.AddWorker("late worker", fmt.Sprintf(`{"contact_uri": %q}`, agentTel))
		return err
	}}
}
