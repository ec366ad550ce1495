package server

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/store"
)

// FlowView is a loaded flow as the control API shows it.
type FlowView struct {
	ID          string       `json:"id"`
	Description string       `json:"description,omitempty"`
	Numbers     []string     `json:"numbers"`
	Inputs      []InputView  `json:"inputs"`
	Signals     []SignalView `json:"signals"`
	Startable   bool         `json:"startable"` // has `start`
	Answers     bool         `json:"answers"`   // takes inbound calls
	Closure     string       `json:"closure"`
	File        string       `json:"file"`
	Loaded      time.Time    `json:"loaded"`
}

// InputView is an input of a flow or a field of a signal's data.
type InputView struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Label    string   `json:"label,omitempty"`
	Default  *string  `json:"default,omitempty"`
	Optional bool     `json:"optional,omitempty"`
	Values   []string `json:"values,omitempty"`
}

// SignalView is a signal that a flow declares.
type SignalView struct {
	Name  string      `json:"name"`
	Label string      `json:"label,omitempty"`
	Data  []InputView `json:"data,omitempty"`
}

func viewFlow(f LoadedFlow) FlowView {
	flow := f.Closure.Flow
	v := FlowView{
		ID: flow.Name, Description: flow.Description, Numbers: append([]string{}, f.Numbers...),
		Inputs: viewInputs(flow.Inputs), Signals: []SignalView{}, Startable: flow.Start != nil,
		Answers: flow.Answer.State != "", Closure: f.Closure.ID, File: flow.File, Loaded: f.Loaded,
	}
	for _, s := range flow.Signals {
		v.Signals = append(v.Signals, viewSignal(s))
	}
	return v
}

func viewSignal(s *engine.Signal) SignalView {
	return SignalView{Name: s.Name, Label: s.Label, Data: viewInputs(s.Data)}
}

func viewInputs(inputs []*engine.Input) []InputView {
	views := make([]InputView, 0, len(inputs))
	for _, in := range inputs {
		views = append(views, InputView{in.Name, string(in.Type), in.Label, in.Default, in.Optional, in.Values})
	}
	return views
}

// SessionLine is a session in a list.
type SessionLine struct {
	ID        string    `json:"id"`
	Flow      string    `json:"flow"`
	Closure   string    `json:"closure"`
	Condition string    `json:"condition"`
	Outcome   string    `json:"outcome"`
	Rev       int64     `json:"rev"`
	Active    bool      `json:"active"`
	States    []string  `json:"states"`
	Started   time.Time `json:"started"`
	Updated   time.Time `json:"updated"`
}

func viewRow(row store.Session) SessionLine {
	return SessionLine{
		ID: row.ID, Flow: row.Flow, Closure: row.Closure, Condition: row.Condition, Outcome: row.Outcome, Rev: row.Rev,
		Active: row.Active, States: append([]string{}, strings.Fields(row.States)...), Started: row.Started, Updated: row.Updated,
	}
}

// SessionView is one session with all that is known of it.
type SessionView struct {
	ID        string         `json:"id"`
	Flow      string         `json:"flow"`
	Closure   string         `json:"closure"`
	Condition string         `json:"condition"`
	Outcome   string         `json:"outcome"`
	Rev       int64          `json:"rev"`
	Legs      []LegView      `json:"legs"`
	Signals   []SignalView   `json:"signals"` // that it takes now
	Input     map[string]any `json:"input"`
	Vars      map[string]any `json:"vars"`
	Timers    []TimerView    `json:"timers"`
	Meter     *MeterView     `json:"meter"`
	// Price is what the calls cost together as far as it is known: decimal, negative for a
	// charge, as Twilio gives it. PriceOpen counts the calls whose price is still asked for.
	Price     string    `json:"price,omitempty"`
	PriceUnit string    `json:"price_unit,omitempty"` // ISO 4217
	PriceOpen int       `json:"price_open,omitempty"`
	Started   time.Time `json:"started"`
	Updated   time.Time `json:"updated"`
	Ended     time.Time `json:"ended,omitzero"`
	Now       time.Time `json:"now"` // by the server's clock, for what is left of a time
}

