package engine

import (
	"slices"
	"strconv"
	"time"
)

// settleTime is how long a call that is over waits for its last `act`.
const settleTime = 2 * time.Second

// childTime is how long a dialled party may outlive the leg that dialled it, for its
// last callbacks.
const childTime = 5 * time.Second

var finalResults = map[string]string{
	"completed": ResultCompleted, "busy": ResultBusy, "no-answer": ResultNoAnswer, "failed": ResultFailed, "canceled": ResultCanceled,
}

func isFinal(status string) bool { return finalResults[status] != "" }

// evidence takes in whatever a request proves of its call: which SID it has, and how
// far it has got. It only moves right; each event of a call is raised once.
func (x *Exec) evidence(l *Leg, fields map[string]string) error {
	if l == nil {
		return nil
	}
	l.EvidenceAt = x.now
	if sid := fields["CallSid"]; l.SID == "" && sid != "" {
		l.SID = sid
	}
	if by := fields["AnsweredBy"]; by != "" && l.AnsweredBy == "" {
		l.AnsweredBy = by
	}
	if from := fields["From"]; l.From == "" {
		l.From = from
	}
	status := fields["CallStatus"]
	if status != "" && !l.Over() {
		l.Status = status
		if status == "initiated" {
			l.Status = "queued"
		}
	}
	switch {
	case isFinal(status):
		return x.over(l, fields)
	case status == "in-progress":
		return x.raiseUp(l)
	case status == "ringing" || status == "initiated" || status == "queued":
		return x.ringing(l, status == "ringing")
	}
	return nil
}

// ringing records that Twilio knows the call.
func (x *Exec) ringing(l *Leg, rings bool) error {
	if conditionRank[l.Condition] < conditionRank[LegRinging] {
		l.Condition = LegRinging
	}
	told := func(c *Leg) bool { return slices.Contains(c.Raised, "ringing") }
	if rings && l.Condition == LegRinging && l.Direction == DirectionOutboundAPI && !slices.ContainsFunc(x.group(l), told) {
		return x.raiseOnce(l, "ringing", Values{"to": l.To})
	}
	return nil
}

// raiseUp records that the call was answered and raises it once. News of the answer
// that comes only with the call's duration dates it back.
func (x *Exec) raiseUp(l *Leg) error {
	if conditionRank[l.Condition] >= conditionRank[LegUp] {
		return nil
	}
	l.Condition, l.AnsweredAt, l.Status = LegUp, x.now.Add(-time.Duration(l.Duration)*time.Second), "in-progress"
	if l.recordedFromAnswer() {
		x.expectRecording(l)
	}
	if !l.Screened { // else it was not let in yet
		if err := x.letIn(l); err != nil {
			return err
		}
		if l.Parent != 0 && l.Goal != "" {
			x.rearm(letInTimer, l.Number, x.now)
		}
	}
	return x.startInline(l)
}

// bridged tells the dialling leg's state that the dialled party took the call.
func (x *Exec) bridged(child *Leg) error {
	parent := x.s.Leg(child.Parent)
	if parent == nil {
		return nil
	}
	return x.bridgedWith(parent, child.To)
}

// raiseOnce raises an event of the call itself, the first time only.
func (x *Exec) raiseOnce(l *Leg, name string, data Values) error {
	if slices.Contains(l.Raised, name) {
		return nil
	}
	l.Raised = append(l.Raised, name)
	return x.raise(&Raised{Name: name, Leg: l.Number, Time: x.now, Data: data})
}

// over takes in that the call has ended.
func (x *Exec) over(l *Leg, fields map[string]string) error {
	if l.Over() {
		if l.Duration == 0 {
			l.Duration = int(number(fields["CallDuration"]))
		}
		return nil
	}
	status := fields["CallStatus"]
	l.Result, l.Status, l.EndedAt = finalResults[status], status, x.now
	l.Duration = int(number(fields["CallDuration"]))
	if code, err := strconv.Atoi(fields["SipResponseCode"]); err == nil && status != "completed" {
		l.Code = code
	}
	talked := l.Condition == LegUp || status == "completed" && l.Duration > 0 || status == "completed" && l.Direction == DirectionInbound ||
		l.Inline != nil && x.ev.Synchronous() && x.ev.Leg == l.Number // its document was being executed
	if !talked {
		return x.unreached(l, l.Result)
	}
	l.Result = ResultCompleted // also where a Dial has other words for a party that was not let in
	if err := x.raiseUp(l); err != nil {
		return err
	}
	if l.EndedBy == "" {
		l.EndedBy = "party"
		if limit := l.timeLimit(); limit > 0 && max(time.Duration(l.Duration)*time.Second, x.now.Sub(l.AnsweredAt)) >= limit {
			l.EndedBy = "limit"
		}
	}
	x.expectLate(l, true)
	l.Condition = LegSettling
	if x.ev.Kind == KindAct && x.ev.Leg == l.Number {
		return nil // its verb is closed first; then hungUp
	}
	if l.ActPending && !x.muted && !l.Leaving {
		l.SettleBy = x.now.Add(settleTime)
		x.arm(Timer{Name: "settle", Due: l.SettleBy, Scope: ScopeEngine, Leg: l.Number})
		return nil
	}
	return x.hungUp(l)
}

