package engine

import "time"

// EffectKind names something that the engine wants done to the world.
type EffectKind string

// The kinds of effects of the spine. Their words stand in histories.
const (
	PlaceCall         EffectKind = "place-call"
	RedirectCall      EffectKind = "redirect-call"
	HangupCall        EffectKind = "hangup-call"
	UpdateCall        EffectKind = "update-call" // TimeLimit, StatusCallback of a live call
	UpdateParticipant EffectKind = "update-participant"
	KickParticipant   EffectKind = "kick-participant"
	Announce          EffectKind = "announce"
	EndRoom           EffectKind = "end-room"
	RecordStart       EffectKind = "record-start"
	RecordUpdate      EffectKind = "record-update" // pause, resume, stop of a call's recording
	RecordRoom        EffectKind = "record-room"   // the same of a room's
	SendMessage       EffectKind = "send-message"
	HTTPCall          EffectKind = "http"
	UpdateReservation EffectKind = "update-reservation" // of TaskRouter
	UpdateTask        EffectKind = "update-task"
	SignalSession     EffectKind = "signal-session"
)

// Unknown says what to do when nobody knows whether a request was done: a reset after
// writing, a 5xx, an unreadable answer, a crash.
type Unknown string

// The rules for an unknown outcome.
const (
	UnknownReconcile Unknown = "reconcile" // look for it at Twilio before anything else: it may have been placed
	UnknownResend    Unknown = "resend"    // sending again does no harm: it sets a value
	UnknownLookup    Unknown = "lookup"    // look for it in Twilio's list; not found: error unknown-outcome
	UnknownFail      Unknown = "fail"      // not sent again: error unknown-outcome
	UnknownByMethod  Unknown = "by-method" // of HTTP: GET PUT DELETE again, POST PATCH only when the flow says that repeats do no harm
)

// EffectSpec declares the properties of a kind of effect: one line of a table from
// which dispatching and its fault tests come.
type EffectSpec struct {
	Kind      EffectKind
	Deadline  time.Duration // from its commit; an effect that is unsent then has failed
	Unknown   Unknown
	Attempts  int  // at most; 0 is no limit inside the deadline
	NeedsSID  bool // waits for the SID of its leg
	NeedsRoom bool // waits for the SID of the room's conference
	Paced     bool // goes out at the account's call rate
	GoneIsOK  bool // "not there any more" (404, 21220, 16001) is success
	Silent    bool // its failure is recorded and raises no `error`
}

// EffectSpecs is the table of all kinds.
var EffectSpecs = []EffectSpec{
	{Kind: PlaceCall, Deadline: 10 * time.Minute, Unknown: UnknownReconcile, Paced: true},
	{Kind: RedirectCall, Deadline: time.Minute, Unknown: UnknownResend, Attempts: 5, NeedsSID: true},
	{Kind: HangupCall, Deadline: time.Minute, Unknown: UnknownResend, NeedsSID: true, GoneIsOK: true, Silent: true},
	{Kind: UpdateCall, Deadline: 10 * time.Second, Unknown: UnknownResend, NeedsSID: true, GoneIsOK: true, Silent: true},
	{Kind: UpdateParticipant, Deadline: 10 * time.Second, Unknown: UnknownResend, NeedsSID: true, NeedsRoom: true},
	{Kind: KickParticipant, Deadline: 10 * time.Second, Unknown: UnknownResend, NeedsSID: true, NeedsRoom: true, GoneIsOK: true},
	{Kind: Announce, Deadline: 10 * time.Second, Unknown: UnknownFail, NeedsRoom: true},
	{Kind: EndRoom, Deadline: 10 * time.Second, Unknown: UnknownResend, NeedsRoom: true, GoneIsOK: true},
	{Kind: RecordStart, Deadline: 10 * time.Second, Unknown: UnknownLookup, NeedsSID: true},
	{Kind: RecordUpdate, Deadline: 10 * time.Second, Unknown: UnknownResend, NeedsSID: true},
	{Kind: RecordRoom, Deadline: 10 * time.Second, Unknown: UnknownResend, NeedsRoom: true},
	{Kind: SendMessage, Deadline: 15 * time.Minute, Unknown: UnknownLookup},
	{Kind: HTTPCall, Deadline: 15 * time.Minute, Unknown: UnknownByMethod, Silent: true},
	// A reservation waits two minutes by default; a leg's redirect waits behind it.
	{Kind: UpdateReservation, Deadline: 20 * time.Second, Unknown: UnknownResend},
	{Kind: UpdateTask, Deadline: 15 * time.Minute, Unknown: UnknownResend, GoneIsOK: true},
	{Kind: SignalSession, Deadline: time.Minute, Unknown: UnknownResend},
}

// Spec returns the declared properties of the kind; the zero EffectSpec for a kind that
// this version does not know.
func (k EffectKind) Spec() EffectSpec {
	for _, s := range EffectSpecs {
		if s.Kind == k {
			return s
		}
	}
	return EffectSpec{}
}

// Effect is something to do to the world, as data. It is committed with the event that
// asked for it and performed afterwards, in the order of its lane.
type Effect struct {
	ID        string     `json:"id"` // "rev.n" within its session
	Kind      EffectKind `json:"kind"`
	Lane      string     `json:"lane"` // leg-1, room-line, http-4.0, misc: order holds within a lane
	Leg       int        `json:"leg,omitempty"`
	Turn      int        `json:"turn,omitempty"` // of a RedirectCall
	Room      string     `json:"room,omitempty"` // name at Twilio of the conference
	NotBefore time.Time  `json:"not_before,omitzero"`
	Deadline  time.Time  `json:"deadline"`
	// Params are Twilio's REST parameters by their names. Values that start with "/" and
	// stand in a URL parameter are paths of this server: the dispatcher makes them absolute.
	// A repeated parameter (StatusCallbackEvent) is a space separated list.
	Params map[string]string `json:"params,omitempty"`
	HTTP   *HTTPRequest      `json:"http,omitempty"`
	Signal *SignalTo         `json:"signal,omitempty"`
	// Quiet says that its failure is recorded and raises no `error`, whatever its kind.
	Quiet bool `json:"quiet,omitempty"`
	// Verify names the parameters whose value the answer must show (EndConferenceOnExit is
	// ignored by Twilio without an error while the participant is on hold).
	Verify []string `json:"verify,omitempty"`
}

// Parameters that say what an effect on TaskRouter is about. They are not sent.
const (
	ParamWorkspace   = "Workspace"
	ParamTask        = "Task"
	ParamReservation = "Reservation"
)

// HTTPRequest is what an `http` step sends. Secrets are not in it: they are sealed (Seal)
// and opened when the request is written.
type HTTPRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Timeout time.Duration     `json:"timeout"`
	Tries   int               `json:"tries"`
	Repeats bool              `json:"repeats,omitempty"` // the flow wrote tries > 1: repeats do no harm
	Save    bool              `json:"save,omitempty"`    // somebody waits for the answer
	Key     string            `json:"key"`               // Idempotency-Key, the same in every repeat
}
