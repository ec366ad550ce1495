package schema

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// draft is a flow while it is decoded and checked: the flow, and what the checks look at
// beside it.
type draft struct {
	lang   *language
	flow   *engine.Flow
	root   *spec.Node
	dec    *spec.Decoder
	states map[string]*sketch
	// answers are the places of the flow's numbers; onNode is the session's `on`.
	answers []diag.Pos
	onNode  *spec.Node
	defined map[symbol]bool // what the decoder has met definitions of
}

type symbol struct {
	kind spec.SymbolKind
	name string
}

// sketch is a state as written.
type sketch struct {
	key      *spec.Node
	node     *spec.Node
	verb     *spec.VerbKind // nil: the prompt is all
	verbNode *spec.Node
	broken   bool // it has a key that was not understood
}

// get returns the value of a key of the state, or nil.
func (s *sketch) get(key string) *spec.Node { return s.node.Get(key) }

// pos is where the value of a key stands, or the state's name.
func (s *sketch) pos(key string) diag.Pos {
	for _, e := range s.node.Entries {
		if e.Key.Text == key {
			return e.Key.Pos
		}
	}
	return s.key.Pos
}

// unit is one compiled file. It is immutable.
type unit struct {
	file    string
	text    []byte
	shared  *shared      // what the flow has in common with others; nil for nothing
	flow    *engine.Flow // nil when the file has errors
	answers []diag.Pos
	diags   diag.List

	// What other flows and the folder must know, also of a file with errors: sig is nil
	// when nothing of it could be read.
	sig   *spec.Signature
	runs  []spec.Run
	alone []alone

	// reads is what its expressions read, as root.name, and hours.NAME for calendars.
	reads map[string]bool

	draft  *draft // until it is compiled
	whole  bool   // the YAML has no errors
	relied string // what it knew of the flows that it runs
}

// compileFile reads, decodes and compiles one file that runs no other flow and shares nothing.
func (l *language) compileFile(file string, src []byte, lint bool) *unit {
	return l.read(file, src, nil).compile(nil, lint)
}

// read reads and decodes one file, with what it shares with others, so that it is known
// what it is to others.
func (l *language) read(file string, src []byte, from *shared) *unit {
	u := &unit{file: file, text: src, shared: from}
	root, diags := Parse(file, src)
	u.diags, u.whole = diags, len(diags) == 0
	if root == nil {
		return u
	}
	f := l.decode(file, from.under(root))
	u.draft, u.runs = f, f.dec.Runs
	if f.flow.Name != "" {
		u.sig = &spec.Signature{Name: f.flow.Name, Inputs: f.flow.Inputs, Outputs: f.flow.Outputs}
		u.alone = f.standsAlone()
	}
	return u
}

// compile compiles what was read, with what is known of the other flows. With lint the
// rules that only warn people, or keep them from mistakes, are checked too.
func (u *unit) compile(flows map[string]*spec.Signature, lint bool) *unit {
	f := u.draft
	if f == nil {
		return u
	}
	u.draft, u.relied = nil, u.relies(flows)
	if u.shared != nil && !u.shared.whole {
		return u // what it shares cannot be read: that is told once, in its place
	}
	f.dec.Flows = flows
	f.compile()
	f.flow.Senders = f.dec.Senders
	u.reads = f.reads()
	if lint {
		f.check(u.whole)
	}
	u.diags = f.withoutFollowUps(append(u.diags, f.dec.Diags...)).Sorted()
	if u.diags.HasErrors() {
		return u
	}
	u.flow, u.answers = f.flow, f.answers
	return u
}

// decode turns the tree of a file into a flow whose expressions are not compiled yet.
func (l *language) decode(file string, root *spec.Node) *draft {
	f := l.newDraft(file, root)
	l.file.Decode(f.dec, root, f)
	f.flow.Lists = f.dec.Lists
	f.flow.Legs = f.dec.Names(spec.LegName)
	f.flow.Saves = f.dec.Names(spec.SaveName)
	f.defined = make(map[symbol]bool, len(f.dec.Defined))
	for _, u := range f.dec.Defined {
		f.defined[symbol{u.Kind, u.Name}] = true
	}
	return f
}

// compile compiles the expressions, now that all names are known.
func (f *draft) compile() {
	scopes := newScopes(f)
	for _, p := range f.dec.Pending {
		f.dec.Diags = append(f.dec.Diags, p.Compile(scopes.of(p.Context))...)
	}
}

// declared reports whether the decoder has met a definition of the name.
func (f *draft) declared(kind spec.SymbolKind, name string) bool {
	return f.defined[symbol{kind, name}]
}
