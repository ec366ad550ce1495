package sim

import (
	"cmp"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// Message is a text message that the application has sent.
type Message struct {
	SID, From, To, Body string
	Status              string // queued, then sent, then delivered
	Created             time.Time

	sim      *Sim
	updated  time.Time
	sent     time.Time
	callback string
	service  string
	media    []*media
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

func (m *Message) JSON() any {
	s := m.sim
	j := messageJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, Body: m.Body, DateCreated: date(m.Created), DateUpdated: date(m.updated),
		Direction: "outbound-api", From: rest.Text(m.From), MessagingServiceSID: rest.Text(m.service), NumMedia: strconv.Itoa(len(m.media)),
		NumSegments: strconv.Itoa(segments(m.Body)), Price: s.messagePrice(m), PriceUnit: "USD", SID: m.SID, Status: m.Status, To: m.To,
		SubresourceURIs: map[string]string{"media": s.uri("Messages", m.SID, "Media"), "feedback": s.uri("Messages", m.SID, "Feedback")}, URI: s.uri("Messages", m.SID),
	}
	j.DateSent = date(m.sent)
	return j
}

// segments is how many text messages a body fills.
func segments(body string) int { return max(1, (len([]rune(body))+152)/153) }

var createMessageParams = rest.Join(
	rest.Plain("To From FallbackFrom MessagingServiceSid Body ContentSid ContentVariables ApplicationSid MaxPrice ProvideFeedback Attempt ForceDelivery"),
	rest.Plain("SmartEncoded PersistentAction ShortenUrls SendAsMms"),
	rest.WebURLs(21609, "StatusCallback"),
	rest.WebURLs(21620, "MediaUrl"),
	rest.Wholes(rest.CodeParameter, 1, 36000, "ValidityPeriod"),
	rest.Words(rest.CodeParameter, "retain discard", "ContentRetention"),
	rest.Words(rest.CodeParameter, "retain obfuscate", "AddressRetention"),
	rest.Words(rest.CodeParameter, "free", "TrafficType"),
	rest.Words(rest.CodeParameter, "fixed", "ScheduleType"),
	rest.Words(rest.CodeParameter, "enable disable", "RiskCheck"),
	rest.Ruled(rest.Rule{Code: 35118, Wrong: func(v string) string {
		_, _, ok := rest.ParseDate(v)
		return pick(ok, "", "is not an ISO 8601 time")
	}}, "SendAt"),
)

var updateMessageParams = rest.Join(rest.Plain("Body"), rest.Words(rest.CodeParameter, "canceled", "Status"))

func messageAt(s *Sim, q *rest.Request) (*Message, *rest.Error) {
	sid := cmp.Or(q.Vars["MessageSid"], q.Vars["Sid"])
	return rest.Among(s.messages, q, func(m *Message) bool { return m.SID == sid })
}

func (s *Sim) listMessages(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []*Message
	for _, m := range s.messages {
		if q.Matches("To", m.To) && q.Matches("From", m.From) && q.DateMatches("DateSent", m.sent) {
			found = append(found, m)
		}
	}
	slices.Reverse(found)
	return rest.Page(q, "messages", found)
}

// checkMessage refuses what Twilio would.
func (s *Sim) checkMessage(q *rest.Request) *rest.Error {
	to, from, service := q.Get("To"), q.Get("From"), q.Get("MessagingServiceSid")
	app := q.Get("ApplicationSid")
	switch {
	case to == "":
		return rest.BadRequest(21604, "A 'To' phone number is required")
	case !e164.MatchString(to):
		return rest.BadRequest(21211, "Invalid 'To' Phone Number: "+to)
	case from == "" && service == "":
		return rest.BadRequest(21603, "A 'From' phone number is required")
	case service != "" && !rest.IsSID(service, "MG"):
		return rest.BadRequest(21701, "The Messaging Service does not exist: "+service)
	case service == "" && s.numbers[from] == nil && len(s.numbers) > 0:
		return rest.BadRequest(21606, "The 'From' phone number "+from+" is not a valid, message-capable number of this account")
	case app != "" && s.applicationAt(app) == nil:
		return rest.BadRequest(21218, "Invalid ApplicationSid: "+app)
	case q.Has("ScheduleType") && (q.Get("SendAt") == "" || service == ""):
		return rest.BadRequest(35114, "ScheduleType needs SendAt and MessagingServiceSid")
	}
	return checkText(q)
}

// checkText validates what a message says.
func checkText(q *rest.Request) *rest.Error {
	switch {
	case q.Get("Body") == "" && !q.Has("MediaUrl") && q.Get("ContentSid") == "":
		return rest.BadRequest(21602, "Message body is required")
	case len([]rune(q.Get("Body"))) > 1600:
		return rest.BadRequest(21617, "The concatenated message body exceeds the 1600 character limit")
	case len(q.Form["MediaUrl"]) > 10:
		return rest.BadRequest(21623, "Number of media files exceeds allowed limit: 10")
	}
	return nil
}

func (s *Sim) createMessage(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := s.checkMessage(q); e != nil {
		return rest.Answer{}, e
	}
	m := s.newMessage(q.Get("From"), q.Get("To"), q.Get("Body"), q.Get("StatusCallback"))
	m.service = q.Get("MessagingServiceSid")
	if app := s.applicationAt(q.Get("ApplicationSid")); app != nil {
		m.callback = cmp.Or(app.settings.messageStatus, app.settings.smsStatus)
	}
	for _, u := range q.Form["MediaUrl"] {
		m.media = append(m.media, &media{message: m, sid: s.sid("ME"), url: u, created: s.now()})
	}
	if len(m.media) > 0 {
		m.SID = "MM" + m.SID[2:]
	}
	wait := time.Duration(0)
	switch at, _, _ := rest.ParseDate(q.Get("SendAt")); {
	case q.Has("ScheduleType"):
		m.Status, wait = "scheduled", max(0, at.Sub(s.now()))
	case m.service != "":
		m.Status = "accepted"
	}
	m.submit(wait)
	return rest.Created(m)
}

// newMessage makes a message that is not under way yet.
func (s *Sim) newMessage(from, to, body, callback string) *Message {
	return &Message{sim: s, SID: s.sid("SM"), From: from, To: to, Body: body, Status: "queued", callback: callback, Created: s.now(), updated: s.now()}
}

// submit hands the message to the carrier after d; it is delivered a moment later.
func (m *Message) submit(d time.Duration) {
	s := m.sim
	s.messages = append(s.messages, m)
	s.note(Entry{Kind: EntryMessage, Name: m.To, Text: m.Body})
	s.after(d+500*time.Millisecond, func() { m.become("sent") })
	s.after(d+2*time.Second, func() { m.become("delivered") })
}

// become moves a message on and reports it. A cancelled one stays so.
func (m *Message) become(status string) {
	s := m.sim
	if m.Status == "canceled" {
		return
	}
	if m.Status, m.updated = status, s.now(); status == "sent" {
		m.sent, m.From = s.now(), cmp.Or(m.From, s.anyNumber())
	}
	if m.callback == "" {
		return
	}
	f := form{{"MessageSid", m.SID}, {"MessageStatus", status}, {"SmsSid", m.SID}, {"SmsStatus", status},
		{"To", m.To}, {"From", m.From}, {"AccountSid", s.o.AccountSID}, {"ApiVersion", apiVersion}}
	if m.service != "" {
		f = f.with("MessagingServiceSid", m.service)
	}
	s.callback(hook{name: "message", to: endpoint{url: m.callback}, params: f})
}

// anyNumber is the sender that a Messaging Service picks.
func (s *Sim) anyNumber() string {
	if phones := slices.Sorted(maps.Keys(s.numbers)); len(phones) > 0 {
		return phones[0]
	}
	return "+15005550006"
}

// update cancels a scheduled message, or removes the body of one that is done.
func (m *Message) update(q *rest.Request) (rest.Answer, *rest.Error) {
	switch {
	case q.Get("Status") == "canceled" && m.Status != "scheduled":
		return rest.Answer{}, rest.BadRequest(30409, "Message "+m.SID+" cannot be canceled: it is "+m.Status)
	case q.Get("Status") == "canceled":
		m.become("canceled")
	case q.Has("Body") && q.Get("Body") != "":
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Body can only be changed to nothing")
	case q.Has("Body") && !m.done():
		return rest.Answer{}, rest.BadRequest(20009, "Message "+m.SID+" is not complete yet: it is "+m.Status)
	case q.Has("Body"):
		m.Body, m.updated = "", m.sim.now()
	}
	return rest.Show(m, q)
}

func (m *Message) done() bool { return m.Status == "delivered" || m.Status == "canceled" }

func (m *Message) remove(*rest.Request) (rest.Answer, *rest.Error) {
	if !m.done() {
		return rest.Answer{}, rest.BadRequest(20009, "Message "+m.SID+" cannot be deleted before it is complete: it is "+m.Status)
	}
	m.sim.messages = slices.DeleteFunc(m.sim.messages, func(o *Message) bool { return o == m })
	return rest.Deleted()
}

// media is a picture or other file of a message.
type media struct {
	message *Message
	sid     string
	url     string
	created time.Time
}

func (f *media) JSON() any {
	s := f.message.sim
	kind := cmp.Or(mime.TypeByExtension(path.Ext(f.url)), "application/octet-stream")
	return object{"sid": f.sid, "account_sid": s.o.AccountSID, "parent_sid": f.message.SID, "content_type": kind,
		"date_created": date(f.created), "date_updated": date(f.created), "uri": s.uri("Messages", f.message.SID, "Media", f.sid)}
}

func (m *Message) listMedia(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []*media
	for _, f := range m.media {
		if q.DateMatches("DateCreated", f.created) {
			found = append(found, f)
		}
	}
	return rest.Page(q, "media_list", found)
}

func mediaAt(s *Sim, q *rest.Request) (*media, *rest.Error) {
	m, e := messageAt(s, q)
	if e != nil {
		return nil, e
	}
	return rest.Among(m.media, q, func(f *media) bool { return f.sid == q.Vars["Sid"] })
}

func (f *media) remove(*rest.Request) (rest.Answer, *rest.Error) {
	f.message.media = slices.DeleteFunc(f.message.media, func(o *media) bool { return o == f })
	return rest.Deleted()
}

// feedback takes what the recipient has done with the message.
func (m *Message) feedback(q *rest.Request) (rest.Answer, *rest.Error) {
	now := date(m.sim.now())
	return rest.Answer{Status: http.StatusOK, Body: object{"account_sid": m.sim.o.AccountSID, "message_sid": m.SID,
		"outcome": cmp.Or(q.Get("Outcome"), "unconfirmed"), "date_created": now, "date_updated": now, "uri": m.sim.uri("Messages", m.SID, "Feedback")}}, nil
}
