package testrun

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/testspec"
)

// conditions are what the plain run of a case and those under faults differ in.
type conditions struct {
	name   string // of the schedule of faults; "": none
	seed   uint64
	faults sim.Faults
}

// play is a case that is being played.
type play struct {
	*flowtest.World
	folder *Folder
	file   *testspec.File
	c      *testspec.Case
	with   conditions
	taken  func([]diag.Pos)

	id     string    // of the session
	call   *sim.Call // that began it; nil after a start by the API
	mocks  *mocks
	heard  map[string]mark // how far each party has been listened to, by the SID of its call
	took   time.Duration
	record Record

	failures []Failure
	script   []string
	broke    *noted
}

// mark is a place in what a call has heard: an entry, and how much of it.
type mark struct{ entry, offset int }

func newPlay(f *Folder, file *testspec.File, c *testspec.Case, with conditions, taken func([]diag.Pos)) *play {
	return &play{folder: f, file: file, c: c, with: with, taken: taken, heard: map[string]mark{}}
}

// run plays the case and looks whether what is expected holds.
func (p *play) run() {
	if err := p.open(); err != nil {
		p.fail(failf(p.c.Pos, "%v", err))
		return
	}
	defer p.Close()
	defer func() {
		if len(p.failures) > 0 {
			p.script = p.transcript()
		}
	}()
	if err := p.begin(); err != nil {
		p.fail(failf(p.c.Pos, "the session does not begin: %v", err))
		return
	}
	for _, l := range p.c.Script {
		before := p.Clock.Now()
		if f := p.line(l); f != nil {
			f.State = p.where(l.Who)
			p.fail(*f)
			p.note(before, *f)
			return
		}
	}
	p.end()
}

func (p *play) fail(f Failure) { p.failures = append(p.failures, f) }

// open makes the world of the case.
func (p *play) open() error {
	if missing := p.missing(); len(missing) > 0 {
		return fmt.Errorf("the flow reads %s, which no value is given: add env: {%s: ...}, or a line to dev.env", strings.Join(missing, ", "), missing[0])
	}
	env := maps.Clone(p.folder.Env)
	if env == nil {
		env = map[string]string{}
	}
	for _, v := range p.c.Env {
		env[v.Name] = v.Text
	}
	w, err := flowtest.Start(flowtest.Options{
		Flows: p.folder.Path, Begin: p.c.Clock, Env: env, Seed: p.with.seed, Faults: append(slices.Clone(p.c.Faults), p.with.faults...), Loader: p.folder.Loader,
		Restarts: p.restarts(), Taken: p.taken, Hours: p.hours(),
		HTTP: func(w *flowtest.World) http.RoundTripper {
			if p.mocks == nil { // the same when the server comes up again
				p.mocks = &mocks{world: w, list: p.c.HTTP, given: map[*testspec.Mock]int{}}
			}
			return p.mocks
		},
	})
	if err != nil {
		return err
	}
	p.World = w
	return p.furnish()
}

