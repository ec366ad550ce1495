package flows_test

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// menuNumber is the number that the flow menu answers.
const menuNumber = "+15005550006"

// left is the text that the office gets.
const left = officeTel + ": Message from " + caller + ": https://"

func TestMenu(t *testing.T) {
	t.Parallel()
	scenes := menuChoices()
	scenes = append(scenes, menuUnreached()...)
	scenes = append(scenes, menuHangups()...)
	for i := range scenes {
		scenes[i].to = menuNumber
	}
	playAll(t, scenes)
}

// menuChoices are the ways through the menu to somebody who answers.
func menuChoices() []scene {
	talk := func(first ...step) []step {
		return append(first, talking(caller), wait(30*time.Second), hangup(caller))
	}
	inbound := "caller inbound completed"
	return []scene{
		{
			name:   "key to sales",
			script: talk(listening(caller), press(caller, "1")),
			legs:   []string{inbound, "sales-1 outbound-dial completed"},
			states: []string{"caller: main sales"},
			heard:  []string{"Welcome to Owl Supplies"},
			least:  30 * time.Second, most: 40 * time.Second,
		},
		{
			name:   "word to support",
			script: talk(listening(caller), say(caller, "I need help please")),
			legs:   []string{inbound, "support-1 outbound-dial completed"},
			states: []string{"caller: main support"},
		},
		{
			name:   "star repeats the menu, then the operator",
			script: talk(listening(caller), press(caller, "*"), wait(time.Second), listening(caller), press(caller, "0")),
			legs:   []string{inbound, "operator-1 outbound-dial completed"},
			states: []string{"caller: main main operator"},
			heard:  []string{"Welcome to Owl Supplies", "Welcome to Owl Supplies"},
		},
		{
			name:   "silence three times reaches the operator",
			script: talk(),
			legs:   []string{inbound, "operator-1 outbound-dial completed"},
			states: []string{"caller: main operator"},
			heard:  []string{"Welcome", "Sorry, I did not get that", "Sorry, I did not get that"},
		},
		{
			name: "wrong key, wrong word, wrong key",
			script: talk(listening(caller), press(caller, "7"), wait(time.Second), listening(caller), say(caller, "pineapple"),
				wait(time.Second), listening(caller), press(caller, "9")),
			legs:   []string{inbound, "operator-1 outbound-dial completed"},
			states: []string{"caller: main operator"},
			heard:  []string{"Welcome", "Sorry, I did not get that", "Sorry, I did not get that"},
		},
		{
			name:   "silence, wrong key, then support",
			script: talk(hears(caller, "Sorry"), listening(caller), press(caller, "5"), wait(time.Second), listening(caller), press(caller, "2")),
			legs:   []string{inbound, "support-1 outbound-dial completed"},
			states: []string{"caller: main support"},
		},
		{
			name:   "the dialled party hangs up",
			script: []step{listening(caller), press(caller, "1"), talking(caller), wait(time.Minute), hangup(salesTel)},
			legs:   []string{inbound, "sales-1 outbound-dial completed"},
			states: []string{"caller: main sales"},
			least:  time.Minute, most: 70 * time.Second,
		},
		{
			name:   "the session is ended from outside during the talk",
			script: []step{listening(caller), press(caller, "1"), talking(caller), end()},
			legs:   []string{inbound, "sales-1 outbound-dial completed"},
			states: []string{"caller: main sales"}, outcome: "deleted",
		},
	}
}

