// Package sim is a simulator of Twilio's voice service: the REST API over real
// HTTP, TwiML execution, signed webhooks and callbacks, conferences, queues and
// TaskRouter, and the phones of people that answer, are busy or hang up. It tests any TwiML
// application; it knows TwiML and nothing of how the application makes it.
//
// With a virtual clock a run is deterministic: webhooks are sent one at a time,
// each as a timer of the clock, and the same Options.Seed gives the same SIDs
// and the same faults. Facts that Twilio's documentation leaves open are
// Switches.
//
// # How a call becomes webhooks
//
// The beginning of a file's name tells what it is about.
//
//   - sim.go is the account, options.go what it is made with, switches.go and
//     faults.go what can be different and what can go wrong; state.go, log.go and
//     debugger.go are what there is to see of it.
//   - call*.go: a Call is one leg, from its placing to its end (calllifecycle.go).
//     The person at its other end is in callparty.go, what it does by itself in script.go.
//   - run*.go: a run takes the call through documents. It asks for one (webhook*.go:
//     the request with its signature, repeats and time limits, and callbacks, which
//     nobody waits for), reads it, and executes verb after verb.
//   - verbs.go leads to the verbs; verb*.go hold the larger ones.
//   - Where calls meet: rooms*.go (conferences), queues.go. Beside them: recordings.go
//     with their sound (soundtrack.go), fork*.go (streams, SIPREC sessions and
//     transcriptions) and payment.go.
//   - socket*.go: the WebSockets of streams and of ConversationRelay.
//   - rest*.go: the resources of the REST API; restroutes.go lists all. How requests
//     are checked, paged and answered is in the package rest.
//   - TaskRouter is the package taskrouter. tasks.go joins it to the account;
//     instruction*.go do to calls what an assignment says.
//
// All of this is one package because it is one state behind one lock: a hang-up
// ends a verb, leaves a room, ends recordings and finishes a task in one step.
package sim

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim/taskrouter"
)

// Sim is one simulated account. All methods are safe for concurrent use.
type Sim struct {
	o     Options
	clock clock.Clock
	base  context.Context // of all webhooks; ends with Close
	stop  context.CancelFunc

	// mu guards everything below, and all calls, rooms and queues. It is not
	// held during webhooks.
	mu             sync.Mutex
	closed         bool
	sids           *rand.Rand
	faults         []*faultLine
	held           map[string][]func() // callbacks kept back by faults, by subject
	name           string              // of the account
	begun          time.Time           // when it was made
	keys           []*apiKey
	numbers        map[string]*phoneNumber
	callerIDs      []*outgoingCallerID
	parties        map[string][]Party
	media          map[string]time.Duration
	calls          []*Call
	bySID          map[string]*Call
	rooms          []*room
	queues         []*queue
	queueLimits    map[string]int
	messages       []*Message
	taskRouter     *taskrouter.Router
	taskWaits      map[*taskrouter.Task]*waiting     // who waits for a worker
	taskLegs       map[*taskrouter.Reservation]*Call // to workers
	recordings     []*recording
	applications   []*application
	recordingTexts []*recordingText
	nextSlot       time.Time // when the REST API may start the next call
	log            []Entry
	watchers       []func(Entry)
}

// New returns a simulated account without numbers.
func New(o Options) *Sim {
	o = o.withDefaults()
	base, stop := context.WithCancel(context.Background())
	s := &Sim{
		o: o, clock: o.Clock, base: base, stop: stop,
		sids:    rand.New(rand.NewPCG(o.Seed, 1)),
		held:    map[string][]func(){},
		numbers: map[string]*phoneNumber{},
		parties: map[string][]Party{},
		media:   map[string]time.Duration{},
		bySID:   map[string]*Call{},

		queueLimits: map[string]int{},
		taskWaits:   map[*taskrouter.Task]*waiting{},
		taskLegs:    map[*taskrouter.Reservation]*Call{},
	}
	s.setFaults(o.Faults)
	s.taskRouter = s.newTaskRouter()
	s.name, s.begun = "Simulated account", s.now()
	for _, sid := range slices.Sorted(maps.Keys(o.APIKeys)) {
		s.keys = append(s.keys, &apiKey{sid: sid, secret: o.APIKeys[sid], name: sid, created: s.begun, updated: s.begun})
	}
	return s
}

