package runtime

import (
	"context"

	"github.com/ringdown/ringdown/engine"
)

// answering finds the answer to one request for TwiML: it looks at the session, does
// what the table says, and looks again until the table names a document.
type answering struct {
	r        *Runtime
	sl       *slot
	q        *request
	held     bool // whether the session's lock is held
	reloaded bool
	noted    bool // what the request proves was committed
}

func (a *answering) lock(ctx context.Context) error {
	if err := a.sl.acquire(ctx, a.r.clock, lockBudget); err != nil {
		return err
	}
	a.held = true
	return nil
}

func (a *answering) unlock() {
	if a.held {
		a.held = false
		a.sl.release()
	}
}

// maxLooks bounds the looking: a step, a wait and a park each happen at most once, a
// wait is looked at after every commit of the session.
const maxLooks = 10_000

// run is called with the lock held; it may give the lock up while it waits.
func (a *answering) run(ctx context.Context, cur *pinned) Reply {
	var err error
	for range maxLooks {
		sit := situate(cur.s, a.q)
		switch v := decide(sit); v {
		case takeEvent:
			cur, err = a.take(ctx)
		case holdOn:
			cur, err = a.hold(ctx, cur)
		case giveDocument, giveWait:
			if !a.noted && a.worthNoting(cur) {
				cur, err = a.note(ctx, cur)
				break
			}
			return a.give(cur, v, sit.Place)
		case goCurrent:
			if sit.Turn > sit.Current && !a.reloaded {
				a.reloaded = true // this process may be behind
				a.sl.newest.Store(nil)
				cur, err = a.r.load(ctx, a.sl)
				break
			}
			return document(redirectTo(cur.s, cur.s.Leg(a.q.leg)))
		default:
			return a.r.constant(v, sit.Place)
		}
		if err != nil {
			if a.r.foreign(a.sl.id, err) {
				return document([]byte(docHangup))
			}
			return a.r.trouble(a.sl.id, a.q, err)
		}
	}
	return unavailable
}

// take steps the request as an event.
func (a *answering) take(ctx context.Context) (*pinned, error) {
	a.q.taken, a.noted = true, true
	return a.r.apply(ctx, a.sl, a.q.event(a.q.eventKind()), extra{reply: true})
}

// worthNoting reports whether a fetch proves something that the session does not know:
// the document of a turn was handed out, or the call was taken.
func (a *answering) worthNoting(cur *pinned) bool {
	l := cur.s.Leg(a.q.leg)
	if l == nil || l.Over() || legless(a.q.kind) {
		return false
	}
	if a.q.turn == l.Turn && l.Turn > l.Handed {
		return true
	}
	up := a.q.fields["CallStatus"] == "in-progress"
	return up && l.Condition != engine.LegUp && a.q.fields["CallSid"] == l.SID
}

func (a *answering) note(ctx context.Context, cur *pinned) (*pinned, error) {
	a.noted = true
	ev := a.q.event(engine.KindHanded)
	ev.Turn = cur.s.Leg(a.q.leg).Turn
	return a.r.apply(ctx, a.sl, ev, extra{reply: true})
}

// hold waits, without the lock, until a commit gives the leg its document. When the
// time is up the leg is parked: it gets something to hear meanwhile.
func (a *answering) hold(ctx context.Context, cur *pinned) (*pinned, error) {
	left := holdBudget - a.r.now().Sub(a.q.arrived)
	if left <= 0 {
		if a.q.parked {
			return cur, errLocked // parking did not end the wait: the webhook cannot be answered
		}
		a.q.parked, a.q.taken = true, true
		ev := a.q.event(engine.KindPark)
		ev.At = a.r.now()
		return a.r.apply(ctx, a.sl, ev, extra{reply: true})
	}
	w := a.r.clock.NewWaiter() // registered before the lock is given up: no commit is missed
	stop := a.sl.wait(w)
	a.unlock()
	w.Wait(ctx, left)
	stop()
	if err := a.lock(ctx); err != nil {
		return nil, err
	}
	return a.r.load(ctx, a.sl)
}

// give renders a wait document, or takes the stored one.
func (a *answering) give(cur *pinned, v verdict, p place) Reply {
	l := cur.s.Leg(a.q.leg)
	if v == giveWait {
		if doc := engine.Wait(cur.c, cur.s, a.q.leg, a.q.turn, a.q.kind, a.q.fields); doc != nil {
			return document(doc)
		}
		if p == inShort {
			return document([]byte(docEmpty))
		}
		return document(quiet(p))
	}
	if len(l.Doc) == 0 {
		if a.q.taken {
			return document(engine.Apology(cur.c, cur.s, a.q.leg)) // the flow left the call without anything to hear
		}
		return document(redirectTo(cur.s, l))
	}
	return document(a.open(cur, l.Doc))
}

// open puts secrets, such as a SIP password, into a document: stored they are sealed.
func (a *answering) open(cur *pinned, doc []byte) []byte {
	u := engine.Unsealer{Session: cur.s.ID, Secret: cur.c.Secret}
	text := u.Document(string(doc))
	if u.Unknown != "" {
		a.r.log.Error("a secret that a document needs is not set: put it into the environment", "secret", u.Unknown, "session", cur.s.ID)
	}
	return []byte(text)
}
