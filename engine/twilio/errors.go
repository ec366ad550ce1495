package twilio

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/outbound/wire"
)

// Outcome says what is known about a REST call that failed.
type Outcome int

// The outcomes. The zero value is the careful one.
const (
	// Unknown: it may have been done. The connection broke or the time ran out
	// after the request could have been sent, Twilio answered 5xx, or its answer
	// could not be read. Look before doing it again.
	Unknown Outcome = iota
	// NotDone: it was surely not done and may be tried again. No connection came
	// about (refused, DNS, TLS, or the time ran out before one), or Twilio
	// answered 429, which it never processes (error 20429).
	NotDone
	// Refused: Twilio, or this package before sending, said no. Final: the same
	// request will be refused again.
	Refused
)

// String gives the word that is logged.
func (o Outcome) String() string {
	switch o {
	case NotDone:
		return "not-done"
	case Refused:
		return "refused"
	}
	return "unknown"
}

// Twilio's error codes that callers act on. Source: twilio.com/docs/api/errors.
const (
	CodeNotFound        = 20404 // no such resource
	CodeTooManyRequests = 20429 // never processed; repeat later
	CodeNotInProgress   = 21220 // the call is not in a state that allows this
)

// Error is the error of every REST call. Its text holds no secret.
type Error struct {
	Op         string        // what was tried: "create call"
	Outcome    Outcome       // whether it may have been done
	Code       int           // Twilio's error code, 0 if there is none
	Status     int           // the HTTP status, 0 if no answer came
	RetryAfter time.Duration // Retry-After of the answer, 0 if there is none, at most an hour
	Message    string        // Twilio's message, or what went wrong on the way
	cause      error
}

// Error gives one line, such as "create call: status 400, code 21211: The 'To'
// number is not valid".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	b.WriteString(": ")
	if e.Status != 0 {
		fmt.Fprintf(&b, "status %d", e.Status)
		if e.Code != 0 {
			fmt.Fprintf(&b, ", code %d", e.Code)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

// Unwrap gives the error below, for errors.Is with context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.cause }

// OutcomeOf gives the outcome of err: that of the *Error in it, else Unknown.
func OutcomeOf(err error) Outcome {
	var e *Error
	if errors.As(err, &e) {
		return e.Outcome
	}
	return Unknown
}

// HasCode reports whether Twilio refused with this error code.
func HasCode(err error, code int) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// sendError classifies a request to which no answer came.
func sendError(op string, trace *wire.Trace, err error) *Error {
	err = wire.Bare(err)
	e := &Error{Op: op, Outcome: Unknown, cause: err}
	if !trace.MayHaveSent(err) {
		e.Outcome = NotDone
	}
	e.Message = causeText(wire.CauseOf(err))
	if e.Outcome == Unknown {
		e.Message += " after the request may have been sent"
	}
	return e
}

// causeText avoids the text of the error itself: a transport may put addresses
// with credentials into it.
func causeText(cause wire.Cause) string {
	switch cause {
	case wire.Refused:
		return "Twilio's address cannot be reached (connection refused or no route)"
	case wire.DNS:
		return "the name of Twilio's API cannot be resolved"
	case wire.TLS:
		return "the TLS handshake with Twilio's API failed"
	case wire.Timeout:
		return "the time ran out"
	case wire.Reset:
		return "the connection broke"
	}
	return "the exchange with Twilio failed"
}

// restError is the body of an error answer. Source: twilio.com/docs/usage/twilios-response.
type restError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// answerError classifies an answer that is no success. body is nil if it could
// not be read or is no JSON of Twilio's.
func answerError(op string, resp *http.Response, body *restError) *Error {
	e := &Error{Op: op, Outcome: Unknown, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header)}
	if body != nil {
		e.Code, e.Message = body.Code, body.Message
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests || e.Code == CodeTooManyRequests:
		e.Outcome = NotDone
	case resp.StatusCode >= 400 && resp.StatusCode < 500 && e.Code != 0:
		e.Outcome = Refused
	}
	if e.Message == "" {
		// Not Twilio's words: perhaps a proxy's page, which nobody should have to
		// read in a log and which may repeat the request.
		e.Message = "an answer that is not of Twilio's API (" + http.StatusText(resp.StatusCode) + ")"
		if e.Outcome == NotDone {
			e.Message = "too many requests"
		}
	}
	return e
}

// maxRetryAfter bounds what is believed of Retry-After.
const maxRetryAfter = time.Hour

// retryAfter reads Retry-After in both its forms. A date is measured against the
// answer's own Date, so that a wrong clock on this side does not matter.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	var wait time.Duration
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		if now, err := http.ParseTime(h.Get("Date")); err == nil {
			wait = at.Sub(now)
		}
	}
	return min(max(wait, 0), maxRetryAfter)
}
