package spec

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// SymbolKind says what a name in a flow names.
type SymbolKind string

// The kinds of names.
const (
	StateName  SymbolKind = "state"
	LegName    SymbolKind = "leg"
	RoomName   SymbolKind = "room"
	SignalName SymbolKind = "signal"
	TimerName  SymbolKind = "timer"
	VarName    SymbolKind = "var"
)

// Use is one place where a name is defined or referred to.
type Use struct {
	Kind  SymbolKind
	Name  string
	Pos   diag.Pos
	State string // in which state; "" outside
	Path  string // keys and indexes that lead there: states.talk.on.unreached.0.call.leg
}

// Context is where an expression or a list stands: what it can read there.
type Context struct {
	State  string   // the state, "" in session handlers and `start`
	Events []string // events, as written, whose fields `event` has; nil: there is no event
	Leg    bool     // there is a current leg
	Queue  bool     // in the music of enqueue
	Secret bool     // secrets may be read
	Only   []string // the only roots that may be read; nil: all that are there
	Reply  bool     // in the `do`, prompt or verb of a state
	Field  string   // path of the field, for lints: states.talk.prompt
}

// Pending is an expression that waits for all names of the flow to be known.
type Pending struct {
	Context Context
	Pos     diag.Pos
	Compile func(*expr.Scope) diag.List
	// Refs and Calls give what the expression reads and calls, after Compile; nil for
	// what did not compile.
	Refs  func() []expr.Ref
	Calls func() []expr.Call
}

// Decoder decodes one flow file. It collects every problem and never stops at the first.
type Decoder struct {
	Diags    diag.List
	Steps    []*StepKind
	Verbs    []*VerbKind
	Lists    map[string]*engine.List
	Nodes    map[string]*Node // of Lists, as written
	Defined  []Use
	Referred []Use
	Pending  []Pending
	// Detections are the places where the flow asks who answers; Screenings those where a
	// called party is asked whether it takes the call; Accepts the targets that let it in.
	Detections []Detection
	Screenings []Screening
	Accepts    []Use
	// Hangups are the targets that end the leg.
	Hangups []Use
	Inlines []Inline
	// Senders are what calls and messages are from.
	Senders []*expr.Template
	// ByLanguage are the mappings that give something for each language; Spoken what the
	// items of prompts name as their language.
	ByLanguage []ByLanguage
	Spoken     []SpokenIn
	// Runs are the places where the flow runs another one, Returns those where it goes
	// back to the one that runs it with its Outputs. Flows are the other flows, known
	// before the expressions are compiled.
	Runs    []Run
	Returns []Use
	Outputs []*engine.Input
	Flows   map[string]*Signature
	// VarTypes are the types of the declared variables, known before states and steps
	// are decoded.
	VarTypes map[string]expr.Type

	ctx  Context
	path []string
}

// NewDecoder returns a decoder that knows these verbs and steps.
func NewDecoder(verbs []*VerbKind, steps []*StepKind) *Decoder {
	return &Decoder{Verbs: verbs, Steps: steps, Lists: map[string]*engine.List{}, Nodes: map[string]*Node{}, VarTypes: map[string]expr.Type{}}
}

// Context returns where the decoder is.
func (d *Decoder) Context() Context { return d.ctx }

// In runs f with a changed context; key is appended to the path ("" leaves it).
func (d *Decoder) In(key string, change func(*Context), f func()) {
	saved, depth := d.ctx, len(d.path)
	if key != "" {
		d.path = append(d.path, key)
	}
	d.ctx.Field = strings.Join(d.path, ".")
	if change != nil {
		change(&d.ctx)
	}
	f()
	d.ctx, d.path = saved, d.path[:depth]
}

// Path is where the decoder is, in keys: talk.on.unreached. Lists have it as their ID.
func (d *Decoder) Path() string { return strings.Join(d.path, ".") }

// Define records that a name is made here.
func (d *Decoder) Define(kind SymbolKind, name string, pos diag.Pos) {
	d.Defined = append(d.Defined, Use{kind, name, pos, d.ctx.State, d.Path()})
}

// Refer records that a name is used here; the checker reports the ones nobody defines.
func (d *Decoder) Refer(kind SymbolKind, name string, pos diag.Pos) {
	d.Referred = append(d.Referred, Use{kind, name, pos, d.ctx.State, d.Path()})
}

