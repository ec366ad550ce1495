package engine

import (
	"slices"
	"time"
)

// Condition says how far a leg's call has got. Evidence only moves it right.
type Condition string

// The conditions of a leg, in their order.
const (
	LegPlanned  Condition = "planned"
	LegPlacing  Condition = "placing"
	LegRinging  Condition = "ringing"
	LegUp       Condition = "up"
	LegSettling Condition = "settling"
	LegGone     Condition = "gone"
)

var conditionRank = map[Condition]int{LegPlanned: 0, LegPlacing: 1, LegRinging: 2, LegUp: 3, LegSettling: 4, LegGone: 5}

// The directions of a leg, as Twilio writes them.
const (
	DirectionInbound      = "inbound"
	DirectionOutboundAPI  = "outbound-api"
	DirectionOutboundDial = "outbound-dial"
)

// Results of a leg that is gone.
const (
	ResultCompleted = "completed"
	ResultBusy      = "busy"
	ResultNoAnswer  = "no-answer"
	ResultFailed    = "failed"
	ResultCanceled  = "canceled"
)

// Leg is one call of a session. Number counts from 1 and is never reused; Name may
// pass on to a later leg.
type Leg struct {
	Number    int       `json:",omitzero"`
	Name      string    `json:",omitzero"`
	Parent    int       `json:",omitzero"` // number of the leg whose Dial placed it; 0 for a call of its own
	SID       string    `json:",omitzero"`
	Direction string    `json:",omitzero"`
	From      string    `json:",omitzero"`
	To        string    `json:",omitzero"`
	Condition Condition `json:",omitzero"`
	Result    string    `json:",omitzero"`
	Code      int       `json:",omitzero"` // Twilio's error code of a failed call
	Status    string    // Twilio's last word, for `legs.NAME.status`

	State string `json:",omitzero"` // state the leg is in; before the answer: the state it will enter
	Visit int    `json:",omitzero"` // counts entries, scope of state timers
	Since int    `json:",omitzero"` // turn at which the state was entered
	// Out is the turn whose document sent the call to a foreign server, 0 while it is with
	// us; return URLs of the turns from OutFrom bring it back.
	Out     int `json:",omitzero"`
	OutFrom int `json:",omitzero"`
	// Frames are the flows that the leg runs within the session's own, the innermost
	// last: State, Visit and Visits are those of that one. LastVisit is the highest number
	// of a visit that was given, where Visit went back to a state that ran another flow.
	Frames    []*Frame `json:",omitzero"`
	LastVisit int      `json:",omitzero"`
	Turn      int      `json:",omitzero"` // counts documents, scope of webhooks
	Doc       Document `json:",omitzero"` // the document of Turn
	By        Asked    `json:",omitzero"` // the request that Doc answers; zero when it was made by a move
	// Handed is the highest turn whose document Twilio has got.
	Handed int `json:",omitzero"`
	// Asked is the request that waits for its document while an activation holds the turn.
	Asked   Asked    `json:",omitzero"`
	Held    string   `json:",omitzero"` // ID of the activation that its next document waits for; "" when none
	Parked  bool     `json:",omitzero"` // the turn is a park document
	Started bool     `json:",omitzero"` // its first document was asked for: the states are entered from then on
	Leaving bool     `json:",omitzero"` // the flow hangs it up: no state is entered any more
	HoldDoc Document `json:",omitzero"` // what a participant on hold hears
	Before  []string `json:",omitzero"` // TwiML with which the next document begins

	Tries    Tries          `json:",omitzero"` // of the verb of this visit
	RoomKey  string         `json:",omitzero"` // what was joined, to see that the next state is the same
	Room     string         `json:",omitzero"` // room that the current document joins
	EndsRoom string         `json:",omitzero"` // room that ends when the leg leaves it by itself
	Stays    bool           `json:",omitzero"` // stays in its room when it is alone there
	StayEnds time.Time      `json:",omitzero"` // when Twilio ends the stay that the document began; zero: it does not
	Moved    bool           `json:",omitzero"` // a dialled leg that was moved out and lives on
	Left     int            `json:",omitzero"` // 1 once its former Dial has been told of the move
	Visits   map[string]int `json:",omitzero"` // entries per state
	Language string         `json:",omitzero"` // name of the language that a step set; "" for the flow's first
	Call     *CallRequest   `json:",omitzero"` // of a call that we place, to place it again

	// Of several legs that were called under one name, Group is the number of the first.
	// Lost: another one has taken the call. Screened: its party is asked first whether it
	// takes the call, and begins in the state Goal when it has accepted. A dialled party goes
	// to Goal when it is let in, where the flow has moved it before.
	Group    int    `json:",omitzero"`
	Lost     bool   `json:",omitzero"`
	Screened bool   `json:",omitzero"`
	Goal     string `json:",omitzero"`
	// Inline is the document that travelled with the request of a call, until the answer.
	// Reserved: a dialled party that stands in such a document.
	Inline   Document `json:",omitzero"`
	Reserved bool     `json:",omitzero"`

	// Queued is the waiting in a queue; Unqueued the request of its wait whose answer takes
	// the leg out of it, so that a repetition gets the same; Task what TaskRouter made of it.
	Queued   *Queued `json:",omitzero"`
	Unqueued Asked   `json:",omitzero"`
	Task     *Task   `json:",omitzero"`

	Detection   *Detection    `json:",omitzero"` // answering machine detection, nil for none
	AnsweredBy  string        `json:",omitzero"`
	Duration    int           `json:",omitzero"` // seconds, when known
	PlacedAt    time.Time     `json:",omitzero"`
	RingTimeout time.Duration `json:",omitzero"`
	AnsweredAt  time.Time     `json:",omitzero"`
	EndedAt     time.Time     `json:",omitzero"`
	EvidenceAt  time.Time     `json:",omitzero"`
	Price       string        `json:",omitzero"` // what the call cost, as Twilio gives it: decimal, negative
	PriceUnit   string        `json:",omitzero"` // ISO 4217
	PricedAt    time.Time     `json:",omitzero"` // when Twilio had named the price, or none for good
	SettleBy    time.Time     // when a settling leg is gone without its last `act`
	ActPending  bool          // the open verb reports its end with an `act`
	Bridged     bool          `json:",omitzero"` // the party that this leg dials is connected
	EndedBy     string        `json:",omitzero"` // "party", "flow" or "limit"
	Faults      int           `json:",omitzero"`
	Seen        []Window      `json:",omitzero"`
	Raised      []string      `json:",omitzero"` // events of the call itself that were raised
	Fields      Values        `json:",omitzero"` // caller_name, city ... and params
}

