// Package engine is the interpreter of call flows. It is pure: Step takes a flow, a
// session and an event and gives back the new session, the effects to perform and a
// trace. It reads no clock, no random source, no network and no files, so the same
// events always give the same states, TwiML documents and effects.
package engine

import (
	"maps"
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// LanguageVersion is the version of the flow language that this package interprets.
// It is part of a closure's hash, so that a session never changes its meaning.
const LanguageVersion = 1

// Flow is one compiled flow file. It is immutable once loaded and shared by all
// sessions that run it.
type Flow struct {
	Name        string
	Description string
	File        string
	Pos         diag.Pos

	Answers []*expr.Template // numbers whose inbound calls run this flow; may read env
	Answer  Entrance         // where an inbound call begins; State is "" when the flow takes none
	Senders []*expr.Template // what its calls and messages are from
	Start   *List            // steps of a start by API or CLI; nil when it cannot be started so

	Inputs    []*Input
	Vars      []*Var
	Env       []Name // environment variables the flow may read
	Secrets   []Name // the same, masked everywhere
	Defaults  Defaults
	Languages []*Language // the first is the one in which a leg begins
	Signals   []*Signal
	Hours     []*Hours  // calendars for open() and next_open()
	Switches  []*Switch // what people turn on and off, for `switches`
	Outputs   []*Input  // what `return` brings back to a flow that runs this one

	MaxDuration time.Duration // 0 stands for DefaultMaxDuration
	On          Handlers      // session handlers
	States      map[string]*State
	Order       []string         // state names as written
	Lists       map[string]*List // every list of steps by its ID, for suspended activations
	Legs        []string         // every leg name of the flow, sorted: the fields of `legs`
	Saves       []string         // names that `save` makes, sorted: further fields of `vars`
}

// DefaultMaxDuration is how long a session may last when its flow does not say.
const DefaultMaxDuration = 4 * time.Hour

// Entrance is where an inbound call begins: the name of its leg and its first state.
type Entrance struct {
	Leg   string
	State string
	Pos   diag.Pos
}

// Name is a declared name with its place.
type Name struct {
	Name string
	Pos  diag.Pos
}

// Closure is all that a session pins: its flow and whatever the flow uses. ID is the
// hash of the sources, so that the same text has the same ID on every node.
type Closure struct {
	ID     string
	Flow   *Flow
	Subs   map[string]*Flow  // flows that it runs, and those that they run, by id
	Source []byte            // how to compile it again: stored with the first session
	Env    map[string]string // values of the flow's `env` and `secrets` on this node
}

// FromEnv evaluates a text that is known before any call: false when it needs more than
// env, or a variable that has no value.
func (c *Closure) FromEnv(t *expr.Template) (string, bool) {
	for _, r := range t.Refs() {
		if len(r.Path) != 2 || r.Path[0] != "env" || c.Env[r.Path[1]] == "" {
			return "", false
		}
	}
	values := make(map[string]any, len(c.Env))
	for k, v := range c.Env {
		values[k] = v
	}
	text, err := t.Text(&expr.Env{Roots: map[string]any{"env": values}})
	if err != nil {
		return err.Error(), true
	}
	return text, true
}

// Senders are the phone numbers that its calls and messages are from, as far as they are
// known before any call: numbers of the account.
func (c *Closure) Senders() []string {
	var numbers []string
	for _, f := range append(slices.Collect(maps.Values(c.Subs)), c.Flow) {
		for _, t := range f.Senders {
			if number, ok := c.FromEnv(t); ok && expr.IsPhone(number) {
				numbers = append(numbers, number)
			}
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// InputType is the type of an input or of a signal's data field.
type InputType string

// The input types of the language.
const (
	InputPhone    InputType = "phone"
	InputText     InputType = "text"
	InputNumber   InputType = "number"
	InputBoolean  InputType = "boolean"
	InputDuration InputType = "duration"
	InputChoice   InputType = "choice"
)

// Input is one typed value that a start, a call or a signal brings.
type Input struct {
	Name     string
	Type     InputType
	Label    string
	Default  *string // its text, nil when there is none
	Optional bool
	Values   []string // of a choice
	Pos      diag.Pos
}

// Var is a session variable. Its first value fixes the type.
type Var struct {
	Name  string
	Type  expr.Type
	Value any // string, float64, bool or time.Duration
	Pos   diag.Pos
}

// Signal is something that people and programs may send to a session.
type Signal struct {
	Name  string
	Label string
	Data  []*Input
	Pos   diag.Pos
}

// Defaults are the values that a flow sets once for all its states.
type Defaults struct {
	From     *expr.Template // caller id of calls that the flow places
	SMSFrom  *expr.Template // sender of messages; else From
	Voice    string
	Language string
	Music    *Prompt // nil: Twilio's own
	Apology  *Prompt // nil: the built-in sentence
}

// State says what one leg does.
type State struct {
	Name        string
	Description string
	Pos         diag.Pos
	Do          *List
	Prompt      *Prompt
	Verb        Verb // nil: the prompt is all
	VerbPos     diag.Pos
	After       []After
	Meter       *MeterSpec
	On          Handlers
	Next        *Target
}

// After is a literal time since the entry of a state and where it leads.
type After struct {
	In     time.Duration
	Target *Target
	Pos    diag.Pos
}

// Handlers maps an event as written (agent.answered, unreached, timer.retry) to what
// it leads to.
type Handlers map[string]*Target

// TargetKind says what a target is.
type TargetKind int

// The kinds of targets.
const (
	ToState TargetKind = iota
	ToHangup
	ToAccept
	ToReturn
	ToList
)

// Target is where an event leads: a state, one of the reserved words, or a list of steps.
type Target struct {
	Kind  TargetKind
	State string
	List  *List
	// Output is what the step `return` brings back; the target `return` brings nothing.
	Output Values
	Pos    diag.Pos
}

// List is a list of steps. ID names it within its flow ("talk.on.meter.low"), so that
// a suspended list is found again after a restart.
type List struct {
	ID    string
	Steps []FlowStep
	Pos   diag.Pos
}

// FlowStep is one action with its condition.
type FlowStep struct {
	Action Action
	Name   string // the action's word, as written
	If     *expr.Condition
	Pos    diag.Pos
}

// MeterSpec is the `meter` of a state: money that buys time.
type MeterSpec struct {
	Leg      string // whose answer starts it; "" is the dialled party
	Balance  *expr.Template
	Rate     *expr.Template
	Per      time.Duration
	Step     time.Duration
	Warn     time.Duration
	Strategy string // MeterWatch or MeterRejoin
	HardStop bool
	Pos      diag.Pos
}

// The strategies of a meter.
const (
	MeterWatch  = "watch"
	MeterRejoin = "rejoin"
)

// Input returns the input of that name, or nil.
func (f *Flow) Input(name string) *Input { return findInput(f.Inputs, name) }

// Signal returns the signal of that name, or nil.
func (f *Flow) Signal(name string) *Signal {
	for _, s := range f.Signals {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Var returns the declared variable of that name, or nil.
func (f *Flow) Var(name string) *Var {
	for _, v := range f.Vars {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Limit is the longest a session of f may last.
func (f *Flow) Limit() time.Duration {
	if f.MaxDuration > 0 {
		return f.MaxDuration
	}
	return DefaultMaxDuration
}

func findInput(list []*Input, name string) *Input {
	for _, in := range list {
		if in.Name == name {
			return in
		}
	}
	return nil
}
