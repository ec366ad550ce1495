package flows_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// rejoinNumber is the number that the flow prepaid-rejoin answers.
const rejoinNumber = "+15005550007"

func TestPrepaidRejoin(t *testing.T) {
	t.Parallel()
	scenes := rejoinTalks()
	scenes = append(scenes, rejoinMoneyGone()...)
	scenes = append(scenes, rejoinRefused()...)
	scenes = append(scenes, rejoinUnreached()...)
	scenes = append(scenes, rejoinHangups()...)
	for i := range scenes {
		sc := &scenes[i]
		sc.to = rejoinNumber
		if sc.params == nil {
			sc.params = []string{"number", callee}
		}
		if sc.billing == nil {
			sc.billing = money("1.00")
		}
	}
	playAll(t, scenes)
}

var (
	rejoinLegs   = []string{"caller inbound completed", "callee outbound-api completed"}
	rejoinTalk   = []string{"caller: check place talk", "callee: far"}
	rejoinNoCash = []string{"caller: check place talk out-of-credit", "callee: far"}
	noCash       = []string{"Your balance is used up, and we could not charge your card."}
	refusedCard  = flowtest.Answer{Status: http.StatusPaymentRequired}
)

// talkTime is how long the dialled phone was connected.
func talkTime(p *play) time.Duration {
	c := p.at(callee)
	var from, to time.Time
	for _, e := range p.Sim.Log() {
		if e.Kind != sim.EntryStatus || e.Call != c.SID() {
			continue
		}
		if e.Text == "in-progress" {
			from = e.At
		}
		to = e.At
	}
	return to.Sub(from)
}

// lasts checks that the talk ends with the money, to the second.
func lasts(want time.Duration) func(*play) error {
	return func(p *play) error {
		if got := talkTime(p); got < want-time.Second || got > want+time.Second {
			return fmt.Errorf("the talk lasts %v, want %v", got, want)
		}
		return nil
	}
}

// rejoined checks how often the caller was sent back into the room, and that nobody
// heard of it.
func rejoined(times int) func(*play) error {
	return func(p *play) error {
		n := 0
		for _, e := range p.Sim.Log() {
			if e.Kind == sim.EntryWebhook && strings.Contains(e.Body, "<Conference") && strings.Contains(e.Body, "timeLimit") {
				n++
			}
		}
		if n != times+1 {
			return fmt.Errorf("the caller joins %d times, want %d", n, times+1)
		}
		for _, who := range []string{caller, callee} {
			for _, h := range p.at(who).Heard() {
				if strings.Contains(h, "beep") {
					return fmt.Errorf("%s hears %s", who, h)
				}
			}
		}
		return nil
	}
}

// rejoinTalks are calls whose money lasts: 1.00 buys ten minutes, a charge fifty more.
func rejoinTalks() []scene {
	return []scene{
		{
			name: "a short talk", script: []step{talking(caller), wait(5 * time.Minute), hangup(caller)},
			legs: rejoinLegs, states: rejoinTalk, requests: 1, least: 5 * time.Minute, most: 5*time.Minute + 20*time.Second, also: rejoined(0),
		},
		{
			name: "the callee hangs up", script: []step{talking(caller), wait(5 * time.Minute), hangup(callee)},
			legs: rejoinLegs, states: rejoinTalk, most: 5*time.Minute + 20*time.Second,
		},
		{
			name: "charged once, nobody notices", script: []step{talking(caller), wait(12 * time.Minute), talking(callee), hangup(caller)},
			legs: rejoinLegs, states: rejoinTalk, charges: 1, requests: 2, also: rejoined(1),
		},
		{
			name: "charged three times", script: []step{talking(caller), wait(130 * time.Minute), talking(caller), hangup(callee)},
			legs: rejoinLegs, states: rejoinTalk, charges: 3, also: rejoined(3),
		},
		{
			name: "a slow charge", billing: money("1.00", flowtest.Answer{Delay: 8 * time.Second}),
			script: []step{talking(caller), wait(12 * time.Minute), hangup(caller)},
			legs:   rejoinLegs, states: rejoinTalk, charges: 1,
		},
		{
			name: "a slow balance", billing: accounts(flowtest.Answer{Delay: 4500 * time.Millisecond}),
			script: []step{talking(caller), wait(time.Minute), hangup(caller)}, legs: rejoinLegs, states: rejoinTalk,
		},
		{
			name: "a phone that brings no number is asked", params: []string{}, script: []step{listening(caller), press(caller, "5553330002#"), talking(caller), wait(time.Minute), hangup(caller)},
			legs: rejoinLegs, states: []string{"caller: check ask place talk", "callee: far"},
		},
		{
			name: "no phone number, then one", params: []string{},
			script: []step{listening(caller), press(caller, "12#"), hears(caller, "That is no phone number."), listening(caller), press(caller, "5553330002#"), talking(caller), hangup(callee)},
			legs:   rejoinLegs, states: []string{"caller: check ask place talk", "callee: far"},
		},
		{
			name: "it rings long: the limit passes before the answer", billing: money("0.10"),
			parties: map[string]sim.Party{callee: {AnswerAfter: 28 * time.Second}},
			script:  []step{talking(caller), wait(8 * time.Minute), hangup(caller)}, legs: rejoinLegs, states: rejoinTalk, charges: 1,
		},
		{
			name: "ended from outside", script: []step{talking(caller), wait(time.Minute), end()},
			legs: rejoinLegs, states: rejoinTalk, outcome: "deleted",
		},
	}
}

