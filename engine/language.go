package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
)

// Language is one language of a flow: how its callers are spoken to and heard.
type Language struct {
	Name  string
	Tag   string // language tag of Say and Gather, as en-CA
	Voice string // "" stands for the flow's default voice
	Pos   diag.Pos
}

// Language returns the language of that name. A name that the flow does not have, and
// "", stand for its first one; nil where the flow has none at all.
func (f *Flow) Language(name string) *Language {
	for _, l := range f.Languages {
		if l.Name == name {
			return l
		}
	}
	if len(f.Languages) > 0 {
		return f.Languages[0]
	}
	return nil
}

// speech is the voice and the language tag of what is said in a language, with the flow's
// defaults where l says nothing. l may be nil.
func (f *Flow) speech(l *Language) (voice, tag string) {
	voice, tag = f.Defaults.Voice, f.Defaults.Language
	if l == nil {
		return voice, tag
	}
	if l.Voice != "" {
		voice = l.Voice
	}
	if l.Tag != "" {
		tag = l.Tag
	}
	return voice, tag
}

// languageOf is the language in which a leg is spoken to by the flow of the running list.
// A leg begins in the first one; which it is then is kept by name, so that it stays the
// same in a flow that another one runs. nil where the flow has no languages.
func (x *Exec) languageOf(l *Leg) *Language {
	if l == nil {
		return x.Flow().Language("")
	}
	return x.Flow().Language(l.Language)
}

// languageName is what expressions read as the language of a leg: "" in a flow without
// languages.
func (x *Exec) languageName(l *Leg) string {
	if at := x.languageOf(l); at != nil {
		return at.Name
	}
	return ""
}

// SetLanguage changes the language of the current leg. It holds from the next thing on
// that the leg is given to hear.
func (x *Exec) SetLanguage(name string) error {
	flow := x.Flow()
	if !slices.ContainsFunc(flow.Languages, func(l *Language) bool { return l.Name == name }) {
		names := make([]string, len(flow.Languages))
		for i, l := range flow.Languages {
			names[i] = l.Name
		}
		return fmt.Errorf("the flow has no language %q; it has %s", name, strings.Join(names, ", "))
	}
	if x.leg == nil {
		return fmt.Errorf("there is no leg here whose language could change")
	}
	x.leg.Language = name
	x.Changed()
	return nil
}

// Spoken is the name of the language in which the leg is spoken to, "" in a flow without
// languages.
func (t *Turn) Spoken() string { return t.languageName(t.Caller) }

// SpokenTag is the language tag in which the leg is heard, "" for Twilio's default.
func (t *Turn) SpokenTag() string {
	_, tag := t.Flow().speech(t.languageOf(t.Caller))
	return tag
}
