package testspec

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// Flows are what a test file is checked against: all flows of its folder, by id.
type Flows = map[string]*engine.Closure

// CheckFile tells what in a test file does not fit its flow: names that the flow does not
// have, values that it does not take.
func CheckFile(f *File, flows Flows) diag.List {
	c := &checker{file: f, flows: flows}
	own := flows[f.Flow.Name]
	if own == nil {
		if f.Flow.Name != "" {
			c.diags.Errorf(f.Flow.Pos, "unknown-flow", "there is no flow %q beside this file", f.Flow.Name).
				WithHint("%s", diag.DidYouMean(f.Flow.Name, slices.Sorted(maps.Keys(flows))))
		}
		return c.diags
	}
	c.closure, c.flow = own, own.Flow
	for _, one := range f.Cases {
		c.oneCase(one)
	}
	return c.diags.Sorted()
}

type checker struct {
	file    *File
	flows   Flows
	closure *engine.Closure
	flow    *engine.Flow
	diags   diag.List

	expecting bool // what is checked now is expected
}

// ExpectedName is the code of a name under `expect` that the flow does not have: such a
// file can still be played, and its expectations be rewritten.
const ExpectedName = "expected-name"

// unknown reports a name that is none of those known.
func (c *checker) unknown(pos diag.Pos, code, what, name string, known []string) {
	hint := diag.DidYouMean(name, known)
	if hint == "" && len(known) > 0 {
		hint = "there are " + strings.Join(known, ", ")
	}
	if c.expecting {
		code = ExpectedName
	}
	c.diags.Errorf(pos, code, "the flow %s has no %s %q", c.flow.Name, what, name).WithHint("%s", hint)
}

func (c *checker) oneCase(one *Case) {
	c.setup(one)
	for _, l := range one.Script {
		c.line(one, l)
	}
	c.expect(one, &one.Expect)
}

func (c *checker) setup(one *Case) {
	for _, v := range one.Env {
		if known := c.envNames(); !slices.Contains(known, v.Name) {
			c.diags.Errorf(v.Pos, "unknown-env", "no flow here reads the environment variable %s", v.Name).WithHint("%s", diag.DidYouMean(v.Name, known))
		}
	}
	for _, v := range one.Switches {
		c.switchName(v)
	}
	for _, v := range one.Hours {
		c.calendarName(v)
	}
	switch {
	case one.Call != nil && one.Start != nil:
		c.diags.Errorf(one.Start.Pos, "start", "a session begins by call or by start, not by both").WithHint("remove one")
	case one.Start != nil && c.flow.Start == nil:
		c.diags.Errorf(one.Start.Pos, "start", "the flow %s cannot be started: it has no start", c.flow.Name).WithHint("begin with a call")
	case one.Start != nil:
		c.values(one, one.Start.Input, c.flow.Inputs, one.Start.Pos, true)
	case c.flow.Answer.State == "":
		c.diags.Errorf(one.Pos, "start", "the flow %s answers no calls", c.flow.Name).WithHint("begin with start: {INPUT: VALUE}")
	case one.Call != nil:
		c.values(one, one.Call.Params, c.flow.Inputs, one.Call.Pos, false)
	}
	for _, w := range one.Workers {
		c.who(one, w.Name, w.Pos)
	}
}

// values checks inputs of a start, data of a signal, or parameters of a call; those may
// have further ones.
func (c *checker) values(one *Case, given []Value, inputs []*engine.Input, pos diag.Pos, all bool) {
	values := map[string]any{}
	var known []string
	for _, in := range inputs {
		known = append(known, in.Name)
	}
	for _, v := range given {
		text := v.Text
		i := slices.Index(known, v.Name)
		switch {
		case i < 0 && all:
			c.unknown(v.Pos, "unknown-input", "input", v.Name, known)
			continue
		case i < 0:
			continue
		case inputs[i].Type == engine.InputPhone && one.Known(text, c.envNamed):
			text = CallerNumber
		}
		if _, err := inputs[i].Read(text); err != nil {
			hint := ""
			if inputs[i].Type == engine.InputPhone {
				hint = "a phone is a number like +15551234567, or the name of a party"
			}
			c.diags.Errorf(v.At, "input", "%s %v", v.Name, err).WithHint("%s", hint)
		}
		values[v.Name] = text
	}
	if !all {
		return
	}
	for _, in := range inputs {
		if _, err := in.Read(values[in.Name]); err != nil && values[in.Name] == nil {
			c.diags.Errorf(pos, "input", "%s %v", in.Name, err).WithHint("add %s: ...", in.Name)
		}
	}
}

// envNamed looks a variable up that some flow reads; what it holds is not known here.
func (c *checker) envNamed(name string) (string, bool) {
	return "+15550000000", slices.Contains(c.envNames(), name)
}

