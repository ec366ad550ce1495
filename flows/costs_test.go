package flows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// costs are what the API tells of the prices: the total, how many are not known, the legs.
func costs(t *testing.T, p *play) []string {
	t.Helper()
	s, err := p.API.Session(p.id)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{fmt.Sprintf("%s %s, %d open", s.Price, s.PriceUnit, s.PriceOpen)}
	for _, l := range s.Legs {
		out = append(out, strings.TrimSpace(l.Name+" "+l.Price+" "+l.PriceUnit))
	}
	return out
}

// TestCosts has click-to-call tell what its two calls cost, once Twilio knows it: 70
// seconds are two minutes of each.
func TestCosts(t *testing.T) {
	t.Parallel()
	known := []string{"-0.05600 USD, 0 open", "agent -0.02800 USD", "customer -0.02800 USD"}
	unknown := []string{" , 2 open", "agent", "customer"}
	for name, c := range map[string]struct {
		price    time.Duration // until Twilio knows
		busy     bool
		switches sim.Switches
		after    []step // after the end of the calls
		early    []string
		wait     time.Duration
		want     []string
	}{
		"soon":                     {price: 2 * time.Second, wait: 15 * time.Second, want: known},
		"after hours":              {price: 3 * time.Hour, early: unknown, wait: 4 * time.Hour, want: known},
		"never":                    {price: 1000 * time.Hour, early: unknown, wait: 25 * time.Hour, want: []string{" , 0 open", "agent", "customer"}},
		"a restart meanwhile":      {price: time.Hour, early: unknown, after: []step{down(), wait(10 * time.Minute), up()}, wait: 2 * time.Hour, want: known},
		"down for days":            {price: time.Hour, early: unknown, after: []step{down(), wait(100 * time.Hour), up()}, wait: time.Minute, want: known},
		"nobody answers, no price": {busy: true, wait: time.Hour, want: []string{"-0.01400 USD, 0 open", "agent -0.01400 USD", "customer"}},
		"nobody answers, price 0": {
			busy: true, switches: sim.Switches{UnansweredPriced: true}, wait: time.Minute,
			want: []string{"-0.01400 USD, 0 open", "agent -0.01400 USD", "customer 0 USD"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := scene{
				start: "click-to-call", input: map[string]any{"agent": agentTel, "customer": customer}, restarts: true,
				script: []step{talking(agentTel), wait(70 * time.Second), hangup(customer)},
			}
			if c.busy {
				sc.script, sc.parties = nil, map[string]sim.Party{customer: {Outcome: sim.Busy}}
			}
			p, _, err := sc.run(flowtest.Options{Seed: 1, Switches: c.switches, Timings: sim.Timings{Price: c.price}})
			if p != nil {
				defer p.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.early != nil {
				if d := cmp.Diff(c.early, costs(t, p)); d != "" {
					t.Errorf("at the end (-want +got):\n%s", d)
				}
			}
			before, err := p.Record(p.id)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range c.after {
				if err := s.do(p); err != nil {
					t.Fatal(err)
				}
			}
			p.Advance(c.wait)
			if d := cmp.Diff(c.want, costs(t, p)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if after, err := p.Record(p.id); err != nil || !cmp.Equal(before, after) {
				t.Errorf("the session has changed: %v %s", err, cmp.Diff(before, after))
			}
			history, err := p.API.History(p.id)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, h := range history {
				if h.What == "price" {
					n++
				}
			}
			if n != 2 {
				t.Errorf("%d prices in the history, want 2", n)
			}
		})
	}
}