// missing are the variables of the flow that have no value.
func (p *play) missing() []string {
	flow := p.folder.Set.Closures[p.file.Flow.Name]
	var names []string
	for _, f := range append([]*engine.Flow{flow.Flow}, slices.Collect(maps.Values(flow.Subs))...) {
		for _, n := range slices.Concat(f.Env, f.Secrets) {
			if _, ok := p.env(n.Name); !ok {
				names = append(names, n.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// env looks a variable up: in the case, then in dev.env.
func (p *play) env(name string) (string, bool) {
	for _, v := range slices.Backward(p.c.Env) {
		if v.Name == name {
			return v.Text, true
		}
	}
	v, ok := p.folder.Env[name]
	return v, ok
}

func (p *play) number(party string) string { return p.c.NumberOf(party, p.env) }

// restarts reports whether the server goes down in the script.
func (p *play) restarts() bool {
	return slices.ContainsFunc(p.c.Script, func(l *testspec.Line) bool { return l.Sentence.ID == testspec.Down })
}

// troubled reports whether trouble is what the case is about.
func (p *play) troubled() bool {
	return p.restarts() || len(p.c.Faults) > 0 || slices.ContainsFunc(p.c.Script, func(l *testspec.Line) bool { return l.Sentence.ID == testspec.Broken })
}

// begin lets the session begin: by a call, or by the API.
func (p *play) begin() (err error) {
	flow := p.folder.Set.Closures[p.file.Flow.Name].Flow
	if s := p.c.Start; s != nil {
		p.id, err = p.API.StartFlow(flow.Name, p.values(s.Input, flow.Inputs), "")
		return err
	}
	call := p.c.Call
	if call == nil {
		call = &testspec.Call{}
	}
	to := call.To
	if to == "" {
		to = p.address(flow.Name)
	} else if numbers := p.owned(); expr.IsPhone(to) && !slices.Contains(numbers, to) {
		return fmt.Errorf("no flow answers %s: answers has %s; without to the flow of the test is called", to, cmp.Or(strings.Join(numbers, ", "), "no numbers"))
	}
	var params []string
	for name, v := range p.values(call.Params, flow.Inputs) {
		params = append(params, name, fmt.Sprint(v))
	}
	if p.call, err = p.Call(p.number(testspec.Caller), to, params...); err == nil {
		p.id = p.SessionOf(p.call)
	}
	return err
}

// owned are the numbers that flows answer.
func (p *play) owned() []string {
	var numbers []string
	for _, f := range p.Flows() {
		numbers = append(numbers, f.Numbers...)
	}
	slices.Sort(numbers)
	return numbers
}

// address is what a call to the flow dials: its first number, or its name as an app.
func (p *play) address(flow string) string {
	var numbers []string
	for _, f := range p.Flows() {
		if f.Closure.Flow.Name == flow {
			numbers = f.Numbers
		}
	}
	if len(numbers) > 0 {
		return numbers[0]
	}
	own := flowtest.NumberAt(p.API.Base)
	own.VoiceURL += "/" + flow
	p.Sim.AddNumber("app:"+flow, own)
	return "app:" + flow
}

// values are inputs as they are sent; the name of a party stands for its number.
func (p *play) values(given []testspec.Value, inputs []*engine.Input) map[string]any {
	out := map[string]any{}
	for _, v := range given {
		text := v.Text
		i := slices.IndexFunc(inputs, func(in *engine.Input) bool { return in.Name == v.Name })
		if i >= 0 && inputs[i].Type == engine.InputPhone && p.c.Known(text, p.env) {
			text = p.number(text)
		}
		out[v.Name] = text
	}
	return out
}

// over reports whether nothing can happen any more.
func (p *play) over() bool {
	return p.Sim.Live() == 0 && p.id != "" && p.Closed(p.id)
}

// longest is how long a session is waited for after its script.
const longest = 8 * 24 * time.Hour

// end waits for the end of the session and compares.
func (p *play) end() {
	if !p.Until(p.over, longest) {
		p.fail(failf(p.c.Pos, "the session never ends"))
		return
	}
	p.took = p.Elapsed()
	p.Advance(20 * time.Second) // what the end has asked for, and the last callbacks
	p.record = p.recorded()
	if p.with.name != "" {
		p.Advance(2 * time.Minute) // late news must change nothing
		if late := p.record.differences(p.recorded()); len(late) > 0 {
			p.fail(Failure{Pos: p.c.Pos, Message: "late callbacks change what has ended", Detail: late})
		}
		return
	}
	checks := slices.Clone(p.c.Expect.Checks)
	if p.c.Expect.Get(testspec.Outcome) == nil {
		checks = append(checks, testspec.Check{Key: testspec.Outcome, Node: completed(p.c.Pos)})
	}
	if p.c.Expect.Get(testspec.Irregular) == nil && !p.troubled() {
		checks = append(checks, testspec.Check{Key: testspec.Irregular, Node: none(p.c.Pos)})
	}
	p.expect(checks)
	for _, asked := range p.mocks.unanswered() {
		f := failf(p.c.Pos, "no mock answers %s", asked)
		f.Detail = []string{"add one under http, such as: - " + suggestion(asked)}
		p.fail(f)
	}
}
