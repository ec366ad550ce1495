package engine

import (
	"slices"
	"strconv"
	"time"
)

// Calling is what a `call` step asks for: one leg name, and one address or several.
type Calling struct {
	Name      string
	To        []string
	InTurn    bool // one after the other instead of all together
	From      string
	State     string            // where the party begins
	Screen    string            // state in which it is asked first whether it takes the call; "" for none
	Inline    bool              // the first document travels with the request
	Params    map[string]string // further parameters of the REST call
	Ring      time.Duration
	Detection *Detection
}

// Call places calls under one name. The first that is answered, and with a screening
// accepted, is the leg; the others are hung up.
func (x *Exec) Call(c Calling) error {
	req := CallRequest{From: c.From, Params: c.Params, Screen: c.Screen, Inline: c.Inline}
	like := &Leg{Name: c.Name, State: c.State, RingTimeout: c.Ring, Detection: c.Detection}
	if len(c.To) > 1 {
		like.Group = len(x.s.Legs) + 1
	}
	to := c.To
	if c.InTurn {
		to, req.Then = c.To[:1], slices.Clone(c.To[1:])
	}
	for _, address := range to {
		one := req
		one.To = address
		if _, err := x.placeLeg(like, &one); err != nil {
			return err
		}
	}
	return nil
}

// placeLeg makes the leg of a call and asks for the call. like says what the leg is
// called, where it begins and how long it rings.
func (x *Exec) placeLeg(like *Leg, req *CallRequest) (*Leg, error) {
	l, err := x.NewLeg(like.Name, DirectionOutboundAPI, 0)
	if err != nil {
		return nil, err
	}
	if req.Deadline.IsZero() {
		req.Deadline = x.now.Add(PlaceCall.Spec().Deadline)
		if slices.ContainsFunc(x.s.Legs, func(o *Leg) bool { return o.Live() }) {
			req.Deadline = x.now.Add(placeRetry)
		}
	}
	l.Group, l.State, l.RingTimeout, l.Detection = like.Group, like.State, like.RingTimeout, like.Detection
	l.To, l.From, l.Call = req.To, req.From, req
	if req.Screen != "" {
		l.Screened, l.Goal, l.State = true, like.State, req.Screen
	}
	if req.Inline && x.renderInline(l) {
		req.State = l.State
	}
	x.Emit(Effect{Kind: PlaceCall, Leg: l.Number, Params: x.callParams(l), Deadline: req.Deadline})
	return l, nil
}

// callParams are the parameters of the REST request of a leg's call.
func (x *Exec) callParams(l *Leg) map[string]string {
	p := map[string]string{
		"To": l.To, "From": l.From,
		"FallbackUrl":         Path(x.s.ID, l.Number, 0, URLFallback),
		"StatusCallback":      Path(x.s.ID, l.Number, 0, URLStatus),
		"StatusCallbackEvent": "initiated ringing answered completed",
	}
	if l.RingTimeout > 0 {
		p["Timeout"] = strconv.Itoa(int(l.RingTimeout / time.Second))
	}
	if d := l.Detection; d != nil {
		p["MachineDetection"] = d.Mode
		if d.Async {
			p["AsyncAmd"] = "true"
			p["AsyncAmdStatusCallback"] = Path(x.s.ID, l.Number, 0, URLAMD)
			p["AsyncAmdStatusCallbackMethod"] = "POST"
		}
	}
	for k, v := range l.Call.Params {
		p[k] = v
	}
	if l.recordedFromAnswer() {
		p["RecordingStatusCallback"] = Path(x.s.ID, l.Number, 0, URLRec)
		p["RecordingStatusCallbackEvent"] = recordingNews
	}
	if l.Inline != nil {
		p["Twiml"] = string(l.Inline)
	} else {
		p["Url"] = Path(x.s.ID, l.Number, 0, URLStart)
	}
	return p
}

// recordedFromAnswer reports whether the request of the call asks for its recording.
func (l *Leg) recordedFromAnswer() bool { return l.Call != nil && l.Call.Params["Record"] == "true" }

