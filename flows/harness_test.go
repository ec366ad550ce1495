// Package flows_test plays the flows of this folder end to end: the real server on a
// simulated Twilio, over HTTP, in virtual time.
package flows_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/schema"
)

// Who takes part. The numbers of the flows themselves stand in their files.
const (
	caller     = "+15551110001"
	callerID   = "+15005550006"
	salesTel   = "+15552220001"
	supportTl  = "+15552220002"
	operator   = "+15552220003"
	officeTel  = "+15552220004"
	agentTel   = "+15552220005"
	customer   = "+15553330001"
	ann        = "+15552220011"
	bob        = "+15552220012"
	cat        = "+15552220013"
	callee     = "+15553330002"
	workflow   = "WW00000000000000000000000000000001"
	music      = "https://media.example.com/hold.mp3"
	messageURL = "https://media.example.com/message.mp3"
	fileURL    = "https://media.example.com/file.mp3"
	expertTel  = "+15552220006"
)

var (
	seeds = flag.Int("seeds", 1, "how many seeds of late, repeated, reordered and lost callbacks each scene is played with; with more than one it is played with every switch of the simulator, too")
	trace = flag.Bool("trace", false, "print what happened in every run")
)

// env is the environment of all flows.
func env() map[string]string {
	return map[string]string{
		"CALLER_ID": callerID, "SALES": salesTel, "SUPPORT": supportTl, "OPERATOR": operator, "OFFICE": officeTel,
		"AGENT": agentTel, "MUSIC": music, "ANN": ann, "BOB": bob, "CAT": cat,
		"BILLING_TOKEN": "billing-token", "MESSAGE_URL": messageURL, "FILE_URL": fileURL, "WORKFLOW_SID": workflow,
	}
}

// scene is one row of a flow's table: who does what when, and what must come of it.
type scene struct {
	name    string
	at      time.Time      // when it begins; zero: a Monday morning
	from    string         // who calls; empty: a phone
	to      string         // number that the caller dials, or
	start   string         // flow that the API starts
	input   map[string]any // of start
	params  []string       // further parameters of the inbound call
	parties map[string]sim.Party
	billing func(*flowtest.Billing)
	world   func(*flowtest.World) // what else there is
	before  func(*play) error     // what is done before the call
	script  []step

	outcome   string   // default completed
	legs      []string // name, direction, result
	ringsOn   []string // legs where Pause and Redirect leave an inbound call ringing; nil: the same
	states    []string // of each leg
	heard     []string // parts of what the caller (or first called party) hears, in order
	unknownIf bool     // a party that hangs up while it is found out who answered may be reported as unknown
	racy      bool     // which of two things is first depends on a callback, or on a REST request that comes late
	atOnce    bool     // who hangs up first depends on a switch, and with it the last states
	charges   int      // done
	requests  int      // to the billing service, 0: not checked
	messages  []string // parts of the messages
	least     time.Duration
	most      time.Duration       // virtual time until the session is closed; 0: not checked
	flows     string              // folder; "": this one
	restarts  bool                // the server goes down and comes up again
	refusals  bool                // Twilio refuses something
	also      func(p *play) error // what else must hold in a run without faults
}

// compiled has compiled the flows of this folder: once for all scenes.
var compiled = sync.OnceValue(func() *schema.Loader {
	l := schema.NewLoader(schema.Options{Env: func(name string) (string, bool) { v, ok := env()[name]; return v, ok }})
	files := map[string][]byte{}
	names, _ := filepath.Glob("*.yaml")
	for _, name := range names {
		files[name], _ = os.ReadFile(name) // one that cannot be read is told where it is played
	}
	l.Load(files)
	return l
})

// play is a scene that is being played.
type play struct {
	*flowtest.World
	id   string    // of the session
	from string    // the caller's address
	call *sim.Call // of the caller; nil after a start by the API
	took time.Duration
}

// step is one thing that people do, or wait for, in a scene.
type step struct {
	what string
	do   func(p *play) error
}

// patience is how long a step waits in virtual time.
const patience = 2 * time.Hour

// at gives the newest call of somebody: the caller or whoever has that number.
func (p *play) at(who string) *sim.Call {
	if who == p.from && p.call != nil {
		return p.call
	}
	calls := p.Sim.CallsTo(who)
	if len(calls) == 0 {
		return nil
	}
	return calls[len(calls)-1]
}

