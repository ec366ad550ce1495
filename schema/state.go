package schema

import (
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// stateObject declares a state with these verbs.
func stateObject(verbs []*spec.VerbKind) *spec.Object[engine.State] {
	fields := []spec.Field[engine.State]{
		describe(func(s *engine.State) *string { return &s.Description }),
		spec.Custom("do", "steps", "steps, once an entry, before anything of this state is heard", ref("steps"),
			func(d *spec.Decoder, n *spec.Node, s *engine.State) { s.Do = d.List(n) }),
		spec.Prompt("prompt", "what is heard first", func(s *engine.State) **engine.Prompt { return &s.Prompt }),
	}
	for _, k := range verbs {
		fields = append(fields, verbField(k))
	}
	fields = append(fields,
		spec.Custom("after", "duration: target", "time since the entry -> target", spec.Schema{"type": "object", "additionalProperties": ref("target")}, decodeAfter),
		spec.Custom("meter", "mapping", "counts money", meterObject.Schema(), func(d *spec.Decoder, n *spec.Node, s *engine.State) {
			s.Meter = &engine.MeterSpec{Pos: n.Pos, Step: time.Second, Warn: 30 * time.Second, Strategy: engine.MeterWatch}
			meterObject.Decode(d, n, s.Meter)
		}),
		spec.Custom("on", "event: target", "what events lead to", ref("handlers"), func(d *spec.Decoder, n *spec.Node, s *engine.State) { s.On = d.Handlers(n) }),
		spec.Custom("next", "target", "where the leg goes when the verb, or without one the prompt, ends", ref("target"),
			func(d *spec.Decoder, n *spec.Node, s *engine.State) { s.Next = d.Target(n) }),
	)
	return &spec.Object[engine.State]{Name: "a state", Doc: "What one leg does.", Fields: fields, Later: laterVerbs}
}

// verbField declares the key of a verb. A state has at most one.
func verbField(k *spec.VerbKind) spec.Field[engine.State] {
	return spec.Custom(k.Name, "verb", k.Doc, ref("verb-"+k.Name), func(d *spec.Decoder, n *spec.Node, s *engine.State) {
		if s.Verb != nil {
			d.Diags.Errorf(n.Pos, "two-verbs", "a state has at most one verb, and %s is the second", k.Name).
				WithHint("make two states of it")
			return
		}
		s.VerbPos = n.Pos
		s.Verb = k.Decode(d, n)
	})
}

// maxAfter is the longest time that a state timer may run.
const maxAfter = 7 * 24 * time.Hour

func decodeAfter(d *spec.Decoder, n *spec.Node, s *engine.State) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "after is a mapping of durations to targets, not %s", n.Kind).WithHint("write after: {30s: hangup}")
		return
	}
	for _, e := range n.Entries {
		d.In(e.Key.Text, func(c *spec.Context) { c.Reply = false }, func() {
			in, ok := d.Duration(e.Key, time.Second, maxAfter)
			target := d.Target(e.Value)
			if ok {
				s.After = append(s.After, engine.After{In: in, Target: target, Pos: e.Key.Pos})
			}
		})
	}
}

