package dispatch

import (
	"context"
	"errors"

	"github.com/ringdown/ringdown/engine"
)

// Signals carries signals from one session to another.
type Signals interface {
	// Signal returns when the other session has committed the signal; the second time
	// with the same from and id nothing happens. A *RefusedError says that it never will
	// be; any other error is trouble that passes.
	Signal(ctx context.Context, from, id string, to *engine.SignalTo) error
}

// Reasons of a signal that is never taken, beside ReasonUnsupport.
const (
	ReasonNoSession  = "no-session"  // there is no such session
	ReasonOver       = "over"        // the session has ended
	ReasonNotOffered = "not-offered" // no state that a leg is in names the signal
	ReasonData       = "data"        // the data is not what the signal declares
)

// RefusedError says why a signal is never taken.
type RefusedError struct {
	Reason string
	Err    error
}

// Error gives the cause.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

func sendSignal(j *job, ctx context.Context) answer {
	e := j.effect()
	if e.Signal == nil || j.d.cfg.Signals == nil {
		return answer{outcome: refused, result: engine.Result{Reason: ReasonUnsupport, Message: "nobody carries signals"}}
	}
	err := j.d.cfg.Signals.Signal(ctx, j.lane.session.id, e.ID, e.Signal)
	var no *RefusedError
	switch {
	case err == nil:
		return answer{outcome: done, result: engine.Result{OK: true}}
	case errors.As(err, &no):
		return answer{outcome: refused, result: engine.Result{Reason: no.Reason, Message: no.Error()}}
	}
	return answer{result: engine.Result{Message: err.Error()}} // it may be committed; the id makes it safe to repeat
}
