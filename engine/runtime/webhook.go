package runtime

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/store"
)

// Request is a webhook whose signature was found to be good.
type Request struct {
	Route  Route
	Fields map[string]string // Twilio's parameters; not changed
	// Token is Twilio's idempotency token (header I-Twilio-Idempotency-Token), "" if it
	// sent none. It only joins repetitions of an asynchronous callback in flight.
	Token string
}

// Reply is the answer to a webhook: TwiML or JSON with status 200, or a status without a body.
type Reply struct {
	Status int
	Body   []byte // nil: none
	Type   string // of the body; "": TwiML
}

var (
	unavailable = Reply{Status: http.StatusServiceUnavailable}
	nothing     = Reply{Status: http.StatusNoContent}
)

func document(body []byte) Reply { return Reply{Status: http.StatusOK, Body: body} }

// request is a webhook on its way through the runtime.
type request struct {
	kind    string // of the URL; KindInbound for the first request of an inbound call
	leg     int
	turn    int
	fields  map[string]string
	arrived time.Time
	final   bool // CallStatus says that the call is over
	taken   bool // stepped, as this request or for it
	parked  bool
}

// finalStatus reports whether a CallStatus says that the call is over.
// https://www.twilio.com/docs/voice/api/call-resource
func finalStatus(status string) bool {
	switch status {
	case "completed", "busy", "failed", "no-answer", "canceled":
		return true
	}
	return false
}

// Webhook answers a request of Twilio. It never fails: trouble is an answer too.
func (r *Runtime) Webhook(ctx context.Context, req Request) Reply {
	q := &request{
		kind: req.Route.Kind, leg: req.Route.Leg, turn: req.Route.Turn, fields: req.Fields, arrived: r.now(),
		final: finalStatus(req.Fields["CallStatus"]),
	}
	ctx, end := r.budget(ctx, commitBudget)
	defer end()
	switch req.Route.Place {
	case PlaceVoice:
		return r.inbound(ctx, req.Route.Flow, q)
	case PlaceStatus:
		return r.numberStatus(ctx, q)
	case PlaceFallback:
		return r.numberFallback(ctx, q)
	case PlaceRoom:
		return r.roomCallback(ctx, req.Route, q)
	case PlaceAssignment:
		return r.assignment(ctx, q)
	case PlaceTaskCall:
		return r.taskCall(ctx, q)
	case PlaceLeg:
		return r.legRequest(ctx, req, q)
	}
	return Reply{Status: http.StatusNotFound}
}

// legRequest answers a URL of a leg. Repetitions in flight are one: those of a request
// for TwiML by what they ask, callbacks by Twilio's token, because different callbacks
// share one URL.
func (r *Runtime) legRequest(ctx context.Context, req Request, q *request) Reply {
	key := joinKey{session: req.Route.Session, kind: q.kind, leg: q.leg, turn: q.turn}
	if placeOf(nil, q) == inNone {
		if req.Token == "" {
			return r.callback(ctx, req.Route.Session, q)
		}
		key.token = req.Token
		return r.joins.do(ctx, r.clock, key, func() Reply { return r.callback(ctx, req.Route.Session, q) })
	}
	if q.kind == engine.URLQueue { // of the dialling leg; the call that asks is the one in the queue
		return r.joins.do(ctx, r.clock, key, func() Reply { return r.dequeuing(ctx, req.Route.Session, q) })
	}
	return r.joins.do(ctx, r.clock, key, func() Reply { return r.synchronous(ctx, req.Route.Session, q) })
}

// locked runs f with the session's lock, which f may give up while it waits.
func (r *Runtime) locked(ctx context.Context, session string, q *request, f func(a *answering) Reply) Reply {
	sl := r.slots.get(session)
	defer r.slots.put(sl)
	a := &answering{r: r, sl: sl, q: q}
	if err := a.lock(ctx); err != nil {
		return r.trouble(session, q, err)
	}
	defer a.unlock()
	return f(a)
}

// synchronous answers a request for TwiML.
func (r *Runtime) synchronous(ctx context.Context, session string, q *request) Reply {
	return r.locked(ctx, session, q, func(a *answering) Reply {
		cur, err := r.load(ctx, a.sl)
		if errors.Is(err, store.ErrNotFound) {
			return r.strange(session, q)
		}
		if err != nil {
			return r.trouble(session, q, err)
		}
		if l := cur.s.Leg(q.leg); l != nil {
			if r.isStray(l, q) {
				return r.stray(ctx, a.sl, q)
			}
			a.sl.alive(q.leg, q.arrived)
		}
		if q.kind == engine.URLFallback {
			return a.fallback(ctx, cur)
		}
		return a.run(ctx, cur)
	})
}

