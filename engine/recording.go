package engine

import (
	"slices"

	"github.com/ringdown/ringdown/engine/twiml"
)

// Recordings that a step starts. They belong to the call, not to a document: their turn
// is 0, and they go on through states and moves until they are stopped or the call ends.

// CurrentRecording names the one recording of a call that is at work.
// https://www.twilio.com/docs/voice/api/recording#pause-resume-or-stop-a-recording
const CurrentRecording = "Twilio.CURRENT"

// RecordingParam is the parameter of an effect that names a recording; it is no
// parameter of the request.
const RecordingParam = "RecordingSid"

// recordingNews are the events of a recording that Twilio is asked to tell of.
const recordingNews = "in-progress completed absent"

// Recording says how a call is recorded; empty fields are Twilio's defaults of the REST API.
type Recording struct {
	Channels string // mono, dual
	Track    string // inbound, outbound, both
	Trim     string // do-not-trim, trim-silence
}

// StartRecording records a call from now on. Of an inbound call that nobody has taken
// yet the next document begins with it. It reports whether the call can be recorded.
func (x *Exec) StartRecording(l *Leg, rec Recording) bool {
	with := l.Direction == DirectionInbound && l.Condition == LegRinging &&
		(l.Turn == 0 || l.Parked || x.asks && x.ev.Leg == l.Number)
	if !l.Live() && !with || l.Leaving {
		return false
	}
	params := map[string]string{"RecordingChannels": rec.Channels, "RecordingTrack": rec.Track, "Trim": rec.Trim}
	for name, value := range params {
		if value == "" {
			delete(params, name)
		}
	}
	if x.expectRecording(l) {
		params["RecordingStatusCallback"] = Path(x.s.ID, l.Number, 0, URLRec)
		params["RecordingStatusCallbackEvent"] = recordingNews
	}
	if with {
		l.Before = append(l.Before, startRecording(params))
		return true
	}
	x.Emit(Effect{Kind: RecordStart, Leg: l.Number, Params: params})
	return true
}

// startRecording is the TwiML of a recording that begins with a document. Its defaults
// are others than those of the REST API.
// https://www.twilio.com/docs/voice/twiml/recording
func startRecording(params map[string]string) string {
	el := twiml.El("Recording")
	for _, a := range [][3]string{
		{"channels", "RecordingChannels", "mono"}, {"track", "RecordingTrack", ""}, {"trim", "Trim", "do-not-trim"},
		{"recordingStatusCallback", "RecordingStatusCallback", ""}, {"recordingStatusCallbackEvent", "RecordingStatusCallbackEvent", ""},
	} {
		value := params[a[1]]
		if value == "" {
			value = a[2]
		}
		if value != "" {
			el.Set(a[0], value)
		}
	}
	return twiml.El("Start", el).String()
}

// preface puts what the leg's next document begins with in front of it.
func (x *Exec) preface(l *Leg, doc *twiml.Element) error {
	if len(l.Before) == 0 {
		return nil
	}
	var first []twiml.Node
	for _, text := range l.Before {
		el, err := twiml.Parse([]byte("<Response>" + text + "</Response>"))
		if err != nil {
			return err
		}
		first = append(first, el.Children...)
	}
	l.Before = nil
	doc.Children = append(first, doc.Children...)
	return nil
}

// UpdateRecording pauses, resumes or stops (Status) the recording of a call.
func (x *Exec) UpdateRecording(l *Leg, status string) {
	sid := CurrentRecording
	for i := range x.s.Awaited {
		a := &x.s.Awaited[i]
		if !a.ofStep(l) || !a.Due.IsZero() {
			continue
		}
		if a.SID != "" {
			sid = a.SID
		}
		if status == "stopped" {
			a.Due = x.now.Add(lateTime)
		}
	}
	x.Emit(Effect{Kind: RecordUpdate, Leg: l.Number, Params: map[string]string{"Status": status, RecordingParam: sid}})
}

// UpdateRoomRecording does the same to the recording of a room.
func (x *Exec) UpdateRoomRecording(room, status string) {
	x.Emit(Effect{Kind: RecordRoom, Lane: "room-" + room, Room: x.RoomAtTwilio(room), Params: map[string]string{"Status": status, RecordingParam: CurrentRecording}})
}

// expectRecording has the file of a recording that begins now awaited, if anything
// handles it: the state in which the leg is, or LEG.recording.
func (x *Exec) expectRecording(l *Leg) bool {
	p := l.here()
	st := x.c.stateAt(p)
	if st == nil {
		st = &State{}
	}
	t := &Turn{Exec: x, Caller: l, State: st}
	if !t.Handles("recording") {
		return false
	}
	x.s.Awaited = append(x.s.Awaited, Awaited{Kind: "recording", Leg: l.Number, Visit: p.visit, State: p.state, Home: p.frame.home()})
	return true
}

// ofStep reports whether the awaited file is that of a recording that a step has started.
func (a *Awaited) ofStep(l *Leg) bool {
	return a.Kind == "recording" && a.Leg == l.Number && a.Turn == 0
}

// recordStarted takes in what became of the start of a recording.
func (x *Exec) recordStarted(l *Leg, res *Result) {
	if l == nil {
		return
	}
	if res.OK {
		x.bindRecording(l, res.SID)
		return
	}
	if i := slices.IndexFunc(x.s.Awaited, func(a Awaited) bool { return a.ofStep(l) && a.SID == "" }); i >= 0 {
		x.s.Awaited = slices.Delete(x.s.Awaited, i, i+1)
	}
}

// bindRecording gives the first awaited recording that has no SID the one that it has.
func (x *Exec) bindRecording(l *Leg, sid string) {
	if sid == "" || slices.ContainsFunc(x.s.Awaited, func(a Awaited) bool { return a.SID == sid }) {
		return
	}
	if i := slices.IndexFunc(x.s.Awaited, func(a Awaited) bool { return a.ofStep(l) && a.SID == "" }); i >= 0 {
		x.s.Awaited[i].SID = sid
	}
}

// awaitedFor finds what a late result was awaited as: by the turn of its verb, or by the
// SID of a recording that a step has started.
func (x *Exec) awaitedFor(kind string, ev *Event) int {
	l := x.s.Leg(ev.Leg)
	if kind == "recording" && ev.Turn == 0 && l != nil {
		sid := ev.Fields["RecordingSid"]
		x.bindRecording(l, sid)
		return slices.IndexFunc(x.s.Awaited, func(a Awaited) bool { return a.ofStep(l) && a.SID == sid })
	}
	return slices.IndexFunc(x.s.Awaited, func(a Awaited) bool { return a.Kind == kind && a.Leg == ev.Leg && a.Turn == ev.Turn })
}
