package spec

import (
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// Schema is a JSON Schema. encoding/json writes its keys sorted, so the text is stable.
type Schema = map[string]any

// Field declares one key of a T: its name, what it means, how it is read and what it
// looks like in the JSON Schema.
type Field[T any] struct {
	Name     string
	Doc      string
	Type     string // for people: text, duration, prompt, target ...
	Default  string // for people
	Limits   string // for people, where the schema does not say them
	Required bool
	Schema   Schema
	decode   func(d *Decoder, n *Node, dst *T)
}

// Must marks the field as required.
func (f Field[T]) Must() Field[T] {
	f.Required = true
	return f
}

// Or says what stands when the field is left out; for people, the code has its own zero.
func (f Field[T]) Or(def string) Field[T] {
	f.Default = def
	return f
}

// Object declares a mapping with known keys.
type Object[T any] struct {
	Name    string
	Doc     string
	Example string
	Fields  []Field[T]
	// Short is the field that a bare value stands for (`hangup: agent`); "" when a mapping is needed.
	Short string
	// Any reads a mapping whose keys are not known; Fields only document then.
	Any       func(d *Decoder, n *Node, v *T)
	AnySchema Schema
	// Later are keys of the language that this version does not know yet.
	Later []string
	// Check looks at the whole value, also at one with problems.
	Check func(d *Decoder, n *Node, v *T)
}

// Decode reads n into dst and reports unknown, missing and repeated keys.
func (o *Object[T]) Decode(d *Decoder, n *Node, dst *T) {
	if o.Any != nil {
		o.Any(d, n, dst)
		return
	}
	if o.Short != "" && n.Kind != Mapping {
		o.field(o.Short).decode(d, n, dst)
		o.check(d, n, dst)
		return
	}
	if !d.Expect(n, Mapping) {
		return
	}
	for _, e := range n.Entries {
		if o.field(e.Key.Text) == nil {
			d.unknownKey(o.Name, e.Key, o.keys(), o.Later)
		}
	}
	// In the order of the declaration: attributes keep the order of their table, and what
	// a later field refers to is known.
	for i := range o.Fields {
		f := &o.Fields[i]
		if v := n.Get(f.Name); v != nil {
			d.In(f.Name, nil, func() { f.decode(d, v, dst) })
		}
	}
	for _, f := range o.Fields {
		if f.Required && n.Get(f.Name) == nil && !o.misspelt(n, f.Name) {
			d.Diags.Errorf(n.Pos, "missing-key", "%s needs the key %q", o.Name, f.Name).WithHint("%s", f.Doc)
		}
	}
	o.check(d, n, dst)
}

// misspelt reports whether a key of the mapping is unknown and means this field.
func (o *Object[T]) misspelt(n *Node, name string) bool {
	return slices.ContainsFunc(n.Entries, func(e Entry) bool {
		return o.field(e.Key.Text) == nil && diag.Nearest(e.Key.Text, []string{name}) != ""
	})
}

// keysOfStates are written beside the verb; it happens that they stand in it.
var keysOfStates = []string{"do", "prompt", "after", "meter", "on", "next"}

func (d *Decoder) unknownKey(object string, key *Node, known, later []string) {
	if slices.Contains(later, key.Text) {
		d.Diags.Errorf(key.Pos, "not-yet", "%s is not available yet in this version", key.Text).
			WithHint("leave it out")
		return
	}
	hint := diag.DidYouMean(key.Text, known)
	if slices.Contains(keysOfStates, key.Text) && d.ctx.State != "" && diag.Nearest(key.Text, known) == "" {
		hint = key.Text + " belongs to the state: indent it like the name of the verb"
	}
	d.Diags.Errorf(key.Pos, "unknown-key", "%s has no key %q", object, key.Text).WithHint("%s", hint)
}

func (o *Object[T]) check(d *Decoder, n *Node, dst *T) {
	if o.Check != nil {
		o.Check(d, n, dst)
	}
}

func (o *Object[T]) field(name string) *Field[T] {
	for i := range o.Fields {
		if o.Fields[i].Name == name {
			return &o.Fields[i]
		}
	}
	return nil
}

func (o *Object[T]) keys() []string {
	keys := make([]string, len(o.Fields))
	for i, f := range o.Fields {
		keys[i] = f.Name
	}
	return keys
}

// Schema is the JSON Schema of the object.
func (o *Object[T]) Schema() Schema {
	if o.AnySchema != nil {
		return o.AnySchema
	}
	props, required := Schema{}, []string{}
	for _, f := range o.Fields {
		s := Schema{}
		for k, v := range f.Schema {
			s[k] = v
		}
		if f.Doc != "" {
			s["description"] = f.Doc
		}
		props[f.Name] = s
		if f.Required {
			required = append(required, f.Name)
		}
	}
	obj := Schema{"type": "object", "properties": props, "additionalProperties": false}
	if len(required) > 0 {
		obj["required"] = required
	}
	if o.Doc != "" {
		obj["description"] = o.Doc
	}
	if o.Short != "" {
		return Schema{"anyOf": []any{o.field(o.Short).Schema, obj}}
	}
	return obj
}

// Custom declares a field that reads itself.
func Custom[T any](name, typ, doc string, schema Schema, decode func(d *Decoder, n *Node, dst *T)) Field[T] {
	return Field[T]{Name: name, Type: typ, Doc: doc, Schema: schema, decode: decode}
}

// Template declares a text that may hold expressions and evaluates to want.
func Template[T any](name, doc string, want expr.Want, esc expr.Escape, at func(*T) **expr.Template) Field[T] {
	return Field[T]{Name: name, Type: "text", Doc: doc, Schema: anyScalar, decode: func(d *Decoder, n *Node, dst *T) {
		d.Template(n, want, esc, at(dst))
	}}
}

// Condition declares an expression that is true or false.
func Condition[T any](name, doc string, at func(*T) **expr.Condition) Field[T] {
	return Field[T]{Name: name, Type: "expression", Doc: doc, Schema: anyScalar, decode: func(d *Decoder, n *Node, dst *T) {
		d.Condition(n, at(dst))
	}}
}

// Duration declares a literal duration from lowest to highest.
func Duration[T any](name, doc string, lowest, highest time.Duration, at func(*T) *time.Duration) Field[T] {
	return Field[T]{Name: name, Type: "duration", Doc: doc, Limits: Words(lowest) + " to " + Words(highest), Schema: refTo("duration"), decode: func(d *Decoder, n *Node, dst *T) {
		if v, ok := d.Duration(n, lowest, highest); ok {
			*at(dst) = v
		}
	}}
}

// Duration reads a literal duration and checks its range.
func (d *Decoder) Duration(n *Node, lowest, highest time.Duration) (time.Duration, bool) {
	text, ok := d.Literal(n, "a time here")
	if !ok {
		return 0, false
	}
	v, err := expr.ParseDuration(text)
	switch {
	case err != nil:
		d.Diags.Errorf(n.Pos, "duration", "%q is no duration", text).WithHint("write it like 500ms, 30s, 5m or 1h30m")
		return 0, false
	case v < lowest || v > highest:
		d.Diags.Errorf(n.Pos, "range", "%s is outside the range %s to %s", text, Words(lowest), Words(highest))
		return 0, false
	}
	return v, true
}

// Words writes a duration as the language does.
func Words(v time.Duration) string {
	s, err := expr.FormatText(v)
	if err != nil {
		return v.String()
	}
	return s
}

// Int declares a literal whole number from lowest to highest.
func Int[T any](name, doc string, lowest, highest int, at func(*T) *int) Field[T] {
	return Field[T]{Name: name, Type: "number", Doc: doc, Schema: Schema{"type": "integer", "minimum": lowest, "maximum": highest},
		decode: func(d *Decoder, n *Node, dst *T) {
			if v, ok := d.Int(n, lowest, highest); ok {
				*at(dst) = v
			}
		}}
}

// Int reads a literal whole number and checks its range.
func (d *Decoder) Int(n *Node, lowest, highest int) (int, bool) {
	text, ok := d.Literal(n, "a number here")
	if !ok {
		return 0, false
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < lowest || v > highest {
		d.Diags.Errorf(n.Pos, "range", "%q is no whole number from %d to %d", text, lowest, highest)
		return 0, false
	}
	return v, true
}

// Bool declares a literal true or false.
func Bool[T any](name, doc string, at func(*T) *bool) Field[T] {
	return Field[T]{Name: name, Type: "true or false", Doc: doc, Schema: Schema{"type": "boolean"}, decode: func(d *Decoder, n *Node, dst *T) {
		if v, ok := d.Bool(n); ok {
			*at(dst) = v
		}
	}}
}

// Bool reads a literal true or false.
func (d *Decoder) Bool(n *Node) (value, ok bool) {
	if !d.Expect(n, Scalar) {
		return false, false
	}
	switch n.Text {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	d.Diags.Errorf(n.Pos, "type", "%q is neither true nor false", n.Text).WithHint("write true or false")
	return false, false
}

// Enum declares a literal word out of a list.
func Enum[T any](name, doc string, values []string, at func(*T) *string) Field[T] {
	return Field[T]{Name: name, Type: "word", Doc: doc, Schema: Schema{"enum": values}, decode: func(d *Decoder, n *Node, dst *T) {
		text, ok := d.Literal(n, "a word here")
		if !ok {
			return
		}
		if !slices.Contains(values, text) {
			d.Diags.Errorf(n.Pos, "enum", "%s cannot be %q", name, text).WithHint("%s", diag.DidYouMean(text, values))
			return
		}
		*at(dst) = text
	}}
}

// Leg declares the name of a leg. With define the flow makes the leg here.
func Leg[T any](name, doc string, define bool, at func(*T) *string) Field[T] {
	return symbol(name, "leg name", doc, LegName, define, at)
}

// Room declares the name of a room.
func Room[T any](name, doc string, define bool, at func(*T) *string) Field[T] {
	return symbol(name, "room name", doc, RoomName, define, at)
}

func symbol[T any](name, typ, doc string, kind SymbolKind, define bool, at func(*T) *string) Field[T] {
	return Field[T]{Name: name, Type: typ, Doc: doc, Schema: refTo("identifier"), decode: func(d *Decoder, n *Node, dst *T) {
		v, ok := d.LegOrRoom(n, "a "+string(kind))
		if !ok {
			return
		}
		*at(dst) = v
		if define {
			d.Define(kind, v, n.Pos)
		} else {
			d.Refer(kind, v, n.Pos)
		}
	}}
}

// State declares the name of a state.
func State[T any](name, doc string, at func(*T) *string) Field[T] {
	return Field[T]{Name: name, Type: "state name", Doc: doc, Schema: refTo("label"), decode: func(d *Decoder, n *Node, dst *T) {
		if v, ok := d.StateRef(n); ok {
			*at(dst) = v
		}
	}}
}

// StateRef reads the name of a state.
func (d *Decoder) StateRef(n *Node) (string, bool) {
	v, ok := d.Label(n, "a state")
	if ok {
		d.Refer(StateName, v, n.Pos)
	}
	return v, ok
}

// Prompt declares what is heard.
func Prompt[T any](name, doc string, at func(*T) **engine.Prompt) Field[T] {
	return Field[T]{Name: name, Type: "prompt", Doc: doc, Schema: refTo("prompt"), decode: func(d *Decoder, n *Node, dst *T) {
		*at(dst) = d.Prompt(n)
	}}
}

// List declares a literal list of texts.
func List[T any](name, doc string, at func(*T) *[]string) Field[T] {
	return Field[T]{Name: name, Type: "list of texts", Doc: doc, Schema: Schema{"type": "array", "items": anyScalar}, decode: func(d *Decoder, n *Node, dst *T) {
		if !d.Expect(n, Sequence) {
			return
		}
		for _, item := range n.Items {
			if v, ok := d.Literal(item, "an entry here"); ok {
				*at(dst) = append(*at(dst), v)
			}
		}
	}}
}

var anyScalar = Schema{"type": []any{"string", "number", "boolean"}}

func refTo(def string) Schema { return Schema{"$ref": "#/$defs/" + def} }

// NotYet declares a field of the language that this version does not have.
func NotYet[T any](name, doc string) Field[T] {
	return Field[T]{Name: name, Type: "not available yet", Doc: doc + " (not available yet)", Schema: Schema{"not": Schema{}}, decode: func(d *Decoder, n *Node, _ *T) {
		d.Diags.Errorf(n.Pos, "not-yet", "%s is not available yet", name)
	}}
}

// InQueue says that the field's expressions read `queue`.
func (f Field[T]) InQueue() Field[T] {
	inner := f.decode
	f.decode = func(d *Decoder, n *Node, dst *T) {
		d.In("", func(c *Context) { c.Queue = true }, func() { inner(d, n, dst) })
	}
	return f
}

// InEvent says of which events, as written, the field's expressions read `event`.
func (f Field[T]) InEvent(events ...string) Field[T] {
	inner := f.decode
	f.decode = func(d *Decoder, n *Node, dst *T) {
		d.In("", func(c *Context) { c.Events = events }, func() { inner(d, n, dst) })
	}
	return f
}
