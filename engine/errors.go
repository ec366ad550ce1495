package engine

import (
	"errors"
	"fmt"
)

var (
	errTooManyLists = fmt.Errorf("more than %d lists wait at a time", maxSuspended)
	errTooManyHops  = fmt.Errorf("more than %d signals between sessions in a row", maxHops)
	errLostList     = errors.New("the list that waited is not in this version of the flow")
)

func errMissingInput(name string) error {
	return fmt.Errorf("the call does not bring the input %q, which the flow needs", name)
}

func fallbackError(fields map[string]string) error {
	return fmt.Errorf("the answer of %s could not be used by Twilio: error %s", fields["ErrorUrl"], fields["ErrorCode"])
}
