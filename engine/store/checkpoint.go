package store

import (
	"context"
	"sync"

	sqlite "modernc.org/sqlite"
)

// checkpointer copies the write-ahead log into the database beside the writer, so that
// commits do not stand still for it. SQLite lets a checkpoint run while another
// connection writes; what it could not copy, because the writer went on, is left for
// the next one. The writer's own automatic checkpoint stays as a backstop: it finds
// little left to copy, and after it the log begins anew.
// Source: sqlite.org/wal.html, "Checkpointing".
type checkpointer struct {
	c    *conn
	wake chan struct{}
	done sync.WaitGroup
}

// checkpointGroups is how many transactions lie between two checkpoints.
const checkpointGroups = 200

func startCheckpointer(path string) (*checkpointer, error) {
	connector, err := sqlite.NewConnector(dsn(path, "busy_timeout(5000)", "wal_autocheckpoint(0)", "synchronous(FULL)"))
	if err != nil {
		return nil, err
	}
	c, err := connector.Connect(context.Background())
	if err != nil {
		return nil, err
	}
	p := &checkpointer{c: &conn{Conn: c}, wake: make(chan struct{}, 1)}
	p.done.Go(func() {
		for range p.wake {
			// A checkpoint that failed loses nothing: the log is still there, and the
			// writer's own one reports what is wrong with the disk.
			_, _ = p.c.number("PRAGMA wal_checkpoint(PASSIVE)")
		}
	})
	return p, nil
}

// after is told of every transaction.
func (p *checkpointer) after(groups uint64) {
	if p == nil || groups%checkpointGroups != 0 {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default: // one is under way
	}
}

func (p *checkpointer) close() error {
	if p == nil {
		return nil
	}
	close(p.wake)
	p.done.Wait()
	return p.c.Close()
}
