package flowtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/sim"
)

// Record is what a session came to: everything that must not depend on when and how
// often Twilio's callbacks came.
type Record struct {
	Outcome  string   // with the condition in front, while the session is not closed
	Legs     []string // "caller inbound completed", by number
	States   []string // "caller: main sales", by number; every entry of a state
	Charges  []string // bodies of the charges that were done
	Messages []string // "+1500...: text"
}

// Record gives what became of a session.
func (w *World) Record(id string) (Record, error) {
	s, err := w.API.Session(id)
	if err != nil {
		return Record{}, err
	}
	history, err := w.API.History(id)
	if err != nil {
		return Record{}, err
	}
	r := Record{Outcome: s.Outcome}
	if w.Billing != nil {
		r.Charges = w.Billing.Charges()
	}
	if s.Condition != string(engine.SessionClosed) {
		r.Outcome = s.Condition + " " + s.Outcome
	}
	for _, l := range s.Legs {
		result := l.Result
		if l.Condition != string(engine.LegGone) {
			result = l.Condition
		}
		r.Legs = append(r.Legs, fmt.Sprintf("%s %s %s", l.Name, l.Direction, result))
		if states := StatesOf(history, l.Number); len(states) > 0 {
			r.States = append(r.States, l.Name+": "+strings.Join(states, " "))
		}
	}
	for _, m := range w.Sim.Messages() {
		r.Messages = append(r.Messages, m.To+": "+m.Body)
	}
	return r, nil
}

// StatesOf gives the states that a leg has entered, in order.
func StatesOf(history []Line, leg int) []string {
	var states []string
	for _, h := range history {
		if h.Enters(leg) {
			states = append(states, h.To)
		}
	}
	return states
}

// Troubles lists what should not happen in any run without faults: TwiML or addresses
// that Twilio warns of, webhooks that were not answered with success, REST requests
// that were refused for a reason other than that a call is over, faults in histories.
func (w *World) Troubles() []string {
	var found []string
	for _, e := range w.Sim.Log() {
		switch {
		case e.Kind == sim.EntryWarning && !harmless(e.Code),
			(e.Kind == sim.EntryWebhook || e.Kind == sim.EntryCallback) && e.Code != 0,
			e.Kind == sim.EntryREST && e.Status >= 400 && !harmless(e.Code):
			found = append(found, fmt.Sprintf("%s %s %d %d %s %s", e.Kind, e.Name, e.Code, e.Status, e.Text, e.URL))
		}
	}
	sessions, err := w.API.Sessions(false)
	if err != nil {
		return append(found, err.Error())
	}
	for _, s := range sessions {
		history, err := w.API.History(s.ID)
		if err != nil {
			return append(found, err.Error())
		}
		for _, h := range history {
			if h.What == "fault" {
				found = append(found, fmt.Sprintf("fault in %s at %d: %s %s", s.ID, h.Rev, h.Why, h.Text))
			}
		}
	}
	return found
}

// harmless is what callers bring about: the call is not in progress, the resource is not
// there any more, the participant has left, a recording is too short to keep or to be
// put into words.
func harmless(code int) bool { return slices.Contains([]int{21220, 20404, 16001, 16101, 13617}, code) }
