package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// Times of one attempt. The request ends well inside the lease, so that a process that
// freezes between the two cannot send after somebody else may have taken over.
const (
	requestTime = 10 * time.Second
	leaseTime   = 15 * time.Second
	leaseSpare  = leaseTime - requestTime
	claimPause  = time.Second // after an attempt that could not be written down
)

// kind is what is particular to a kind of effect; the rest is in its EffectSpec.
type kind struct {
	// send makes one attempt.
	send func(j *job, ctx context.Context) answer
	// moot gives the result of an effect that needs no request, or no further one, by
	// the state of its session; nil: it is still wanted.
	moot func(j *job, s *engine.Session) *engine.Result
	// accepted follows a success; nil result: once more. Without it success is the result.
	accepted func(j *job, a answer) *engine.Result
	// refused follows a refusal; nil result: once more. Without it the refusal is the result.
	refused func(j *job, a answer) *engine.Result
	// find looks in Twilio's list for what the effect makes, created at a time that then
	// accepts: its SID, "" for none. Kinds whose rule is UnknownLookup have it.
	find func(j *job, ctx context.Context, then func(time.Time) bool) (sid string, err error)
	// time is how long one request may take; without it requestTime.
	time func(e *engine.Effect) time.Duration
}

// job is the work on one effect.
type job struct {
	d    *Dispatcher
	lane *lane
	it   *item
	spec engine.EffectSpec
	kind kind

	last      *answer   // of the newest attempt
	unclear   bool      // an attempt had an unknown outcome
	notBefore time.Time // of the next attempt
	began     time.Time // when the effect became the head of its lane
	lookAt    time.Time // next look-up at Twilio of a SID that is missing
	missing   string    // reason to give when the deadline passes now
	sid       string    // of the call
	room      string    // SID of the conference
	announced bool      // the session knows that the call is about to be placed
	ticket    *ticket   // place in the queue of calls
	crashed   bool      // an earlier process made the newest attempt
	counter   int       // rounds, for rules of one kind
}

func (j *job) effect() *engine.Effect { return &j.it.effect }

// run performs the effect. A nil result: there is none to report, because a commit has
// finished the effect or the dispatcher is closing.
func (j *job) run() *engine.Result {
	if j.kind.send == nil {
		return failed(ReasonUnsupport, "this version cannot perform "+string(j.effect().Kind))
	}
	j.began = j.d.clock.Now()
	if !j.load() {
		return nil
	}
	if j.it.attempt > 0 && !j.it.lease.IsZero() {
		if res, again := j.afterCrash(); !again {
			return res
		}
	}
	for {
		if res, ok := j.ready(); !ok {
			return res
		}
		sent := j.d.clock.Now()
		switch err := j.claim(sent); {
		case errors.Is(err, ErrTaken):
			return nil
		case err != nil:
			j.notBefore = sent.Add(claimPause)
			continue
		}
		ctx, cancel := j.d.limit(j.requestTime())
		a := j.kind.send(j, ctx)
		cancel()
		j.ticket = nil // each attempt takes a slot of its own
		if j.d.ctx.Err() != nil {
			return nil
		}
		if res, again := j.judge(a, sent); !again {
			return res
		}
	}
}

// load makes sure that the session is known.
func (j *job) load() bool {
	for attempt := 1; j.session() == nil; attempt++ {
		s, err := j.d.cfg.Sessions.Load(j.d.ctx, j.lane.session.id)
		switch {
		case err == nil:
			j.d.mu.Lock()
			if j.lane.session.now == nil {
				j.lane.session.now = s
			}
			j.d.mu.Unlock()
			return true
		case errors.Is(err, ErrNoSession):
			return false
		}
		j.d.log.Warn("session of an effect could not be read", slog.String("session", j.lane.session.id), slog.Any("error", err))
		if j.stopped() || j.d.clock.Sleep(j.d.ctx, backoff(j.effect().ID, attempt)) != nil {
			return false
		}
	}
	return true
}

