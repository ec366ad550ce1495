package expr

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/ringdown/ringdown/engine/diag"
)

// Option changes how the places of diagnostics are found.
type Option func(*placing)

// Indent is the column (1-based) at which the second and later lines of the text
// begin: for a YAML block scalar. The default is column 1.
func Indent(column int) Option { return func(p *placing) { p.indent = column } }

// Place replaces the reckoning of places: f gets the offset in runes into the text.
// It is for texts that do not stand in the file as they are, such as quoted YAML
// scalars with escapes.
func Place(f func(offset int) diag.Pos) Option { return func(p *placing) { p.custom = f } }

// placing finds the place of a rune of a text.
type placing struct {
	text   string
	pos    diag.Pos
	indent int
	custom func(int) diag.Pos
}

func newPlacing(text string, pos diag.Pos, opts []Option) *placing {
	p := &placing{text: text, pos: pos, indent: 1}
	for _, o := range opts {
		o(p)
	}
	return p
}

func (p *placing) at(offset int) diag.Pos {
	if p.custom != nil {
		return p.custom(offset)
	}
	pos := p.pos
	for _, r := range p.text {
		if offset <= 0 {
			break
		}
		offset--
		if r == '\n' && pos.Line > 0 {
			pos.Line++
			pos.Column = p.indent
		} else if pos.Column > 0 {
			pos.Column++
		}
	}
	return pos
}

// program is one compiled expression. It is immutable.
type program struct {
	code    *vm.Program
	path    []step // set instead of code for a plain chain of names
	roots   []string
	refs    []Ref
	calls   []Call
	typ     Type
	src     string
	placing *placing
	offset  int // of src in the text of placing, in runes
}

// step is one field of a plain chain of names.
type step struct {
	name string
	kind Kind
	at   int
}

func (p *program) place(at int) diag.Pos { return p.placing.at(p.offset + at) }

// exprSource is one expression and where it stands in a text.
type exprSource struct {
	src     string
	placing *placing
	offset  int
}

// compile checks and compiles one expression. The program is nil when the list
// holds an error.
func compile(in exprSource, sc *Scope) (p *program, list diag.List) {
	p = &program{src: in.src, placing: in.placing, offset: in.offset}
	report := func(problems ...problem) {
		for _, pr := range problems {
			d := list.Errorf(p.place(pr.at), pr.code, "%s", pr.msg)
			if pr.hint != "" {
				d.WithHint("%s", pr.hint)
			}
		}
		p = nil
	}
	if pr, bad := refuseSource(in.src); bad {
		report(pr)
		return nil, list
	}
	sc.shared.mu.Lock()
	defer sc.shared.mu.Unlock()
	defer func() {
		// The parser and checker of the library are the only code here that reads
		// what people write; a slip there must not stop a server with live calls.
		if r := recover(); r != nil {
			report(problem{0, "expr-syntax", fmt.Sprintf("the expression cannot be read: %v", r), "write it in a simpler way"})
		}
	}()
	if problems := p.build(sc); len(problems) > 0 {
		report(problems...)
		return nil, list
	}
	return p, list
}

func refuseSource(src string) (problem, bool) {
	switch {
	case len(src) > maxSource:
		return problem{0, "expr-too-long", fmt.Sprintf("the expression has %d bytes; at most %d are allowed", len(src), maxSource),
			"split it: assign parts of it to variables with set"}, true
	case strings.TrimSpace(src) == "":
		return problem{0, "expr-syntax", "the expression is empty", "write a name such as vars.x, or leave it out"}, true
	case !utf8.ValidString(src):
		return problem{0, "expr-syntax", "the expression is not valid UTF-8", "save the file as UTF-8"}, true
	}
	return problem{}, false
}

// build parses, resolves, checks, patches and compiles. It runs under the lock of
// the scope.
func (p *program) build(sc *Scope) []problem {
	c := sc.config
	tree, err := parser.ParseWithConfig(p.src, c)
	if err != nil {
		return []problem{p.translate(err)}
	}
	r := &resolver{sc: sc}
	top := r.visit(tree.Node, "")
	if len(r.problems) > 0 {
		return r.problems
	}
	p.keep(r)
	if p.direct(tree.Node, sc, top) {
		return nil
	}
	if _, err := checker.Check(tree, c); err != nil {
		return []problem{p.translate(err)}
	}
	if n := tree.Node.Nature(); n.Kind == reflect.Func {
		return []problem{{0, "expr-function", "a function is no value", "call it: name(...)"}}
	}
	u := &untyped{cache: &c.NtCache, takesAny: sc.shared.takesAny}
	u.visit(tree.Node)
	if len(u.problems) > 0 {
		return u.problems
	}
	p.typ = typeOf(tree.Node.Nature())
	return p.finish(tree, c)
}

func (p *program) finish(tree *parser.Tree, c *conf.Config) []problem {
	patch(&tree.Node, c)
	code, err := compiler.Compile(tree, c)
	if err != nil {
		msg, _, _ := strings.Cut(err.Error(), "\n")
		return []problem{{0, "expr-syntax", "the expression cannot be compiled: " + words(msg), "write it in a simpler way"}}
	}
	p.code = code
	return nil
}

func (p *program) translate(err error) problem {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return problem{0, "expr-type", words(err.Error()), ""}
	}
	return plainCompile(fe.Message, p.src, fe.From)
}

// keep takes over what the resolver found.
func (p *program) keep(r *resolver) {
	for i, ref := range r.refs {
		ref.Pos = p.place(r.refAt[i])
		p.refs = append(p.refs, ref)
		p.roots = append(p.roots, ref.Path[0])
	}
	for i, c := range r.calls {
		c.Pos = p.place(r.callAt[i])
		p.calls = append(p.calls, c)
	}
	slices.Sort(p.roots)
	p.roots = slices.Compact(p.roots)
}

// direct takes the short way for what most expressions are: one name with fields
// that are written out. It needs neither the checker nor the machine.
func (p *program) direct(n ast.Node, sc *Scope, top known) bool {
	if !top.ok || top.open || len(top.path) == 0 || len(p.refs) != 1 {
		return false
	}
	switch n.(type) {
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
	default:
		return false
	}
	p.path = []step{}
	typ, at := sc.roots[top.path[0]], start(n)
	for _, name := range top.path[1:] {
		switch typ.Kind {
		case Object:
			typ = typ.Fields[name]
		default:
			typ = typ.elem()
		}
		p.path = append(p.path, step{name, typ.Kind, at})
	}
	p.typ = typ
	return true
}
