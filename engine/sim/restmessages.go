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

func (m *Message) json() any {
	s := m.sim
	j := messageJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, Body: m.Body, DateCreated: date(m.Created), DateUpdated: date(m.updated),
		Direction: "outbound-api", From: text(m.From), MessagingServiceSID: text(m.service), NumMedia: strconv.Itoa(len(m.media)),
		NumSegments: strconv.Itoa(segments(m.Body)), Price: s.messagePrice(m), PriceUnit: "USD", SID: m.SID, Status: m.Status, To: m.To,
		SubresourceURIs: map[string]string{"media": s.uri("Messages", m.SID, "Media"), "feedback": s.uri("Messages", m.SID, "Feedback")}, URI: s.uri("Messages", m.SID),
	}
	j.DateSent = date(m.sent)
	return j
}

// segments is how many text messages a body fills.
func segments(body string) int { return max(1, (len([]rune(body))+152)/153) }

var createMessageParams = params(
	plain("To From FallbackFrom MessagingServiceSid Body ContentSid ContentVariables ApplicationSid MaxPrice ProvideFeedback Attempt ForceDelivery"),
	plain("SmartEncoded PersistentAction ShortenUrls SendAsMms"),
	webURLs(21609, "StatusCallback"),
	webURLs(21620, "MediaUrl"),
	wholes(codeParameter, 1, 36000, "ValidityPeriod"),
	words(codeParameter, "retain discard", "ContentRetention"),
	words(codeParameter, "retain obfuscate", "AddressRetention"),
	words(codeParameter, "free", "TrafficType"),
	words(codeParameter, "fixed", "ScheduleType"),
	words(codeParameter, "enable disable", "RiskCheck"),
	ruled(rule{code: 35118, wrong: func(v string) string {
		_, _, ok := parseDate(v)
		return pick(ok, "", "is not an ISO 8601 time")
	}}, "SendAt"),
)

var updateMessageParams = params(plain("Body"), words(codeParameter, "canceled", "Status"))

func messageAt(s *Sim, q *restRequest) (*Message, *restError) {
	sid := cmp.Or(q.vars["MessageSid"], q.vars["Sid"])
	return among(s.messages, q, func(m *Message) bool { return m.SID == sid })
}

func (s *Sim) listMessages(q *restRequest) (restAnswer, *restError) {
	var found []*Message
	for _, m := range s.messages {
		if q.matches("To", m.To) && q.matches("From", m.From) && q.dateMatches("DateSent", m.sent) {
			found = append(found, m)
		}
	}
	slices.Reverse(found)
	return page(s, q, "messages", found)
}

// checkMessage refuses what Twilio would.
func (s *Sim) checkMessage(q *restRequest) *restError {
	to, from, service := q.get("To"), q.get("From"), q.get("MessagingServiceSid")
	app := q.get("ApplicationSid")
	switch {
	case to == "":
		return badRequest(21604, "A 'To' phone number is required")
	case !e164.MatchString(to):
		return badRequest(21211, "Invalid 'To' Phone Number: "+to)
	case from == "" && service == "":
		return badRequest(21603, "A 'From' phone number is required")
	case service != "" && !isSID(service, "MG"):
		return badRequest(21701, "The Messaging Service does not exist: "+service)
	case service == "" && s.numbers[from] == nil && len(s.numbers) > 0:
		return badRequest(21606, "The 'From' phone number "+from+" is not a valid, message-capable number of this account")
	case app != "" && s.applicationAt(app) == nil:
		return badRequest(21218, "Invalid ApplicationSid: "+app)
	case q.has("ScheduleType") && (q.get("SendAt") == "" || service == ""):
		return badRequest(35114, "ScheduleType needs SendAt and MessagingServiceSid")
	}
	return checkText(q)
}

// checkText validates what a message says.
func checkText(q *restRequest) *restError {
	switch {
	case q.get("Body") == "" && !q.has("MediaUrl") && q.get("ContentSid") == "":
		return badRequest(21602, "Message body is required")
	case len([]rune(q.get("Body"))) > 1600:
		return badRequest(21617, "The concatenated message body exceeds the 1600 character limit")
	case len(q.form["MediaUrl"]) > 10:
		return badRequest(21623, "Number of media files exceeds allowed limit: 10")
	}
	return nil
}

