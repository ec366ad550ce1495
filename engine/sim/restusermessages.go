package sim

import (
	"net/http"
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// subscriber is who wants the user-defined messages of a call's client.
type subscriber struct {
	call    *Call
	sid     string
	key     string
	to      endpoint
	created time.Time
}

func (u *subscriber) JSON() any {
	s := u.call.sim
	return object{"sid": u.sid, "account_sid": s.o.AccountSID, "call_sid": u.call.sid, "date_created": date(u.created),
		"uri": s.uri("Calls", u.call.sid, "UserDefinedMessageSubscriptions", u.sid)}
}

var (
	subscribeParams   = rest.Join(rest.Plain("IdempotencyKey"), rest.WebURLs(21609, "Callback"), rest.Methods("Method"))
	userMessageParams = rest.Join(rest.Plain("IdempotencyKey"), rest.Objects("Content"))
)

func (c *Call) subscribeMessages(q *rest.Request) (rest.Answer, *rest.Error) {
	if q.Get("Callback") == "" {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Callback is required")
	}
	for _, u := range c.subscribers {
		if key := q.Get("IdempotencyKey"); key != "" && u.key == key {
			return rest.Created(u)
		}
	}
	u := &subscriber{call: c, sid: c.sim.sid("ZY"), key: q.Get("IdempotencyKey"), to: endpoint{q.Get("Callback"), q.Get("Method")}, created: c.sim.now()}
	c.subscribers = append(c.subscribers, u)
	return rest.Created(u)
}

func subscriberAt(s *Sim, q *rest.Request) (*subscriber, *rest.Error) {
	c, e := callAt(s, q)
	if e != nil {
		return nil, e
	}
	return rest.Among(c.subscribers, q, func(u *subscriber) bool { return u.sid == q.Vars["Sid"] })
}

func (u *subscriber) remove(*rest.Request) (rest.Answer, *rest.Error) {
	u.call.subscribers = slices.DeleteFunc(u.call.subscribers, func(o *subscriber) bool { return o == u })
	return rest.Deleted()
}

// sendMessage gives a message to the client at the other end, where the log shows it.
func (c *Call) sendMessage(q *rest.Request) (rest.Answer, *rest.Error) {
	switch {
	case q.Get("Content") == "":
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Content is required")
	case c.over():
		return rest.Answer{}, rest.BadRequest(21220, "Call is not in-progress: it is "+c.status)
	}
	c.sim.note(Entry{Kind: EntryMessage, Call: c.sid, Name: c.address(), Text: q.Get("Content")})
	return rest.Answer{Status: http.StatusCreated, Body: object{"sid": c.sim.sid("KX"), "account_sid": c.sim.o.AccountSID,
		"call_sid": c.sid, "date_created": date(c.sim.now())}}, nil
}
