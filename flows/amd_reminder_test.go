package flows_test

import (
	"fmt"
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

func reminderScenes(mode string, async bool) []scene {
	message := "customer: hello message"
	if mode == "Enable" {
		message = "customer: hello beep message"
	}
	talk := []step{talking(customer), wait(20 * time.Second), hangup(agentTel)}
	connected := []string{reminded, "agent outbound-dial completed"}
	early := []step{ringing(customer)}
	if async {
		early = append(early, hears(customer, "Hello"), hangup(customer))
	} else {
		early = append(early, answers(customer), wait(2*time.Second), hangup(customer))
	}
	during := scene{name: "the customer hangs up while Twilio listens", script: early, legs: []string{reminded}, racy: true}
	if async {
		during.states, during.unknownIf = []string{"customer: hello"}, true
	}
	return []scene{
		{name: "a person", script: talk, legs: connected, states: []string{"customer: hello connect"}, heard: []string{"Hello, this is the clinic."}},
		{
			name: "a machine", parties: map[string]sim.Party{customer: machine()}, legs: []string{reminded}, states: []string{message},
			script: []step{recorded(customer, "This is a reminder of your appointment tomorrow.")},
		},
		{
			name: "a fax", parties: map[string]sim.Party{customer: {Kind: sim.Fax}}, legs: []string{reminded}, states: []string{"customer: hello"},
			most: 20 * time.Second,
		},
		{
			name: "nobody can tell", parties: map[string]sim.Party{customer: {Kind: sim.Unclear}}, script: talk,
			legs: connected, states: []string{"customer: hello connect"},
		},
		{
			name: "the agent is busy", parties: map[string]sim.Party{agentTel: {Outcome: sim.Busy}},
			legs:   []string{reminded, "agent outbound-dial busy"},
			states: []string{"customer: hello connect agent-away"}, heard: []string{"We will call again."},
		},
		during,
	}
}

func reminderUnreached() []scene {
	var scenes []scene
	for result, party := range map[string]sim.Party{
		"busy": {Outcome: sim.Busy}, "no-answer": {Outcome: sim.NoAnswer}, "failed": {Outcome: sim.Unreachable},
	} {
		scenes = append(scenes, scene{
			name: result, start: "amd-reminder", input: map[string]any{"customer": customer, "agent": agentTel},
			parties: map[string]sim.Party{customer: party}, legs: []string{"customer outbound-api " + result}, outcome: "not-reached",
		})
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
