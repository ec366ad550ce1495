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
	switch {
	case p.Kind == PlaceCall:
		return x.placed(l, res)
	case res.OK || res.Dropped:
		return nil
	case p.Kind == SendMessage:
		return x.messageFailed(p, res)
	case p.Kind.Spec().Silent:
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
	l.Condition, l.Result, l.EndedAt = LegGone, ResultFailed, x.now
	again, err := x.NewLeg(l.Name, l.Direction, 0)
	if err != nil {
		return err
	}
	again.State = l.State
	x.Place(again, l.Call.To, l.Call.From, l.Call.Params, l.RingTimeout, l.Call.Deadline)
	return nil
}

// Place asks for a call. params are further parameters of the REST call; deadline is
// when it is given up, the zero time for the default.
func (x *Exec) Place(l *Leg, to, from string, params map[string]string, ring time.Duration, deadline time.Time) {
	if deadline.IsZero() {
		deadline = x.now.Add(PlaceCall.Spec().Deadline)
		if slices.ContainsFunc(x.s.Legs, func(o *Leg) bool { return o.Live() }) {
			deadline = x.now.Add(placeRetry)
		}
	}
	l.To, l.From, l.RingTimeout = to, from, ring
	l.Call = &CallRequest{To: to, From: from, Params: params, Deadline: deadline}
	all := map[string]string{
		"To": to, "From": from,
		"Url":                 Path(x.s.ID, l.Number, 0, URLStart),
		"FallbackUrl":         Path(x.s.ID, l.Number, 0, URLFallback),
		"StatusCallback":      Path(x.s.ID, l.Number, 0, URLStatus),
		"StatusCallbackEvent": "initiated ringing answered completed",
	}
	if ring > 0 {
		all["Timeout"] = strconv.Itoa(int(ring / time.Second))
	}
	for k, v := range params {
		all[k] = v
	}
	x.Emit(Effect{Kind: PlaceCall, Leg: l.Number, Params: all, Deadline: deadline})
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