// unreached ends a call that was never answered.
func (x *Exec) unreached(l *Leg, result string) error {
	l.Condition, l.Result = LegGone, result
	if l.EndedAt.IsZero() {
		l.EndedAt = x.now
	}
	l.Doc = nil
	x.ended = true
	x.dropTimers(l)
	x.dropPending(func(p PendingEffect) bool { return p.Leg == l.Number && p.Kind == RedirectCall })
	x.note(Entry{What: "end", Leg: l.Number, Name: result})
	// It may have got a Dial: an inbound call rings on until the dialled party answers,
	// and the document may have come after the caller gave up.
	x.endChildren(l)
	x.meterLegGone(l)
	if l.Direction == DirectionOutboundDial {
		return nil
	}
	return x.notReached(l)
}

// hungUp ends an answered call after its verb was closed.
func (x *Exec) hungUp(l *Leg) error {
	if l.Gone() {
		return nil
	}
	l.Condition = LegGone
	if l.EndedBy == "" {
		l.EndedBy = "party"
	}
	if l.Duration == 0 && !l.AnsweredAt.IsZero() {
		l.Duration = int(l.EndedAt.Sub(l.AnsweredAt) / time.Second)
	}
	x.ended = true
	x.dropTimers(l)
	x.dropPending(func(p PendingEffect) bool { return p.Leg == l.Number && p.Kind == RedirectCall })
	x.note(Entry{What: "end", Leg: l.Number, Name: l.Result, Why: l.EndedBy})
	x.endChildren(l)
	x.meterLegGone(l)
	if err := x.tellHungUp(l); err != nil {
		return err
	}
	return x.leaveRooms(l)
}

// tellHungUp tells the flow that an answered call is over. One whose party was asked and
// never let in was refused; of a dialled one that is the Dial's news.
func (x *Exec) tellHungUp(l *Leg) error {
	switch {
	case l.Lost, l.Screened && l.Parent != 0:
		return nil
	case l.Screened:
		return x.notReached(l)
	}
	return x.raiseOnce(l, "hung-up", Values{"by": l.EndedBy, "duration": float64(l.Duration)})
}

// endChildren waits a little for the last callbacks of the parties that l dialled.
func (x *Exec) endChildren(l *Leg) {
	for _, c := range x.s.Legs {
		if c.Parent == l.Number && !c.Gone() && !c.Moved {
			x.arm(Timer{Name: "child", Due: x.now.Add(childTime), Scope: ScopeEngine, Leg: c.Number})
		}
	}
}

// CloseChildren takes in what a Dial's action says of its parties: the one that it
// names has its status, the others without evidence of their own are canceled.
func (t *Turn) CloseChildren(sid, status string) (child *Leg, err error) {
	for _, c := range t.s.Legs {
		if c.Parent != t.Caller.Number || c.Gone() {
			continue
		}
		switch {
		case c.SID == sid && sid != "":
			child = c
		case c.SID == "" && child == nil && sid != "":
			child = c
		}
	}
	for _, c := range t.s.Legs {
		if c.Parent != t.Caller.Number || c.Gone() || c.Moved {
			continue
		}
		fields := map[string]string{"CallStatus": "canceled"}
		if c == child {
			fields = map[string]string{"CallStatus": status, "CallSid": sid}
			if d := t.Fields["DialCallDuration"]; d != "" {
				fields["CallDuration"] = d
			}
		}
		if err := t.evidence(c, fields); err != nil {
			return child, err
		}
	}
	if child == nil && sid != "" {
		if c := t.s.LegBySID(sid); c != nil && c.Parent == t.Caller.Number {
			child = c
		}
	}
	return child, nil
}

// dropTimers forgets the timers of a leg that is over.
func (x *Exec) dropTimers(l *Leg) {
	x.s.Timers = slices.DeleteFunc(x.s.Timers, func(t Timer) bool {
		return t.Leg == l.Number && (t.Scope == ScopeState || t.Name == "settle" || t.Name == "child" || t.Name == amdRaised || t.Name == letInTimer)
	})
}

// silentTime is how long a call may be silent before Twilio is asked about it.
const silentTime = 10 * time.Minute

// Wanted reports whether the flow has sent a dialled party elsewhere that is not known to
// have answered: the sooner that is known, the better.
func (l *Leg) Wanted() bool {
	return l.Parent != 0 && l.Goal != "" && !l.Screened && conditionRank[l.Condition] < conditionRank[LegUp]
}

// CheckAt is when Twilio is to be asked what became of a call from which nothing was
// heard; the zero time while there is nothing to ask. The call of a dialled party is
// there from some time on after the document that dials it was made, whether or not any
// of its callbacks came.
func (l *Leg) CheckAt() time.Time {
	if l.Leaving && (l.Condition == LegRinging || l.Condition == LegUp) {
		return l.EvidenceAt.Add(30 * time.Second)
	}
	switch l.Condition {
	case LegPlanned, LegPlacing, LegRinging:
		if l.Condition == LegPlanned && (l.Direction != DirectionOutboundDial || l.Moved || l.Reserved) {
			return time.Time{} // nobody has asked for the call yet
		}
		if l.Direction == DirectionInbound {
			return l.EvidenceAt.Add(silentTime)
		}
		if l.Wanted() {
			return l.PlacedAt
		}
		ring := l.RingTimeout
		if ring == 0 {
			ring = time.Minute
		}
		return l.PlacedAt.Add(ring + 35*time.Second)
	case LegUp:
		return l.EvidenceAt.Add(silentTime)
	}
	return time.Time{}
}