// rejoinMoneyGone are calls whose money is used up.
func rejoinMoneyGone() []scene {
	return []scene{
		{
			name: "the charge is refused", billing: money("1.00", refusedCard), script: []step{talking(caller)},
			legs: rejoinLegs, states: rejoinNoCash, heard: noCash, requests: 2, also: lasts(10 * time.Minute),
		},
		{
			name: "the second charge is refused", billing: money("1.00", flowtest.Answer{}, refusedCard), script: []step{talking(caller)},
			legs: rejoinLegs, states: rejoinNoCash, heard: noCash, charges: 1, also: lasts(time.Hour),
		},
		{
			name: "the charge hangs", billing: money("1.00", flowtest.Answer{Status: 500, Delay: flowtest.Forever}), script: []step{talking(caller)},
			legs: rejoinLegs, states: rejoinNoCash, heard: noCash, requests: 2, also: lasts(10 * time.Minute),
		},
		{
			name: "the charge succeeds just too late", billing: money("1.00", flowtest.Answer{Delay: 11 * time.Second}), script: []step{talking(caller)},
			legs: rejoinLegs, states: rejoinNoCash, heard: noCash, charges: 1, also: lasts(10 * time.Minute),
		},
		{
			name: "the charge fails", billing: money("1.00", flowtest.Answer{Status: 500}), script: []step{talking(caller)},
			legs: rejoinLegs, states: rejoinNoCash, heard: noCash, requests: 2, also: lasts(10 * time.Minute),
		},
		{
			name: "the rate changes meanwhile", billing: money("1.00", refusedCard),
			script: []step{talking(caller), wait(time.Minute), balance("0.00"), wait(time.Minute), balance("90.00")},
			legs:   rejoinLegs, states: rejoinNoCash, heard: noCash, also: lasts(10 * time.Minute),
		},
		{
			name: "just enough for a minute, then refused", billing: money("0.10", refusedCard), script: []step{talking(caller)},
			legs: rejoinLegs, states: rejoinNoCash, heard: noCash, also: lasts(time.Minute),
		},
		{
			name: "it rings long, then the money goes at the limit", billing: money("1.00", refusedCard),
			parties: map[string]sim.Party{callee: {AnswerAfter: 27 * time.Second}}, script: []step{talking(caller)},
			legs: rejoinLegs, states: rejoinNoCash, heard: noCash, also: lasts(10 * time.Minute),
		},
		{
			name: "hangs up when told that the money is gone", billing: money("0.10", refusedCard),
			script: []step{hears(caller, "used up"), hangup(caller)}, legs: rejoinLegs, states: rejoinNoCash,
		},
	}
}

// balance changes what the billing service tells of the account, which is asked once.
func balance(amount string) step {
	return step{"the balance becomes " + amount, func(p *play) error { p.Billing.SetBalance(caller, amount); return nil }}
}

