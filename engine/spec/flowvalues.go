package spec

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// MaxPause is the longest pause of a prompt.
const MaxPause = 10 * time.Minute

// promptKinds are the keys of which a prompt item has exactly one.
var promptKinds = []string{"say", "play", "digits", "pause"}

// promptItem is the declaration of an item of a prompt.
var promptItem = &Object[engine.PromptItem]{
	Name: "a prompt item",
	Fields: []Field[engine.PromptItem]{
		Custom("say", "text, or text by language", "text to speak", Schema{"anyOf": []any{anyScalar, Schema{"type": "object"}}},
			func(d *Decoder, n *Node, it *engine.PromptItem) {
				if n.Kind != Mapping {
					d.Template(n, expr.WantText, expr.None, &it.Say)
					return
				}
				it.ByLang = map[string]*expr.Template{}
				d.byLanguage(n, "text", func(name string, v *Node) {
					slot := new(*expr.Template)
					d.Template(v, expr.WantText, expr.None, slot)
					d.whenCompiled(func() { it.ByLang[name] = *slot })
				})
			}),
		Template("play", "address of a sound file", expr.WantText, expr.URL, func(i *engine.PromptItem) **expr.Template { return &i.Play }),
		Template("digits", "keys to send: 0-9 * # w W", expr.WantText, expr.None, func(i *engine.PromptItem) **expr.Template { return &i.Digits }),
		Duration("pause", "silence of that length", time.Second, MaxPause, func(i *engine.PromptItem) *time.Duration { return &i.Pause }),
		Template("voice", "voice of this text", expr.WantText, expr.None, func(i *engine.PromptItem) **expr.Template { return &i.Voice }),
		Custom("language", "text", "language of this text: one of the flow's languages, or a language tag", anyScalar,
			func(d *Decoder, n *Node, it *engine.PromptItem) { d.spokenIn(n, &it.Language) }).Or("that of the leg"),
		Custom("loop", "number", "how often it is repeated; 0: until the call ends", Schema{"type": "integer", "minimum": 0, "maximum": 1000},
			func(d *Decoder, n *Node, it *engine.PromptItem) {
				if v, ok := d.Int(n, 0, 1000); ok {
					it.Loop = &v
				}
			}),
		Bool("ssml", "read the text as SSML", func(i *engine.PromptItem) *bool { return &i.SSML }),
		Condition("if", "only when this is true", func(i *engine.PromptItem) **expr.Condition { return &i.If }),
	},
	Check: func(d *Decoder, n *Node, it *engine.PromptItem) {
		kinds := 0
		for _, k := range promptKinds {
			if n.Get(k) != nil {
				kinds++
			}
		}
		if kinds != 1 {
			d.Diags.Errorf(n.Pos, "prompt-item", "a prompt item has exactly one of say, play, digits, pause; this one has %d", kinds).
				WithHint("texts for several languages are one item: say: {en: Hello., fr: Bonjour.}")
		}
		if fixed := n.Get("language"); fixed != nil && n.Get("say") != nil && n.Get("say").Kind == Mapping {
			d.Diags.Errorf(fixed.Pos, "prompt-item", "say has a text for each language, so the item cannot have one language").WithHint("remove language, or write one text")
		}
	},
}

// whenCompiled runs f after the expressions so far have been compiled.
func (d *Decoder) whenCompiled(f func()) {
	d.Pending = append(d.Pending, Pending{Context: d.ctx, Compile: func(*expr.Scope) diag.List { f(); return nil }})
}

// Prompt reads a text, an item, a list of both, or the word silence.
func (d *Decoder) Prompt(n *Node) *engine.Prompt {
	p := &engine.Prompt{}
	switch {
	case n.Kind == Scalar && n.Text == "silence":
		p.Silence = true
	case n.Kind == Sequence:
		p.Items = make([]engine.PromptItem, len(n.Items))
		for i, item := range n.Items {
			d.promptItem(item, &p.Items[i])
		}
	default:
		p.Items = make([]engine.PromptItem, 1)
		d.promptItem(n, &p.Items[0])
	}
	return p
}

func (d *Decoder) promptItem(n *Node, it *engine.PromptItem) {
	if n.Kind == Scalar {
		d.Template(n, expr.WantText, expr.None, &it.Say)
		return
	}
	if n.Kind == Mapping && len(n.Entries) > 0 && !slices.ContainsFunc(n.Entries, func(e Entry) bool { return promptItem.field(e.Key.Text) != nil }) {
		d.Diags.Errorf(n.Pos, "prompt-item", "a prompt item has exactly one of say, play, digits, pause; this one has 0").
			WithHint("write the text behind say; texts for several languages are one item: say: {en: Hello., fr: Bonjour.}")
		return
	}
	promptItem.Decode(d, n, it)
}

