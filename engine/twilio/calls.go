package twilio

import (
	"context"
	"net/url"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Call is a call as the REST API shows it. Times are UTC and zero where Twilio has
// none yet. Source: twilio.com/docs/voice/api/call-resource.
type Call struct {
	SID           string
	ParentCallSID string // of a dialled party: the call whose Dial placed it
	Status        CallStatus
	From, To      string
	Direction     string // inbound, outbound-api, outbound-dial, trunking-*
	AnsweredBy    string // human or machine..., if detection ran
	DateCreated   time.Time
	StartTime     time.Time
	EndTime       time.Time
	Duration      time.Duration // whole seconds; 0 for calls not answered or not ended
	Price         string        // decimal, negative, "" until it is known
	PriceUnit     string        // ISO 4217
}

func callOf(c *api.ApiV2010Call) *Call {
	return &Call{
		SID: str(c.Sid), ParentCallSID: str(c.ParentCallSid), Status: CallStatus(str(c.Status)),
		From: str(c.From), To: str(c.To), Direction: str(c.Direction), AnsweredBy: str(c.AnsweredBy),
		DateCreated: parseTime(str(c.DateCreated)), StartTime: parseTime(str(c.StartTime)), EndTime: parseTime(str(c.EndTime)),
		Duration: secondsOf(c.Duration), Price: str(c.Price), PriceUnit: str(c.PriceUnit),
	}
}

// knownCall makes a Call of an answer. One without a SID is no answer of Twilio's,
// whatever status it had.
func knownCall(op string, c *api.ApiV2010Call, err error) (*Call, error) {
	if err != nil {
		return nil, asError(op, err)
	}
	if str(c.Sid) == "" {
		return nil, unreadable(op, nil)
	}
	return callOf(c), nil
}

// CreateCall places a call: To, From and one of Url, Twiml or ApplicationSid are
// needed. Twilio knows no key against doing it twice: after an Unknown outcome look
// before placing it again.
func (c *Client) CreateCall(ctx context.Context, params map[string]string) (*Call, error) {
	const op = "create call"
	p := &api.CreateCallParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.CreateCall(p)
	return knownCall(op, got, err)
}

// FetchCall reads one call. The API lags behind the callbacks by a moment.
func (c *Client) FetchCall(ctx context.Context, sid string) (*Call, error) {
	const op = "fetch call"
	part, err := pathPart(op, "call SID", sid)
	if err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.FetchCall(part, nil)
	return knownCall(op, got, err)
}

// UpdateCall changes a call: Url or Twiml (new instructions), Status (completed,
// canceled), TimeLimit, or callbacks. Error 21220: its state does not allow that.
func (c *Client) UpdateCall(ctx context.Context, sid string, params map[string]string) (*Call, error) {
	const op = "update call"
	part, err := pathPart(op, "call SID", sid)
	if err != nil {
		return nil, err
	}
	p := &api.UpdateCallParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.UpdateCall(part, p)
	return knownCall(op, got, err)
}

// ListFilter narrows ListCalls. The zero filter lists the newest calls.
type ListFilter struct {
	To, From      string
	Status        CallStatus
	ParentCallSID string
	Started       DayRange // by StartTime, which a call has only once it is dialled
	Limit         int      // at most so many calls; 0: 200; at most 10,000
}

// ListCalls lists calls, newest first.
func (c *Client) ListCalls(ctx context.Context, f ListFilter) ([]Call, error) {
	q := url.Values{}
	setIf(q, map[string]string{"To": f.To, "From": f.From, "Status": string(f.Status), "ParentCallSid": f.ParentCallSID})
	f.Started.set(q, "StartTime")
	got, err := list(ctx, c, "list calls", "Calls", q, f.Limit, func(p *api.ListCallResponse) ([]api.ApiV2010Call, *string) {
		return p.Calls, p.NextPageUri
	})
	if err != nil {
		return nil, err
	}
	return convert(got, callOf), nil
}
