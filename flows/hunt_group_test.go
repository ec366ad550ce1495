package flows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// huntNumber is the number that the flow hunt-group answers.
const huntNumber = "+15005550020"

// mailbox is a machine that takes every call and presses nothing.
func mailbox() sim.Party {
	return sim.Party{Kind: sim.Machine, Greeting: "Nobody is at home.", AnswerAfter: time.Second}
}

func TestHuntGroup(t *testing.T) {
	t.Parallel()
	scenes := slices.Concat(huntTogether(), huntInTurn(), huntMoments())
	for i := range scenes {
		scenes[i].to = huntNumber
	}
	playAll(t, scenes)
}

// asks is a phone whose owner presses keys when asked.
func asks(after time.Duration, keys ...string) sim.Party {
	return sim.Party{AnswerAfter: after, Script: sim.Replies(2*time.Second, keys...)}
}

const (
	hunted = "caller inbound completed"
	busyAg = "agent outbound-api busy"
	doneAg = "agent outbound-api completed"
	never  = 40 * time.Second
)

func huntTogether() []scene {
	busy := sim.Party{Outcome: sim.Busy}
	return []scene{
		{
			name:    "the first who presses 1",
			parties: map[string]sim.Party{ann: mailbox(), bob: asks(4*time.Second, "1"), cat: {Outcome: sim.NoAnswer}},
			script:  []step{talking(caller), wait(20 * time.Second), hangup(bob)},
			legs:    []string{hunted, doneAg, doneAg, "agent outbound-api canceled"},
			states:  []string{"caller: ring talk", "agent: ask", "agent: ask with-caller"},
			heard:   []string{"One moment please."},
		},
		{
			name:    "the caller hangs up after the talk",
			parties: map[string]sim.Party{ann: asks(12*time.Second, "1"), bob: busy, cat: busy},
			script:  []step{talking(caller), wait(20 * time.Second), hangup(caller)},
			legs:    []string{hunted, doneAg, busyAg, busyAg},
			states:  []string{"caller: ring talk", "agent: ask with-caller"},
		},
		{
			name:    "the caller gives up while they ring",
			parties: map[string]sim.Party{ann: {Outcome: sim.NoAnswer}, bob: {Outcome: sim.NoAnswer}, cat: busy},
			script:  []step{ringing(ann), ringing(bob), wait(5 * time.Second), hangup(caller)},
			legs:    []string{hunted, "agent outbound-api canceled", "agent outbound-api canceled", busyAg},
			states:  []string{"caller: ring"}, most: never,
		},
		{
			name:    "the caller gives up while one is asked",
			parties: map[string]sim.Party{ann: asks(12 * time.Second), bob: busy, cat: busy},
			script:  []step{hears(ann, "Call from"), hangup(caller)},
			legs:    []string{hunted, doneAg, busyAg, busyAg},
			states:  []string{"caller: ring", "agent: ask"}, most: never,
		},
	}
}

func huntInTurn() []scene {
	busy := sim.Party{Outcome: sim.Busy}
	all := []string{hunted, busyAg, busyAg, busyAg}
	return []scene{
		{
			name:    "all refuse, then one takes it",
			parties: map[string]sim.Party{ann: asks(time.Second, "2"), bob: asks(time.Second), cat: asks(time.Second, "2")},
			script:  []step{asked(bob, "outbound-api"), press(bob, "2"), asked(bob, "outbound-dial"), press(bob, "1"), talking(caller), wait(20 * time.Second), hangup(caller)},
			legs:    []string{hunted, doneAg, doneAg, doneAg, "member outbound-dial completed", "member outbound-dial completed"},
			states:  []string{"caller: ring in-turn", "agent: ask", "agent: ask", "agent: ask", "member: ask", "member: ask accept"},
		},
		{
			name:    "nobody is free",
			parties: map[string]sim.Party{ann: busy, bob: busy, cat: busy},
			script:  []step{hears(caller, "Leave a message"), wait(8 * time.Second), hangup(caller)},
			legs:    append(all, "member outbound-dial busy", "member outbound-dial busy"),
			states:  []string{"caller: ring in-turn voicemail"},
		},
		{
			name:    "mailboxes everywhere",
			parties: map[string]sim.Party{ann: mailbox(), bob: mailbox(), cat: mailbox()},
			script:  []step{hears(caller, "Leave a message"), wait(8 * time.Second), hangup(caller)},
			legs:    []string{hunted, doneAg, doneAg, doneAg, "member outbound-dial completed", "member outbound-dial completed"},
			states:  []string{"caller: ring in-turn voicemail", "agent: ask", "agent: ask", "agent: ask", "member: ask", "member: ask"},
		},
		{
			name:    "the caller gives up while one is asked in turn",
			parties: map[string]sim.Party{ann: asks(time.Second, "2"), bob: busy, cat: busy},
			script:  []step{asked(ann, "outbound-dial"), hangup(caller)},
			legs:    []string{hunted, doneAg, busyAg, busyAg, "member outbound-dial completed"},
			states:  []string{"caller: ring in-turn", "agent: ask", "member: ask"},
		},
	}
}

// asked waits until somebody is asked for a key, in a call placed or dialled.
func asked(who, direction string) step {
	return when(who, "is asked by a call "+direction, func(c *sim.Call) bool { return c.Direction() == direction && c.Listening() })
}

