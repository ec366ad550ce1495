package dispatch

import (
	"context"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twilio"
)

func recordingSID(r *twilio.Recording) string {
	if r == nil {
		return ""
	}
	return r.SID
}

// recordingParams gives the parameters without the recording's name, which stands in the
// path.
func (j *job) recordingParams() (sid string, p map[string]string) {
	p = j.params()
	sid = p[engine.RecordingParam]
	delete(p, engine.RecordingParam)
	return sid, p
}

func sendRecordStart(j *job, ctx context.Context) answer {
	r, err := j.d.cfg.Twilio.StartRecording(ctx, j.sid, j.params())
	return twilioAnswer(recordingSID(r), err)
}

func sendRecordUpdate(j *job, ctx context.Context) answer {
	sid, p := j.recordingParams()
	r, err := j.d.cfg.Twilio.UpdateRecording(ctx, j.sid, sid, p)
	return twilioAnswer(recordingSID(r), err)
}

func sendRecordRoom(j *job, ctx context.Context) answer {
	sid, p := j.recordingParams()
	r, err := j.d.cfg.Twilio.UpdateConferenceRecording(ctx, j.room, sid, p)
	return twilioAnswer(recordingSID(r), err)
}

// recordedByREST is the source of recordings that a request has started.
// https://www.twilio.com/docs/voice/api/recording
const recordedByREST = "StartCallRecordingAPI"

// findRecording finds a recording of the call that a request has started.
func findRecording(j *job, ctx context.Context, then func(time.Time) bool) (string, error) {
	found, err := j.d.cfg.Twilio.ListRecordings(ctx, j.sid, "")
	for _, r := range found {
		if r.Source == recordedByREST && then(r.DateCreated) {
			return r.SID, err
		}
	}
	return "", err
}
