package expr

import (
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
)

// untyped finds operators and functions that are given untyped JSON in a checked
// tree. The library would let it through and fail in the middle of a call.
type untyped struct {
	cache    *nature.Cache
	takesAny map[string]bool
	problems []problem
}

// hintAs says how to make src typed as kind.
func hintAs(src string, kind Kind) string {
	switch kind {
	case Number:
		return "use num(" + src + ", 0), where 0 stands for a missing or unusable value"
	case Bool:
		return "use flag(" + src + ", false), where false stands for a missing or unusable value"
	case List:
		return "use list(" + src + ", []), where [] stands for a missing or unusable value"
	case Text:
		return "use text(" + src + ", ''), where '' stands for a missing or unusable value"
	}
	return "make it typed with num(), text(), flag() or list()"
}

func (u *untyped) is(n ast.Node) bool { return n.Nature().IsUnknown(u.cache) }

func (u *untyped) refuse(n ast.Node, by string, kind Kind) {
	if !u.is(n) {
		return
	}
	src := source(n)
	u.problems = append(u.problems, problem{start(n), "expr-untyped", src + " is untyped, which " + by + " does not take", hintAs(src, kind)})
}

func (u *untyped) visit(n ast.Node) {
	eachChild(n, func(c *ast.Node) { u.visit(*c) })
	switch n := n.(type) {
	case *ast.UnaryNode:
		u.unary(n)
	case *ast.BinaryNode:
		u.binary(n)
	case *ast.ConditionalNode:
		u.refuse(n.Cond, "a condition", Bool)
	case *ast.SliceNode:
		u.refuse(n.Node, "[:]", Text)
		for _, bound := range []ast.Node{n.From, n.To} {
			if bound != nil {
				u.refuse(bound, "[:]", Number)
			}
		}
	case *ast.MemberNode:
		if !u.is(n.Node) {
			kind := Text
			if n.Node.Nature().IsArray() {
				kind = Number
			}
			u.refuse(n.Property, "[]", kind)
		}
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			u.arguments(callee.Value, n.Arguments)
		}
	case *ast.BuiltinNode:
		u.builtin(n)
	}
}

func (u *untyped) unary(n *ast.UnaryNode) {
	kind := Number
	if n.Operator == "not" || n.Operator == "!" {
		kind = Bool
	}
	u.refuse(n.Node, n.Operator, kind)
}

func (u *untyped) binary(n *ast.BinaryNode) {
	kind := func(other ast.Node) Kind { return typeOf(other.Nature()).Kind }
	switch n.Operator {
	case "??":
		return
	case "==", "!=":
		if isNil(n.Left) || isNil(n.Right) {
			return
		}
	case "and", "&&", "or", "||":
		kind = func(ast.Node) Kind { return Bool }
	case "-", "*", "/", "%", "**", "^", "..":
		kind = func(ast.Node) Kind { return Number }
	case "contains", "startsWith", "endsWith", "matches":
		kind = func(ast.Node) Kind { return Text }
	case "in":
		u.refuse(n.Left, "in", Text)
		u.refuse(n.Right, "in", List)
		return
	}
	u.refuse(n.Left, n.Operator, kind(n.Right))
	u.refuse(n.Right, n.Operator, kind(n.Left))
}

func isNil(n ast.Node) bool {
	_, ok := n.(*ast.NilNode)
	return ok
}

func (u *untyped) arguments(name string, args []ast.Node) {
	for i, a := range args {
		if i == 0 && u.takesAny[name] {
			continue
		}
		kind := Text
		if i > 0 {
			switch name {
			case "num", "repeat":
				kind = Number
			case "flag":
				kind = Bool
			case "list":
				kind = List
			}
		} else if name == "join" {
			kind = List
		}
		u.refuse(a, name+"()", kind)
	}
}

func (u *untyped) builtin(n *ast.BuiltinNode) {
	if u.takesAny[n.Name] {
		return
	}
	kind := Text
	switch n.Name {
	case "len", "first", "last", "take", "reverse", "uniq", "concat", "flatten", "sort", "sum", "mean", "median",
		"get", "fromPairs", "all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast",
		"findLastIndex", "count", "groupBy", "sortBy", "reduce":
		kind = List
	case "abs", "ceil", "floor", "round", "int", "float", "max", "min", "bitand", "bitor", "bitxor", "bitnot",
		"bitnand", "bitshl", "bitshr", "bitushr":
		kind = Number
	}
	for i, a := range n.Arguments {
		predicate, ok := a.(*ast.PredicateNode)
		switch {
		case !ok && i > 0 && n.Name == "reduce": // the first value may be anything
		case !ok:
			u.refuse(a, n.Name+"()", kind)
		default:
			u.predicate(n.Name, predicate.Node)
		}
	}
}

// predicate checks what the body of a loop gives.
func (u *untyped) predicate(name string, body ast.Node) {
	switch name {
	case "map", "reduce":
	case "sum":
		u.refuse(body, "sum()", Number)
	case "groupBy", "sortBy":
		u.refuse(body, name+"()", Text)
	default:
		u.refuse(body, name+"()", Bool)
	}
}
