package sim

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

// Options configures a Sim. The zero value of every field is usable.
type Options struct {
	Clock      clock.Clock // default clock.Real()
	AccountSID string      // default DefaultAccountSID
	AuthToken  string      // signs webhooks and opens the REST API; default DefaultAuthToken
	// TestAccountSID and TestAuthToken are test credentials: with them POST of Calls,
	// Messages and IncomingPhoneNumbers checks its parameters, with Twilio's magic
	// numbers, and does nothing. Default DefaultTestAccountSID and DefaultTestAuthToken.
	TestAccountSID string
	TestAuthToken  string
	APIKeys        map[string]string // further REST credentials, SK SID to secret
	Seed           uint64            // of SIDs and of Faults; the same seed gives the same run in virtual time
	Switches       Switches
	Faults         Faults
	Timings        Timings
	CPS            float64           // calls per second that the REST API starts, the others wait queued; default 1
	Default        *Party            // who answers numbers that AddParty does not know; default: a human after 2 s
	BaseURL        string            // of RecordingUrl and other addresses that the application is given; default https://api.twilio.com
	HTTP           http.RoundTripper // for webhooks; default a transport of the Sim's own. It must hold no clock token, see clock.Clock
	Log            *slog.Logger      // default: none
}

// The credentials of a Sim whose Options name none.
const (
	DefaultAccountSID = "AC00000000000000000000000000000001"
	DefaultAuthToken  = "0123456789abcdef0123456789abcdef"

	DefaultTestAccountSID = "AC00000000000000000000000000000002"
	DefaultTestAuthToken  = "fedcba9876543210fedcba9876543210"
)

// Timings are the durations that Twilio does not promise. A zero field stands
// for its default.
type Timings struct {
	Latency   time.Duration // from the decision to fetch a document to its request; default 20 ms
	Callback  time.Duration // from an event to its asynchronous callback; default 100 ms
	PostDial  time.Duration // from initiated to ringing; default 500 ms
	RingSlack time.Duration // added to every ring timeout (limits of Dial: always some 5 s); default 5 s
	Character time.Duration // of spoken text; default 60 ms
	Play      time.Duration // of a media file that AddMedia does not know; default 10 s
	AMD       time.Duration // from answer to the first result of detection; default 4 s
	Recording time.Duration // from the end of a recording to its completed callback; default 1 s
	Apology   time.Duration // of the "application error" announcement; default 4 s
	Price     time.Duration // from the end of a call or the delivery of a message to its price; default 2 s
	ChildEnd  time.Duration // from the redirect of a Dial's parent to the end of the child; default 200 ms
}

func (t Timings) withDefaults() Timings {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&t.Latency, 20*time.Millisecond)
	set(&t.Callback, 100*time.Millisecond)
	set(&t.PostDial, 500*time.Millisecond)
	set(&t.RingSlack, 5*time.Second)
	set(&t.Character, 60*time.Millisecond)
	set(&t.Play, 10*time.Second)
	set(&t.AMD, 4*time.Second)
	set(&t.Recording, time.Second)
	set(&t.Apology, 4*time.Second)
	set(&t.Price, 2*time.Second)
	set(&t.ChildEnd, 200*time.Millisecond)
	return t
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.AccountSID == "" {
		o.AccountSID = DefaultAccountSID
	}
	if o.AuthToken == "" {
		o.AuthToken = DefaultAuthToken
	}
	if o.BaseURL == "" {
		o.BaseURL = "https://api.twilio.com"
	}
	if o.TestAccountSID == "" {
		o.TestAccountSID, o.TestAuthToken = DefaultTestAccountSID, DefaultTestAuthToken
	}
	if o.CPS <= 0 {
		o.CPS = 1
	}
	if o.Default == nil {
		o.Default = &Party{AnswerAfter: 2 * time.Second}
	}
	if o.HTTP == nil {
		o.HTTP = newTransport()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Timings = o.Timings.withDefaults()
	return o
}

// Number is a phone number of the account, as its settings page shows it.
type Number struct {
	VoiceURL       string
	VoiceMethod    string // GET or POST; default POST
	FallbackURL    string
	FallbackMethod string // default POST
	StatusCallback string // requested once, at the end of each call
	StatusMethod   string // default POST
	Place          Place
}

// Outcome says what a party does with a call.
type Outcome int

// The outcomes. With Manual the phone rings until Call.Answer, Call.Decline or
// the caller's patience ends.
const (
	Answer      Outcome = iota // picks up after Party.AnswerAfter
	Busy                       // busy tone at once, without ringing
	Decline                    // rejects the call after Party.AnswerAfter; the call is busy
	NoAnswer                   // rings until the time is up
	Unreachable                // cannot be routed; the call is failed
	Manual                     // as the test or the person at the phone decides
)

// Kind says what picks up.
type Kind int

// The kinds of parties; only answering-machine detection tells them apart.
// Unclear makes detection end as unknown.
const (
	Human Kind = iota
	Machine
	Fax
	Unclear
)

// Party is a phone outside of the account.
type Party struct {
	Outcome     Outcome
	AnswerAfter time.Duration // counted from the first ring
	Kind        Kind
	Greeting    string        // what a machine says before its beep; its length decides when that comes
	NoBeep      bool          // the machine records without a beep; detection finds silence after the greeting
	HangupAfter time.Duration // hangs up this long after the answer; 0 never
	Script      []Move        // what the party does in the call

	Place        Place // of the telephone number
	RefusesRefer bool  // its SIP phone does not let itself be transferred by Refer
}
