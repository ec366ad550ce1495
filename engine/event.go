package engine

import (
	"time"

	"github.com/ringdown/ringdown/engine/diag"
)

// Kinds of events that reach a session from outside. They stand in histories, so the
// words are for ever.
const (
	KindInbound  = "inbound"  // first webhook of an inbound call; Fields are Twilio's
	KindBegin    = "begin"    // start by API, CLI: Data is the input
	KindStart    = "start"    // Url of a call that we placed, or a dialled party's whisper
	KindAct      = "act"      // a verb's action
	KindEnd      = "end"      // the document ran out
	KindBack     = "back"     // a call that was sent to a foreign server is back
	KindHanded   = "handed"   // Twilio fetched the document of Turn
	KindPark     = "park"     // an asking webhook can wait no longer for a suspended turn
	KindWaitKey  = "wait-key" // keys in the wait of a queue; Gen is their number
	KindStatus   = "status"   // call progress of a leg, also found out by asking Twilio (liveness)
	KindAMD      = "amd"      // answering machine detection
	KindRoom     = "room"     // conference callback; Room says which
	KindRec      = "rec"      // recording callback
	KindTrans    = "trans"    // transcription callback
	KindPartial  = "partial"  // what was said so far in a Gather
	KindRefer    = "refer"    // referUrl of a Dial
	KindFallback = "fallback" // Twilio could not use what it was given; Fields has ErrorCode
	KindTimer    = "timer"    // a timer of the session came due; Gen says which
	KindSignal   = "signal"   // Name, Data and By of a signal
	KindSent     = "sent"     // the dispatcher is about to perform Effect
	KindResult   = "result"   // Result of an effect
	KindStray    = "stray"    // a call with a foreign SID claims to be a bound leg
	KindDelete   = "delete"   // the API ends the session
	KindAssigned = "assigned" // TaskRouter chose a worker for the task of Leg
	KindBridged  = "bridged"  // somebody was dialled out of a queue; Fields has To
	KindPrice    = "price"    // what the call of a leg cost; Fields has Price and PriceUnit, or nothing
)

// Event is something that happened, as the shell tells it to Step. ID is unique within
// the session and becomes its Mark.
type Event struct {
	ID     string
	Kind   string
	At     time.Time
	Leg    int    // number of the leg it is about; 0 for none
	Turn   int    // turn in the URL of a webhook
	Room   string // of a conference callback
	Name   string // signal
	By     string // who sent a signal
	Gen    int64  // timer, or number of keys in a wait
	Hops   int    // signals of other sessions that led to this one
	Late   bool   // a timer that fires after its time, after an outage
	Effect string // id of an effect
	Result *Result
	Fields map[string]string // Twilio's parameters
	Data   Values            // input of a start, data of a signal
	World  World
}

// World is what Step may read beside the session and the flow.
type World struct {
	Account  string          // account SID, for the session id of an inbound call
	Base     string          // public base URL, for absolute URLs in inline TwiML
	Switches map[string]bool // that people have turned on or off; never changed in place
	Hours    map[string]bool // calendars that are held open or shut, whatever their hours say; for tests
	Reports  map[string]bool // numbers whose status callback is known to come here
}

// Result is what became of an effect.
type Result struct {
	OK       bool
	Unknown  bool   // nobody knows whether it was done
	Dropped  bool   // superseded before it was sent
	Status   int    // HTTP status
	Code     int    // Twilio's error code
	Reason   string // closed vocabulary: refused, deadline, unknown-outcome ...
	Message  string
	SID      string // of the call, conference or message
	Attempts int
	Body     any // parsed body of an `http` step
	Headers  Values
}

// Synchronous reports whether the event is a webhook whose answer is TwiML.
func (e *Event) Synchronous() bool {
	switch e.Kind {
	case KindInbound, KindStart, KindAct, KindEnd, KindBack, KindPark, KindRefer, KindFallback:
		return true
	}
	return false
}

// Outcome is what a Step gives back. The reply to a synchronous event is the asking
// leg's stored document.
type Outcome struct {
	Session *Session
	Effects []Effect
	Trace   []Entry
	Taken   []diag.Pos // places in the flow that ran: states, targets, lists and steps; for coverage
}

// Raised is an event of the language: its name, the leg it is of and its fields.
type Raised struct {
	Name string    `json:",omitzero"` // bare: answered, digits; or with its prefix: timer.retry, meter.low
	Leg  int       `json:",omitzero"`
	Time time.Time `json:",omitzero"`
	Data Values    `json:",omitzero"`
	Hops int       `json:",omitzero"` // of a signal, those that led to it
}

// Enters reports whether the entry tells that a leg has entered the state To. The target
// `hangup` is none: where a document can end in a hang-up of its own, nobody asks for it.
func (e Entry) Enters(leg int) bool {
	return e.What == "moved" && e.Leg == leg && e.Why == "" && e.To != "hangup"
}

// Entry is one line of a session's history.
type Entry struct {
	What   string            `json:"what"` // event step moved document effect result timer dropped late fault end price var meter log
	Leg    int               `json:"leg,omitempty"`
	Turn   int               `json:"turn,omitempty"`
	Name   string            `json:"name,omitempty"`
	From   string            `json:"from,omitempty"`
	To     string            `json:"to,omitempty"`
	Why    string            `json:"why,omitempty"`
	Text   string            `json:"text,omitempty"`
	At     time.Time         `json:"at,omitzero"`
	Fields map[string]string `json:"fields,omitempty"`
	Effect string            `json:"effect,omitempty"`
}
