package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind names a thing that networks, busy services and people do.
type FaultKind string

// The faults; Kinds tells what each does and what its For and By mean.
const (
	LoseCallback    FaultKind = "lose-callback"
	RepeatCallback  FaultKind = "repeat-callback"
	DelayCallback   FaultKind = "delay-callback"
	ReorderCallback FaultKind = "reorder-callback"

	ResetWebhook  FaultKind = "reset-webhook"
	SlowWebhook   FaultKind = "slow-webhook"
	ErrorWebhook  FaultKind = "error-webhook"
	RepeatWebhook FaultKind = "repeat-webhook"
	LoseAnswer    FaultKind = "lose-answer"

	TooManyRequests FaultKind = "rest-429"
	ServerError     FaultKind = "rest-500"
	ErrorAfter      FaultKind = "rest-500-after"
	NoRESTAnswer    FaultKind = "rest-no-answer"
	SlowREST        FaultKind = "rest-slow"

	HangUp FaultKind = "hang-up"
)

// FaultInfo describes a kind of fault.
type FaultInfo struct {
	Kind FaultKind
	Doc  string
	For  string        // what Fault.For is looked for in
	By   time.Duration // default of Fault.By; 0 if the kind has no use for it
}

const (
	forCallback = "the callback's name (status, conference, recording ...) or its URL"
	forWebhook  = "the webhook's name (url, action, whisper ...) or its URL"
	forREST     = "the method and path of the request"
	forVerb     = "the verb's name"
)

// FaultKinds lists every kind of fault, in the order of the documentation.
func FaultKinds() []FaultInfo {
	return []FaultInfo{
		{LoseCallback, "an asynchronous callback is never sent", forCallback, 0},
		{RepeatCallback, "an asynchronous callback is sent twice", forCallback, 0},
		{DelayCallback, "an asynchronous callback is late by an even spread of 0 to BY", forCallback, 5 * time.Second},
		{ReorderCallback, "an asynchronous callback waits until the next one of its call or conference was sent, at most BY", forCallback, 5 * time.Second},
		{ResetWebhook, "the connection of a webhook breaks before the application gets it", forWebhook, 0},
		{SlowWebhook, "the answer to a webhook comes BY later", forWebhook, 20 * time.Second},
		{ErrorWebhook, "a webhook is answered 503 by something in front of the application", forWebhook, 0},
		{RepeatWebhook, "the answer to a webhook is lost, it is sent again with the same idempotency token", forWebhook, 0},
		{LoseAnswer, "the answer to a webhook is lost for good: error 11200, the fallback URL is next", forWebhook, 0},
		{TooManyRequests, "a REST request is refused with 429 and code 20429, and not processed", forREST, 0},
		{ServerError, "a REST request is answered 500 and not processed", forREST, 0},
		{ErrorAfter, "a REST request is processed, but answered 500", forREST, 0},
		{NoRESTAnswer, "a REST request is processed, but the connection breaks before the answer", forREST, 0},
		{SlowREST, "a REST request is processed and answered BY later", forREST, 10 * time.Second},
		{HangUp, "the party hangs up within BY after a verb has begun", forVerb, time.Second},
	}
}

func faultInfo(kind FaultKind) (FaultInfo, bool) {
	for _, info := range FaultKinds() {
		if info.Kind == kind {
			return info, true
		}
	}
	return FaultInfo{}, false
}

// Fault is one line of a schedule of faults: what goes wrong, how often and where.
type Fault struct {
	Kind  FaultKind
	Rate  float64       // share of the chances that it takes, at random; 0 is 1: all of them
	Next  int           // ends after so many times; 0 never
	Skip  int           // chances that pass before it begins
	For   string        // only chances with this in them, see FaultInfo.For; "" all
	By    time.Duration // see FaultInfo.By; 0 its default
	Times int           // how often it has happened; told by Sim.Faults
}

// Faults is a schedule. In virtual time the same Options.Seed gives the same
// faults; each line draws from a random source of its own, so that another line
// changes nothing for it.
type Faults []Fault

// Has reports whether a kind of fault is in the schedule.
func (f Faults) Has(kind FaultKind) bool {
	return slices.ContainsFunc(f, func(fault Fault) bool { return fault.Kind == kind })
}

