package sim

import (
	"strings"
	"time"
)

// Moment is what a Move of a party waits for.
type Moment string

// The moments of a call, as its party meets them; Doc tells each.
const (
	Answered  Moment = "answered"
	Rings     Moment = "rings"
	Asked     Moment = "asked"
	Hears     Moment = "hears"
	Beeps     Moment = "beeps"
	Connected Moment = "connected"
	Joins     Moment = "joins"
	Next      Moment = "next"
)

// moments tells each moment to those who write scripts.
var moments = []struct {
	moment Moment
	doc    string
}{
	{Answered, "the call is answered, by the party or, for a caller, by the application; the default"},
	{Rings, "the party's phone rings; for a caller, the number that was called"},
	{Asked, "a Gather, Record or another verb begins to listen; `text` is the verb. `after` is 1 s if nothing is said. What comes when the verb is over is not done"},
	{Hears, "something begins to be heard that contains `text`"},
	{Beeps, "the beep of a Record is heard"},
	{Connected, "there is somebody to talk to, in a Dial, a queue or a conference"},
	{Joins, "the call enters a conference or a queue; `text` is its name"},
	{Next, "the move before this one in the list has been made"},
}

// Moments lists all moments.
func Moments() []Moment {
	all := make([]Moment, len(moments))
	for i, m := range moments {
		all[i] = m.moment
	}
	return all
}

// Doc says when the moment comes.
func (m Moment) Doc() string {
	for _, known := range moments {
		if known.moment == m {
			return known.doc
		}
	}
	return ""
}

// Move is one thing that a scripted party does in a call. A move without Press, Say and
// Hangup is the decision to do nothing, for example at the first of two questions.
type Move struct {
	When   Moment        // default Answered
	Text   string        // the moment counts only with this in it, upper and lower case alike; "" always
	After  time.Duration // from the moment to the move; default 1 s for Asked, at once for the others
	Press  string        // keys, see Call.Press
	Say    string
	Hangup bool
	// Every makes the move whenever its moment comes, not only once, and after 100 ms
	// at the earliest.
	Every bool
}

// Replies are moves for one Gather or Record each, in turn: keys, or after "say:" words,
// or "" for nothing. Each comes so long after its prompts have begun.
func Replies(after time.Duration, replies ...string) []Move {
	moves := make([]Move, len(replies))
	for i, reply := range replies {
		moves[i] = Move{When: Asked, After: after}
		if words, speech := strings.CutPrefix(reply, "say:"); speech {
			moves[i].Say = words
		} else {
			moves[i].Press = reply
		}
	}
	return moves
}

// once reports whether the moment comes at most once in a call. All moves that wait for
// it are made; of another moment each coming is for the first move that still waits.
func (m Moment) once() bool { return m == Answered || m == Rings }

// script is what is left of a party's moves in one call.
type script struct {
	call  *Call
	moves []Move
	used  []bool
}

func newScript(c *Call, moves []Move) *script {
	return &script{call: c, moves: moves, used: make([]bool, len(moves))}
}

// meets tells the script of the party that a moment has come. live, unless it is nil,
// says whether a move is still to the point when its time comes.
func (c *Call) meets(m Moment, text string, live func() bool) {
	p := c.script
	if p == nil {
		return
	}
	for i, move := range p.moves {
		when := move.When
		if when == "" {
			when = Answered
		}
		if p.used[i] || when != m || !strings.Contains(strings.ToLower(text), strings.ToLower(move.Text)) {
			continue
		}
		p.schedule(i, live)
		if !m.once() {
			return
		}
	}
}

// schedule makes a move after its delay.
func (p *script) schedule(i int, live func() bool) {
	move := p.moves[i]
	p.used[i] = !move.Every
	after := move.After
	if after <= 0 && move.When == Asked {
		after = time.Second
	}
	if move.Every { // two parties that answer each other must let time pass
		after = max(after, 100*time.Millisecond)
	}
	p.call.sim.after(after, func() {
		if p.call.over() || p.call.script != p {
			return
		}
		if live == nil || live() {
			p.call.make(move)
		}
		if next := i + 1; next < len(p.moves) && p.moves[next].When == Next && !p.used[next] {
			p.schedule(next, nil)
		}
	})
}

func (c *Call) make(move Move) {
	if move.Press != "" {
		c.press(move.Press)
	}
	if move.Say != "" {
		c.say(move.Say)
	}
	if move.Hangup {
		c.partyHangsUp()
	}
}

// meetsPeers tells the party that there is somebody to talk to.
func (c *Call) meetsPeers() {
	if len(c.peers()) > 0 {
		c.meets(Connected, "", nil)
	}
}
