package verbs

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// reject refuses an inbound call without answering it.
type reject struct {
	Attrs engine.Attrs
}

func rejectVerb() *spec.VerbKind {
	return spec.Verb[reject](&spec.Object[reject]{
		Name: "reject", Doc: "Refuses an inbound call without answering it, so that it costs nothing.",
		Example: "reject: {reason: busy}",
		Fields:  spec.Attributes("Reject", func(r *reject) *engine.Attrs { return &r.Attrs }),
	}, spec.VerbKind{Becomes: "<Reject>", First: true, Ends: true})
}

// Render appends the Reject.
func (r *reject) Render(t *engine.Turn) error {
	el := twiml.El("Reject")
	if err := r.Attrs.Apply(t.Exec, el); err != nil {
		return err
	}
	t.Append(el)
	t.Leave()
	return nil
}

// Act is never asked for: the call is over.
func (r *reject) Act(*engine.Turn) error { return nil }
