package engine

import (
	"slices"
	"time"
)

// SessionFormat numbers the stored form of a session. Formats that ever shipped stay readable.
const SessionFormat = 1

// Values are named values of the closed set that expressions know: nil, bool, int,
// float64, string, time.Duration, time.Time, []any, map[string]any.
type Values map[string]any

// SessionCondition says how far a session is in its life. It only moves right.
type SessionCondition string

// The conditions of a session.
const (
	SessionRunning SessionCondition = "running"
	SessionEnding  SessionCondition = "ending"  // legs are being hung up, no handler runs
	SessionClosing SessionCondition = "closing" // no leg any more, recordings are still expected
	SessionClosed  SessionCondition = "closed"  // frozen
)

// Outcomes that the engine gives by itself; a flow may set any other label with `end`.
const (
	OutcomeCompleted = "completed"
	OutcomeTooLong   = "too-long"
	OutcomeDeleted   = "deleted"
)

// Session is one run of a flow: plain data with typed values, stored after every event.
type Session struct {
	Format    int              `json:",omitzero"`
	ID        string           `json:",omitzero"`
	Rev       int64            `json:",omitzero"` // counts commits, from 1
	Mark      string           `json:",omitzero"` // ID of the event that made this revision
	Flow      string           `json:",omitzero"`
	Closure   string           `json:",omitzero"`
	Condition SessionCondition `json:",omitzero"`
	Outcome   string           `json:",omitzero"`
	Direction string           `json:",omitzero"` // "inbound" or "start": how it began

	Input Values `json:",omitzero"`
	Vars  Values `json:",omitzero"`

	Legs        []*Leg          `json:",omitzero"`
	Rooms       []*Room         `json:",omitzero"`
	Timers      []Timer         `json:",omitzero"`
	Activations []*Activation   `json:",omitzero"`
	Meter       *Meter          `json:",omitzero"`
	Pending     []PendingEffect `json:",omitzero"` // effects that have no result yet
	Awaited     []Awaited       `json:",omitzero"` // recordings and transcriptions that handlers wait for
	Says        []Say           `json:",omitzero"` // announcements that Twilio may still fetch, newest last
	Lonely      bool            `json:",omitzero"` // a call has ended, and whether somebody waits for nobody is not settled yet

	Started time.Time `json:",omitzero"`
	LastAt  time.Time `json:",omitzero"`
	Ended   time.Time `json:",omitzero"`
	Events  int       `json:",omitzero"` // handled so far, for the limit
}

// Room is a conference of the session.
type Room struct {
	Name       string    `json:",omitzero"`
	Shared     string    `json:",omitzero"` // its name among all sessions; "" for a private room
	Others     []*Member `json:",omitzero"` // of other sessions, by SID
	Seen       Window    `json:",omitzero"` // sequence numbers of the current generation
	Conference string    `json:",omitzero"` // CF SID of the current generation, "" until known
	Members    []*Member `json:",omitzero"`
	Ended      bool      `json:",omitzero"`
	Began      time.Time `json:",omitzero"` // the current generation
	Old        []string  `json:",omitzero"` // SIDs of earlier generations
}

// The conditions of a member.
const (
	MemberJoining = "joining"
	MemberIn      = "in"
	MemberLeft    = "left"
	MemberTransit = "transit"
)

// Member is a leg's presence in a room.
type Member struct {
	Leg    int    `json:",omitzero"`
	SID    string `json:",omitzero"` // of a call of another session
	Turn   int    `json:",omitzero"`
	State  string `json:",omitzero"`
	Seq    int    `json:",omitzero"` // highest sequence number seen of it
	Reason string `json:",omitzero"`
	Held   bool   `json:",omitzero"` // hears hold music instead of the others
}

// Timer scopes.
const (
	ScopeSession = ""
	ScopeState   = "state" // dropped when the leg leaves the visit
	ScopeEngine  = "engine"
)

// Timer is something that is due at a time. A timer of another generation, or whose
// scope was left, is not there any more: firing it removes it in the same commit.
type Timer struct {
	Name  string    `json:",omitzero"`
	Due   time.Time `json:",omitzero"`
	Gen   int64     `json:",omitzero"`
	Scope string    `json:",omitzero"`
	Leg   int       `json:",omitzero"`
	Visit int       `json:",omitzero"`
	Index int       // of `after`
}

// Activation is a list of steps that was suspended at a step which waits.
type Activation struct {
	ID      string  `json:",omitzero"`
	List    string  `json:",omitzero"` // ID of the list; "" when only a prepared continuation waits
	Cursor  int     `json:",omitzero"` // next step to run
	Leg     int     `json:",omitzero"` // current leg; 0 in session handlers of no leg
	Visit   int     `json:",omitzero"`
	Ending  bool    `json:",omitzero"` // the list belongs to an ending event: without goto the leg follows next
	InNext  bool    // the list is a `next`
	Entry   bool    // the list is the `do` of the state that Leg enters
	Event   *Raised `json:",omitzero"`
	Home            // flow and frame of the list
	Waiting string  `json:",omitzero"` // effect whose result resumes it
	Save    string  `json:",omitzero"`
}