// CallRequest is what a call was placed with.
type CallRequest struct {
	To       string            `json:",omitzero"`
	From     string            `json:",omitzero"`
	Params   map[string]string `json:",omitzero"`
	Deadline time.Time         `json:",omitzero"`
	Then     []string          `json:",omitzero"` // addresses that are called in turn after this one
	Screen   string            `json:",omitzero"` // state in which the party is asked whether it takes the call
	Inline   bool              `json:",omitzero"` // the first document travels with the request
	State    string            `json:",omitzero"` // whose document that is
}

// Asked names a request: the turn it was for and its kind (act, end, start ...).
type Asked struct {
	Turn int    `json:",omitzero"`
	Kind string `json:",omitzero"`
}

// IsZero reports whether a is no request.
func (a Asked) IsZero() bool { return a.Kind == "" }

// Tries counts what happened in a verb that asks several times.
type Tries struct {
	Count   int    `json:",omitzero"`
	Silent  int    `json:",omitzero"`
	Misses  int    `json:",omitzero"`
	Digits  string `json:",omitzero"`
	Speech  string `json:",omitzero"`
	Pointer int    `json:",omitzero"` // index of the dialled party in an in-turn dial
}

// Window remembers which sequence numbers of a callback source were taken: the
// highest and the 64 below it.
type Window struct {
	Source string `json:",omitzero"`
	High   int    `json:",omitzero"`
	Mask   uint64 `json:",omitzero"`
	Turn   int    `json:",omitzero"` // that the numbers are of, where each turn counts anew
}

// Live reports whether the leg's call was answered and is not over.
func (l *Leg) Live() bool { return l.Condition == LegUp }

// Gone reports whether nothing more can happen on the leg.
func (l *Leg) Gone() bool { return l.Condition == LegGone }

// Over reports whether the call has ended, also when its last `act` may still come.
func (l *Leg) Over() bool { return l.Condition == LegGone || l.Condition == LegSettling }

func (l *Leg) clone() *Leg {
	c := *l
	c.Seen = slices.Clone(l.Seen)
	c.Raised, c.Before = slices.Clone(l.Raised), slices.Clone(l.Before)
	if l.Frames != nil {
		c.Frames = make([]*Frame, len(l.Frames))
		for i, f := range l.Frames {
			c.Frames[i] = f.clone()
		}
	}
	if l.Queued != nil {
		queued := *l.Queued
		c.Queued = &queued
	}
	if l.Task != nil {
		task := *l.Task
		c.Task = &task
	}
	if l.Visits != nil {
		c.Visits = make(map[string]int, len(l.Visits)+1)
		for k, v := range l.Visits {
			c.Visits[k] = v
		}
	}
	return &c
}