func (s *Sim) createMessage(q *restRequest) (restAnswer, *restError) {
	if e := s.checkMessage(q); e != nil {
		return restAnswer{}, e
	}
	m := s.newMessage(q.get("From"), q.get("To"), q.get("Body"), q.get("StatusCallback"))
	m.service = q.get("MessagingServiceSid")
	if app := s.applicationAt(q.get("ApplicationSid")); app != nil {
		m.callback = cmp.Or(app.settings.messageStatus, app.settings.smsStatus)
	}
	for _, u := range q.form["MediaUrl"] {
		m.media = append(m.media, &media{message: m, sid: s.sid("ME"), url: u, created: s.now()})
	}
	if len(m.media) > 0 {
		m.SID = "MM" + m.SID[2:]
	}
	wait := time.Duration(0)
	switch at, _, _ := parseDate(q.get("SendAt")); {
	case q.has("ScheduleType"):
		m.Status, wait = "scheduled", max(0, at.Sub(s.now()))
	case m.service != "":
		m.Status = "accepted"
	}
	m.submit(wait)
	return made(m)
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
func (m *Message) update(q *restRequest) (restAnswer, *restError) {
	switch {
	case q.get("Status") == "canceled" && m.Status != "scheduled":
		return restAnswer{}, badRequest(30409, "Message "+m.SID+" cannot be canceled: it is "+m.Status)
	case q.get("Status") == "canceled":
		m.become("canceled")
	case q.has("Body") && q.get("Body") != "":
		return restAnswer{}, badRequest(codeParameter, "Body can only be changed to nothing")
	case q.has("Body") && !m.done():
		return restAnswer{}, badRequest(20009, "Message "+m.SID+" is not complete yet: it is "+m.Status)
	case q.has("Body"):
		m.Body, m.updated = "", m.sim.now()
	}
	return show(m, q)
}

func (m *Message) done() bool { return m.Status == "delivered" || m.Status == "canceled" }

func (m *Message) remove(*restRequest) (restAnswer, *restError) {
	if !m.done() {
		return restAnswer{}, badRequest(20009, "Message "+m.SID+" cannot be deleted before it is complete: it is "+m.Status)
	}
	m.sim.messages = slices.DeleteFunc(m.sim.messages, func(o *Message) bool { return o == m })
	return gone()
}

// media is a picture or other file of a message.
type media struct {
	message *Message
	sid     string
	url     string
	created time.Time
}

func (f *media) json() any {
	s := f.message.sim
	kind := cmp.Or(mime.TypeByExtension(path.Ext(f.url)), "application/octet-stream")
	return object{"sid": f.sid, "account_sid": s.o.AccountSID, "parent_sid": f.message.SID, "content_type": kind,
		"date_created": date(f.created), "date_updated": date(f.created), "uri": s.uri("Messages", f.message.SID, "Media", f.sid)}
}

func (m *Message) listMedia(q *restRequest) (restAnswer, *restError) {
	var found []*media
	for _, f := range m.media {
		if q.dateMatches("DateCreated", f.created) {
			found = append(found, f)
		}
	}
	return page(m.sim, q, "media_list", found)
}

func mediaAt(s *Sim, q *restRequest) (*media, *restError) {
	m, e := messageAt(s, q)
	if e != nil {
		return nil, e
	}
	return among(m.media, q, func(f *media) bool { return f.sid == q.vars["Sid"] })
}

func (f *media) remove(*restRequest) (restAnswer, *restError) {
	f.message.media = slices.DeleteFunc(f.message.media, func(o *media) bool { return o == f })
	return gone()
}

// feedback takes what the recipient has done with the message.
func (m *Message) feedback(q *restRequest) (restAnswer, *restError) {
	now := date(m.sim.now())
	return restAnswer{status: http.StatusOK, body: object{"account_sid": m.sim.o.AccountSID, "message_sid": m.SID,
		"outcome": cmp.Or(q.get("Outcome"), "unconfirmed"), "date_created": now, "date_updated": now, "uri": m.sim.uri("Messages", m.SID, "Feedback")}}, nil
}
