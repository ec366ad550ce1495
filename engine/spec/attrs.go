package spec

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/twiml"
)

// Attributes declares a field for every attribute that TwiML's table has for an element
// and that is not the engine's business, in snake_case. except names attributes that
// the verb reads itself.
func Attributes[T any](element string, at func(*T) *engine.Attrs, except ...string) []Field[T] {
	el, ok := twiml.Lookup(element)
	if !ok {
		return nil
	}
	var out []Field[T]
	for i := range el.Attrs {
		a := &el.Attrs[i]
		if a.Engine || slices.Contains(except, a.Name) {
			continue
		}
		out = append(out, attribute(a, at))
	}
	return out
}

func attribute[T any](a *twiml.AttrSpec, at func(*T) *engine.Attrs) Field[T] {
	f := Field[T]{Name: a.Snake(), Type: attrWords(a), Doc: a.Doc, Default: a.Default, Schema: attrSchema(a)}
	f.decode = func(d *Decoder, n *Node, dst *T) {
		list := at(dst)
		if slices.ContainsFunc(*list, func(v engine.AttrValue) bool { return v.Spec == a }) {
			return
		}
		*list = append(*list, engine.AttrValue{Spec: a})
		index := len(*list) - 1
		d.attrValue(a, n, func(set func(*engine.AttrValue)) { set(&(*at(dst))[index]) })
	}
	if a.Secret {
		return Secret(f)
	}
	return f
}

// attrValue reads one attribute. Literals are checked at once against the table;
// computed values when they are known.
func (d *Decoder) attrValue(a *twiml.AttrSpec, n *Node, put func(func(*engine.AttrValue))) {
	if n.Kind == Sequence && isList(a) {
		slots := make([]*expr.Template, len(n.Items))
		for i, item := range n.Items {
			d.Template(item, expr.WantText, expr.None, &slots[i])
		}
		d.checkAttr(a, n, strings.Join(literals(n), listSeparator(a)))
		d.whenCompiled(func() { put(func(v *engine.AttrValue) { v.List = slots }) })
		return
	}
	if !d.Expect(n, Scalar) {
		return
	}
	want, esc := attrWant(a)
	if !strings.Contains(n.Text, "${") {
		text, ok := d.literalAttr(a, n)
		if !ok || !d.checkAttr(a, n, text) {
			return
		}
	}
	slot := new(*expr.Template)
	d.Template(n, want, esc, slot)
	d.whenCompiled(func() { put(func(v *engine.AttrValue) { v.Value = *slot }) })
}

// literalAttr is the text that a literal has in TwiML: times become whole numbers.
func (d *Decoder) literalAttr(a *twiml.AttrSpec, n *Node) (string, bool) {
	unit := attrUnit(a)
	if unit == 0 || slices.Contains(a.Values, n.Text) {
		return n.Text, true
	}
	v, err := expr.ParseDuration(n.Text)
	if err != nil {
		d.Diags.Errorf(n.Pos, "duration", "%s: %q is no duration", a.Snake(), n.Text).WithHint("write it like 500ms, 30s, 5m or 1h30m")
		return "", false
	}
	if v%unit != 0 {
		d.Diags.Errorf(n.Pos, "range", "%s takes whole %s, not %s", a.Snake(), map[time.Duration]string{time.Second: "seconds", time.Millisecond: "milliseconds"}[unit], n.Text)
		return "", false
	}
	return strconv.FormatInt(int64(v/unit), 10), true
}

// checkAttr reports a literal that the table does not allow.
func (d *Decoder) checkAttr(a *twiml.AttrSpec, n *Node, text string) bool {
	if strings.Contains(text, "${") {
		return true
	}
	err := a.Check(text)
	if err != nil {
		d.Diags.Errorf(n.Pos, "attribute", "%s: %v", a.Snake(), err).WithHint("%s", a.Doc)
	}
	return err == nil
}

func attrWant(a *twiml.AttrSpec) (expr.Want, expr.Escape) {
	switch a.Type {
	case twiml.Seconds, twiml.Millis:
		if len(a.Values) > 0 {
			return expr.WantAny, expr.None
		}
		return expr.WantDuration, expr.None
	case twiml.URL:
		return expr.WantText, expr.URL
	}
	return expr.WantText, expr.None
}

func attrUnit(a *twiml.AttrSpec) time.Duration {
	switch a.Type {
	case twiml.Seconds:
		return time.Second
	case twiml.Millis:
		return time.Millisecond
	}
	return 0
}

func isList(a *twiml.AttrSpec) bool {
	return a.Type == twiml.EnumList || a.Type == twiml.IntList || a.Type == twiml.CommaList
}

func listSeparator(a *twiml.AttrSpec) string {
	if a.Type == twiml.CommaList {
		return ","
	}
	return " "
}

func literals(n *Node) []string {
	out := make([]string, len(n.Items))
	for i, item := range n.Items {
		out[i] = item.Text
	}
	return out
}

func attrWords(a *twiml.AttrSpec) string {
	switch a.Type {
	case twiml.Bool:
		return "true or false"
	case twiml.Int:
		return "number"
	case twiml.Seconds, twiml.Millis:
		return "duration"
	case twiml.Enum:
		return "word: " + strings.Join(a.Values, ", ")
	case twiml.EnumList, twiml.IntList, twiml.CommaList:
		return "list"
	case twiml.URL:
		return "URL"
	case twiml.Decimal:
		return "amount"
	}
	return "text"
}

// attrSchema is what an editor checks; a text with ${} is always possible.
func attrSchema(a *twiml.AttrSpec) Schema {
	computed := Schema{"type": "string", "pattern": `\$\{`}
	switch a.Type {
	case twiml.Bool:
		return Schema{"anyOf": []any{Schema{"type": "boolean"}, computed}}
	case twiml.Seconds, twiml.Millis:
		forms := []any{refTo("duration"), computed}
		if len(a.Values) > 0 {
			forms = append(forms, Schema{"enum": a.Values})
		}
		return Schema{"anyOf": forms}
	case twiml.Enum:
		if !a.Open && !slices.ContainsFunc(a.Values, func(v string) bool { return strings.HasSuffix(v, "*") }) {
			return Schema{"anyOf": []any{Schema{"enum": enumValues(a.Values)}, computed}}
		}
	case twiml.EnumList, twiml.IntList, twiml.CommaList:
		return Schema{"anyOf": []any{anyScalar, Schema{"type": "array", "items": anyScalar}}}
	}
	return anyScalar
}

// enumValues adds the forms in which YAML readers see true and false.
func enumValues(values []string) []any {
	var out []any
	for _, v := range values {
		out = append(out, v)
		if v == "true" || v == "false" {
			out = append(out, v == "true")
		}
	}
	return out
}
