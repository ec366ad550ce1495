package spec

import (
	"fmt"
	"strings"

	"github.com/ringdown/ringdown/engine"
)

// VerbKind is one verb of the language: the single declaration from which decoding,
// checking, schema and reference come.
type VerbKind struct {
	Name    string
	Doc     string
	Becomes string   // the TwiML, for people
	Ending  []string // events that end the verb; the leg then follows `next`
	Other   []string // further events of the verb
	Fields  []FieldDoc
	Example string
	// Once: only as the first thing of an inbound call (reject).
	First bool
	// Endless: the verb never ends by itself; a state with it needs another way out.
	Endless bool
	// Waits: something outside ends the verb, so a loop through it is no busy loop.
	Waits bool
	// Ends: the verb ends the call; there is no next.
	Ends bool
	// Dials: the verb has dialled parties, which a meter may count.
	Dials bool
	// Runs: the verb runs another flow.
	Runs bool
	// Never gives the events, of Ending and Other, that the verb as it is written never
	// raises, and why each; nil where it raises all.
	Never func(n *Node) map[string]string
	// Screen: may stand in the screening of a called party.
	Screen bool
	Schema Schema
	Decode func(d *Decoder, n *Node) engine.Verb
}

// StepKind is one step of the language.
type StepKind struct {
	Name    string
	Doc     string
	Leaves  bool // nothing behind it in its list is run
	Waits   bool // with save the list waits for it
	Meter   bool // needs a meter in the flow
	Becomes string
	Fields  []FieldDoc
	Example string
	Schema  Schema
	Decode  func(d *Decoder, n *Node) engine.Action
}

// FieldDoc is what the reference page says of a field.
type FieldDoc struct {
	Name, Type, Doc, Default string
	Limits                   string // what a value may be: "1s to 24h", "one of a, b"; "" where the type says it all
	Required                 bool
}

// Verb makes the kind of a verb out of its object. meta carries what the object does not say.
func Verb[T any, P interface {
	*T
	engine.Verb
}](o *Object[T], meta VerbKind) *VerbKind {
	k := meta
	k.Name, k.Doc, k.Example, k.Schema, k.Fields = o.Name, o.Doc, o.Example, o.Schema(), o.docs()
	k.Decode = func(d *Decoder, n *Node) engine.Verb {
		v := P(new(T))
		o.Decode(d, n, (*T)(v))
		return v
	}
	return &k
}

// Action makes the kind of a step out of its object.
func Action[T any, P interface {
	*T
	engine.Action
}](o *Object[T], meta StepKind) *StepKind {
	k := meta
	k.Name, k.Doc, k.Example, k.Schema, k.Fields = o.Name, o.Doc, o.Example, o.Schema(), o.docs()
	k.Decode = func(d *Decoder, n *Node) engine.Action {
		v := P(new(T))
		o.Decode(d, n, (*T)(v))
		return v
	}
	return &k
}

// docs returns what the reference page says of the object's fields.
func (o *Object[T]) docs() []FieldDoc { return Docs(o.Fields) }

// Docs returns what the reference page says of fields.
func Docs[T any](fields []Field[T]) []FieldDoc {
	docs := make([]FieldDoc, len(fields))
	for i, f := range fields {
		docs[i] = FieldDoc{f.Name, f.Type, f.Doc, f.Default, f.limits(), f.Required}
	}
	return docs
}

// PromptItemDocs returns the fields of an item of a prompt.
func PromptItemDocs() []FieldDoc { return promptItem.docs() }

// limits are the declared ones, or those of the schema.
func (f Field[T]) limits() string {
	if f.Limits != "" {
		return f.Limits
	}
	low, high := f.Schema["minimum"], f.Schema["maximum"]
	switch values := f.Schema["enum"].(type) {
	case []any:
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = fmt.Sprint(v)
		}
		return "one of " + strings.Join(words, ", ")
	case []string:
		return "one of " + strings.Join(values, ", ")
	}
	switch {
	case low != nil && high != nil:
		return fmt.Sprintf("%v to %v", low, high)
	case low != nil:
		return fmt.Sprintf("from %v", low)
	}
	return ""
}
