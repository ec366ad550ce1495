package testrun

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// schedules are the faults that a session must come through with the same outcome: what
// is late, repeated or in another order, and requests to Twilio that are refused for now
// or whose answer is lost. They take turns by the number of the seed.
var schedules = []conditions{
	{name: "late and repeated callbacks", faults: sim.Faults{{Kind: sim.DelayCallback, By: 3 * time.Second}, {Kind: sim.RepeatCallback, Rate: 0.3}}},
	{name: "repeated webhooks", faults: sim.Faults{{Kind: sim.RepeatWebhook, Rate: 0.3}}},
	{name: "callbacks in another order", faults: sim.Faults{{Kind: sim.ReorderCallback, Rate: 0.5}}},
	{name: "a busy REST API", faults: sim.Faults{{Kind: sim.TooManyRequests, Rate: 0.3}}},
	{name: "lost answers of the REST API", faults: sim.Faults{{Kind: sim.NoRESTAnswer, Rate: 0.2, For: "POST"}}},
	{name: "unruly callbacks and webhooks and a busy REST API", faults: sim.Faults{
		{Kind: sim.DelayCallback, By: 2 * time.Second}, {Kind: sim.RepeatCallback, Rate: 0.2}, {Kind: sim.RepeatWebhook, Rate: 0.2}, {Kind: sim.TooManyRequests, Rate: 0.1},
	}},
}

// playFaulty plays the case once more under a schedule of faults: it must come to what it
// has come to without.
func (f *Folder) playFaulty(r *Result, plain Record, seed uint64) ([]Failure, []string) {
	with := schedules[int(seed-1)%len(schedules)]
	with.seed = seed
	p := newPlay(f, r.File, r.Case, with, nil)
	p.run()
	if len(p.failures) == 0 {
		if differences := plain.differences(p.record); len(differences) > 0 {
			p.failures = []Failure{{Pos: r.Case.Pos, Message: "the case comes to another end under faults", Detail: differences}}
		}
	}
	for i := range p.failures {
		p.failures[i].Fix = nil
		p.failures[i].Faults = fmt.Sprintf("%s, seed %d", with.name, seed)
	}
	return p.failures, p.script
}

// differences are what must be the same under faults, and is not.
func (r Record) differences(other Record) []string {
	var list []string
	differ := func(what string, a, b any) {
		if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
			list = append(list, fmt.Sprintf("%s: %s instead of %s", what, y, x))
		}
	}
	differ("outcome", r.Outcome, other.Outcome)
	for _, leg := range names(r.Legs, other.Legs) {
		differ("the call of "+leg, r.Legs[leg], other.Legs[leg])
	}
	for _, leg := range names(r.States, other.States) {
		differ("the states of "+leg, r.States[leg], other.States[leg])
	}
	differ("messages", r.sent(), other.sent())
	differ("HTTP requests", r.done(), other.done())
	differ("tasks", r.work(), other.work())
	return list
}

func names(a, b map[string][]string) []string {
	all := append(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b))...)
	slices.Sort(all)
	return slices.Compact(all)
}

// sent are the messages, without what differs from run to run: SIDs.
func (r Record) sent() []string {
	var list []string
	for _, m := range r.Messages {
		body, _, _ := strings.Cut(m.Body, "https://")
		list = append(list, m.To+": "+body)
	}
	return list
}

// done are the HTTP requests that are no repetition of another one.
func (r Record) done() []string {
	var list []string
	for _, one := range r.Requests {
		if !one.Repeat {
			list = append(list, one.Method+" "+pathOf(one.URL)+" "+one.Body)
		}
	}
	return list
}

func (r Record) work() []string {
	var list []string
	for _, t := range r.Tasks {
		text := t.Status
		for _, one := range t.Reservations {
			text += " " + one.Status
		}
		list = append(list, text)
	}
	return list
}
