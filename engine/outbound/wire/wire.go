// Package wire answers the question that decides about repeating an HTTP request
// that failed: can the other side have seen it? It watches one exchange through
// net/http/httptrace and names the cause of a failure in a closed set of words.
package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"sync/atomic"
	"syscall"
)

// Cause is why an exchange failed.
type Cause string

// The causes. Other is what no rule names; a caller treats it like Reset.
const (
	Refused Cause = "refused" // nobody listens, or no route leads there
	DNS     Cause = "dns"     // the name has no address, or nobody could say
	TLS     Cause = "tls"     // the handshake failed, or the certificate is not trusted
	Timeout Cause = "timeout" // the time ran out, or the caller gave up
	Reset   Cause = "reset"   // the connection broke
	Other   Cause = "other"
)

// Trace watches one request of an http.Client or http.RoundTripper. The zero
// value is ready; a Trace belongs to one request. It works with net/http's own
// transport and with everything that passes the request's context on to it.
type Trace struct {
	asked, connected, wrote atomic.Bool
}

// Watch returns ctx with the hooks that feed t.
func (t *Trace) Watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:              func(string) { t.asked.Store(true) },
		GotConn:              func(httptrace.GotConnInfo) { t.connected.Store(true) },
		WroteHeaderField:     func(string, []string) { t.wrote.Store(true) },
		WroteHeaders:         func() { t.wrote.Store(true) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.wrote.Store(true) },
		Got1xxResponse:       func(int, textproto.MIMEHeader) error { t.wrote.Store(true); return nil },
		GotFirstResponseByte: func() { t.wrote.Store(true) },
	})
}

// MayHaveSent reports whether the other side may have seen the request that
// failed with err. False is certain: either no connection was ever handed to the
// request, or connecting itself failed and no byte had gone out before. A
// connection that was handed over counts as sent even if no write was seen: the
// transport writes from a goroutine of its own, which can still be at it when the
// caller's time is up.
func (t *Trace) MayHaveSent(err error) bool {
	switch {
	case t.wrote.Load():
		return true
	case connecting(err):
		return false
	}
	return !t.asked.Load() || t.connected.Load()
}

// connecting reports whether err comes from the steps before a connection can
// carry a request: name, dial, TLS handshake.
func connecting(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	switch CauseOf(err) {
	case DNS, TLS, Refused:
		return true
	}
	return false
}

// CauseOf names the cause of err, which may be wrapped.
func CauseOf(err error) Cause {
	var (
		dns *net.DNSError
		op  *net.OpError
	)
	switch {
	case err == nil:
		return Other
	case errors.As(err, &dns):
		return DNS
	case isTLS(err):
		return TLS
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Refused
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return Timeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Reset
	case errors.As(err, &op) && op.Op == "dial":
		return Refused
	}
	return Other
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// isTLS lists the types that crypto/tls and crypto/x509 give for a handshake
// that failed. An alert of the other side arrives as a net.OpError with its own Op.
func isTLS(err error) bool {
	var (
		cert    *tls.CertificateVerificationError
		header  tls.RecordHeaderError
		alert   tls.AlertError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		op      *net.OpError
	)
	switch {
	case errors.As(err, &cert), errors.As(err, &header), errors.As(err, &alert),
		errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid),
		errors.Is(err, http.ErrSchemeMismatch):
		return true
	case errors.As(err, &op) && op.Op == "remote error":
		return true
	}
	return false
}

// Bare takes the *url.Error layer off err: its text repeats the whole URL, whose
// path or query may hold a secret.
func Bare(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}
