package dispatch

import (
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// Rules of a redirect.
const (
	handOutTime  = 5 * time.Second // from a success until Twilio has got the document
	redirectMost = 2               // successes without a hand-out
	refusedPause = 500 * time.Millisecond
	refusedMost  = 3               // tries while Twilio says 21220 and the call goes on
	ringingPause = 2 * time.Second // between two tries while the call still rings
)

const codeNotInProgress = twilio.CodeNotInProgress

// mootRedirect: a redirect is needed until Twilio has got the document of its turn, by
// whatever request, or something later will move or end the call anyway.
func mootRedirect(j *job, s *engine.Session) *engine.Result {
	e := j.effect()
	l := s.Leg(e.Leg)
	unsent := j.it.attempt == 0
	switch {
	case l == nil:
		return failed(ReasonGone, "the session has no such leg")
	case l.Handed >= e.Turn:
		return &engine.Result{OK: true, Dropped: unsent, Reason: ReasonHanded, SID: l.SID}
	case l.Over():
		return &engine.Result{Dropped: unsent, Reason: ReasonGone, Message: "the call is over"}
	}
	newer := func(o *engine.Effect) bool {
		return o.Leg == e.Leg && (o.Kind == engine.HangupCall || o.Kind == engine.RedirectCall && o.Turn >= e.Turn)
	}
	if j.lane.behind(newer) {
		return &engine.Result{OK: true, Dropped: unsent, Reason: ReasonSuperseded, SID: l.SID}
	}
	return nil
}

// redirectAccepted waits for the hand-out that proves that the call has followed; a
// redirect that had no effect within 5 s is sent once more.
func redirectAccepted(j *job, _ answer) *engine.Result {
	until := j.d.clock.Now().Add(handOutTime)
	for j.d.clock.Now().Before(until) {
		if j.stopped() {
			return nil
		}
		if res := j.moot(j.session()); res != nil {
			return res
		}
		j.lane.pause(until)
	}
	if res := j.moot(j.session()); res != nil {
		return res
	}
	if j.counter++; j.counter < redirectMost {
		return nil
	}
	if over, _ := j.ended(); over {
		return failed(ReasonGone, "the call is over")
	}
	return failed(ReasonNotApplied, "Twilio accepted the redirect and did not fetch the document")
}

// redirectRefused: Twilio says 21220 for a call that is over, for one that still rings,
// and for one that is just between two states, and only the call itself tells which. An
// inbound call that rings is in a loop that will ask for the document by itself, so
// that nothing is lost while Twilio refuses.
func redirectRefused(j *job, a answer) *engine.Result {
	if a.result.Code != codeNotInProgress {
		return &a.result
	}
	over, rings := j.ended()
	if j.stopped() {
		return nil
	}
	if over {
		a.result.Reason = ReasonGone
		return &a.result
	}
	pause := ringingPause
	if !rings {
		pause = refusedPause
		if j.counter++; j.counter >= refusedMost {
			return &a.result
		}
	}
	j.release()
	j.notBefore = j.d.clock.Now().Add(pause)
	return nil
}

// ended asks Twilio whether the call is over, and tells the session if it is. rings: it
// was not answered yet.
func (j *job) ended() (over, rings bool) {
	ctx, cancel := j.d.limit(requestTime)
	defer cancel()
	c, err := j.d.cfg.Twilio.FetchCall(ctx, j.sid)
	if err != nil {
		return twilioAnswer("", err).gone(), false
	}
	if !c.Status.Final() {
		return false, c.Status == twilio.Ringing
	}
	j.d.tell(j.lane.session.id, j.effect().Leg, c)
	return true, false
}
