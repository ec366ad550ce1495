// Package steps holds the steps of the flow language, one file each: its fields and
// what it does. A step is one action in a list.
package steps

import "github.com/ringdown/ringdown/engine/spec"

// All returns every step of the language, in the order of the reference page.
func All() []*spec.StepKind {
	return []*spec.StepKind{
		gotoStep(), setStep(), httpStep(), callStep(), moveStep(), hangupStep(), participantStep(), announceStep(),
		endRoomStep(), timerStep(), cancelStep(), creditStep(), languageStep(), logStep(), messageStep(), recordingStep(), signalStep(), taskStep(), returnStep(), endStep(),
	}
}
