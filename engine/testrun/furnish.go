package testrun

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/testspec"
)

// furnish puts parties, workers, sounds and switches into the world.
func (p *play) furnish() error {
	for _, party := range p.c.Parties {
		who, err := simulated(party)
		if err != nil {
			return err
		}
		p.Sim.AddParty(p.number(party.Name), who)
	}
	for _, m := range p.c.Media {
		p.Sim.AddMedia(m.URL, m.Is)
	}
	for _, q := range p.c.Queues {
		p.Sim.LimitQueue(q.Queue, q.Most)
	}
	for _, v := range p.c.Switches {
		if err := p.API.Switch(v.Name, v.Text == "on"); err != nil {
			return err
		}
	}
	return p.employ()
}

// hours are the calendars that the case holds open or shut.
func (p *play) hours() map[string]bool {
	held := make(map[string]bool, len(p.c.Hours))
	for _, v := range p.c.Hours {
		held[v.Name] = v.Text == "open"
	}
	return held
}

func simulated(party *testspec.Party) (who sim.Party, err error) {
	after := party.After
	if after == 0 {
		after = time.Millisecond // 0 is a default of the simulator
	}
	who = sim.Party{
		AnswerAfter: after, Greeting: party.Greeting, NoBeep: party.Silent,
		HangupAfter: party.HangsUp, Script: sim.Replies(time.Second, party.Replies...),
	}
	err = errors.Join(who.Outcome.UnmarshalText([]byte(party.Does)), who.Kind.UnmarshalText([]byte(party.Is)))
	return who, err
}

// sidLength is the length of every SID of Twilio's.
const sidLength = 34

// employ gives TaskRouter the workflows that env names (WW...), and the workers.
func (p *play) employ() error {
	if len(p.c.Workers) == 0 && p.folder.Env == nil {
		return nil
	}
	values := map[string]string{}
	for name, v := range p.folder.Env {
		values[name] = v
	}
	for _, v := range p.c.Env {
		values[v.Name] = v.Text
	}
	url := p.API.Base + "/taskrouter/assignment"
	for _, v := range values {
		if strings.HasPrefix(v, "WW") && len(v) == sidLength {
			p.Sim.AddWorkflow(v, sim.Workflow{AssignmentURL: url, FallbackURL: url})
		}
	}
	for _, w := range p.c.Workers {
		attributes, err := json.Marshal(map[string]string{"name": w.Name, "contact_uri": p.number(w.Name)})
		if err != nil {
			return err
		}
		if _, err := p.Sim.AddWorker(w.Name, string(attributes)); err != nil {
			return err
		}
	}
	return nil
}
