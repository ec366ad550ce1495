package flows_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// prepaidNumber is the number that the flow prepaid-watch answers.
const prepaidNumber = "+15005550008"

// money opens the caller's account and says how charges are answered.
func money(balance string, charges ...flowtest.Answer) func(*flowtest.Billing) {
	return func(b *flowtest.Billing) {
		b.SetBalance(caller, balance)
		b.AnswerCharges(charges...)
	}
}

// accounts says how the question for the balance, which is 1.00, is answered.
func accounts(a flowtest.Answer) func(*flowtest.Billing) {
	return func(b *flowtest.Billing) {
		b.SetBalance(caller, "1.00")
		b.AnswerAccounts(a)
	}
}

func TestPrepaidWatch(t *testing.T) {
	t.Parallel()
	scenes := prepaidTalks()
	scenes = append(scenes, prepaidMoneyGone()...)
	scenes = append(scenes, prepaidRefused()...)
	scenes = append(scenes, prepaidUnreached()...)
	scenes = append(scenes, prepaidHangups()...)
	for i := range scenes {
		sc := &scenes[i]
		sc.to, sc.params = prepaidNumber, []string{"number", callee}
		if sc.billing == nil {
			sc.billing = money("1.00")
		}
	}
	playAll(t, scenes)
}

var prepaidLegs = []string{"caller inbound completed", "callee outbound-dial completed"}

// prepaidTalks are calls whose money lasts: 1.00 buys ten minutes, a charge fifty more.
func prepaidTalks() []scene {
	talked := []string{"caller: check talk"}
	return []scene{
		{
			name: "a short talk", script: []step{talking(caller), wait(5 * time.Minute), hangup(caller)},
			legs: prepaidLegs, states: talked, requests: 1, least: 5 * time.Minute, most: 5*time.Minute + 20*time.Second,
		},
		{
			name: "the callee hangs up", script: []step{talking(caller), wait(5 * time.Minute), hangup(callee)},
			legs: prepaidLegs, states: []string{"caller: check talk"},
		},
		{
			name: "charged once, nobody notices", script: []step{talking(caller), wait(12 * time.Minute), hangup(caller)},
			legs: prepaidLegs, states: talked, charges: 1, requests: 2,
		},
		{
			name: "charged three times", script: []step{talking(caller), wait(130 * time.Minute), hangup(callee)},
			legs: prepaidLegs, states: []string{"caller: check talk"}, charges: 3,
		},
		{
			name: "a slow charge", billing: money("1.00", flowtest.Answer{Delay: 8 * time.Second}),
			script: []step{talking(caller), wait(12 * time.Minute), hangup(caller)},
			legs:   prepaidLegs, states: talked, charges: 1,
		},
		{
			name: "a slow balance: it rings on", billing: accounts(flowtest.Answer{Delay: 4500 * time.Millisecond}),
			script: []step{talking(caller), wait(time.Minute), hangup(caller)},
			legs:   prepaidLegs, states: talked,
		},
		{
			name: "a balance inside the webhook's time", billing: accounts(flowtest.Answer{Delay: 3 * time.Second}),
			script: []step{talking(caller), wait(time.Minute), hangup(caller)},
			legs:   prepaidLegs, states: talked,
		},
		{
			name: "ended from outside", script: []step{talking(caller), wait(time.Minute), end()},
			legs: prepaidLegs, states: talked, outcome: "deleted",
		},
	}
}

