package wire

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"net/url"
	"os"
	"syscall"
	"testing"
)

func op(name string, err error) error {
	return &url.Error{Op: "Post", URL: "http://a.example/secret", Err: &net.OpError{Op: name, Net: "tcp", Err: err}}
}

func TestCauseOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		want Cause
	}{
		"nil":            {nil, Other},
		"refused":        {op("dial", os.NewSyscallError("connect", syscall.ECONNREFUSED)), Refused},
		"no route":       {op("dial", syscall.EHOSTUNREACH), Refused},
		"other dial":     {op("dial", errors.New("x")), Refused},
		"dial timeout":   {op("dial", os.ErrDeadlineExceeded), Timeout},
		"dns":            {op("dial", &net.DNSError{Err: "no such host", IsNotFound: true}), DNS},
		"dns timeout":    {op("dial", &net.DNSError{Err: "slow", IsTimeout: true}), DNS},
		"certificate":    {fmt.Errorf("x: %w", x509.UnknownAuthorityError{}), TLS},
		"alert":          {op("remote error", errors.New("tls: bad certificate")), TLS},
		"deadline":       {context.DeadlineExceeded, Timeout},
		"canceled":       {context.Canceled, Timeout},
		"reset":          {op("read", syscall.ECONNRESET), Reset},
		"pipe":           {op("write", syscall.EPIPE), Reset},
		"eof":            {io.EOF, Reset},
		"unexpected eof": {io.ErrUnexpectedEOF, Reset},
		"something":      {errors.New("x"), Other},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := CauseOf(tt.err); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestMayHaveSent(t *testing.T) {
	t.Parallel()
	refused := op("dial", syscall.ECONNREFUSED)
	tests := map[string]struct {
		steps string // g: asked for a connection, c: got one, w: wrote
		err   error
		want  bool
	}{
		"no trace":                  {"", io.EOF, true},
		"no trace, refused":         {"", refused, false},
		"waited for a connection":   {"g", context.DeadlineExceeded, false},
		"got one":                   {"gc", context.DeadlineExceeded, true},
		"wrote":                     {"gcw", io.EOF, true},
		"wrote, then a second dial": {"gcwg", refused, true},
		"refused":                   {"g", refused, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trace := &Trace{}
			hooks := httptrace.ContextClientTrace(trace.Watch(context.Background()))
			for _, step := range tt.steps {
				switch step {
				case 'g':
					hooks.GetConn("a.example:80")
				case 'c':
					hooks.GotConn(httptrace.GotConnInfo{})
				case 'w':
					hooks.WroteHeaders()
				}
			}
			if got := trace.MayHaveSent(tt.err); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestBare(t *testing.T) {
	t.Parallel()
	if got := Bare(&url.Error{Op: "Get", URL: "http://a.example/secret", Err: io.EOF}); got != io.EOF {
		t.Errorf("got %v", got)
	}
}
