package sim

// InterruptedAct says what becomes of the action URL of a verb that a REST
// update cuts short.
type InterruptedAct int

// The ways to treat the action of an interrupted Dial or Enqueue. Twilio's pages
// do not say which it is (an Enqueue's is documented as requested; how its
// answer is used is not).
const (
	ActNotRequested InterruptedAct = iota // not requested
	ActIgnored                            // requested, its answer is not used
	ActUsed                               // requested, its answer replaces the new document
)

// Switches decide what Twilio's documentation leaves open. The zero value is
// the likeliest reading; an application should work with every value.
type Switches struct {
	NoActAtHangup            bool           // a caller's hang-up in Dial, Conference or Enqueue requests no action
	ActAfterStatus           bool           // the action at hang-up comes after the status callback, else before
	InterruptedAct           InterruptedAct // the action of a verb that a REST update interrupts
	KickDrops                bool           // a kicked participant's call ends, else it goes on with the action
	RedirectWhileRinging     bool           // Url and Twiml are accepted while a call rings, else error 21220
	RedirectInWhisper        bool           // Redirect may stand in the document of a dialled party
	AnsweredByOnStatus       bool           // status callbacks after detection carry AnsweredBy
	FallbackKeepsFields      bool           // a fallback request carries the fields of the failed one (Digits ...)
	PauseRingsOn             bool           // Pause then Redirect leaves an inbound call ringing, else Redirect answers
	AttachStatusIgnored      bool           // StatusCallback in a REST update of a live call has no effect
	LimitFromConferenceStart bool           // a Dial's timeLimit in a conference counts from its start, else from the join
	TimeLimitFromUpdate      bool           // TimeLimit in a REST update counts from the update, else from the answer
	ListLag                  bool           // a new call shows up in lists after 5 s, else at once
	StartBeforeJoin          bool           // conference-start comes before the join that causes it, else after
	FragmentsIgnored         bool           // connection overrides in URL fragments have no effect
	WhisperHangupCompletes   bool           // Hangup in a whisper gives DialCallStatus completed, else no-answer
	HangupIsUnknown          bool           // a party that hangs up during asynchronous detection is reported as unknown, else not at all
	AsyncDetectionPosts      bool           // AsyncAmdStatusCallbackMethod has no effect, the request is a POST
	UnansweredPriced         bool           // a call that nobody answered has the price 0, else null for ever
	TaskCallSIDOnly          bool           // a call adds only call_sid to its task's attributes, else from, to, direction ... too
	TaskEndIsError           bool           // QueueResult of a caller whose task is canceled or times out is system-error, else leave
	RedirectKeepsTask        bool           // a REST redirect of a queued caller leaves its task alone, else cancels it
	FirstTryCounts           bool           // Pay's maxAttempts counts the first try, else only those after it
	PayFailureFallsThrough   bool           // Pay goes on with the next verb after too many tries, else with its action
	FailedAssignmentCancels  bool           // a reservation whose callbacks fail is canceled, else waits for its timeout
}

// Variant is one deviation from the zero Switches.
type Variant struct {
	Name string
	Set  func(*Switches)
}

// Variants lists every switch in its other position (every other value for an
// InterruptedAct), for tests that try them one by one.
func Variants() []Variant {
	return []Variant{
		{"NoActAtHangup", func(s *Switches) { s.NoActAtHangup = true }},
		{"ActAfterStatus", func(s *Switches) { s.ActAfterStatus = true }},
		{"InterruptedAct=ActIgnored", func(s *Switches) { s.InterruptedAct = ActIgnored }},
		{"InterruptedAct=ActUsed", func(s *Switches) { s.InterruptedAct = ActUsed }},
		{"KickDrops", func(s *Switches) { s.KickDrops = true }},
		{"RedirectWhileRinging", func(s *Switches) { s.RedirectWhileRinging = true }},
		{"RedirectInWhisper", func(s *Switches) { s.RedirectInWhisper = true }},
		{"AnsweredByOnStatus", func(s *Switches) { s.AnsweredByOnStatus = true }},
		{"FallbackKeepsFields", func(s *Switches) { s.FallbackKeepsFields = true }},
		{"PauseRingsOn", func(s *Switches) { s.PauseRingsOn = true }},
		{"AttachStatusIgnored", func(s *Switches) { s.AttachStatusIgnored = true }},
		{"LimitFromConferenceStart", func(s *Switches) { s.LimitFromConferenceStart = true }},
		{"TimeLimitFromUpdate", func(s *Switches) { s.TimeLimitFromUpdate = true }},
		{"ListLag", func(s *Switches) { s.ListLag = true }},
		{"StartBeforeJoin", func(s *Switches) { s.StartBeforeJoin = true }},
		{"FragmentsIgnored", func(s *Switches) { s.FragmentsIgnored = true }},
		{"WhisperHangupCompletes", func(s *Switches) { s.WhisperHangupCompletes = true }},
		{"HangupIsUnknown", func(s *Switches) { s.HangupIsUnknown = true }},
		{"AsyncDetectionPosts", func(s *Switches) { s.AsyncDetectionPosts = true }},
		{"UnansweredPriced", func(s *Switches) { s.UnansweredPriced = true }},
		{"TaskCallSIDOnly", func(s *Switches) { s.TaskCallSIDOnly = true }},
		{"TaskEndIsError", func(s *Switches) { s.TaskEndIsError = true }},
		{"RedirectKeepsTask", func(s *Switches) { s.RedirectKeepsTask = true }},
		{"FirstTryCounts", func(s *Switches) { s.FirstTryCounts = true }},
		{"PayFailureFallsThrough", func(s *Switches) { s.PayFailureFallsThrough = true }},
		{"FailedAssignmentCancels", func(s *Switches) { s.FailedAssignmentCancels = true }},
	}
}
