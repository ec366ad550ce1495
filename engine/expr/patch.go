package expr

import (
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
)

// patch rewrites a checked tree so that it keeps the budget, reads fields without
// failing on nothing, and hands the Env to the functions that need it. The types
// that the checker found stay on the nodes, because the compiler reads them.
func patch(node *ast.Node, c *conf.Config) {
	eachChild(*node, func(child *ast.Node) { patch(child, c) })
	switch n := (*node).(type) {
	case *ast.ChainNode: // ?. says what . does here anyway
		*node = n.Node
	case *ast.MemberNode:
		patchMember(node, n, c)
	case *ast.BinaryNode:
		if n.Operator == "+" && n.Left.Nature().IsString() && n.Right.Nature().IsString() {
			replaceBy(node, concatName, context(), n.Left, n.Right)
		}
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			return
		}
		if _, ok := c.Functions["("+callee.Value+")"]; ok {
			replaceBy(node, "("+callee.Value+")", append([]ast.Node{context()}, n.Arguments...)...)
		}
	case *ast.PredicateNode:
		round := call(roundName, context())
		round.SetLocation(n.Location())
		body := &ast.SequenceNode{Nodes: []ast.Node{round, n.Node}}
		body.SetNature(*n.Node.Nature())
		body.SetLocation(n.Node.Location())
		n.Node = body
	case *ast.ArrayNode:
		if !allPlain(n.Nodes) {
			replaceBy(node, madeName, context(), n)
		}
	case *ast.MapNode:
		replaceBy(node, madeName, context(), n)
	case *ast.BuiltinNode:
		if n.Name == "map" || n.Name == "concat" {
			replaceBy(node, madeName, context(), n)
		}
	}
}

func patchMember(node *ast.Node, n *ast.MemberNode, c *conf.Config) {
	n.Optional = false
	if n.Nature().IsUnknown(&c.NtCache) {
		replaceBy(node, getName, n.Node, n.Property)
		return
	}
	if _, ok := n.Property.(*ast.StringNode); ok && n.Node.Nature().IsMap() {
		kind := &ast.IntegerNode{Value: int(typeOf(n.Nature()).Kind)}
		kind.SetType(reflect.TypeFor[int]())
		replaceBy(node, fieldName, n.Node, n.Property, kind)
	}
}

// allPlain reports whether no node holds other values.
func allPlain(nodes []ast.Node) bool {
	for _, n := range nodes {
		switch typeOf(n.Nature()).Kind {
		case Text, Number, Bool, Duration, Time, Nil:
		default:
			return false
		}
	}
	return true
}

func context() ast.Node { return &ast.IdentifierNode{Value: contextName} }

func call(name string, args ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: args}
}

// replaceBy puts a call in the place of a node, with its place and type.
func replaceBy(node *ast.Node, name string, args ...ast.Node) {
	old := *node
	n := call(name, args...)
	n.SetNature(*old.Nature())
	n.SetLocation(old.Location())
	*node = n
}