// huntMoments are the hang-ups and races that the other scenes have not.
func huntMoments() []scene {
	busy := sim.Party{Outcome: sim.Busy}
	taken := map[string]sim.Party{ann: asks(12*time.Second, "1"), bob: busy, cat: busy}
	legs, states := []string{hunted, doneAg, busyAg, busyAg}, []string{"caller: ring talk", "agent: ask with-caller"}
	nobody := map[string]sim.Party{ann: busy, bob: busy, cat: busy}
	all, mailbox := []string{hunted, busyAg, busyAg, busyAg, "member outbound-dial busy", "member outbound-dial busy"}, []string{"caller: ring in-turn voicemail"}
	second := map[string]sim.Party{ann: asks(time.Second, "2", "1"), bob: busy, cat: busy}
	turn := []string{hunted, doneAg, busyAg, busyAg, "member outbound-dial completed"}
	scenes := []scene{
		{
			name: "the one who took it hangs up", parties: taken, script: []step{talking(caller), wait(20 * time.Second), hangup(ann)}, legs: legs, states: states,
		},
		{name: "both hang up at the same time", parties: taken, script: []step{talking(caller), wait(20 * time.Second), hangup(ann), hangup(caller)}, legs: legs, states: states},
		{
			name: "the caller hangs up during the first prompt", parties: map[string]sim.Party{ann: {Outcome: sim.NoAnswer}, bob: busy, cat: busy},
			script: []step{hears(caller, "One moment"), ringing(ann), hangup(caller)}, racy: true, // the others were not dialled yet
			legs: append([]string{hunted}, slices.Repeat([]string{"agent outbound-api canceled"}, 3)...), states: []string{"caller: ring"}, most: never,
		},
		{
			name: "one who is asked hangs up, another one takes it", parties: map[string]sim.Party{ann: asks(time.Second), bob: asks(12*time.Second, "1"), cat: busy},
			script: []step{hears(ann, "Call from"), hangup(ann), talking(caller), hangup(bob)}, legs: []string{hunted, doneAg, doneAg, busyAg},
			states: []string{"caller: ring talk", "agent: ask", "agent: ask with-caller"},
		},
		{
			name: "two press 1 at the same time", parties: map[string]sim.Party{ann: asks(3 * time.Second), bob: asks(2 * time.Second), cat: busy}, racy: true, // who is faster
			script: []step{listening(ann), listening(bob), press(ann, "1"), press(bob, "1"), talking(caller), wait(10 * time.Second), hangup(caller)},
			legs:   []string{hunted, doneAg, doneAg, busyAg}, states: []string{"caller: ring talk", "agent: ask with-caller", "agent: ask"},
		},
		{
			name: "one still thinks when the time is up, then takes it in turn", parties: map[string]sim.Party{ann: asks(19*time.Second, "", ""), bob: busy, cat: busy},
			script: []step{state("caller", "in-turn"), asked(ann, "outbound-dial"), press(ann, "1"), talking(caller), wait(10 * time.Second), hangup(ann)},
			legs:   turn, states: []string{"caller: ring in-turn", "agent: ask", "member: ask accept"},
		},
		{
			name: "the caller hangs up while told to leave a message", parties: nobody, script: []step{hears(caller, "Leave a message"), hangup(caller)}, legs: all, states: mailbox,
		},
		{name: "says nothing after the beep", parties: nobody, legs: all, states: mailbox},
		{name: "leaves a message", parties: nobody, script: []step{hears(caller, "beep"), say(caller, "Please call back"), wait(3 * time.Second), hangup(caller)}, legs: all, states: mailbox},
		{name: "ended from outside while they ring", parties: map[string]sim.Party{ann: {Outcome: sim.Manual}, bob: busy, cat: busy}, script: []step{ringing(ann), wait(5 * time.Second), end()},
			legs: []string{hunted, "agent outbound-api canceled", busyAg, busyAg}, states: []string{"caller: ring"}, outcome: "deleted"},
		{name: "ended from outside while one is asked", parties: map[string]sim.Party{ann: asks(12 * time.Second), bob: busy, cat: busy}, script: []step{hears(ann, "Call from"), end()},
			legs: legs, states: []string{"caller: ring", "agent: ask"}, outcome: "deleted"},
		{name: "ended from outside in the talk", parties: taken, script: []step{talking(caller), end()}, legs: legs, states: states, outcome: "deleted"},
		{name: "ended from outside while one is asked in turn", parties: second, script: []step{asked(ann, "outbound-dial"), end()},
			legs: turn, states: []string{"caller: ring in-turn", "agent: ask", "member: ask"}, outcome: "deleted"},
		{name: "ended from outside while it records", parties: nobody, script: []step{hears(caller, "beep"), end()}, legs: all, states: mailbox, outcome: "deleted"},
	}
	for _, who := range []string{caller, ann} {
		scenes = append(scenes, scene{
			name: "taken in turn, then " + who + " hangs up", parties: map[string]sim.Party{ann: asks(time.Second, "2"), bob: busy, cat: busy},
			script: []step{asked(ann, "outbound-dial"), press(ann, "1"), talking(caller), wait(10 * time.Second), hangup(who)},
			legs:   turn, states: []string{"caller: ring in-turn", "agent: ask", "member: ask accept"},
		})
	}
	for _, way := range ways() {
		result := "agent outbound-api " + way.result
		scenes = append(scenes, scene{
			name: "all: " + way.name, parties: map[string]sim.Party{ann: way.party, bob: way.party, cat: way.party}, script: []step{hears(caller, "beep"), hangup(caller)},
			legs: []string{hunted, result, result, result, "member outbound-dial " + way.result, "member outbound-dial " + way.result}, states: mailbox,
		})
	}
	return scenes
}
