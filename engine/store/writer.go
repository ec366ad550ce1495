package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// writer is the one goroutine that changes the database.
//
// A group of requests is one transaction. Within it every request checks what
// may refuse it before it changes anything, so a refusal has nothing to undo and
// costs no savepoint. An error that is no refusal (a full disk, say) undoes the
// whole transaction; then the group runs again with a savepoint for each request,
// so that the one that cannot be stored fails alone.
type writer struct {
	c       *conn
	q       *queue
	hook    func(stage string) error // tests make a stage fail; nil otherwise
	closers []func() error

	begin, commit, rollback            stmt
	savepoint, release, undo           stmt
	insertSession, update, retire      stmt
	insertHistory, insertEffect, done  stmt
	claim, giveBack, getCall, bindCall stmt
	putClosure, getKey, putKey         stmt
	setSwitch, addPrice, dropPrice     stmt

	checkpoints *checkpointer

	known map[string]bool // closures that are stored for certain
	fresh []string        // closures stored by the transaction that runs

	mu              sync.Mutex
	groups, commits uint64
	failed          error
}

const (
	sqlInsertSession = `INSERT INTO session(id,rev,mark,flow,closure,condition,outcome,active,due,started,updated,states,data)
VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO NOTHING`
	// The columns that an index has are left alone while a session is active: an
	// UPDATE that names them writes the index again, changed or not.
	sqlUpdateSession = `UPDATE session SET rev=?,mark=?,condition=?,outcome=?,due=?,updated=?,states=?,data=?
WHERE id=? AND rev=? AND active=1`
	sqlRetireSession = `UPDATE session SET rev=?,mark=?,condition=?,outcome=?,due=?,updated=?,states=?,data=?,active=0
WHERE id=? AND rev=?`
	sqlInsertHistory = `INSERT INTO history(n,rev,at,data) VALUES((SELECT n FROM session WHERE id=?),?,?,?)`
	sqlInsertEffect  = `INSERT INTO effect(session,rev,n,lane,kind,leg,not_before,deadline,attempt,lease,data)
VALUES(?,?,?,?,?,?,?,?,?,?,?)`
	sqlDone     = `DELETE FROM effect WHERE session=? AND rev=? AND n=?`
	sqlClaim    = `UPDATE effect SET attempt=?,lease=?,data=coalesce(?,data) WHERE session=? AND rev=? AND n=? AND attempt=?-1`
	sqlGiveBack = `UPDATE effect SET lease=0,not_before=?,data=coalesce(?,data) WHERE session=? AND rev=? AND n=? AND attempt=?`
	sqlGetCall  = `SELECT session,leg FROM call WHERE sid=?`
	sqlBindCall = `INSERT INTO call(sid,session,leg) VALUES(?,?,?) ON CONFLICT(sid) DO NOTHING`
	sqlClosure  = `INSERT INTO closure(id,source) VALUES(?,?) ON CONFLICT(id) DO NOTHING`
	sqlGetKey   = `SELECT result,expires FROM start_key WHERE scope=? AND key=?`
	sqlPutKey   = `INSERT INTO start_key(scope,key,result,expires) VALUES(?,?,?,?)
ON CONFLICT(scope,key) DO UPDATE SET result=excluded.result,expires=excluded.expires`
	sqlAddPrice  = `INSERT INTO price(session,leg,sid,ended,answered) VALUES(?,?,?,?,?) ON CONFLICT(session,leg) DO NOTHING`
	sqlDropPrice = `DELETE FROM price WHERE session=? AND leg=?`
	sqlSwitch    = `INSERT INTO switch(name,value) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value=excluded.value`
)

func (w *writer) prepare() error {
	for _, p := range []struct {
		to  *stmt
		sql string
	}{
		{&w.begin, "BEGIN IMMEDIATE"}, {&w.commit, "COMMIT"}, {&w.rollback, "ROLLBACK"},
		{&w.savepoint, "SAVEPOINT one"}, {&w.release, "RELEASE one"}, {&w.undo, "ROLLBACK TO one"},
		{&w.insertSession, sqlInsertSession}, {&w.update, sqlUpdateSession}, {&w.retire, sqlRetireSession},
		{&w.insertHistory, sqlInsertHistory}, {&w.insertEffect, sqlInsertEffect}, {&w.done, sqlDone},
		{&w.claim, sqlClaim}, {&w.giveBack, sqlGiveBack}, {&w.getCall, sqlGetCall}, {&w.bindCall, sqlBindCall},
		{&w.putClosure, sqlClosure}, {&w.getKey, sqlGetKey}, {&w.putKey, sqlPutKey}, {&w.setSwitch, sqlSwitch},
		{&w.addPrice, sqlAddPrice}, {&w.dropPrice, sqlDropPrice},
	} {
		s, err := w.c.prepare(p.sql)
		if err != nil {
			return err
		}
		*p.to = s
		w.closers = append(w.closers, s.s.Close)
	}
	return nil
}

