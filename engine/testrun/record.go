package testrun

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/server"
	"github.com/ringdown/ringdown/engine/sim"
)

// Record is what a case has come to, as far as expectations look at it.
type Record struct {
	Outcome  string
	Legs     map[string][]string // results by name
	States   map[string][]string // entered, by name of the leg
	Now      map[string]string   // state by name of the leg
	Messages []sim.Message
	Requests []request
	Tasks    []sim.Task
	Logged   []string

	session server.SessionView
	err     error // why there is no session to look at
}

func (p *play) recorded() Record {
	r := Record{Legs: map[string][]string{}, States: map[string][]string{}, Now: map[string]string{}, Messages: p.Sim.Messages(), Requests: p.mocks.requests(), Tasks: p.Sim.Tasks()}
	var history []flowtest.Line
	if r.session, r.err = p.API.Session(p.id); r.err == nil {
		history, r.err = p.API.History(p.id)
	}
	if r.err != nil {
		return r
	}
	r.Outcome = r.session.Outcome
	if r.session.Condition != string(engine.SessionClosed) {
		r.Outcome = strings.TrimSpace(r.session.Condition + " " + r.session.Outcome)
	}
	for _, l := range r.session.Legs {
		result := l.Result
		if l.Condition != string(engine.LegGone) {
			result = l.Condition
		}
		r.Legs[l.Name] = append(r.Legs[l.Name], result)
		if states := flowtest.StatesOf(history, l.Number); len(states) > 0 {
			r.States[l.Name] = append(r.States[l.Name], states...)
			r.Now[l.Name] = l.State
		}
	}
	for _, h := range history {
		if h.What == "log" {
			r.Logged = append(r.Logged, h.Text)
		}
	}
	return r
}

// offered are the signals that the session takes now.
func (p *play) offered() []string {
	s, err := p.Session(p.id)
	if err != nil || s.Condition != engine.SessionRunning {
		return nil
	}
	return engine.Signals(p.folder.Set.Closures[p.file.Flow.Name], s)
}

// name gives the party or leg that has a number, or the number.
func (p *play) name(number string) string {
	if p.call != nil && number == p.number("caller") {
		return "caller"
	}
	for _, party := range p.c.Parties {
		if p.number(party.Name) == number {
			return party.Name
		}
	}
	var names []string
	for _, f := range p.folder.Set.Closures {
		for _, n := range f.Flow.Env {
			if v, ok := p.env(n.Name); ok && v == number && !strings.Contains(n.Name, "CALLER_ID") {
				names = append(names, strings.ToLower(strings.ReplaceAll(n.Name, "_", "-")))
			}
		}
	}
	if len(names) > 0 {
		slices.Sort(names)
		return names[0]
	}
	if s, err := p.Session(p.id); err == nil {
		for _, l := range s.Legs {
			if l.To == number && l.Direction != engine.DirectionInbound && l.Name != "" {
				return l.Name
			}
		}
	}
	return number
}
