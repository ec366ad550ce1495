package flows_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// hoursNumber is the number that the flow business-hours answers.
const hoursNumber = "+15005550019"

// in Berlin, on some day.
func berlin(year int, month time.Month, day, hour, minute int) time.Time {
	offset := 1 // winter
	if month >= time.April && month <= time.October {
		offset = 2
	}
	return time.Date(year, month, day, hour-offset, minute, 0, 0, time.UTC)
}

// turn turns the flow's switch on or off while calls go on.
func turn(on bool) step {
	return step{fmt.Sprintf("emergency is %v", on), func(p *play) error { return p.API.Switch("emergency", on) }}
}

func TestBusinessHours(t *testing.T) {
	t.Parallel()
	scenes := append(hoursOpen(), hoursClosed()...)
	for i := range scenes {
		scenes[i].to = hoursNumber
	}
	playAll(t, scenes)
}

// hoursOpen are calls that ring in the office.
func hoursOpen() []scene {
	sales := map[string]sim.Party{salesTel: {AnswerAfter: 3 * time.Second}}
	silent := map[string]sim.Party{salesTel: {Outcome: sim.NoAnswer}}
	reached := []string{"caller inbound completed", "agent outbound-dial completed"}
	unreached := []string{"caller inbound completed", "agent outbound-dial no-answer"}
	scenes := []scene{
		{
			name: "open", parties: sales,
			script: []step{talking(caller), wait(20 * time.Second), hangup(salesTel)},
			legs:   reached, states: []string{"caller: check ring"},
		},
		{
			name: "the caller hangs up after the talk", parties: sales, at: berlin(2026, time.July, 3, 15, 59),
			script: []step{talking(caller), wait(2 * time.Minute), hangup(caller)},
			legs:   reached, states: []string{"caller: check ring"},
		},
		{
			name: "the caller gives up while it rings", parties: silent,
			script: []step{ringing(salesTel), wait(3 * time.Second), hangup(caller)},
			legs:   []string{"caller inbound no-answer", "agent outbound-dial canceled"}, states: []string{"caller: check ring"}, most: time.Minute,
		},
		{
			name: "nobody answers", parties: silent,
			legs: unreached, states: []string{"caller: check ring nobody"}, heard: []string{"Nobody can take your call"},
		},
		{
			name: "it closes while it rings", parties: silent, at: berlin(2026, time.March, 2, 17, 59).Add(50 * time.Second),
			legs: unreached, states: []string{"caller: check ring closed"}, heard: []string{"on Tuesday, March 3, at 09:00"},
		},
		{
			name: "emergency while it rings", parties: silent,
			script: []step{ringing(salesTel), turn(true)},
			legs:   unreached, states: []string{"caller: check ring emergency"}, heard: []string{"because of an emergency"},
		},
		{
			name: "emergency during a talk", parties: sales,
			script: []step{talking(caller), turn(true), wait(10 * time.Second), hangup(salesTel)},
			legs:   reached, states: []string{"caller: check ring"},
		},
		{
			name: "both hang up at the same time", parties: sales, script: []step{talking(caller), wait(10 * time.Second), hangup(caller), hangup(salesTel)},
			legs: reached, states: []string{"caller: check ring"},
		},
		{
			name: "hangs up when told that nobody is there", parties: silent, script: []step{hears(caller, "Nobody can take"), hangup(caller)},
			legs: unreached, states: []string{"caller: check ring nobody"},
		},
		{
			name: "ended from outside while it rings", parties: silent, script: []step{ringing(salesTel), end()},
			legs: []string{"caller inbound canceled", "agent outbound-dial canceled"}, states: []string{"caller: check ring"}, outcome: "deleted",
		},
		{
			name: "ended from outside in the talk", parties: sales, script: []step{talking(caller), end()}, legs: reached, states: []string{"caller: check ring"}, outcome: "deleted",
		},
	}
	for _, way := range ways() {
		scenes = append(scenes, scene{
			name: "the office " + way.name, parties: map[string]sim.Party{salesTel: way.party}, heard: []string{"Nobody can take your call"},
			legs: []string{"caller inbound completed", "agent outbound-dial " + way.result}, states: []string{"caller: check ring nobody"},
		})
	}
	return scenes
}

// hoursClosed are calls that ring nowhere.
func hoursClosed() []scene {
	closed := []scene{
		{name: "before the office opens", at: berlin(2026, time.March, 2, 8, 59), heard: []string{"on Monday, March 2, at 09:00"}},
		{name: "after it has closed", at: berlin(2026, time.March, 3, 18, 0), heard: []string{"on Wednesday, March 4, at 09:00"}},
		{name: "Friday at four", at: berlin(2026, time.July, 3, 16, 0), heard: []string{"on Monday, July 6, at 09:00"}},
		{name: "the weekend on which the clocks go forward", at: berlin(2026, time.March, 28, 12, 0), heard: []string{"on Monday, March 30, at 09:00"}},
		{name: "the weekend on which they go back", at: berlin(2026, time.October, 24, 12, 0), heard: []string{"on Monday, October 26, at 09:00"}},
		{name: "a holiday", at: berlin(2026, time.December, 24, 10, 0), heard: []string{"on Monday, December 28, at 09:00"}},
		{name: "the caller hangs up while it is told", at: berlin(2027, time.January, 1, 10, 0), script: []step{hears(caller, "We are closed"), wait(time.Second), hangup(caller)}},
	}
	for i := range closed {
		closed[i].states = []string{"caller: check closed"}
	}
	closed = append(closed, scene{
		name: "the caller hangs up when told of the emergency", states: []string{"caller: check emergency"}, script: []step{hears(caller, "because of an emergency"), hangup(caller)},
		before: func(p *play) error { return p.API.Switch("emergency", true) },
	}, scene{
		name: "ended from outside while it is told", at: berlin(2027, time.January, 1, 10, 0), states: []string{"caller: check closed"},
		script: []step{hears(caller, "We are closed"), end()}, outcome: "deleted",
	})
	emergency := scene{
		name: "emergency, open or not", states: []string{"caller: check emergency"}, heard: []string{"because of an emergency"},
		before: func(p *play) error { return p.API.Switch("emergency", true) },
	}
	closed = append(closed, emergency)
	emergency.name, emergency.at = "emergency on a holiday", berlin(2026, time.December, 24, 10, 0)
	over := scene{
		name: "an emergency that is over", parties: map[string]sim.Party{salesTel: {AnswerAfter: 3 * time.Second}},
		script: []step{talking(caller), hangup(salesTel)}, states: []string{"caller: check ring"},
		before: func(p *play) error {
			return errors.Join(p.API.Switch("emergency", true), p.API.Switch("emergency", false))
		},
		legs: []string{"caller inbound completed", "agent outbound-dial completed"},
	}
	closed = append(closed, emergency, over)
	for i := range closed {
		if closed[i].legs == nil {
			closed[i].legs = []string{"caller inbound completed"}
		}
	}
	return closed
}
