package twilio

import (
	"context"
	"net/url"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Conference is a conference as the REST API shows it. Source:
// twilio.com/docs/voice/api/conference-resource.
type Conference struct {
	SID          string
	FriendlyName string // the name in the TwiML; ended conferences may share it
	Status       string // init, in-progress, completed
	Reason       string // why it ended, such as conference-ended-via-api
	EndedBy      string // SID of the call that ended it
	DateCreated  time.Time
}

func conferenceOf(c *api.ApiV2010Conference) *Conference {
	return &Conference{
		SID: str(c.Sid), FriendlyName: str(c.FriendlyName), Status: str(c.Status),
		Reason: str(c.ReasonConferenceEnded), EndedBy: str(c.CallSidEndingConference), DateCreated: parseTime(str(c.DateCreated)),
	}
}

// ListConferences lists the conferences of a name in a state (init, in-progress,
// completed), newest first; an empty text leaves that open. At most 200.
func (c *Client) ListConferences(ctx context.Context, friendlyName, status string) ([]Conference, error) {
	q := url.Values{}
	setIf(q, map[string]string{"FriendlyName": friendlyName, "Status": status})
	got, err := list(ctx, c, "list conferences", "Conferences", q, 0, func(p *api.ListConferenceResponse) ([]api.ApiV2010Conference, *string) {
		return p.Conferences, p.NextPageUri
	})
	if err != nil {
		return nil, err
	}
	return convert(got, conferenceOf), nil
}

// UpdateConference ends a conference (Status completed) or plays an announcement
// to all (AnnounceUrl, AnnounceMethod).
func (c *Client) UpdateConference(ctx context.Context, sid string, params map[string]string) (*Conference, error) {
	const op = "update conference"
	part, err := pathPart(op, "conference SID", sid)
	if err != nil {
		return nil, err
	}
	p := &api.UpdateConferenceParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.UpdateConference(part, p)
	switch {
	case err != nil:
		return nil, asError(op, err)
	case str(got.Sid) == "":
		return nil, unreadable(op, nil)
	}
	return conferenceOf(got), nil
}

// Participant is a call in a conference. Source:
// twilio.com/docs/voice/api/conference-participant-resource.
type Participant struct {
	CallSID             string
	ConferenceSID       string
	Label               string
	Status              string // queued, connecting, ringing, connected, complete, failed
	Muted, Hold         bool
	StartOnEnter        bool
	EndConferenceOnExit bool
	Coaching            bool
	CallSIDToCoach      string
}

func participantOf(p *api.ApiV2010Participant) *Participant {
	return &Participant{
		CallSID: str(p.CallSid), ConferenceSID: str(p.ConferenceSid), Label: str(p.Label), Status: str(p.Status),
		Muted: yes(p.Muted), Hold: yes(p.Hold), StartOnEnter: yes(p.StartConferenceOnEnter),
		EndConferenceOnExit: yes(p.EndConferenceOnExit), Coaching: yes(p.Coaching), CallSIDToCoach: str(p.CallSidToCoach),
	}
}

func knownParticipant(op string, p *api.ApiV2010Participant, err error) (*Participant, error) {
	switch {
	case err != nil:
		return nil, asError(op, err)
	case str(p.CallSid) == "":
		return nil, unreadable(op, nil)
	}
	return participantOf(p), nil
}

// seat makes both path parts of a participant.
func seat(op, conferenceSID, callSID string) (room, call string, err error) {
	if room, err = pathPart(op, "conference SID", conferenceSID); err != nil {
		return "", "", err
	}
	call, err = pathPart(op, "call SID", callSID)
	return room, call, err
}

// FetchParticipant reads one participant by call SID or label. Error 20404: it is
// not, or no longer, in the conference.
func (c *Client) FetchParticipant(ctx context.Context, conferenceSID, callSID string) (*Participant, error) {
	const op = "fetch participant"
	room, call, err := seat(op, conferenceSID, callSID)
	if err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.FetchParticipant(room, call, nil)
	return knownParticipant(op, got, err)
}

// UpdateParticipant sets Muted, Hold, HoldUrl, AnnounceUrl, EndConferenceOnExit,
// Coaching and so on. HoldMethod is GET where it is not given.
func (c *Client) UpdateParticipant(ctx context.Context, conferenceSID, callSID string, params map[string]string) (*Participant, error) {
	const op = "update participant"
	room, call, err := seat(op, conferenceSID, callSID)
	if err != nil {
		return nil, err
	}
	p := &api.UpdateParticipantParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.UpdateParticipant(room, call, p)
	return knownParticipant(op, got, err)
}

// DeleteParticipant takes a call out of a conference; the call itself goes on.
func (c *Client) DeleteParticipant(ctx context.Context, conferenceSID, callSID string) error {
	const op = "delete participant"
	room, call, err := seat(op, conferenceSID, callSID)
	if err != nil {
		return err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	if err := s.DeleteParticipant(room, call, nil); err != nil {
		return asError(op, err)
	}
	return nil
}

// ListParticipants lists who is in a live conference, at most 250; an ended one
// has nobody.
func (c *Client) ListParticipants(ctx context.Context, conferenceSID string) ([]Participant, error) {
	const op = "list participants"
	room, err := pathPart(op, "conference SID", conferenceSID)
	if err != nil {
		return nil, err
	}
	const maxInConference = 250
	got, err := list(ctx, c, op, "Conferences/"+room+"/Participants", url.Values{}, maxInConference,
		func(p *api.ListParticipantResponse) ([]api.ApiV2010Participant, *string) {
			return p.Participants, p.NextPageUri
		})
	if err != nil {
		return nil, err
	}
	return convert(got, participantOf), nil
}
