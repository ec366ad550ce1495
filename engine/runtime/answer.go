package runtime

import (
	"strings"

	"github.com/ringdown/ringdown/engine"
)

// place is where in a call a document is executed. Each allows other TwiML verbs, so
// an answer that is right in one can be illegal in another.
type place int

const (
	inMain    place = iota // the call's own document: all verbs
	inWhisper              // a dialled party before it is let in: Say Play Pause Gather Hangup
	inQueue                // while waiting in a queue: Say Play Pause Gather Redirect Hangup Leave
	inRoom                 // while waiting or held in a conference: Say Play Pause Redirect
	inShort                // announcement, Queue noun: Say Play Pause Redirect, once
	inNone                 // asynchronous callback: no document at all
)

// verdict is what a request is answered with.
type verdict int

const (
	giveDocument verdict = iota // the stored document of the leg's turn
	giveWait                    // a fresh wait document; nothing is stored
	takeEvent                   // it is the event that the turn waits for: Step
	holdOn                      // an activation holds the turn: wait for its result, else park
	goCurrent                   // Redirect to the document of the leg's turn
	giveEmpty                   // <Response/>
	giveHangup                  // <Hangup/>
	giveLeave                   // <Leave/>: out of the queue
	giveQuiet                   // a Pause that is legal where it is heard
	giveApology                 // the server's apology and hang-up
	giveNothing                 // 204
)

// situation is everything that decides about an answer.
type situation struct {
	Place place
	Kind  string
	Turn  int  // T: turn in the URL
	Final bool // the request's CallStatus says that the call is over

	Known     bool // session and leg are there
	Running   bool // the session is neither ending nor over
	Over      bool // the leg is settling or gone
	Current   int  // N: the leg's turn
	Made      bool // the document of N was made by exactly this request
	Suspended bool // an activation holds the turn, and it is not a park document
	Asked     bool // a request waits for the document that the activation will make
	Taken     bool // this request was stepped already
	Fresh     bool // keys in a queue's wait that were not taken yet
	LetsOut   bool // the answer to exactly this request takes the leg out of its queue
	Returns   bool // of a return URL: the leg is out, and this brings it back
}

// decide is the table of what is answered: for each place, kind of request and state
// of the leg exactly one verdict. It is pure; every cell has a test.
func decide(s situation) verdict {
	switch s.Place {
	case inNone:
		return decideAsync(s)
	case inShort:
		if !s.Known || !s.Running {
			return giveEmpty
		}
		return giveWait
	case inQueue:
		return decideQueue(s)
	case inRoom:
		if !s.Known || !s.Running || s.Over || s.Turn != s.Current {
			return giveQuiet
		}
		return giveWait
	case inWhisper:
		return decideWhisper(s)
	}
	return decideMain(s)
}

func decideAsync(s situation) verdict {
	if s.Taken || !s.Known {
		return giveNothing
	}
	return takeEvent
}

// decideQueue never gives the main document: a leg that is sent elsewhere gets it when it
// is out of the queue.
func decideQueue(s situation) verdict {
	switch {
	case !s.Known || !s.Running || s.Over:
		return giveQuiet
	case s.LetsOut:
		return giveLeave
	case s.Turn != s.Current:
		return giveQuiet
	case s.Fresh && !s.Taken:
		return takeEvent
	}
	return giveWait
}

// decideWhisper never gives the main document: hanging up makes the Dial go on with
// its no-answer branch.
func decideWhisper(s situation) verdict {
	switch {
	case !s.Known || !s.Running || s.Over:
		return giveHangup
	case s.Made:
		return giveDocument
	case s.Turn != s.Current:
		return giveHangup
	case s.Suspended && !s.Final:
		return holdOn
	case s.Kind == engine.URLDoc, s.Kind == engine.URLLoop:
		return giveDocument
	case s.Taken:
		return giveHangup
	}
	return takeEvent
}

func decideMain(s situation) verdict {
	fetch := s.Kind == engine.URLDoc || s.Kind == engine.URLLoop
	switch {
	case !s.Known:
		return giveApology
	case s.Over && s.Final && !fetch && !s.Taken && s.Turn == s.Current:
		return takeEvent // the last action of a call that is over
	case s.Final && (s.Over || s.Taken):
		return giveEmpty
	case s.Over:
		return giveHangup
	case !s.Running && s.Final && !fetch && s.Turn == s.Current:
		return takeEvent // proves that the leg is gone, which the ending waits for
	case !s.Running:
		return giveHangup
	case s.Made:
		return giveDocument
	case s.Kind == engine.URLBack && !s.Returns && !s.Taken:
		return goCurrent
	case s.Kind == engine.URLBack && s.Returns && !s.Taken:
		return takeEvent
	case s.Turn != s.Current:
		return goCurrent
	case s.Suspended && (s.Asked || !fetch) && !s.Final:
		return holdOn
	case s.Kind == engine.URLLoop:
		return giveWait
	case s.Kind == engine.URLDoc || s.Taken:
		return giveDocument
	}
	return takeEvent
}

// situate looks at the session (nil when there is none) for a request.
func situate(s *engine.Session, r *request) situation {
	sit := situation{Place: placeOf(nil, r), Kind: r.kind, Turn: r.turn, Final: r.final, Taken: r.taken}
	if s == nil {
		return sit
	}
	sit.Running = s.Condition == engine.SessionRunning
	l := s.Leg(r.leg)
	sit.Known = l != nil || legless(r.kind)
	if l == nil {
		return sit
	}
	sit.Place = placeOf(l, r)
	sit.Over, sit.Current = l.Over(), l.Turn
	if l.Inline != nil && l.Turn == 0 {
		sit.Current = 1 // Twilio has the document of turn 1 since the call was placed
	}
	sit.Made = madeBy(l, r)
	sit.Suspended = l.Held != "" && !l.Parked
	sit.Asked = !l.Asked.IsZero()
	if n, ok := keyOfWait(r.kind); ok {
		sit.Fresh = l.AwaitsKey(n)
		sit.LetsOut = l.Unqueued == engine.Asked{Turn: r.turn, Kind: r.kind}
	}
	sit.Returns = l.Returns(r.turn)
	return sit
}

// legless kinds may name no leg: what is said to a whole room.
func legless(kind string) bool { return strings.HasPrefix(kind, sayPrefix) }

// madeBy reports whether the leg's document answers exactly this request, which is
// then a repetition of it. The first request of a call has turn 0 under several names.
func madeBy(l *engine.Leg, r *request) bool {
	switch {
	case l.By.IsZero() || l.By.Turn != r.turn || l.Turn == 0:
		return false
	case r.turn == 0 && first(r.kind):
		return first(l.By.Kind)
	}
	return l.By.Kind == r.kind || l.By.Kind == engine.KindPark
}

func first(kind string) bool { return kind == engine.URLStart || kind == engine.KindInbound }

func placeOf(l *engine.Leg, r *request) place {
	switch r.kind {
	case engine.URLStatus, engine.URLAMD, engine.URLRec, engine.URLTrans, engine.URLPartial:
		return inNone
	case engine.URLWait, engine.URLHold:
		if r.fields["QueueSid"] != "" {
			return inQueue
		}
		return inRoom
	}
	if strings.HasPrefix(r.kind, sayPrefix) {
		return inShort
	}
	if _, ok := keyOfWait(r.kind); ok {
		return inQueue
	}
	if l != nil && l.Parent != 0 && !l.Moved {
		return inWhisper
	}
	return inMain
}
