package testrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/testspec"
)

// acts say what each sentence of a script does; nil: it holds.
var acts map[string]func(p *play, l *testspec.Line) *Failure

func init() {
	acts = map[string]func(p *play, l *testspec.Line) *Failure{
		testspec.Hears:        (*play).hears,
		testspec.NotHeard:     (*play).notHeard,
		testspec.Presses:      whenAsked(func(c *sim.Call, text string) { c.Press(text) }),
		testspec.Says:         whenAsked(func(c *sim.Call, text string) { c.Say(text) }),
		testspec.Rings:        whenever("never rings", (*sim.Call).Ringing, nil),
		testspec.Answers:      whenever("never rings, so nobody can answer", (*sim.Call).Ringing, (*sim.Call).Answer),
		testspec.Declines:     whenever("never rings, so nobody can decline", (*sim.Call).Ringing, (*sim.Call).Decline),
		testspec.Alone:        whenever("is never alone in a call", isAlone, nil),
		testspec.Disconnected: whenever("stays connected", (*sim.Call).Ended, nil),
		testspec.TakesTask:    (*play).takesTask,
		testspec.CancelTask:   (*play).cancelTask,
		testspec.DialsQueue:   (*play).dialsQueue,
		testspec.Kicked:       (*play).kicked,
		testspec.HangsUp:      (*play).hangsUp,
		testspec.TalksTo:      (*play).talksTo,
		testspec.IsIn:         (*play).isIn,
		testspec.Talk:         (*play).talk,
		testspec.Wait:         func(p *play, l *testspec.Line) *Failure { p.Advance(l.Time); return nil },
		testspec.SendSignal:   (*play).signal,
		testspec.Turn:         (*play).turn,
		testspec.EndAll:       func(p *play, l *testspec.Line) *Failure { p.awaitSession(l); return failed(l, p.API.End(p.id)) },
		testspec.Down:         func(p *play, _ *testspec.Line) *Failure { p.Down(); return nil },
		testspec.Up:           func(p *play, l *testspec.Line) *Failure { return failed(l, p.Up()) },
		testspec.Mocked:       func(p *play, l *testspec.Line) *Failure { p.mocks.prepend(l.Mocks); return nil },
		testspec.Broken:       func(p *play, l *testspec.Line) *Failure { p.Sim.AddFault(l.Fault); return nil },
		testspec.Expected:     (*play).expected,
	}
}

func (p *play) line(l *testspec.Line) *Failure { return acts[l.Sentence.ID](p, l) }

func failed(l *testspec.Line, err error) *Failure {
	if err == nil {
		return nil
	}
	f := failf(l.Pos, "%s: %s", l.Sentence.Words, explained(err))
	return &f
}

// explained is what an API says in words about why it refuses.
func explained(err error) string {
	var status *flowtest.StatusError
	if !errors.As(err, &status) {
		return err.Error()
	}
	var body struct{ Detail, Message string }
	if json.Unmarshal([]byte(status.Body), &body) != nil || body.Detail+body.Message == "" {
		return err.Error()
	}
	return body.Detail + body.Message
}

// wait lets time pass until something holds, at most as long as the sentence says, or
// until nothing can happen any more.
func (p *play) wait(l *testspec.Line, holds func() bool) bool {
	held := false
	p.Until(func() bool { held = holds(); return held || p.over() }, l.Within)
	return held
}

// never is the failure of a sentence that has waited in vain.
func (p *play) never(l *testspec.Line, format string, args ...any) *Failure {
	f := failf(l.Pos, format, args...)
	switch {
	case p.over():
		f.Message += ": the session is over"
	default:
		f.Message += fmt.Sprintf(" within %s", testspec.Text(l.Within))
	}
	return &f
}

// at gives the newest call of a party or leg, nil if there is none.
func (p *play) at(who string) *sim.Call {
	var newest *sim.Call
	number := p.number(who)
	for _, c := range p.Sim.Calls() {
		if c.To() == number && c.Direction() != "inbound" || c == p.call && who == testspec.Caller {
			newest = c
		}
	}
	if newest != nil {
		return newest
	}
	if s, err := p.Session(p.id); err == nil {
		if l := s.LegNamed(who); l != nil {
			return p.Sim.CallBySID(l.SID)
		}
	}
	return nil
}

// is waits until something holds of the call of whoever begins the sentence.
func (p *play) is(l *testspec.Line, holds func(*sim.Call) bool) (*sim.Call, bool) {
	var c *sim.Call
	ok := p.wait(l, func() bool { c = p.at(l.Who); return c != nil && holds(c) })
	return c, ok
}

// whenever waits until something holds of a call, then does something.
func whenever(never string, holds func(*sim.Call) bool, do func(*sim.Call)) func(p *play, l *testspec.Line) *Failure {
	return func(p *play, l *testspec.Line) *Failure {
		c, ok := p.is(l, holds)
		if !ok {
			return p.never(l, "%s %s", l.Who, never)
		}
		if do != nil {
			do(c)
		}
		return nil
	}
}

func isAlone(c *sim.Call) bool {
	return !c.Ended() && c.Status() == "in-progress" && len(c.Peers()) == 0
}

// whenAsked waits until a call listens to its party, or there is somebody who hears it.
func whenAsked(do func(c *sim.Call, text string)) func(p *play, l *testspec.Line) *Failure {
	return func(p *play, l *testspec.Line) *Failure {
		c, ok := p.is(l, func(c *sim.Call) bool { return c.Listening() || len(c.Peers()) > 0 })
		if !ok {
			return p.never(l, "%s %s %q, but is never asked for anything", l.Who, l.Sentence.Words, l.Text)
		}
		do(c, l.Text)
		p.Clock.WaitIdle()
		return nil
	}
}

