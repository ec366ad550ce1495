package node_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
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
)

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
			from := fmt.Sprintf("+1555111%04d", i)
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

// one plays one call of a random kind to its end.
func (l *crashLoad) one(r *rand.Rand, caller, n int, from string) {
	switch r.IntN(4) {
	case 0:
		l.menu(r, from)
	case 1:
		l.prepaid(r, from, fmt.Sprintf("+1555444%04d", caller))
	case 2:
		l.hold(r, from)
	default:
		l.click(r, caller, n)
	}
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

func (l *crashLoad) menu(r *rand.Rand, from string) {
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

func (l *crashLoad) prepaid(r *rand.Rand, from, callee string) {
	c, err := l.sim.CallWith(from, crashPrepaid, url.Values{"number": {callee}})
	if err != nil {
		return
	}
	l.end(c, seconds(r, 90))
}

func (l *crashLoad) hold(r *rand.Rand, from string) {
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
func (l *crashLoad) signal(id, name string) {
	if l.api.Signal(id, name, nil) == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.signals[id+" "+name]++
	}
}

// click starts a session and repeats the request until it is answered.
func (l *crashLoad) click(r *rand.Rand, caller, n int) {
	agent, customer := fmt.Sprintf("+1555777%04d", caller), fmt.Sprintf("+1555888%04d", caller)
	key := strconv.Itoa(caller) + "-" + strconv.Itoa(n)
	before := len(l.sim.CallsTo(agent))
	var id string
	for range 100 {
		got, err := l.api.StartFlow("click-to-call", map[string]any{"agent": agent, "customer": customer}, key)
		var refused *flowtest.StatusError
		if err == nil {
			id = got
			break
		}
		if errors.As(err, &refused) && refused.Status < 500 {
			return
		}
		l.sleep(500 * time.Millisecond)
	}
	if id == "" {
		return
	}
	l.mu.Lock()
	l.starts[key] = id
	l.mu.Unlock()
	for end := l.clock.Now().Add(15 * time.Second); l.clock.Now().Before(end); l.sleep(100 * time.Millisecond) {
		if calls := l.sim.CallsTo(agent); len(calls) > before {
			l.end(calls[len(calls)-1], 5*time.Second+seconds(r, 20))
			return
		}
	}
}

// parties says who answers how.
func (l *crashLoad) parties() {
	l.sim.AddParty(crashSales, sim.Party{Outcome: sim.Busy})
	l.sim.AddParty(crashAgent, sim.Party{AnswerAfter: 2 * time.Second, HangupAfter: 2 * time.Minute})
	for i := range callers {
		customer := sim.Party{AnswerAfter: time.Second, HangupAfter: time.Minute}
		switch i % 4 {
		case 1:
			customer.Outcome = sim.Busy
		case 2:
			customer.HangupAfter = 4 * time.Second
		}
		l.sim.AddParty(fmt.Sprintf("+1555888%04d", i), customer)
	}
}
