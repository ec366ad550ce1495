package verbs

import (
	"strconv"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// record records what the caller says.
type record struct {
	Attrs engine.Attrs
}

func recordVerb() *spec.VerbKind {
	return spec.Verb[record](&spec.Object[record]{
		Name: "record", Doc: "Records the caller. What must happen for callers who hang up belongs into on: recording.",
		Example: "record: {max_length: 2m}",
		Fields:  spec.Attributes("Record", func(r *record) *engine.Attrs { return &r.Attrs }),
	}, spec.VerbKind{
		Becomes: "<Record>",
		Ending:  []string{"recorded", "empty"},
		Other:   []string{"recording", "transcribed"},
		Waits:   true,
	})
}

// ActsAtHangup says that Twilio requests the action when the caller hangs up.
func (r *record) ActsAtHangup() bool { return true }

// Render appends the Record; callbacks are asked for where something handles them.
func (r *record) Render(t *engine.Turn) error {
	el := twiml.El("Record").Set("action", t.URL(engine.URLAct))
	if err := r.Attrs.Apply(t.Exec, el); err != nil {
		return err
	}
	if t.Handles("recording") {
		el.Set("recordingStatusCallback", t.URL(engine.URLRec))
		el.Set("recordingStatusCallbackEvent", "completed absent")
		t.Expect("recording")
	}
	if t.Handles("transcribed") {
		el.Set("transcribe", "true").Set("transcribeCallback", t.URL(engine.URLTrans))
		t.Expect("transcribed")
	}
	t.Append(el)
	return nil
}

// Act reads how the recording ended.
func (r *record) Act(t *engine.Turn) error {
	hungUp := t.HungUp() || t.Fields["Digits"] == "hangup"
	duration, err := strconv.Atoi(t.Fields["RecordingDuration"])
	if t.Fields["RecordingUrl"] == "" || err == nil && duration == 0 {
		t.ExpectNothing()
		return t.End("empty", engine.Values{"hung_up": hungUp})
	}
	digits := t.Fields["Digits"]
	if digits == "hangup" {
		digits = ""
	}
	return t.End("recorded", engine.Values{
		"duration": float64(duration), "digits": digits, "hung_up": hungUp,
		"recording_sid": recordingSID(t.Fields), "url": t.Fields["RecordingUrl"],
	})
}

// recordingSID is the recording's SID: a parameter, else the end of its address.
func recordingSID(fields map[string]string) string {
	if sid := fields["RecordingSid"]; sid != "" {
		return sid
	}
	url := fields["RecordingUrl"]
	for i := len(url) - 1; i >= 0; i-- {
		if url[i] == '/' {
			return url[i+1:]
		}
	}
	return ""
}
