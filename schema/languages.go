package schema

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
)

// languageObject declares one language.
var languageObject = &spec.Object[engine.Language]{
	Name: "a language",
	Doc: "How callers are spoken to and heard. Each leg begins in the first one, also a called one; the step `language` changes it, `leg.language` reads it. " +
		"Texts and phrases may be given for each language: `say: {en: Hello., fr: Bonjour.}`.",
	Example: "languages: {en: {language: en-CA}, fr: {language: fr-CA, voice: Polly.Gabrielle}}",
	Fields: []spec.Field[engine.Language]{
		spec.Saying("language", "language tag of what is said and heard", func(l *engine.Language) *string { return &l.Tag }).Must(),
		spec.Saying("voice", "voice of what is said", func(l *engine.Language) *string { return &l.Voice }).Or("defaults.voice"),
	},
}

// languagesField declares `languages`.
func languagesField() spec.Field[draft] {
	return spec.Custom("languages", "languages by name", "languages of the callers; the first is the one in which each leg begins", mapOf("identifier", languageObject.Schema()),
		func(d *spec.Decoder, n *spec.Node, f *draft) {
			const hint = "write languages: {en: {language: en-US}, fr: {language: fr-CA}}"
			if n.Kind != spec.Mapping {
				d.Diags.Errorf(n.Pos, "type", "languages is a mapping of names to languages, not %s", n.Kind).WithHint(hint)
				return
			}
			for _, e := range n.Entries {
				l := &engine.Language{Pos: e.Key.Pos}
				name, ok := d.Identifier(e.Key, "a language")
				d.In(e.Key.Text, nil, func() { languageObject.Decode(d, e.Value, l) })
				if ok { // also with errors: what it is used for is right
					l.Name = name
					d.Define(spec.LanguageName, name, e.Key.Pos)
					f.flow.Languages = append(f.flow.Languages, l)
				}
			}
		})
}

// checkLanguages checks that everybody is spoken to in the own language, with a voice that
// speaks it.
func (f *draft) checkLanguages() {
	d := &f.dec.Diags
	for _, m := range f.dec.ByLanguage {
		if slices.ContainsFunc(m.Has, func(name string) bool { return !f.declared(spec.LanguageName, name) }) {
			continue // told already, and likely one that seems to be missing
		}
		for _, l := range f.flow.Languages {
			if !slices.Contains(m.Has, l.Name) {
				d.Errorf(m.Pos, "missing-language", "this has no %s for %s, a language of the flow %s", m.What, l.Name, f.flow.Name).WithHint("add %s: ...", l.Name)
			}
		}
	}
	for _, s := range f.dec.Spoken {
		if !f.declared(spec.LanguageName, s.Text) {
			f.dec.CheckSaying("language", s.Text, s.Pos)
		}
	}
	f.checkVoices()
	f.checkApology()
	f.checkLanguageRead()
}

// checkVoices warns where the default voice would speak a language that is not its own.
func (f *draft) checkVoices() {
	voice, tag := f.flow.Defaults.Voice, f.flow.Defaults.Language
	if voice == "" || slices.Contains([]string{"man", "woman", "alice"}, voice) {
		return
	}
	for i, l := range f.flow.Languages {
		if tag == "" && i == 0 {
			tag = l.Tag
		}
		if l.Voice == "" && l.Tag != "" && primary(l.Tag) != primary(tag) {
			f.dec.Diags.Warnf(l.Pos, "language-voice", "the voice %s of defaults would speak %s", voice, l.Tag).WithHint("give the language %s a voice of its own", l.Name)
		}
	}
}

// primary is the language itself of a tag, without the country.
func primary(tag string) string {
	p, _, _ := strings.Cut(tag, "-")
	return p
}

// checkApology warns where the built-in sentence, which is English, would be read in
// another language.
func (f *draft) checkApology() {
	if f.flow.Defaults.Apology != nil {
		return
	}
	for _, l := range f.flow.Languages {
		if l.Tag != "" && primary(l.Tag) != "en" {
			f.dec.Diags.Warnf(l.Pos, "apology", "when something fails, callers hear an English sentence in the language %s", l.Name).
				WithHint("write defaults: {apology: {say: {%s: ...}}} with a text for each language", l.Name)
			return
		}
	}
}

// checkLanguageRead warns where the language of a leg is asked for in a flow without any.
func (f *draft) checkLanguageRead() {
	if len(f.flow.Languages) > 0 {
		return
	}
	for _, p := range f.dec.Pending {
		if p.Refs == nil {
			continue
		}
		for _, r := range p.Refs() {
			if last := len(r.Path) - 1; last > 0 && r.Path[last] == "language" && (r.Path[0] == "leg" || r.Path[0] == "legs") {
				f.dec.Diags.Warnf(r.Pos, "no-language", "%s is always empty: the flow has no languages", strings.Join(r.Path, ".")).
					WithHint("add languages: {en: {language: en-US}}")
			}
		}
	}
}
