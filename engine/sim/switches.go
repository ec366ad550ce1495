package sim

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

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

// names are the values of an InterruptedAct, in their order.
func (InterruptedAct) names() []string { return []string{"not-requested", "ignored", "used"} }

// Switches decide what Twilio's documentation leaves open. The zero value is
// the likeliest reading; an application should work with every value. The tag
// of each says what it means when it is on; tests, command line and control API
// know it by that alone.
type Switches struct {
	NoActAtHangup            bool           `doc:"a caller's hang-up in Dial, Conference or Enqueue requests no action"`
	ActAfterStatus           bool           `doc:"the action at hang-up comes after the status callback, else before"`
	InterruptedAct           InterruptedAct `doc:"the action of a verb that a REST update interrupts"`
	KickDrops                bool           `doc:"a kicked participant's call ends, else it goes on with the action"`
	RedirectWhileRinging     bool           `doc:"Url and Twiml are accepted while a call rings, else error 21220"`
	RedirectInWhisper        bool           `doc:"Redirect may stand in the document of a dialled party"`
	AnsweredByOnStatus       bool           `doc:"status callbacks after detection carry AnsweredBy"`
	FallbackKeepsFields      bool           `doc:"a fallback request carries the fields of the failed one (Digits ...)"`
	PauseRingsOn             bool           `doc:"Pause then Redirect leaves an inbound call ringing, else Redirect answers"`
	AttachStatusIgnored      bool           `doc:"StatusCallback in a REST update of a live call has no effect"`
	LimitFromConferenceStart bool           `doc:"a Dial's timeLimit in a conference counts from its start, else from the join"`
	TimeLimitFromUpdate      bool           `doc:"TimeLimit in a REST update counts from the update, else from the answer"`
	ListLag                  bool           `doc:"a new call shows up in lists after 5 s, else at once"`
	StartBeforeJoin          bool           `doc:"conference-start comes before the join that causes it, else after"`
	FragmentsIgnored         bool           `doc:"connection overrides in URL fragments have no effect"`
	WhisperHangupCompletes   bool           `doc:"Hangup in a whisper gives DialCallStatus completed, else no-answer"`
	HangupIsUnknown          bool           `doc:"a party that hangs up during asynchronous detection is reported as unknown, else not at all"`
	AsyncDetectionPosts      bool           `doc:"AsyncAmdStatusCallbackMethod has no effect, the request is a POST"`
	UnansweredPriced         bool           `doc:"a call that nobody answered has the price 0, else null for ever"`
	TaskCallSIDOnly          bool           `doc:"a call adds only call_sid to its task's attributes, else from, to, direction ... too"`
	TaskEndIsError           bool           `doc:"QueueResult of a caller whose task is canceled or times out is system-error, else leave"`
	RedirectKeepsTask        bool           `doc:"a REST redirect of a queued caller leaves its task alone, else cancels it"`
	FirstTryCounts           bool           `doc:"Pay's maxAttempts counts the first try, else only those after it"`
	PayFailureFallsThrough   bool           `doc:"Pay goes on with the next verb after too many tries, else with its action"`
	FailedAssignmentCancels  bool           `doc:"a reservation whose callbacks fail is canceled, else waits for its timeout"`
}

// Switch is one of the Switches as people name it.
type Switch struct {
	Name   string   // no-act-at-hangup
	Doc    string   // what it means when it is on
	Values []string // the first is the default
	Value  string   // what it is set to

	field int
}

var onOff = []string{"off", "on"}

// List tells every switch with its value.
func (s Switches) List() []Switch {
	v := reflect.ValueOf(s)
	all := make([]Switch, v.NumField())
	for i := range all {
		f := v.Type().Field(i)
		sw := Switch{Name: kebab(f.Name), Doc: f.Tag.Get("doc"), Values: onOff, field: i}
		if named, ok := v.Field(i).Interface().(interface{ names() []string }); ok {
			sw.Values = named.names()
			sw.Value = sw.Values[v.Field(i).Int()]
		} else {
			sw.Value = onOff[btoi(v.Field(i).Bool())]
		}
		all[i] = sw
	}
	return all
}

// Set sets a switch by its name. An empty value is on.
func (s *Switches) Set(name, value string) error {
	for _, sw := range s.List() {
		if squeezed(sw.Name) != squeezed(name) {
			continue
		}
		switch value {
		case "", "true":
			value = "on"
		case "false":
			value = "off"
		}
		for i, known := range sw.Values {
			if known == value {
				s.put(sw.field, i)
				return nil
			}
		}
		return fmt.Errorf("switch %s is %s, not %q", sw.Name, strings.Join(sw.Values, " or "), value)
	}
	return fmt.Errorf("there is no switch %q", name)
}

func (s *Switches) put(field, value int) {
	switch v := reflect.ValueOf(s).Elem().Field(field); v.Kind() {
	case reflect.Bool:
		v.SetBool(value == 1)
	default:
		v.SetInt(int64(value))
	}
}

// Variant is one deviation from the zero Switches.
type Variant struct {
	Name string
	Set  func(*Switches)
}

// Variants lists every switch in each other position, for tests that try them
// one by one.
func Variants() []Variant {
	var all []Variant
	for _, sw := range (Switches{}).List() {
		for i := 1; i < len(sw.Values); i++ {
			all = append(all, Variant{sw.Name + "=" + sw.Values[i], func(s *Switches) { s.put(sw.field, i) }})
		}
	}
	return all
}

// Switches returns what is in force.
func (s *Sim) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.o.Switches
}

// SetSwitches replaces the switches. Calls under way feel it from now on.
func (s *Sim) SetSwitches(to Switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Switches = to
}

// kebab writes a Go name as words: TaskCallSIDOnly is task-call-sid-only.
func kebab(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// squeezed makes no-act-at-hangup and NoActAtHangup the same.
func squeezed(name string) string { return strings.ToLower(strings.ReplaceAll(name, "-", "")) }

func btoi(on bool) int {
	if on {
		return 1
	}
	return 0
}
