package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/testspec"
	"github.com/ringdown/ringdown/schema"
)

// story is a session on its way to a test case.
type story struct {
	desk   *Desk
	data   *engine.Session
	flow   *engine.Flow
	heard  bool
	events []Event
	asked  []asked
	// history is all that the session wrote down.
	history []engine.Entry

	lines   []string
	names   map[string]string // of phones in the case, by the SID of their call
	parties map[string]string
	known   map[string]bool // texts that were told already, by phone
	last    time.Time       // of what was told last
	talking bool            // somebody has just answered
}

// retold is a session as a case: the YAML of one entry of `cases`.
func (d *Desk) retold(ctx context.Context, s Session, name string, heard bool) string {
	end := s.Data.LastAt
	if end.Before(s.Data.Started) {
		end = d.clock.Now()
	}
	t := &story{
		desk: d, data: s.Data, flow: d.loadedFlow(s.Flow), heard: heard, history: d.history(ctx, s.Data.ID),
		names: map[string]string{}, parties: map[string]string{}, known: map[string]bool{}, last: s.Data.Started,
	}
	t.events, t.asked = d.tape.between(s.Data.Started.Add(-time.Second), end.Add(time.Second))
	t.asked = slices.DeleteFunc(t.asked, func(a asked) bool { return a.at.Before(s.Data.Started) })
	t.events = append(t.events, t.sentTo()...)
	slices.SortStableFunc(t.events, func(a, b Event) int { return a.At.Compare(b.At) })
	for _, e := range t.events {
		t.tell(e)
	}
	return t.text(name)
}

// Kinds of events that only the history of a session has.
const (
	signalled Kind = "signalled"
	deleted   Kind = "deleted"
)

// history gives all that a session wrote down.
func (d *Desk) history(ctx context.Context, session string) []engine.Entry {
	rows, err := d.node.Runtime().History(ctx, session)
	if err != nil {
		return nil
	}
	var all []engine.Entry
	for _, row := range rows {
		var entries []engine.Entry
		if json.Unmarshal(row.Data, &entries) == nil {
			all = append(all, entries...)
		}
	}
	return all
}

// sentTo are the signals to the session, and its end by the API.
func (t *story) sentTo() []Event {
	var list []Event
	for _, e := range t.history {
		if name, ok := strings.CutPrefix(e.Name, engine.KindSignal+"."); ok && e.What == "event" {
			list = append(list, Event{At: e.At, Kind: signalled, Text: name})
		}
		if e.What == "event" && e.Name == engine.KindDelete {
			list = append(list, Event{At: e.At, Kind: deleted})
		}
	}
	return list
}

// who names the phone of an event; "" when its call is none of the session.
func (t *story) who(e Event) string {
	if name, ok := t.names[e.Call]; ok {
		return name
	}
	for _, l := range t.data.Legs {
		if l.SID == "" || l.SID != e.Call {
			continue
		}
		t.names[e.Call] = testspec.Caller
		if l.Direction != engine.DirectionInbound {
			t.names[e.Call] = t.party(e, l)
		}
		return t.names[e.Call]
	}
	return ""
}

// party names a phone that was called: by its variable, else by its leg.
func (t *story) party(e Event, l *engine.Leg) string {
	if v, ok := t.desk.env.lookup(testspec.EnvName(e.Name)); ok && v == l.To {
		return e.Name
	}
	name := l.Name
	for i := 2; ; i++ {
		if have, ok := t.parties[name]; !ok || strings.Contains(have, l.To) {
			break
		}
		name = fmt.Sprintf("%s%d", l.Name, i)
	}
	t.parties[name] = "number: " + schema.Quoted(l.To)
	return name
}

// tell adds what an event is in a script.
func (t *story) tell(e Event) {
	switch e.Kind {
	case signalled:
		t.pause(e.At)
		t.line(e, "signal: "+t.signal(e.Text))
		return
	case deleted:
		t.pause(e.At)
		t.line(e, "end the session")
		return
	}
	who := t.who(e)
	if who == "" {
		return
	}
	switch e.Kind {
	case Presses:
		if before := who + " presses: "; len(t.lines) > 0 && strings.HasPrefix(t.lines[len(t.lines)-1], before) { // one key after the other
			keys := strings.Trim(strings.TrimPrefix(t.lines[len(t.lines)-1], before), `"`)
			t.lines[len(t.lines)-1] = before + schema.Quoted(keys+e.Text)
			t.last = e.At
			return
		}
		t.line(e, who+" presses: "+schema.Quoted(e.Text))
	case Says:
		t.line(e, who+" says: "+schema.Quoted(e.Text))
	case Answers:
		t.answers(e, who)
	case HangsUp:
		switch {
		case e.Called && e.Took == 0:
			t.line(e, who+" declines")
		default:
			t.pause(e.At)
			t.line(e, who+" hangs up")
		}
	case Rings:
		if _, ok := t.parties[who]; !ok {
			t.parties[who] = ""
		}
	case Hears:
		t.hears(e, who)
	}
}

// answers tells that a phone was picked up, by a person or a machine.
func (t *story) answers(e Event, who string) {
	t.desk.tape.mu.Lock()
	greeting, machine := t.desk.tape.machines[e.Phone]
	t.desk.tape.mu.Unlock()
	if machine {
		more := []string{"is: machine", "greeting: " + schema.Quoted(greeting), "hangs_up: " + testspec.Text(machineStays)}
		if number := t.parties[who]; number != "" {
			more = append(more, number)
		}
		t.parties[who] = strings.Join(more, ", ")
		t.last = e.At
		return
	}
	t.line(e, who+" answers")
	t.talking = true
}

// hears tells the beginning of a text, once for each phone: how often music and menus come
// round depends on how long people take.
func (t *story) hears(e Event, who string) {
	text := e.Text
	if i := strings.IndexAny(text, ".?!"); i > 10 && i < len(text)-1 {
		text = text[:i+1]
	}
	key := who + "\n" + text
	if !t.heard || e.From != "" || text == "" || t.known[key] {
		return
	}
	t.known[key] = true
	t.line(e, who+" hears: "+schema.Quoted(text))
}

func (t *story) line(e Event, text string) {
	t.lines = append(t.lines, text)
	t.last, t.talking = e.At, false
}

// pause lets the time pass that people took before they did something.
func (t *story) pause(at time.Time) {
	gap := at.Sub(t.last).Round(time.Second)
	switch {
	case t.talking:
		t.lines = append(t.lines, "they talk: "+testspec.Text(max(gap, time.Second)))
	case gap >= time.Second:
		t.lines = append(t.lines, "wait: "+testspec.Text(gap))
	}
}

// signal is a signal with the data that it had.
func (t *story) signal(name string) string {
	t.desk.tape.mu.Lock()
	defer t.desk.tape.mu.Unlock()
	for _, s := range t.desk.tape.signals {
		if s.session == t.data.ID && s.name == name && len(s.data) > 0 {
			return "{name: " + name + ", data: " + pairs(s.data) + "}"
		}
	}
	return name
}

func pairs(m map[string]string) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, k+": "+schema.Quoted(m[k]))
	}
	return "{" + strings.Join(list, ", ") + "}"
}
