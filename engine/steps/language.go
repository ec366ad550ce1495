package steps

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// language changes the language of the current leg.
type language struct{ Name *expr.Template }

func languageStep() *spec.StepKind {
	return spec.Action[language](&spec.Object[language]{
		Name: "language", Doc: "Changes the language of the current leg: what it hears next, and how its speech is heard. Each leg begins in the first one of `languages`.",
		Example: "language: fr", Short: "name",
		Fields: []spec.Field[language]{
			spec.Custom("name", "name of a language", "one of the flow's languages; may be computed: `${legs.caller.language}`", spec.Schema{"type": "string"},
				func(d *spec.Decoder, n *spec.Node, l *language) {
					d.RequireLeg(n.Pos, "language")
					d.LanguageRef(n)
					d.Template(n, expr.WantText, expr.None, &l.Name)
				}).Must(),
		},
	}, spec.StepKind{})
}

// Run changes the language.
func (l *language) Run(x *engine.Exec) (engine.Control, error) {
	name, err := l.Name.Text(x.Env())
	if err != nil {
		return engine.Control{}, err
	}
	return engine.Control{}, x.SetLanguage(name)
}