// prepaidMoneyGone are calls whose money is used up.
func prepaidMoneyGone() []scene {
	gone := []string{"caller: check talk out-of-credit"}
	heard := []string{"Your balance is used up, and we could not charge your card."}
	refused := flowtest.Answer{Status: http.StatusPaymentRequired}
	return []scene{
		{
			name: "the charge is refused", billing: money("1.00", refused), script: []step{talking(caller)},
			legs: prepaidLegs, states: gone, heard: heard, requests: 2, also: lasts(9*time.Minute + 30*time.Second),
		},
		{
			name: "the second charge is refused", billing: money("1.00", flowtest.Answer{}, refused), script: []step{talking(caller)},
			legs: prepaidLegs, states: gone, heard: heard, charges: 1, also: lasts(59*time.Minute + 30*time.Second),
		},
		{
			name: "the charge hangs", billing: money("1.00", flowtest.Answer{Status: 500, Delay: flowtest.Forever}), script: []step{talking(caller)},
			legs: prepaidLegs, states: gone, heard: heard, requests: 2, also: lasts(9*time.Minute + 40*time.Second),
		},
		{
			name: "the charge succeeds too late", billing: money("1.00", flowtest.Answer{Delay: 11 * time.Second}), script: []step{talking(caller)},
			legs: prepaidLegs, states: gone, heard: heard, charges: 1, also: lasts(9*time.Minute + 40*time.Second),
		},
		{
			name: "the charge fails", billing: money("1.00", flowtest.Answer{Status: 500}), script: []step{talking(caller)},
			legs: prepaidLegs, states: gone, heard: heard, requests: 2, also: lasts(9*time.Minute + 30*time.Second),
		},
		{
			name: "the rate changes meanwhile", billing: money("1.00", flowtest.Answer{}, refused),
			script: []step{talking(caller), wait(time.Minute), balance("0.00"), wait(20 * time.Minute), balance("90.00")},
			legs:   prepaidLegs, states: gone, heard: heard, charges: 1, also: lasts(59*time.Minute + 30*time.Second),
		},
		{
			name: "just enough for a minute, then refused", billing: money("0.10", refused), script: []step{talking(caller)},
			legs: prepaidLegs, states: gone, heard: heard, also: lasts(30 * time.Second),
		},
		{
			name: "hangs up when told that the money is gone", billing: money("0.10", refused),
			script: []step{hears(caller, "used up"), hangup(caller)}, legs: prepaidLegs, states: gone,
		},
	}
}

// prepaidRefused are calls that are not connected for want of a balance.
func prepaidRefused() []scene {
	legs, states := []string{"caller inbound completed"}, []string{"caller: check refused"}
	heard := []string{"Your balance is too low for this call."}
	var scenes []scene
	for _, way := range []struct {
		name     string
		billing  func(*flowtest.Billing)
		requests int
	}{
		{"no account", func(*flowtest.Billing) {}, 1},
		{"too little money", money("0.09"), 1},
		{"a balance that is no number", money("plenty"), 1},
		{"the service is broken", accounts(flowtest.Answer{Status: 500}), 2},
		{"the service refuses", accounts(flowtest.Answer{Status: 403}), 1},
		{"the service hangs", accounts(flowtest.Answer{Delay: flowtest.Forever}), 2},
	} {
		scenes = append(scenes, scene{name: way.name, billing: way.billing, legs: legs, states: states, heard: heard, requests: way.requests, most: 30 * time.Second})
	}
	return append(scenes, scene{
		name: "hangs up when refused", billing: money("0.05"), script: []step{hears(caller, "too low"), hangup(caller)}, legs: legs, states: states,
	})
}

func prepaidUnreached() []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name:    "the callee " + way.name,
			parties: map[string]sim.Party{callee: way.party},
			legs:    []string{"caller inbound completed", "callee outbound-dial " + way.result},
			states:  []string{"caller: check talk not-reached"},
			heard:   []string{"The number you called could not be reached."}, requests: 1,
		})
	}
	return append(scenes, scene{
		name: "hangs up when told that nobody was reached", parties: map[string]sim.Party{callee: {Outcome: sim.Busy}},
		script: []step{hears(caller, "could not be reached"), hangup(caller)},
		legs:   []string{"caller inbound completed", "callee outbound-dial busy"}, states: []string{"caller: check talk not-reached"},
	})
}

