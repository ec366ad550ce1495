package expr

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/ringdown/ringdown/engine/diag"
)

// Ref is one name that an expression reads: the root and the fields below it, as
// far as they are written out.
type Ref struct {
	Path []string // vars, tries
	Func string   // the function whose argument it is, "" for none
	Pos  diag.Pos
}

// Call is one call of a function. Arg is its first argument where that is written
// as a text, as in visits('menu').
type Call struct {
	Func string
	Arg  string
	Pos  diag.Pos
}

// problem is a diagnostic with a rune offset instead of a place.
type problem struct {
	at              int
	code, msg, hint string
}

// known is what the resolver knows about a value: its type, and the written path
// by which it was reached. An open path goes on with names that are computed.
type known struct {
	ok   bool
	typ  Type
	path []string
	open bool
}

// resolver finds the names of an expression, so that all unknown ones are told at
// once, with the nearest right one, before the types are checked.
type resolver struct {
	sc       *Scope
	problems []problem
	refs     []Ref
	refAt    []int
	calls    []Call
	callAt   []int
	lets     []let
}

type let struct {
	name  string
	value known
}

func (r *resolver) problem(at int, code, msg, hint string) {
	r.problems = append(r.problems, problem{at, code, msg, hint})
}

// visit resolves n; fn is the function whose argument n is.
func (r *resolver) visit(n ast.Node, fn string) known {
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		k := r.chain(n, fn)
		if len(k.path) > 0 {
			r.refs = append(r.refs, Ref{Path: k.path, Func: fn})
			r.refAt = append(r.refAt, start(n))
		}
		return k
	case *ast.CallNode:
		r.call(n)
		return known{}
	case *ast.BuiltinNode:
		r.calls = append(r.calls, Call{Func: n.Name})
		r.callAt = append(r.callAt, n.Location().From)
		if n.Name == "get" && len(n.Arguments) == 2 {
			r.get(n)
		}
		for _, a := range n.Arguments {
			r.visit(a, n.Name)
		}
		return known{}
	case *ast.VariableDeclaratorNode:
		r.lets = append(r.lets, let{n.Name, r.visit(n.Value, "")})
		k := r.visit(n.Expr, "")
		r.lets = r.lets[:len(r.lets)-1]
		return known{ok: k.ok, typ: k.typ}
	case *ast.BytesNode:
		r.problem(n.Location().From, "expr-syntax", "b'...' is not part of the flow language", "write a plain text")
		return known{}
	}
	eachChild(n, func(c *ast.Node) { r.visit(*c, "") })
	return known{}
}

// get refuses what would go around the declared names.
func (r *resolver) get(n *ast.BuiltinNode) {
	if k := (&resolver{sc: r.sc, lets: r.lets}).visit(n.Arguments[0], ""); k.ok && k.typ.Kind == Object {
		r.problem(n.Location().From, "expr-type", "fields of "+source(n.Arguments[0])+" cannot be read by get()", "write "+source(n.Arguments[0])+".name")
	}
}

// chain resolves names joined by dots and brackets.
func (r *resolver) chain(n ast.Node, fn string) known {
	switch n := n.(type) {
	case *ast.ChainNode:
		return r.chain(n.Node, fn)
	case *ast.IdentifierNode:
		return r.identifier(n)
	case *ast.MemberNode:
		base := r.chain(n.Node, fn)
		if name, ok := n.Property.(*ast.StringNode); ok {
			return r.field(base, n, name)
		}
		r.visit(n.Property, "")
		if base.ok && base.typ.Kind == Object {
			src := source(n.Node)
			r.problem(start(n.Property), "expr-type", "fields of "+src+" cannot be computed", "write "+src+".name")
			return known{path: base.path, open: true}
		}
		return known{ok: base.ok, typ: base.typ.elem(), path: base.path, open: true}
	}
	return r.visit(n, fn)
}

func (r *resolver) identifier(n *ast.IdentifierNode) known {
	for i := len(r.lets) - 1; i >= 0; i-- {
		if r.lets[i].name == n.Value {
			k := r.lets[i].value
			return known{ok: k.ok, typ: k.typ} // the reference was counted at the let
		}
	}
	if t, ok := r.sc.roots[n.Value]; ok {
		return known{ok: true, typ: t, path: []string{n.Value}}
	}
	at := n.Location().From
	switch reason, absent := r.sc.absent[n.Value]; {
	case n.Value == "$env":
		r.problem(at, "expr-unknown-name", "$env is not part of the flow language", "write the name itself, like vars.x")
	case absent:
		r.problem(at, "expr-unknown-name", n.Value+" cannot be read here", reason)
	case slices.Contains(r.sc.shared.functions, n.Value):
		r.problem(at, "expr-function", n.Value+" is a function", "call it: "+n.Value+"(...)")
	default:
		r.problem(at, "expr-unknown-name", "unknown name "+n.Value, r.rootHint(n.Value))
	}
	return known{}
}

