package runtime

import (
	"context"
	"errors"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/store"
)

// inbound answers the first webhook of a call to one of our numbers. Its session's id
// comes from the call, so that a repetition finds the session that is there.
func (r *Runtime) inbound(ctx context.Context, flow string, q *request) Reply {
	q.kind, q.leg = engine.KindInbound, 1
	sid := q.fields["CallSid"]
	if sid == "" {
		r.log.Warn("an inbound webhook without CallSid")
		return document([]byte(docReject))
	}
	id := engine.SessionID(q.fields["AccountSid"], sid)
	if strings.HasPrefix(q.fields["Direction"], "outbound") && r.slots.peek(id) == nil {
		if reply, ours := r.outboundAgain(ctx, q); ours {
			return reply
		}
	}
	key := joinKey{session: id, kind: q.kind, leg: 1}
	return r.joins.do(ctx, r.clock, key, func() Reply {
		if r.slots.peek(id) == nil {
			return r.begin(ctx, id, flow, q)
		}
		return r.again(ctx, id, flow, q)
	})
}

// outboundAgain answers a call that we have placed and that asks at the URL of a number: a
// foreign server has sent it back there. Calls that others have placed are not ours.
func (r *Runtime) outboundAgain(ctx context.Context, q *request) (Reply, bool) {
	session, leg, err := r.legOfCall(ctx, q.fields["CallSid"])
	if err != nil {
		return Reply{}, false
	}
	q.leg = leg
	return r.locked(ctx, session, q, func(a *answering) Reply {
		cur, err := r.load(ctx, a.sl)
		if err != nil {
			return r.trouble(session, q, err)
		}
		a.sl.alive(leg, q.arrived)
		q.kind = engine.URLBack
		if l := cur.s.Leg(leg); l != nil {
			q.turn = l.Turn
		}
		return a.run(ctx, cur)
	}), true
}

// begin starts the session of an inbound call.
func (r *Runtime) begin(ctx context.Context, id, flow string, q *request) Reply {
	c := r.answering(flow, q.fields)
	sick := !r.healthy() || r.overloaded()
	if (c == nil || sick || r.draining.Load()) && r.exists(ctx, id) {
		return r.again(ctx, id, flow, q)
	}
	switch {
	case c == nil:
		r.log.Warn("no flow answers the call", "to", q.fields["To"], "flow", flow, "call", q.fields["CallSid"])
		return document([]byte(docReject))
	case r.draining.Load():
		return unavailable
	case sick:
		r.log.Error("an inbound call gets the fallback document: the store cannot keep its session", "flow", c.Flow.Name, "call", q.fields["CallSid"])
		return document(engine.StaticFallback(c))
	}
	return r.locked(ctx, id, q, func(a *answering) Reply {
		a.sl.alive(1, q.arrived)
		cur, err := r.firstStep(ctx, a, c)
		if err != nil {
			return r.trouble(id, q, err)
		}
		return a.run(ctx, cur)
	})
}

// firstStep makes the session, or finds the one that another request has made.
func (r *Runtime) firstStep(ctx context.Context, a *answering, c *engine.Closure) (*pinned, error) {
	if cur := a.sl.newest.Load(); cur != nil {
		return cur, nil
	}
	empty := &pinned{s: engine.NewSession(c, a.sl.id, a.q.arrived), c: c}
	ev := a.q.event(engine.KindInbound)
	ev.Leg = 0 // there is none yet
	cur, err := r.step(ctx, a.sl, empty, ev, extra{isNew: true, reply: true})
	switch {
	case err == nil:
		a.q.taken, a.noted = true, true
		return cur, nil
	case errors.Is(err, store.ErrExists):
		return r.load(ctx, a.sl)
	}
	return nil, err
}

func (r *Runtime) exists(ctx context.Context, id string) bool {
	if sl := r.slots.peek(id); sl != nil && sl.newest.Load() != nil {
		return true
	}
	_, err := r.store.Session(ctx, id)
	return err == nil
}

// again answers a repetition of the first webhook.
func (r *Runtime) again(ctx context.Context, id, flow string, q *request) Reply {
	missing := false
	reply := r.locked(ctx, id, q, func(a *answering) Reply {
		cur, err := r.load(ctx, a.sl)
		if missing = errors.Is(err, store.ErrNotFound); missing {
			return unavailable
		}
		if err != nil {
			return r.trouble(id, q, err)
		}
		a.sl.alive(1, q.arrived)
		if l := cur.s.Leg(1); l != nil && l.Returns(l.Turn) && q.fields["CallStatus"] == "in-progress" {
			q.kind, q.turn = engine.URLBack, l.Turn // a foreign server has sent the call here again
		}
		return a.run(ctx, cur)
	})
	if missing {
		return r.begin(ctx, id, flow, q)
	}
	return reply
}

// answering gives the flow for an inbound call: the one that is named, or the one that
// answers the number called. Only a flow with `answer` takes calls.
func (r *Runtime) answering(flow string, fields map[string]string) *engine.Closure {
	snapshot := r.cfg.Flows.Snapshot()
	if flow == "" && strings.HasPrefix(fields["From"], "client:") {
		flow = fields["flow"] // a phone in a browser calls an application, and says what it wants
	}
	var c *engine.Closure
	if flow != "" {
		c = snapshot.Flow(flow)
	} else {
		c = snapshot.Number(fields["To"])
	}
	if c == nil || c.Flow.Answer.State == "" {
		return nil
	}
	return c
}

// numberStatus takes the status callback of a number: its call is found by its SID.
func (r *Runtime) numberStatus(ctx context.Context, q *request) Reply {
	q.kind = engine.URLStatus
	session, leg, err := r.legOfCall(ctx, q.fields["CallSid"])
	if errors.Is(err, store.ErrNotFound) {
		r.log.Info("the status of a call without a session", "call", q.fields["CallSid"], "status", q.fields["CallStatus"])
		return nothing
	}
	if err != nil {
		return r.trouble("", q, err)
	}
	q.leg = leg
	return r.callback(ctx, session, q)
}

func (r *Runtime) legOfCall(ctx context.Context, sid string) (string, int, error) {
	if sid == "" {
		return "", 0, store.ErrNotFound
	}
	return r.store.CallLeg(ctx, sid)
}

// numberFallback answers when Twilio could not use what the number's URL, or a later
// document of the call, gave it.
func (r *Runtime) numberFallback(ctx context.Context, q *request) Reply {
	session, leg, err := r.legOfCall(ctx, q.fields["CallSid"])
	switch {
	case errors.Is(err, store.ErrNotFound):
		if strings.HasPrefix(q.fields["Direction"], "outbound") {
			r.log.Warn("a fallback for a call without a session", "call", q.fields["CallSid"], "code", q.fields["ErrorCode"])
			return document(engine.ServerApology())
		}
		return r.inbound(ctx, "", q)
	case err != nil:
		return r.trouble("", q, err)
	}
	q.kind, q.leg = engine.URLFallback, leg
	return r.synchronous(ctx, session, q)
}
