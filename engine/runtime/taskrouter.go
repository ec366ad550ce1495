package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/store"
)

// taskBudget is the time for an assignment: Twilio waits 5 seconds, not to be extended.
// https://www.twilio.com/docs/taskrouter/handle-assignment-callbacks
const taskBudget = 3500 * time.Millisecond

// jsonType is the only content type that TaskRouter takes.
const jsonType = "application/json"

func instruction(text []byte) Reply {
	if len(text) == 0 {
		text = []byte(engine.NoInstruction)
	}
	return Reply{Status: http.StatusOK, Body: text, Type: jsonType}
}

// assignment answers TaskRouter's question what to do with the worker that it has
// chosen. Whatever goes wrong, the answer is that nothing is decided yet: another one
// would take the task away from a caller who waits.
func (r *Runtime) assignment(ctx context.Context, q *request) Reply {
	ctx, end := r.budget(ctx, taskBudget)
	defer end()
	session, leg, err := r.legOfTask(ctx, q.fields)
	if err != nil {
		r.log.Warn("an assignment of a task without a session", "task", q.fields["TaskSid"], "error", err)
		return instruction(nil)
	}
	ev := q.event(engine.KindAssigned)
	ev.Leg = leg
	next, err := r.event(ctx, session, ev)
	if err != nil {
		r.log.Error("an assignment could not be taken", "session", session, "task", q.fields["TaskSid"], "error", err)
		return instruction(nil)
	}
	l := next.s.Leg(leg)
	if l == nil || l.Task == nil || l.Task.Reservation != q.fields["ReservationSid"] {
		return instruction(nil)
	}
	return instruction(l.Task.Answer)
}

// event gives a session an event in whose answer it has a part.
func (r *Runtime) event(ctx context.Context, session string, ev *engine.Event) (*pinned, error) {
	sl := r.slots.get(session)
	defer r.slots.put(sl)
	if err := sl.acquire(ctx, r.clock, lockBudget); err != nil {
		return nil, err
	}
	defer sl.release()
	return r.apply(ctx, sl, ev, extra{reply: true})
}

// legOfTask finds the leg that waits for a worker: by what enqueue wrote into the
// attributes of its task, else by its call.
func (r *Runtime) legOfTask(ctx context.Context, fields map[string]string) (session string, leg int, err error) {
	var a struct {
		Session string `json:"ringdown_session"`
		Leg     int    `json:"ringdown_leg"`
		Call    string `json:"call_sid"`
	}
	if err := json.Unmarshal([]byte(fields["TaskAttributes"]), &a); err != nil {
		return "", 0, err
	}
	if isPart(a.Session) && a.Leg > 0 {
		if _, err := r.Load(ctx, a.Session); !errors.Is(err, ErrNotFound) {
			return a.Session, a.Leg, err
		}
	}
	return r.legOfCall(ctx, a.Call)
}

// taskCall takes the progress of a call that Twilio has placed to a worker.
func (r *Runtime) taskCall(ctx context.Context, q *request) Reply {
	if q.fields["CallStatus"] == "in-progress" {
		if session, leg, err := r.legOfCall(ctx, q.fields["taskCallSid"]); !errors.Is(err, store.ErrNotFound) {
			r.bridged(ctx, q, session, leg, 0, q.fields["To"])
		}
	}
	return nothing
}

// dequeuing answers what a caller hears who is about to be taken out of a queue by a leg
// that has dialled it: nothing. It is the news for both that they are connected.
func (r *Runtime) dequeuing(ctx context.Context, session string, q *request) Reply {
	agent := ""
	if s, err := r.Load(ctx, session); err == nil {
		if l := s.Leg(q.leg); l != nil {
			agent = l.To
			if l.Direction == engine.DirectionInbound {
				agent = l.From
			}
		}
	}
	r.bridged(ctx, q, session, q.leg, q.turn, q.fields["From"])
	if other, leg, err := r.legOfCall(ctx, q.fields["CallSid"]); err == nil {
		r.bridged(ctx, q, other, leg, 0, agent)
	}
	return document([]byte(docEmpty))
}

// bridged tells a session that a leg of it talks to somebody at the address to.
func (r *Runtime) bridged(ctx context.Context, q *request, session string, leg, turn int, to string) {
	ev := &engine.Event{Kind: engine.KindBridged, At: q.arrived, Leg: leg, Turn: turn, Fields: map[string]string{"To": to, "Call": q.fields["CallSid"]}}
	if err := r.deliver(ctx, session, ev); err != nil {
		r.log.Warn("a session does not know that somebody was taken out of a queue", "session", session, "leg", leg, "error", err)
	}
}

// keyOfWait reads the number of the keys out of the kind of a URL; false when it has none.
func keyOfWait(kind string) (int, bool) {
	n, ok := engine.WaitKeyNumber(kind)
	if !ok {
		return 0, false
	}
	_, ok = number(strconv.Itoa(n))
	return n, ok
}
