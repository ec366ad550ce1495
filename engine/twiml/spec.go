package twiml

import (
	"slices"
	"strings"
)

// Kind says what part an element plays in a document.
type Kind int

// The kinds of elements. A Verb stands in the Response, a Noun in a verb, a
// Child in a noun or verb as a detail of it, SSML in a Say.
const (
	Root Kind = iota
	Verb
	Noun
	Child
	SSML
)

// After says how the document goes on when a verb is over.
type After int

const (
	// Next goes on with the next verb.
	Next After = iota
	// Action requests the action URL; ElementSpec.NoAction says what happens
	// where that attribute is absent.
	Action
	// Never leaves the document or ends the call: verbs behind it are not reached.
	Never
)

// NoAction says what an absent action attribute means.
type NoAction int

const (
	// NextVerb goes on with the verb behind.
	NextVerb NoAction = iota
	// SameDocument requests the URL of the current document again.
	SameDocument
)

// Answering says whether a verb at the start of an inbound call's first document
// answers the call.
type Answering int

const (
	// Answers answers the call, which is then billed.
	Answers Answering = iota
	// RingsFirst lets the call ring for the length of the verb (Pause).
	RingsFirst
	// AnswersOnBridge answers at once, or when the called party answers where
	// answerOnBridge is true (Dial).
	AnswersOnBridge
	// Refuses ends the call unanswered (Reject).
	Refuses
)

// TextUse says whether an element holds text.
type TextUse int

// The uses of text. Mixed is text among elements (Say and SSML).
const (
	NoText TextUse = iota
	MayText
	MustText
	Mixed
)

// TextRule says what text an element holds. Min and Max are lengths in
// characters without surrounding blanks, 0 for no limit; text may be absent
// unless Use is MustText. Code is Twilio's for text that is wrong, CodeShort for
// missing or too short text where that has a code of its own.
type TextRule struct {
	Use             TextUse
	Min, Max        int
	Code, CodeShort int
	Doc             string
}

// ElementSpec describes one element. Specs are shared: callers only read them.
type ElementSpec struct {
	Name     string
	Parent   string // set where the same name means something else in that parent (Sip in Refer)
	Kind     Kind
	Attrs    []AttrSpec
	Children []string // names of the elements that may stand in it
	Max      int      // most child elements, 0 for no limit
	NestCode int      // Twilio's code for a child that may not stand here; 0 is CodeSchema
	Text     TextRule

	After        After     // verbs only
	NoAction     NoAction  // verbs with an action attribute
	FallsThrough bool      // may also end without action: a Gather without input goes on with the next verb
	HangupAction bool      // a caller's hang-up during the verb still requests action; the answer is ignored
	Background   bool      // returns at once while its work goes on (Start, Stop)
	Answering    Answering // verbs only

	Doc    string // one sentence
	Source string // the page of the documentation, or "SDK" for what only Twilio's libraries have
}

// AttrType is the form of an attribute's value.
type AttrType int

// The types of attributes. Digits are keys to be played, Keys are keys that the
// caller presses; Decimal is an amount with up to two places; SID starts with
// one of the prefixes in AttrSpec.Values; IntList and EnumList are separated by
// blanks, CommaList by commas; Language is a language tag such as en-GB.
const (
	FreeText AttrType = iota
	Bool
	Int
	Seconds
	Millis
	Decimal
	Enum
	EnumList
	IntList
	CommaList
	URL
	Digits
	Keys
	SID
	Language
)

// AttrSpec describes one attribute.
//
// Min and Max bound the number for Int, Seconds, Millis, Decimal and IntList,
// the count of entries for CommaList, else the length in characters; Max 0 is no
// limit. Values are the words of Enum and EnumList, the prefixes of SID, the
// schemes of URL (none: http and https), the known tags of Language, and words
// accepted besides a number (timeout="auto"); a word that ends in * stands for
// all words that start so. With Open, other words than Values pass Check:
// Twilio hands them on to a provider whose list grows.
type AttrSpec struct {
	Name     string
	Type     AttrType
	Min, Max int
	Values   []string
	Open     bool
	Default  string // as text; "" where there is none or it is not a constant (see Doc)
	Required bool
	Secret   bool // what it holds must not be seen: an author may take it from a secret
	Engine   bool // action, method and callback: set by whoever serves the webhooks, not by an author
	Code     int  // Twilio's code for a bad value; 0 is CodeSchema, or 11100 for a URL
	Doc      string
}

// Lookup gives the element of that name. A name that means something else in
// one parent (Sip in Refer) is found with ElementSpec.Child.
func Lookup(name string) (*ElementSpec, bool) {
	s, ok := index[name]
	return s, ok
}

// All gives every element, in the order of the table.
func All() []*ElementSpec { return slices.Clone(table) }

// Attr gives the attribute of that name, exactly as written in TwiML.
func (s *ElementSpec) Attr(name string) (*AttrSpec, bool) {
	for i := range s.Attrs {
		if s.Attrs[i].Name == name {
			return &s.Attrs[i], true
		}
	}
	return nil, false
}

// Child gives the element that the name means inside s, and whether it may
// stand there.
func (s *ElementSpec) Child(name string) (*ElementSpec, bool) {
	if !slices.Contains(s.Children, name) {
		return nil, false
	}
	if c, ok := index[s.Name+"/"+name]; ok {
		return c, true
	}
	return Lookup(name)
}

// Snake gives the attribute's name in snake case: answerOnBridge is
// answer_on_bridge, interpret-as is interpret_as, xml:lang is xml_lang.
func (a *AttrSpec) Snake() string {
	var b strings.Builder
	for _, r := range a.Name {
		switch {
		case r >= 'A' && r <= 'Z':
			b.WriteByte('_')
			b.WriteRune(r - 'A' + 'a')
		case r == '-' || r == ':':
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// The table is put together from its parts once and only read afterwards.
var (
	table = slices.Concat(flowVerbs(), inputVerbs(), dialElements(), queueElements(), payElements(), connectElements(), mediaElements(), ssmlElements())
	index = indexOf(table)
)

func indexOf(specs []*ElementSpec) map[string]*ElementSpec {
	m := make(map[string]*ElementSpec, len(specs))
	for _, s := range specs {
		key := s.Name
		if s.Parent != "" {
			key = s.Parent + "/" + s.Name
		}
		m[key] = s
	}
	return m
}