// session is the session as of its newest commit.
func (j *job) session() *engine.Session {
	j.d.mu.Lock()
	defer j.d.mu.Unlock()
	return j.lane.session.now
}

// stopped reports that there is nothing to do any more.
func (j *job) stopped() bool {
	j.d.mu.Lock()
	defer j.d.mu.Unlock()
	return j.it.done || j.d.closing
}

// ready waits until an attempt may be made. False: none will be, with the result.
func (j *job) ready() (*engine.Result, bool) {
	for {
		if j.stopped() {
			return nil, false
		}
		s, now := j.session(), j.d.clock.Now()
		if res := j.moot(s); res != nil {
			return res, false
		}
		deadline := j.effect().Deadline
		if !deadline.IsZero() && !now.Before(deadline) {
			return j.timeUp(), false
		}
		next := j.blocked(s, now)
		if next.IsZero() {
			return nil, true
		}
		if !deadline.IsZero() && deadline.Before(next) {
			next = deadline
		}
		j.lane.pause(next)
	}
}

// never is a time to look again at that will not come: only a change helps.
func (j *job) never() time.Time { return j.d.clock.Now().Add(24 * time.Hour) }

// blocked gives the time to look again at while something is missing, zero when the
// attempt may be made.
func (j *job) blocked(s *engine.Session, now time.Time) time.Time {
	j.missing = ReasonDeadline
	for _, t := range []time.Time{j.effect().NotBefore, j.notBefore} {
		if now.Before(t) {
			return t
		}
	}
	if next := j.needSID(s, now); !next.IsZero() {
		j.missing = ReasonNoCall
		return next
	}
	if next := j.needRoom(s, now); !next.IsZero() {
		j.missing = ReasonNoRoom
		return next
	}
	if !j.spec.Paced {
		return time.Time{}
	}
	if next := j.needSlot(s); !next.IsZero() {
		return next
	}
	if !j.announced {
		j.announce()
		return now // the session has changed: look at everything again
	}
	return time.Time{}
}

// moot gives the result of an effect that the state of its session has made needless.
func (j *job) moot(s *engine.Session) *engine.Result {
	if j.kind.moot == nil {
		return nil
	}
	return j.kind.moot(j, s)
}

// timeUp is the result at the deadline.
func (j *job) timeUp() *engine.Result {
	res := &engine.Result{Reason: ReasonDeadline, Message: "it could not be done before " + j.effect().Deadline.UTC().Format(time.RFC3339)}
	if j.last != nil {
		last := j.last.result
		res.Status, res.Code, res.Message = last.Status, last.Code, last.Message
	}
	switch {
	case j.unclear:
		res.Reason, res.Unknown = ReasonUnknown, true
	case j.last == nil && j.missing != "":
		res.Reason = j.missing
		if j.missing != ReasonDeadline {
			// What never came about needs no end.
			res.OK = j.spec.GoneIsOK
		}
	}
	return res
}

func (j *job) requestTime() time.Duration {
	if j.kind.time == nil {
		return requestTime
	}
	return j.kind.time(j.effect())
}

// claim writes the attempt down.
func (j *job) claim(now time.Time) error {
	lease := now.Add(j.requestTime() + leaseSpare)
	err := j.d.cfg.Claims.Claim(j.d.ctx, j.lane.session.id, j.effect().ID, j.it.attempt+1, lease)
	if err != nil {
		if !errors.Is(err, ErrTaken) {
			j.d.log.Warn("attempt could not be written down and is not made yet", slog.String("session", j.lane.session.id),
				slog.String("effect", j.effect().ID), slog.Any("error", err))
		}
		return err
	}
	j.it.attempt++
	j.it.lease = lease
	return nil
}

