package sim

import (
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

const apiVersion = "2010-04-01"

// Call is one leg: a call of somebody to the account, one that the REST API has
// placed, or a party that a Dial rings. Its methods are what the person at the
// other end does and hears.
type Call struct {
	sim    *Sim
	sid    string
	parent *Call
	token  string // CallToken of an inbound call
	from   string
	to     string

	direction string
	status    string
	sip       int
	created   time.Time
	started   time.Time // dialled, for an inbound call created
	answered  time.Time
	ended     time.Time
	updated   time.Time
	extra     form
	queueTime time.Duration

	source   source
	fallback endpoint
	progress subscription
	sequence int
	silent   bool // invalid StatusCallbackEvent, or cancelled while queued
	placed   bool // dialled

	party       Party
	script      *script
	main        *run
	dialled     *dialledLeg // of a party in a Dial
	dial        *dial       // of the parent, while it runs
	member      *member
	waiting     *waiting
	dequeued    *Call // taken out of a queue by a Dial of this one, while they talk
	detect      detection
	answeredBy  string
	record      *recording
	timeLimit   time.Duration
	onAnswer    func()
	onEnd       func()
	deleted     bool   // by REST
	shownAs     string // CallerId: what the called party sees instead of from
	forks       []*fork
	service     *service // that Connect has handed the call to
	payments    []*payment
	subscribers []*subscriber
	twin        *Call  // the other half of a call to an own number
	relaying    bool   // sound is on its way to twin
	tones       string // played to the party that answers
	afterBeep   int    // how much was heard when a machine began to record; -1 before

	ring, limit, leave clock.Timer
	keys               func(key rune)
	voice              func(text string)

	fetched fetched // what its alerts are about
	heard   []string
	jar     http.CookieJar
	done    chan struct{}
}

// source is where the first document comes from: twiml, if it is not empty,
// else a URL.
type source struct {
	endpoint
	twiml string
}

func (s *Sim) newCall(parent *Call, direction, from, to string) *Call {
	jar, _ := cookiejar.New(nil) // fails for no options
	c := &Call{
		sim: s, sid: s.sid("CA"), parent: parent, from: from, to: to, direction: direction,
		created: s.now(), started: s.now(), updated: s.now(), jar: jar, done: make(chan struct{}), sip: 200, afterBeep: -1,
	}
	if direction == "inbound" {
		c.setParty(s.nextParty(from))
		c.token = s.sid("CT")
	} else {
		c.setParty(s.nextParty(to))
	}
	s.calls = append(s.calls, c)
	s.bySID[c.sid] = c
	s.note(Entry{Kind: EntryCall, Call: c.sid, Text: direction, From: from, To: to})
	return c
}

// setParty says who is at the other end, before the call begins.
func (c *Call) setParty(p Party) { c.party, c.script = p, newScript(c, p.Script) }

// over reports whether the call has ended.
func (c *Call) over() bool { return !c.ended.IsZero() }

func (c *Call) talk() time.Duration {
	if c.answered.IsZero() {
		return 0
	}
	if c.over() {
		return c.ended.Sub(c.answered)
	}
	return c.sim.now().Sub(c.answered)
}

func (c *Call) setStatus(status string) {
	if c.status == status {
		return
	}
	c.status, c.updated = status, c.sim.now()
	c.note(EntryStatus, status)
	switch status {
	case "ringing":
		c.meets(Rings, "", nil)
	case "in-progress":
		c.meets(Answered, "", nil)
	}
}

// SID returns the CallSid.
func (c *Call) SID() string { return c.sid }

// From returns the caller's address.
func (c *Call) From() string { return c.from }

// To returns the called address.
func (c *Call) To() string { return c.to }

// Direction returns inbound, outbound-api or outbound-dial.
func (c *Call) Direction() string { return c.direction }

// ParentSID returns the CallSid of the call whose Dial rings this one, or "".
func (c *Call) ParentSID() string {
	if c.parent == nil {
		return ""
	}
	return c.parent.sid
}

// Status returns the status of the Call resource: queued, ringing, in-progress,
// completed, busy, failed, no-answer or canceled.
func (c *Call) Status() string { return locked(c, func() string { return c.status }) }

// Ended reports whether the call is over.
func (c *Call) Ended() bool { return locked(c, c.over) }

// Done is closed when the call is over. Its last callbacks may still be under way.
func (c *Call) Done() <-chan struct{} { return c.done }

// Ringing reports whether the party's phone rings.
func (c *Call) Ringing() bool { return c.Status() == "ringing" }

// AnsweredBy returns what answering-machine detection has found, or "".
func (c *Call) AnsweredBy() string { return locked(c, func() string { return c.answeredBy }) }

// Heard returns what the party has heard so far: texts as spoken, files as
// "play URL", keys as "digits 1w2", words of other parties as "ADDRESS: words".
func (c *Call) Heard() []string {
	return locked(c, func() []string { return slices.Clone(c.heard) })
}

// Recorded returns what a Machine has recorded: what it has heard since its
// beep, or since the end of a greeting without one.
func (c *Call) Recorded() []string {
	return locked(c, func() []string {
		if c.afterBeep < 0 {
			return nil
		}
		return slices.Clone(c.heard[c.afterBeep:])
	})
}

// HeardText reports whether the party has heard something that contains text.
func (c *Call) HeardText(text string) bool {
	return slices.ContainsFunc(c.Heard(), func(h string) bool { return strings.Contains(h, text) })
}

// Listening reports whether the call waits for keys (or, in a Record or a
// Gather for speech, for words) of the party.
func (c *Call) Listening() bool {
	return locked(c, func() bool { return c.keys != nil || c.voice != nil })
}

// Children returns the calls that Dials of this one have rung, oldest first.
func (c *Call) Children() []*Call {
	return locked(c, func() []*Call {
		var children []*Call
		for _, other := range c.sim.calls {
			if other.parent == c {
				children = append(children, other)
			}
		}
		return children
	})
}

// Peers returns the calls that the party can talk to now: the other side of a
// Dial, or everybody else in the conference.
func (c *Call) Peers() []*Call {
	return locked(c, func() []*Call { return slices.Clone(c.peers()) })
}

// Conference returns the name of the conference that the call is in, or "".
func (c *Call) Conference() string {
	return locked(c, func() string {
		if c.member == nil {
			return ""
		}
		return c.member.room.name
	})
}

// Queue returns the name of the queue that the call waits in, or "".
func (c *Call) Queue() string {
	return locked(c, func() string {
		if c.waiting == nil {
			return ""
		}
		return c.waiting.queue.name
	})
}

func locked[T any](c *Call, f func() T) T {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	return f()
}