// AccountSID returns the SID of the simulated account.
func (s *Sim) AccountSID() string { return s.o.AccountSID }

// AuthToken returns the token that signs webhooks.
func (s *Sim) AuthToken() string { return s.o.AuthToken }

// AddNumber gives the account a phone number, or changes one it has. A call that
// the account places to its own number becomes an inbound call there as well,
// unless AddParty puts somebody else at it.
func (s *Sim) AddNumber(phone string, n Number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setNumber(phone, n)
}

// AddParty says who is at an address: a phone number, client:name or sip:uri.
// Of several parties each call meets the next, and all further calls the last:
// AddParty(bob, Party{Outcome: Busy}, Party{}) is a phone that is busy once. It
// counts for calls that are placed later; without a party the address is
// forgotten.
func (s *Sim) AddParty(address string, p ...Party) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) == 0 {
		delete(s.parties, address)
		return
	}
	s.parties[address] = slices.Clone(p)
}

// AddMedia says how long the file behind a Play URL is.
func (s *Sim) AddMedia(url string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.media[url] = d
}

// Call lets somebody at from call a number of the account, or as a client one of its
// applications: app:SID, with own parameters as a query behind it. The call's webhooks
// are sent from then on; in virtual time as the clock moves.
func (s *Sim) Call(from, to string) (*Call, error) { return s.CallWith(from, to, nil) }

// CallWith is Call with further parameters in every request of that call, for
// example ForwardedFrom or CallerName.
func (s *Sim) CallWith(from, to string, extra url.Values) (*Call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.call(from, to, extra, nil)
}

// CallAs is CallWith by a party that counts for this one call.
func (s *Sim) CallAs(p Party, from, to string, extra url.Values) (*Call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.call(from, to, extra, &p)
}

func (s *Sim) call(from, to string, extra url.Values, p *Party) (*Call, error) {
	n, ok := s.ownAt(to)
	if !ok {
		return nil, fmt.Errorf("sim: %s is no number and no application of this account; add it with AddNumber or AddApplication", to)
	}
	c := s.inbound(from, to, n, extraForm(extra))
	if p != nil {
		c.setParty(*p)
	}
	c.setStatus("ringing")
	c.runMain()
	return c, nil
}

// Calls returns all calls, oldest first.
func (s *Sim) Calls() []*Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Call(nil), s.calls...)
}

// CallsTo returns the calls to an address, oldest first.
func (s *Sim) CallsTo(address string) []*Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var to []*Call
	for _, c := range s.calls {
		if c.to == address {
			to = append(to, c)
		}
	}
	return to
}

// CallBySID returns the call with that SID, or nil.
func (s *Sim) CallBySID(sid string) *Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bySID[sid]
}

// Live reports how many calls have not ended yet.
func (s *Sim) Live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if !c.over() {
			n++
		}
	}
	return n
}

// Close stops everything: no webhook is sent and no timer has an effect after
// it. Webhooks under way are cancelled and not waited for.
func (s *Sim) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	if t, ok := s.o.HTTP.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// after runs f with mu held, after d. All that happens in the simulator by
// itself happens in such a function.
func (s *Sim) after(d time.Duration, f func()) clock.Timer {
	return s.clock.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed {
			f()
		}
	})
}

func (s *Sim) now() time.Time { return s.clock.Now() }

// sid makes the next SID with the given prefix.
func (s *Sim) sid(prefix string) string {
	return fmt.Sprintf("%s%016x%016x", prefix, s.sids.Uint64(), s.sids.Uint64())
}

// speech is how long text takes to say.
func (s *Sim) speech(text string) time.Duration {
	return time.Duration(len([]rune(text))) * s.o.Timings.Character
}

// uuid makes the next random UUID.
func (s *Sim) uuid() string {
	high, low := s.sids.Uint64()&^0xf000|0x4000, s.sids.Uint64()&^(3<<62)|1<<63 // version 4
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}

// nextParty returns who meets the next call at an address.
func (s *Sim) nextParty(address string) Party {
	queue := s.parties[address]
	if len(queue) == 0 {
		return *s.o.Default
	}
	if len(queue) > 1 {
		s.parties[address] = queue[1:]
	}
	return queue[0]
}
