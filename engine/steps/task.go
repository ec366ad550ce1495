package steps

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// task answers for the worker that TaskRouter has chosen.
type task struct {
	Do       string
	Activity *expr.Template
	pos      diag.Pos
}

func taskStep() *spec.StepKind {
	return spec.Action[task](&spec.Object[task]{
		Name: "task", Doc: "Accepts or rejects the reservation of the leg's TaskRouter task, or completes the task. In the list of `assigned` itself it is the answer to TaskRouter.",
		Example: "task: {do: accept}",
		Fields: []spec.Field[task]{
			spec.Enum("do", "what is done", []string{engine.TaskAccept, engine.TaskReject, engine.TaskComplete}, func(t *task) *string { return &t.Do }).Must(),
			spec.Template("activity", "activity (WA...) that a worker gets who rejects", expr.WantText, expr.None, func(t *task) **expr.Template { return &t.Activity }).Or("the worker keeps its own"),
		},
		Check: func(d *spec.Decoder, n *spec.Node, t *task) {
			t.pos = n.Pos
			if of := n.Get("activity"); of != nil && t.Do != engine.TaskReject {
				d.Diags.Errorf(of.Pos, "task", "activity belongs to do: reject")
			}
		},
	}, spec.StepKind{Becomes: "the answer to the assignment, else POST Reservations/SID, POST Tasks/SID"})
}

// Run does it, if there is a task.
func (t *task) Run(x *engine.Exec) (engine.Control, error) {
	l := x.TaskOf()
	if l == nil {
		x.Skip(t.pos, "task", "no leg has a task")
		return engine.Control{}, nil
	}
	activity := ""
	if t.Activity != nil {
		var err error
		if activity, err = t.Activity.Text(x.Env()); err != nil {
			return engine.Control{}, err
		}
	}
	why, err := x.DoTask(l, t.Do, activity)
	if why != "" {
		x.Skip(t.pos, "task", why)
	}
	return engine.Control{}, err
}