// Meter is the running meter of a session. Money is in ten-thousandths.
type Meter struct {
	State    string        `json:",omitzero"`
	Leg      int           `json:",omitzero"` // the leg that holds the meter state
	Name     string        `json:",omitzero"` // name of the leg whose answer starts it; "" is the dialled party of Leg
	Counted  int           `json:",omitzero"` // number of that leg once it is up
	Balance  int64         `json:",omitzero"`
	Rate     int64         `json:",omitzero"`
	Per      time.Duration `json:",omitzero"`
	Step     time.Duration `json:",omitzero"`
	Warn     time.Duration `json:",omitzero"`
	Strategy string        `json:",omitzero"`
	HardStop bool          `json:",omitzero"`
	Since    time.Time     `json:",omitzero"` // zero until it counts
	End      time.Time     `json:",omitzero"`
	Credits  int64         `json:",omitzero"`
	Warned   bool          `json:",omitzero"`
	Empty    bool          `json:",omitzero"`
	Grace    time.Time     `json:",omitzero"`
	Stopped  time.Time     `json:",omitzero"`

	// Of the strategy rejoin: the document that carries the limit.
	Turn      int           `json:",omitzero"`
	Room      string        `json:",omitzero"`
	Limit     time.Duration `json:",omitzero"`
	Handed    time.Time     `json:",omitzero"` // when Twilio got it
	Cleared   bool          `json:",omitzero"` // the room outlives the leg
	FromStart bool          `json:",omitzero"` // Twilio counts from the beginning of the conference
	Transit   time.Time     `json:",omitzero"` // legs whose stay ends until then are on their way back
	Parked    bool          `json:",omitzero"` // the leg is out of the room and waits for credit
}

// PendingEffect is an effect that was committed and has no result yet.
type PendingEffect struct {
	ID         string     `json:",omitzero"`
	Kind       EffectKind `json:",omitzero"`
	Leg        int        `json:",omitzero"`
	Turn       int        `json:",omitzero"`
	Activation string     `json:",omitzero"`
	To         string     `json:",omitzero"` // receiver of a message
	Room       string     `json:",omitzero"` // that it ends
	Quiet      bool       `json:",omitzero"` // its failure raises no `error`
}

// Awaited is a late result that a handler of a state expects, at most until Due.
type Awaited struct {
	Kind  string    `json:",omitzero"` // "recording" or "transcribed"
	SID   string    `json:",omitzero"` // of a recording that a step has started, when known
	Leg   int       `json:",omitzero"`
	Turn  int       `json:",omitzero"`
	Visit int       `json:",omitzero"`
	State string    `json:",omitzero"`
	Home            // flow and frame of the state
	Due   time.Time `json:",omitzero"`
}

// Document is a TwiML document. It is stored as text.
type Document []byte

// MarshalText gives the document as it is.
func (d Document) MarshalText() ([]byte, error) { return d, nil }

// UnmarshalText takes a copy of the text.
func (d *Document) UnmarshalText(text []byte) error {
	*d = slices.Clone(text)
	return nil
}

// Say is the document of an announcement.
type Say struct {
	Number int      `json:",omitzero"`
	Doc    Document `json:",omitzero"`
}

// Leg returns the leg of that number, or nil.
func (s *Session) Leg(number int) *Leg {
	if number < 1 || number > len(s.Legs) {
		return nil
	}
	return s.Legs[number-1]
}

// LegNamed returns the newest leg of that name, or nil. Of several that were called
// under one name it is the one that was let in, else one that is not over yet.
func (s *Session) LegNamed(name string) *Leg {
	var best *Leg
	rank := func(l *Leg) int {
		switch {
		case l == nil || l.Lost:
			return 0
		case l.Gone():
			return 1
		case !l.Live():
			return 2
		case l.Screened:
			return 3
		}
		return 4
	}
	for i := len(s.Legs) - 1; i >= 0; i-- {
		if l := s.Legs[i]; l.Name == name && (best == nil || rank(l) > rank(best)) {
			best = l
		}
	}
	return best
}

// LegBySID returns the leg whose call has that SID, or nil.
func (s *Session) LegBySID(sid string) *Leg {
	for _, l := range s.Legs {
		if l.SID == sid && sid != "" {
			return l
		}
	}
	return nil
}

// Room returns the room of that name, or nil.
func (s *Session) Room(name string) *Room {
	for _, r := range s.Rooms {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// NextDue is when the session's earliest own timer fires; the zero time when none is armed.
func (s *Session) NextDue() time.Time {
	var due time.Time
	for _, t := range s.Timers {
		if due.IsZero() || t.Due.Before(due) {
			due = t.Due
		}
	}
	return due
}

// Clone copies the session deeply enough that Step may change the copy.
func (s *Session) Clone() *Session {
	c := *s
	c.Vars = cloneValues(s.Vars)
	c.Legs = make([]*Leg, len(s.Legs))
	for i, l := range s.Legs {
		c.Legs[i] = l.clone()
	}
	c.Rooms = make([]*Room, len(s.Rooms))
	for i, r := range s.Rooms {
		room := *r
		room.Members, room.Others = cloneMembers(r.Members), cloneMembers(r.Others)
		c.Rooms[i] = &room
	}
	c.Timers = slices.Clone(s.Timers)
	c.Activations = make([]*Activation, len(s.Activations))
	for i, a := range s.Activations {
		copied := *a
		if a.Own != nil {
			copied.Own = a.Own.clone()
		}
		c.Activations[i] = &copied
	}
	if s.Meter != nil {
		meter := *s.Meter
		c.Meter = &meter
	}
	c.Pending = slices.Clone(s.Pending)
	c.Awaited = slices.Clone(s.Awaited)
	c.Says = slices.Clone(s.Says)
	return &c
}

func cloneMembers(members []*Member) []*Member {
	if members == nil {
		return nil
	}
	c := make([]*Member, len(members))
	for i, m := range members {
		member := *m
		c[i] = &member
	}
	return c
}

// cloneValues copies the top level only: values below it are never changed in place.
func cloneValues(v Values) Values {
	if v == nil {
		return nil
	}
	c := make(Values, len(v)+1)
	for k, x := range v {
		c[k] = x
	}
	return c
}