// run serves the queue until it is closed and empty.
func (w *writer) run() {
	group := make([]*job, 0, groupLimit)
	for {
		var more bool
		if group, more = w.q.take(group[:0]); !more {
			return
		}
		err := w.group(group)
		if err == nil {
			w.remember()
		} else {
			err = fmt.Errorf("store: the transaction failed and nothing of it is kept: %w", err)
			for _, j := range group {
				j.err = err
			}
		}
		w.count(len(group), err)
		for i, j := range group {
			group[i] = nil
			j.done <- struct{}{}
		}
	}
}

func (w *writer) remember() {
	for _, id := range w.fresh {
		w.known[id] = true
	}
	w.fresh = w.fresh[:0]
}

func (w *writer) count(n int, err error) {
	w.mu.Lock()
	w.groups++
	w.commits += uint64(n)
	w.failed = err
	groups := w.groups
	w.mu.Unlock()
	w.checkpoints.after(groups)
}

// group stores the requests in one transaction and sets their results. An error
// means that nothing at all is stored.
func (w *writer) group(jobs []*job) error {
	err := w.transaction(func() error {
		for _, j := range jobs {
			j.err = w.apply(j.op)
			if j.err != nil && !refused(j.err) {
				return j.err
			}
		}
		return nil
	})
	var late *lateError
	if err == nil || errors.As(err, &late) {
		return err
	}
	return w.transaction(func() error {
		for _, j := range jobs {
			if err := w.applyAlone(j); err != nil {
				return err
			}
		}
		return nil
	})
}

// lateError is a failed BEGIN or COMMIT: no single request is to blame.
type lateError struct{ error }

func (e *lateError) Unwrap() error { return e.error }

func (w *writer) transaction(body func() error) error {
	w.fresh = w.fresh[:0]
	if _, err := w.begin.exec(); err != nil {
		_, _ = w.rollback.exec() // there is none unless an earlier ROLLBACK failed
		return &lateError{err}
	}
	err := body()
	if err == nil {
		if err = w.stage("commit"); err == nil {
			_, err = w.commit.exec()
		}
		if err == nil {
			return nil
		}
		err = &lateError{err}
	}
	// SQLite rolls back by itself after some errors; then this one fails and
	// there is nothing left to undo.
	_, _ = w.rollback.exec()
	return err
}

// applyAlone runs one request inside a savepoint. An error means that the
// transaction itself is lost.
func (w *writer) applyAlone(j *job) error {
	if _, err := w.savepoint.exec(); err != nil {
		return err
	}
	fresh := len(w.fresh)
	if j.err = w.apply(j.op); j.err != nil && !refused(j.err) {
		w.fresh = w.fresh[:fresh]
		if _, err := w.undo.exec(); err != nil {
			return errors.Join(j.err, err)
		}
	}
	_, err := w.release.exec()
	return err
}

func (w *writer) apply(o op) error {
	if err := w.stage("apply"); err != nil {
		return err
	}
	return o.apply(w)
}

func (w *writer) stage(name string) error {
	if w.hook == nil {
		return nil
	}
	return w.hook(name)
}

// refused tells whether err is an answer of an op that has changed nothing.
func refused(err error) bool {
	return errors.Is(err, ErrConflict) || errors.Is(err, ErrExists) || errors.Is(err, ErrSIDTaken) ||
		errors.Is(err, ErrKeyTaken) || errors.Is(err, ErrNotFound)
}

// hasClosure tells whether a closure is known to be stored.
func (w *writer) hasClosure(id string) bool {
	return w.known[id] || slices.Contains(w.fresh, id)
}

// number and text take apart what the driver reads.
func number(v driver.Value) int64 { n, _ := v.(int64); return n }
func text(v driver.Value) string  { s, _ := v.(string); return s }