// judge decides what follows an attempt: its result, or another attempt.
func (j *job) judge(a answer, sent time.Time) (res *engine.Result, again bool) {
	j.last = &a
	switch a.outcome {
	case done:
		j.unclear = false
		if j.kind.accepted == nil {
			return &a.result, false
		}
		res = j.kind.accepted(j, a)
		return res, res == nil && !j.stopped()
	case refused:
		if j.spec.GoneIsOK && (a.gone() || a.result.Code == codeNotInProgress) {
			a.result.OK, a.result.Reason = true, ReasonGone
			return &a.result, false
		}
		if j.kind.refused == nil {
			return &a.result, false
		}
		res = j.kind.refused(j, a)
		return res, res == nil && !j.stopped()
	case notDone:
		j.wait(a)
		j.release()
		if !j.mayRepeat(true) {
			return j.exhausted(ReasonAttempts), false
		}
		return nil, true
	}
	return j.unknown(a, sent)
}

// wait sets the time of the next attempt.
func (j *job) wait(a answer) {
	j.notBefore = j.d.clock.Now().Add(max(backoff(j.lane.session.id+j.effect().ID, j.it.attempt), a.wait))
}

// release gives the lease back: should this process end now, nobody need wonder
// whether the attempt did something.
func (j *job) release() {
	err := j.d.cfg.Claims.Release(j.d.ctx, j.lane.session.id, j.effect().ID, j.it.attempt, j.notBefore)
	if err != nil && !errors.Is(err, ErrTaken) {
		j.d.log.Warn("lease could not be given back", slog.String("effect", j.effect().ID), slog.Any("error", err))
	}
	j.it.lease = time.Time{}
}

// exhausted is the result when no further attempt may be made.
func (j *job) exhausted(reason string) *engine.Result {
	res := j.last.result
	res.OK = false
	if j.last.seen {
		return &res // the answer of a service speaks for itself
	}
	if j.unclear {
		res.Unknown = true
		if j.last.outcome == notDone {
			res.Reason = ""
		}
		reason = ReasonUnknown
	}
	if res.Reason == "" {
		res.Reason = reason
	}
	return &res
}

// afterCrash takes up an effect that an earlier process may have sent.
func (j *job) afterCrash() (res *engine.Result, again bool) {
	lease := j.it.lease
	if s := j.session(); j.moot(s) != nil && j.spec.Unknown != engine.UnknownReconcile {
		return j.moot(s), false
	}
	sent := lease.Add(-j.requestTime() - leaseSpare)
	if j.spec.Unknown != engine.UnknownReconcile {
		for j.d.clock.Now().Before(lease) {
			if j.stopped() {
				return nil, false
			}
			j.lane.pause(lease)
		}
	}
	a := answer{result: engine.Result{Message: "the process ended while it was being sent"}}
	j.last = &a
	j.crashed = true
	res, again = j.unknown(a, sent)
	j.crashed = false
	j.notBefore = time.Time{}
	return res, again
}

// unknown follows an attempt of which nobody knows whether it was done, by the rule of
// the kind.
func (j *job) unknown(a answer, sent time.Time) (res *engine.Result, again bool) {
	j.unclear = true
	j.wait(a)
	switch j.spec.Unknown {
	case engine.UnknownReconcile:
		return j.reconcile(sent), false
	case engine.UnknownLookup:
		return j.lookup(sent), false
	case engine.UnknownResend, engine.UnknownByMethod:
		if j.mayRepeat(false) {
			return nil, true
		}
	}
	return j.exhausted(ReasonUnknown), false
}

// mayRepeat reports whether one more attempt is allowed, as far as their number and the
// kind of the request go.
func (j *job) mayRepeat(surelyNotDone bool) bool {
	if j.spec.Unknown == engine.UnknownByMethod {
		return mayRepeatHTTP(j.effect().HTTP, j.it.attempt, surelyNotDone, j.crashed)
	}
	if surelyNotDone {
		return true
	}
	return j.spec.Attempts == 0 || j.it.attempt < j.spec.Attempts
}
