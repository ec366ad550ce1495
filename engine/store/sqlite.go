package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"modernc.org/sqlite"
)

// Options tune OpenSQLite. The zero value is right for a server.
type Options struct {
	// Readers is the number of connections that read beside the writer; 0 = 4.
	Readers int
	// Now is the clock by which Stats.Oldest is measured; nil = time.Now.
	Now func() time.Time

	hook func(stage string) error
}

// SQLite is a store in one file, of one process. All its methods may be called
// from any goroutine.
type SQLite struct {
	q       *queue
	w       *writer
	read    *sql.DB
	queries queries
	stopped chan struct{} // the writer has ended
	lock    io.Closer
	scratch string // directory to remove at Close
}

// The writer checkpoints by itself when the write-ahead log has this many pages
// (of 4 KB): a backstop behind the checkpointer, which has copied most of them by then.
const checkpointPages = 16000

// OpenSQLite opens the database at path, creating it, and brings it to the
// newest format. The file is locked against other processes by path + ".lock":
// ErrLocked says who has it. Every commit is synced to disk (WAL, synchronous
// FULL). With path "" or ":memory:" the database is a temporary one that is not
// synced and is removed by Close.
func OpenSQLite(path string, o Options) (_ *SQLite, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	s := &SQLite{q: newQueue(o.Now), stopped: make(chan struct{})}
	opened := false
	defer func() {
		if !opened {
			s.closeFiles()
		}
	}()
	sync := "FULL"
	if path == "" || path == ":memory:" {
		if s.scratch, err = os.MkdirTemp("", "ringdown-"); err != nil {
			return nil, err
		}
		path, sync = filepath.Join(s.scratch, "ringdown.db"), "OFF"
	}
	if path, err = realPath(path); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if s.lock, err = lockFile(path + ".lock"); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err = s.open(path, sync, o); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	opened = true
	go func() {
		defer close(s.stopped)
		s.w.run()
	}()
	return s, nil
}

// realPath follows links, so that one database has one lock whatever it is
// called.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	return abs, nil
}

func (s *SQLite) open(path, sync string, o Options) error {
	// Sessions hold phone numbers: a new database is for its owner only. SQLite
	// gives the files beside it the same permissions.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	write, err := sqlite.NewConnector(dsn(path,
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous("+sync+")", "cache_size(-8192)",
		"wal_autocheckpoint("+strconv.Itoa(checkpointPages)+")", "temp_store(MEMORY)"))
	if err != nil {
		return err
	}
	c, err := write.Connect(context.Background())
	if err != nil {
		return err
	}
	s.w = &writer{c: &conn{Conn: c}, q: s.q, hook: o.hook, known: map[string]bool{}}
	if err := migrate(s.w.c); err != nil {
		return err
	}
	if err := s.w.prepare(); err != nil {
		return err
	}
	if s.w.checkpoints, err = startCheckpointer(path); err != nil {
		return err
	}
	read, err := sqlite.NewConnector(dsn(path, "busy_timeout(5000)", "mmap_size(268435456)", "query_only(1)"))
	if err != nil {
		return err
	}
	s.read = sql.OpenDB(read)
	s.read.SetMaxOpenConns(o.Readers)
	s.read.SetMaxIdleConns(o.Readers)
	return s.queries.prepare(s.read)
}

func dsn(path string, pragmas ...string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// Close lets no more requests in, finishes those that wait, and closes the file.
func (s *SQLite) Close() error {
	s.q.close()
	<-s.stopped
	return s.closeFiles()
}

func (s *SQLite) closeFiles() error {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
		s.read = nil
	}
	if s.w != nil {
		errs = append(errs, s.w.checkpoints.close())
		s.w.checkpoints = nil
		for _, f := range s.w.closers {
			errs = append(errs, f())
		}
		s.w.closers = nil
		if s.w.c != nil {
			errs = append(errs, s.w.c.Close())
			s.w.c = nil
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
		s.lock = nil
	}
	if s.scratch != "" {
		errs = append(errs, os.RemoveAll(s.scratch))
	}
	return errors.Join(errs...)
}

// Stats tells how the store is doing.
func (s *SQLite) Stats() Stats {
	var st Stats
	st.Queued, st.Oldest = s.q.waiting()
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	st.Groups, st.Commits, st.Failed = s.w.groups, s.w.commits, s.w.failed
	return st
}

// Healthy returns nil when commits go through: the newest transaction did not
// fail and no request has been waiting for more than 2 s. After a failed one it
// tries a transaction that changes nothing, so that a server that takes no load
// while it is unhealthy learns that the disk has room again. It is meant for
// health checks; a webhook looks at Stats.
func (s *SQLite) Healthy(ctx context.Context) error {
	st := s.Stats()
	if st.Oldest > 2*time.Second {
		return fmt.Errorf("store: %d requests wait, the first one for %s: the disk is too slow for the load",
			st.Queued, st.Oldest.Round(time.Millisecond))
	}
	if st.Failed == nil {
		return nil
	}
	return s.q.do(ctx, probeOp{}, false)
}

// probeOp writes a row as it is: the page goes to disk and is synced.
type probeOp struct{}

func (probeOp) apply(w *writer) error {
	_, err := w.once(`UPDATE session SET rev = rev WHERE n = (SELECT max(n) FROM session)`)
	return err
}
