package node_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// The numbers that the flows answer, and those who are called.
const (
	crashMenu    = "+15005550006"
	crashPrepaid = "+15005550008"
	crashHold    = "+15005550011"
	crashSales   = "+15552220001"
	crashAgent   = "+15552220005"
	crashRejoin  = "+15005550007"
	crashHunt    = "+15005550020"
	crashHours   = "+15005550019"
	crashAnn     = "+15552220006"
	crashBob     = "+15552220007"
	crashCat     = "+15552220008"

	crashSupport   = "+15005550010"
	crashCallback  = "+15005550021"
	crashVoicemail = "+15005550018"
	crashTransfer  = "+15005550017"
	crashBot       = "+15005550009"
	crashApp       = "app:dialler" // a TwiML application, as the simulator knows one
	crashExpert    = "+15552220009"
	crashWorkflow  = "WW00000000000000000000000000000001"
)

// crashNumbers are those that flows answer.
var crashNumbers = []string{
	crashMenu, crashPrepaid, crashHold, crashRejoin, crashHunt, crashHours, crashSupport, crashCallback, crashVoicemail, crashTransfer, crashBot,
}

// crashLoad plays calls on the simulator for as long as it is told to.
type crashLoad struct {
	sim   *sim.Sim
	api   *flowtest.API
	clock clock.Clock

	mu      sync.Mutex
	starts  map[string]string // Idempotency-Key of a start that was answered -> session
	signals map[string]int    // "session name" -> signals that were answered with 202
	calls   int
}

// callers are how many people call at the same time.
const callers = 24

// run has people call, one call after the other, until stop is closed.
func (l *crashLoad) run(seed uint64, stop <-chan struct{}) {
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)+10))
			from := number(111, i)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				l.one(r, i, n, from)
				l.mu.Lock()
				l.calls++
				l.mu.Unlock()
			}
		})
	}
	all.Wait()
}

// one plays one call to its end: everybody goes through all kinds, each from another on.
func (l *crashLoad) one(r *rand.Rand, caller, n int, from string) {
	kinds := []func(r *rand.Rand, caller, n int, from string){
		l.menu, l.prepaid, l.rejoin, l.hold, l.hunt, l.hours, l.click, l.inline, l.remind, l.support, l.callback,
		l.voicemail, l.transfer, l.bridge, l.dial, l.browse, l.room, l.campaign,
	}
	kinds[(caller+n)%len(kinds)](r, caller, n, from)
}

// sleep lets telephone time pass.
func (l *crashLoad) sleep(d time.Duration) { time.Sleep(d / crashSpeed) }

// until waits in telephone time for cond, or for the end of the call.
func (l *crashLoad) until(c *sim.Call, limit time.Duration, cond func() bool) bool {
	for end := l.clock.Now().Add(limit); l.clock.Now().Before(end) && !c.Ended(); {
		if cond() {
			return true
		}
		l.sleep(100 * time.Millisecond)
	}
	return false
}

func (l *crashLoad) end(c *sim.Call, patience time.Duration) {
	if !l.until(c, patience, c.Ended) {
		c.Hangup()
	}
}

func seconds(r *rand.Rand, most int) time.Duration {
	return time.Duration(r.IntN(most*1000)) * time.Millisecond
}

func (l *crashLoad) menu(r *rand.Rand, _, _ int, from string) {
	c, err := l.sim.Call(from, crashMenu)
	if err != nil {
		return
	}
	if l.until(c, 20*time.Second, c.Listening) {
		l.sleep(seconds(r, 2))
		c.Press([]string{"1", "2", "*", "7"}[r.IntN(4)])
	}
	if l.until(c, 15*time.Second, func() bool { return c.HeardText("beep") && c.Listening() }) {
		c.Say("Please call me back.")
		l.sleep(seconds(r, 3))
		if r.IntN(2) == 0 {
			c.Press("#")
		}
	}
	l.end(c, 5*time.Second+seconds(r, 15))
}

func (l *crashLoad) prepaid(r *rand.Rand, caller, _ int, from string) {
	c, err := l.sim.CallWith(from, crashPrepaid, url.Values{"number": {number(444, caller)}})
	if err != nil {
		return
	}
	l.end(c, seconds(r, 90))
}

func (l *crashLoad) hold(r *rand.Rand, _, _ int, from string) {
	c, err := l.sim.Call(from, crashHold)
	if err != nil {
		return
	}
	id := engine.SessionID(l.sim.AccountSID(), c.SID())
	if l.until(c, 30*time.Second, func() bool { return len(c.Peers()) > 0 }) {
		for range r.IntN(3) {
			l.signal(id, "hold")
			l.sleep(seconds(r, 5))
			l.signal(id, "resume")
			l.sleep(seconds(r, 5))
		}
	}
	l.end(c, seconds(r, 10))
}

// signal sends a signal once; whether it came through is only known when it is answered.
func (l *crashLoad) signal(id, name string) { l.signalWith(id, name, nil) }

func (l *crashLoad) signalWith(id, name string, data map[string]any) {
	if l.api.Signal(id, name, data) == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.signals[id+" "+name]++
	}
}

// parties says who answers how.
func (l *crashLoad) parties() {
	l.sim.AddParty(crashSales, sim.Party{Outcome: sim.Busy})
	l.sim.AddParty(crashAgent, sim.Party{AnswerAfter: 2 * time.Second, HangupAfter: 2 * time.Minute})
	l.sim.AddParty(crashAnn, sim.Party{Kind: sim.Machine, Greeting: "Nobody is at home.", AnswerAfter: time.Second})
	l.sim.AddParty(crashBob, sim.Party{AnswerAfter: 3 * time.Second, Script: sim.Replies(0, "1"), HangupAfter: 30 * time.Second})
	l.sim.AddParty(crashCat, sim.Party{Outcome: sim.NoAnswer})
	l.sim.AddParty(crashExpert, sim.Party{AnswerAfter: 2 * time.Second, HangupAfter: 30 * time.Second})
	for i := range callers {
		customer := sim.Party{AnswerAfter: time.Second, HangupAfter: time.Minute}
		switch i % 4 {
		case 1:
			customer.Outcome = sim.Busy
		case 2:
			customer.HangupAfter = 4 * time.Second
		}
		l.sim.AddParty(number(888, i), customer)
		answerer := sim.Party{AnswerAfter: time.Second, HangupAfter: time.Minute}
		switch i % 3 {
		case 1:
			answerer.Kind, answerer.Greeting = sim.Machine, "Nobody is at home."
		case 2:
			answerer.Kind = sim.Unclear
		}
		l.sim.AddParty(number(999, i), answerer)
		target := answerer
		switch i % 5 {
		case 1:
			target.Outcome = sim.Busy
		case 2:
			target.Outcome = sim.Decline
		}
		l.sim.AddParty(number(997, i), target)
	}
}

// number is a telephone number of one of the callers' groups.
func number(group, i int) string { return fmt.Sprintf("+1555%03d%04d", group, i) }
