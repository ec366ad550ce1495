package steps

import (
	"fmt"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// set assigns variables in the order written.
type set struct{ Assigned []assignment }

type assignment struct {
	Name  string
	Value *expr.Template
}

func setStep() *spec.StepKind {
	return spec.Action[set](&spec.Object[set]{
		Name: "set", Doc: "Assigns declared variables, in the order written.", Example: "set: {tries: \"${vars.tries + 1}\"}",
		Fields: []spec.Field[set]{
			spec.Custom[set]("VARIABLE", "value", "what the variable gets", spec.Schema{"type": "object"}, nil),
		},
		Any: func(d *spec.Decoder, n *spec.Node, s *set) {
			if !d.Expect(n, spec.Mapping) {
				return
			}
			s.Assigned = make([]assignment, len(n.Entries))
			for i, e := range n.Entries {
				name, ok := d.Identifier(e.Key, "a variable")
				if !ok {
					continue
				}
				s.Assigned[i].Name = name
				d.In(name, nil, func() { d.Assign(name, e.Key.Pos, e.Value, &s.Assigned[i].Value) })
			}
		},
		AnySchema: spec.Schema{"type": "object", "additionalProperties": spec.Schema{"type": []any{"string", "number", "boolean"}}},
	}, spec.StepKind{})
}

// Run assigns the values.
func (s *set) Run(x *engine.Exec) (engine.Control, error) {
	for _, a := range s.Assigned {
		v, err := a.Value.Value(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		declared := x.Flow().Var(a.Name)
		typed, err := typed(v, declared)
		if err != nil {
			return engine.Control{}, fmt.Errorf("%s: %w", a.Name, err)
		}
		x.SetVar(a.Name, typed)
	}
	return engine.Control{}, nil
}

// typed gives a value the type of the variable that takes it.
func typed(v any, declared *engine.Var) (any, error) {
	if declared == nil {
		return v, nil
	}
	switch declared.Type.Kind {
	case expr.Number:
		switch n := v.(type) {
		case float64:
			return n, nil
		case int:
			return float64(n), nil
		case expr.Money:
			return n.Float(), nil
		}
	case expr.Text:
		if v == nil {
			return "", nil
		}
		return expr.FormatText(v)
	case expr.Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case expr.Duration:
		switch d := v.(type) {
		case time.Duration:
			return d, nil
		case float64:
			return time.Duration(d * float64(time.Second)), nil
		case int:
			return time.Duration(d) * time.Second, nil
		}
	default:
		return v, nil
	}
	return nil, fmt.Errorf("a %s is needed, not %v", declared.Type, v)
}
