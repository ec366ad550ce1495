package verbs

import (
	"slices"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// amd waits until it is known who answered the call.
type amd struct{}

// amdRound is the silence, in seconds, after which a waiting call asks again whether
// the result is there.
const amdRound = "2"

var amdEvents = []string{"human", "machine", "fax", "unknown"}

func amdVerb() *spec.VerbKind {
	return spec.Verb[amd](&spec.Object[amd]{
		Name: "amd", Doc: "Waits until it is known who answered: a call placed or dialled with machine_detection. What is known by then ends it at once.",
		Example: "amd: {}",
	}, spec.VerbKind{Becomes: "nothing, or <Pause> and <Redirect> until the result is there", Ending: amdEvents, Waits: true})
}

// Pass ends the verb where the answerer is known.
func (a *amd) Pass(t *engine.Turn) (string, engine.Values, bool) { return t.Answerer() }

// Awaits says that the result of detection ends the verb.
func (a *amd) Awaits(event string) bool { return slices.Contains(amdEvents, event) }

// Render appends the first round of the wait.
func (a *amd) Render(t *engine.Turn) error {
	t.AwaitAnswerer()
	return a.Loop(t)
}

// Loop gives the next round.
func (a *amd) Loop(t *engine.Turn) error {
	t.Append(twiml.El("Pause").Set("length", amdRound), twiml.El("Redirect", twiml.Text(t.URL(engine.URLLoop))))
	return nil
}

// Act ends the verb behind its prompt.
func (a *amd) Act(t *engine.Turn) error {
	if event, data, known := t.Answerer(); known {
		return t.End(event, data)
	}
	return t.Again()
}