// ParseFault reads NAME[=RATE][,next=N][,skip=N][,for=TEXT][,by=DURATION], as String
// writes it.
func ParseFault(text string) (Fault, error) {
	head, options, _ := strings.Cut(text, ",")
	name, rate, rated := strings.Cut(head, "=")
	f := Fault{Kind: FaultKind(name)}
	if rated {
		n, err := strconv.ParseFloat(rate, 64)
		if err != nil || !(n > 0 && n <= 1) {
			return f, fmt.Errorf("the rate of %s is above 0 and at most 1, not %q", name, rate)
		}
		f.Rate = n
	}
	for options != "" {
		var option string
		option, options, _ = strings.Cut(options, ",")
		if err := f.option(option); err != nil {
			return f, err
		}
	}
	return f, f.Check()
}

func (f *Fault) option(text string) (err error) {
	key, value, _ := strings.Cut(text, "=")
	switch key {
	case "next":
		f.Next, err = strconv.Atoi(value)
	case "skip":
		f.Skip, err = strconv.Atoi(value)
	case "for":
		f.For = value
	case "by":
		f.By, err = time.ParseDuration(value)
	default:
		return fmt.Errorf("a fault is NAME[=RATE][,next=N][,skip=N][,for=TEXT][,by=DURATION]; there is no %q", key)
	}
	if err != nil {
		return fmt.Errorf("%s of fault %s: %q is not %s", key, f.Kind, value, pick(key == "by", "a duration like 500ms or 3s", "a whole number"))
	}
	return nil
}

// Check tells what is wrong with a fault.
func (f Fault) Check() error {
	info, ok := faultInfo(f.Kind)
	switch {
	case !ok:
		return fmt.Errorf("there is no fault %q", f.Kind)
	case !(f.Rate >= 0 && f.Rate <= 1):
		return fmt.Errorf("the rate of %s is at most 1, not %v", f.Kind, f.Rate)
	case f.Next < 0 || f.Skip < 0 || f.By < 0:
		return fmt.Errorf("next, skip and by of %s are not below 0", f.Kind)
	case f.By > 0 && info.By == 0:
		return fmt.Errorf("fault %s has no use for by", f.Kind)
	}
	return nil
}

// String writes a fault as ParseFault reads it.
func (f Fault) String() string {
	s := string(f.Kind)
	if f.Rate > 0 {
		s += "=" + strconv.FormatFloat(f.Rate, 'g', -1, 64)
	}
	if f.Next > 0 {
		s += ",next=" + strconv.Itoa(f.Next)
	}
	if f.Skip > 0 {
		s += ",skip=" + strconv.Itoa(f.Skip)
	}
	if f.For != "" {
		s += ",for=" + f.For
	}
	if f.By > 0 {
		s += ",by=" + f.By.String()
	}
	return s
}

// faultLine is a Fault with its state.
type faultLine struct {
	Fault
	passed int
	random *rand.Rand
}

// SetFaults replaces the faults from now on.
func (s *Sim) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setFaults(f)
}

func (s *Sim) setFaults(f Faults) {
	s.faults = nil
	for _, fault := range f {
		s.addFault(fault)
	}
}

// AddFault adds a fault from now on.
func (s *Sim) AddFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addFault(f)
}

func (s *Sim) addFault(f Fault) {
	if f.By <= 0 {
		info, _ := faultInfo(f.Kind)
		f.By = info.By
	}
	same := uint64(0)
	for _, line := range s.faults {
		if line.Kind == f.Kind {
			same++
		}
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(f.Kind)) // never fails
	s.faults = append(s.faults, &faultLine{Fault: f, random: rand.New(rand.NewPCG(s.o.Seed, h.Sum64()+same))})
}

// Faults returns the faults in force, with how often each has happened.
func (s *Sim) Faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(Faults, len(s.faults))
	for i, line := range s.faults {
		all[i] = line.Fault
	}
	return all
}

// happens decides whether a fault takes a chance that is described by texts. It
// returns the line that does, or nil; mu must be held.
func (s *Sim) happens(kind FaultKind, texts ...string) *faultLine {
	for _, line := range s.faults {
		if line.Kind == kind && line.takes(texts) {
			line.Times++
			return line
		}
	}
	return nil
}

func (line *faultLine) takes(texts []string) bool {
	if line.Next > 0 && line.Times >= line.Next {
		return false
	}
	if line.For != "" && !strings.Contains(strings.Join(texts, " "), line.For) {
		return false
	}
	if line.passed++; line.passed <= line.Skip {
		return false
	}
	return line.Rate == 0 || line.random.Float64() < line.Rate
}

// spread is an even spread of 0 to By.
func (line *faultLine) spread() time.Duration {
	return time.Duration(line.random.Int64N(int64(line.By) + 1))
}
