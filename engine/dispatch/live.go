package dispatch

import (
	"context"
	"log/slog"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// Times after which a call is asked about.
const (
	askAgain    = 35 * time.Second // about a call that should not ring any more and does
	askWanted   = 5 * time.Second  // about a dialled party that is to go elsewhere when it has answered
	hangupNews  = 10 * time.Second // after a hang-up, whose status callback may be lost
	missingTime = 60 * time.Second // between two answers "no such call" that end it
	checkGap    = time.Second      // between two questions
)

// legKey names a leg of any session.
type legKey struct {
	session string
	leg     int
}

// expectation is a time at which a leg is asked about besides the usual.
type expectation struct {
	at     time.Time
	queued bool // only if its call is still in Twilio's queue
}

// check is what is known of the questions about one leg.
type check struct {
	asking  bool      // a question is on its way
	asked   time.Time // the newest one
	missing time.Time // since when Twilio does not know the call
	expects []expectation
}

// liveness is guarded by the dispatcher's mutex.
type liveness struct {
	legs map[legKey]*check // only legs that were asked about or will be
	next time.Time         // slot of the next question
}

func newLiveness() liveness { return liveness{legs: map[legKey]*check{}} }

func (v *liveness) forget(s *engine.Session) {
	if len(v.legs) == 0 {
		return
	}
	for _, l := range s.Legs {
		delete(v.legs, legKey{s.ID, l.Number})
	}
}

func (v *liveness) leg(k legKey) *check {
	c := v.legs[k]
	if c == nil {
		c = &check{}
		v.legs[k] = c
	}
	return c
}

// expect has the leg asked about at a time besides the usual.
func (d *Dispatcher) expect(session string, leg int, e expectation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.live.leg(legKey{session, leg})
	c.expects = append(c.expects, e)
	d.checks.earlier(session, e.at)
}

// checkAt is when the leg's call is asked about; the zero time: not at all. Whatever
// shows that it lives puts the question off. d.mu is held.
func (d *Dispatcher) checkAt(s *engine.Session, l *engine.Leg) time.Time {
	if l.Over() || l.SID == "" && parentOf(s, l) == nil {
		return time.Time{}
	}
	c := d.live.legs[legKey{s.ID, l.Number}]
	if c == nil {
		c = &check{}
	}
	if c.asking {
		return time.Time{}
	}
	at := l.CheckAt()
	if at.IsZero() {
		return time.Time{}
	}
	if l.Condition == engine.LegUp || l.Direction == engine.DirectionInbound {
		if seen := later(c.asked, d.cfg.Sessions.Evidence(s.ID, l.Number)); seen.After(l.EvidenceAt) {
			at = at.Add(seen.Sub(l.EvidenceAt))
		}
	} else if !c.asked.IsZero() {
		again := askAgain
		if l.Wanted() {
			again = askWanted
		}
		at = later(at, c.asked.Add(again))
	}
	if who := l.AnswererAt(); !who.IsZero() && c.asked.Before(who) {
		at = earliest(at, who)
	}
	if !c.missing.IsZero() {
		at = earliest(at, c.missing.Add(missingTime))
	}
	for _, e := range c.expects {
		if !e.queued || inQueue(l) {
			at = earliest(at, e.at)
		}
	}
	return at
}

// parentOf is the call whose Dial rings the leg, nil when there is none or its SID is
// not known.
func parentOf(s *engine.Session, l *engine.Leg) *engine.Leg {
	if p := s.Leg(l.Parent); p != nil && p.SID != "" {
		return p
	}
	return nil
}

// inQueue reports whether nothing shows that Twilio has begun to dial.
func inQueue(l *engine.Leg) bool {
	return (l.Condition == engine.LegPlacing || l.Condition == engine.LegRinging) && (l.Status == "" || l.Status == string(twilio.Queued))
}

// nextCheck is the earliest checkAt of the session's legs; d.mu is held.
func (d *Dispatcher) nextCheck(s *engine.Session) time.Time {
	var first time.Time
	for _, l := range s.Legs {
		if at := d.checkAt(s, l); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// checksDue asks about the legs of a session that are due, at most one question a
// second of all sessions.
func (d *Dispatcher) checksDue(session string) {
	if !d.begin() {
		return
	}
	defer d.end()
	s := d.read(session)
	if s == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.Condition == engine.SessionClosed {
		d.live.forget(s)
		return
	}
	now := d.clock.Now()
	for _, l := range s.Legs {
		at := d.checkAt(s, l)
		if at.IsZero() || at.After(now) {
			continue
		}
		c := d.live.leg(legKey{s.ID, l.Number})
		c.asking = true
		slot := later(now, d.live.next)
		d.live.next = slot.Add(checkGap)
		d.clock.AfterFunc(slot.Sub(now), func() { d.ask(session, l.Number) })
	}
	if at := d.nextCheck(s); !at.IsZero() {
		d.checks.earlier(session, at)
	}
}

// ask asks Twilio about one leg, if that is still of interest, and tells the session
// what is news.
func (d *Dispatcher) ask(session string, leg int) {
	if !d.begin() {
		return
	}
	defer d.end()
	k := legKey{session, leg}
	s := d.read(session)
	if s == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.live.legs, k)
		return
	}
	switch l := s.Leg(leg); {
	case l == nil || l.Over():
	case l.SID != "":
		d.inquire(s, l)
	case parentOf(s, l) != nil:
		// All callbacks of a dialled party are lost, or it was not dialled yet.
		d.findChild(s, l, parentOf(s, l))
	}
	d.mu.Lock()
	c, now := d.live.leg(k), d.clock.Now()
	c.asking, c.asked = false, now
	kept := c.expects[:0]
	for _, e := range c.expects {
		if e.at.After(now) {
			kept = append(kept, e)
		}
	}
	c.expects = kept
	d.mu.Unlock()
	if s = d.read(session); s != nil {
		d.mu.Lock()
		d.armCheck(s)
		d.mu.Unlock()
	}
}

// armCheck sets the alarm of the session's next check; d.mu is held.
func (d *Dispatcher) armCheck(s *engine.Session) {
	if s.Condition == engine.SessionClosed {
		d.live.forget(s)
		return
	}
	if at := d.nextCheck(s); !at.IsZero() {
		d.checks.earlier(s.ID, at)
	}
}

// inquire fetches the call and acts on what it shows.
func (d *Dispatcher) inquire(s *engine.Session, l *engine.Leg) {
	ctx, cancel := d.limit(requestTime)
	defer cancel()
	call, err := d.fetchCall(ctx, s.ID, l.SID)
	switch {
	case err != nil:
		if !twilioAnswer("", err).gone() {
			d.log.Warn("call could not be asked about", slog.String("session", s.ID), slog.Int("leg", l.Number), slog.Any("error", err))
			return
		}
		if d.missedTwice(s.ID, l.Number) {
			d.tell(s.ID, l.Number, &twilio.Call{SID: l.SID, Status: twilio.Failed, From: l.From, To: l.To, Direction: l.Direction})
		}
		return
	case call.Status == twilio.Queued && l.Direction == engine.DirectionOutboundAPI:
		// It waits in Twilio's queue beyond its time: whoever it was for has gone on.
		if _, err := d.cfg.Twilio.UpdateCall(ctx, l.SID, map[string]string{"Status": string(twilio.Canceled)}); err != nil {
			d.log.Warn("queued call could not be canceled", slog.String("session", s.ID), slog.Int("leg", l.Number), slog.Any("error", err))
			return
		}
		if call, err = d.cfg.Twilio.FetchCall(ctx, l.SID); err != nil {
			return
		}
	}
	d.found(s.ID, l.Number)
	who := call.AnsweredBy != "" && !l.AnswererAt().IsZero()
	if call.Status.Final() || call.Status == twilio.InProgress && (l.Condition != engine.LegUp || who) {
		d.tell(s.ID, l.Number, call)
	}
}

// fetchTries is how often a question that got no answer is repeated at once: after an
// outage the flow may charge somebody for a call that nobody knows to be over.
const fetchTries = 4

// fetchCall asks about a call, again when Twilio does not answer.
func (d *Dispatcher) fetchCall(ctx context.Context, session, sid string) (call *twilio.Call, err error) {
	for attempt := 1; ; attempt++ {
		call, err = d.cfg.Twilio.FetchCall(ctx, sid)
		if err == nil || attempt == fetchTries || twilioAnswer("", err).gone() || d.stopping() {
			return call, err
		}
		if d.clock.Sleep(ctx, backoff(session+sid, attempt)) != nil {
			return call, err
		}
	}
}

// missedTwice notes that Twilio does not know the call, and reports whether that has
// been so for long enough to believe it.
func (d *Dispatcher) missedTwice(session string, leg int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, now := d.live.leg(legKey{session, leg}), d.clock.Now()
	if c.missing.IsZero() {
		c.missing = now
		return false
	}
	return !now.Before(c.missing.Add(missingTime))
}

func (d *Dispatcher) found(session string, leg int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live.leg(legKey{session, leg}).missing = time.Time{}
}
