package store

import (
	"context"
	"database/sql/driver"
	"time"
)

// pruneSessions is how many sessions go in one transaction, so that webhooks do
// not wait long behind it.
const pruneSessions = 100

// Prune removes idempotency keys that expired before keys, and, unless sessions
// is zero, inactive sessions that were last changed before sessions and have no
// unfinished effect, with their history, calls and prices; then closures no session
// refers to. It works in small transactions: an error may leave a part done, and
// calling it again goes on.
func (s *SQLite) Prune(ctx context.Context, keys, sessions time.Time) (Pruned, error) {
	var sum Pruned
	err := s.q.do(ctx, pruneOp(func(w *writer) (err error) {
		sum.Keys, err = w.once(`DELETE FROM start_key WHERE expires < ?`, toMicro(keys))
		return err
	}), false)
	if err != nil {
		return sum, err
	}
	for more := !sessions.IsZero(); more; {
		var n int64
		err := s.q.do(ctx, pruneOp(func(w *writer) (err error) {
			n, err = w.dropSessions(toMicro(sessions))
			return err
		}), false)
		if err != nil {
			return sum, err
		}
		sum.Sessions += n
		more = n == pruneSessions
	}
	err = s.q.do(ctx, pruneOp(func(w *writer) (err error) {
		// The closures that this process knows to be stored may be about to go;
		// if the transaction fails they are merely offered again.
		clear(w.known)
		w.fresh = w.fresh[:0]
		sum.Closures, err = w.once(`DELETE FROM closure WHERE NOT EXISTS (SELECT 1 FROM session WHERE session.closure = closure.id)`)
		return err
	}), false)
	return sum, err
}

type pruneOp func(w *writer) error

func (o pruneOp) apply(w *writer) error { return o(w) }

// once prepares and runs a statement that is not worth keeping.
func (w *writer) once(sql string, values ...driver.Value) (int64, error) {
	s, err := w.c.prepare(sql)
	if err != nil {
		return 0, err
	}
	defer s.close()
	return s.exec(values...)
}

// dropSessions removes up to pruneSessions sessions and what hangs on them.
func (w *writer) dropSessions(before int64) (int64, error) {
	const chosen = ` FROM session WHERE active = 0 AND updated < ?
AND NOT EXISTS (SELECT 1 FROM effect WHERE effect.session = session.id) ORDER BY n LIMIT ?)`
	for _, from := range []string{`history WHERE n IN (SELECT n`, `call WHERE session IN (SELECT id`, `price WHERE session IN (SELECT id`} {
		if _, err := w.once(`DELETE FROM `+from+chosen, before, int64(pruneSessions)); err != nil {
			return 0, err
		}
	}
	return w.once(`DELETE FROM session WHERE n IN (SELECT n`+chosen, before, int64(pruneSessions))
}
