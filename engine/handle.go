package engine

import (
	"slices"
	"strconv"
)

// handle takes one event from outside. What it proves is taken in first; then the flow
// gets to know of it.
func (x *Exec) handle(ev *Event) error {
	if ofLeg[ev.Kind] && x.s.Leg(ev.Leg) == nil {
		x.note(Entry{What: "dropped", Name: ev.Kind, Leg: ev.Leg, Why: "there is no such leg"})
		return nil
	}
	switch ev.Kind {
	case KindInbound:
		return x.inbound(ev)
	case KindBegin:
		return x.begin(ev)
	case KindStart:
		return x.startLeg(ev)
	case KindAct, KindEnd, KindBack, KindRefer:
		return x.verbRequest(ev)
	case KindWaitKey:
		return x.waitKey(ev)
	case KindAssigned:
		return x.assignment(ev)
	case KindBridged:
		return x.connected(ev)
	case KindHanded:
		x.handed(ev.Leg, ev.Turn)
		return x.evidence(x.s.Leg(ev.Leg), ev.Fields)
	case KindPark:
		return x.park(ev)
	case KindStatus:
		return x.status(ev)
	case KindAMD:
		return x.amdResult(ev)
	case KindRoom:
		return x.roomCallback(ev)
	case KindPartial:
		return x.partial(ev)
	case KindRec, KindTrans:
		return x.lateResult(ev)
	case KindFallback:
		return x.fallback(ev)
	case KindTimer:
		return x.fire(ev)
	case KindSignal:
		return x.signal(ev)
	case KindSent:
		x.sent(ev)
		return nil
	case KindResult:
		return x.result(ev)
	case KindDelete:
		x.endSession(OutcomeDeleted)
		return nil
	case KindPrice:
		x.price(ev)
		return nil
	case KindStray:
		x.note(Entry{What: "dropped", Leg: ev.Leg, Name: "stray call", Text: ev.Fields["CallSid"], Why: "the leg is another call"})
		x.Emit(Effect{Kind: HangupCall, Lane: "stray", Params: map[string]string{"Sid": ev.Fields["CallSid"], "Status": "completed"}})
		return nil
	}
	x.note(Entry{What: "dropped", Name: ev.Kind, Leg: ev.Leg, Why: "this version does not know the event"})
	return nil
}

// ofLeg are the kinds of events that say nothing without a leg.
var ofLeg = map[string]bool{
	KindStart: true, KindAct: true, KindEnd: true, KindBack: true, KindHanded: true, KindPark: true, KindStatus: true, KindAMD: true,
	KindFallback: true, KindRefer: true, KindPartial: true, KindRec: true, KindTrans: true, KindWaitKey: true, KindAssigned: true, KindBridged: true,
}

// inbound begins the session of a call to one of our numbers.
func (x *Exec) inbound(ev *Event) error {
	f := x.c.Flow
	x.s.Direction = "inbound"
	x.armLimit()
	l, err := x.NewLeg(f.Answer.Leg, DirectionInbound, 0)
	if err != nil {
		return err
	}
	x.ev.Leg = l.Number
	l.SID, l.From, l.To, l.Condition, l.Started = ev.Fields["CallSid"], ev.Fields["From"], ev.Fields["To"], LegRinging, true
	l.Fields = callFields(ev.Fields)
	if !ev.World.Reports[l.To] {
		x.Emit(Effect{Kind: UpdateCall, Leg: l.Number, Params: map[string]string{
			"StatusCallback": Path(x.s.ID, l.Number, 0, URLStatus),
		}})
	}
	if err := x.evidence(l, ev.Fields); err != nil {
		return err
	}
	input, missing := inboundInput(f.Inputs, ev.Fields)
	x.s.Input = input
	if missing != "" {
		return &Fault{Reason: "input", Pos: f.Pos, Err: errMissingInput(missing)}
	}
	x.took(f.Answer.Pos)
	return x.goTo(l, Home{}, f.Answer.State)
}

// begin runs the start list of a session that the API or the CLI started.
func (x *Exec) begin(ev *Event) error {
	x.s.Direction = "start"
	x.s.Input = ev.Data
	x.armLimit()
	x.took(x.c.Flow.Start.Pos)
	return x.runList(x.c.Flow.Start, &Activation{}, nil)
}

// startLeg is the first request of a call that we placed: its answer is the document
// of its first state.
func (x *Exec) startLeg(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	if err := x.evidence(l, ev.Fields); err != nil {
		return err
	}
	if l.Started || l.Over() {
		return nil
	}
	if err := x.raiseUp(l); err != nil {
		return err
	}
	if err := x.detectedAtStart(l, ev.Fields); err != nil {
		return err
	}
	l.Started = true
	if l.Leaving || x.s.Condition != SessionRunning {
		x.hangupNow(l)
		return nil
	}
	return x.goTo(l, Home{}, l.State)
}

// verbRequest is a verb's action or the end of a document.
func (x *Exec) verbRequest(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	final := isFinal(ev.Fields["CallStatus"])
	inline := l.Inline != nil
	x.handed(l.Number, ev.Turn)
	if err := x.evidence(l, ev.Fields); err != nil {
		return err
	}
	if inline && !l.Over() {
		if err := x.raiseUp(l); err != nil { // the request itself proves the answer
			return err
		}
		if l.Turn != ev.Turn {
			return nil // it was sent elsewhere before the answer
		}
	}
	if done, err := x.roomOver(l, ev); done || err != nil {
		return err
	}
	if err := x.leaveRoomAt(l); err != nil {
		return err
	}
	if l.Leaving && !final {
		x.hangupNow(l)
		return nil
	}
	if err := x.closeVerb(l, ev); err != nil {
		return err
	}
	if final {
		return x.hungUp(l)
	}
	return nil
}

