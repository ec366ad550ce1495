package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// listLag is how late a call shows up in lists where Switches.ListLag is set.
const listLag = 5 * time.Second

// callJSON is the Call resource.
type callJSON struct {
	SID             string            `json:"sid"`
	DateCreated     *string           `json:"date_created"`
	DateUpdated     *string           `json:"date_updated"`
	ParentCallSID   *string           `json:"parent_call_sid"`
	AccountSID      string            `json:"account_sid"`
	To              string            `json:"to"`
	ToFormatted     string            `json:"to_formatted"`
	From            string            `json:"from"`
	FromFormatted   string            `json:"from_formatted"`
	PhoneNumberSID  *string           `json:"phone_number_sid"`
	Status          string            `json:"status"`
	StartTime       *string           `json:"start_time"`
	EndTime         *string           `json:"end_time"`
	Duration        *string           `json:"duration"`
	Price           *string           `json:"price"`
	PriceUnit       string            `json:"price_unit"`
	Direction       string            `json:"direction"`
	AnsweredBy      *string           `json:"answered_by"`
	Annotation      *string           `json:"annotation"`
	APIVersion      string            `json:"api_version"`
	ForwardedFrom   *string           `json:"forwarded_from"`
	GroupSID        *string           `json:"group_sid"`
	CallerName      *string           `json:"caller_name"`
	QueueTime       string            `json:"queue_time"`
	TrunkSID        *string           `json:"trunk_sid"`
	URI             string            `json:"uri"`
	SubresourceURIs map[string]string `json:"subresource_uris"`
}

func (c *Call) json() callJSON {
	s := c.sim
	j := callJSON{
		SID: c.sid, DateCreated: date(c.created), DateUpdated: date(c.updated), AccountSID: s.o.AccountSID,
		To: c.to, ToFormatted: c.to, From: c.from, FromFormatted: c.from, Status: c.status, Price: c.price(), PriceUnit: "USD",
		Direction: c.direction, AnsweredBy: text(c.answeredBy), APIVersion: apiVersion,
		QueueTime: strconv.FormatInt(c.queueTime.Milliseconds(), 10), URI: s.uri("Calls", c.sid),
		SubresourceURIs: map[string]string{},
	}
	for _, sub := range []struct{ key, path string }{
		{"notifications", "Notifications"}, {"recordings", "Recordings"}, {"payments", "Payments"}, {"events", "Events"},
		{"siprec", "Siprec"}, {"streams", "Streams"}, {"transcriptions", "Transcriptions"},
		{"user_defined_messages", "UserDefinedMessages"}, {"user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"},
	} {
		j.SubresourceURIs[sub.key] = s.uri("Calls", c.sid, sub.path)
	}
	if c.parent != nil {
		j.ParentCallSID = &c.parent.sid
	}
	if c.status != "queued" {
		j.StartTime = date(c.started)
	}
	if c.over() {
		j.EndTime = date(c.ended)
		if !c.answered.IsZero() {
			j.Duration = text(strconv.Itoa(int(c.talk() / time.Second)))
		}
	}
	return j
}

func (s *Sim) restCalls(q *restRequest) (restAnswer, *restError) {
	switch {
	case len(q.parts) == 1 && q.method == http.MethodPost:
		return s.createCall(q)
	case len(q.parts) == 1 && q.method == http.MethodGet:
		return s.listCalls(q)
	case len(q.parts) == 1:
		return restAnswer{}, q.notAllowed()
	}
	c := s.bySID[q.parts[1]]
	if c == nil {
		return restAnswer{}, notFound(q.path)
	}
	switch {
	case len(q.parts) > 2 && q.parts[2] == "Recordings":
		return s.restRecord(q, c, nil)
	case len(q.parts) > 2:
		return restAnswer{}, notFound(q.path)
	case q.method == http.MethodGet:
		return restAnswer{status: 200, body: c.json()}, nil
	case q.method == http.MethodPost:
		return c.update(q)
	}
	return restAnswer{}, q.notAllowed()
}

func (s *Sim) listCalls(q *restRequest) (restAnswer, *restError) {
	var found []*Call
	for _, c := range s.calls {
		if s.o.Switches.ListLag && s.now().Sub(c.created) < listLag {
			continue
		}
		parent := ""
		if c.parent != nil {
			parent = c.parent.sid
		}
		if q.matches("To", c.to) && q.matches("From", c.from) && q.matches("Status", c.status) && q.matches("ParentCallSid", parent) &&
			q.dateMatches("StartTime", c.started) && q.dateMatches("EndTime", c.ended) {
			found = append(found, c)
		}
	}
	slices.Reverse(found)
	return page(s, q, "calls", found, (*Call).json)
}

// checkCreate validates the parameters that Twilio refuses calls for.
func (s *Sim) checkCreate(q *restRequest) *restError {
	if e := s.checkAddresses(q); e != nil {
		return e
	}
	if q.get("Url") == "" && q.get("Twiml") == "" {
		return badRequest(21205, "Url parameter is required")
	}
	return checkSource(q)
}

