package flows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// machine is an answering machine whose greeting takes 6 s.
func machine() sim.Party { return sim.Party{Kind: sim.Machine, Greeting: strings.Repeat("x", 100)} }

func TestAMDReminder(t *testing.T) {
	t.Parallel()
	var scenes []scene
	for _, mode := range []string{"Enable", "DetectMessageEnd"} {
		for _, async := range []bool{false, true} {
			for _, sc := range reminderScenes(mode, async) {
				sc.name = fmt.Sprintf("%s, async %v: %s", mode, async, sc.name)
				sc.start = "amd-reminder"
				sc.input = map[string]any{"customer": customer, "agent": agentTel, "mode": mode, "async": async}
				scenes = append(scenes, sc)
			}
		}
	}
	playAll(t, append(scenes, reminderUnreached()...))
}

const reminded = "customer outbound-api completed"

// reminderCase is one way in which Twilio listens.
type reminderCase struct {
	mode  string
	async bool
}

func reminderScenes(mode string, async bool) []scene {
	c := reminderCase{mode, async}
	return slices.Concat(c.answered(), c.machines(), c.talks(), c.hangups())
}

// message are the states of a machine's call.
func (c reminderCase) message() []string {
	if c.mode == "Enable" {
		return []string{"customer: hello beep message"}
	}
	return []string{"customer: hello message"}
}

func (c reminderCase) answered() []scene {
	connected := []string{reminded, "agent outbound-dial completed"}
	talk := []step{talking(customer), wait(20 * time.Second), hangup(agentTel)}
	return []scene{
		{name: "a person", script: talk, legs: connected, states: []string{"customer: hello connect"}, heard: []string{"Hello, this is the clinic."}},
		{
			name: "a fax", parties: map[string]sim.Party{customer: {Kind: sim.Fax}}, legs: []string{reminded}, states: []string{"customer: hello"},
			most: 20 * time.Second,
		},
		{
			name: "nobody can tell", parties: map[string]sim.Party{customer: {Kind: sim.Unclear}}, script: talk,
			legs: connected, states: []string{"customer: hello connect"},
		},
	}
}

func (c reminderCase) machines() []scene {
	text := "This is a reminder of your appointment tomorrow."
	quiet := machine()
	quiet.NoBeep = true
	return []scene{
		{
			name: "a machine", parties: map[string]sim.Party{customer: machine()}, legs: []string{reminded}, states: c.message(),
			script: []step{recorded(customer, text)}, most: 45 * time.Second,
		},
		{
			name: "a machine without a beep", parties: map[string]sim.Party{customer: quiet}, legs: []string{reminded}, states: c.message(),
			script: []step{recorded(customer, text)}, most: 45 * time.Second,
		},
		{
			name: "a machine that hangs up before its beep", parties: map[string]sim.Party{customer: {Kind: sim.Machine, Greeting: strings.Repeat("x", 150), HangupAfter: 7 * time.Second}},
			legs: []string{reminded}, states: c.early(), racy: true, unknownIf: c.async, most: 30 * time.Second,
		},
		{
			name: "a machine that hangs up while it records", parties: map[string]sim.Party{customer: machine()}, legs: []string{reminded}, states: c.message(),
			script: []step{hears(customer, "This is a reminder"), wait(500 * time.Millisecond), hangup(customer)},
		},
	}
}

// early are the states of a machine that has gone after seven seconds.
func (c reminderCase) early() []string {
	switch {
	case c.mode == "Enable":
		return []string{"customer: hello beep"}
	case c.async:
		return []string{"customer: hello"}
	}
	return nil // Twilio was still listening
}

func (c reminderCase) talks() []scene {
	both, states := []string{reminded, "agent outbound-dial completed"}, []string{"customer: hello connect"}
	rings := map[string]sim.Party{agentTel: {Outcome: sim.Manual}}
	scenes := []scene{
		{name: "the customer hangs up after the talk", script: []step{talking(customer), wait(20 * time.Second), hangup(customer)}, legs: both, states: states},
		{name: "both hang up at the same time", script: []step{talking(customer), wait(20 * time.Second), hangup(agentTel), hangup(customer)}, legs: both, states: states},
		{
			name: "the customer hangs up while the agent rings", parties: rings, script: []step{ringing(agentTel), wait(3 * time.Second), hangup(customer)},
			legs: []string{reminded, "agent outbound-dial canceled"}, states: states,
		},
		{
			name: "the customer hangs up when told that the agent is away", parties: map[string]sim.Party{agentTel: {Outcome: sim.Busy}},
			script: []step{hears(customer, "We will call again."), hangup(customer)}, legs: []string{reminded, "agent outbound-dial busy"}, states: []string{"customer: hello connect agent-away"},
		},
		{name: "ended from outside in the talk", script: []step{talking(customer), end()}, legs: both, states: states, outcome: "deleted"},
		{
			name: "ended from outside while the agent rings", parties: rings, script: []step{ringing(agentTel), end()},
			legs: []string{reminded, "agent outbound-dial canceled"}, states: states, outcome: "deleted",
		},
	}
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name: "the agent " + way.name, parties: map[string]sim.Party{agentTel: way.party},
			legs:   []string{reminded, "agent outbound-dial " + way.result},
			states: []string{"customer: hello connect agent-away"}, heard: []string{"We will call again."},
		})
	}
	return scenes
}

func (c reminderCase) hangups() []scene {
	listens := []step{answers(customer), wait(2 * time.Second)}
	var states []string
	if c.async {
		listens, states = []step{hears(customer, "Hello")}, []string{"customer: hello"}
	}
	only := []string{reminded}
	return []scene{
		{name: "the customer hangs up while Twilio listens", script: append(listens, hangup(customer)), legs: only, states: states, racy: true, unknownIf: c.async},
		{name: "ended from outside while Twilio listens", script: append(listens, end()), legs: only, states: states, outcome: "deleted", racy: true},
		{
			name: "ended from outside while the machine records", parties: map[string]sim.Party{customer: machine()}, script: []step{hears(customer, "This is a reminder"), end()},
			legs: only, states: c.message(), outcome: "deleted",
		},
	}
}

func reminderUnreached() []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{name: "the customer " + way.name, parties: map[string]sim.Party{customer: way.party}, legs: []string{"customer outbound-api " + way.result}, outcome: "not-reached"})
	}
	scenes = append(scenes, scene{
		name: "ended from outside while it rings", parties: map[string]sim.Party{customer: {Outcome: sim.Manual}}, script: []step{ringing(customer), end()},
		legs: []string{"customer outbound-api canceled"}, outcome: "deleted",
	})
	for i := range scenes {
		scenes[i].start, scenes[i].input, scenes[i].most = "amd-reminder", map[string]any{"customer": customer, "agent": agentTel}, time.Minute
	}
	return scenes
}

// answers waits until somebody has picked up.
func answers(who string) step {
	return when(who, "answers", func(c *sim.Call) bool { return c.Status() == "in-progress" })
}

// recorded waits until a machine has recorded a text as a whole.
func recorded(who, text string) step {
	return when(who, "has recorded "+text, func(c *sim.Call) bool {
		return strings.Contains(strings.Join(c.Recorded(), "\n"), text)
	})
}
