package steps

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// giveBack leaves the flow that another one runs.
type giveBack struct {
	Outputs []output
	pos     diag.Pos
}

type output struct {
	Name  string
	Value *expr.Template
	pos   diag.Pos
}

func returnStep() *spec.StepKind {
	return spec.Action[giveBack](&spec.Object[giveBack]{
		Name: "return", Doc: "Leaves the flow that another one runs, with values of its output; what is left out is empty, 0 or false.", Example: "return: {status: closed}",
		Fields: []spec.Field[giveBack]{
			spec.Custom[giveBack]("OUTPUT", "value", "what the flow brings back", spec.Schema{"type": "object"}, nil),
		},
		Any: func(d *spec.Decoder, n *spec.Node, g *giveBack) {
			g.pos = n.Pos
			d.RequireLeg(n.Pos, "return")
			d.Returns = append(d.Returns, spec.Use{Name: "return", Pos: n.Pos, State: d.Context().State, Path: d.Path()})
			if !d.Expect(n, spec.Mapping) {
				return
			}
			g.Outputs = make([]output, len(n.Entries))
			for i, e := range n.Entries {
				g.Outputs[i] = output{Name: e.Key.Text, pos: e.Key.Pos}
				d.Output(e.Key, e.Value, &g.Outputs[i].Value)
			}
		},
		AnySchema: spec.Schema{"type": "object", "additionalProperties": spec.Schema{"type": []any{"string", "number", "boolean"}}},
	}, spec.StepKind{Leaves: true})
}

// Run ends the list with the way back.
func (g *giveBack) Run(x *engine.Exec) (engine.Control, error) {
	values := make(engine.Values, len(g.Outputs))
	for _, out := range g.Outputs {
		v, err := out.Value.Value(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		if values[out.Name], err = x.Output(out.pos, out.Name, v); err != nil {
			return engine.Control{}, err
		}
	}
	return engine.Control{Target: &engine.Target{Kind: engine.ToReturn, Pos: g.pos, Output: values}}, nil
}
