package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
)

// object is the JSON of a resource.
type object = map[string]any

// callEvent is a request that was made to the application about a call.
type callEvent struct{ Entry }

func (e callEvent) json() any {
	parameters := object{}
	for name := range e.Params {
		parameters[name] = e.Params.Get(name)
	}
	return object{
		"request":  object{"method": e.Method, "url": e.URL, "parameters": parameters},
		"response": object{"response_code": e.Status, "date_created": date(e.At), "content": e.Body, "request_duration": 0, "validation_errors": nil},
	}
}

// listEvents lists the requests and callbacks about the call, oldest first.
func (c *Call) listEvents(q *restRequest) (restAnswer, *restError) {
	var events []callEvent
	for _, e := range c.sim.log {
		if e.Call == c.sid && (e.Kind == EntryWebhook || e.Kind == EntryCallback) {
			events = append(events, callEvent{e})
		}
	}
	return page(c.sim, q, "events", events)
}

// notification is a warning or an error, as the debugger shows it.
type notification struct {
	Entry
	sim *Sim
}

// sid is made from the place in the log: the same entry always has the same SID.
func (n notification) sid() string { return fixedSID("NO", strconv.Itoa(n.Seq)) }

// fixedSID is the SID of what a name identifies for ever.
func fixedSID(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + hex.EncodeToString(sum[:16])
}

func (n notification) json() any {
	s := n.sim
	uri := s.uri("Notifications", n.sid())
	if n.Call != "" {
		uri = s.uri("Calls", n.Call, "Notifications", n.sid())
	}
	return object{
		"sid": n.sid(), "account_sid": s.o.AccountSID, "api_version": apiVersion, "call_sid": text(n.Call), "log": "0",
		"date_created": date(n.At), "date_updated": date(n.At), "message_date": date(n.At), "message_text": n.Text,
		"error_code": strconv.Itoa(n.Code), "more_info": errorPage(n.Code), "request_method": text(n.Method), "request_url": text(n.URL), "uri": uri,
	}
}

// errorPage is the page of Twilio's error dictionary.
func errorPage(code int) string { return fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code) }

// notificationDetail is one notification, with the request that it is about.
type notificationDetail struct{ notification }

func (n notificationDetail) json() any {
	o := n.notification.json().(object)
	o["request_variables"], o["response_body"], o["response_headers"] = n.Params.Encode(), n.Body, ""
	return o
}

// notifications are those of a call, or of the account if the path names none;
// the newest first.
func (s *Sim) notifications(q *restRequest) []notification {
	var found []notification
	for _, e := range s.log {
		if e.Kind == EntryWarning && (q.vars["CallSid"] == "" || e.Call == q.vars["CallSid"]) {
			found = append(found, notification{e, s})
		}
	}
	slices.Reverse(found)
	return found
}

func (s *Sim) listNotifications(q *restRequest) (restAnswer, *restError) {
	found := slices.DeleteFunc(s.notifications(q), func(n notification) bool {
		return !q.matches("Log", "0") || !q.dateMatches("MessageDate", n.At)
	})
	return page(s, q, "notifications", found)
}

func (c *Call) listNotifications(q *restRequest) (restAnswer, *restError) {
	return c.sim.listNotifications(q)
}

func notificationAt(s *Sim, q *restRequest) (notificationDetail, *restError) {
	n, e := among(s.notifications(q), q, func(n notification) bool { return n.sid() == q.vars["Sid"] })
	return notificationDetail{n}, e
}
