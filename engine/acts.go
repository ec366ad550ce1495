package engine

import (
	"strconv"

	"github.com/ringdown/ringdown/engine/twiml"
)

// Move sends a leg to a state from outside its own webhook. A leg that is there already
// stays, unless again is set.
func (x *Exec) Move(l *Leg, state string, again bool) error {
	if l.Screened && l.Parent == 0 {
		l.Goal = state // when it has accepted
		x.note(Entry{What: "moved", Leg: l.Number, To: state, Why: "its first state"})
		return nil
	}
	if l.whispered() {
		l.Goal = state // when it has been let in
		x.note(Entry{What: "moved", Leg: l.Number, To: state, Why: "when it is let in"})
		return nil
	}
	if x.seenState(l) == state && l.Started && !again {
		x.note(Entry{What: "dropped", Leg: l.Number, Name: "move", To: state, Why: "it is there already"})
		return nil
	}
	if l.Direction == DirectionOutboundDial && !l.Moved && l.Condition != LegUp {
		l.Goal = state // when it has answered; that news may be lost, so Twilio is asked
		x.note(Entry{What: "moved", Leg: l.Number, To: state, Why: "when it has answered"})
		return nil
	}
	return x.goTo(l, x.frame.home(), state)
}

// MoveNamed sends the leg of that name to a state: of several that are called under one
// name all that are not over. It reports whether there was one.
func (x *Exec) MoveNamed(name, state string, again bool) (bool, error) {
	first := x.LegNamed(name)
	if first == nil || first.Over() {
		return false, nil
	}
	for _, l := range x.group(first) {
		if l.Name != name || l.Over() || l.Lost {
			continue
		}
		if err := x.Move(l, state, again); err != nil {
			return true, err
		}
	}
	return true, nil
}

// NextLane is a lane of its own for an effect that needs no order.
func (x *Exec) NextLane(kind string) string {
	return kind + "-" + strconv.FormatInt(x.s.Rev, 10) + "-" + strconv.Itoa(len(x.effects))
}

// EmitHTTP asks for the request of an `http` step. All its repeats carry one key.
func (x *Exec) EmitHTTP(e Effect) string {
	e.HTTP.Key = x.s.ID + "." + strconv.FormatInt(x.s.Rev, 10) + "." + strconv.Itoa(len(x.effects))
	return x.Emit(e)
}

// SetHoldMusic keeps what a participant on hold hears. set is false where Twilio's own
// music plays.
func (x *Exec) SetHoldMusic(l *Leg, own *Prompt) (set bool, err error) {
	music, set := x.Music(own)
	if !set {
		l.HoldDoc = nil
		return false, nil
	}
	nodes, err := x.renderPrompt(l, music)
	if err != nil {
		return false, err
	}
	if len(nodes) == 0 {
		nodes = []twiml.Node{twiml.El("Pause").Set("length", roundPause)}
	}
	doc := twiml.El("Response", nodes...)
	l.HoldDoc = twiml.AppendDocument(nil, doc.Append(twiml.El("Redirect")))
	return true, nil
}

// maxSays is how many announcements a session keeps for Twilio to fetch.
const maxSays = 16

// AddSay keeps the document of an announcement and gives its path. l is the leg that
// hears it alone, nil for a whole room.
func (x *Exec) AddSay(p *Prompt, l *Leg) (path string, err error) {
	if l == nil {
		l = x.leg
	}
	nodes, err := x.renderPrompt(l, p)
	if err != nil {
		return "", err
	}
	n := 1
	if len(x.s.Says) > 0 {
		n = x.s.Says[len(x.s.Says)-1].Number + 1
	}
	x.s.Says = append(x.s.Says, Say{Number: n, Doc: twiml.AppendDocument(nil, twiml.El("Response", nodes...))})
	if len(x.s.Says) > maxSays {
		x.s.Says = x.s.Says[1:]
	}
	leg := max(1, numberOf(l))
	turn := 0
	if at := x.s.Leg(leg); at != nil {
		turn = at.Turn
	}
	return Path(x.s.ID, leg, turn, URLSay+"-"+strconv.Itoa(n)), nil
}
