package node_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/store"
)

// crashCheck compares what the world outside has seen with what the server wrote down.
type crashCheck struct {
	log      []sim.Entry
	sim      *sim.Sim
	billing  *flowtest.Billing
	load     *crashLoad
	sessions []store.Session
	history  map[string][]flowtest.Line
	wrong    []string
	priced   int // legs of which it is known what they cost
}

func (c *crashCheck) fail(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// run gives everything that is wrong.
func (c *crashCheck) run() []string {
	for _, s := range c.sessions {
		if s.Condition != string(engine.SessionClosed) {
			c.fail("session %s of %s is %s in %s", s.ID, s.Flow, s.Condition, s.States)
		}
		c.effects(s.ID)
		c.timers(s.ID)
	}
	if n := c.sim.Live(); n != 0 {
		c.fail("%d calls are still live at Twilio", n)
	}
	c.answers()
	c.placed()
	c.messages()
	c.charges()
	c.requests()
	c.tasks()
	return c.wrong
}

// summary tells what the kills have hit.
func (c *crashCheck) summary() string {
	var good, failed, again, unknown int
	for _, e := range c.log {
		switch {
		case e.Kind != sim.EntryWebhook && e.Kind != sim.EntryCallback:
		case e.Code == 0:
			good++
		default:
			failed++
		}
	}
	for _, lines := range c.history {
		for _, l := range lines {
			if strings.HasPrefix(l.Name, engine.KindResult+".") && l.Fields["attempts"] > "1" {
				again++
			}
			if r := l.Fields["reason"]; r == "unknown-outcome" || r == "not-placed" {
				unknown++
			}
		}
	}
	return fmt.Sprintf("%d webhooks answered, %d failed, %d effects tried again, %d of unknown outcome, %d prices", good, failed, again, unknown, c.priced)
}

// Documents that say nothing about a turn: they are true whenever they are given.
var (
	staleDoc = regexp.MustCompile(`^(<\?xml[^>]*\?>)?<Response>(<Pause length="1"/>)?<Redirect[^>]*>/t/[^<]*/doc[^<]*</Redirect></Response>$`)
	emptyDoc = regexp.MustCompile(`^(<\?xml[^>]*\?>)?<Response>\s*(<Hangup/>|<Pause length="\d+"/>|)</Response>$|^(<\?xml[^>]*\?>)?<Response/>$`)
	// What a new caller hears while nothing can be stored: no session begins.
	sorryDoc = regexp.MustCompile(`^(<\?xml[^>]*\?>)?<Response><Say[^>]*>We are sorry, [^<]*</Say><Hangup/></Response>$`)
	legURL   = regexp.MustCompile(`/t/([^/]+)/(\d+)/(\d+)/([a-z0-9-]+)`)
)

// answers: every document that Twilio got stands in the history of its session.
func (c *crashCheck) answers() {
	given := map[string]map[string]bool{}
	for id, lines := range c.history {
		given[id] = map[string]bool{}
		for _, l := range lines {
			switch {
			case l.What == "document":
				given[id][l.Text] = true
			case l.What == "effect" && l.Fields["Twiml"] != "": // its call gets it again after a failed request
				given[id][l.Fields["Twiml"]] = true
			}
		}
	}
	seen := 0
	for _, e := range c.log {
		if e.Kind != sim.EntryWebhook || e.Code != 0 || e.Status != http.StatusOK {
			continue
		}
		id, kind := engine.SessionID(c.sim.AccountSID(), e.Call), ""
		if m := legURL.FindStringSubmatch(e.URL); m != nil {
			id, kind = m[1], m[4]
		}
		if staleDoc.MatchString(e.Body) || emptyDoc.MatchString(e.Body) || slices.Contains([]string{"wait", "hold", "loop"}, kind) ||
			strings.HasPrefix(kind, engine.URLWaitKey) || strings.HasSuffix(e.URL, "/taskrouter/assignment") || e.Body == string(engine.ServerApology()) {
			continue
		}
		if _, begun := given[id]; !begun && sorryDoc.MatchString(e.Body) {
			continue
		}
		seen++
		if !given[id][e.Body] {
			c.fail("an answer of session %s to %s at %v is not in its history: %.200s", id, e.URL, e.At, e.Body)
		}
	}
	if seen == 0 {
		c.fail("no document was answered at all")
	}
}

// effects: each one that was committed has one result. Only a redirect needs none when
// its call has ended before.
func (c *crashCheck) effects(id string) {
	results, over := map[string]int{}, map[int]bool{}
	for _, l := range c.history[id] {
		switch {
		case l.What == "event" && strings.HasPrefix(l.Name, engine.KindResult+"."):
			results[l.Effect]++
		case l.What == "late" && l.Name == engine.KindResult && len(l.Fields) > 0: // after the session's end
			results[l.Effect]++
		case l.What == "end" && l.Leg != 0:
			over[l.Leg] = true
		}
	}
	for _, l := range c.history[id] {
		n := results[l.Effect]
		if l.What != "effect" || n == 1 || n == 0 && l.Name == string(engine.RedirectCall) && over[l.Leg] {
			continue
		}
		c.fail("effect %s (%s) of session %s has %d results", l.Effect, l.Name, id, n)
	}
}

// timers: none fires more often than it was armed.
func (c *crashCheck) timers(id string) {
	armed := map[string]int{}
	for _, l := range c.history[id] {
		switch {
		case l.What == "timer":
			armed[fmt.Sprintf("%s of %d", l.Name, l.Leg)]++
		case l.What == "event" && strings.HasPrefix(l.Name, engine.KindTimer+"."):
			key := fmt.Sprintf("%s of %d", strings.TrimPrefix(l.Name, engine.KindTimer+"."), l.Leg)
			if armed[key]--; armed[key] < 0 {
				c.fail("timer %s of session %s fired more often than it was armed", key, id)
			}
		}
	}
}

// placed: one request for a leg is carried out at most once. A leg that was placed again
// under a new number, because nothing was seen of the first call, is hung up at once.
func (c *crashCheck) placed() {
	sids := map[string][]string{} // "session leg"
	for _, e := range c.log {
		if e.Kind != sim.EntryREST || e.Method != http.MethodPost || e.Name != "Calls" || !strings.Contains(e.Body, `"sid":"CA`) {
			continue
		}
		m := legURL.FindStringSubmatch(e.Params.Get("StatusCallback"))
		var call struct{ SID string }
		if m == nil || json.Unmarshal([]byte(e.Body), &call) != nil {
			c.fail("a call that cannot be read: %v %s", e.Params, e.Body)
			continue
		}
		key := m[1] + " " + m[2]
		sids[key] = append(sids[key], call.SID)
	}
	for key, list := range sids {
		if len(list) > 1 {
			c.fail("leg %s was placed %d times: %v", key, len(list), list)
		}
	}
	c.replaced(sids)
}

// replaced looks for calls of legs that have a successor, and what they were told.
func (c *crashCheck) replaced(sids map[string][]string) {
	for id, lines := range c.history {
		effects, again, direct := map[string]int{}, map[int64]int{}, map[int]bool{}
		for _, l := range lines {
			switch {
			case l.What == "event" && l.Fields["reason"] == "not-placed":
				again[l.Rev] = effects[l.Effect] // placed again, if at all, in the same commit
			case l.What != "effect" || l.Name != string(engine.PlaceCall):
			case again[l.Rev] != 0 && !direct[again[l.Rev]]:
				for _, sid := range sids[fmt.Sprintf("%s %d", id, again[l.Rev])] {
					if c.talked(sid) {
						c.fail("the call %s of leg %d of session %s talked although leg %d took its place", sid, again[l.Rev], id, l.Leg)
					}
				}
				effects[l.Effect] = l.Leg
			default:
				effects[l.Effect] = l.Leg
				direct[l.Leg] = l.Fields["Twiml"] != "" // it talks without asking
			}
		}
	}
}

// talked reports whether the party of a call heard anything.
func (c *crashCheck) talked(sid string) bool {
	return slices.ContainsFunc(c.log, func(e sim.Entry) bool { return e.Kind == sim.EntryHeard && e.Call == sid })
}

// messages: one for each that was committed, and none twice. Where nobody knows whether
// it was sent and Twilio lists none, it is given up and the session told: it is not sent
// again.
func (c *crashCheck) messages() {
	sent := map[string]int{}
	for _, m := range c.sim.Messages() {
		sent[m.Body]++
	}
	for body, n := range sent {
		if n != 1 {
			c.fail("the message %q was sent %d times", body, n)
		}
	}
	for id, lines := range c.history {
		given := map[string]bool{}
		for _, l := range lines {
			given[l.Effect] = given[l.Effect] || l.Fields["reason"] == "unknown-outcome"
		}
		for _, l := range lines {
			if l.What == "effect" && l.Name == string(engine.SendMessage) && sent[l.Fields["Body"]] != 1 && !given[l.Effect] {
				c.fail("the message of effect %s of session %s was sent %d times", l.Effect, id, sent[l.Fields["Body"]])
			}
		}
	}
}

// charges: a request that does harm when it is repeated is not repeated.
func (c *crashCheck) charges() {
	posts := map[string]int{}
	for _, r := range c.billing.Requests() {
		if r.Key == "" {
			c.fail("a request without a key: %+v", r)
		}
		if r.Method == http.MethodPost {
			if posts[r.Key]++; posts[r.Key] > 1 {
				c.fail("the charge %s was asked for %d times", r.Key, posts[r.Key])
			}
		}
	}
}

// requests: what the API has answered is there, once.
func (c *crashCheck) requests() {
	c.load.mu.Lock()
	defer c.load.mu.Unlock()
	told := map[string]string{}
	for key, id := range c.load.starts {
		if other, twice := told[id]; twice {
			c.fail("the starts %s and %s gave one session %s", key, other, id)
		}
		told[id] = key
		if _, ok := c.history[id]; !ok {
			c.fail("session %s, which the API has promised, is not there", id)
		}
	}
	for _, s := range c.sessions {
		if slices.Contains(started, s.Flow) && told[s.ID] == "" {
			c.fail("session %s was started and nobody was told", s.ID)
		}
	}
	for what, n := range c.load.signals {
		id, name, _ := strings.Cut(what, " ")
		got := 0
		for _, l := range c.history[id] {
			if l.What == "event" && strings.HasPrefix(l.Name, engine.KindSignal) && strings.HasSuffix(l.Name, name) {
				got++
			}
		}
		if got < n {
			c.fail("session %s has taken %d signals %s, %d were promised", id, got, name, n)
		}
	}
}

// read takes the sessions and their histories from the store of a server that has
// stopped. Effects that are still in it are wrong.
func (c *crashCheck) read(path string) error {
	s, err := store.OpenSQLite(path, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	ctx := context.Background()
	if c.sessions, err = s.Sessions(ctx, store.Filter{Limit: math.MaxInt32, Data: true}); err != nil {
		return err
	}
	for _, row := range c.sessions {
		commits, err := s.History(ctx, row.ID)
		if err != nil {
			return err
		}
		lines := []flowtest.Line{}
		for _, h := range commits {
			var entries []engine.Entry
			if err := json.Unmarshal(h.Data, &entries); err != nil {
				return fmt.Errorf("history of %s at %d: %w", row.ID, h.Rev, err)
			}
			for _, e := range entries {
				lines = append(lines, flowtest.Line{Rev: h.Rev, Entry: e})
			}
		}
		c.history[row.ID] = lines
	}
	if err := c.prices(ctx, s); err != nil {
		return err
	}
	left, err := s.Effects(ctx)
	for _, e := range left {
		c.fail("effect %s (%s) of session %s is still in the store", e.ID, e.Kind, e.Session)
	}
	return err
}

// prices: Twilio is asked for what every call cost until that is known.
func (c *crashCheck) prices(ctx context.Context, s *store.SQLite) error {
	asked, err := s.Prices(ctx)
	if err != nil {
		return err
	}
	left := map[string]bool{}
	for _, p := range asked {
		left[p.SID] = true
	}
	for _, row := range c.sessions {
		session, err := engine.DecodeSession(row.Data)
		if err != nil {
			return err
		}
		for _, l := range session.Legs {
			if l.AwaitsPrice() != left[l.SID] {
				c.fail("leg %d of session %s waits for its price: %t; it is asked for: %t", l.Number, row.ID, l.AwaitsPrice(), left[l.SID])
			}
			if !l.PricedAt.IsZero() {
				c.priced++
			}
		}
	}
	return nil
}
