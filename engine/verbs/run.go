package verbs

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// run leads the leg through the states of another flow.
type run struct {
	Flow  string
	Input []runInput
	Save  string
}

type runInput struct {
	Name  string
	Value *expr.Template
}

func runVerb() *spec.VerbKind {
	return spec.Verb[run](&spec.Object[run]{
		Name: "run", Doc: "Runs another flow on this leg, with inputs and variables of its own. The state stays entered meanwhile: its after and its prefixed events count.",
		Example: "run: {flow: opening, input: {team: support}, save: opening}",
		Fields: []spec.Field[run]{
			spec.Custom("flow", "flow", "id of the flow; it has answer, and no start, on, signals, call or conference", spec.Schema{"$ref": "#/$defs/label"},
				func(d *spec.Decoder, n *spec.Node, r *run) {
					if name, ok := d.Label(n, "a flow"); ok {
						r.Flow = name
					}
				}).Must(),
			spec.Custom("input", "values by name", "values of its inputs",
				spec.Schema{"type": "object", "additionalProperties": spec.Schema{"type": []any{"string", "number", "boolean"}}}, decodeRunInput),
			spec.Save("save", "variable that takes what it returns: vars.NAME.OUTPUT", func(r *run) *string { return &r.Save }),
		},
		Check: func(d *spec.Decoder, n *spec.Node, r *run) {
			if r.Flow != "" {
				d.Run(r.Flow, n, r.Save)
			}
		},
	}, spec.VerbKind{
		Becomes: "the states of the other flow",
		Ending:  []string{"returned", "failed"},
		Waits:   true,
		Runs:    true,
	})
}

func decodeRunInput(d *spec.Decoder, n *spec.Node, r *run) {
	if !d.Expect(n, spec.Mapping) {
		return
	}
	r.Input = make([]runInput, len(n.Entries))
	for i, e := range n.Entries {
		name, ok := d.Identifier(e.Key, "an input")
		if !ok {
			continue
		}
		r.Input[i].Name = name
		d.RunInput(r.Flow, name, e.Value, &r.Input[i].Value)
	}
}

// Runs gives the flow and the values for its inputs.
func (r *run) Runs(t *engine.Turn) (string, engine.Values, error) {
	given := make(engine.Values, len(r.Input))
	for _, in := range r.Input {
		v, err := in.Value.Value(t.Env())
		if err != nil {
			return "", nil, err
		}
		given[in.Name] = v
	}
	return r.Flow, given, nil
}

// SavesAs is the variable that takes what the flow returns.
func (r *run) SavesAs() string { return r.Save }

// Render lets the prompt be heard before the other flow begins.
func (r *run) Render(t *engine.Turn) error {
	t.RedirectTo(engine.URLAct)
	return nil
}

// Act begins the other flow behind the prompt.
func (r *run) Act(t *engine.Turn) error { return t.Run(r) }
