package node_test

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// rejoin talks up to or beyond the end of the money, so that some go back into the room.
func (l *crashLoad) rejoin(r *rand.Rand, caller, _ int, from string) {
	c, err := l.sim.CallWith(from, crashRejoin, url.Values{"number": {number(445, caller)}})
	if err != nil {
		return
	}
	l.end(c, 30*time.Second+seconds(r, 90))
}

func (l *crashLoad) hunt(r *rand.Rand, _, _ int, from string) {
	if c, err := l.sim.Call(from, crashHunt); err == nil {
		l.end(c, 5*time.Second+seconds(r, 30))
	}
}

// hours calls, and turns the switch now and then; whether that came through does not matter.
func (l *crashLoad) hours(r *rand.Rand, _, _ int, from string) {
	if r.IntN(3) == 0 {
		_ = l.api.Switch("emergency", r.IntN(2) == 0)
	}
	if c, err := l.sim.Call(from, crashHours); err == nil {
		l.end(c, 5*time.Second+seconds(r, 30))
	}
}

func (l *crashLoad) click(r *rand.Rand, caller, n int, _ string) {
	agent := number(777, caller)
	if c := l.start("click-to-call", caller, n, agent, map[string]any{"agent": agent, "customer": number(888, caller)}); c != nil {
		l.end(c, 5*time.Second+seconds(r, 20))
	}
}

func (l *crashLoad) inline(r *rand.Rand, caller, n int, _ string) {
	first := number(555, caller)
	if c := l.start("inline-conference", caller, n, first, map[string]any{"caller": first, "callee": number(556, caller)}); c != nil {
		l.end(c, 5*time.Second+seconds(r, 20))
	}
}

func (l *crashLoad) remind(r *rand.Rand, caller, n int, _ string) {
	customer := number(999, caller)
	c := l.start("amd-reminder", caller, n, customer, map[string]any{
		"customer": customer, "agent": number(998, caller), "async": r.IntN(2) == 0, "mode": []string{"Enable", "DetectMessageEnd"}[r.IntN(2)],
	})
	if c != nil {
		l.end(c, 10*time.Second+seconds(r, 30))
	}
}

// start starts a session, repeats the request until it is answered, and gives the call to
// a number that comes of it; nil when none does.
func (l *crashLoad) start(flow string, caller, n int, first string, input map[string]any) *sim.Call {
	key := strconv.Itoa(caller) + "-" + strconv.Itoa(n)
	before := len(l.sim.CallsTo(first))
	var id string
	for range 100 {
		got, err := l.api.StartFlow(flow, input, key)
		var refused *flowtest.StatusError
		if err == nil {
			id = got
			break
		}
		if errors.As(err, &refused) && refused.Status < 500 {
			return nil
		}
		l.sleep(500 * time.Millisecond)
	}
	if id == "" {
		return nil
	}
	l.mu.Lock()
	l.starts[key] = id
	l.mu.Unlock()
	for end := l.clock.Now().Add(15 * time.Second); l.clock.Now().Before(end); l.sleep(100 * time.Millisecond) {
		if calls := l.sim.CallsTo(first); len(calls) > before {
			return calls[len(calls)-1]
		}
	}
	return nil
}
