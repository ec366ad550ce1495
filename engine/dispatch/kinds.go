package dispatch

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

// kinds is the table of what is particular to each kind of effect.
func kinds() map[engine.EffectKind]kind {
	return map[engine.EffectKind]kind{
		engine.PlaceCall:         {send: sendPlace, moot: mootPlace},
		engine.RedirectCall:      {send: sendUpdateCall, moot: mootRedirect, accepted: redirectAccepted, refused: redirectRefused},
		engine.HangupCall:        {send: sendHangup, moot: mootHangup, accepted: hangupAccepted},
		engine.UpdateCall:        {send: sendUpdateCall, moot: mootLegOver},
		engine.UpdateParticipant: {send: sendUpdateParticipant, moot: mootLegOver},
		engine.KickParticipant:   {send: sendKick, moot: mootLegOver},
		engine.Announce:          {send: sendAnnounce, moot: mootLegOver},
		engine.EndRoom:           {send: sendEndRoom, moot: mootRoomEnded},
		engine.SendMessage:       {send: sendMessage, find: findMessage},
		engine.RecordStart:       {send: sendRecordStart, moot: mootLegOver, find: findRecording},
		engine.RecordUpdate:      {send: sendRecordUpdate, moot: mootLegOver},
		engine.RecordRoom:        {send: sendRecordRoom, moot: mootRoomEnded},
		engine.HTTPCall:          {send: sendHTTP, time: httpTime},
		engine.UpdateReservation: {send: sendReservation, refused: reservationRefused},
		engine.UpdateTask:        {send: sendTask, refused: taskRefused},
		engine.SignalSession:     {send: sendSignal},
	}
}

// paramSID is the parameter of an effect on a call that no leg has: a stray one. It
// names the call and is not sent.
const paramSID = "Sid"

// params gives the effect's REST parameters with absolute URLs.
func (j *job) params() map[string]string {
	p := make(map[string]string, len(j.effect().Params))
	for name, value := range j.effect().Params {
		if strings.HasPrefix(value, "/") && (strings.HasSuffix(name, "Url") || strings.HasSuffix(name, "Callback")) {
			value = j.d.cfg.Base + value
		}
		p[name] = value
	}
	delete(p, paramSID)
	return p
}

// mootLegOver ends what needs a call that is over.
func mootLegOver(j *job, s *engine.Session) *engine.Result {
	l := s.Leg(j.effect().Leg)
	if l == nil || !l.Over() || j.effect().Params[paramSID] != "" {
		return nil
	}
	return &engine.Result{OK: j.spec.GoneIsOK, Dropped: j.it.attempt == 0, Reason: ReasonGone, Message: "the call is over"}
}

// mootHangup: only Twilio's own word ends a call; a leg that was given up may still
// have one that rings. A leg whose call nobody knows cannot be hung up.
func mootHangup(j *job, s *engine.Session) *engine.Result {
	if j.effect().Params[paramSID] != "" {
		return nil
	}
	l := s.Leg(j.effect().Leg)
	if l != nil && l.Over() && (l.SID == "" || twilio.CallStatus(l.Status).Final()) {
		res := fine(ReasonGone)
		res.Dropped = j.it.attempt == 0
		return res
	}
	return nil
}

// mootRoomEnded: a room that has ended needs no end.
func mootRoomEnded(j *job, s *engine.Session) *engine.Result {
	if r := roomOf(s, j.effect().Room); r != nil && r.Ended {
		res := fine(ReasonGone)
		res.Dropped = j.it.attempt == 0
		return res
	}
	return nil
}

func sidOf(c *twilio.Call) string {
	if c == nil {
		return ""
	}
	return c.SID
}

func sendUpdateCall(j *job, ctx context.Context) answer {
	c, err := j.d.cfg.Twilio.UpdateCall(ctx, j.sid, j.params())
	return twilioAnswer(sidOf(c), err)
}

func sendHangup(j *job, ctx context.Context) answer {
	p := j.params()
	if p["Status"] == "" {
		p["Status"] = string(twilio.Completed)
	}
	c, err := j.d.cfg.Twilio.UpdateCall(ctx, j.sid, p)
	return twilioAnswer(sidOf(c), err)
}

// hangupAccepted has the call looked at if no news of its end comes.
func hangupAccepted(j *job, a answer) *engine.Result {
	if j.effect().Leg != 0 && j.effect().Params[paramSID] == "" {
		j.d.expect(j.lane.session.id, j.effect().Leg, expectation{at: j.d.clock.Now().Add(hangupNews)})
	}
	return &a.result
}

// sendUpdateParticipant also verifies the answer: Twilio ignores some values, such as
// EndConferenceOnExit of a participant on hold, without an error.
// Source: twilio.com/docs/voice/api/conference-participant-resource.
func sendUpdateParticipant(j *job, ctx context.Context) answer {
	p, err := j.d.cfg.Twilio.UpdateParticipant(ctx, j.room, j.sid, j.params())
	a := twilioAnswer(j.sid, err)
	if err != nil {
		return a
	}
	for _, name := range j.effect().Verify {
		if want, got := j.effect().Params[name], shown(p, name); want != got {
			a.outcome = refused
			a.result = engine.Result{SID: j.sid, Reason: ReasonNotApplied, Message: "Twilio accepted " + name + "=" + want + " and still shows " + got}
		}
	}
	return a
}

// shown is what the participant shows of a parameter.
func shown(p *twilio.Participant, name string) string {
	switch name {
	case "EndConferenceOnExit":
		return strconv.FormatBool(p.EndConferenceOnExit)
	case "Muted":
		return strconv.FormatBool(p.Muted)
	case "Hold":
		return strconv.FormatBool(p.Hold)
	case "Coaching":
		return strconv.FormatBool(p.Coaching)
	case "CallSidToCoach":
		return p.CallSIDToCoach
	}
	return ""
}

func sendKick(j *job, ctx context.Context) answer {
	return twilioAnswer(j.sid, j.d.cfg.Twilio.DeleteParticipant(ctx, j.room, j.sid))
}

// sendAnnounce plays to one participant if the effect names a leg, else to all.
func sendAnnounce(j *job, ctx context.Context) answer {
	if j.sid != "" {
		_, err := j.d.cfg.Twilio.UpdateParticipant(ctx, j.room, j.sid, j.params())
		return twilioAnswer(j.room, err)
	}
	_, err := j.d.cfg.Twilio.UpdateConference(ctx, j.room, j.params())
	return twilioAnswer(j.room, err)
}

func sendEndRoom(j *job, ctx context.Context) answer {
	p := map[string]string{"Status": "completed"}
	maps.Copy(p, j.params())
	_, err := j.d.cfg.Twilio.UpdateConference(ctx, j.room, p)
	return twilioAnswer(j.room, err)
}

func sendMessage(j *job, ctx context.Context) answer {
	m, err := j.d.cfg.Twilio.CreateMessage(ctx, j.params())
	if err != nil {
		return twilioAnswer("", err)
	}
	return twilioAnswer(m.SID, nil)
}
