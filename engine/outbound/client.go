// Package outbound makes the HTTP requests of flows. A flow names the URL, and
// part of it may come from a caller; so connections to private and reserved
// addresses are refused, after DNS resolution and for every redirect, and sizes
// and times are bounded. Every failure has a word for the flow and says whether
// the request may be repeated.
package outbound

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Bounds of one request.
const (
	DefaultTimeout = 10 * time.Second
	MaxTimeout     = 120 * time.Second
	MaxRead        = 1 << 20  // bytes of an answer that are read at most
	MaxSaved       = 64 << 10 // bytes of an answer that a flow may keep at most
	MaxRedirects   = 5
)

// Options configures a Client.
type Options struct {
	// AllowPrivate lists ranges that are reachable although they are private or
	// reserved: loopback for play without a network, a company's own services.
	AllowPrivate []netip.Prefix
	// MaxTimeout caps the timeout of a request; 0: MaxTimeout.
	MaxTimeout time.Duration
	// Wrap may put a layer around the transport, say one that counts work in
	// virtual time. It must pass the request's context on. Nil: no layer.
	Wrap func(http.RoundTripper) http.RoundTripper
	// TLS is used for https; nil: the roots of the system.
	TLS *tls.Config
	// Resolver resolves names; nil: that of the system.
	Resolver *net.Resolver
}

// Client makes guarded requests. It is safe for concurrent use. It keeps no
// cookies and uses no proxy: behind one, the guard could not see the addresses.
type Client struct {
	transport  http.RoundTripper
	base       *http.Transport
	maxTimeout time.Duration
}

// New makes a Client.
func New(o Options) *Client {
	// HTTP/1.1: a connection that breaks concerns one request.
	var h1 http.Protocols
	h1.SetHTTP1(true)
	base := &http.Transport{
		DialContext:            newGuard(o.AllowPrivate).dialer(o.Resolver).DialContext,
		TLSClientConfig:        o.TLS,
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        20 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              &h1,
	}
	c := &Client{transport: base, base: base, maxTimeout: MaxTimeout}
	if o.MaxTimeout > 0 {
		c.maxTimeout = min(o.MaxTimeout, MaxTimeout)
	}
	if o.Wrap != nil {
		c.transport = o.Wrap(base)
	}
	return c
}

// Close closes idle connections. Requests in progress go on.
func (c *Client) Close() { c.base.CloseIdleConnections() }

// Request is one request of a flow.
type Request struct {
	Method         string // GET, POST, PUT, PATCH, DELETE ...
	URL            string // absolute, http or https
	Header         map[string]string
	Body           []byte
	Timeout        time.Duration // over all redirects; 0: DefaultTimeout
	IdempotencyKey string        // sent as Idempotency-Key, the same in each repeat
}

// Result is an answer, whatever its status.
type Result struct {
	Status  int
	Headers map[string]string // names in lower case; values of a repeated name joined with ", "
	// Body is JSON as nil, bool, int, float64, string, []any or map[string]any, and
	// anything else as string. Whole numbers are int, also 5.0; one that no number
	// holds exactly, such as an identifier of 20 digits, is a string.
	Body any
	Size int // of the body in bytes
}

// OK reports a status from 200 to 299.
func (r Result) OK() bool { return r.Status >= 200 && r.Status <= 299 }

// Do makes one request and follows redirects. An answer of any status is a Result;
// a *Error means that there is none that can be used. With too-large the Result
// still has status, headers and size. A redirect to another origin gets none of
// the flow's headers but those that describe the content, since any of them may
// be a key. Nothing but a GET is ever sent again by itself once a byte of it went out.
func (c *Client) Do(ctx context.Context, r Request) (Result, error) {
	timeout := r.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, min(timeout, c.maxTimeout))
	defer cancel()
	x, err := newExchange(r)
	if err != nil {
		return Result{}, err
	}
	return x.run(ctx, c.transport)
}
