package outbound

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ringdown/ringdown/engine/outbound/wire"
)

// userAgent names this program to the services that flows call.
const userAgent = "ringdown"

// exchange is one request on its way over redirects.
type exchange struct {
	original string // the method the flow wrote
	method   string
	url      *url.URL
	header   http.Header
	body     []byte
	// accepted: a redirect told to fetch the result elsewhere, so the service did
	// what was asked for; what fails later does not undo that.
	accepted bool
}

func newExchange(r Request) (*exchange, error) {
	method := strings.ToUpper(r.Method)
	x := &exchange{original: method, method: method, body: r.Body, header: http.Header{}}
	u, err := url.Parse(r.URL)
	if err != nil {
		// The text of the error repeats the URL.
		return nil, badURL(method, "", "the URL cannot be read")
	}
	if err := x.to(u); err != nil {
		return nil, err
	}
	x.header.Set("User-Agent", userAgent)
	for name, value := range r.Header {
		if !validHeader(name, value) {
			return nil, badURL(method, u.Host, "header "+safeName(name)+" is not allowed in HTTP")
		}
		x.header.Set(name, value)
	}
	if r.IdempotencyKey != "" {
		if !validHeader("Idempotency-Key", r.IdempotencyKey) {
			return nil, badURL(method, u.Host, "the idempotency key is not allowed in HTTP")
		}
		x.header.Set("Idempotency-Key", r.IdempotencyKey)
	}
	return x, nil
}

// to sets the address of the next hop.
func (x *exchange) to(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return badURL(x.method, u.Host, "only absolute http and https URLs are possible")
	case u.Hostname() == "":
		return badURL(x.method, u.Host, "the URL names no host")
	}
	x.url = u
	return nil
}

func badURL(method, host, detail string) *Error {
	return &Error{Word: ErrBadURL, Cause: ErrBadURL, Outcome: Rejected, Method: method, Host: host, Detail: detail}
}

// run performs the hops.
func (x *exchange) run(ctx context.Context, transport http.RoundTripper) (Result, error) {
	for hop := 0; ; hop++ {
		resp, trace, err := x.send(ctx, transport)
		if err != nil {
			return Result{}, err
		}
		next := redirection(resp)
		if next == "" {
			return x.answer(resp, trace)
		}
		discard(resp)
		if hop == MaxRedirects {
			return Result{}, x.lost(ErrBlocked, "too many redirects")
		}
		if err := x.follow(resp.StatusCode, next); err != nil {
			return Result{}, err
		}
	}
}

func (x *exchange) send(ctx context.Context, transport http.RoundTripper) (*http.Response, *wire.Trace, error) {
	trace := &wire.Trace{}
	var body io.Reader
	if len(x.body) > 0 {
		body = bytes.NewReader(x.body)
	}
	req, err := http.NewRequestWithContext(trace.Watch(ctx), x.method, x.url.String(), body)
	if err != nil {
		return nil, nil, badURL(safeName(x.method), x.url.Host, "the method or the URL is not allowed in HTTP")
	}
	req.Header = x.header.Clone()
	if x.url.User != nil && req.Header.Get("Authorization") == "" {
		password, _ := x.url.User.Password()
		req.SetBasicAuth(x.url.User.Username(), password)
	}
	noSilentRepeat(req)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, nil, x.failed(trace, err, false)
	}
	return resp, trace, nil
}

// noSilentRepeat keeps the transport from sending a request a second time when a
// kept connection breaks after something was written: it would do so for every
// method as soon as it sees an Idempotency-Key. It looks for the usual spelling
// only; names of headers mean the same in any.
func noSilentRepeat(req *http.Request) {
	for _, name := range [...]string{"Idempotency-Key", "X-Idempotency-Key"} {
		if values, ok := req.Header[name]; ok {
			delete(req.Header, name)
			req.Header[strings.ToLower(name)] = values
		}
	}
}

// redirection gives the address that an answer redirects to, "" if it does not.
func redirection(resp *http.Response) string {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location")
	}
	return ""
}

// follow prepares the next hop. 307 and 308 repeat the request elsewhere, the
// others fetch the result with GET, as every client does.
func (x *exchange) follow(status int, location string) error {
	next, err := x.url.Parse(location)
	if err != nil {
		return x.lost(ErrBadURL, "the redirect cannot be read")
	}
	keeps := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
	if !keeps && x.method != http.MethodGet && x.method != http.MethodHead {
		x.method, x.body, x.accepted = http.MethodGet, nil, true
		x.header.Del("Content-Type")
	}
	if !sameOrigin(x.url, next) {
		x.header = describing(x.header)
	}
	if err := x.to(next); err != nil {
		return x.lost(ErrBadURL, "the redirect leads to something that is not http or https")
	}
	return nil
}

// lost is the error of a redirect that cannot be followed.
func (x *exchange) lost(word Word, detail string) *Error {
	e := &Error{Word: word, Cause: word, Outcome: Rejected, Method: x.original, Host: x.url.Host, Detail: detail}
	if x.accepted {
		e.Outcome, e.Word = Unknown, ErrUnknown
		if Idempotent(x.original) {
			e.Word = word
		}
	}
	return e
}

// sameOrigin reports whether the flow's headers may go along. From http to https
// of one host they may: that only protects them better.
func sameOrigin(from, to *url.URL) bool {
	if !strings.EqualFold(from.Hostname(), to.Hostname()) {
		return false
	}
	upgrade := from.Scheme == "http" && to.Scheme == "https" && from.Port() == "" && to.Port() == ""
	return upgrade || from.Scheme == to.Scheme && portOf(from) == portOf(to)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// describing keeps the headers that describe the content and the request.
func describing(h http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{"Accept", "Accept-Language", "Content-Type", "User-Agent", "Idempotency-Key"} {
		if v := h.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	return kept
}

// discard reads a little of a body that nobody needs, so that its connection can
// be kept, and closes it.
func discard(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
	resp.Body.Close()
}

// validHeader reports whether name is a token and value has no line breaks or
// other control characters (RFC 9110, sections 5.1 and 5.5), and whether name is
// one that a flow may set: the framing of the message belongs to the transport.
func validHeader(name, value string) bool {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	}) {
		return false
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return false
	}
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Te":
		return false
	}
	return true
}

// safeName shortens and quotes a name that came from a flow.
func safeName(name string) string {
	const longest = 40
	if len(name) > longest {
		name = name[:longest]
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, name), "?")
}
