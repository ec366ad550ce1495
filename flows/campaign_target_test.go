package flows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestCampaignTarget(t *testing.T) {
	t.Parallel()
	scenes := append(campaignReached(), campaignUnreached()...)
	scenes = append(scenes, campaignHours()...)
	scenes = append(scenes, campaignStopped()...)
	for i := range scenes {
		sc := &scenes[i]
		sc.start = "campaign-target"
		if sc.input == nil {
			sc.input = map[string]any{"customer": customer}
		}
		if sc.at.IsZero() {
			sc.at = newYork(2026, time.March, 2, 10, 0)
		}
		if sc.most == 0 {
			sc.most = 2 * time.Minute
		}
	}
	playAll(t, scenes)
}

// newYork gives a moment by the clocks of New York, as they are on that day in 2026.
func newYork(year int, month time.Month, day, hour, minute int) time.Time {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return time.Date(year, month, day, hour, minute, 0, 0, zone)
}

const (
	pitched    = "customer outbound-api completed"
	unanswered = "customer outbound-api no-answer"
)

var (
	isPitched = []string{"customer: pitch"}
	silent    = map[string]sim.Party{customer: {Outcome: sim.NoAnswer}}
)

// tried checks when the calls were placed, by the clocks of New York.
func tried(want ...string) func(*play) error {
	return func(p *play) error {
		zone := newYork(2026, time.January, 1, 0, 0).Location()
		var got []string
		for _, e := range p.Sim.Log() {
			if e.Kind == sim.EntryCall {
				got = append(got, e.At.In(zone).Format("2 Jan 15:04"))
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("called at %q, want %q", got, want)
		}
		return nil
	}
}

// becomes changes what answers a number from the next call on.
func becomes(number string, party sim.Party) step {
	return step{number + " changes", func(p *play) error { p.Sim.AddParty(number, party); return nil }}
}

func campaignReached() []scene {
	asked := hears(customer, "press 9")
	removed := []string{"customer: pitch removed"}
	only := []string{pitched}
	return []scene{
		{name: "a person hears it all", legs: only, states: isPitched, heard: []string{"this is a reminder"}, also: tried("2 Mar 10:00")},
		{name: "hangs up meanwhile", script: []step{asked, wait(time.Second), hangup(customer)}, legs: only, states: isPitched},
		{name: "presses another key", script: []step{listening(customer), wait(time.Second), press(customer, "5")}, legs: only, states: isPitched},
		{
			name: "wants no more calls", script: []step{asked, wait(2 * time.Second), press(customer, "9")}, outcome: "do-not-call",
			legs: only, states: removed, heard: []string{"We will not call you again."},
		},
		{
			name: "wants no more calls and hangs up", script: []step{listening(customer), press(customer, "9"), hears(customer, "not call you again"), hangup(customer)},
			outcome: "do-not-call", legs: only, states: removed,
		},
		{name: "hangs up while Twilio listens", script: []step{answers(customer), wait(2 * time.Second), hangup(customer)}, legs: only, outcome: "hung-up"},
		{name: "nobody can tell who it is", parties: map[string]sim.Party{customer: {Kind: sim.Unclear}}, legs: only, states: isPitched},
		{name: "a machine hears nothing", parties: map[string]sim.Party{customer: machine()}, legs: only, outcome: "machine"},
		{name: "a machine without a beep", parties: map[string]sim.Party{customer: {Kind: sim.Machine, NoBeep: true}}, legs: only, outcome: "machine"},
		{name: "a fax", parties: map[string]sim.Party{customer: {Kind: sim.Fax}}, legs: only, outcome: "fax"},
	}
}

func campaignUnreached() []scene {
	hour := 90 * time.Minute
	thrice := func(result string) []string { return slices.Repeat([]string{"customer outbound-api " + result}, 3) }
	return []scene{
		{name: "never answers", parties: silent, legs: thrice("no-answer"), outcome: "gave-up", most: hour, also: tried("2 Mar 10:00", "2 Mar 10:30", "2 Mar 11:01")},
		{name: "is always busy", parties: map[string]sim.Party{customer: {Outcome: sim.Busy}}, legs: thrice("busy"), outcome: "gave-up", most: hour, also: tried("2 Mar 10:00", "2 Mar 10:30", "2 Mar 11:00")},
		{name: "declines three times", parties: map[string]sim.Party{customer: {Outcome: sim.Decline}}, legs: thrice("busy"), outcome: "gave-up", most: hour},
		{
			name: "answers the second call", parties: silent, script: []step{wait(10 * time.Minute), becomes(customer, sim.Party{}), hears(customer, "press 9")},
			legs: []string{unanswered, pitched}, states: isPitched, most: hour,
		},
		{
			name: "a machine at the third call", parties: silent, script: []step{wait(45 * time.Minute), becomes(customer, machine())},
			legs: []string{unanswered, unanswered, pitched}, outcome: "machine", most: hour,
		},
		{
			name: "wants no more calls at the second", parties: map[string]sim.Party{customer: {Outcome: sim.Busy}},
			script: []step{wait(10 * time.Minute), becomes(customer, sim.Party{}), hears(customer, "press 9"), press(customer, "9")},
			legs:   []string{"customer outbound-api busy", pitched}, states: []string{"customer: pitch removed"}, outcome: "do-not-call", most: hour,
		},
		{
			name: "a number that there is not", parties: map[string]sim.Party{customer: {Outcome: sim.Unreachable}},
			legs: []string{"customer outbound-api failed"}, outcome: "bad-number", most: hour,
		},
		{
			name: "a number that Twilio refuses", input: map[string]any{"customer": callerID}, refusals: true,
			legs: []string{"customer outbound-api failed"}, outcome: "bad-number",
		},
	}
}

// campaignHours are tries that have to wait: 10:00 to 20:00, not on Sundays.
func campaignHours() []scene {
	at := func(name string, begin time.Time, want string) scene {
		return scene{name: name, at: begin, legs: []string{pitched}, states: isPitched, most: 72 * time.Hour, also: tried(want)}
	}
	scenes := []scene{
		at("the last minute of a day", newYork(2026, time.March, 2, 19, 59), "2 Mar 19:59"),
		at("a day that has ended", newYork(2026, time.March, 2, 20, 0), "3 Mar 10:00"),
		at("early in the morning", newYork(2026, time.March, 2, 9, 59), "2 Mar 10:00"),
		at("the weekend on which the clocks go forward", newYork(2026, time.March, 7, 20, 0), "9 Mar 10:00"),
		at("the weekend on which they go back", newYork(2026, time.October, 31, 20, 0), "2 Nov 10:00"),
		at("a holiday", newYork(2026, time.November, 26, 12, 0), "27 Nov 10:00"),
		at("the night before a holiday", newYork(2026, time.December, 24, 22, 0), "26 Dec 10:00"),
	}
	late := newYork(2026, time.March, 6, 19, 40)
	sunday := newYork(2026, time.March, 7, 19, 20)
	return append(scenes, scene{
		name: "a retry that falls into the night", at: late, parties: silent, legs: slices.Repeat([]string{unanswered}, 3), outcome: "gave-up",
		most: 20 * time.Hour, also: tried("6 Mar 19:40", "7 Mar 10:00", "7 Mar 10:30"),
	}, scene{
		name: "retries over a weekend on which the clocks go forward", at: sunday, parties: silent, legs: slices.Repeat([]string{unanswered}, 3), outcome: "gave-up",
		most: 40 * time.Hour, also: tried("7 Mar 19:20", "7 Mar 19:50", "9 Mar 10:00"),
	}, scene{
		name: "a try that rings beyond the end of the day", at: newYork(2026, time.March, 2, 19, 59).Add(50 * time.Second), legs: []string{pitched}, states: isPitched,
		parties: map[string]sim.Party{customer: {AnswerAfter: 15 * time.Second}}, also: tried("2 Mar 19:59"),
	}, scene{
		name: "the server is gone when a retry is due, until the night", at: newYork(2026, time.March, 2, 19, 20), parties: silent, restarts: true,
		script: []step{wait(5 * time.Minute), down(), wait(time.Hour), becomes(customer, sim.Party{}), up(), wait(13 * time.Hour)},
		legs:   []string{unanswered, pitched}, states: isPitched, most: 15 * time.Hour, also: tried("2 Mar 19:20", "3 Mar 10:00"),
	})
}

// campaignStopped are sessions that somebody stops.
func campaignStopped() []scene {
	stop := signal("do-not-call")
	night := newYork(2026, time.March, 2, 21, 0)
	rings, canceled := map[string]sim.Party{customer: {Outcome: sim.Manual}}, []string{"customer outbound-api canceled"}
	return []scene{
		{name: "no more calls, before the first", at: night, script: []step{wait(time.Hour), stop}, outcome: "do-not-call", most: 2 * time.Hour},
		{name: "no more calls, while it rings", parties: rings, script: []step{ringing(customer), stop}, outcome: "do-not-call", legs: canceled},
		{name: "no more calls, between two tries", parties: silent, script: []step{wait(10 * time.Minute), stop}, outcome: "do-not-call", legs: []string{unanswered}, most: time.Hour},
		{name: "no more calls, in the middle of one", script: []step{hears(customer, "press 9"), stop}, outcome: "do-not-call", legs: []string{pitched}, states: isPitched},
		{name: "ended from outside while it waits", at: night, script: []step{wait(time.Hour), end()}, outcome: "deleted", most: 2 * time.Hour},
		{name: "ended from outside while it rings", parties: rings, script: []step{ringing(customer), end()}, outcome: "deleted", legs: canceled},
		{name: "ended from outside while Twilio listens", script: []step{answers(customer), wait(time.Second), end()}, outcome: "deleted", legs: []string{pitched}},
	}
}
