package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strconv"
)

// migrations bring a database from format i to format i+1; PRAGMA user_version
// holds the format. A step that has shipped is never changed: a new one is added.
// Times are microseconds since 1970, UTC, 0 = none.
//
// Sessions keep a rowid because their bodies are large; the small tables are
// stored in their key (WITHOUT ROWID), which saves a second tree. History is only
// appended to, and found by the number n of its session: the sessions of now have
// neighbouring numbers, so a group of commits writes few pages.
func migrations() []string {
	return []string{`
CREATE TABLE session (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL, mark TEXT NOT NULL,
  flow TEXT NOT NULL, closure TEXT NOT NULL, condition TEXT NOT NULL, outcome TEXT NOT NULL,
  active INTEGER NOT NULL, due INTEGER NOT NULL, started INTEGER NOT NULL, updated INTEGER NOT NULL,
  states TEXT NOT NULL, data BLOB) STRICT;
CREATE INDEX session_active ON session(n) WHERE active = 1;
CREATE INDEX session_closure ON session(closure);
CREATE TABLE history (
  id INTEGER PRIMARY KEY, n INTEGER NOT NULL, rev INTEGER NOT NULL, at INTEGER NOT NULL, data BLOB) STRICT;
CREATE UNIQUE INDEX history_session ON history(n, rev);
CREATE TABLE effect (
  session TEXT NOT NULL, rev INTEGER NOT NULL, n INTEGER NOT NULL, lane TEXT NOT NULL, kind TEXT NOT NULL,
  leg INTEGER NOT NULL, not_before INTEGER NOT NULL, deadline INTEGER NOT NULL,
  attempt INTEGER NOT NULL, lease INTEGER NOT NULL, data BLOB,
  PRIMARY KEY (session, rev, n)) STRICT, WITHOUT ROWID;
CREATE TABLE call (
  sid TEXT PRIMARY KEY, session TEXT NOT NULL, leg INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX call_session ON call(session);
CREATE TABLE closure (id TEXT PRIMARY KEY, source BLOB) STRICT;
CREATE TABLE start_key (
  scope TEXT NOT NULL, key TEXT NOT NULL, result TEXT NOT NULL, expires INTEGER NOT NULL,
  PRIMARY KEY (scope, key)) STRICT, WITHOUT ROWID;
CREATE TABLE switch (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE price (
  session TEXT NOT NULL, leg INTEGER NOT NULL, sid TEXT NOT NULL, ended INTEGER NOT NULL, answered INTEGER NOT NULL,
  PRIMARY KEY (session, leg)) STRICT, WITHOUT ROWID;
`}
}

// migrate brings the database behind c to the newest format. Each step and its
// new number are one transaction. A database of a newer program is refused.
func migrate(c *conn) error {
	have, err := c.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	steps := migrations()
	if have > int64(len(steps)) {
		return fmt.Errorf("the database has format %d, this program knows up to %d: use the newer program", have, len(steps))
	}
	for i := have; i < int64(len(steps)); i++ {
		script := "BEGIN IMMEDIATE;" + steps[i] + "PRAGMA user_version = " + strconv.FormatInt(i+1, 10) + "; COMMIT"
		if err := c.script(script); err != nil {
			_ = c.script("ROLLBACK")
			return fmt.Errorf("bring the database to format %d: %w", i+1, err)
		}
	}
	return nil
}

// conn is the writer's connection. It is the driver's own, not one of
// database/sql: one goroutine uses it, so the pool's locks and conversions would
// only cost time (a third of a small commit).
type conn struct {
	driver.Conn
	args []driver.NamedValue
}

// script runs statements that have no parameters and whose rows do not matter.
func (c *conn) script(sql string) error {
	_, err := c.Conn.(driver.ExecerContext).ExecContext(context.Background(), sql, nil)
	return err
}

// number gives the first column of the first row of a query.
func (c *conn) number(sql string) (int64, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	defer s.close()
	row := make([]driver.Value, 8)
	if _, err := s.row(row); err != nil {
		return 0, err
	}
	n, _ := row[0].(int64)
	return n, nil
}

// stmt is a prepared statement of a conn. Arguments are int64, string and []byte
// only: what SQLite stores as it is.
type stmt struct {
	c *conn
	s driver.Stmt
}

func (c *conn) prepare(sql string) (stmt, error) {
	s, err := c.Conn.Prepare(sql)
	if err != nil {
		return stmt{}, fmt.Errorf("prepare %q: %w", sql, err)
	}
	return stmt{c, s}, nil
}

func (s stmt) close() { _ = s.s.Close() }

// bind puts values into the connection's one argument list, which is free again
// when the statement has run.
func (s stmt) bind(values []driver.Value) []driver.NamedValue {
	a := s.c.args[:0]
	for i, v := range values {
		a = append(a, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	s.c.args = a
	return a
}

// exec runs s and tells how many rows it changed.
func (s stmt) exec(values ...driver.Value) (int64, error) {
	r, err := s.s.(driver.StmtExecContext).ExecContext(context.Background(), s.bind(values))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// row reads the first row into dest, which may be wider than the row, and tells
// whether there was one.
func (s stmt) row(dest []driver.Value, values ...driver.Value) (bool, error) {
	rows, err := s.s.(driver.StmtQueryContext).QueryContext(context.Background(), s.bind(values))
	if err != nil {
		return false, err
	}
	found := rows.Next(dest[:len(rows.Columns())]) == nil
	return found, rows.Close()
}
