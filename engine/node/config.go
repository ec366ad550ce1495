// Package node puts one Ringdown server together: flow folder, store, runtime,
// dispatcher and HTTP server. The command line and end-to-end tests use the same one.
package node

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/schema"
)

// Config is everything that a node needs from outside. Flows, AccountSID, AuthTokens
// and PublicURLs are required.
type Config struct {
	// Flows is the folder with the flow files.
	Flows string
	// AccountSID and AuthTokens are those of the Twilio account. The first token is
	// used for REST calls; all are good for signatures, while one replaces another.
	AccountSID string
	AuthTokens []string
	// APIKey and APISecret are used for REST calls in place of the token, if set.
	APIKey, APISecret string
	// TwiMLApp is the TwiML application of the console's phone (Voice SDK), AP...; "": it has
	// none. It needs the API key, which signs the access tokens.
	TwiMLApp string
	// TwilioURL is another base address of the REST API; "": Twilio's own.
	TwilioURL string
	// PublicURLs are the addresses under which Twilio reaches this server, without
	// path. New URLs get the first one, signatures of all are good.
	PublicURLs []string
	// Store is the path of the SQLite file; "" or ":memory:" is one that is not kept.
	Store string
	// APIToken opens the control API; "" keeps it closed.
	APIToken string
	// Desk gives the console the phones of package desk.
	Desk bool
	// OpenConsole lets everybody who reaches the server use the console: for a server on
	// the own machine only.
	OpenConsole bool
	// CPS is how many calls the account places per second; 0: 1.
	CPS float64
	// Env looks up the environment variables that flows may read; nil: there are none.
	Env func(name string) (string, bool)
	// Hours holds calendars open or shut, whatever their hours say: for tests.
	Hours map[string]bool
	// AllowPrivate are private networks that `http` steps may reach.
	AllowPrivate []netip.Prefix

	// Clock is the only source of time; nil: the real one.
	Clock clock.Clock
	// REST carries the requests to Twilio; nil: an own transport.
	REST http.RoundTripper
	// WrapHTTP may put a layer around the transport of `http` steps; nil: none.
	WrapHTTP func(http.RoundTripper) http.RoundTripper
	// NewID makes ids of sessions that no call begins; nil: random ones.
	NewID func() string
	// Loaded is told of the flows of the first load and of every reload, good or bad.
	Loaded func(Report)
	// Committed is told of every session as each commit leaves it, in the order of its
	// commits. It must return at once, must not change the session and must not call the
	// node; nil: nobody is told.
	Committed func(*engine.Session)
	// Taken is told of the places in the flows that each committed event has run; nil:
	// nobody is told.
	Taken func(places []diag.Pos)
	// Loader has compiled flows before, which are not compiled again where they are the
	// same; nil: none has.
	Loader *schema.Loader
	// Poll and Debounce of the flow folder; 0: 3 s and 100 ms.
	Poll, Debounce time.Duration
	// Prune is how often expired idempotency keys are removed; 0: every hour, below 0: never.
	Prune time.Duration
	Log   *slog.Logger // nil: no log
}

// Report says what came of loading the flow folder. With Err nil the flows are in
// force; otherwise nothing has changed, and Diagnostics says why.
type Report struct {
	First                   bool
	Added, Changed, Removed []string // files, within the folder
	Changes                 []string // what that means for the flows, in words
	Flows                   int      // in force now
	Diagnostics             diag.List
	Err                     error
}

// check reports all settings that are missing or wrong, by the names under which
// people set them.
func (c *Config) check() error {
	var errs []error
	missing := func(is bool, text string) {
		if is {
			errs = append(errs, errors.New(text))
		}
	}
	missing(c.Flows == "", "no folder with flows was given")
	missing(c.AccountSID == "", "TWILIO_ACCOUNT_SID is not set: it is on the first page of the Twilio console, AC...")
	missing(len(c.AuthTokens) == 0, "TWILIO_AUTH_TOKEN is not set: without it no webhook can be verified")
	missing((c.APIKey == "") != (c.APISecret == ""), "set both TWILIO_API_KEY and TWILIO_API_SECRET, or none of them")
	missing(c.TwiMLApp != "" && c.APIKey == "", "TWILIO_TWIML_APP_SID needs TWILIO_API_KEY and TWILIO_API_SECRET: they sign the access tokens of the console's phone")
	missing(len(c.PublicURLs) == 0, "RINGDOWN_PUBLIC_URL is not set: the address under which Twilio reaches this server, such as https://voice.example.com")
	for _, base := range c.PublicURLs {
		if err := checkPublic(base); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func checkPublic(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("RINGDOWN_PUBLIC_URL must be like https://voice.example.com, without a path, user or query")
	}
	return nil
}
