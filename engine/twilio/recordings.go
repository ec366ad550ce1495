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

// StartRecording records a call in progress from now on. Params are those of the
// resource by their names. Source: twilio.com/docs/voice/api/recording.
func (c *Client) StartRecording(ctx context.Context, callSID string, params map[string]string) (*Recording, error) {
	const op = "start recording"
	part, err := pathPart(op, "call SID", callSID)
	if err != nil {
		return nil, err
	}
	p := &api.CreateCallRecordingParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.CreateCallRecording(part, p)
	if err != nil {
		return nil, asError(op, err)
	}
	return started(op, got.Sid, got.Status)
}

// UpdateRecording pauses, resumes or stops a recording of a call: Status paused,
// in-progress or stopped. recordingSID may be Twilio.CURRENT where there is only one.
func (c *Client) UpdateRecording(ctx context.Context, callSID, recordingSID string, params map[string]string) (*Recording, error) {
	const op = "update recording"
	parts, err := pathParts(op, callSID, recordingSID)
	if err != nil {
		return nil, err
	}
	p := &api.UpdateCallRecordingParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.UpdateCallRecording(parts[0], parts[1], p)
	if err != nil {
		return nil, asError(op, err)
	}
	return started(op, got.Sid, got.Status)
}

// UpdateConferenceRecording does the same to the recording of a conference.
func (c *Client) UpdateConferenceRecording(ctx context.Context, conferenceSID, recordingSID string, params map[string]string) (*Recording, error) {
	const op = "update conference recording"
	parts, err := pathParts(op, conferenceSID, recordingSID)
	if err != nil {
		return nil, err
	}
	p := &api.UpdateConferenceRecordingParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.UpdateConferenceRecording(parts[0], parts[1], p)
	if err != nil {
		return nil, asError(op, err)
	}
	return started(op, got.Sid, got.Status)
}

// started is what the answer to a start or a change shows of the recording.
func started(op string, sid, status *string) (*Recording, error) {
	if str(sid) == "" {
		return nil, unreadable(op, nil)
	}
	return &Recording{SID: str(sid), Status: str(status)}, nil
}
