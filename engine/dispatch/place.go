package dispatch

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// Times of the search for a call that may have been placed.
const (
	windowSlack = 5 * time.Second // between Twilio's clock and ours
	looks       = 3               // so many lists without a candidate mean: not placed
	lookGap     = 15 * time.Second
	nameSpare   = 30 * time.Second // beyond its ring timeout a call has named itself
	ringDefault = 60 * time.Second // Twilio's Timeout of a call that has none
)

// Parameters of a call that may hold sealed secrets.
const (
	paramPassword = "SipAuthPassword"
	paramTwiML    = "Twiml"
)

// mootPlace: a call is placed unless it was hung up before, or is known already.
func mootPlace(j *job, s *engine.Session) *engine.Result {
	l := s.Leg(j.effect().Leg)
	switch {
	case l == nil:
		return failed(ReasonRefused, "the session has no leg "+strconv.Itoa(j.effect().Leg))
	case l.SID != "":
		return &engine.Result{OK: true, SID: l.SID}
	case l.Over():
		return dropped(ReasonCanceled)
	}
	if j.lane.behind(func(e *engine.Effect) bool { return e.Kind == engine.HangupCall && e.Leg == j.effect().Leg }) {
		return dropped(ReasonCanceled)
	}
	return nil
}

// announce tells the session that its call is about to be placed.
func (j *job) announce() {
	e := j.effect()
	told := j.d.deliver(j.lane.session.id, &engine.Event{
		ID: "sent-" + e.ID + "-" + strconv.Itoa(j.it.attempt+1), Kind: engine.KindSent, At: j.d.clock.Now(), Leg: e.Leg, Effect: e.ID,
	})
	j.d.mu.Lock()
	defer j.d.mu.Unlock()
	j.announced = told
	if !told && !j.d.closing {
		j.it.done = true // nobody is there to be called for
	}
}

func sendPlace(j *job, ctx context.Context) answer {
	u, params := j.unsealer(), j.params()
	for name, value := range params {
		switch name {
		case paramPassword:
			params[name] = u.Open(value, plain)
		case paramTwiML:
			params[name] = u.Document(value)
		}
	}
	if u.Unknown != "" {
		return u.noSecret()
	}
	c, err := j.d.cfg.Twilio.CreateCall(ctx, params)
	a := twilioAnswer(sidOf(c), err)
	a.result.Message = u.text(a.result.Message)
	if err != nil {
		return a
	}
	j.d.expect(j.lane.session.id, j.effect().Leg, expectation{at: j.effect().Deadline, queued: true})
	if l := j.session().Leg(j.effect().Leg); l != nil && l.SID != "" && l.SID != c.SID {
		// Another call has claimed the leg already. This one nobody waits for.
		j.d.deliver(j.lane.session.id, &engine.Event{
			ID: "stray-" + c.SID, Kind: engine.KindStray, At: j.d.clock.Now(), Leg: l.Number, Fields: map[string]string{"CallSid": c.SID},
		})
	}
	return a
}

// search is the state of a search for a call that may have been placed.
type search struct {
	from, to   time.Time // when it would have been created
	giveUp     time.Time // it would have named itself by then
	next       time.Time // of the next list
	lists      int       // that were read
	candidates []string
}

// reconcile finds out whether a call was placed. A webhook of the leg binds its SID:
// placed. Nothing like it in Twilio's lists: not placed. A candidate may be ours,
// another attempt's or another program's: only its own webhooks can say, and nothing
// is placed meanwhile.
func (j *job) reconcile(sent time.Time) *engine.Result {
	first := sent.Add(requestTime)
	q := &search{from: sent.Add(-windowSlack), to: first.Add(windowSlack), next: first}
	q.giveUp = later(sent.Add(j.ringTimeout()+nameSpare), first.Add(looks*lookGap))
	for {
		if j.stopped() {
			return nil
		}
		l := j.session().Leg(j.effect().Leg)
		now := j.d.clock.Now()
		switch {
		case l == nil || l.SID == "" && l.Gone():
			return j.lost(q, "the leg is gone")
		case l.SID != "":
			return &engine.Result{OK: true, SID: l.SID}
		case q.lists >= looks && len(q.candidates) == 0:
			return failed(ReasonNotPlaced, "Twilio lists no call that could be this one")
		case !now.Before(q.giveUp):
			return j.lost(q, "no call has named itself as this one")
		case !now.Before(q.next):
			j.look(q)
			q.next = now.Add(lookGap)
			continue
		}
		j.lane.pause(earliest(q.next, q.giveUp))
	}
}

