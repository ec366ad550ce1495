package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// queries are the prepared statements of the read connections.
type queries struct {
	session, list, active, call, history, effects, closure, key, toggle, toggles, prices *sql.Stmt
}

const (
	sessionColumns  = `id,rev,mark,flow,closure,condition,outcome,active,due,started,updated,states`
	sqlListSessions = `SELECT ` + sessionColumns + `, CASE WHEN ?5 THEN data END FROM session
WHERE (?1='' OR flow=?1) AND (?2='' OR instr(' '||states||' ', ' '||?2||' ')>0) AND (?3 IS NULL OR active=?3)
ORDER BY n DESC LIMIT ?4`
	sqlActiveSessions = `SELECT ` + sessionColumns + `,data FROM session WHERE active=1 ORDER BY n`
)

func (q *queries) prepare(db *sql.DB) error {
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&q.session, `SELECT ` + sessionColumns + `,data FROM session WHERE id=?`},
		{&q.list, sqlListSessions}, {&q.active, sqlActiveSessions},
		{&q.call, `SELECT session,leg FROM call WHERE sid=?`},
		{&q.history, `SELECT ?1,rev,at,data FROM history WHERE n=(SELECT n FROM session WHERE id=?1) ORDER BY rev`},
		{&q.effects, `SELECT session,rev,n,lane,kind,leg,not_before,deadline,attempt,lease,data FROM effect ORDER BY session,rev,n`},
		{&q.closure, `SELECT source FROM closure WHERE id=?`},
		{&q.key, `SELECT result,expires FROM start_key WHERE scope=? AND key=?`},
		{&q.toggle, `SELECT value FROM switch WHERE name=?`},
		{&q.prices, `SELECT session,leg,sid,ended,answered FROM price ORDER BY ended,session,leg`},
		{&q.toggles, `SELECT name,value FROM switch`},
	} {
		st, err := db.Prepare(p.sql)
		if err != nil {
			return fmt.Errorf("prepare %q: %w", p.sql, err)
		}
		*p.to = st
	}
	return nil
}

// Session reads one session; ErrNotFound.
func (s *SQLite) Session(ctx context.Context, id string) (Session, error) {
	out, err := scanSession(s.queries.session.QueryRowContext(ctx, id))
	return out, found(err, "session", id)
}

// Sessions lists what f chooses, newest first.
func (s *SQLite) Sessions(ctx context.Context, f Filter) ([]Session, error) {
	var active any
	if f.Active != nil {
		active = *f.Active
	}
	if f.Limit <= 0 {
		f.Limit = 1000
	}
	rows, err := s.queries.list.QueryContext(ctx, f.Flow, f.State, active, f.Limit, f.Data)
	return collect(rows, err, scanSession)
}

// ActiveSessions calls yield for every active session, oldest first, until yield
// returns an error, which it then returns. Commits may go on meanwhile; they are
// not seen.
func (s *SQLite) ActiveSessions(ctx context.Context, yield func(Session) error) error {
	rows, err := s.queries.active.QueryContext(ctx)
	return each(rows, err, scanSession, yield)
}

// CallLeg tells whose a call is; ErrNotFound.
func (s *SQLite) CallLeg(ctx context.Context, sid string) (session string, leg int, err error) {
	err = s.queries.call.QueryRowContext(ctx, sid).Scan(&session, &leg)
	return session, leg, found(err, "call", sid)
}

// History reads what a session's commits wrote down, in order of revision. A
// session that is not there has none.
func (s *SQLite) History(ctx context.Context, session string) ([]History, error) {
	rows, err := s.queries.history.QueryContext(ctx, session)
	return collect(rows, err, func(r scanner) (h History, err error) {
		var at int64
		err = r.Scan(&h.Session, &h.Rev, &at, &h.Data)
		h.At = fromMicro(at)
		return h, err
	})
}

// Effects reads all that are not finished, ordered by session, revision, number.
func (s *SQLite) Effects(ctx context.Context) ([]Effect, error) {
	rows, err := s.queries.effects.QueryContext(ctx)
	return collect(rows, err, func(r scanner) (e Effect, err error) {
		var rev, n, notBefore, deadline, lease int64
		err = r.Scan(&e.Session, &rev, &n, &e.Lane, &e.Kind, &e.Leg, &notBefore, &deadline, &e.Attempt, &lease, &e.Data)
		e.ID = formatEffectID(rev, n)
		e.NotBefore, e.Deadline, e.Lease = fromMicro(notBefore), fromMicro(deadline), fromMicro(lease)
		return e, err
	})
}

// Prices lists the calls whose price is not known yet, by their end.
func (s *SQLite) Prices(ctx context.Context) ([]Price, error) {
	rows, err := s.queries.prices.QueryContext(ctx)
	return collect(rows, err, func(r scanner) (p Price, err error) {
		var ended int64
		err = r.Scan(&p.Session, &p.Leg, &p.SID, &ended, &p.Answered)
		p.Ended = fromMicro(ended)
		return p, err
	})
}

// Closure reads the source of a closure; ErrNotFound.
func (s *SQLite) Closure(ctx context.Context, id string) (source []byte, err error) {
	err = s.queries.closure.QueryRowContext(ctx, id).Scan(&source)
	return source, found(err, "closure", id)
}

// Key reads an idempotency key, expired or not; ErrNotFound.
func (s *SQLite) Key(ctx context.Context, scope, key string) (Key, error) {
	k := Key{Scope: scope, Key: key}
	var expires int64
	err := s.queries.key.QueryRowContext(ctx, scope, key).Scan(&k.Result, &expires)
	k.Expires = fromMicro(expires)
	return k, found(err, "idempotency key", key)
}

// Switch reads one switch; ErrNotFound when it was never set.
func (s *SQLite) Switch(ctx context.Context, name string) (value bool, err error) {
	err = s.queries.toggle.QueryRowContext(ctx, name).Scan(&value)
	return value, found(err, "switch", name)
}

// Switches reads all switches that were ever set.
func (s *SQLite) Switches(ctx context.Context) (map[string]bool, error) {
	rows, err := s.queries.toggles.QueryContext(ctx)
	out := map[string]bool{}
	type pair struct {
		name  string
		value bool
	}
	scan := func(r scanner) (p pair, err error) { return p, errors.Join(r.Scan(&p.name, &p.value)) }
	return out, each(rows, err, scan, func(p pair) error { out[p.name] = p.value; return nil })
}

type scanner interface{ Scan(dest ...any) error }

func scanSession(r scanner) (s Session, err error) {
	var due, started, updated int64
	err = r.Scan(&s.ID, &s.Rev, &s.Mark, &s.Flow, &s.Closure, &s.Condition, &s.Outcome, &s.Active,
		&due, &started, &updated, &s.States, &s.Data)
	s.Due, s.Started, s.Updated = fromMicro(due), fromMicro(started), fromMicro(updated)
	return s, err
}

// found turns "no rows" into ErrNotFound with a name.
func found(err error, kind, name string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s %q: %w", kind, name, ErrNotFound)
	}
	return fmt.Errorf("store: read %s %q: %w", kind, name, err)
}

func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	var out []T
	err = each(rows, err, scan, func(v T) error { out = append(out, v); return nil })
	return out, err
}

func each[T any](rows *sql.Rows, err error, scan func(scanner) (T, error), yield func(T) error) error {
	if err != nil {
		return fmt.Errorf("store: read: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return fmt.Errorf("store: read: %w", err)
		}
		if err := yield(v); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: read: %w", err)
	}
	return nil
}
