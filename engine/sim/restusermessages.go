package sim

import (
	"net/http"
	"slices"
	"time"
)

// subscriber is who wants the user-defined messages of a call's client.
type subscriber struct {
	call    *Call
	sid     string
	key     string
	to      endpoint
	created time.Time
}

func (u *subscriber) json() any {
	s := u.call.sim
	return object{"sid": u.sid, "account_sid": s.o.AccountSID, "call_sid": u.call.sid, "date_created": date(u.created),
		"uri": s.uri("Calls", u.call.sid, "UserDefinedMessageSubscriptions", u.sid)}
}

var (
	subscribeParams   = params(plain("IdempotencyKey"), webURLs(21609, "Callback"), methods("Method"))
	userMessageParams = params(plain("IdempotencyKey"), objects("Content"))
)

func (c *Call) subscribeMessages(q *restRequest) (restAnswer, *restError) {
	if q.get("Callback") == "" {
		return restAnswer{}, badRequest(codeParameter, "Callback is required")
	}
	for _, u := range c.subscribers {
		if key := q.get("IdempotencyKey"); key != "" && u.key == key {
			return made(u)
		}
	}
	u := &subscriber{call: c, sid: c.sim.sid("ZY"), key: q.get("IdempotencyKey"), to: endpoint{q.get("Callback"), q.get("Method")}, created: c.sim.now()}
	c.subscribers = append(c.subscribers, u)
	return made(u)
}

func subscriberAt(s *Sim, q *restRequest) (*subscriber, *restError) {
	c, e := callAt(s, q)
	if e != nil {
		return nil, e
	}
	return among(c.subscribers, q, func(u *subscriber) bool { return u.sid == q.vars["Sid"] })
}

func (u *subscriber) remove(*restRequest) (restAnswer, *restError) {
	u.call.subscribers = slices.DeleteFunc(u.call.subscribers, func(o *subscriber) bool { return o == u })
	return gone()
}

// sendMessage gives a message to the client at the other end, where the log shows it.
func (c *Call) sendMessage(q *restRequest) (restAnswer, *restError) {
	switch {
	case q.get("Content") == "":
		return restAnswer{}, badRequest(codeParameter, "Content is required")
	case c.over():
		return restAnswer{}, badRequest(21220, "Call is not in-progress: it is "+c.status)
	}
	c.sim.note(Entry{Kind: EntryMessage, Call: c.sid, Name: c.address(), Text: q.get("Content")})
	return restAnswer{status: http.StatusCreated, body: object{"sid": c.sim.sid("KX"), "account_sid": c.sim.o.AccountSID,
		"call_sid": c.sid, "date_created": date(c.sim.now())}}, nil
}
