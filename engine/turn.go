package engine

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/twiml"
)

// Turn is what a verb works on: the leg, its state, and the document being made or the
// fields of the request that came.
type Turn struct {
	*Exec
	Caller *Leg // the leg whose verb this is
	State  *State
	Fields map[string]string // of the request, in Act and Loop
	Number int               // turn of the document being made

	doc          *twiml.Element
	promptAt     int // where the state's prompt begins in doc
	heardNothing bool
	roomKey      string
	endsRoom     bool
	stays        bool
	stayLimit    time.Duration // that the document carries for the stay in a room; 0: none
	away         bool          // the document sends the call to a foreign server
	back         bool          // the leg returns into its room
	limit        time.Duration // that the document carries for the meter; 0: none
}

// Flow is the flow that the leg is in.
func (t *Turn) Flow() *Flow { return t.flowOf(t.Caller) }

// Append adds verbs to the document.
func (t *Turn) Append(nodes ...twiml.Node) { t.doc.Append(nodes...) }

// TakePrompt takes the state's prompt out of the document, for a verb that nests it.
func (t *Turn) TakePrompt() []twiml.Node {
	prompt := append([]twiml.Node(nil), t.doc.Children[t.promptAt:]...)
	t.doc.Children = t.doc.Children[:t.promptAt]
	return prompt
}

// prompt renders the state's prompt.
func (t *Turn) prompt() error {
	t.promptAt = len(t.doc.Children)
	nodes, err := t.RenderPrompt(t.State.Prompt)
	if err != nil {
		return t.atState(t, err)
	}
	t.doc.Append(nodes...)
	t.heardNothing = len(t.doc.Children) == 0
	return nil
}

// RenderPrompt gives the TwiML of a prompt; nil for none.
func (t *Turn) RenderPrompt(p *Prompt) ([]twiml.Node, error) { return t.renderPrompt(t.Caller, p) }

// redirectEnd closes the document: it never runs out, so that silence is never the end.
func (t *Turn) redirectEnd() *Turn {
	if n := len(t.doc.Children); n > 0 {
		if last, ok := t.doc.Children[n-1].(*twiml.Element); ok && neverFallsThrough(last.Name) {
			return t
		}
	}
	if t.Whisper() {
		t.doc.Append(twiml.El("Hangup")) // running out would connect the two
		return t
	}
	return t.RedirectTo(URLEnd)
}

// RedirectTo has the leg ask for a URL of its turn next.
func (t *Turn) RedirectTo(kind string) *Turn {
	t.doc.Append(twiml.El("Redirect", twiml.Text(t.URL(kind))))
	return t
}

func neverFallsThrough(name string) bool {
	return name == "Hangup" || name == "Redirect" || name == "Reject"
}

// URL is the path of a URL of this turn.
func (t *Turn) URL(kind string) string { return Path(t.s.ID, t.Caller.Number, t.Number, kind) }

// Handles reports whether the state or the session takes an event of this leg, as
// itself or as LEG.event.
func (t *Turn) Handles(event string) bool {
	return pick(t.State.On, "", event) != nil || t.HandledElsewhere(event)
}

// HandledElsewhere reports whether any state or the session names LEG.event of this leg.
func (t *Turn) HandledElsewhere(event string) bool {
	l := t.Caller
	return t.NamedAnywhere(l.Name+"."+event) || l.depth() > 0 && t.Flow().named(t.nameIn(l, l.here().frame, l)+"."+event)
}

// End ends the verb with an event: the state's handler, then `next`.
func (t *Turn) End(event string, data Values) error {
	l := t.Caller
	r := &Raised{Name: event, Leg: l.Number, Time: t.now, Data: data}
	a := activation(l, l.here())
	a.Event, a.Ending = r, true
	if target := pick(t.State.On, "", event); target != nil {
		if t.muted {
			return nil
		}
		return t.follow(l, target, a)
	}
	t.note(Entry{What: "event", Leg: l.Number, Name: event})
	return t.followNext(l, t.State, r)
}

// Raise tells of something that does not end the verb.
func (t *Turn) Raise(event string, data Values) error {
	if target := pick(t.State.On, "", event); target != nil {
		return t.take(t.Caller, t.Caller.here(), target, &Raised{Name: event, Leg: t.Caller.Number, Time: t.now, Data: data})
	}
	return nil
}

// Choose follows a target that the verb offers, such as a choice. A list that ends
// without goto leads to `next`.
func (t *Turn) Choose(target *Target, event string, data Values) error {
	if t.muted {
		return nil
	}
	l := t.Caller
	r := &Raised{Name: event, Leg: l.Number, Time: t.now, Data: data}
	a := activation(l, l.here())
	a.Event, a.Ending = r, true
	return t.follow(l, target, a)
}

