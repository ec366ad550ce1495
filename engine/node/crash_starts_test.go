package node_test

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine"
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

func (l *crashLoad) voicemail(r *rand.Rand, _, _ int, from string) {
	c, err := l.sim.Call(from, crashVoicemail)
	if err != nil {
		return
	}
	if l.until(c, 20*time.Second, c.Listening) {
		l.sleep(seconds(r, 2))
		c.Say("This is about the invoice.")
		l.sleep(seconds(r, 5))
	}
	l.end(c, seconds(r, 15))
}

// transfer has the agent ask an expert, and hand the caller over or not.
func (l *crashLoad) transfer(r *rand.Rand, _, _ int, from string) {
	c, err := l.sim.Call(from, crashTransfer)
	if err != nil {
		return
	}
	id := engine.SessionID(l.sim.AccountSID(), c.SID())
	if l.until(c, 20*time.Second, func() bool { return len(c.Peers()) > 0 }) {
		l.sleep(seconds(r, 3))
		l.signalWith(id, "consult", map[string]any{"to": crashExpert})
		l.sleep(seconds(r, 8))
		l.signal(id, []string{"complete", "cancel"}[r.IntN(2)])
	}
	l.end(c, 3*time.Second+seconds(r, 15))
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

func (l *crashLoad) bridge(r *rand.Rand, caller, n int, _ string) {
	first := number(557, caller)
	if c := l.start("bridge-two", caller, n, first, map[string]any{"a": first, "b": number(888, caller)}); c != nil {
		l.end(c, 5*time.Second+seconds(r, 20))
	}
}

// room has a bot among people, who press its keys.
func (l *crashLoad) room(r *rand.Rand, caller, n int, _ string) {
	office := number(558, caller)
	c := l.start("conference-bot", caller, n, office, map[string]any{"office": office, "bot": crashBot, "customer": number(559, caller)})
	if c == nil {
		return
	}
	if l.until(c, 20*time.Second, func() bool { return len(c.Peers()) > 0 }) {
		c.Press([]string{"1", "2", "5"}[r.IntN(3)])
	}
	l.end(c, 5*time.Second+seconds(r, 20))
}

// dial and browse talk by the dialler, and leave a message or not.
func (l *crashLoad) dial(r *rand.Rand, caller, n int, _ string) {
	own := number(560, caller)
	if c := l.start("dialler", caller, n, own, map[string]any{"me": own, "number": number(999, caller)}); c != nil {
		l.dialled(r, c, l.session(caller, n))
	}
}

func (l *crashLoad) browse(r *rand.Rand, caller, _ int, _ string) {
	c, err := l.sim.CallWith("client:caller"+strconv.Itoa(caller), crashApp, url.Values{"number": {number(888, caller)}})
	if err == nil {
		l.dialled(r, c, engine.SessionID(l.sim.AccountSID(), c.SID()))
	}
}

func (l *crashLoad) dialled(r *rand.Rand, c *sim.Call, id string) {
	if l.until(c, 15*time.Second, func() bool { return len(c.Peers()) > 0 }) {
		l.sleep(seconds(r, 5))
		l.signal(id, []string{"leave-message", "hang-up", "leave-message"}[r.IntN(3)])
	}
	l.end(c, 5*time.Second+seconds(r, 10))
}

func (l *crashLoad) campaign(r *rand.Rand, caller, n int, _ string) {
	customer := number(997, caller)
	c := l.start("campaign-target", caller, n, customer, map[string]any{"customer": customer})
	if c == nil {
		return
	}
	if l.until(c, 30*time.Second, c.Listening) && r.IntN(2) == 0 {
		c.Press("9")
	}
	l.end(c, 5*time.Second+seconds(r, 20))
	if r.IntN(3) == 0 {
		l.signal(l.session(caller, n), "do-not-call")
	}
}

// session is the session that a start has come to.
func (l *crashLoad) session(caller, n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.starts[startKey(caller, n)]
}

func startKey(caller, n int) string { return strconv.Itoa(caller) + "-" + strconv.Itoa(n) }

// started are the flows that only the API starts.
var started = []string{"click-to-call", "inline-conference", "amd-reminder", "bridge-two", "conference-bot", "campaign-target"}

// start starts a session, repeats the request until it is answered, and gives the call to
// a number that comes of it; nil when none does.
func (l *crashLoad) start(flow string, caller, n int, first string, input map[string]any) *sim.Call {
	key := startKey(caller, n)
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