// Names returns the defined names of a kind, sorted, each once.
func (d *Decoder) Names(kind SymbolKind) []string {
	var names []string
	for _, u := range d.Defined {
		if u.Kind == kind {
			names = append(names, u.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Template asks for the text of n to be compiled into dst when all names are known.
func (d *Decoder) Template(n *Node, want expr.Want, esc expr.Escape, dst **expr.Template) {
	d.template(n, func() expr.Want { return want }, esc, dst)
}

// template is Template with a type that is known only when all names are.
func (d *Decoder) template(n *Node, want func() expr.Want, esc expr.Escape, dst **expr.Template) {
	if !d.Expect(n, Scalar) {
		return
	}
	d.Pending = append(d.Pending, Pending{
		Context: d.ctx, Pos: n.Pos,
		Compile: func(sc *expr.Scope) diag.List {
			t, list := expr.CompileTemplate(n.Text, n.TextPos, sc, want(), esc, n.placing()...)
			*dst = t
			return list
		},
		Refs:  func() []expr.Ref { return readBy(*dst, (*expr.Template).Refs) },
		Calls: func() []expr.Call { return readBy(*dst, (*expr.Template).Calls) },
	})
}

// Condition asks for n to be compiled into dst, an expression that is true or false.
func (d *Decoder) Condition(n *Node, dst **expr.Condition) {
	if !d.Expect(n, Scalar) {
		return
	}
	d.Pending = append(d.Pending, Pending{
		Context: d.ctx, Pos: n.Pos,
		Compile: func(sc *expr.Scope) diag.List {
			c, list := expr.CompileCondition(n.Text, n.TextPos, sc, n.placing()...)
			*dst = c
			return list
		},
		Refs:  func() []expr.Ref { return readBy(*dst, (*expr.Condition).Refs) },
		Calls: func() []expr.Call { return readBy(*dst, (*expr.Condition).Calls) },
	})
}

// readBy asks a compiled text for what it reads; nil when it did not compile.
func readBy[C, R any](compiled *C, list func(*C) []R) []R {
	if compiled == nil {
		return nil
	}
	return list(compiled)
}

// placing tells the expression compiler where the runes of n stand.
func (n *Node) placing() []expr.Option {
	if n.Place != nil {
		return []expr.Option{expr.Place(n.Place)}
	}
	if n.Indent > 0 {
		return []expr.Option{expr.Indent(n.Indent)}
	}
	return nil
}

// Expect reports a node of another shape.
func (d *Decoder) Expect(n *Node, k Kind) bool {
	if n.Kind == k {
		return true
	}
	d.Diags.Errorf(n.Pos, "type", "this is %s, but %s is expected", n.Kind, k)
	return false
}

// Literal returns the text of a scalar that may not be computed.
func (d *Decoder) Literal(n *Node, what string) (string, bool) {
	if !d.Expect(n, Scalar) {
		return "", false
	}
	if strings.Contains(n.Text, "${") {
		d.Diags.Errorf(n.Pos, "not-literal", "%s is never computed: it must be written out", what)
		return "", false
	}
	return n.Text, true
}

var (
	identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	label      = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	// ReservedTargets are words that a target can be beside a state.
	ReservedTargets = []string{"hangup", "return", "accept"}
	// ReservedRoots are names of expressions and prefixes of events: no leg or room is called so.
	ReservedRoots = []string{"input", "vars", "event", "leg", "legs", "session", "env", "secrets", "switches", "queue", "timer", "signal", "meter", "message"}
)

// Identifier checks the name of a leg, room, variable, input or language.
func (d *Decoder) Identifier(n *Node, what string) (string, bool) {
	text, ok := d.Literal(n, what)
	if ok && !identifier.MatchString(text) {
		d.Diags.Errorf(n.Pos, "bad-name", "%q is no name for %s", text, what).
			WithHint("small letters, digits and _, a letter first, at most 40 characters")
		return "", false
	}
	return text, ok
}

// Label checks the name of a flow, state, signal, timer or outcome.
func (d *Decoder) Label(n *Node, what string) (string, bool) {
	text, ok := d.Literal(n, what)
	if ok && !label.MatchString(text) {
		d.Diags.Errorf(n.Pos, "bad-name", "%q is no name for %s", text, what).
			WithHint("small letters, digits and -, a letter first, at most 40 characters")
		return "", false
	}
	return text, ok
}

// LegOrRoom checks a name that shares its space with roots and prefixes.
func (d *Decoder) LegOrRoom(n *Node, what string) (string, bool) {
	name, ok := d.Identifier(n, what)
	if ok && slices.Contains(ReservedRoots, name) {
		d.Diags.Errorf(n.Pos, "reserved-name", "%s cannot be called %s: the word is reserved", what, name)
		return "", false
	}
	return name, ok
}
