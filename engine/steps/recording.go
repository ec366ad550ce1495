package steps

import (
	"slices"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// recording records a call, or pauses, resumes or stops what records a call or a room.
type recording struct {
	Do   string
	Leg  string
	Room string
	How  engine.Recording
	pos  diag.Pos
}

// recordingStatus is what the request says.
// https://www.twilio.com/docs/voice/api/recording
var recordingStatus = map[string]string{"pause": "paused", "resume": "in-progress", "stop": "stopped"}

func recordingStep() *spec.StepKind {
	return spec.Action[recording](&spec.Object[recording]{
		Name: "recording", Doc: "Starts, pauses, resumes or stops the recording of a call, or pauses, resumes or stops that of a room. The file comes as the event recording of the state in which the call was, else as LEG.recording.",
		Example: "recording: {do: start, leg: caller}",
		Fields: []spec.Field[recording]{
			spec.Enum("do", "what to do", []string{"start", "pause", "resume", "stop"}, func(r *recording) *string { return &r.Do }).Must(),
			spec.Leg("leg", "the leg", false, func(r *recording) *string { return &r.Leg }),
			spec.Room("room", "a room instead; its recording is begun by `record: record-from-start` of its conference", false, func(r *recording) *string { return &r.Room }),
			spec.Enum("channels", "of start: both sides in one channel, or each in its own", []string{"mono", "dual"}, func(r *recording) *string { return &r.How.Channels }).Or("mono"),
			spec.Enum("track", "of start: what is recorded", []string{"inbound", "outbound", "both"}, func(r *recording) *string { return &r.How.Track }).Or("both"),
			spec.Enum("trim", "of start: whether silence at both ends is cut off", []string{"trim-silence", "do-not-trim"}, func(r *recording) *string { return &r.How.Trim }).Or("do-not-trim"),
		},
		Check: func(d *spec.Decoder, n *spec.Node, r *recording) {
			r.pos = n.Pos
			if (n.Get("leg") == nil) == (n.Get("room") == nil) {
				d.Diags.Errorf(n.Pos, "recording", "recording is either of a leg or of a room")
			}
			if r.Do == "start" && n.Get("room") != nil {
				d.Diags.Errorf(n.Get("room").Pos, "recording", "Twilio starts the recording of a room only with the room").
					WithHint("write record: record-from-start in the conference; a step can pause, resume and stop it")
			}
			for _, e := range n.Entries {
				if r.Do != "start" && slices.Contains([]string{"channels", "track", "trim"}, e.Key.Text) {
					d.Diags.Errorf(e.Key.Pos, "recording", "%s is said when the recording starts", e.Key.Text).WithHint("remove it")
				}
			}
		},
	}, spec.StepKind{Becomes: "POST Calls/SID/Recordings; <Start><Recording> in the first document of an inbound call"})
}

// Run acts on the call or the room, if it is there.
func (r *recording) Run(x *engine.Exec) (engine.Control, error) {
	if r.Room != "" {
		if x.Session().Room(r.Room) == nil {
			x.Skip(r.pos, "recording", "nobody is in the room "+r.Room)
			return engine.Control{}, nil
		}
		x.UpdateRoomRecording(r.Room, recordingStatus[r.Do])
		return engine.Control{}, nil
	}
	l := x.LegNamed(r.Leg)
	switch {
	case l == nil:
		x.Skip(r.pos, "recording", "there is no such call")
	case r.Do == "start":
		if !x.StartRecording(l, r.How) {
			x.Skip(r.pos, "recording", "the call of "+r.Leg+" is not answered, or over")
		}
	case !l.Live():
		x.Skip(r.pos, "recording", "the call of "+r.Leg+" is not answered, or over")
	default:
		x.UpdateRecording(l, recordingStatus[r.Do])
	}
	return engine.Control{}, nil
}
