package dispatch

import (
	"errors"
	"hash/fnv"
	"log/slog"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// Waits between attempts.
const (
	firstBackoff = 250 * time.Millisecond
	maxBackoff   = 8 * time.Second
)

// backoff is how long to wait after a number of attempts, from 1: 0.25 s doubling to
// 8 s, each shortened by up to a quarter. The part comes from the seed, so that a run
// can be repeated and those who failed together do not come back together.
func backoff(seed string, attempt int) time.Duration {
	wait := maxBackoff
	if n := max(attempt-1, 0); n < 5 {
		wait = firstBackoff << n
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed))
	_, _ = h.Write([]byte{byte(attempt)})
	return wait - wait/4*time.Duration(h.Sum32()%1024)/1024
}

// deliver has the session take the event, again and again until that is committed. It
// gives up, and reports false, only when the session is not there any more or the
// dispatcher is closing.
func (d *Dispatcher) deliver(session string, ev *engine.Event) bool {
	for attempt := 1; ; attempt++ {
		err := d.cfg.Sessions.Deliver(d.ctx, session, ev)
		if err == nil {
			return true
		}
		if errors.Is(err, ErrNoSession) {
			d.log.Warn("event for a session that is not there", slog.String("session", session), slog.String("kind", ev.Kind))
			return false
		}
		if d.stopping() {
			return false
		}
		d.log.Warn("event could not be committed and is delivered again", slog.String("session", session),
			slog.String("kind", ev.Kind), slog.Int("attempt", attempt), slog.Any("error", err))
		if d.clock.Sleep(d.ctx, backoff(session+ev.ID, attempt)) != nil {
			return false
		}
	}
}

// report delivers the result of an effect.
func (d *Dispatcher) report(session string, it *item, res *engine.Result) {
	e := &it.effect
	res.Attempts = it.attempt
	level := slog.LevelDebug
	if !res.OK && !res.Dropped {
		level = slog.LevelWarn
	}
	d.log.Log(d.ctx, level, "effect", slog.String("session", session), slog.String("effect", e.ID), slog.String("kind", string(e.Kind)),
		slog.Bool("ok", res.OK), slog.String("reason", res.Reason), slog.Int("status", res.Status), slog.Int("code", res.Code), slog.Int("attempts", res.Attempts))
	d.deliver(session, &engine.Event{
		ID: "result-" + e.ID, Kind: engine.KindResult, At: d.clock.Now(),
		Leg: e.Leg, Turn: e.Turn, Effect: e.ID, Result: res,
	})
}

// tell delivers what Twilio knows of a call as evidence for its leg, like a status
// callback.
func (d *Dispatcher) tell(session string, leg int, c *twilio.Call) bool {
	now := d.clock.Now()
	fields := map[string]string{"CallSid": c.SID, "CallStatus": string(c.Status), "From": c.From, "To": c.To, "Direction": c.Direction}
	if c.Status == twilio.Completed {
		fields["CallDuration"] = strconv.Itoa(int(c.Duration / time.Second))
	}
	if c.AnsweredBy != "" {
		fields["AnsweredBy"] = c.AnsweredBy
	}
	if c.ParentCallSID != "" {
		fields["ParentCallSid"] = c.ParentCallSID
	}
	return d.deliver(session, &engine.Event{
		ID:   "asked-" + strconv.Itoa(leg) + "-" + strconv.FormatInt(now.UnixMicro(), 36),
		Kind: engine.KindStatus, At: now, Leg: leg, Fields: fields,
	})
}
