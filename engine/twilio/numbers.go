package twilio

import (
	"context"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Number is a phone number of the account with the addresses that its calls go to.
// Source: twilio.com/docs/phone-numbers/api/incomingphonenumber-resource.
type Number struct {
	Phone            string // E.164
	VoiceURL         string
	VoiceFallbackURL string
	StatusCallback   string
}

// maxNumbers bounds how many numbers of an account are read.
const maxNumbers = 10_000

// ListNumbers gives the numbers of the account, at most 10,000.
func (c *Client) ListNumbers(ctx context.Context) ([]Number, error) {
	const op = "list numbers"
	s, cancel := c.service(ctx, op)
	defer cancel()
	p := &api.ListIncomingPhoneNumberParams{}
	p.SetPageSize(1000).SetLimit(maxNumbers)
	got, err := s.ListIncomingPhoneNumber(p)
	if err != nil {
		return nil, asError(op, err)
	}
	numbers := make([]Number, len(got))
	for i, n := range got {
		numbers[i] = Number{Phone: str(n.PhoneNumber), VoiceURL: str(n.VoiceUrl), VoiceFallbackURL: str(n.VoiceFallbackUrl), StatusCallback: str(n.StatusCallback)}
	}
	return numbers, nil
}
