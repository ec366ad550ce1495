package expr

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
)

// Escape says how values are written into a text.
type Escape int

// The escapes. URL percent-encodes every value but that of an expression which
// begins the text, because that one is the base address. XML is for texts that are
// markup themselves; a text that is put into TwiML needs none, as the TwiML encoder
// escapes the whole of it.
const (
	None Escape = iota
	URL
	XML
)

// Template is a compiled text that may hold ${...}. It is safe for concurrent use.
type Template struct {
	literal string
	parts   []part // nil for a literal
	single  bool   // just one ${...}, which keeps its type
	want    Want
	esc     Escape
	fixed   any // the value of a literal in the wanted type
	placing *placing
}

// part is literal text, or an expression where p is set.
type part struct {
	text string
	p    *program
}

// CompileTemplate compiles a text. `$${` is a literal `${`. A text that is just one
// ${...} keeps the type of the expression, which must fit want; a literal must
// read as want. pos is where src begins in the file. The template is nil when the
// list holds an error.
func CompileTemplate(src string, pos diag.Pos, sc *Scope, want Want, esc Escape, opts ...Option) (*Template, diag.List) {
	t := &Template{want: want, esc: esc, placing: newPlacing(src, pos, opts)}
	if !strings.Contains(src, "${") {
		t.literal = src
		return t.checkLiteral()
	}
	pieces, bad := split(src)
	if bad != nil {
		var list diag.List
		list.Errorf(t.placing.at(bad.at), bad.code, "%s", bad.msg).WithHint("%s", bad.hint)
		return nil, list
	}
	var list diag.List
	for _, pc := range pieces {
		if !pc.expr {
			t.parts = append(t.parts, part{text: pc.text})
			continue
		}
		p, problems := compile(exprSource{pc.text, t.placing, pc.at}, sc)
		list = append(list, problems...)
		t.parts = append(t.parts, part{p: p})
	}
	if len(list) > 0 {
		return nil, list
	}
	if len(t.parts) == 1 && t.parts[0].p == nil { // only $${
		t.literal, t.parts = t.parts[0].text, nil
		return t.checkLiteral()
	}
	t.single = len(t.parts) == 1
	if list = t.checkTypes(); len(list) > 0 {
		return nil, list
	}
	return t, nil
}

func (t *Template) checkLiteral() (*Template, diag.List) {
	v, err := t.want.convert(t.literal, true)
	if err != nil {
		var list diag.List
		list.Errorf(t.placing.at(0), "expr-type", "%s", err.Error()).WithHint("%s", t.want.literalHint())
		return nil, list
	}
	t.fixed = v
	return t, nil
}

// checkTypes checks that the expressions give what is wanted.
func (t *Template) checkTypes() diag.List {
	var list diag.List
	if !t.single && !t.want.mixes() {
		list.Errorf(t.placing.at(0), "expr-type", "%s cannot be put together from text and ${...}", t.want.phrase()).
			WithHint("compute it inside one ${...}")
		return list
	}
	for _, part := range t.parts {
		if part.p == nil {
			continue
		}
		want := t.want
		if !t.single {
			want = WantText
		}
		if pr, bad := want.refuses(part.p.typ, part.p.src); bad {
			list.Errorf(part.p.place(0), pr.code, "%s", pr.msg).WithHint("%s", pr.hint)
		}
	}
	return list
}

// IsLiteral reports whether the text holds no expression.
func (t *Template) IsLiteral() bool { return t.parts == nil }

// Literal gives the text of a literal, with `$${` already read as `${`.
func (t *Template) Literal() string { return t.literal }

// xmlEscapes writes a value into markup, as text or within an attribute.
var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// Filled gives the text with the same word in place of every expression.
func (t *Template) Filled(value string) string {
	if t.parts == nil {
		return t.literal
	}
	var b strings.Builder
	for _, part := range t.parts {
		if part.p == nil {
			b.WriteString(part.text)
		} else {
			b.WriteString(value)
		}
	}
	return b.String()
}

