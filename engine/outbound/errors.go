package outbound

import (
	"errors"

	"github.com/ringdown/ringdown/engine/outbound/wire"
)

// Word names a failure for flows: the value of error in what an http step saves.
// The set is closed.
type Word string

// The words.
const (
	ErrRefused  Word = "refused"         // nobody listens there, or no route leads there
	ErrDNS      Word = "dns"             // the name has no address
	ErrTLS      Word = "tls"             // no trusted encrypted connection
	ErrTimeout  Word = "timeout"         // the time ran out
	ErrReset    Word = "reset"           // the connection broke
	ErrBlocked  Word = "blocked"         // a private or reserved address, or too many redirects
	ErrTooLarge Word = "too-large"       // the answer is larger than what may be read or saved
	ErrBadURL   Word = "bad-url"         // no absolute http or https URL, or a header or method that HTTP does not allow
	ErrUnknown  Word = "unknown-outcome" // it may have been done, and repeating it could do it twice
)

// Outcome says what is known about a request that failed.
type Outcome int

// The outcomes. The zero value is the careful one.
const (
	Unknown  Outcome = iota // the service may have seen and done it
	NotDone                 // the service has surely not seen it; it may be repeated
	Rejected                // it was not sent and never will be: bad-url, blocked
	Answered                // the service did answer, but the answer cannot be used: too-large
)

// String gives the word that is logged.
func (o Outcome) String() string {
	switch o {
	case NotDone:
		return "not-done"
	case Rejected:
		return "rejected"
	case Answered:
		return "answered"
	}
	return "unknown"
}

// Error is the error of every request. Its text names the method and the host and
// nothing else of the request: paths, queries, headers and bodies hold secrets.
type Error struct {
	Word    Word    // for the flow
	Cause   Word    // what went wrong; differs from Word where that is unknown-outcome
	Outcome Outcome // for whoever decides about repeating
	Method  string
	Host    string // with the port, if one was written; "" for a URL that has none
	Detail  string
	cause   error
}

// Error gives one line: "POST billing.example.com: reset: the connection broke".
func (e *Error) Error() string {
	where := e.Method
	if e.Host != "" {
		where += " " + e.Host
	}
	text := where + ": " + string(e.Word)
	if e.Cause != e.Word {
		text += " (" + string(e.Cause) + ")"
	}
	return text + ": " + e.Detail
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

// Idempotent reports whether doing a request of this method twice is the same as
// doing it once, as RFC 9110, section 9.2.2, has it.
func Idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "PUT", "DELETE", "OPTIONS":
		return true
	}
	return false
}

// failed classifies an exchange that gave no usable answer. sent: an earlier hop
// or the begin of an answer proves that the service saw the request.
func (x *exchange) failed(trace *wire.Trace, err error, sent bool) *Error {
	e := &Error{Method: x.method, Host: x.url.Host, cause: wire.Bare(err)}
	var blocked *blockedError
	if errors.As(err, &blocked) {
		e.Cause, e.Outcome, e.Detail = ErrBlocked, Rejected, blocked.Error()
	} else {
		e.Cause, e.Detail = describe(wire.CauseOf(err))
		if !trace.MayHaveSent(e.cause) {
			e.Outcome = NotDone
		}
	}
	if sent || x.accepted {
		e.Outcome = Unknown
	}
	e.Word = e.Cause
	if e.Outcome == Unknown && !Idempotent(x.original) {
		e.Word = ErrUnknown
	}
	return e
}

func describe(cause wire.Cause) (Word, string) {
	switch cause {
	case wire.Refused:
		return ErrRefused, "nobody answers at this address"
	case wire.DNS:
		return ErrDNS, "the name cannot be resolved"
	case wire.TLS:
		return ErrTLS, "no trusted encrypted connection came about"
	case wire.Timeout:
		return ErrTimeout, "the time ran out"
	}
	return ErrReset, "the connection broke"
}