func (c *checker) envNames() []string {
	var names []string
	for _, f := range c.flows {
		for _, n := range slices.Concat(f.Flow.Env, f.Flow.Secrets) {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (c *checker) switchName(v Value) {
	var known []string
	for _, f := range c.flows {
		for _, s := range f.Flow.Switches {
			known = append(known, s.Name)
		}
	}
	c.oneOf(v, "unknown-switch", "switch", known)
}

func (c *checker) calendarName(v Value) {
	var known []string
	for _, f := range c.parts() {
		for _, h := range f.Hours {
			known = append(known, h.Name)
		}
	}
	c.oneOf(v, "unknown-hours", "calendar", known)
}

// oneOf checks that the flows have what a value names.
func (c *checker) oneOf(v Value, code, what string, known []string) {
	if !slices.Contains(known, v.Name) {
		slices.Sort(known)
		c.unknown(v.Pos, code, what, v.Name, slices.Compact(known))
	}
}

// stateLeg is the name of a dialled party that has none: STATE-N.
var stateLeg = regexp.MustCompile(`^(.+)-([0-9]+)$`)

// isLeg reports whether the flow can have a leg of that name.
func (c *checker) isLeg(name string) bool {
	for _, f := range c.parts() {
		m := stateLeg.FindStringSubmatch(name)
		if slices.Contains(f.Legs, name) || m != nil && f.States[m[1]] != nil {
			return true
		}
	}
	return false
}

// parts are the flow and those that it runs.
func (c *checker) parts() []*engine.Flow {
	list := []*engine.Flow{c.flow}
	for _, name := range slices.Sorted(maps.Keys(c.closure.Subs)) {
		list = append(list, c.closure.Subs[name])
	}
	return list
}

func (c *checker) who(one *Case, name string, pos diag.Pos) {
	if name == Caller && one.Start == nil || one.Party(name) != nil || c.isLeg(name) || slices.Contains(c.envNames(), EnvName(name)) {
		return
	}
	known := slices.Clone(c.flow.Legs)
	for _, p := range one.Parties {
		known = append(known, p.Name)
	}
	slices.Sort(known)
	hint := "name it under parties, or use one that is there: " + strings.Join(slices.Compact(known), ", ")
	if near := diag.Nearest(name, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	c.diags.Errorf(pos, "unknown-party", "nobody is called %s here", name).WithHint("%s", hint)
}

func (c *checker) line(one *Case, l *Line) {
	if l.Who != "" {
		c.who(one, l.Who, l.Pos)
	}
	switch l.Sentence.ID {
	case TalksTo, DialsQueue:
		c.who(one, l.Text, l.At)
	case IsIn:
		c.state(l.Text, l.At)
	case SendSignal:
		sig := c.flow.Signal(l.Signal.Name)
		if sig == nil {
			c.unknown(l.Signal.Pos, "unknown-signal", "signal", l.Signal.Name, c.signals())
			return
		}
		c.values(one, l.Signal.Data, sig.Data, l.Signal.Pos, true)
	case Turn:
		for _, v := range l.Switches {
			c.switchName(v)
		}
	case Expected:
		c.expect(one, l.Expect)
	}
}

func (c *checker) signals() []string {
	var names []string
	for _, s := range c.flow.Signals {
		names = append(names, s.Name)
	}
	return names
}

func (c *checker) state(name string, pos diag.Pos) {
	var known []string
	for _, f := range c.parts() {
		if f.States[name] != nil {
			return
		}
		known = append(known, f.Order...)
	}
	c.unknown(pos, "unknown-state", "state", name, known)
}

func (c *checker) leg(key *spec.Node) {
	if !c.isLeg(key.Text) {
		c.unknown(key.Pos, "unknown-leg", "leg", key.Text, c.flow.Legs)
	}
}

func (c *checker) expect(one *Case, e *Expect) {
	c.expecting = true
	defer func() { c.expecting = false }()
	for _, check := range e.Checks {
		switch check.Key {
		case State, States:
			for _, entry := range check.Node.Entries {
				c.leg(entry.Key)
				for i, name := range Texts(entry.Value) {
					c.state(name, item(entry.Value, i).Pos)
				}
			}
		case Legs:
			for _, entry := range check.Node.Entries {
				c.leg(entry.Key)
			}
		case Heard, Unheard:
			for _, entry := range check.Node.Entries {
				c.who(one, entry.Key.Text, entry.Key.Pos)
			}
		case Vars:
			c.vars(check.Node)
		case Offered:
			for i, name := range Texts(check.Node) {
				if c.flow.Signal(name) == nil {
					c.unknown(item(check.Node, i).Pos, "unknown-signal", "signal", name, c.signals())
				}
			}
		}
	}
}

func (c *checker) vars(n *spec.Node) {
	known := slices.Clone(c.flow.Saves)
	for _, v := range c.flow.Vars {
		known = append(known, v.Name)
	}
	for _, e := range n.Entries {
		if !slices.Contains(known, e.Key.Text) {
			c.unknown(e.Key.Pos, "unknown-var", "variable", e.Key.Text, known)
		}
	}
}

// item is an item of a list, or the single value that stands for a list of one.
func item(n *spec.Node, i int) *spec.Node {
	if n.Kind == spec.Sequence {
		return n.Items[i]
	}
	return n
}