// rootHint finds a root that is near, or the root below which the name is known.
func (r *resolver) rootHint(word string) string {
	roots := Type{Fields: r.sc.roots}.names()
	if near := diag.Nearest(word, roots); near != "" {
		return "did you mean " + near + "?"
	}
	for _, root := range roots {
		if _, ok := r.sc.roots[root].Fields[word]; ok {
			return "did you mean " + root + "." + word + "?"
		}
	}
	if len(roots) == 0 {
		return "a text is written in quotes: '" + word + "'"
	}
	return diag.DidYouMean(word, roots) + "; a text is written in quotes: '" + word + "'"
}

func (r *resolver) field(base known, n *ast.MemberNode, name *ast.StringNode) known {
	next := known{path: base.path, open: base.open}
	if !base.open && len(base.path) > 0 {
		next.path = append(slices.Clone(base.path), name.Value)
	}
	if !base.ok {
		return next
	}
	next.ok = true
	switch base.typ.Kind {
	case Object:
		t, found := base.typ.Fields[name.Value]
		if !found {
			r.problem(name.Location().From, "expr-unknown-name", "unknown name "+source(n),
				diag.DidYouMean(name.Value, base.typ.names()))
			return known{}
		}
		next.typ = t
	case Map:
		next.typ = base.typ.elem()
	case Any:
	default:
		if n.Method {
			return known{}
		}
		r.problem(name.Location().From, "expr-type", source(n.Node)+" is "+base.typ.Kind.phrase()+" and has no fields", "")
		return known{}
	}
	return next
}

func (r *resolver) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		at := start(n.Callee)
		if m, ok := n.Callee.(*ast.MemberNode); ok {
			at = m.Location().From
			r.visit(m.Node, "")
		}
		r.problem(at, "expr-function", "values have no methods", "use a function, like seconds(x) or format(time, layout)")
		return
	}
	name, at := callee.Value, callee.Location().From
	for _, a := range n.Arguments {
		r.visit(a, name)
	}
	if _, ok := r.sc.config.Functions[name]; !ok {
		hint := diag.DidYouMean(name, r.sc.shared.functions)
		if r.sc.config.Disabled[name] {
			hint = "it is left out, because its result is not the same in every run"
		}
		r.problem(at, "expr-function", "there is no function "+name+"()", hint)
		return
	}
	c := Call{Func: name}
	if len(n.Arguments) > 0 {
		if s, ok := n.Arguments[0].(*ast.StringNode); ok {
			c.Arg = s.Value
		}
	}
	r.calls, r.callAt = append(r.calls, c), append(r.callAt, at)
	r.literals(name, n.Arguments)
}

// literals checks the arguments that name something of the flow or the world.
func (r *resolver) literals(name string, args []ast.Node) {
	switch {
	case name == "visits" && len(args) == 1:
		r.nameArgument(args[0], name, "state", r.sc.names.States)
	case (name == "open" || name == "next_open") && len(args) == 1:
		r.nameArgument(args[0], name, "calendar of hours", r.sc.names.Hours)
	case name == "phone" && len(args) == 2:
		if s, ok := args[1].(*ast.StringNode); ok && !IsCountry(s.Value) {
			r.problem(s.Location().From, "expr-function", "unknown country "+quote(s.Value), "write a two-letter code, like 'US' or 'DE'")
		}
	case name == "format" && len(args) == 3:
		if s, ok := args[2].(*ast.StringNode); ok {
			if _, err := loadZone(s.Value); err != nil {
				r.problem(s.Location().From, "expr-function", quote(s.Value)+" is no time zone", "write one like 'Europe/Berlin' or 'UTC'")
			}
		}
	}
}

func (r *resolver) nameArgument(arg ast.Node, fn, what string, names []string) {
	s, ok := arg.(*ast.StringNode)
	if !ok {
		r.problem(start(arg), "expr-function", fn+"() takes the name of a "+what+", written out in quotes", "names are never computed")
		return
	}
	if !slices.Contains(names, s.Value) {
		r.problem(s.Location().From, "expr-unknown-name", "unknown "+what+" "+quote(s.Value), diag.DidYouMean(s.Value, names))
	}
}

func quote(s string) string { return "'" + shorten(s) + "'" }

// source writes a node as text again, for messages.
func source(n ast.Node) string { return shorten(n.String()) }
