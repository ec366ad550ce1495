package spec

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// Signature is what a flow that runs another one must know of it.
type Signature struct {
	Name    string
	Inputs  []*engine.Input
	Outputs []*engine.Input
}

// Run is one place where the flow runs another one.
type Run struct {
	Flow   string
	Pos    diag.Pos // of the name
	State  string
	Save   string
	Inputs []Use // names that are given
}

// Run records that the verb n runs another flow.
func (d *Decoder) Run(flow string, n *Node, save string) {
	r := Run{Flow: flow, Pos: n.Get("flow").Pos, State: d.ctx.State, Save: save}
	if inputs := n.Get("input"); inputs != nil {
		for _, e := range inputs.Entries {
			r.Inputs = append(r.Inputs, Use{Name: e.Key.Text, Pos: e.Key.Pos, State: d.ctx.State, Path: d.Path()})
		}
	}
	d.Runs = append(d.Runs, r)
}

// RunInput asks for a value to be compiled in the type of an input of another flow.
func (d *Decoder) RunInput(flow, input string, n *Node, dst **expr.Template) {
	d.template(n, func() expr.Want {
		if s := d.Flows[flow]; s != nil {
			return wantOfInput(s.Inputs, input)
		}
		return expr.WantAny
	}, expr.None, dst)
}

// Output asks for a value to be compiled in the type of an output of the flow.
func (d *Decoder) Output(key, n *Node, dst **expr.Template) {
	names := make([]string, 0, len(d.Outputs))
	known := false
	for _, o := range d.Outputs {
		names = append(names, o.Name)
		known = known || o.Name == key.Text
	}
	if !known {
		hint := diag.DidYouMean(key.Text, names)
		if len(names) == 0 {
			hint = "declare it: output: {" + key.Text + ": {type: text}}"
		}
		d.Diags.Errorf(key.Pos, "unknown-output", "the flow has no output %q", key.Text).WithHint("%s", hint)
	}
	d.template(n, func() expr.Want { return wantOfInput(d.Outputs, key.Text) }, expr.None, dst)
}

func wantOfInput(list []*engine.Input, name string) expr.Want {
	for _, in := range list {
		switch {
		case in.Name != name:
		case in.Type == engine.InputPhone && !in.Optional:
			return expr.WantPhone
		default:
			return wantOf(in.Type.Type())
		}
	}
	return expr.WantAny
}

// Save declares a variable that takes a result; it need not be declared.
func Save[T any](name, doc string, at func(*T) *string) Field[T] {
	return Field[T]{Name: name, Type: "name", Doc: doc, Schema: refTo("identifier"), decode: func(d *Decoder, n *Node, dst *T) {
		if v, ok := d.Identifier(n, "a saved answer"); ok {
			*at(dst) = v
			d.Define(SaveName, v, n.Pos)
		}
	}}
}
