package spec

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// SaveName and DefaultName are further kinds of names: results of `save`, and values of
// `defaults` that a step falls back on.
const (
	SaveName    SymbolKind = "saved answer"
	DefaultName SymbolKind = "default"
)

// Pair is a name with a computed text: a header, a query parameter.
type Pair struct {
	Name  string
	Value *expr.Template
}

// Pairs declares a mapping from any name to a text.
func Pairs[T any](name, doc string, at func(*T) *[]Pair) Field[T] {
	return Field[T]{Name: name, Type: "name -> text", Doc: doc, Schema: Schema{"type": "object", "additionalProperties": anyScalar}, decode: func(d *Decoder, n *Node, dst *T) {
		if !d.Expect(n, Mapping) {
			return
		}
		pairs := make([]Pair, len(n.Entries))
		for i, e := range n.Entries {
			pairs[i].Name = e.Key.Text
			d.Template(e.Value, expr.WantText, expr.None, &pairs[i].Value)
		}
		*at(dst) = pairs
	}}
}

// Tree is a JSON value whose leaves may be computed.
type Tree struct {
	Leaf  *expr.Template
	Fixed any // value of a plain leaf: a number, true or false
	Items []*Tree
	Keys  []string
	Map   bool
}

// TreeField declares a JSON value. Unquoted true, false and numbers keep their type.
func TreeField[T any](name, doc string, at func(*T) **Tree) Field[T] {
	return Field[T]{Name: name, Type: "JSON", Doc: doc, Schema: Schema{}, decode: func(d *Decoder, n *Node, dst *T) {
		*at(dst) = d.tree(n)
	}}
}

func (d *Decoder) tree(n *Node) *Tree {
	t := &Tree{}
	switch n.Kind {
	case Mapping:
		t.Map = true
		for _, e := range n.Entries {
			t.Keys = append(t.Keys, e.Key.Text)
			t.Items = append(t.Items, d.tree(e.Value))
		}
	case Sequence:
		for _, item := range n.Items {
			t.Items = append(t.Items, d.tree(item))
		}
		if t.Items == nil {
			t.Items = []*Tree{}
		}
	default:
		d.Template(n, expr.WantAny, expr.None, &t.Leaf)
		if !n.Quoted {
			t.Fixed = plainScalar(n.Text)
		}
	}
	return t
}

// jsonNumber leaves out what only looks like a number: 0123, +1555.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$`)

// Value computes the tree for encoding/json. Mappings keep the order of the flow.
func (t *Tree) Value(env *expr.Env) (any, error) {
	switch {
	case t.Map:
		m := make(orderedMap, len(t.Items))
		for i, item := range t.Items {
			v, err := item.Value(env)
			if err != nil {
				return nil, err
			}
			m[i] = member{t.Keys[i], v}
		}
		return m, nil
	case t.Items != nil:
		list := make([]any, len(t.Items))
		for i, item := range t.Items {
			v, err := item.Value(env)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	case t.Fixed != nil:
		return t.Fixed, nil
	}
	v, err := t.Leaf.Value(env)
	switch v := v.(type) {
	case time.Duration, time.Time, expr.Money:
		text, err := expr.FormatText(v)
		return text, err
	}
	return v, err
}

type member struct {
	key   string
	value any
}

// orderedMap is a JSON object in the order of the flow.
type orderedMap []member

// MarshalJSON writes the members in their order.
func (m orderedMap) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, e := range m {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := json.Marshal(e.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

// Secret lets the field's expressions read `secrets`.
func Secret[T any](f Field[T]) Field[T] {
	inner := f.decode
	f.decode = func(d *Decoder, n *Node, dst *T) {
		d.In("", func(c *Context) { c.Secret = true }, func() { inner(d, n, dst) })
	}
	return f
}

// Timer declares the name of a session timer.
func Timer[T any](name, doc string, define bool, at func(*T) *string) Field[T] {
	return Field[T]{Name: name, Type: "timer name", Doc: doc, Schema: refTo("label"), decode: func(d *Decoder, n *Node, dst *T) {
		v, ok := d.Label(n, "a timer")
		if !ok {
			return
		}
		*at(dst) = v
		if define {
			d.Define(TimerName, v, n.Pos)
		} else {
			d.Refer(TimerName, v, n.Pos)
		}
	}}
}

// NeedsDefault records that the step falls back on a value of `defaults`.
func (d *Decoder) NeedsDefault(name string, pos diag.Pos) { d.Refer(DefaultName, name, pos) }

// RequireLeg reports a step that needs a current leg where there is none.
func (d *Decoder) RequireLeg(pos diag.Pos, step string) {
	if !d.ctx.Leg {
		d.Diags.Errorf(pos, "no-leg", "%s needs a current leg, and there is none here", step).WithHint("use move with the name of a leg")
	}
}

// WhenCompiled runs f after the expressions so far have been compiled.
func (d *Decoder) WhenCompiled(f func()) { d.whenCompiled(f) }

// Assign asks for a value to be compiled in the type of the variable that takes it.
func (d *Decoder) Assign(name string, pos diag.Pos, n *Node, dst **expr.Template) {
	d.Refer(VarName, name, pos)
	if !d.Expect(n, Scalar) {
		return
	}
	d.template(n, func() expr.Want { return wantOf(d.VarTypes[name]) }, expr.None, dst)
}

func wantOf(t expr.Type) expr.Want {
	switch t.Kind {
	case expr.Text:
		return expr.WantText
	case expr.Number:
		return expr.WantNumber
	case expr.Bool:
		return expr.WantBool
	case expr.Duration:
		return expr.WantDuration
	case expr.Time:
		return expr.WantTime
	}
	return expr.WantAny
}

// Plain gives the JSON value of a literal tree. Unquoted true, false and numbers keep
// their type; a number is a json.Number.
func Plain(n *Node) any {
	switch n.Kind {
	case Mapping:
		m := make(map[string]any, len(n.Entries))
		for _, e := range n.Entries {
			m[e.Key.Text] = Plain(e.Value)
		}
		return m
	case Sequence:
		list := make([]any, len(n.Items))
		for i, item := range n.Items {
			list[i] = Plain(item)
		}
		return list
	}
	if !n.Quoted {
		if v := plainScalar(n.Text); v != nil {
			return v
		}
	}
	return n.Text
}

// plainScalar gives an unquoted literal the type that it has in JSON, nil to a text.
func plainScalar(text string) any {
	switch {
	case text == "true", text == "false":
		return text == "true"
	case jsonNumber.MatchString(text):
		return json.Number(text)
	}
	return nil
}
