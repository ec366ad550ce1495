package schema

import (
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// language is the flow language with a set of verbs and steps: the declarations from
// which decoding, checking and the JSON Schema come. It is immutable.
type language struct {
	verbs []*spec.VerbKind
	steps []*spec.StepKind
	state *spec.Object[engine.State]
	file  *spec.Object[draft]
}

// laterVerbs are verbs of the language that this version does not know yet.
var laterVerbs = []string{"connect", "pay", "refer", "echo"}

func newLanguage(verbs []*spec.VerbKind, steps []*spec.StepKind) *language {
	l := &language{verbs: verbs, steps: steps}
	l.state = stateObject(verbs)
	l.file = &spec.Object[draft]{
		Name:   "a flow",
		Doc:    "One kind of telephone session: what each of its calls does, and what leads where.",
		Fields: l.fileFields(),
	}
	return l
}

// verb returns the verb of that name, or nil.
func (l *language) verb(name string) *spec.VerbKind {
	for _, k := range l.verbs {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// fileFields declares the keys of a file. Names come before what refers to them.
func (l *language) fileFields() []spec.Field[draft] {
	return []spec.Field[draft]{
		spec.Custom("flow", "label", "id of the flow, unique in the folder", ref("label"), func(d *spec.Decoder, n *spec.Node, f *draft) {
			f.flow.Pos = n.Pos
			if name, ok := d.Label(n, "a flow"); ok {
				f.flow.Name = name
			}
		}).Must(),
		describe(func(f *draft) *string { return &f.flow.Description }),
		nameList("env", "environment variables that the flow may read", func(f *draft) *[]engine.Name { return &f.flow.Env }),
		nameList("secrets", "environment variables that only http steps may read, masked everywhere", func(f *draft) *[]engine.Name { return &f.flow.Secrets }),
		spec.Custom("input", "inputs by name", "what a start must bring: typed and checked", mapOf("identifier", inputObject.Schema()),
			func(d *spec.Decoder, n *spec.Node, f *draft) { f.flow.Inputs = decodeInputs(d, n) }),
		spec.Custom("vars", "values by name", "session variables; the first value fixes the type", mapOf("identifier", anyScalar()), decodeVars),
		spec.Custom("signals", "signals by name", "what people and programs may send to a session", mapOf("label", signalObject.Schema()), decodeSignals),
		spec.Custom("output", "outputs by name", "what `return` brings back to a flow that runs this one", mapOf("identifier", outputObject.Schema()), decodeOutput),
		spec.Custom("defaults", "mapping", "values that hold for the whole flow", defaultsObject.Schema(), func(d *spec.Decoder, n *spec.Node, f *draft) {
			defaultsObject.Decode(d, n, &f.flow.Defaults)
		}),
		languagesField(), hoursField(), switchesField(),
		spec.Custom("answers", "list of phone numbers", "numbers whose inbound calls run the flow; may use env",
			spec.Schema{"type": "array", "items": spec.Schema{"type": "string"}, "minItems": 1}, decodeAnswers),
		spec.Custom("answer", "state", "where an inbound call begins", entranceObject.Schema(), func(d *spec.Decoder, n *spec.Node, f *draft) {
			entranceObject.Decode(d, n, &f.flow.Answer)
		}),
		spec.Duration("max_duration", "the session is ended then, with the outcome too-long", time.Minute, 7*24*time.Hour,
			func(f *draft) *time.Duration { return &f.flow.MaxDuration }).Or("4h"),
		spec.Custom("start", "steps", "steps of a start by API or command line; no leg exists yet", ref("steps"), func(d *spec.Decoder, n *spec.Node, f *draft) {
			f.flow.Start = d.List(n)
		}),
		spec.Custom("on", "event: target", "what events lead to that belong to no state", ref("handlers"), decodeSessionHandlers),
		spec.Custom("states", "states by name", "what one leg does", mapOf("label", ref("state")), l.decodeStates).Must(),
	}
}

// describe declares the key `description`, which is only for people.
func describe[T any](at func(*T) *string) spec.Field[T] {
	return spec.Custom("description", "text", "for people", spec.Schema{"type": "string"}, func(d *spec.Decoder, n *spec.Node, v *T) {
		if n.Kind == spec.Scalar {
			*at(v) = n.Text
			return
		}
		d.Diags.Errorf(n.Pos, "type", "a description is a text, not %s", n.Kind)
	})
}

// entranceObject declares `answer`.
var entranceObject = &spec.Object[engine.Entrance]{
	Name:  "answer",
	Doc:   "State in which an inbound call begins, and the name of its leg.",
	Short: "state",
	Fields: []spec.Field[engine.Entrance]{
		spec.Leg("leg", "name of the inbound call's leg", true, func(e *engine.Entrance) *string { return &e.Leg }).Or("caller"),
		spec.State("state", "its first state", func(e *engine.Entrance) *string { return &e.State }).Must(),
	},
	Check: func(d *spec.Decoder, n *spec.Node, e *engine.Entrance) {
		e.Pos = n.Pos
		if e.Leg == "" {
			e.Leg = "caller"
			d.Define(spec.LegName, e.Leg, n.Pos)
		}
	},
}

// defaultsObject declares `defaults`.
var defaultsObject = &spec.Object[engine.Defaults]{
	Name: "defaults",
	Fields: []spec.Field[engine.Defaults]{
		spec.Custom("from", "address", "caller id of the calls that the flow places", anyScalar(), func(d *spec.Decoder, n *spec.Node, v *engine.Defaults) {
			d.Sender(n, &v.From)
			d.Address(n)
		}),
		spec.Custom("sms_from", "text", "sender of its messages", anyScalar(), func(d *spec.Decoder, n *spec.Node, v *engine.Defaults) {
			d.Sender(n, &v.SMSFrom)
		}).Or("from"),
		spec.Saying("voice", "voice of what is said", func(v *engine.Defaults) *string { return &v.Voice }),
		spec.Saying("language", "language tag of what is said and heard", func(v *engine.Defaults) *string { return &v.Language }),
		legPrompt("music", "what is heard while waiting", nil, func(v *engine.Defaults) **engine.Prompt { return &v.Music }),
		legPrompt("apology", "what is heard before the hang-up when something failed; it reads env and leg.language only, so that it cannot fail itself", []string{"env", "leg"},
			func(v *engine.Defaults) **engine.Prompt { return &v.Apology }),
	},
}

// legPrompt is a prompt outside states: it is heard by a leg. It reads the roots of only,
// or with nil all.
func legPrompt[T any](name, doc string, only []string, at func(*T) **engine.Prompt) spec.Field[T] {
	return spec.Custom(name, "prompt", doc, ref("prompt"), func(d *spec.Decoder, n *spec.Node, v *T) {
		d.In("", func(c *spec.Context) { c.Leg, c.Only = true, only }, func() { *at(v) = d.Prompt(n) })
	})
}

// decodeSessionHandlers reads the `on` of the session. Only events of a leg have a
// current leg there.
func decodeSessionHandlers(d *spec.Decoder, n *spec.Node, f *draft) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "on is a mapping of events to targets, not %s", n.Kind)
		return
	}
	f.flow.On = make(engine.Handlers, len(n.Entries))
	f.onNode = n
	for _, e := range n.Entries {
		_, bare := engine.SplitEvent(e.Key.Text)
		event, _ := engine.FindEvent(bare)
		withLeg := func(c *spec.Context) { c.Leg = event.Leg || e.Key.Text == "error" }
		d.In(e.Key.Text, withLeg, func() { f.flow.On[e.Key.Text] = d.Target(e.Value, e.Key.Text) })
	}
}

// decodeAnswers reads the numbers of the flow: literal, or made of env.
func decodeAnswers(d *spec.Decoder, n *spec.Node, f *draft) {
	if n.Kind != spec.Sequence {
		d.Diags.Errorf(n.Pos, "type", "answers is a list of phone numbers, not %s", n.Kind).WithHint(`write answers: ["+15551234567"]`)
		return
	}
	f.flow.Answers = make([]*expr.Template, len(n.Items))
	f.answers = make([]diag.Pos, len(n.Items))
	d.In("", func(c *spec.Context) { c.Only = []string{"env"} }, func() {
		for i, item := range n.Items {
			f.answers[i] = item.Pos
			d.Template(item, expr.WantPhone, expr.None, &f.flow.Answers[i])
		}
	})
}

func ref(def string) spec.Schema { return spec.Schema{"$ref": "#/$defs/" + def} }

func anyScalar() spec.Schema {
	return spec.Schema{"type": []any{"string", "number", "boolean"}}
}

// mapOf is the schema of a mapping from names to values.
func mapOf(key string, value spec.Schema) spec.Schema {
	return spec.Schema{"type": "object", "propertyNames": ref(key), "additionalProperties": value}
}
