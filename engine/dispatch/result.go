package dispatch

import (
	"errors"
	"net/http"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// Reasons of a Result. They stand in histories. A failed HTTP request has a word of
// package outbound instead.
const (
	ReasonRefused    = "refused"         // Twilio said no; Code and Message say why
	ReasonDeadline   = "deadline"        // the time for it ran out before it was done
	ReasonUnknown    = "unknown-outcome" // nobody knows whether it was done
	ReasonAttempts   = "attempts"        // every attempt that it may have has failed
	ReasonNotPlaced  = "not-placed"      // Twilio knows no call that could be the one: it was not placed
	ReasonCanceled   = "canceled"        // a call that was hung up before it was placed
	ReasonSuperseded = "superseded"      // a later effect made it pointless
	ReasonHanded     = "handed"          // Twilio has got the document already
	ReasonGone       = "gone"            // the call, participant or room is not there any more
	ReasonNotApplied = "not-applied"     // Twilio accepted it and did not do it
	ReasonNoCall     = "no-call"         // the call's SID did not become known in time
	ReasonNoRoom     = "no-room"         // the conference did not come about in time
	ReasonNoSecret   = "no-secret"       // a secret that the request needs is not set
	ReasonUnsupport  = "unsupported"     // this version does not know the kind of effect
)

// Twilio's codes for "it is not there any more". Source: twilio.com/docs/api/errors.
const (
	codeNoConference    = 16001
	codeConferenceEnded = 16022
)

// outcome says what is known about one attempt.
type outcome int

const (
	unknown outcome = iota // it may have been done
	done
	notDone // surely not done: it may be sent again
	refused // not done, and it never will be
)

// answer is what became of one attempt.
type answer struct {
	outcome outcome
	result  engine.Result
	wait    time.Duration // Retry-After
	seen    bool          // of HTTP: there was an answer, whatever it said
}

// twilioAnswer makes an answer of what a REST call gave.
func twilioAnswer(sid string, err error) answer {
	if err == nil {
		return answer{outcome: done, result: engine.Result{OK: true, SID: sid}}
	}
	a := answer{result: engine.Result{Message: err.Error()}}
	var e *twilio.Error
	if errors.As(err, &e) {
		a.result.Status, a.result.Code, a.result.Message, a.wait = e.Status, e.Code, e.Message, e.RetryAfter
	}
	switch twilio.OutcomeOf(err) {
	case twilio.NotDone:
		a.outcome = notDone
	case twilio.Refused:
		a.outcome = refused
		a.result.Reason = ReasonRefused
		if a.gone() {
			a.result.Reason = ReasonGone
		}
	}
	return a
}

// gone reports that the thing is not there any more.
func (a answer) gone() bool {
	switch a.result.Code {
	case twilio.CodeNotFound, codeNoConference, codeConferenceEnded:
		return true
	}
	return a.result.Status == http.StatusNotFound
}

// failed, dropped and fine make results.
func failed(reason, message string) *engine.Result {
	return &engine.Result{Reason: reason, Message: message}
}

func dropped(reason string) *engine.Result { return &engine.Result{Dropped: true, Reason: reason} }

func fine(reason string) *engine.Result { return &engine.Result{OK: true, Reason: reason} }
