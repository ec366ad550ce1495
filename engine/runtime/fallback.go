package runtime

import (
	"context"
	"strings"

	"github.com/ringdown/ringdown/engine"
)

// maxRefetch is how often a call that could not fetch a document gets it again, for
// each turn.
const maxRefetch = 3

// fetchFailed reports whether Twilio could not fetch a document, so that the document
// itself may be good: 11200 and its kin. Source: the error dictionary, 11200 to 11237.
func fetchFailed(code string) bool { return len(code) == 5 && strings.HasPrefix(code, "112") }

// fallback answers Twilio when it could not use what it was given. What it could not
// fetch it gets again; of the request that failed nothing is known, so a caller is
// asked once more. A document that was bad is never sent twice: the flow's `error`
// handler or the apology makes another.
func (a *answering) fallback(ctx context.Context, cur *pinned) Reply {
	q, code := a.q, a.q.fields["ErrorCode"]
	a.r.log.Warn("Twilio could not use a document", "session", a.sl.id, "leg", q.leg, "code", code, "url", q.fields["ErrorUrl"])
	l := cur.s.Leg(q.leg)
	if l == nil {
		return document(engine.ServerApology())
	}
	if fetchFailed(code) && a.sl.countFallback(l.Number, l.Turn) <= maxRefetch {
		q.kind, q.turn = refetch(l), l.Turn
		return a.run(ctx, cur)
	}
	turn := l.Turn
	next, err := a.take(ctx)
	if err != nil {
		return a.r.trouble(a.sl.id, q, err)
	}
	if l = next.s.Leg(q.leg); l.Turn == turn && l.Held == "" && !l.Over() {
		return document(engine.Apology(next.c, next.s, q.leg))
	}
	q.kind, q.turn = refetch(l), l.Turn
	return a.run(ctx, next)
}

// refetch is the request that a fallback stands for.
func refetch(l *engine.Leg) string {
	switch {
	case l.Held != "" && !l.Parked:
		return engine.URLEnd // waits for the document, as the request that was lost did
	case l.Turn > 0:
		return engine.URLDoc
	case l.Direction == engine.DirectionInbound:
		return engine.KindInbound
	}
	return engine.URLStart // it never got its first document
}
