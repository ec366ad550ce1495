package steps

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// gotoTarget sends the current leg to a target.
type gotoTarget struct{ Target *engine.Target }

func gotoStep() *spec.StepKind {
	return spec.Action[gotoTarget](&spec.Object[gotoTarget]{
		Name: "goto", Doc: "The current leg goes to a target; the list ends.", Example: "goto: talk", Short: "target",
		Fields: []spec.Field[gotoTarget]{
			spec.Custom("target", "target", "a state, hangup, return or accept", spec.Schema{"$ref": "#/$defs/label"}, func(d *spec.Decoder, n *spec.Node, g *gotoTarget) {
				if !d.Expect(n, spec.Scalar) {
					return
				}
				d.RequireLeg(n.Pos, "goto")
				g.Target = d.Target(n)
			}),
		},
	}, spec.StepKind{Becomes: "TwiML reply, else redirect", Leaves: true})
}

// Run ends the list there.
func (g *gotoTarget) Run(*engine.Exec) (engine.Control, error) {
	return engine.Control{Target: g.Target}, nil
}

// end ends the session.
type end struct{ Outcome string }

func endStep() *spec.StepKind {
	return spec.Action[end](&spec.Object[end]{
		Name: "end", Doc: "Ends the session: legs are hung up, timers dropped, nothing runs afterwards.", Example: "end: gave-up", Short: "outcome",
		Fields: []spec.Field[end]{
			spec.Custom("outcome", "label", "the session's outcome", spec.Schema{"$ref": "#/$defs/label"}, func(d *spec.Decoder, n *spec.Node, e *end) {
				if v, ok := d.Label(n, "an outcome"); ok {
					e.Outcome = v
				}
			}),
		},
	}, spec.StepKind{Becomes: "HangupCall for every leg", Leaves: true})
}

// Run ends the session.
func (e *end) Run(x *engine.Exec) (engine.Control, error) {
	x.End(e.Outcome)
	return engine.Control{Stop: true}, nil
}

// hangup ends a leg.
type hangup struct {
	Leg string
	pos diag.Pos
}

func hangupStep() *spec.StepKind {
	return spec.Action[hangup](&spec.Object[hangup]{
		Name: "hangup", Doc: "Ends a leg, also one that rings.", Example: "hangup: agent", Short: "leg",
		Fields: []spec.Field[hangup]{
			spec.Leg("leg", "the leg", false, func(h *hangup) *string { return &h.Leg }).Must(),
		},
		Check: func(_ *spec.Decoder, n *spec.Node, h *hangup) { h.pos = n.Pos },
	}, spec.StepKind{Becomes: "Status=completed"})
}

// Run hangs the leg up.
func (h *hangup) Run(x *engine.Exec) (engine.Control, error) {
	l := x.LegNamed(h.Leg)
	if l == nil || l.Over() {
		x.Skip(h.pos, "hangup", "there is no such call")
		return engine.Control{}, nil
	}
	for _, each := range x.Session().Legs {
		if each.Name == l.Name && !each.Over() {
			x.Hangup(each)
		}
	}
	return engine.Control{}, nil
}