// meterObject declares `meter`.
var meterObject = &spec.Object[engine.MeterSpec]{
	Name: "meter",
	Doc:  "Money that buys time: counts from the answer of a leg to its end.",
	Fields: []spec.Field[engine.MeterSpec]{
		spec.Leg("leg", "leg whose answer starts it; in a dial state the dialled party", false, func(m *engine.MeterSpec) *string { return &m.Leg }),
		spec.Template("balance", "money at the first entry", expr.WantMoney, expr.None, func(m *engine.MeterSpec) **expr.Template { return &m.Balance }).Must(),
		spec.Template("rate", "price of `per`", expr.WantMoney, expr.None, func(m *engine.MeterSpec) **expr.Template { return &m.Rate }).Must(),
		spec.Duration("per", "time that `rate` buys", time.Second, 24*time.Hour, func(m *engine.MeterSpec) *time.Duration { return &m.Per }).Must(),
		spec.Duration("step", "time is bought in whole steps", time.Second, time.Hour, func(m *engine.MeterSpec) *time.Duration { return &m.Step }).Or("1s"),
		spec.Duration("warn", "meter.low comes so long before the end", time.Second, time.Hour, func(m *engine.MeterSpec) *time.Duration { return &m.Warn }).Or("30s"),
		spec.Custom("strategy", "word", "watch: the engine acts at the end of the money; rejoin, of a room: Twilio holds the limit, and the leg goes back in with a new one when credit has come", spec.Schema{"enum": []any{engine.MeterWatch, engine.MeterRejoin}}, decodeStrategy).Or(engine.MeterWatch),
		spec.Bool("hard_stop", "Twilio ends the call a minute after the end of the money when this server does not", func(m *engine.MeterSpec) *bool { return &m.HardStop }),
	},
	Check: func(d *spec.Decoder, n *spec.Node, m *engine.MeterSpec) {
		if m.Per > 0 && m.Step > m.Per {
			d.Diags.Errorf(n.Pos, "range", "the step %s of the meter is longer than per, %s", spec.Words(m.Step), spec.Words(m.Per))
		}
		if m.HardStop && m.Strategy == engine.MeterRejoin {
			d.Diags.Errorf(n.Get("hard_stop").Pos, "hard-stop", "hard_stop is for the strategy watch: with rejoin Twilio holds the limit by itself").WithHint("leave hard_stop out")
		}
	},
}

func decodeStrategy(d *spec.Decoder, n *spec.Node, m *engine.MeterSpec) {
	text, ok := d.Literal(n, "the strategy of a meter")
	switch {
	case !ok:
	case text == engine.MeterWatch, text == engine.MeterRejoin:
		m.Strategy = text
	default:
		d.Diags.Errorf(n.Pos, "enum", "strategy cannot be %q", text).WithHint("write watch or rejoin")
	}
}

// maxStates is the most states of a flow.
const maxStates = 2000

// decodeStates reads the states in the order written.
func (l *language) decodeStates(d *spec.Decoder, n *spec.Node, f *draft) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "states is a mapping of names to states, not %s", n.Kind)
		return
	}
	if len(n.Entries) > maxStates {
		d.Diags.Errorf(n.Entries[maxStates].Key.Pos, "too-many-states", "a flow has at most %d states; this one has %d", maxStates, len(n.Entries)).
			WithHint("split the flow")
		return
	}
	for _, e := range n.Entries {
		name, ok := d.Label(e.Key, "a state")
		if ok && slices.Contains(spec.ReservedTargets, name) {
			d.Diags.Errorf(e.Key.Pos, "reserved-name", "a state cannot be called %s: the word is a target", name).WithHint("choose another name")
			ok = false
		}
		s := &engine.State{Name: e.Key.Text, Pos: e.Key.Pos}
		inState := func(c *spec.Context) { c.State, c.Leg, c.Reply = e.Key.Text, true, true }
		d.In(e.Key.Text, inState, func() { l.state.Decode(d, e.Value, s) })
		if !ok {
			continue
		}
		d.Define(spec.StateName, name, e.Key.Pos)
		f.flow.States[name] = s
		f.flow.Order = append(f.flow.Order, name)
		f.states[name] = l.sketch(e)
	}
}

// sketch keeps what the checks look at and the compiled state does not tell.
func (l *language) sketch(e spec.Entry) *sketch {
	s := &sketch{key: e.Key, node: e.Value, broken: e.Value.Kind != spec.Mapping}
	for _, k := range e.Value.Keys() {
		if !slices.ContainsFunc(l.state.Fields, func(f spec.Field[engine.State]) bool { return f.Name == k }) {
			s.broken = true
		}
		if v := l.verb(k); v != nil && s.verb == nil {
			s.verb, s.verbNode = v, e.Value.Get(k)
		}
	}
	return s
}