// rejoinRefused are calls that are not connected for want of a balance.
func rejoinRefused() []scene {
	legs := []string{"caller inbound completed"}
	poor, none := []string{"caller: check poor"}, []string{"caller: check no-account"}
	low, missing := []string{"Your balance is too low for this call."}, []string{"We could not find your account."}
	return []scene{
		{name: "no account", billing: func(*flowtest.Billing) {}, legs: legs, states: none, heard: missing, requests: 1},
		{name: "too little money", billing: money("0.09"), legs: legs, states: poor, heard: low, requests: 1},
		{name: "a balance that is no number", billing: money("plenty"), legs: legs, states: poor, heard: low, requests: 1},
		{name: "the service is broken", billing: accounts(flowtest.Answer{Status: 500}), legs: legs, states: none, heard: missing, requests: 2},
		{name: "the service hangs", billing: accounts(flowtest.Answer{Delay: flowtest.Forever}), legs: legs, states: none, heard: missing, requests: 2},
		{name: "hangs up when refused", billing: money("0.05"), script: []step{hears(caller, "too low"), hangup(caller)}, legs: legs, states: poor},
		{name: "presses nothing", params: []string{}, legs: legs, states: []string{"caller: check ask"}, heard: []string{"Which number"}},
		{name: "hangs up when asked", params: []string{}, script: []step{listening(caller), hangup(caller)}, legs: legs, states: []string{"caller: check ask"}},
	}
}

func rejoinUnreached() []scene {
	var scenes []scene
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name: "the callee " + way.name, parties: map[string]sim.Party{callee: way.party},
			legs:   []string{"caller inbound completed", "callee outbound-api " + way.result},
			states: []string{"caller: check place talk not-reached"},
			heard:  []string{"The number you called could not be reached."}, requests: 1,
		})
	}
	return scenes
}

func rejoinHangups() []scene {
	rings := map[string]sim.Party{callee: {Outcome: sim.Manual}}
	canceled := []string{"caller inbound completed", "callee outbound-api canceled"}
	hangs := money("1.00", flowtest.Answer{Delay: flowtest.Forever})
	return []scene{
		{name: "both hang up at the same time", script: []step{talking(caller), wait(time.Minute), hangup(caller), hangup(callee)}, legs: rejoinLegs, states: rejoinTalk, most: 2 * time.Minute},
		{
			name: "both hang up at the limit, with credit", script: []step{talking(caller), wait(10*time.Minute + 29*time.Second), hangup(callee), hangup(caller)},
			legs: rejoinLegs, states: rejoinTalk, charges: 1, most: 12 * time.Minute,
		},
		{
			name: "the caller hangs up as the callee answers", parties: rings, script: []step{ringing(callee), inRoom(caller), act(callee, "answers", (*sim.Call).Answer), hangup(caller)},
			legs: rejoinLegs, states: rejoinTalk, racy: true, most: time.Minute,
		},
		{
			name: "hangs up when told that nobody was reached", parties: map[string]sim.Party{callee: {Outcome: sim.Busy}}, script: []step{hears(caller, "could not be reached"), hangup(caller)},
			legs: []string{"caller inbound completed", "callee outbound-api busy"}, states: []string{"caller: check place talk not-reached"},
		},
		{
			name: "hangs up when told that there is no account", billing: func(*flowtest.Billing) {}, script: []step{hears(caller, "find your account"), hangup(caller)},
			legs: canceled[:1], states: []string{"caller: check no-account"},
		},
		{name: "ended from outside when asked for the number", params: []string{}, script: []step{listening(caller), end()}, legs: canceled[:1], states: []string{"caller: check ask"}, outcome: "deleted"},
		{name: "ended from outside while it rings", parties: rings, script: []step{ringing(callee), inRoom(caller), end()}, legs: canceled, states: []string{"caller: check place talk"}, outcome: "deleted"},
		{
			name: "ended from outside while the charge hangs", billing: hangs, script: []step{talking(caller), wait(9*time.Minute + 36*time.Second), end()},
			legs: rejoinLegs, states: rejoinTalk, charges: 1, outcome: "deleted",
		},
		{
			name: "ended from outside when told that the money is gone", billing: money("0.10", refusedCard), script: []step{hears(caller, "used up"), end()},
			legs: rejoinLegs, states: rejoinNoCash, outcome: "deleted",
		},
		{
			name: "the caller hangs up while it rings", parties: map[string]sim.Party{callee: {Outcome: sim.Manual}},
			script: []step{ringing(callee), hangup(caller)},
			legs:   []string{"caller inbound completed", "callee outbound-api canceled"}, states: []string{"caller: check place talk"},
		},
		{
			name: "the caller hangs up just before the limit, with credit", script: []step{talking(caller), wait(10*time.Minute + 24*time.Second), hangup(caller)},
			legs: rejoinLegs, states: rejoinTalk, charges: 1,
		},
		{
			name: "the callee hangs up just before the limit, with credit", script: []step{talking(caller), wait(10*time.Minute + 24*time.Second), hangup(callee)},
			legs: rejoinLegs, states: rejoinTalk, charges: 1,
		},
		{
			name: "the callee hangs up just after the caller is back", script: []step{talking(caller), wait(10*time.Minute + 30*time.Second), hangup(callee)},
			legs: rejoinLegs, states: rejoinTalk, charges: 1,
		},
		{
			name: "the caller hangs up while the charge hangs", billing: money("1.00", flowtest.Answer{Delay: flowtest.Forever}),
			script: []step{talking(caller), wait(9*time.Minute + 36*time.Second), hangup(caller)},
			legs:   rejoinLegs, states: rejoinTalk, charges: 1,
		},
		{
			name: "the callee hangs up while the charge hangs", billing: money("1.00", flowtest.Answer{Delay: flowtest.Forever}),
			script: []step{talking(caller), wait(9*time.Minute + 36*time.Second), hangup(callee)},
			legs:   rejoinLegs, states: rejoinTalk, charges: 1,
		},
	}
}

