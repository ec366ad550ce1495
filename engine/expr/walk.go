package expr

import "github.com/expr-lang/expr/ast"

// eachChild calls f with every direct child of n, in the order of the source.
func eachChild(n ast.Node, f func(*ast.Node)) {
	list := func(nodes []ast.Node) {
		for i := range nodes {
			f(&nodes[i])
		}
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		f(&n.Node)
	case *ast.BinaryNode:
		f(&n.Left)
		f(&n.Right)
	case *ast.ChainNode:
		f(&n.Node)
	case *ast.MemberNode:
		f(&n.Node)
		f(&n.Property)
	case *ast.SliceNode:
		f(&n.Node)
		if n.From != nil {
			f(&n.From)
		}
		if n.To != nil {
			f(&n.To)
		}
	case *ast.CallNode:
		f(&n.Callee)
		list(n.Arguments)
	case *ast.BuiltinNode:
		list(n.Arguments)
	case *ast.PredicateNode:
		f(&n.Node)
	case *ast.VariableDeclaratorNode:
		f(&n.Value)
		f(&n.Expr)
	case *ast.SequenceNode:
		list(n.Nodes)
	case *ast.ConditionalNode:
		f(&n.Cond)
		f(&n.Exp1)
		f(&n.Exp2)
	case *ast.ArrayNode:
		list(n.Nodes)
	case *ast.MapNode:
		list(n.Pairs)
	case *ast.PairNode:
		f(&n.Key)
		f(&n.Value)
	}
}

// start is the rune offset at which the source of n begins: the library places an
// operator or a field at its own token, a person looks for the whole operand.
func start(n ast.Node) int {
	from := n.Location().From
	eachChild(n, func(c *ast.Node) {
		if *c != nil {
			from = min(from, start(*c))
		}
	})
	return from
}