// checkAddresses validates To and From.
func (s *Sim) checkAddresses(q *restRequest) *restError {
	to, from := q.get("To"), q.get("From")
	switch {
	case to == "":
		return badRequest(21201, "No 'To' number is specified")
	case from == "":
		return badRequest(21213, "No 'From' number specified")
	case !addressOK(to), to == from:
		return badRequest(21211, "Invalid 'To' Phone Number: "+to)
	case !addressOK(from):
		return badRequest(21212, "Invalid 'From' Number: "+from)
	case e164.MatchString(to) && !e164.MatchString(from):
		return badRequest(21212, "Invalid 'From' Number: "+from)
	}
	if _, owned := s.numbers[from]; !owned && len(s.numbers) > 0 && e164.MatchString(from) && !q.has("CallToken") {
		return badRequest(21210, "The source phone number provided, "+from+", is not yet verified for your account")
	}
	return nil
}

// checkSource validates Url and Twiml.
func checkSource(q *restRequest) *restError {
	if u := q.get("Url"); u != "" && !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
		return badRequest(21205, "Url is not a valid URL: "+u)
	}
	if len([]rune(q.get("Twiml"))) > twiml.MaxInline {
		return badRequest(32018, "Twiml parameter is too long: at most 4000 characters")
	}
	return nil
}

func (q *restRequest) source() source {
	if q.get("Url") != "" { // wins over Twiml
		return source{endpoint: endpoint{q.get("Url"), q.get("Method")}}
	}
	return source{twiml: q.get("Twiml")}
}

func (s *Sim) createCall(q *restRequest) (restAnswer, *restError) {
	if e := s.checkCreate(q); e != nil {
		return restAnswer{}, e
	}
	timeout, e := q.seconds("Timeout", 60, 600, 21208)
	if e != nil {
		return restAnswer{}, e
	}
	c := s.newCall(nil, "outbound-api", q.get("From"), q.get("To"))
	c.source = q.source()
	c.fallback = q.endpoint("FallbackUrl")
	c.fallback.method = q.get("FallbackMethod")
	c.progress = q.progress(c)
	c.detect = q.detection(s)
	c.tones = q.get("SendDigits")
	if limit, err := strconv.Atoi(q.get("TimeLimit")); err == nil {
		c.timeLimit = time.Duration(limit) * time.Second
	}
	record := q.flag("Record")
	recordTo := q.recordingCallback()
	c.onAnswer = func() {
		if record {
			c.record = c.recordFrom("OutboundAPI", pick1or2(q.get("RecordingChannels") == "dual"), recordTo)
		}
		c.runMain()
	}
	if q.get("Url") != "" && q.get("Twiml") != "" {
		c.warn(32019, "Url and Twiml are both set; Twiml is ignored")
	}
	s.dialInTurn(c, timeout)
	return restAnswer{status: 201, body: c.json()}, nil
}

// dialInTurn places a call of the REST API when its turn has come.
func (s *Sim) dialInTurn(c *Call, timeout time.Duration) {
	c.setStatus("queued")
	slot := s.now()
	if s.nextSlot.After(slot) {
		slot = s.nextSlot
	}
	s.nextSlot = slot.Add(time.Duration(float64(time.Second) / s.o.CPS))
	c.queueTime = slot.Sub(s.now())
	s.after(c.queueTime, func() {
		if !c.over() {
			c.dialOut(timeout)
		}
	})
}

func pick1or2(dual bool) int {
	if dual {
		return 2
	}
	return 1
}

func (q *restRequest) seconds(name string, def, most, code int) (time.Duration, *restError) {
	v := q.get(name)
	if v == "" {
		return time.Duration(def) * time.Second, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n <= 0 || n > most {
		return 0, badRequest(code, name+" is not a number of seconds from 1 to "+strconv.Itoa(most)+": "+v)
	}
	return time.Duration(n) * time.Second, nil
}

// progress reads StatusCallback and its events, one parameter per event. A bad
// value (several in one, for example) costs all callbacks, not the call.
func (q *restRequest) progress(c *Call) subscription {
	p := subscription{q.endpoint("StatusCallback"), map[string]bool{}}
	for _, event := range q.form["StatusCallbackEvent"] {
		if !slices.Contains([]string{"initiated", "ringing", "answered", "completed"}, event) {
			c.warn(21626, "StatusCallbackEvent "+strconv.Quote(event)+" is not valid; no status callbacks are sent")
			c.silent = true
			continue
		}
		p.events[event] = true
	}
	if len(p.events) == 0 {
		p.events["completed"] = true
	}
	return p
}

func (q *restRequest) recordingCallback() subscription {
	p := subscription{q.endpoint("RecordingStatusCallback"), map[string]bool{}}
	for _, event := range q.form["RecordingStatusCallbackEvent"] {
		p.events[event] = true
	}
	if len(p.events) == 0 {
		p.events["completed"] = true
	}
	return p
}

func (q *restRequest) detection(s *Sim) detection {
	mode := q.get("MachineDetection")
	if (mode != "Enable" && mode != "DetectMessageEnd") || q.get("SendDigits") != "" {
		return detection{}
	}
	to := q.endpoint("AsyncAmdStatusCallback")
	if s.o.Switches.AsyncDetectionPosts {
		to.method = http.MethodPost
	}
	return detection{mode: mode, async: q.flag("AsyncAmd"), callback: to,
		timeout: ranges{3, 60, 30}.of(q.get("MachineDetectionTimeout"), time.Second),
		quiet:   ranges{500, 5000, 1200}.of(q.get("MachineDetectionSpeechEndThreshold"), time.Millisecond)}
}
