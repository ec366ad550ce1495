package sim

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// object is the JSON of a resource.
type object = map[string]any

// callEvent is a request that was made to the application about a call.
type callEvent struct{ Entry }

func (e callEvent) JSON() any {
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
func (c *Call) listEvents(q *rest.Request) (rest.Answer, *rest.Error) {
	var events []callEvent
	for _, e := range c.sim.log {
		if e.Call == c.sid && (e.Kind == EntryWebhook || e.Kind == EntryCallback) {
			events = append(events, callEvent{e})
		}
	}
	return rest.Page(q, "events", events)
}

// notification is an alert of the debugger as the 2010 API shows it.
type notification struct {
	Alert
	sim *Sim
}

// level is 0 for an error and 1 for a warning.
func (n notification) level() string { return pick(n.Level == LevelWarning, "1", "0") }

func (n notification) JSON() any {
	s := n.sim
	uri := s.uri("Notifications", n.SID)
	if n.Call != "" {
		uri = s.uri("Calls", n.Call, "Notifications", n.SID)
	}
	return object{
		"sid": n.SID, "account_sid": s.o.AccountSID, "api_version": apiVersion, "call_sid": rest.Text(n.Call), "log": n.level(),
		"date_created": date(n.At), "date_updated": date(n.At), "message_date": date(n.At), "message_text": n.Text,
		"error_code": strconv.Itoa(n.Code), "more_info": errorPage(n.Code), "request_method": rest.Text(n.Method), "request_url": rest.Text(n.URL), "uri": uri,
	}
}

// errorPage is the page of Twilio's error dictionary.
func errorPage(code int) string { return fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code) }

// notificationDetail is one notification, with the request that it is about.
type notificationDetail struct{ notification }

func (n notificationDetail) JSON() any {
	o := n.notification.JSON().(object)
	o["request_variables"], o["response_body"], o["response_headers"] = n.Params.Encode(), n.Body, ""
	return o
}

// notifications are those of a call, or of the account if the path names none;
// the newest first.
func (s *Sim) notifications(q *rest.Request) []notification {
	var found []notification
	for _, a := range s.alerts() {
		if q.Vars["CallSid"] == "" || a.Call == q.Vars["CallSid"] {
			found = append(found, notification{a, s})
		}
	}
	slices.Reverse(found)
	return found
}

func (s *Sim) listNotifications(q *rest.Request) (rest.Answer, *rest.Error) {
	found := slices.DeleteFunc(s.notifications(q), func(n notification) bool {
		return !q.Matches("Log", n.level()) || !q.DateMatches("MessageDate", n.At)
	})
	return rest.Page(q, "notifications", found)
}

func (c *Call) listNotifications(q *rest.Request) (rest.Answer, *rest.Error) {
	return c.sim.listNotifications(q)
}

func notificationAt(s *Sim, q *rest.Request) (notificationDetail, *rest.Error) {
	n, e := rest.Among(s.notifications(q), q, func(n notification) bool { return n.SID == q.Vars["Sid"] })
	return notificationDetail{n}, e
}