// timeLimit is the longest talk that the request of the call allows, 0 where it says nothing.
func (l *Leg) timeLimit() time.Duration {
	if l.Call == nil {
		return 0
	}
	return time.Duration(number(l.Call.Params["TimeLimit"])) * time.Second
}

// goal is the state in which the party of a call begins that was not let in yet.
func (l *Leg) goal() string {
	if l.Screened {
		return l.Goal
	}
	return l.State
}

// taken reports whether the leg's party answered and was let in.
func (l *Leg) taken() bool { return !l.Lost && !l.Screened && !l.AnsweredAt.IsZero() }

// group gives the legs that were called together or in turn with l, l among them.
func (x *Exec) group(l *Leg) []*Leg {
	if l.Group == 0 {
		return []*Leg{l}
	}
	var legs []*Leg
	for _, c := range x.s.Legs {
		if c.Group == l.Group {
			legs = append(legs, c)
		}
	}
	return legs
}

// letIn takes in that somebody is there to be talked to: the call was answered and,
// where its party is asked first, accepted. Of several it is the first one.
func (x *Exec) letIn(l *Leg) error {
	for _, c := range x.group(l) {
		if c != l && c.taken() {
			x.lose(l)
			return nil
		}
	}
	for _, c := range x.group(l) {
		if c != l && !c.Gone() {
			x.lose(c)
		}
	}
	if err := x.meterAnswered(l); err != nil {
		return err
	}
	switch l.Direction {
	case DirectionOutboundAPI:
		return x.raiseOnce(l, "answered", Values{"to": l.To})
	case DirectionOutboundDial:
		return x.bridged(l)
	}
	return nil
}

// lose gives up a leg because another one of its group was taken. It is hung up by REST,
// and in its own answer if it asks first; nothing of it is told.
func (x *Exec) lose(l *Leg) {
	l.Lost = true
	x.note(Entry{What: "moved", Leg: l.Number, From: l.State, To: "hangup", Why: "another one has taken the call"})
	if l.Over() {
		return
	}
	l.Leaving, l.EndedBy = true, "flow"
	x.leaveVisit(l)
	x.hangupByREST(l, time.Time{})
}

// failures are the events of a call that nobody took, the ones that came closest to a
// talk first: of several targets that failed it is told however their news came in.
var failures = []string{"refused", ResultNoAnswer, ResultBusy, ResultFailed, ResultCanceled}

// failure is the event of a call that was not let in.
func (l *Leg) failure() string {
	switch {
	case l.Screened && !l.AnsweredAt.IsZero():
		return "refused"
	case l.Result == ResultCompleted:
		return ResultCanceled
	}
	return l.Result
}

// notReached takes in that nobody is to be talked to on a leg: the next one of its group
// is called, or, after the last one, its name has not been reached.
func (x *Exec) notReached(l *Leg) error {
	if l.Lost {
		return nil
	}
	if next, err := x.callNext(l); next || err != nil {
		return err
	}
	best := l
	for _, c := range x.group(l) {
		switch {
		case c == l || c.Lost:
		case !c.Gone() || c.taken():
			return nil
		case slices.Index(failures, c.failure()) < slices.Index(failures, best.failure()):
			best = c
		}
	}
	return x.raiseOnce(l, best.failure(), Values{"to": best.To, "code": float64(best.Code)})
}

// callNext calls the next of several targets that are called in turn.
func (x *Exec) callNext(l *Leg) (bool, error) {
	if l.Call == nil || len(l.Call.Then) == 0 || l.failure() == ResultCanceled || l.Leaving && !l.Screened ||
		x.unwanted(l) || x.s.Condition != SessionRunning {
		return false, nil
	}
	req := *l.Call
	req.To, req.Then, req.Deadline = l.Call.Then[0], l.Call.Then[1:], time.Time{}
	_, err := x.placeLeg(&Leg{Name: l.Name, Group: l.Group, State: l.goal(), RingTimeout: l.RingTimeout, Detection: l.Detection}, &req)
	return true, err
}
