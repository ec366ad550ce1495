// Package twiml knows the voice markup of Twilio: a table of every verb, noun,
// SSML element and attribute, documents as trees of elements, an encoder, a
// parser and a checker. It knows nothing of call flows. What is marked as
// undocumented in a comment is an assumption; everything else is from the page
// of Twilio's documentation that the table names.
package twiml

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// MaxDocument is the size in bytes of the largest document Twilio fetches
	// (error 11750). Twilio says 64 kB; the smaller reading is used.
	MaxDocument = 64000
	// MaxInline is the length in characters of the longest document that travels
	// in a REST request (error 32018).
	MaxInline = 4000
)

// Node is what stands in an element: *Element or Text, nothing else.
type Node interface{ node() }

// Text is character data, unescaped.
type Text string

func (Text) node()     {}
func (*Element) node() {}

// Attr is one attribute; Value is unescaped.
type Attr struct{ Name, Value string }

// Element is one element of a document. Attributes and children keep their
// order, so the same element is always written as the same bytes. Names are
// written as they stand: they come from the table or the parser, never from a
// caller's input.
type Element struct {
	Name     string
	Attrs    []Attr
	Children []Node
}

// El makes an element with children. Nil children are left out.
func El(name string, children ...Node) *Element {
	e := &Element{Name: name}
	return e.Append(children...)
}

// Append adds children at the end and returns e. Nil children are left out.
func (e *Element) Append(children ...Node) *Element {
	for _, c := range children {
		if el, ok := c.(*Element); c == nil || ok && el == nil {
			continue
		}
		e.Children = append(e.Children, c)
	}
	return e
}

// Set gives an attribute a value and returns e. An attribute that is there
// keeps its place. An empty value is kept: waitUrl="" means silence and
// finishOnKey="" no key, which is not the same as the attribute left out.
func (e *Element) Set(name, value string) *Element {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			e.Attrs[i].Value = value
			return e
		}
	}
	e.Attrs = append(e.Attrs, Attr{name, value})
	return e
}

// SetInt sets an attribute to a decimal number.
func (e *Element) SetInt(name string, value int) *Element {
	return e.Set(name, strconv.Itoa(value))
}

// SetBool sets an attribute to true or false.
func (e *Element) SetBool(name string, value bool) *Element {
	return e.Set(name, strconv.FormatBool(value))
}

// SetSeconds sets an attribute to whole seconds. A part of a second counts as a
// whole one, so that a short positive time never becomes 0, which many
// attributes read as "for ever".
func (e *Element) SetSeconds(name string, d time.Duration) *Element {
	s := d / time.Second
	if d%time.Second > 0 {
		s++
	}
	return e.Set(name, strconv.FormatInt(int64(s), 10))
}

// Attr gives the value of an attribute, and whether it is there at all.
func (e *Element) Attr(name string) (string, bool) {
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// AttrOr gives the value of an attribute, or def where it is absent.
func (e *Element) AttrOr(name, def string) string {
	if v, ok := e.Attr(name); ok {
		return v
	}
	return def
}

// Elements gives the children that are elements, in order.
func (e *Element) Elements() []*Element {
	var els []*Element
	for _, c := range e.Children {
		if el, ok := c.(*Element); ok {
			els = append(els, el)
		}
	}
	return els
}

// First gives the first child element with that name, or nil.
func (e *Element) First(name string) *Element {
	for _, c := range e.Children {
		if el, ok := c.(*Element); ok && el.Name == name {
			return el
		}
	}
	return nil
}

// Body gives the element's own text, without that of its children and without
// the blanks around it.
func (e *Element) Body() string {
	if len(e.Children) == 1 {
		if t, ok := e.Children[0].(Text); ok {
			return strings.TrimSpace(string(t))
		}
	}
	var b strings.Builder
	for _, c := range e.Children {
		if t, ok := c.(Text); ok {
			b.WriteString(string(t))
		}
	}
	return strings.TrimSpace(b.String())
}

// Speech gives all text in the element and below it, without tags and without
// the blanks around it: what is spoken by a Say, apart from SSML's hints.
func (e *Element) Speech() string {
	var b strings.Builder
	e.speech(&b)
	return strings.TrimSpace(b.String())
}

func (e *Element) speech(b *strings.Builder) {
	for _, c := range e.Children {
		switch n := c.(type) {
		case Text:
			b.WriteString(string(n))
		case *Element:
			n.speech(b)
		}
	}
}

// Clone copies the element and all below it.
func (e *Element) Clone() *Element {
	c := &Element{Name: e.Name, Attrs: slices.Clone(e.Attrs), Children: slices.Clone(e.Children)}
	for i, n := range c.Children {
		if el, ok := n.(*Element); ok {
			c.Children[i] = el.Clone()
		}
	}
	return c
}

// String gives the element as markup, without an XML prolog.
func (e *Element) String() string { return string(AppendElement(nil, e)) }
