package clock

import (
	"io"
	"net/http"
)

// Transport wraps rt (nil means http.DefaultTransport) so that a token is held
// from the start of a request until its answer's body has been read to the end
// or closed, or the request has failed. It is for clients that hold no token of
// their own; see Clock. Bodies must be closed, as always.
func Transport(c Clock, rt http.RoundTripper) http.RoundTripper {
	if rt == nil {
		rt = http.DefaultTransport
	}
	return &transport{clock: c, next: rt}
}

type transport struct {
	clock Clock
	next  http.RoundTripper
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	end := t.clock.Begin()
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		end()
		return nil, err
	}
	if resp.Body == nil || resp.Body == http.NoBody {
		end()
		return resp, nil
	}
	resp.Body = &tokenBody{ReadCloser: resp.Body, end: end}
	return resp, nil
}

// tokenBody ends the token with the first read error (io.EOF included) or Close.
type tokenBody struct {
	io.ReadCloser
	end func()
}

func (b *tokenBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end()
	}
	return n, err
}

func (b *tokenBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}