func prepaidHangups() []scene {
	rings, talk := map[string]sim.Party{callee: {Outcome: sim.Manual}}, []string{"caller: check talk"}
	return []scene{
		{name: "both hang up at the same time", script: []step{talking(caller), wait(time.Minute), hangup(caller), hangup(callee)}, legs: prepaidLegs, states: talk, most: 2 * time.Minute},
		{
			name: "both hang up as the money is gone", billing: money("1.00", refusedCard), script: []step{talking(caller), wait(9*time.Minute + 30*time.Second), hangup(callee), hangup(caller)},
			legs: prepaidLegs, racy: true, atOnce: true, most: 12 * time.Minute,
		},
		{
			name: "the callee hangs up as the money is gone", billing: money("1.00", refusedCard), script: []step{talking(caller), wait(9*time.Minute + 30*time.Second), hangup(callee)},
			legs: prepaidLegs, racy: true, atOnce: true, most: 12 * time.Minute,
		},
		{
			name: "the caller hangs up as the callee answers", parties: rings, script: []step{ringing(callee), act(callee, "answers", (*sim.Call).Answer), hangup(caller)},
			legs: prepaidLegs, states: talk, racy: true, most: time.Minute,
		},
		{
			name: "hangs up when refused", billing: money("0.05"), script: []step{hears(caller, "too low"), hangup(caller)}, legs: prepaidLegs[:1], states: []string{"caller: check refused"},
		},
		{
			name: "ended from outside while it rings", parties: rings, script: []step{ringing(callee), end()}, legs: []string{"caller inbound canceled", "callee outbound-dial canceled"},
			states: talk, outcome: "deleted",
		},
		{
			name: "ended from outside while the charge hangs", billing: money("1.00", flowtest.Answer{Delay: flowtest.Forever}), script: []step{talking(caller), wait(9*time.Minute + 36*time.Second), end()},
			legs: prepaidLegs, states: talk, charges: 1, outcome: "deleted",
		},
		{
			name: "ended from outside when told that the money is gone", billing: money("0.10", refusedCard), script: []step{hears(caller, "used up"), end()},
			legs: prepaidLegs, states: []string{"caller: check talk out-of-credit"}, outcome: "deleted",
		},
		{
			name: "hangs up while the balance is asked", billing: accounts(flowtest.Answer{Delay: 3 * time.Second}),
			script: []step{wait(time.Second), hangup(caller)}, racy: true, // the answer comes 2 s later
			legs: []string{"caller inbound no-answer"}, states: []string{"caller: check"},
		},
		{
			name: "hangs up while a slow balance is waited for", billing: accounts(flowtest.Answer{Delay: flowtest.Forever}), racy: true,
			script: []step{wait(7 * time.Second), hangup(caller)}, states: []string{"caller: check"},
			// Whether Pause and Redirect answer the call is not known.
			legs: []string{"caller inbound completed"}, ringsOn: []string{"caller inbound no-answer"},
		},
		{
			name: "hangs up while the callee rings", parties: map[string]sim.Party{callee: {Outcome: sim.NoAnswer}},
			script: []step{ringing(callee), wait(5 * time.Second), hangup(caller)},
			legs:   []string{"caller inbound no-answer", "callee outbound-dial canceled"}, states: []string{"caller: check talk"},
		},
		{
			name: "the caller hangs up while the charge hangs", billing: money("1.00", flowtest.Answer{Delay: flowtest.Forever}),
			script: []step{talking(caller), wait(9*time.Minute + 36*time.Second), hangup(caller)},
			legs:   prepaidLegs, states: []string{"caller: check talk"}, charges: 1,
		},
		{
			name: "the callee hangs up while the charge hangs", billing: money("1.00", flowtest.Answer{Delay: flowtest.Forever}),
			script: []step{talking(caller), wait(9*time.Minute + 36*time.Second), hangup(callee)},
			legs:   prepaidLegs, states: []string{"caller: check talk"}, charges: 1,
		},
	}
}