// when waits until cond holds of somebody's call.
func when(who, what string, cond func(*sim.Call) bool) step {
	return step{who + " " + what, func(p *play) error {
		if !p.Until(func() bool { c := p.at(who); return c != nil && cond(c) }, patience) {
			return fmt.Errorf("never: %s %s", who, what)
		}
		return nil
	}}
}

func act(who, what string, f func(*sim.Call)) step {
	return step{who + " " + what, func(p *play) error {
		c := p.at(who)
		if c == nil {
			return fmt.Errorf("%s cannot %s: no call", who, what)
		}
		f(c)
		return nil
	}}
}

func listening(who string) step { return when(who, "is asked for keys", (*sim.Call).Listening) }
func ringing(who string) step   { return when(who, "rings", (*sim.Call).Ringing) }
func talking(who string) step {
	return when(who, "talks to somebody", func(c *sim.Call) bool { return len(c.Peers()) > 0 })
}
func alone(who string) step {
	return when(who, "talks to nobody", func(c *sim.Call) bool { return len(c.Peers()) == 0 })
}
func inRoom(who string) step {
	return when(who, "is in a room", func(c *sim.Call) bool { return c.Conference() != "" })
}
func hears(who, text string) step {
	return when(who, "hears "+text, func(c *sim.Call) bool { return c.HeardText(text) })
}
func press(who, keys string) step {
	return act(who, "presses "+keys, func(c *sim.Call) { c.Press(keys) })
}
func say(who, text string) step { return act(who, "says "+text, func(c *sim.Call) { c.Say(text) }) }
func hangup(who string) step    { return act(who, "hangs up", (*sim.Call).Hangup) }

func wait(d time.Duration) step {
	return step{"wait " + d.String(), func(p *play) error { p.Advance(d); return nil }}
}

func signal(name string) step {
	return step{"signal " + name, func(p *play) error { return p.API.Signal(p.id, name, nil) }}
}

// state waits until a leg of that name is in a state.
func state(leg, name string) step {
	return step{leg + " is in " + name, func(p *play) error {
		ok := p.Until(func() bool {
			s, err := p.Session(p.id)
			if err != nil {
				return false
			}
			l := s.LegNamed(leg)
			return l != nil && l.State == name
		}, patience)
		if !ok {
			return fmt.Errorf("%s never is in %s", leg, name)
		}
		return nil
	}}
}

// down ends the server as a crash would; up starts it again.
func down() step { return step{"the server goes down", func(p *play) error { p.Down(); return nil }} }
func up() step   { return step{"the server comes up", func(p *play) error { return p.Up() }} }

// ended waits until somebody's call is over.
func ended(who string) step { return when(who, "is off the phone", (*sim.Call).Ended) }

// end ends the session by the API.
func end() step { return step{"end", func(p *play) error { return p.API.End(p.id) }} }

// run plays a scene once and gives what became of it. It fails when the session does not
// come to its end, or something happened that never should.
func (sc *scene) run(o flowtest.Options) (p *play, r flowtest.Record, err error) {
	o.Flows, o.Env, o.Restarts, o.Begin = sc.flows, env(), sc.restarts, sc.at
	if o.Flows == "" {
		o.Flows, o.Loader = ".", compiled()
	}
	w, err := flowtest.Start(o)
	if err != nil {
		return nil, r, err
	}
	p = &play{World: w, from: cmp.Or(sc.from, caller)}
	for number, party := range sc.parties {
		w.Sim.AddParty(number, party)
	}
	w.Sim.AddMedia(music, time.Minute)
	w.Sim.AddMedia(messageURL, 40*time.Second)
	w.Sim.AddMedia(fileURL, 20*time.Second)
	if sc.world != nil {
		sc.world(w)
	}
	if sc.billing != nil {
		sc.billing(w.Billing)
	}
	if sc.before != nil {
		if err := sc.before(p); err != nil {
			return p, r, err
		}
	}
	if err := sc.begin(p); err != nil {
		return p, r, err
	}
	for i, s := range sc.script {
		if err := s.do(p); err != nil {
			return p, r, fmt.Errorf("step %d (%s): %w", i+1, s.what, err)
		}
	}
	over := func() bool { return w.Sim.Live() == 0 && w.Closed(p.id) }
	if !w.Until(over, max(6*time.Hour, sc.most)) {
		r, _ = w.Record(p.id)
		return p, r, fmt.Errorf("no end: %d calls are live, %+v", w.Sim.Live(), r)
	}
	p.took = w.Elapsed()
	w.Advance(20 * time.Second) // what the end has asked for, and the last callbacks
	r, err = w.Record(p.id)
	return p, r, err
}