// strange answers a request for a session that is not there.
func (r *Runtime) strange(session string, q *request) Reply {
	r.log.Warn("a webhook for a session that is not there", "session", session, "leg", q.leg, "kind", q.kind, "call", q.fields["CallSid"])
	return r.constant(decide(situate(nil, q)), placeOf(nil, q))
}

// constant is the answer of a verdict that needs no session.
func (r *Runtime) constant(v verdict, p place) Reply {
	switch v {
	case giveEmpty:
		return document([]byte(docEmpty))
	case giveHangup:
		return document([]byte(docHangup))
	case giveLeave:
		return document([]byte(docLeave))
	case giveQuiet:
		return document(quiet(p))
	case giveNothing:
		return nothing
	}
	return document(engine.ServerApology())
}

// trouble answers when an event could not be taken: 503, so that Twilio tries again or
// goes to the fallback. At the fallback there is nowhere to go any more.
func (r *Runtime) trouble(session string, q *request, err error) Reply {
	r.log.Error("a webhook could not be taken", "session", session, "leg", q.leg, "turn", q.turn, "kind", q.kind, "error", err)
	var pin *pinError
	if q.kind == engine.URLFallback && errors.As(err, &pin) {
		return document(engine.ServerApology())
	}
	return unavailable
}

// isStray reports whether another call claims to be this leg. URLs that carry what
// other calls do (rooms, recordings) prove nothing.
func (r *Runtime) isStray(l *engine.Leg, q *request) bool {
	sid := q.fields["CallSid"]
	if sid == "" || l.SID == "" || sid == l.SID {
		return false
	}
	switch q.kind {
	case engine.URLStart, engine.URLAct, engine.URLEnd, engine.URLBack, engine.URLDoc, engine.URLLoop, engine.URLStatus, engine.URLAMD, engine.URLFallback:
		return true
	}
	return false
}

// stray has a call hung up that claims to be a leg which is another call.
func (r *Runtime) stray(ctx context.Context, sl *slot, q *request) Reply {
	if _, err := r.apply(ctx, sl, q.event(engine.KindStray), extra{reply: true}); err != nil {
		return r.trouble(sl.id, q, err)
	}
	if placeOf(nil, q) == inNone {
		return nothing
	}
	return document([]byte(docHangup))
}

// callback takes an asynchronous event: 204 once it is committed.
func (r *Runtime) callback(ctx context.Context, session string, q *request) Reply {
	if r.overloaded() {
		return unavailable
	}
	return r.locked(ctx, session, q, func(a *answering) Reply {
		cur, err := r.load(ctx, a.sl)
		if errors.Is(err, store.ErrNotFound) {
			return r.strange(session, q)
		}
		if err != nil {
			return r.trouble(session, q, err)
		}
		if decide(situate(cur.s, q)) != takeEvent {
			return nothing
		}
		if r.isStray(cur.s.Leg(q.leg), q) {
			return r.stray(ctx, a.sl, q)
		}
		a.sl.alive(q.leg, q.arrived)
		if _, err := r.apply(ctx, a.sl, q.event(eventKinds[q.kind]), extra{}); err != nil && !r.foreign(session, err) {
			return r.trouble(session, q, err)
		}
		return nothing
	})
}

// event is what the request tells the session.
func (q *request) event(kind string) *engine.Event {
	ev := &engine.Event{Kind: kind, At: q.arrived, Leg: q.leg, Turn: q.turn, Fields: q.fields}
	if n, ok := keyOfWait(q.kind); ok {
		ev.Gen = int64(n)
	}
	return ev
}

// foreign reports whether an event was refused because its call belongs to another
// leg already, which no repetition can mend.
func (r *Runtime) foreign(session string, err error) bool {
	if !errors.Is(err, store.ErrSIDTaken) {
		return false
	}
	r.log.Warn("an event names a call that belongs to another leg", "session", session, "error", err)
	return true
}

// eventKind is the kind of the event that the request brings.
func (q *request) eventKind() string {
	if _, ok := keyOfWait(q.kind); ok {
		return engine.KindWaitKey
	}
	return eventKinds[q.kind]
}

// eventKinds maps the kinds of URLs to those of the events that they bring. It is
// never written.
var eventKinds = map[string]string{
	engine.URLStart: engine.KindStart, engine.URLAct: engine.KindAct, engine.URLBack: engine.KindBack, engine.URLEnd: engine.KindEnd,
	engine.URLStatus: engine.KindStatus, engine.URLAMD: engine.KindAMD, engine.URLRec: engine.KindRec,
	engine.URLTrans: engine.KindTrans, engine.URLPartial: engine.KindPartial, engine.URLRefer: engine.KindRefer, engine.URLFallback: engine.KindFallback,
	engine.KindInbound: engine.KindInbound,
}