// Again renders the verb once more: a new turn of the same visit.
func (t *Turn) Again() error {
	if t.Caller.Over() || t.Caller.Leaving {
		return nil
	}
	return t.again(t.Caller)
}

// HungUp reports whether the request came because the call is over.
func (t *Turn) HungUp() bool { return isFinal(t.Fields["CallStatus"]) }

// Check evaluates a condition with the event that these fields would make.
func (t *Turn) Check(c *expr.Condition, event string, data Values) (bool, error) {
	if c == nil {
		return true, nil
	}
	raised := t.raised
	defer t.as(t.Caller, t.Caller.here().frame)()
	defer func() { t.raised = raised }()
	t.raised = &Raised{Name: event, Leg: t.Caller.Number, Time: t.now, Data: data}
	return c.True(t.Env())
}

// Apply sets the attributes of a verb or noun.
func (a Attrs) Apply(x *Exec, el *twiml.Element) error {
	for _, v := range a {
		text, err := v.text(x)
		if err != nil {
			return err
		}
		if err := v.Spec.Check(text); err != nil {
			return &Fault{Reason: "document", Err: fmt.Errorf("%s: %w", v.Spec.Snake(), err)}
		}
		el.Set(v.Spec.Name, text)
	}
	return nil
}

// Text gives the TwiML text of the attribute of that TwiML name, "" when it is not set.
func (a Attrs) Text(x *Exec, name string) (string, error) {
	for _, v := range a {
		if v.Spec.Name == name {
			return v.text(x)
		}
	}
	return "", nil
}

// Has reports whether the attribute of that TwiML name is set.
func (a Attrs) Has(name string) bool {
	for _, v := range a {
		if v.Spec.Name == name {
			return true
		}
	}
	return false
}

func (v AttrValue) text(x *Exec) (string, error) {
	if v.List != nil {
		return v.listText(x)
	}
	unit := time.Duration(0)
	switch v.Spec.Type {
	case twiml.Seconds:
		unit = time.Second
	case twiml.Millis:
		unit = time.Millisecond
	default:
		return v.Value.Text(x.Env())
	}
	val, err := v.Value.Value(x.Env())
	if err != nil {
		return "", err
	}
	switch d := val.(type) {
	case time.Duration:
		return strconv.FormatInt(int64((d+unit-1)/unit), 10), nil
	case string:
		if parsed, err := expr.ParseDuration(d); err == nil {
			return strconv.FormatInt(int64((parsed+unit-1)/unit), 10), nil
		}
		return d, nil
	}
	return expr.FormatText(val)
}

func (v AttrValue) listText(x *Exec) (string, error) {
	sep := " "
	if v.Spec.Type == twiml.CommaList {
		sep = ","
	}
	out := ""
	for i, item := range v.List {
		text, err := item.Text(x.Env())
		if err != nil {
			return "", err
		}
		if i > 0 {
			out += sep
		}
		out += text
	}
	return out, nil
}

// Stay follows a target of an event that does not end the verb. A list that ends
// without goto leaves the leg where it is: its next round is given out.
func (t *Turn) Stay(target *Target, event string, data Values) error {
	l := t.Caller
	turn := l.Turn
	err := t.take(l, l.here(), target, &Raised{Name: event, Leg: l.Number, Time: t.now, Data: data})
	if err != nil || l.Turn != turn || l.Held != "" || l.Over() || l.Leaving {
		return err
	}
	return t.again(l)
}

// Leave says that the document ends the call.
func (t *Turn) Leave() {
	t.Caller.Leaving, t.Caller.EndedBy = true, "flow"
}

// Label is the participantLabel of this turn in a conference: the leg alone would
// collide when it comes back quickly, and in a shared room with the legs of others.
func (t *Turn) Label(room *Room) string {
	session := ""
	if room.Shared != "" {
		session = t.s.ID + "-"
	}
	return session + "l" + strconv.Itoa(t.Caller.Number) + "t" + strconv.Itoa(t.Number)
}

// NamedAnywhere reports whether a state or the session handles the event of that name
// as written.
func (t *Turn) NamedAnywhere(event string) bool {
	return t.c.any(func(f *Flow) bool { return f.named(event) })
}

// RoomSize is how many legs are known to be in a room.
func (t *Turn) RoomSize(room string) int {
	if r := t.s.Room(room); r != nil {
		return r.Size()
	}
	return 0
}

// MovedChild is a party of the leg's Dial that the flow has moved out of it, or nil.
func (t *Turn) MovedChild() *Leg {
	for _, c := range t.s.Legs {
		if c.Parent == t.Caller.Number && c.Moved && c.Left < 1 {
			c.Left = 1
			return c
		}
	}
	return nil
}