// lost is the result when nobody will know.
func (j *job) lost(q *search, why string) *engine.Result {
	if len(q.candidates) > 0 {
		why += "; candidates: " + strings.Join(q.candidates, " ")
	} else if q.lists == 0 {
		why += "; Twilio's list of calls could not be read"
	}
	return &engine.Result{Unknown: true, Reason: ReasonUnknown, Message: why}
}

// look lists the calls that could be the one. No date narrows the list: a call that
// is still queued has none.
func (j *job) look(q *search) {
	p := j.effect().Params
	ctx, cancel := j.d.limit(requestTime)
	defer cancel()
	calls, err := j.d.cfg.Twilio.ListCalls(ctx, twilio.ListFilter{To: p["To"], From: p["From"]})
	var found []string
	for _, c := range calls {
		if err != nil {
			break
		}
		if c.Direction != engine.DirectionOutboundAPI || c.DateCreated.Before(q.from) || c.DateCreated.After(q.to) {
			continue
		}
		var bound bool
		if bound, err = j.d.cfg.Calls.Bound(ctx, c.SID); err == nil && !bound {
			found = append(found, c.SID)
		}
	}
	if err != nil {
		j.d.log.Warn("calls could not be listed to find one that may have been placed", slog.String("session", j.lane.session.id), slog.Any("error", err))
		return
	}
	slices.Sort(found)
	q.lists++
	q.candidates = found
}

// ringTimeout is how long the call rings at most.
func (j *job) ringTimeout() time.Duration {
	if l := j.session().Leg(j.effect().Leg); l != nil && l.RingTimeout > 0 {
		return l.RingTimeout
	}
	if n, err := strconv.Atoi(j.effect().Params["Timeout"]); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return ringDefault
}

// lookup looks in Twilio's lists whether the effect was done: what it makes was created
// when it would have been.
func (j *job) lookup(sent time.Time) *engine.Result {
	from, to := sent.Add(-windowSlack), sent.Add(requestTime+windowSlack)
	next := sent.Add(requestTime)
	for lists := 0; lists < looks; {
		if j.stopped() {
			return nil
		}
		if now := j.d.clock.Now(); now.Before(next) {
			j.lane.pause(next)
			continue
		}
		next = j.d.clock.Now().Add(lookGap)
		lists++
		ctx, cancel := j.d.limit(requestTime)
		sid, err := j.kind.find(j, ctx, func(at time.Time) bool { return !at.Before(from) && !at.After(to) })
		cancel()
		switch {
		case err != nil:
			j.d.log.Warn("what may have been done could not be looked for", slog.String("session", j.lane.session.id), slog.String("kind", string(j.effect().Kind)), slog.Any("error", err))
		case sid != "":
			return &engine.Result{OK: true, SID: sid}
		}
	}
	return &engine.Result{Unknown: true, Reason: ReasonUnknown, Message: "Twilio does not list it"}
}

// findMessage finds a message of the same text to the same number.
func findMessage(j *job, ctx context.Context, then func(time.Time) bool) (string, error) {
	p := j.effect().Params
	found, err := j.d.cfg.Twilio.ListMessages(ctx, twilio.MessageFilter{To: p["To"], From: p["From"]})
	for _, m := range found {
		if m.Body == p["Body"] && then(m.DateCreated) && m.Direction != "inbound" {
			return m.SID, err
		}
	}
	return "", err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