// closeVerb lets the verb of the leg's state read the request.
func (x *Exec) closeVerb(l *Leg, ev *Event) error {
	l.ActPending = false
	if l.Parked || x.muted {
		return nil
	}
	st := x.stateOf(l)
	if st == nil {
		return nil
	}
	if ev.Kind == KindBack {
		if !l.Returns(ev.Turn) {
			return nil
		}
		l.Out = 0
	}
	if ev.Kind != KindEnd && st.Verb != nil {
		return st.Verb.Act(&Turn{Exec: x, Caller: l, State: st, Fields: ev.Fields})
	}
	return x.followNext(l, st, nil)
}

// status is call progress: pushed by Twilio or asked for.
func (x *Exec) status(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	if l == nil || x.seen(l, "status", ev.Fields) {
		return nil
	}
	x.hangUpStray(ev)
	if err := x.evidence(l, ev.Fields); err != nil {
		return err
	}
	return x.toldAnswerer(l, ev.Fields)
}

// seen reports whether a numbered callback was taken before, and marks it.
func (x *Exec) seen(l *Leg, source string, fields map[string]string) bool {
	n, err := strconv.Atoi(fields["SequenceNumber"])
	if err != nil {
		return false
	}
	for i := range l.Seen {
		if l.Seen[i].Source == source {
			return !l.Seen[i].take(n)
		}
	}
	w := Window{Source: source}
	w.take(n)
	l.Seen = append(l.Seen, w)
	return false
}

// take marks n and reports whether it is new.
func (w *Window) take(n int) bool {
	n++ // 0 is no number yet
	switch d := n - w.High; {
	case d > 0:
		if d < 64 {
			w.Mask = w.Mask<<d | 1
		} else {
			w.Mask = 1
		}
		w.High = n
		return true
	case d <= -64:
		return false
	default:
		bit := uint64(1) << -d
		if w.Mask&bit != 0 {
			return false
		}
		w.Mask |= bit
		return true
	}
}

// handed records that Twilio has got the document of a turn: a redirect to it is done.
func (x *Exec) handed(leg, turn int) {
	l := x.s.Leg(leg)
	if l == nil || turn <= l.Handed {
		return
	}
	l.Handed = min(turn, l.Turn)
	x.limitHanded(l)
	x.dropPending(func(p PendingEffect) bool { return p.Kind == RedirectCall && p.Leg == leg && p.Turn <= l.Handed })
}

// park gives a leg that waits for a suspended list something to hear, because its
// webhook can wait no longer. It is a turn of the same visit.
func (x *Exec) park(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	if l == nil || l.Held == "" || l.Over() {
		return nil
	}
	doc, err := x.parkDocument(l)
	if err != nil {
		return err
	}
	held := l.Held
	x.setDocument(l, doc)
	l.Held, l.Parked = held, true
	return nil
}

// fallback is Twilio's news that it could not use what it got.
func (x *Exec) fallback(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	if err := x.evidence(l, ev.Fields); err != nil {
		return err
	}
	if l.Over() || x.muted {
		return nil
	}
	code, _ := strconv.Atoi(ev.Fields["ErrorCode"])
	return &Fault{Code: code, Reason: "fetch", State: l.State, Err: fallbackError(ev.Fields)}
}

// signal offers a signal to the legs whose states name it, else to the session.
func (x *Exec) signal(ev *Event) error {
	return x.raise(&Raised{Name: "signal." + ev.Name, Time: x.now, Hops: ev.Hops, Data: Values{"data": map[string]any(ev.Data), "by": ev.By}})
}

// sent records that a call is about to be placed.
func (x *Exec) sent(ev *Event) {
	for _, p := range x.s.Pending {
		if p.ID == ev.Effect && p.Kind == PlaceCall {
			if l := x.s.Leg(p.Leg); l != nil && l.Condition == LegPlanned {
				l.Condition, l.EvidenceAt, l.PlacedAt = LegPlacing, x.now, x.now
			}
		}
	}
}

// lateResult is a recording or a transcription: it goes to the state that asked for it.
func (x *Exec) lateResult(ev *Event) error {
	kind, name := "recording", "recording"
	data := Values{"url": ev.Fields["RecordingUrl"], "recording_sid": ev.Fields["RecordingSid"], "duration": number(ev.Fields["RecordingDuration"])}
	if ev.Kind == KindTrans {
		kind, name = "transcribed", "transcribed"
		data = Values{"ok": ev.Fields["TranscriptionStatus"] == "completed", "text": ev.Fields["TranscriptionText"], "recording_url": ev.Fields["RecordingUrl"]}
	}
	i := x.awaitedFor(kind, ev)
	if i < 0 {
		x.note(Entry{What: "late", Name: name, Leg: ev.Leg, Turn: ev.Turn})
		return nil
	}
	asked := x.s.Awaited[i]
	switch ev.Fields["RecordingStatus"] {
	case "in-progress":
		return nil
	}
	x.s.Awaited = slices.Delete(x.s.Awaited, i, i+1)
	if ev.Kind == KindRec && ev.Fields["RecordingStatus"] == "absent" {
		return nil
	}
	l := x.s.Leg(ev.Leg)
	r := &Raised{Name: name, Leg: ev.Leg, Time: x.now, Data: data}
	if st := x.c.flow(asked.Flow).States[asked.State]; st != nil {
		if t := st.On[name]; t != nil {
			return x.take(l, place{frame: x.frameOf(l, asked.Home), visit: asked.Visit}, t, r)
		}
	}
	_, err := x.raiseToSession(r)
	return err
}
