package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
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

func (c *Call) JSON() any {
	s := c.sim
	j := callJSON{
		SID: c.sid, DateCreated: date(c.created), DateUpdated: date(c.updated), AccountSID: s.o.AccountSID,
		To: c.to, ToFormatted: formatted(c.to), From: c.from, FromFormatted: formatted(c.from), PhoneNumberSID: c.numberSID(), Status: c.status, Price: c.price(), PriceUnit: "USD",
		Direction: c.direction, AnsweredBy: rest.Text(c.answeredBy), ForwardedFrom: rest.Text(c.extra.value("ForwardedFrom")),
		CallerName: rest.Text(c.extra.value("CallerName")), APIVersion: apiVersion,
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
			j.Duration = rest.Text(strconv.Itoa(int(c.talk() / time.Second)))
		}
	}
	return j
}

// callAt is the call that the path names.
func callAt(s *Sim, q *rest.Request) (*Call, *rest.Error) {
	sid := cmp.Or(q.Vars["CallSid"], q.Vars["Sid"])
	if c := s.bySID[sid]; c != nil && !c.deleted {
		return c, nil
	}
	return nil, rest.NotFound(q.Path)
}

// remove deletes a call that is over.
func (c *Call) remove(*rest.Request) (rest.Answer, *rest.Error) {
	if !c.over() {
		return rest.Answer{}, rest.BadRequest(20009, "Call "+c.sid+" cannot be deleted before it is complete: it is "+c.status)
	}
	c.deleted = true
	return rest.Deleted()
}

func (s *Sim) listCalls(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []*Call
	for _, c := range s.calls {
		if c.deleted || s.o.Switches.ListLag && s.now().Sub(c.created) < listLag {
			continue
		}
		parent := ""
		if c.parent != nil {
			parent = c.parent.sid
		}
		if q.Matches("To", c.to) && q.Matches("From", c.from) && q.Matches("Status", c.status) && q.Matches("ParentCallSid", parent) &&
			q.DateMatches("StartTime", c.started) && q.DateMatches("EndTime", c.ended) {
			found = append(found, c)
		}
	}
	slices.Reverse(found)
	return rest.Page(q, "calls", found)
}

// numberSID is the account's number that the call came to, or was placed from.
func (c *Call) numberSID() *string {
	ours := c.from
	if c.direction == "inbound" {
		ours = c.to
	}
	if n := c.sim.numbers[ours]; n != nil {
		return rest.Text(n.sid)
	}
	return nil
}

// formatted is how Twilio shows a number to people: (555) 111-0002.
func formatted(address string) string {
	if digits, ok := strings.CutPrefix(address, "+1"); ok && len(digits) == 10 {
		return "(" + digits[:3] + ") " + digits[3:6] + "-" + digits[6:]
	}
	return address
}
