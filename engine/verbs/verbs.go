// Package verbs holds the verbs of the flow language, one file each: its fields, its
// events and what it does. A verb is what a leg does in a state after its prompt.
package verbs

import "github.com/ringdown/ringdown/engine/spec"

// All returns every verb of the language, in the order of the reference page.
func All() []*spec.VerbKind {
	return []*spec.VerbKind{
		gatherVerb(), recordVerb(), dialVerb(), conferenceVerb(), enqueueVerb(), holdVerb(), amdVerb(), rejectVerb(),
		redirectVerb(), runVerb(), twimlVerb(),
	}
}
