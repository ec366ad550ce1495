package twilio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// DefaultBaseURL is the address of Twilio's REST API.
const DefaultBaseURL = "https://api.twilio.com"

// DefaultTimeout bounds one request, all in all.
const DefaultTimeout = 10 * time.Second

// Config configures a Client.
type Config struct {
	AccountSID string // AC...; required
	AuthToken  string // of the account; not needed if there is an API key
	APIKey     string // SK...; with APISecret it is used in place of AuthToken
	APISecret  string
	BaseURL    string            // default DefaultBaseURL; a simulator's address, say, which serves TaskRouter, too
	Timeout    time.Duration     // of one request; default DefaultTimeout
	Transport  http.RoundTripper // default: NewTransport()
	Log        *slog.Logger      // requests at level debug, without parameters; nil: no log
}

// Client calls Twilio's REST API, version 2010-04-01, for one account. Its methods
// are safe for concurrent use, end with their context, never repeat a POST of which
// a byte went out, and give only errors of type *Error.
//
// Parameters have Twilio's names (StatusCallback) and its text form ("true", "30").
// A parameter that may be repeated, such as StatusCallbackEvent, is given as one
// text with spaces between the values and is sent once per value. A name that the
// resource does not have is refused before anything is sent: Twilio would ignore
// it in silence.
type Client struct {
	account    string
	user, pass string
	base       string
	tasks      string // address of the TaskRouter API
	timeout    time.Duration
	http       *http.Client
	log        *slog.Logger
}

// New makes a Client. The error says which setting is missing or wrong, without
// repeating secrets.
func New(cfg Config) (*Client, error) {
	c := &Client{
		account: cfg.AccountSID, user: cfg.AccountSID, pass: cfg.AuthToken,
		base: strings.TrimRight(cfg.BaseURL, "/"), timeout: cfg.Timeout, log: cfg.Log,
	}
	if cfg.AccountSID == "" {
		return nil, errors.New("no account SID: set TWILIO_ACCOUNT_SID")
	}
	if cfg.APIKey != "" || cfg.APISecret != "" {
		c.user, c.pass = cfg.APIKey, cfg.APISecret
	}
	if c.user == "" || c.pass == "" {
		return nil, errors.New("no credentials: set TWILIO_AUTH_TOKEN, or both TWILIO_API_KEY and TWILIO_API_SECRET")
	}
	c.tasks = c.base
	if c.base == "" || c.base == DefaultBaseURL {
		c.base, c.tasks = DefaultBaseURL, TaskRouterURL
	}
	u, err := url.Parse(c.base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("the base address of the REST API must be like %s, without user, password or query", DefaultBaseURL)
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	transport := cfg.Transport
	if transport == nil {
		transport = NewTransport()
	}
	c.http = &http.Client{
		Transport: transport,
		// A redirect would carry the credentials elsewhere. Twilio sends none.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// NewTransport makes the transport that a Client uses by default, for callers that
// put a layer around it; such a layer must pass the request's context on, or every
// failure but a refused connection has an unknown outcome. It speaks HTTP/1.1: a
// connection that breaks then concerns one request. Idle connections are dropped
// before the other side is likely to, since a request that meets a closing
// connection has an unknown outcome. The proxy settings of the environment hold.
func NewTransport() *http.Transport {
	var h1 http.Protocols
	h1.SetHTTP1(true)
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     20 * time.Second,
		Protocols:           &h1,
	}
}

// Close closes idle connections. Calls in progress go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// AccountSID gives the account that the client acts for.
func (c *Client) AccountSID() string { return c.account }

// service gives twilio-go's API for one call, bound to ctx. Making it costs two
// small allocations; twilio-go itself has no way to pass a context. The handler is
// built here because its constructor reads the environment for an edge and region.
func (c *Client) service(ctx context.Context, op string) (*api.ApiService, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	return api.NewApiService(&client.RequestHandler{Client: &exchange{client: c, ctx: ctx, op: op}}), cancel
}

// unreadable is the error for a success whose body is not what Twilio documents.
func unreadable(op string, cause error) *Error {
	return &Error{Op: op, Outcome: Unknown, Message: "Twilio's answer cannot be read", cause: cause}
}

// asError makes an *Error of what a method of twilio-go gave: our own error
// unchanged, anything else is an answer that it could not decode.
func asError(op string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return unreadable(op, err)
}
