package twilio

import (
	"context"
	"net/url"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Message is a text message as the REST API shows it. Source:
// twilio.com/docs/messaging/api/message-resource.
type Message struct {
	SID         string
	From, To    string
	Body        string
	Status      string // queued, sent, delivered, failed ...
	ErrorCode   int    // of a message that failed, else 0
	Direction   string // outbound-api, inbound ...
	DateCreated time.Time
	DateSent    time.Time
	Price       string // decimal, negative, "" until it is known
	PriceUnit   string // ISO 4217
}

func messageOf(m *api.ApiV2010Message) *Message {
	return &Message{
		SID: str(m.Sid), From: str(m.From), To: str(m.To), Body: str(m.Body), Status: str(m.Status),
		ErrorCode: num(m.ErrorCode), Direction: str(m.Direction),
		DateCreated: parseTime(str(m.DateCreated)), DateSent: parseTime(str(m.DateSent)),
		Price: str(m.Price), PriceUnit: str(m.PriceUnit),
	}
}

// CreateMessage sends a message: To, From or MessagingServiceSid, and Body (at most
// 1600 characters) or MediaUrl are needed. Like CreateCall it cannot be repeated
// without looking.
func (c *Client) CreateMessage(ctx context.Context, params map[string]string) (*Message, error) {
	const op = "create message"
	p := &api.CreateMessageParams{}
	if err := fill(op, p, params); err != nil {
		return nil, err
	}
	s, cancel := c.service(ctx, op)
	defer cancel()
	got, err := s.CreateMessage(p)
	switch {
	case err != nil:
		return nil, asError(op, err)
	case str(got.Sid) == "":
		return nil, unreadable(op, nil)
	}
	return messageOf(got), nil
}

// MessageFilter narrows ListMessages.
type MessageFilter struct {
	To, From string
	Sent     DayRange // by DateSent, which a queued message does not have yet
	Limit    int      // at most so many messages; 0: 200; at most 10,000
}

// ListMessages lists messages, newest first.
func (c *Client) ListMessages(ctx context.Context, f MessageFilter) ([]Message, error) {
	q := url.Values{}
	setIf(q, map[string]string{"To": f.To, "From": f.From})
	f.Sent.set(q, "DateSent")
	got, err := list(ctx, c, "list messages", "Messages", q, f.Limit, func(p *api.ListMessageResponse) ([]api.ApiV2010Message, *string) {
		return p.Messages, p.NextPageUri
	})
	if err != nil {
		return nil, err
	}
	return convert(got, messageOf), nil
}
