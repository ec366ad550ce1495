package engine

import (
	"slices"
	"strconv"
	"time"
)

// placeRetry is how long a call may still be placed again after one that turned out not
// to have been placed.
const placeRetry = 30 * time.Second

// result takes in what became of an effect.
func (x *Exec) result(ev *Event) error {
	i := slices.IndexFunc(x.s.Pending, func(p PendingEffect) bool { return p.ID == ev.Effect })
	if i < 0 {
		x.note(Entry{What: "late", Name: "result", Effect: ev.Effect})
		return nil
	}
	p := x.s.Pending[i]
	x.s.Pending = slices.Delete(x.s.Pending, i, i+1)
	res := ev.Result
	x.trace[0].Leg, x.trace[0].Name = p.Leg, "result."+string(p.Kind)
	x.trace[0].Fields = resultFields(res)
	if p.Activation != "" {
		return x.resume(p.Activation, res)
	}
	l := x.s.Leg(p.Leg)
	if l != nil {
		l.EvidenceAt = x.now
	}
	if p.Kind == RecordStart {
		x.recordStarted(l, res)
	}
	switch {
	case p.Kind == PlaceCall:
		return x.placed(l, res)
	case res.OK || res.Dropped:
		return nil
	case p.Kind == SendMessage:
		return x.messageFailed(p, res)
	case p.Kind.Spec().Silent || p.Quiet:
		return nil
	}
	return x.effectFailed(p, l, res)
}

func resultFields(res *Result) map[string]string {
	f := map[string]string{}
	put := func(key, value string) {
		if value != "" && value != "0" {
			f[key] = value
		}
	}
	put("ok", strconv.FormatBool(res.OK))
	put("status", strconv.Itoa(res.Status))
	put("code", strconv.Itoa(res.Code))
	put("reason", res.Reason)
	put("message", res.Message)
	put("sid", res.SID)
	put("attempts", strconv.Itoa(res.Attempts))
	return f
}

// placed takes in whether a call was placed.
func (x *Exec) placed(l *Leg, res *Result) error {
	if l == nil {
		return nil
	}
	switch {
	case res.OK:
		if l.SID == "" {
			l.SID = res.SID
		}
		return x.ringing(l, false)
	case l.Over() || conditionRank[l.Condition] >= conditionRank[LegRinging]:
		return nil
	case res.Dropped, res.Reason == "not-placed" && x.unwanted(l):
		return x.unreached(l, ResultCanceled)
	case res.Reason == "not-placed" && x.mayPlaceAgain(l):
		return x.placeAgain(l)
	}
	l.Code = res.Code
	return x.unreached(l, ResultFailed)
}

func (x *Exec) mayPlaceAgain(l *Leg) bool {
	return l.Call != nil && x.now.Before(l.Call.Deadline) && !l.Leaving && x.s.Condition == SessionRunning
}

// unwanted reports whether the leg was to be hung up meanwhile.
func (x *Exec) unwanted(l *Leg) bool {
	return slices.ContainsFunc(x.s.Pending, func(p PendingEffect) bool { return p.Kind == HangupCall && p.Leg == l.Number })
}

// placeAgain places a call anew that was certainly not placed before: as a new leg
// under the same name, so that a call that surfaces after all meets a leg that is gone.
func (x *Exec) placeAgain(l *Leg) error {
	l.Condition, l.Result, l.EndedAt, l.Lost = LegGone, ResultFailed, x.now, true
	req := *l.Call
	_, err := x.placeLeg(&Leg{Name: l.Name, Group: l.Group, State: l.goal(), RingTimeout: l.RingTimeout, Detection: l.Detection}, &req)
	return err
}

func (x *Exec) messageFailed(p PendingEffect, res *Result) error {
	return x.raise(&Raised{Name: "message.failed", Leg: p.Leg, Time: x.now, Data: Values{"to": p.To, "code": float64(res.Code)}})
}

// effectFailed raises `error`; where nothing handles a failed redirect, the leg is hung
// up rather than left where it should not be any more.
func (x *Exec) effectFailed(p PendingEffect, l *Leg, res *Result) error {
	if p.Kind == RedirectCall && (l == nil || l.Over() || l.Handed >= p.Turn) {
		return nil
	}
	data := Values{"code": float64(res.Code), "message": res.Message, "state": "", "step": "", "leg": "", "effect": string(p.Kind), "reason": res.Reason}
	r := &Raised{Name: "error", Leg: p.Leg, Time: x.now, Data: data}
	if l == nil {
		_, err := x.raiseToSession(r)
		return err
	}
	data["state"], data["leg"] = l.State, l.Name
	turn := l.Turn
	if err := x.raise(r); err != nil {
		return err
	}
	if p.Kind == RedirectCall && l.Turn == turn {
		x.hangupByREST(l, time.Time{})
	}
	return nil
}