func (p *play) hears(l *testspec.Line) *Failure {
	c, ok := p.is(l, func(c *sim.Call) bool { return p.listens(c, l.Text) })
	if ok {
		return nil
	}
	f := p.never(l, "%s never hears %q", l.Who, l.Text)
	if c != nil {
		f.Detail = heardInstead(p.rest(c))
	}
	return f
}

// listens moves the mark of a call behind a text that it has heard.
func (p *play) listens(c *sim.Call, text string) bool {
	m := p.heard[c.SID()]
	heard := c.Heard()
	for i := m.entry; i < len(heard); i++ {
		offset := 0
		if i == m.entry {
			offset = min(m.offset, len(heard[i]))
		}
		if at := strings.Index(heard[i][offset:], text); at >= 0 {
			p.heard[c.SID()] = mark{i, offset + at + len(text)}
			return true
		}
	}
	return false
}

// rest is what a call has heard behind its mark.
func (p *play) rest(c *sim.Call) []string {
	m := p.heard[c.SID()]
	heard := c.Heard()
	if m.entry >= len(heard) {
		return nil
	}
	rest := slices.Clone(heard[m.entry:])
	if rest[0] = strings.TrimSpace(rest[0][min(m.offset, len(rest[0])):]); rest[0] == "" {
		rest = rest[1:]
	}
	return rest
}

func heardInstead(heard []string) []string {
	if len(heard) == 0 {
		return []string{"nothing is heard instead"}
	}
	var lines []string
	for _, h := range slices.Compact(heard) {
		if len(lines) == 5 {
			return append(lines, "...")
		}
		lines = append(lines, fmt.Sprintf("heard instead: %q", h))
	}
	return lines
}

func (p *play) notHeard(l *testspec.Line) *Failure {
	if c := p.at(l.Who); c != nil && c.HeardText(l.Text) {
		f := failf(l.At, "%s has heard %q", l.Who, l.Text)
		return &f
	}
	return nil
}

func (p *play) hangsUp(l *testspec.Line) *Failure {
	c := p.at(l.Who)
	if c == nil || c.Ended() {
		f := failf(l.Pos, "%s cannot hang up: there is no call", l.Who)
		if c != nil {
			f.Message = fmt.Sprintf("%s cannot hang up: the call is over", l.Who)
		}
		return &f
	}
	c.Hangup()
	return nil
}

func (p *play) talksTo(l *testspec.Line) *Failure {
	if _, ok := p.is(l, func(c *sim.Call) bool { return slices.Contains(c.Peers(), p.at(l.Text)) }); !ok {
		return p.never(l, "%s never talks to %s", l.Who, l.Text)
	}
	return nil
}

func (p *play) isIn(l *testspec.Line) *Failure {
	if !p.wait(l, func() bool { return p.stateOf(l.Who) == l.Text }) {
		f := p.never(l, "%s is never in %s", l.Who, l.Text)
		if state := p.stateOf(l.Who); state != "" {
			f.Detail = []string{"it is in " + state}
		}
		return f
	}
	return nil
}

// stateOf is the state of the leg of a party, "" if there is none.
func (p *play) stateOf(who string) string {
	s, err := p.Session(p.id)
	if err != nil {
		return ""
	}
	if c := p.at(who); c != nil {
		for _, leg := range slices.Backward(s.Legs) {
			if leg.SID == c.SID() {
				return leg.State
			}
		}
	}
	if leg := s.LegNamed(who); leg != nil {
		return leg.State
	}
	return ""
}

func (p *play) talk(l *testspec.Line) *Failure {
	talking := func(c *sim.Call) bool { return len(c.Peers()) > 0 }
	if !p.wait(l, func() bool { return slices.ContainsFunc(p.Sim.Calls(), talking) }) {
		return p.never(l, "nobody ever talks to anybody")
	}
	p.Advance(l.Time)
	return nil
}

// awaitSession waits until an inbound call has begun the session.
func (p *play) awaitSession(l *testspec.Line) {
	p.wait(l, func() bool { _, err := p.Session(p.id); return err == nil })
}

func (p *play) signal(l *testspec.Line) *Failure {
	p.awaitSession(l)
	flow := p.folder.Set.Closures[p.file.Flow.Name].Flow
	err := p.API.Signal(p.id, l.Signal.Name, p.values(l.Signal.Data, flow.Signal(l.Signal.Name).Data))
	var status *flowtest.StatusError
	refused := errors.As(err, &status) && status.Status == 409
	switch {
	case refused && !l.Signal.Refused:
		f := failf(l.Signal.Pos, "the signal %s is refused: no state takes it now", l.Signal.Name)
		f.Detail = []string{"taken now: " + orNone(p.offered())}
		return &f
	case refused:
		return nil
	case l.Signal.Refused && err == nil:
		f := failf(l.Signal.Pos, "the signal %s is taken", l.Signal.Name)
		return &f
	}
	return failed(l, err)
}

func (p *play) turn(l *testspec.Line) *Failure {
	for _, v := range l.Switches {
		if err := p.API.Switch(v.Name, v.Text == "on"); err != nil {
			return failed(l, err)
		}
	}
	return nil
}

func (p *play) expected(l *testspec.Line) *Failure {
	before := len(p.failures)
	p.record = p.recorded()
	p.expect(l.Expect.Checks)
	if len(p.failures) == before {
		return nil
	}
	first := p.failures[before]
	p.failures = append(p.failures[:before], p.failures[before+1:]...)
	return &first
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
