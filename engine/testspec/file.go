// Package testspec is what a test file says: the cases of a flow, each a short story of
// who calls whom, what they do and hear, and what comes of it. Every key and every
// sentence is declared once; decoding, checking, the JSON Schema and the reference page
// come from that declaration. How a case is played stands in package testrun.
package testspec

import (
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/spec"
)

// File is one test file. It is immutable once it is decoded.
type File struct {
	Path  string
	Pos   diag.Pos
	Flow  engine.Name // id of the flow
	Setup             // what holds for all cases
	Cases []*Case
}

// Case is one story. Its Setup is complete: what the case does not say is taken from the
// file.
type Case struct {
	Name string
	Pos  diag.Pos // of the name
	Setup
	Script []*Line
	Expect Expect
	Steady bool // is not played under the faults of --faults
}

// Setup is the world in which a case is played.
type Setup struct {
	Clock    time.Time // zero: a Monday morning, 2026-03-02 09:00 UTC
	Env      []Value   // on top of dev.env
	Switches []Value   // on or off
	Hours    []Value   // calendars: open or closed
	Parties  []*Party
	Workers  []engine.Name // parties that work for TaskRouter
	Queues   []Limit
	Media    []Length
	HTTP     []*Mock // those of the case before those of the file
	Call     *Call   // nil and no Start: a plain call to the flow's first number
	Start    *Start
	Faults   sim.Faults
}

// Value is a name with a text.
type Value struct {
	Name string
	Text string
	Pos  diag.Pos // of the name
	At   diag.Pos // of the text
}

// Limit is how many calls a queue holds.
type Limit struct {
	Queue string
	Most  int
}

// Length is how long a sound file is.
type Length struct {
	URL string
	Is  time.Duration
}

// Call is how an inbound call begins the session.
type Call struct {
	From   string // phone number, or the name of a party; "": the caller's own
	To     string // "": the first number that the flow answers
	Params []Value
	Pos    diag.Pos
}

// Start is how the API begins the session.
type Start struct {
	Input []Value
	Pos   diag.Pos
}

// Party is a phone and who is at it.
type Party struct {
	Name     string
	Pos      diag.Pos
	Number   string // "": the variable of its name in env, else one that is made up
	Does     string // one of the Does words; "": answers
	After    time.Duration
	Is       string // one of the Is words; "": human
	Greeting string
	Silent   bool // a machine without a beep
	HangsUp  time.Duration
	Replies  []string
}

// Mock is what answers some of the flow's HTTP requests.
type Mock struct {
	Pos     diag.Pos
	Method  string
	URL     string     // pattern
	JSON    *spec.Node // part of the request's body; nil: any
	Body    string     // part of the request's body as text
	Answers []Answer   // in turn; the last one holds for all that follow
}

// Answer is what a mock does with a request.
type Answer struct {
	Status  int
	JSON    any
	Body    string
	Headers []Value
	After   time.Duration
	Fails   string // one of the Fails words; "": it answers
}

// Line is one sentence of a script.
type Line struct {
	Pos      diag.Pos
	Sentence *Sentence
	Who      string        // the party or leg that begins the sentence; "" where none does
	Text     string        // what stands behind the colon, as written
	At       diag.Pos      // where it stands
	Time     time.Duration // where it is a duration
	Within   time.Duration // 0: DefaultPatience
	Signal   *Signal
	Switches []Value
	Mocks    []*Mock
	Fault    sim.Fault
	Expect   *Expect
}

// Signal is a signal that the script sends.
type Signal struct {
	Name    string
	Data    []Value
	Refused bool // no state takes it
	Pos     diag.Pos
}

// Expect is a list of things that must hold.
type Expect struct {
	Pos    diag.Pos
	Checks []Check
}

// Check is one thing that must hold: the key under `expect` with its value.
type Check struct {
	Key  string
	Node *spec.Node // what is wanted, as written; its shape is checked
}

// Get returns the value of a key, or nil.
func (e *Expect) Get(key string) *spec.Node {
	for _, c := range e.Checks {
		if c.Key == key {
			return c.Node
		}
	}
	return nil
}

// DefaultPatience is how long a sentence waits for what it says, in virtual time.
const DefaultPatience = 2 * time.Hour

// Caller is the party that makes an inbound call, and CallerNumber its number where the
// test names none.
const (
	Caller       = "caller"
	CallerNumber = "+15551110001"
)

// Party returns the party of that name, or nil.
func (s *Setup) Party(name string) *Party {
	for _, p := range s.Parties {
		if p.Name == name {
			return p
		}
	}
	return nil
}
