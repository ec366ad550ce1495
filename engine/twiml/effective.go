package twiml

import "strings"

// Effective gives the document as Twilio carries it out: a copy without what
// Check warns of and what the call then goes on without. Elements that Twilio
// does not know or that may not stand where they stand are left out with all
// that is in them, as are unknown attributes and those with a bad value, for
// which the default counts; of more nouns than a verb takes, the first remain.
// A value that Twilio calls an error stays, for the verb to fail. That Twilio
// does so is undocumented; that the call goes on is.
func Effective(doc *Element) *Element {
	spec, ok := Lookup(doc.Name)
	if !ok {
		return doc
	}
	return effective(spec, doc)
}

func effective(spec *ElementSpec, e *Element) *Element {
	kept := &Element{Name: e.Name}
	for _, a := range e.Attrs {
		if as, ok := spec.Attr(a.Name); ok {
			if value, good := as.read(a.Value); good {
				kept.Attrs = append(kept.Attrs, Attr{a.Name, value})
			}
		}
	}
	count := 0
	for _, n := range e.Children {
		child, isElement := n.(*Element)
		if !isElement {
			if spec.Text.Use != NoText {
				kept.Children = append(kept.Children, n)
			}
			continue
		}
		own, ok := spec.Child(child.Name)
		if !ok || spec.Max > 0 && count == spec.Max {
			continue
		}
		count++
		kept.Children = append(kept.Children, effective(own, child))
	}
	return kept
}

// read gives the value that counts, and whether there is one. HTTP methods are
// read in any case, as HTTP clients do.
func (a *AttrSpec) read(value string) (string, bool) {
	if a.Check(value) == nil {
		return value, true
	}
	if upper := strings.ToUpper(value); a.isMethod() && a.Check(upper) == nil {
		return upper, true
	}
	return value, fatal(a.Code)
}

func (a *AttrSpec) isMethod() bool {
	return a.Type == Enum && len(a.Values) == 2 && a.Values[0] == "GET" && a.Values[1] == "POST"
}