// Target reads where an event leads. events are the events, as written, whose fields
// the steps of a list can read.
func (d *Decoder) Target(n *Node, events ...string) *engine.Target {
	t := &engine.Target{Pos: n.Pos}
	switch n.Kind {
	case Sequence:
		t.Kind = engine.ToList
		d.In("", func(c *Context) { c.Events = events; c.Reply = false }, func() { t.List = d.List(n) })
		return t
	case Mapping:
		d.Diags.Errorf(n.Pos, "target", "a target is a state, hangup, return, accept, or a list of steps").
			WithHint("put the step into a list: [ ... ]")
		return t
	}
	switch n.Text {
	case "hangup":
		t.Kind = engine.ToHangup
		d.Hangups = append(d.Hangups, Use{Name: n.Text, Pos: n.Pos, State: d.ctx.State, Path: d.Path()})
	case "return":
		t.Kind = engine.ToReturn
		d.RequireLeg(n.Pos, "return")
		d.Returns = append(d.Returns, Use{Name: n.Text, Pos: n.Pos, State: d.ctx.State, Path: d.Path()})
	case "accept":
		t.Kind = engine.ToAccept
		d.Accepts = append(d.Accepts, Use{Name: n.Text, Pos: n.Pos, State: d.ctx.State, Path: d.Path()})
	default:
		if name, ok := d.StateRef(n); ok {
			t.State = name
		}
	}
	return t
}

// Handlers reads an `on` mapping: event -> target.
func (d *Decoder) Handlers(n *Node) engine.Handlers {
	if !d.Expect(n, Mapping) {
		return nil
	}
	h := make(engine.Handlers, len(n.Entries))
	for _, e := range n.Entries {
		d.In(e.Key.Text, nil, func() { h[e.Key.Text] = d.Target(e.Value, e.Key.Text) })
	}
	return h
}

// List reads a list of steps. Its ID is the decoder's path.
func (d *Decoder) List(n *Node) *engine.List {
	if !d.Expect(n, Sequence) {
		return nil
	}
	list := &engine.List{ID: d.Path(), Pos: n.Pos, Steps: make([]engine.FlowStep, len(n.Items))}
	d.Lists[list.ID], d.Nodes[list.ID] = list, n
	for i, item := range n.Items {
		d.In(strconv.Itoa(i), nil, func() { d.step(item, &list.Steps[i]) })
	}
	return list
}

// step reads a mapping with exactly one action and, optionally, `if`.
func (d *Decoder) step(n *Node, dst *engine.FlowStep) {
	dst.Pos = n.Pos
	if n.Kind == Scalar {
		hint := "write a step, as {goto: " + n.Text + "}"
		if d.stepKind(n.Text) != nil && !slices.Contains(ReservedTargets, n.Text) {
			hint = "write what it does: {" + n.Text + ": ...}"
		}
		d.Diags.Errorf(n.Pos, "type", "%q is no step", n.Text).WithHint("%s", hint)
		return
	}
	if !d.Expect(n, Mapping) {
		return
	}
	for _, e := range n.Entries {
		if e.Key.Text == "if" {
			d.Condition(e.Value, &dst.If)
			continue
		}
		kind := d.stepKind(e.Key.Text)
		switch {
		case slices.Contains(laterSteps, e.Key.Text) && kind == nil:
			d.Diags.Errorf(e.Key.Pos, "not-yet", "the step %s is not available yet in this version", e.Key.Text).WithHint("leave it out")
			dst.Name = e.Key.Text
		case kind == nil:
			d.Diags.Errorf(e.Key.Pos, "unknown-step", "there is no step %q", e.Key.Text).
				WithHint("%s", diag.DidYouMean(e.Key.Text, d.stepNames()))
		case dst.Name != "":
			d.Diags.Errorf(e.Key.Pos, "two-actions", "a step has exactly one action; this one has %s and %s", dst.Name, e.Key.Text).
				WithHint("make two steps of it")
		default:
			dst.Name, dst.Pos = e.Key.Text, e.Key.Pos
			d.In(kind.Name, nil, func() { dst.Action = kind.Decode(d, e.Value) })
		}
	}
	if dst.Name == "" && !slices.ContainsFunc(n.Entries, func(e Entry) bool { return e.Key.Text != "if" }) {
		d.Diags.Errorf(n.Pos, "no-action", "this step has no action").WithHint("a step is one of %s", strings.Join(d.stepNames(), ", "))
	}
}

// laterSteps are steps of the language that this version does not know yet.
var laterSteps = []string{"stream", "siprec", "transcription"}

func (d *Decoder) stepKind(name string) *StepKind {
	for _, k := range d.Steps {
		if k.Name == name {
			return k
		}
	}
	return nil
}

func (d *Decoder) stepNames() []string {
	names := make([]string, len(d.Steps))
	for i, k := range d.Steps {
		names[i] = k.Name
	}
	return names
}

// PromptItemSchema is the JSON Schema of an item of a prompt.
func PromptItemSchema() Schema {
	s := promptItem.Schema()
	var kinds []any
	for _, k := range promptKinds {
		kinds = append(kinds, Schema{"required": []any{k}})
	}
	s["oneOf"] = kinds
	return s
}
