package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
)

// Condition is a compiled `if:` or `valid:`. It is safe for concurrent use.
type Condition struct{ p *program }

// CompileCondition compiles one expression that must be boolean. pos is where src
// begins in the file. The condition is nil when the list holds an error.
func CompileCondition(src string, pos diag.Pos, sc *Scope, opts ...Option) (*Condition, diag.List) {
	placing := newPlacing(src, pos, opts)
	if strings.HasPrefix(src, "${") {
		var list diag.List
		list.Errorf(placing.at(0), "expr-syntax", "a condition is an expression already").WithHint("leave ${ and } out")
		return nil, list
	}
	p, list := compile(exprSource{src, placing, 0}, sc)
	if p == nil {
		return nil, list
	}
	switch p.typ.Kind {
	case Bool:
		return &Condition{p}, nil
	case Any:
		list.Errorf(placing.at(0), "expr-untyped", "a condition must be a boolean, but this is untyped").
			WithHint("%s", hintAs(shorten(src), Bool))
	default:
		list.Errorf(placing.at(0), "expr-type", "a condition must be a boolean, but this is %s", p.typ.Kind.phrase()).
			WithHint("compare it, for example with ==")
	}
	return nil, list
}

// True evaluates the condition. The error is a *RunError.
func (c *Condition) True(env *Env) (bool, error) {
	v, err := c.p.run(env)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, c.p.fail(0, fmt.Sprintf("the condition gave %s instead of a boolean", kindOf(v).phrase()))
	}
	return b, nil
}

// Roots lists the roots that the condition reads, in order.
func (c *Condition) Roots() []string { return slices.Clone(c.p.roots) }

// Refs lists the names that the condition reads.
func (c *Condition) Refs() []Ref { return slices.Clone(c.p.refs) }

// Calls lists the functions that the condition calls.
func (c *Condition) Calls() []Call { return slices.Clone(c.p.calls) }
