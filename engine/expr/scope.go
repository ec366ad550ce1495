package expr

import (
	"maps"
	"slices"
	"sync"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/conf"
)

const (
	// maxSource is the longest expression in bytes. It is checked before the
	// parser runs, because deep nesting would overflow the stack, which nothing
	// can recover from.
	maxSource = 4096
	maxNodes  = 1000
	// contextName is how compiled code finds the Env; no source can spell it.
	contextName = "(context)"
)

// Names are the names that functions of a flow take as literal text.
type Names struct {
	States []string // visits('state')
	Hours  []string // open('hours'), next_open('hours')
}

// Scope says which names an expression may read, and their types. It is immutable
// and safe for concurrent use; make one per file with NewScope and derive the
// scopes of its states and events with With, which is cheap.
type Scope struct {
	roots  map[string]Type
	absent map[string]string
	names  Names
	shared *shared
	config *conf.Config // guarded by shared.mu: the library writes caches while it checks
}

// shared is what all scopes derived from one NewScope have in common.
type shared struct {
	mu        sync.Mutex
	functions []string
	takesAny  map[string]bool // functions whose first argument may be untyped
}

// NewScope returns a scope with these roots. The map and the types in it must not
// be changed afterwards.
func NewScope(roots map[string]Type) *Scope {
	c := &conf.Config{
		Strict:       true,
		ShortCircuit: true,
		ExpectAny:    true,
		MaxNodes:     maxNodes,
		Functions:    conf.FunctionsTable{},
		Builtins:     conf.FunctionsTable{},
		Disabled:     map[string]bool{},
	}
	sh := &shared{takesAny: map[string]bool{"type": true}}
	// The order of keys, values and toPairs is random; timezone reads the machine.
	for _, name := range []string{"keys", "values", "toPairs", "timezone"} {
		c.Disabled[name] = true
	}
	for _, f := range builtin.Builtins {
		if !c.Disabled[f.Name] {
			c.Builtins[f.Name] = f
			sh.functions = append(sh.functions, f.Name)
		}
	}
	for _, f := range functions() {
		c.Functions[f.name] = &builtin.Function{Name: f.name, Func: f.run, Types: f.types}
		sh.takesAny[f.name] = f.takesAny
		if f.context {
			c.Functions["("+f.name+")"] = &builtin.Function{Name: "(" + f.name + ")", Func: f.run}
		}
		if _, known := c.Builtins[f.name]; !known {
			sh.functions = append(sh.functions, f.name)
		}
	}
	for _, f := range hidden() {
		c.Functions[f.name] = &builtin.Function{Name: f.name, Func: f.run}
	}
	slices.Sort(sh.functions)
	s := &Scope{roots: maps.Clone(roots), shared: sh}
	if s.roots == nil {
		s.roots = map[string]Type{}
	}
	c.Env = objectNature(s.roots)
	s.config = c
	return s
}

// With returns the scope with one root more, or with another type of that root.
func (s *Scope) With(root string, t Type) *Scope {
	out := s.clone()
	out.roots[root] = t
	delete(out.absent, root)
	out.config.Env.Fields[root] = t.nature()
	return out
}

// Without returns the scope without a root. The reason is the hint that is given
// when an expression reads it all the same.
func (s *Scope) Without(root, reason string) *Scope {
	out := s.clone()
	delete(out.roots, root)
	out.absent[root] = reason
	delete(out.config.Env.Fields, root)
	return out
}

// WithNames returns the scope in which visits, open and next_open know these
// names. Without it they are refused.
func (s *Scope) WithNames(n Names) *Scope {
	out := s.clone()
	out.names = n
	return out
}

// Root returns the type of a root and whether there is one.
func (s *Scope) Root(name string) (Type, bool) {
	t, ok := s.roots[name]
	return t, ok
}

func (s *Scope) clone() *Scope {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	c := *s.config
	env := nature.NatureOf(map[string]any{})
	env.Strict = true
	env.TypeData = &nature.TypeData{Fields: maps.Clone(s.config.Env.Fields)}
	c.Env = env
	out := &Scope{roots: maps.Clone(s.roots), absent: maps.Clone(s.absent), names: s.names, shared: s.shared, config: &c}
	if out.absent == nil {
		out.absent = map[string]string{}
	}
	return out
}