// TestPrepaidServerDead is what the two ways to hold the limit differ in: a server that
// is dead when the money is used up.
func TestPrepaidServerDead(t *testing.T) {
	t.Parallel()
	ringTime := 30 * time.Second // the limit of the first document covers the ringing
	between := func(least, most time.Duration) func(*play) error {
		return func(p *play) error {
			if got := talkTime(p); got < least || got > most {
				return fmt.Errorf("the talk lasts %v, want %v to %v", got, least, most)
			}
			return nil
		}
	}
	playAll(t, []scene{
		{
			name: "rejoin: Twilio cuts both sides", to: rejoinNumber, params: []string{"number", callee}, billing: money("1.00"), restarts: true,
			script: []step{talking(caller), wait(9 * time.Minute), down(), ended(caller), ended(callee), wait(time.Minute), up()},
			legs:   rejoinLegs, states: rejoinTalk, also: between(10*time.Minute-time.Second, 10*time.Minute+ringTime+5*time.Second),
		},
		{
			name: "rejoin: dead after a charge, Twilio cuts both sides", to: rejoinNumber, params: []string{"number", callee}, billing: money("1.00"), restarts: true,
			script: []step{talking(caller), wait(20 * time.Minute), down(), ended(caller), ended(callee), wait(time.Minute), up()},
			legs:   rejoinLegs, states: rejoinTalk, charges: 1, also: between(time.Hour-2*time.Second, time.Hour+5*time.Second),
		},
		{
			name: "rejoin: dead for a while before the end", to: rejoinNumber, params: []string{"number", callee}, billing: money("1.00", refusedCard), restarts: true,
			script: []step{talking(caller), wait(9 * time.Minute), down(), wait(45 * time.Second), up()},
			legs:   rejoinLegs, states: rejoinNoCash, heard: noCash, also: lasts(10 * time.Minute),
		},
		{
			name: "watch: it overruns until the server is back", to: prepaidNumber, params: []string{"number", callee}, billing: money("1.00", refusedCard), restarts: true,
			script: []step{talking(caller), wait(9 * time.Minute), down(), wait(6 * time.Minute), up()},
			legs:   prepaidLegs, states: []string{"caller: check talk out-of-credit"}, heard: noCash,
			also: between(15*time.Minute, 15*time.Minute+20*time.Second),
		},
	})
}
