package twilio

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/outbound/wire"
	"github.com/twilio/twilio-go/client"
)

// Sizes in bytes of the largest answers that are read. A page of 1000 calls has
// some 1.5 MB.
const (
	maxAnswer      = 8 << 20
	maxErrorAnswer = 64 << 10
)

// exchange is the client.BaseClient of one call. In place of twilio-go's own it
// ends with a context, sends to the configured address, always reads and closes
// the body, keeps Retry-After, and takes any token.
type exchange struct {
	client *Client
	ctx    context.Context
	op     string
}

var _ client.BaseClient = (*exchange)(nil)

// AccountSid gives the account for the paths that twilio-go builds.
func (x *exchange) AccountSid() string { return x.client.account }

// SetTimeout does nothing: the context of the call bounds it.
func (x *exchange) SetTimeout(time.Duration) {}

// SetOauth does nothing: only basic authentication is used.
func (x *exchange) SetOauth(client.OAuth) {}

// OAuth gives nil.
func (x *exchange) OAuth() client.OAuth { return nil }

// SendRequest sends one request and reads its whole answer. The error is an
// *Error. data goes into the query of GET and DELETE and into the body of others.
func (x *exchange) SendRequest(method, rawURL string, data url.Values, _ map[string]any, _ ...byte) (*http.Response, error) {
	trace := &wire.Trace{}
	req, err := x.request(trace.Watch(x.ctx), method, rawURL, data)
	if err != nil {
		return nil, &Error{Op: x.op, Outcome: Refused, Message: "the request cannot be built: " + err.Error()}
	}
	resp, err := x.client.http.Do(req)
	if err != nil {
		return nil, x.done(req, nil, sendError(x.op, trace, err))
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, x.done(req, resp, x.failure(resp))
	}
	body, err := readAtMost(resp.Body, maxAnswer)
	if err != nil {
		e := unreadable(x.op, wire.Bare(err))
		e.Status = resp.StatusCode
		return nil, x.done(req, resp, e)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, x.done(req, resp, nil)
}

func (x *exchange) request(ctx context.Context, method, rawURL string, data url.Values) (*http.Request, error) {
	base := x.client.base
	path, ok := strings.CutPrefix(rawURL, DefaultBaseURL+"/")
	if !ok {
		base = x.client.tasks
		if path, ok = strings.CutPrefix(rawURL, TaskRouterURL+"/"); !ok {
			return nil, fmt.Errorf("an address outside of %s and %s", DefaultBaseURL, TaskRouterURL)
		}
	}
	target := base + "/" + path
	var body io.Reader
	switch {
	case method == http.MethodPost:
		body = strings.NewReader(data.Encode())
	case len(data) > 0:
		target += "?" + data.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, wire.Bare(err)
	}
	req.SetBasicAuth(x.client.user, x.client.pass)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "ringdown twilio-go/"+client.LibraryVersion)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, nil
}

// failure reads an answer that is no success. Its body is read to a limit, so
// that the connection can be used again, whatever it holds.
func (x *exchange) failure(resp *http.Response) *Error {
	body, err := readAtMost(resp.Body, maxErrorAnswer)
	var decoded restError
	if err != nil || json.Unmarshal(body, &decoded) != nil {
		return answerError(x.op, resp, nil)
	}
	decoded.Message = x.client.mask(decoded.Message)
	return answerError(x.op, resp, &decoded)
}

// mask takes the credentials out of a text that came from outside.
func (c *Client) mask(text string) string {
	basic := base64.StdEncoding.EncodeToString([]byte(c.user + ":" + c.pass))
	return strings.NewReplacer(c.pass, "***", basic, "***").Replace(text)
}

// done writes the log line of the exchange and passes its error on.
func (x *exchange) done(req *http.Request, resp *http.Response, e *Error) error {
	if x.client.log.Enabled(x.ctx, slog.LevelDebug) {
		attrs := []slog.Attr{slog.String("op", x.op), slog.String("method", req.Method), slog.String("path", req.URL.Path)}
		if resp != nil {
			attrs = append(attrs, slog.Int("status", resp.StatusCode))
		}
		if e != nil {
			attrs = append(attrs, slog.String("outcome", e.Outcome.String()), slog.Int("code", e.Code))
		}
		x.client.log.LogAttrs(x.ctx, slog.LevelDebug, "twilio request", attrs...)
	}
	if e == nil {
		return nil
	}
	return e
}

// readAtMost reads r to its end; more than limit bytes are an error.
func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return body, err
}
