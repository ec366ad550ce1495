package sim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Message is a text message that the application has sent.
type Message struct {
	SID, From, To, Body string
	Status              string // queued, then sent, then delivered
	Created             time.Time

	updated  time.Time
	callback string
	service  string
	media    int
}

// Messages returns all messages, oldest first.
func (s *Sim) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Message
	for _, m := range s.messages {
		all = append(all, *m)
	}
	return all
}

type messageJSON struct {
	AccountSID          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	DateCreated         *string           `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         *string           `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                *string           `json:"from"`
	MessagingServiceSID *string           `json:"messaging_service_sid"`
	NumMedia            string            `json:"num_media"`
	NumSegments         string            `json:"num_segments"`
	Price               *string           `json:"price"`
	PriceUnit           string            `json:"price_unit"`
	SID                 string            `json:"sid"`
	Status              string            `json:"status"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
	To                  string            `json:"to"`
	URI                 string            `json:"uri"`
}

func (s *Sim) messageJSON(m *Message) messageJSON {
	j := messageJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, Body: m.Body, DateCreated: date(m.Created), DateUpdated: date(m.updated),
		Direction: "outbound-api", From: text(m.From), MessagingServiceSID: text(m.service), NumMedia: strconv.Itoa(m.media),
		NumSegments: strconv.Itoa(segments(m.Body)), Price: s.messagePrice(m), PriceUnit: "USD", SID: m.SID, Status: m.Status, To: m.To,
		SubresourceURIs: map[string]string{"media": s.uri("Messages", m.SID, "Media")}, URI: s.uri("Messages", m.SID),
	}
	if m.Status == "sent" || m.Status == "delivered" {
		j.DateSent = date(m.updated)
	}
	return j
}

// segments is how many text messages a body fills.
func segments(body string) int { return max(1, (len([]rune(body))+152)/153) }

func (s *Sim) restMessages(q *restRequest) (restAnswer, *restError) {
	switch {
	case len(q.parts) == 1 && q.method == http.MethodPost:
		return s.createMessage(q)
	case len(q.parts) == 1 && q.method == http.MethodGet:
		var found []*Message
		for _, m := range s.messages {
			if q.matches("To", m.To) && q.matches("From", m.From) && q.dateMatches("DateSent", m.Created) {
				found = append(found, m)
			}
		}
		slices.Reverse(found)
		return page(s, q, "messages", found, s.messageJSON)
	case len(q.parts) == 2 && q.method == http.MethodGet:
		for _, m := range s.messages {
			if m.SID == q.parts[1] {
				return restAnswer{status: 200, body: s.messageJSON(m)}, nil
			}
		}
		return restAnswer{}, notFound(q.path)
	case len(q.parts) > 2:
		return restAnswer{}, notFound(q.path)
	}
	return restAnswer{}, q.notAllowed()
}

func (s *Sim) createMessage(q *restRequest) (restAnswer, *restError) {
	m := &Message{
		From: q.get("From"), To: q.get("To"), Body: q.get("Body"), callback: q.get("StatusCallback"),
		service: q.get("MessagingServiceSid"), media: len(q.form["MediaUrl"]), Created: s.now(), updated: s.now(),
	}
	_, owned := s.numbers[m.From]
	switch {
	case m.To == "":
		return restAnswer{}, badRequest(21604, "A 'To' phone number is required")
	case !e164.MatchString(m.To):
		return restAnswer{}, badRequest(21211, "Invalid 'To' Phone Number: "+m.To)
	case m.From == "" && m.service == "":
		return restAnswer{}, badRequest(21603, "A 'From' phone number is required")
	case m.service == "" && !owned && len(s.numbers) > 0:
		return restAnswer{}, badRequest(21606, "The 'From' phone number "+m.From+" is not a valid, message-capable number of this account")
	case m.Body == "" && m.media == 0 && !q.has("ContentSid"):
		return restAnswer{}, badRequest(21602, "Message body is required")
	case len([]rune(m.Body)) > 1600:
		return restAnswer{}, badRequest(21617, "The concatenated message body exceeds the 1600 character limit")
	}
	m.SID = s.sid("SM")
	s.submit(m)
	return restAnswer{status: 201, body: s.messageJSON(m)}, nil
}

// submit hands a message to the carrier.
func (s *Sim) submit(m *Message) {
	m.Status = "queued"
	s.messages = append(s.messages, m)
	s.note(Entry{Kind: EntryMessage, Name: m.To, Text: m.Body})
	s.after(500*time.Millisecond, func() { s.deliver(m, "sent") })
	s.after(2*time.Second, func() { s.deliver(m, "delivered") })
}

// deliver moves a message on and reports it.
func (s *Sim) deliver(m *Message, status string) {
	m.Status, m.updated = status, s.now()
	if m.callback == "" {
		return
	}
	f := form{{"MessageSid", m.SID}, {"MessageStatus", status}, {"SmsSid", m.SID}, {"SmsStatus", status},
		{"To", m.To}, {"From", m.From}, {"AccountSid", s.o.AccountSID}, {"ApiVersion", apiVersion}}
	s.callback(hook{name: "message", to: endpoint{url: m.callback}, params: f})
}
