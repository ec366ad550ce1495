package flows_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
)

// queueFlows is the folder with the flows of these tests.
const queueFlows = "../engine/flowtest/testdata/queues"

// comes has the agent call the number of the flow take.
func comes() step {
	return step{"an agent calls", func(p *play) error {
		_, err := p.Sim.Call(agentTel, "+15005550031")
		return err
	}}
}

// agentHangsUp ends the agent's call.
func agentHangsUp() step {
	return step{"the agent hangs up", func(p *play) error {
		calls := p.Sim.CallsTo("+15005550031")
		calls[len(calls)-1].Hangup()
		return nil
	}}
}

func TestQueueOfTwoSessions(t *testing.T) {
	t.Parallel()
	one := []string{"caller inbound completed"}
	scenes := []scene{
		{
			name: "an agent takes the caller", to: "+15005550032",
			script: []step{hears(caller, "You are number 1 of 1"), wait(20 * time.Second), comes(), talking(caller), wait(30 * time.Second), agentHangsUp()},
			legs:   one, states: []string{"caller: queue bye"},
			heard:    []string{"You are number 1 of 1, after 0 seconds.", "Thank you for calling."},
			messages: []string{caller + ": taken by " + agentTel, caller + ": talked for long, waited for long"},
		},
		{
			name: "an agent finds nobody", to: "+15005550031", script: []step{hears(caller, "Nobody waits.")},
			legs: []string{"agent inbound completed"}, states: []string{"agent: take nobody"},
		},
	}
	for i := range scenes {
		scenes[i].flows = queueFlows
	}
	playAll(t, scenes)
}

func TestTaskThatTwilioAssigns(t *testing.T) {
	t.Parallel()
	playAll(t, []scene{
		{
			name: "the worker takes it", flows: queueFlows, to: "+15005550033", world: workers(agentTel),
			script: []step{talking(caller), wait(20 * time.Second), hangup(agentTel)},
			legs:   []string{"caller inbound completed"}, states: []string{"caller: queue bye"}, heard: []string{"Thank you for calling."},
			messages: []string{caller + ": taken by " + agentTel},
			also:     tasks([]string{"completed", "completed"}),
		},
		{
			name: "the caller hangs up in the talk", flows: queueFlows, to: "+15005550033", world: workers(agentTel),
			script: []step{talking(caller), wait(20 * time.Second), hangup(caller)},
			legs:   []string{"caller inbound completed"}, states: []string{"caller: queue"},
			messages: []string{caller + ": taken by " + agentTel}, also: tasks([]string{"completed", "completed"}),
		},
		{
			name: "nobody has time", flows: queueFlows, to: "+15005550033", world: workers(),
			legs: []string{"caller inbound completed"}, states: []string{"caller: queue nobody"}, heard: []string{"Nobody has time."}, most: 2 * time.Minute,
		},
	})
}

func TestSignalsBetweenSessions(t *testing.T) {
	t.Parallel()
	started := func(w *flowtest.World) {
		if id, err := w.API.StartFlow("pong", nil, ""); err != nil || id != "session-1" {
			panic(fmt.Sprint(id, err))
		}
	}
	playAll(t, []scene{{
		name: "there and back", flows: queueFlows, start: "ping", input: map[string]any{"other": "session-1"}, world: started,
		outcome: "done", messages: []string{"hi again 3, without not-offered data no-session"}, most: 3 * time.Minute,
		script: []step{{"the other one ends", func(p *play) error {
			if !p.Until(func() bool { return p.Closed("session-1") }, patience) {
				return errors.New("it never ends")
			}
			return nil
		}}},
	}})
}
