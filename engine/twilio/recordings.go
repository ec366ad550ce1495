package twilio

import (
	"context"
	"net/url"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Recording is a recording as the REST API shows it. Source:
// twilio.com/docs/voice/api/recording.
type Recording struct {
	SID           string
	CallSID       string
	ConferenceSID string
	Status        string        // in-progress, paused, stopped, processing, completed, absent, deleted
	Source        string        // RecordVerb, DialVerb, Conference, OutboundAPI ...
	Duration      time.Duration // whole seconds, 0 while it is not known
	MediaURL      string
	ErrorCode     int // of one that is absent, else 0
	DateCreated   time.Time
	StartTime     time.Time
}

func recordingOf(r *api.ApiV2010Recording) *Recording {
	return &Recording{
		SID: str(r.Sid), CallSID: str(r.CallSid), ConferenceSID: str(r.ConferenceSid), Status: str(r.Status),
		Source: str(r.Source), Duration: secondsOf(r.Duration), MediaURL: str(r.MediaUrl), ErrorCode: num(r.ErrorCode),
		DateCreated: parseTime(str(r.DateCreated)), StartTime: parseTime(str(r.StartTime)),
	}
}

// FetchRecording reads what is known about one recording, not its sound.
func (c *Client) FetchRecording(ctx context.Context, sid string) (*Recording, error) {
	const op = "fetch recording"
	part, err := pathPart(op, "recording SID", sid)
	if err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.FetchRecording(part, nil)
	switch {
	case err != nil:
		return nil, asError(op, err)
	case str(got.Sid) == "":
		return nil, unreadable(op, nil)
	}
	return recordingOf(got), nil
}

// ListRecordings lists the recordings of a call or a conference, newest first, at
// most 200; an empty SID leaves that open.
func (c *Client) ListRecordings(ctx context.Context, callSID, conferenceSID string) ([]Recording, error) {
	q := url.Values{}
	setIf(q, map[string]string{"CallSid": callSID, "ConferenceSid": conferenceSID})
	got, err := list(ctx, c, "list recordings", "Recordings", q, 0, func(p *api.ListRecordingResponse) ([]api.ApiV2010Recording, *string) {
		return p.Recordings, p.NextPageUri
	})
	if err != nil {
		return nil, err
	}
	return convert(got, recordingOf), nil
}
