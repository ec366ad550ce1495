package node_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// crashWorkers is how many workers TaskRouter can choose from.
const crashWorkers = 6

// workers are those of TaskRouter: some decline, some hang up by themselves.
func (l *crashLoad) workers() error {
	for i := range crashWorkers {
		phone, party := number(666, i), sim.Party{AnswerAfter: time.Second, HangupAfter: time.Minute}
		switch i % 3 {
		case 1:
			party = sim.Party{Outcome: sim.Decline, AnswerAfter: 2 * time.Second}
		case 2:
			party.HangupAfter = 5 * time.Second
		}
		l.sim.AddParty(phone, party)
		if _, err := l.sim.AddWorker(phone, fmt.Sprintf(`{"contact_uri": %q}`, phone)); err != nil {
			return err
		}
	}
	return nil
}

// support waits for a worker, is put on hold and hangs up at some time. TaskRouter takes
// workers out who do not answer in time, as while the server is gone: they come back.
func (l *crashLoad) support(r *rand.Rand, _, _ int, from string) {
	for i := range crashWorkers {
		l.sim.SetAvailable(number(666, i), true)
	}
	c, err := l.sim.Call(from, crashSupport)
	if err != nil {
		return
	}
	id := engine.SessionID(l.sim.AccountSID(), c.SID())
	if l.until(c, 20*time.Second+seconds(r, 20), func() bool { return len(c.Peers()) > 0 }) && r.IntN(2) == 0 {
		l.sleep(seconds(r, 5))
		l.signal(id, "hold")
		l.sleep(seconds(r, 5))
		l.signal(id, "resume")
	}
	l.end(c, seconds(r, 15))
}

// callback presses 1 in the queue, and is called back or not at all.
func (l *crashLoad) callback(r *rand.Rand, _, _ int, from string) {
	c, err := l.sim.Call(from, crashCallback)
	if err != nil {
		return
	}
	id := engine.SessionID(l.sim.AccountSID(), c.SID())
	if l.until(c, 20*time.Second, c.Listening) {
		l.sleep(seconds(r, 2))
		c.Press("1")
	}
	l.end(c, 15*time.Second+seconds(r, 10))
	l.signal(id, "agent-free")
	l.sleep(seconds(r, 20))
	for range 200 {
		var refused *flowtest.StatusError
		if err := l.api.End(id); err == nil || errors.As(err, &refused) && refused.Status < 500 {
			return
		}
		l.sleep(500 * time.Millisecond)
	}
}

// tasks finds tasks that a worker is left with although the caller has gone.
func (c *crashCheck) tasks() {
	for _, t := range c.sim.Tasks() {
		if t.Status != "completed" && t.Status != "canceled" {
			c.fail("task %s of call %s is %s: %+v", t.SID, t.CallSID, t.Status, t.Reservations)
		}
	}
}
