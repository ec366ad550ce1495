package desk

import (
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/sim"
)

// Kind says what an Event tells.
type Kind string

// The kinds of events. Those of a phone carry Phone and Name.
const (
	Calls     Kind = "calls"     // the phone calls To; Flow answers there
	Rings     Kind = "rings"     // the phone rings; From calls
	Answers   Kind = "answers"   // somebody picked the phone up
	Hears     Kind = "hears"     // the phone plays Text; with From, it is what somebody says there
	Music     Kind = "music"     // the phone plays the file Text; told once while it repeats
	Presses   Kind = "presses"   // the keys Text
	Says      Kind = "says"      // the words Text
	Recorded  Kind = "recorded"  // a recording begins: words and keys go there
	Joins     Kind = "joins"     // the phone is in the room Text
	Leaves    Kind = "leaves"    // the phone has left the room Text
	Held      Kind = "held"      // the phone is on hold in its room
	Unheld    Kind = "unheld"    // and is back
	Waits     Kind = "waits"     // the phone waits in the queue Text; "": for a worker of TaskRouter
	Taken     Kind = "taken"     // the phone is out of its queue
	HangsUp   Kind = "hangs-up"  // the phone was put down by the person who holds it
	Over      Kind = "over"      // the call ended otherwise; Text is Twilio's final status
	Began     Kind = "began"     // the session Session of Flow has begun
	Entered   Kind = "entered"   // the leg Leg of the session is in State
	Offered   Kind = "offered"   // the session takes the signals in Text now; none: none
	Ended     Kind = "ended"     // the session is over; Text is its outcome
	Message   Kind = "message"   // a text message Text went to To
	Billing   Kind = "billing"   // the billing service was asked; Text says what it answered
	Reloaded  Kind = "reloaded"  // changed flow files are in force: Reload
	Broken    Kind = "broken"    // changed flow files have errors and are not in force: Reload
	Requested Kind = "requested" // a webhook or a REST request was answered: Request
	Warning   Kind = "warning"   // something is wrong; Text says what
)

// Event is something that happened, for whoever shows it.
type Event struct {
	At       time.Time
	Kind     Kind
	Phone    int    // number of the phone; 0: none
	Call     string // CallSid of the call that the phone is in
	Name     string // of the phone
	From     string // who calls or speaks: the name of a phone, or a number
	To       string // who is called
	Session  string // id
	Number   int    // short number of the session, from 1
	Flow     string
	Leg      string
	State    string
	Text     string
	Language string        // of the words in Text, if it is known
	Took     time.Duration // of a call that is over, from the answer; 0: not answered
	Called   bool          // the phone was called; else it is the one that calls
	Manual   bool          // the phone waits for somebody to answer it
	Reload   *Reload
	Request  *Request
}

// Reload says what came of changed flow files.
type Reload struct {
	Added, Changed, Removed []string  // file names, with the folder
	Diagnostics             diag.List // sorted; files with the folder
	Err                     error     // why nothing has changed; nil: the files are in force
}

// Request is one exchange between the server and the simulated Twilio.
type Request struct {
	Method, URL string
	Params      string // of a webhook, form-encoded
	Status      int    // 0: there was no answer
	Body        string // of the answer
	REST        bool   // from the server to Twilio's REST API; else a webhook
}

// feed hands events on in order, on a goroutine of its own: the simulator and the
// runtime tell their news while they hold locks.
type feed struct {
	mu     sync.Mutex
	filled *sync.Cond
	items  []any // sim.Entry or Event
	closed bool
	done   chan struct{}
}

func newFeed() *feed {
	f := &feed{done: make(chan struct{})}
	f.filled = sync.NewCond(&f.mu)
	return f
}

func (f *feed) put(item any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.items = append(f.items, item)
		f.filled.Signal()
	}
}

// close lets run hand over what is there and return.
func (f *feed) close() {
	f.mu.Lock()
	f.closed = true
	f.filled.Signal()
	f.mu.Unlock()
	<-f.done
}

// run gives every item to take until the feed is closed.
func (f *feed) run(take func(item any)) {
	defer close(f.done)
	for {
		f.mu.Lock()
		for len(f.items) == 0 && !f.closed {
			f.filled.Wait()
		}
		items := f.items
		f.items = nil
		f.mu.Unlock()
		if len(items) == 0 {
			return
		}
		for _, item := range items {
			take(item)
		}
	}
}

var roomEvents = map[string]Kind{
	"participant-join": Joins, "participant-leave": Leaves,
	"participant-hold": Held, "participant-unhold": Unheld,
}

// plainEvents are what a line of the simulator's log tells of a phone without more ado.
var plainEvents = map[sim.EntryKind]Kind{sim.EntryKeys: Presses, sim.EntrySpoken: Says}
