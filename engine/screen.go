package engine

import (
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// Whisper reports whether the document is heard by a dialled party before it is let in:
// when it runs out the two are connected, and a Redirect may not work there.
func (t *Turn) Whisper() bool { return t.Caller.whispered() }

// whispered reports whether the leg is a dialled party that was not let in yet.
func (l *Leg) whispered() bool { return l.Screened && l.Parent != 0 && !l.Moved }

// Screen has the dialled party asked in a state before it is let in. It gives the path
// of the document that the party hears first.
func (t *Turn) Screen(child *Leg, state string) string {
	child.Screened, child.State = true, state
	return Path(t.s.ID, child.Number, 0, URLStart)
}

// accept lets in a party that was asked whether it takes the call.
func (x *Exec) accept(l *Leg, pos *Target) error {
	switch {
	case x.muted:
		return nil
	case l == nil || !l.Screened:
		return x.Fault(pos.Pos, "limit", "accept lets in a party that is being screened, and nobody is here")
	case l.Over() || l.Leaving || x.s.Condition != SessionRunning:
		x.note(Entry{What: "dropped", Leg: l.Number, Name: "accept", Why: "the call is over"})
		return nil
	case l.whispered():
		return x.letThrough(l, emptyDocument)
	}
	visit := l.Visit
	l.Screened = false
	if err := x.letIn(l); err != nil {
		return err
	}
	switch {
	case l.Lost:
		if x.asks && x.ev.Leg == l.Number {
			x.hangupNow(l)
		}
		return nil
	case l.Visit != visit || l.Leaving || x.s.Condition != SessionRunning:
		return nil // a handler of LEG.answered has sent it elsewhere
	}
	return x.goTo(l, Home{}, l.Goal)
}

// letThrough connects a dialled party: its whisper ends with this document.
func (x *Exec) letThrough(l *Leg, doc []byte) error {
	x.note(Entry{What: "moved", Leg: l.Number, From: l.State, To: "accept"})
	x.setDocument(l, doc)
	x.leaveVisit(l)
	l.Screened, l.Started, l.State = false, false, ""
	if l.Goal != "" {
		x.rearm(letInTimer, l.Number, x.now.Add(letInTime))
	}
	return x.letIn(l)
}

// letInTime is how long Twilio may take to connect a party that was let in, before the
// flow moves it elsewhere; letInTimer is the timer.
const (
	letInTime  = time.Second
	letInTimer = "let-in"
)

// moveOn sends a dialled party that was let in where the flow wanted it meanwhile.
func (x *Exec) moveOn(l *Leg) error {
	if l == nil || l.Over() || l.Goal == "" {
		return nil
	}
	goal := l.Goal
	l.Goal = ""
	return x.goTo(l, Home{}, goal)
}

// acceptBehind connects a dialled party when it has heard the document: a whisper that
// asks nothing.
func (x *Exec) acceptBehind(t *Turn) error {
	return x.letThrough(t.Caller, twiml.AppendDocument(nil, t.doc))
}

// notNow reports whether a leg can be sent nowhere now: a dialled party that is being
// asked leads itself, by its own requests.
func (x *Exec) notNow(l *Leg) bool {
	return l.whispered() && (!x.asks || x.ev.Leg != l.Number)
}

// Refused reports whether a dialled party was asked and did not let itself in.
func (l *Leg) Refused() bool { return l != nil && l.Screened && !l.AnsweredAt.IsZero() }
