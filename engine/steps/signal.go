package steps

import (
	"encoding/json"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// signal tells another session something.
type signal struct {
	Session *expr.Template
	Name    string
	Data    *spec.Tree
	pos     diag.Pos
}

func signalStep() *spec.StepKind {
	return spec.Action[signal](&spec.Object[signal]{
		Name: "signal", Doc: "Sends a signal to another session; there event.by is the id of this one. One that is over, or does not offer the signal, is the event error.",
		Example: "signal: {session: \"${input.other}\", name: done, data: {count: 3}}",
		Fields: []spec.Field[signal]{
			spec.Template("session", "id of the session", expr.WantText, expr.None, func(s *signal) **expr.Template { return &s.Session }).Must(),
			spec.Custom("name", "label", "name of the signal, as the other flow declares it", spec.Schema{"$ref": "#/$defs/label"}, func(d *spec.Decoder, n *spec.Node, s *signal) {
				if name, ok := d.Label(n, "a signal"); ok {
					s.Name = name
				}
			}).Must(),
			spec.TreeField("data", "its data, by name; the other flow checks them", func(s *signal) **spec.Tree { return &s.Data }),
		},
		Check: func(d *spec.Decoder, n *spec.Node, s *signal) {
			s.pos = n.Pos
			if data := n.Get("data"); data != nil && data.Kind != spec.Mapping {
				d.Diags.Errorf(data.Pos, "type", "the data of a signal are a mapping of names to values")
			}
		},
	}, spec.StepKind{Becomes: "a signal in the other session"})
}

// Run sends the signal; one to nobody is skipped.
func (s *signal) Run(x *engine.Exec) (engine.Control, error) {
	to := engine.SignalTo{Name: s.Name}
	var err error
	if to.Session, err = s.Session.Text(x.Env()); err != nil {
		return engine.Control{}, err
	}
	if to.Session == "" {
		x.Skip(s.pos, "signal", "no session is named")
		return engine.Control{}, nil
	}
	if s.Data != nil {
		v, err := s.Data.Value(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return engine.Control{}, err
		}
		if err := json.Unmarshal(text, &to.Data); err != nil {
			return engine.Control{}, err
		}
	}
	return engine.Control{}, x.SendSignal(to)
}
