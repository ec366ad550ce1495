package runtime

import (
	"context"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
)

// SignalDataError says why the data of a signal of another session cannot be taken.
type SignalDataError struct{ Problems []engine.Problem }

// Error tells the first problem.
func (e *SignalDataError) Error() string {
	texts := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		texts = append(texts, p.Name+": "+p.Message)
	}
	return "the data is not what the signal declares: " + strings.Join(texts, "; ")
}

// Relay gives a session a signal of another one and returns once it is committed. id is
// that of the effect in the session from: the second time nothing happens. Beside the
// errors of Signal it gives *SignalDataError.
func (r *Runtime) Relay(ctx context.Context, from, id string, to *engine.SignalTo) error {
	if !isPart(to.Session) {
		return ErrNotFound
	}
	signals, err := r.Signals(ctx, to.Session)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(signals, func(s *engine.Signal) bool { return s.Name == to.Name })
	if i < 0 {
		return ErrNotOffered
	}
	data, problems := engine.ReadInputs(signals[i].Data, to.Data)
	if len(problems) > 0 {
		return &SignalDataError{problems}
	}
	return r.Signal(ctx, SignalRequest{Session: to.Session, Name: to.Name, Data: data, By: from, Key: from + "/" + id, hops: to.Hops})
}