// Type is the static type of what Value gives: that of the expression for a text
// that is just one ${...}, else text.
func (t *Template) Type() Type {
	if t.single {
		return t.parts[0].p.typ
	}
	return Of(Text)
}

// Text evaluates the template as a text. The error is a *RunError. A literal costs
// nothing.
func (t *Template) Text(env *Env) (string, error) {
	if t.parts == nil {
		return t.literal, nil
	}
	if t.single {
		return t.textOf(0, env)
	}
	var b strings.Builder
	for i, part := range t.parts {
		if part.p == nil {
			b.WriteString(part.text)
			continue
		}
		s, err := t.textOf(i, env)
		if err != nil {
			return "", err
		}
		if b.Len()+len(s) > maxWork {
			return "", part.p.fail(0, errBudget.Error())
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func (t *Template) textOf(i int, env *Env) (string, error) {
	p := t.parts[i].p
	v, err := p.run(env)
	if err != nil {
		return "", err
	}
	s, err := FormatText(v)
	if err != nil {
		return "", p.fail(0, err.Error())
	}
	switch {
	case t.esc == URL && i > 0:
		s = percent(s)
	case t.esc == XML:
		s = xmlEscapes.Replace(s)
	}
	return s, nil
}

// Value evaluates the template in the wanted type: string for WantText and
// WantPhone, float64 for WantNumber, bool, time.Duration, time.Time, Money, []any,
// and any value for WantAny. The error is a *RunError.
func (t *Template) Value(env *Env) (any, error) {
	if t.parts == nil {
		return t.fixed, nil
	}
	if !t.single || t.want == WantText {
		s, err := t.Text(env)
		if err != nil || t.want == WantText || t.want == WantAny {
			return s, err
		}
		return t.converted(s, true)
	}
	v, err := t.parts[0].p.run(env)
	if err != nil {
		return nil, err
	}
	return t.converted(v, false)
}

func (t *Template) converted(v any, isText bool) (any, error) {
	out, err := t.want.convert(v, isText)
	if err != nil {
		for _, part := range t.parts {
			if part.p != nil {
				return nil, part.p.fail(0, err.Error())
			}
		}
	}
	return out, err
}

// Number is Value for WantNumber.
func (t *Template) Number(env *Env) (float64, error) { return valueAs[float64](t, env) }

// Bool is Value for WantBool.
func (t *Template) Bool(env *Env) (bool, error) { return valueAs[bool](t, env) }

// Duration is Value for WantDuration; it is never negative.
func (t *Template) Duration(env *Env) (time.Duration, error) { return valueAs[time.Duration](t, env) }

// Time is Value for WantTime.
func (t *Template) Time(env *Env) (time.Time, error) { return valueAs[time.Time](t, env) }

// Money is Value for WantMoney.
func (t *Template) Money(env *Env) (Money, error) { return valueAs[Money](t, env) }

func valueAs[T any](t *Template, env *Env) (T, error) {
	var none T
	v, err := t.Value(env)
	if err != nil {
		return none, err
	}
	out, ok := v.(T)
	if !ok {
		return none, fmt.Errorf("%s: the text was compiled to give %s", t.placing.at(0), t.want.phrase())
	}
	return out, nil
}

// Roots lists the roots that the template reads, in order.
func (t *Template) Roots() []string {
	var out []string
	t.each(func(p *program) { out = append(out, p.roots...) })
	slices.Sort(out)
	return slices.Compact(out)
}

// Refs lists the names that the template reads.
func (t *Template) Refs() []Ref {
	var out []Ref
	t.each(func(p *program) { out = append(out, p.refs...) })
	return out
}

// Calls lists the functions that the template calls.
func (t *Template) Calls() []Call {
	var out []Call
	t.each(func(p *program) { out = append(out, p.calls...) })
	return out
}

func (t *Template) each(f func(*program)) {
	for _, part := range t.parts {
		if part.p != nil {
			f(part.p)
		}
	}
}