func (sc *scene) begin(p *play) (err error) {
	if sc.start != "" {
		p.id, err = p.API.StartFlow(sc.start, sc.input, "")
		return err
	}
	if p.call, err = p.Call(p.from, sc.to, sc.params...); err == nil {
		p.id = p.SessionOf(p.call)
	}
	return err
}

// play plays the scene under one set of conditions and compares with its row.
func (sc *scene) play(t *testing.T, c condition) {
	t.Helper()
	p, r, err := sc.run(c.o)
	if p != nil {
		defer p.Close()
	}
	var wrong []string
	failed := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	switch {
	case err != nil:
		failed("%v", err)
	default:
		sc.compare(failed, c.o, r)
		p.Advance(2 * time.Minute) // late news must change nothing
		if later, err := p.Record(p.id); err != nil || !diff.Equal(later, r) {
			failed("after the end: %v %s", err, diff.Diff(r, later))
		}
		if c.exact {
			sc.exactly(failed, p)
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%s (seed %d):\n%s\nrecord %+v", c.name, c.o.Seed, strings.Join(wrong, "\n"), r)
	}
	if p != nil && *trace {
		t.Logf("%s after %v\n%s", c.name, p.took, p.Dump())
	}
}

func (sc *scene) compare(failed func(string, ...any), o flowtest.Options, r flowtest.Record) {
	unsure := o.Faults.Has(sim.NoRESTAnswer)
	late := unsure || o.Faults.Has(sim.TooManyRequests) || o.Faults.Has(sim.LoseCallback) || o.Faults.Has(sim.DelayCallback) || o.Faults.Has(sim.ReorderCallback)
	if sc.racy && late {
		return
	}
	outcome := sc.outcome
	if outcome == "" {
		outcome = "completed"
	}
	if r.Outcome != outcome {
		failed("outcome %q, want %q", r.Outcome, outcome)
	}
	// What is lost for good changes the way, but not the end: a recording's only callback,
	// and until Twilio is asked, that somebody has answered or hung up.
	if o.Faults.Has(sim.LoseCallback) || unsure && sc.refusals {
		return
	}
	if len(r.Charges) != sc.charges {
		failed("charges %q, want %d", r.Charges, sc.charges)
	}
	legs := sc.legs
	if o.Switches.PauseRingsOn && sc.ringsOn != nil {
		legs = sc.ringsOn
	}
	if sc.unknownIf && o.Switches.HangupIsUnknown {
		return // it was led on, for a moment
	}
	if d := diff.Diff(legs, r.Legs); d != "" {
		failed("legs (-want +got):\n%s", d)
	}
	if d := diff.Diff(sc.states, r.States); d != "" && !sc.atOnce {
		failed("states (-want +got):\n%s", d)
	}
	if len(r.Messages) != len(sc.messages) {
		failed("messages %q, want %q", r.Messages, sc.messages)
		return
	}
	for i, m := range sc.messages {
		if !strings.Contains(r.Messages[i], m) {
			failed("message %q, want %q", r.Messages[i], m)
		}
	}
}

// exactly checks what only a run without faults can promise.
func (sc *scene) exactly(failed func(string, ...any), p *play) {
	c := p.call
	if calls := p.Sim.Calls(); c == nil && len(calls) > 0 {
		c = calls[0]
	}
	var heard []string
	if c != nil {
		heard = c.Heard()
	}
	for _, want := range sc.heard {
		i := slices.IndexFunc(heard, func(h string) bool { return strings.Contains(h, want) })
		if i < 0 {
			failed("%q is not heard (in this order); left: %q", want, heard)
			break
		}
		heard = heard[i+1:]
	}
	if n := len(p.Billing.Requests()); sc.requests > 0 && n != sc.requests {
		failed("%d requests to the billing service, want %d", n, sc.requests)
	}
	if sc.most > 0 && (p.took < sc.least || p.took > sc.most) {
		failed("took %v, want %v to %v", p.took, sc.least, sc.most)
	}
	if sc.also != nil {
		if err := sc.also(p); err != nil {
			failed("%v", err)
		}
	}
	if sc.restarts || sc.refusals {
		return // trouble is what it is about
	}
	for _, trouble := range p.Troubles() {
		failed("trouble: %s", trouble)
	}
}