// menuUnreached are the ways on which nobody picks up.
func menuUnreached() []scene {
	var scenes []scene
	for _, way := range []struct {
		name, key, state, tel, result string
		party                         sim.Party
	}{
		{"busy", "1", "sales", salesTel, "busy", sim.Party{Outcome: sim.Busy}},
		{"declines", "2", "support", supportTl, "busy", sim.Party{Outcome: sim.Decline, AnswerAfter: 4 * time.Second}},
		{"does not answer", "0", "operator", operator, "no-answer", sim.Party{Outcome: sim.NoAnswer}},
		{"cannot be reached", "1", "sales", salesTel, "failed", sim.Party{Outcome: sim.Unreachable}},
	} {
		scenes = append(scenes, scene{
			name:    way.state + " " + way.name + "; a message",
			parties: map[string]sim.Party{way.tel: way.party},
			script: []step{listening(caller), press(caller, way.key), hears(caller, "beep"), listening(caller),
				say(caller, "Please call me back."), wait(3 * time.Second), press(caller, "#")},
			legs:     []string{"caller inbound completed", way.state + "-1 outbound-dial " + way.result},
			states:   []string{"caller: main " + way.state + " voicemail bye"},
			heard:    []string{"Welcome", "Nobody can take your call now", "beep", "Thank you, goodbye."},
			messages: []string{left},
		})
	}
	return append(scenes, scene{
		name:    "says nothing after the beep",
		parties: map[string]sim.Party{salesTel: {Outcome: sim.Busy}},
		script:  []step{listening(caller), press(caller, "1"), hears(caller, "beep")},
		legs:    []string{"caller inbound completed", "sales-1 outbound-dial busy"},
		states:  []string{"caller: main sales voicemail bye"},
		heard:   []string{"beep", "Thank you, goodbye."}, messages: []string{left}, // Twilio keeps a silent recording
	}, scene{
		name:    "speaks until the limit of two minutes",
		parties: map[string]sim.Party{salesTel: {Outcome: sim.Busy}},
		script: []step{listening(caller), press(caller, "1"), hears(caller, "beep"), listening(caller), say(caller, "One."), wait(4 * time.Second),
			say(caller, "Two."), wait(4 * time.Second), say(caller, "Three.")},
		legs:     []string{"caller inbound completed", "sales-1 outbound-dial busy"},
		states:   []string{"caller: main sales voicemail bye"},
		messages: []string{left},
	})
}

// menuHangups have the caller hang up in each state.
func menuHangups() []scene {
	busy := map[string]sim.Party{salesTel: {Outcome: sim.Busy}}
	toBeep := []step{listening(caller), press(caller, "1"), hears(caller, "beep"), listening(caller)}
	after := func(first []step, more ...step) []step { return append(append([]step{}, first...), more...) }
	inbound := "caller inbound completed"
	return []scene{
		{
			name: "hangs up in the menu", script: []step{listening(caller), hangup(caller)},
			legs: []string{inbound}, states: []string{"caller: main"}, most: 5 * time.Second,
		},
		{
			name: "hangs up in the second try", script: []step{hears(caller, "Sorry"), listening(caller), hangup(caller)},
			legs: []string{inbound}, states: []string{"caller: main"},
		},
		{
			name:    "hangs up while sales rings",
			parties: map[string]sim.Party{salesTel: {Outcome: sim.NoAnswer}},
			script:  []step{listening(caller), press(caller, "1"), ringing(salesTel), wait(8 * time.Second), hangup(caller)},
			legs:    []string{inbound, "sales-1 outbound-dial canceled"}, states: []string{"caller: main sales"},
		},
		{
			name: "hangs up while told to leave a message", parties: busy,
			script: []step{listening(caller), press(caller, "1"), hears(caller, "Nobody can take"), wait(time.Second), hangup(caller)},
			legs:   []string{inbound, "sales-1 outbound-dial busy"}, states: []string{"caller: main sales voicemail"},
		},
		{
			name: "hangs up after speaking", parties: busy,
			script: after(toBeep, say(caller, "Please call me back."), wait(3*time.Second), hangup(caller)),
			legs:   []string{inbound, "sales-1 outbound-dial busy"}, states: []string{"caller: main sales voicemail"},
			messages: []string{left},
		},
		{
			name: "hangs up during the goodbye", parties: busy,
			script: after(toBeep, say(caller, "Please call me back."), wait(3*time.Second), press(caller, "#"), hears(caller, "Thank you"), hangup(caller)),
			legs:   []string{inbound, "sales-1 outbound-dial busy"}, states: []string{"caller: main sales voicemail bye"},
			messages: []string{left},
		},
		{
			name: "ended from outside in the menu", script: []step{listening(caller), end()},
			legs: []string{inbound}, states: []string{"caller: main"}, outcome: "deleted",
		},
		{
			name:    "ended from outside while sales rings",
			parties: map[string]sim.Party{salesTel: {Outcome: sim.NoAnswer}},
			script:  []step{listening(caller), press(caller, "1"), ringing(salesTel), end()},
			legs:    []string{inbound, "sales-1 outbound-dial canceled"}, states: []string{"caller: main sales"}, outcome: "deleted",
		},
	}
}
