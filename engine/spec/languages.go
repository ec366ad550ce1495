package spec

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/twiml"
)

// LanguageName is the kind of the names under `languages`.
const LanguageName SymbolKind = "language"

// ByLanguage is a mapping that gives something for each language.
type ByLanguage struct {
	What string   // what it gives: a text, a list of phrases
	Has  []string // languages that it names
	Pos  diag.Pos
}

// byLanguage reads a mapping from languages to values; the names are checked later, when
// the languages of the flow are known. what says what each language must have, "" for
// nothing.
func (d *Decoder) byLanguage(n *Node, what string, value func(language string, v *Node)) {
	m := ByLanguage{What: what, Pos: n.Pos}
	for _, e := range n.Entries {
		name, ok := d.Identifier(e.Key, "a language")
		if !ok {
			continue
		}
		d.Refer(LanguageName, name, e.Key.Pos)
		m.Has = append(m.Has, name)
		d.In(e.Key.Text, nil, func() { value(name, e.Value) })
	}
	if what != "" {
		d.ByLanguage = append(d.ByLanguage, m)
	}
}

// PhrasesByLanguage reads phrases for each language.
func (d *Decoder) PhrasesByLanguage(n *Node, value func(language string, v *Node)) {
	d.byLanguage(n, "list of phrases", value)
}

// SpokenIn is a text in a prompt item's `language`, written out: the name of a language of
// the flow, or a language tag.
type SpokenIn struct {
	Text string
	Pos  diag.Pos
}

// spokenIn reads `language` of a prompt item.
func (d *Decoder) spokenIn(n *Node, dst **expr.Template) {
	d.Template(n, expr.WantText, expr.None, dst)
	if n.Kind == Scalar && !strings.Contains(n.Text, "${") {
		d.Spoken = append(d.Spoken, SpokenIn{n.Text, n.Pos})
	}
}

// Saying declares a literal attribute of what is said: `voice` or `language`, as TwiML's
// table allows it.
func Saying[T any](name, doc string, at func(*T) *string) Field[T] {
	return Custom(name, "text", doc, Schema{"type": "string"}, func(d *Decoder, n *Node, v *T) {
		if text, ok := d.Literal(n, "the "+name+" here"); ok && d.CheckSaying(name, text, n.Pos) {
			*at(v) = text
		}
	})
}

// CheckSaying checks a voice or a language tag of what is said against TwiML's table.
func (d *Decoder) CheckSaying(name, text string, pos diag.Pos) bool {
	say, ok := twiml.Lookup("Say")
	if !ok {
		return true
	}
	a, ok := say.Attr(name)
	if !ok {
		return true
	}
	err := a.Check(text)
	if err != nil {
		hint := a.Doc
		if name == "language" {
			hint = nearTag(text, a.Values)
		}
		d.Diags.Errorf(pos, "attribute", "%s: %v", name, err).WithHint("%s", hint)
	}
	return err == nil
}

// nearTag names tags of the language of which text may be the beginning.
func nearTag(text string, tags []string) string {
	primary, _, _ := strings.Cut(strings.ToLower(text), "-")
	near := slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return !strings.HasPrefix(strings.ToLower(tag), primary+"-") })
	if len(near) == 0 {
		return "a language tag is like en-US, fr-CA or de-DE"
	}
	return "tags of that language: " + strings.Join(near, ", ")
}

// LanguageRef records that a language is named here.
func (d *Decoder) LanguageRef(n *Node) {
	if n.Kind == Scalar && !strings.Contains(n.Text, "${") {
		d.Refer(LanguageName, n.Text, n.Pos)
	}
}

// ListsByLanguage lets a list attribute of TwiML be written for each language, too: as a
// mapping of languages to lists of texts, which are kept with commas between.
func ListsByLanguage[T any](f Field[T], element string, at func(*T) *map[string]string) Field[T] {
	inner := f.decode
	f.Type += ", or lists by language"
	f.Schema = Schema{"anyOf": []any{f.Schema, Schema{"type": "object", "propertyNames": refTo("identifier"), "additionalProperties": f.Schema}}}
	f.decode = func(d *Decoder, n *Node, dst *T) {
		if n.Kind != Mapping {
			inner(d, n, dst)
			return
		}
		lists := map[string]string{}
		d.byLanguage(n, "", func(language string, v *Node) {
			items := v.Items
			if v.Kind == Scalar {
				items = []*Node{v}
			}
			texts := make([]string, 0, len(items))
			for _, item := range items {
				if text, ok := d.Literal(item, "what stands here for each language"); ok {
					texts = append(texts, text)
				}
			}
			lists[language] = strings.Join(texts, ",")
			if el, ok := twiml.Lookup(element); ok {
				for i := range el.Attrs {
					if el.Attrs[i].Snake() == f.Name {
						d.checkAttr(&el.Attrs[i], v, lists[language])
					}
				}
			}
		})
		*at(dst) = lists
	}
	return f
}