// LegView is one call of a session.
type LegView struct {
	Number     int       `json:"number"`
	Name       string    `json:"name"`
	SID        string    `json:"sid"`
	Direction  string    `json:"direction"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Condition  string    `json:"condition"`
	Result     string    `json:"result"`
	Code       int       `json:"code,omitempty"` // Twilio's error code
	State      string    `json:"state"`
	Flows      []string  `json:"flows,omitempty"` // that it runs within the session's, the innermost last: State is of that one
	AnsweredBy string    `json:"answered_by,omitempty"`
	Language   string    `json:"language,omitempty"` // that a step has set
	Duration   int       `json:"duration,omitempty"` // seconds
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Price      string    `json:"price,omitempty"`      // decimal, negative for a charge; not known at once
	PriceUnit  string    `json:"price_unit,omitempty"` // ISO 4217
}

// TimerView is a timer that is armed.
type TimerView struct {
	Name  string    `json:"name"`
	Scope string    `json:"scope"` // session, state or engine
	Leg   int       `json:"leg,omitempty"`
	Due   time.Time `json:"due"`
}

// MeterView is the running meter. Money is decimal text.
type MeterView struct {
	State   string    `json:"state"`
	Balance string    `json:"balance"`
	Credits string    `json:"credits"`
	Rate    string    `json:"rate"`
	Per     string    `json:"per"`
	Since   time.Time `json:"since,omitzero"`
	End     time.Time `json:"end,omitzero"`
	Stopped time.Time `json:"stopped,omitzero"`
	Empty   bool      `json:"empty"`
}

func viewSession(s *engine.Session) SessionView {
	v := SessionView{
		ID: s.ID, Flow: s.Flow, Closure: s.Closure, Condition: string(s.Condition), Outcome: s.Outcome, Rev: s.Rev,
		Legs: []LegView{}, Signals: []SignalView{}, Input: plainMap(s.Input), Vars: plainMap(s.Vars), Timers: []TimerView{},
		Started: s.Started, Updated: s.LastAt, Ended: s.Ended,
	}
	for _, l := range s.Legs {
		v.Legs = append(v.Legs, LegView{
			Number: l.Number, Name: l.Name, SID: l.SID, Direction: l.Direction, From: l.From, To: l.To,
			Condition: string(l.Condition), Result: l.Result, Code: l.Code, State: l.State, Flows: l.Flows(), AnsweredBy: l.AnsweredBy, Language: l.Language,
			Duration: l.Duration, AnsweredAt: l.AnsweredAt, EndedAt: l.EndedAt,
			Price: l.Price, PriceUnit: l.PriceUnit,
		})
	}
	for _, t := range s.Timers {
		scope := t.Scope
		if scope == engine.ScopeSession {
			scope = "session"
		}
		v.Timers = append(v.Timers, TimerView{Name: t.Name, Scope: scope, Leg: t.Leg, Due: t.Due})
	}
	cost := s.Cost()
	v.Price, v.PriceUnit, v.PriceOpen = cost.Price, cost.Unit, cost.Open
	if m := s.Meter; m != nil {
		v.Meter = &MeterView{
			State: m.State, Balance: money(m.Balance), Credits: money(m.Credits), Rate: money(m.Rate), Per: m.Per.String(),
			Since: m.Since, End: m.End, Stopped: m.Stopped, Empty: m.Empty,
		}
	}
	return v
}

// money writes ten-thousandths as a decimal with two to four places.
func money(amount int64) string {
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	fraction := strconv.FormatInt(10_000+amount%10_000, 10)[1:]
	fraction = fraction[:2] + strings.TrimRight(fraction[2:], "0")
	return sign + strconv.FormatInt(amount/10_000, 10) + "." + fraction
}

// plainMap writes values as people read them: durations like 1m30s.
func plainMap(values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for name, v := range values {
		out[name] = plain(v)
	}
	return out
}

func plain(v any) any {
	switch v := v.(type) {
	case time.Duration:
		return v.String()
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[string]any:
		return plainMap(v)
	case engine.Values:
		return plainMap(v)
	}
	return v
}

// HistoryView is all that the commits of a session wrote down, oldest first.
type HistoryView struct {
	ID      string       `json:"id"`
	History []CommitView `json:"history"`
}

// CommitView is what one commit wrote down.
type CommitView struct {
	Rev     int64           `json:"rev"`
	At      time.Time       `json:"at"`
	Entries json.RawMessage `json:"entries"`
}

func viewHistory(id string, rows []store.History) HistoryView {
	v := HistoryView{ID: id, History: make([]CommitView, 0, len(rows))}
	for _, row := range rows {
		v.History = append(v.History, CommitView{Rev: row.Rev, At: row.At, Entries: row.Data})
	}
	return v
}
