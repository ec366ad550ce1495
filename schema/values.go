package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,79}$`)

// nameList declares a list of names of environment variables.
func nameList(key, doc string, at func(*draft) *[]engine.Name) spec.Field[draft] {
	schema := spec.Schema{"type": "array", "items": spec.Schema{"type": "string", "pattern": envName.String()}}
	return spec.Custom(key, "list of names", doc, schema, func(d *spec.Decoder, n *spec.Node, f *draft) {
		if n.Kind != spec.Sequence {
			d.Diags.Errorf(n.Pos, "type", "%s is a list of names, not %s", key, n.Kind).WithHint("write %s: [NAME]", key)
			return
		}
		for _, item := range n.Items {
			name, ok := d.Literal(item, "the name of an environment variable")
			switch {
			case !ok:
			case !envName.MatchString(name):
				d.Diags.Errorf(item.Pos, "bad-name", "%q is no name of an environment variable", name).WithHint("letters, digits and _, no digit first")
			case slices.ContainsFunc(*at(f), func(have engine.Name) bool { return have.Name == name }):
				d.Diags.Errorf(item.Pos, "duplicate-name", "%s stands here twice", name).WithHint("remove one")
			default:
				*at(f) = append(*at(f), engine.Name{Name: name, Pos: item.Pos})
			}
		}
	})
}

// inputObject declares one input, or one data field of a signal.
var inputObject = &spec.Object[engine.Input]{
	Name: "an input",
	Fields: []spec.Field[engine.Input]{
		spec.Enum("type", "its type", engine.InputTypes, func(v *engine.Input) *string { return (*string)(&v.Type) }).Must(),
		literalText("label", "for people", func(v *engine.Input) *string { return &v.Label }),
		spec.Custom("default", "value", "what stands when it is not given", anyScalar(), func(d *spec.Decoder, n *spec.Node, v *engine.Input) {
			if text, ok := d.Literal(n, "the default of an input"); ok {
				v.Default = &text
			}
		}),
		spec.Bool("optional", "it may be missing: empty text, 0 or false then", func(v *engine.Input) *bool { return &v.Optional }),
		spec.List("values", "the words of a choice", func(v *engine.Input) *[]string { return &v.Values }),
	},
	Check: checkInput,
}

func literalText[T any](name, doc string, at func(*T) *string) spec.Field[T] {
	return spec.Custom(name, "text", doc, spec.Schema{"type": "string"}, func(d *spec.Decoder, n *spec.Node, v *T) {
		if text, ok := d.Literal(n, "a "+name); ok {
			*at(v) = text
		}
	})
}

func checkInput(d *spec.Decoder, n *spec.Node, v *engine.Input) {
	if n.Kind != spec.Mapping {
		return
	}
	values := n.Get("values")
	switch {
	case v.Type == engine.InputChoice && len(v.Values) == 0:
		d.Diags.Errorf(n.Pos, "missing-key", "an input of type choice needs the key %q", "values").WithHint("write values: [one, two]")
		return
	case v.Type != "" && v.Type != engine.InputChoice && values != nil:
		d.Diags.Errorf(values.Pos, "unused-key", "values belongs to the type choice, not to %s", v.Type).WithHint("remove it, or write type: choice")
	}
	if def := n.Get("default"); def != nil && v.Default != nil && v.Type != "" {
		if _, err := v.Read(*v.Default); err != nil {
			d.Diags.Errorf(def.Pos, "type", "the default %v", err)
		}
	}
}

func decodeInputs(d *spec.Decoder, n *spec.Node) []*engine.Input {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "this is a mapping of names to inputs, not %s", n.Kind).WithHint("write name: {type: text}")
		return nil
	}
	inputs := make([]*engine.Input, 0, len(n.Entries))
	for _, e := range n.Entries {
		in := &engine.Input{Pos: e.Key.Pos}
		name, ok := d.Identifier(e.Key, "an input")
		d.In(e.Key.Text, nil, func() { inputObject.Decode(d, e.Value, in) })
		if ok && in.Type != "" {
			in.Name = name
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// signalObject declares one signal.
var signalObject = &spec.Object[engine.Signal]{
	Name: "a signal",
	Fields: []spec.Field[engine.Signal]{
		literalText("label", "for people", func(v *engine.Signal) *string { return &v.Label }),
		spec.Custom("data", "inputs by name", "typed values that it brings", mapOf("identifier", inputObject.Schema()),
			func(d *spec.Decoder, n *spec.Node, v *engine.Signal) { v.Data = decodeInputs(d, n) }),
	},
}

func decodeSignals(d *spec.Decoder, n *spec.Node, f *draft) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "signals is a mapping of names to signals, not %s", n.Kind).WithHint("write name: {label: Name}")
		return
	}
	for _, e := range n.Entries {
		s := &engine.Signal{Pos: e.Key.Pos}
		name, ok := d.Label(e.Key, "a signal")
		d.In(e.Key.Text, nil, func() { signalObject.Decode(d, e.Value, s) })
		if ok {
			s.Name = name
			d.Define(spec.SignalName, name, e.Key.Pos)
			f.flow.Signals = append(f.flow.Signals, s)
		}
	}
}

var numberLook = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$`)

// decodeVars reads the variables. What a value looks like is its type; quotes make it
// a text.
func decodeVars(d *spec.Decoder, n *spec.Node, f *draft) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "vars is a mapping of names to first values, not %s", n.Kind).WithHint("write name: 0")
		return
	}
	for _, e := range n.Entries {
		name, ok := d.Identifier(e.Key, "a variable")
		text, literal := d.Literal(e.Value, "the first value of a variable")
		if !ok || !literal {
			continue
		}
		v := &engine.Var{Name: name, Pos: e.Key.Pos}
		v.Type, v.Value = typeByLook(text, e.Value.Quoted || e.Value.Block)
		d.VarTypes[name] = v.Type
		f.flow.Vars = append(f.flow.Vars, v)
	}
}

func typeByLook(text string, quoted bool) (expr.Type, any) {
	if quoted {
		return expr.Of(expr.Text), text
	}
	if text == "true" || text == "false" {
		return expr.Of(expr.Bool), text == "true"
	}
	// A number with a + or a leading zero is a text: a phone number or a code.
	if numberLook.MatchString(text) && !strings.HasPrefix(text, "+") && !(len(text) > 1 && text[0] == '0' && text[1] != '.') {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return expr.Of(expr.Number), v
		}
	}
	if v, err := expr.ParseDuration(text); err == nil {
		return expr.Of(expr.Duration), v
	}
	return expr.Of(expr.Text), text
}
