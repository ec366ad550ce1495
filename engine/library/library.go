// Package library turns a folder of flow files into one immutable snapshot and
// keeps it up to date: a change on disk is read, compiled and swapped in whole,
// or, when it does not compile, reported and left out.
//
// It does not know what is compiled: [Library] is generic over the snapshot.
package library

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Files are the flow files of a folder and its sub-folders: slash-separated path
// within the folder -> content. Every *.yaml and *.yml is one, except *.test.yaml
// and *.test.yml, and except what has a name, or lies in a folder whose name,
// begins with a dot. Links are followed. The contents must not be changed.
type Files map[string][]byte

// Input is what Compile gets. Prev is the snapshot in force, and Added, Changed
// and Removed (sorted paths) are the difference between the files it was made of
// and Files, so that what has not changed need not be compiled again. The first
// time Prev is T's zero value, First is true and all files are Added.
type Input[T any] struct {
	First                   bool
	Prev                    T
	Files                   Files
	Added, Changed, Removed []string
}

// Change is reported after the folder changed. With Err nil, New is in force.
// Otherwise New is Old: nothing has changed, and a mended folder loads again; if
// it is mended by undoing, a Change without Err and without files says so.
// Err is what Compile returned, or says why the folder cannot be read.
type Change[T any] struct {
	Old, New                T
	Added, Changed, Removed []string
	Err                     error
}

// Options of a Library. Compile is required.
type Options[T any] struct {
	// Compile makes a snapshot; it must not keep or change anything but its
	// result. An error leaves the snapshot in force as it is.
	Compile func(Input[T]) (T, error)
	// OnChange is told of every change and of every new failure, one at a time,
	// but not of the first load. nil = nobody is.
	OnChange func(Change[T])
	// Debounce is how long the folder must have been quiet before it is read, so
	// that a file is not read while an editor writes it; 0 = 100 ms. A folder that
	// never is quiet is read every 10 times that.
	Debounce time.Duration
	// Poll is how often the folder is looked at without an event, for network
	// folders, which send none; 0 = 3 s.
	Poll time.Duration
	// Log gets what concerns the watching itself; nil = nothing is logged.
	Log *slog.Logger

	pollOnly bool // as on a network folder, for tests
}

// Library holds the snapshot in force.
type Library[T any] struct {
	dir     string
	o       Options[T]
	current atomic.Pointer[T]

	// The rest belongs to the goroutine that watches.
	scan  scanner
	good  Files  // what the snapshot in force was made of
	tried Files  // what was compiled last, good or not
	trial error  // what came of it
	told  string // the failure that was reported last; "" = none since a success
	stop  context.CancelFunc
	ended sync.WaitGroup
}

// Open reads and compiles dir, which must be there, and watches it until ctx ends
// or Close is called. An error of the first compilation is returned as it is.
func Open[T any](ctx context.Context, dir string, o Options[T]) (*Library[T], error) {
	if o.Debounce <= 0 {
		o.Debounce = 100 * time.Millisecond
	}
	if o.Poll <= 0 {
		o.Poll = 3 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("flow folder %s: %w", dir, err)
	}
	l := &Library[T]{dir: abs, o: o, scan: scanner{root: abs}}
	// The watch begins before the first reading, or a change between the two
	// would be seen by the poll only.
	w := newWatcher(o.Log, !o.pollOnly)
	if err := l.load(w); err != nil {
		w.close()
		return nil, err
	}
	ctx, l.stop = context.WithCancel(ctx)
	l.ended.Go(func() {
		defer w.close()
		l.watch(ctx, w)
	})
	return l, nil
}

// Current is the snapshot in force. It never blocks.
func (l *Library[T]) Current() T { return *l.current.Load() }

// Close ends the watching and waits for an OnChange that runs. It must not be
// called by OnChange. The snapshot stays.
func (l *Library[T]) Close() {
	l.stop()
	l.ended.Wait()
}

func (l *Library[T]) load(w *watcher) error {
	// The folders are not known before they are read; what changes between the
	// reading and the watch is found by reading once more.
	if _, err := l.scan.read(); err != nil {
		return fmt.Errorf("flow folder: %w", err)
	}
	w.follow(l.scan.dirs)
	files, err := l.scan.read()
	if err != nil {
		return fmt.Errorf("flow folder: %w", err)
	}
	d := diff(nil, files)
	first, err := l.compile(Input[T]{First: true, Files: maps.Clone(files), Added: d.added})
	if err != nil {
		return err
	}
	l.good, l.tried = files, files
	l.current.Store(&first)
	return nil
}

// compile never panics: a compiler's mistake must not end the watching.
func (l *Library[T]) compile(in Input[T]) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the flows could not be compiled: internal error: %v", p)
		}
	}()
	return l.o.Compile(in)
}

// watch waits for events and for the poll, and looks at the folder after each.
func (l *Library[T]) watch(ctx context.Context, w *watcher) {
	poll := time.NewTicker(l.o.Poll)
	defer poll.Stop()
	quiet := time.NewTimer(l.o.Debounce)
	quiet.Stop()
	defer quiet.Stop()
	var since time.Time // first event that has not been looked at; zero = none
	for {
		again := false
		select {
		case <-ctx.Done():
			return
		case <-w.events():
			again = true
		case <-quiet.C:
			since = time.Time{}
			again = !l.look(w)
		case <-poll.C:
			// Debouncing is going on: it will look soon enough.
			if since.IsZero() {
				again = !l.look(w)
			}
		}
		if !again {
			continue
		}
		now := time.Now()
		if since.IsZero() {
			since = now
		}
		if left := since.Add(10 * l.o.Debounce).Sub(now); left > 0 {
			quiet.Reset(min(l.o.Debounce, left))
		}
	}
}

// look reads the folder and takes over what has changed. False asks for another
// look soon: files are gone that were there, which an editor that saves by
// renaming makes seem so for a moment; it is believed the second time.
func (l *Library[T]) look(w *watcher) bool {
	files, err := l.scan.read()
	w.follow(l.scan.dirs)
	if err == nil && len(files) == 0 && len(l.good) > 0 {
		// Most likely a network folder that is not mounted.
		err = fmt.Errorf("%s has no flow files any more: %w", l.dir, fs.ErrNotExist)
	}
	if err != nil {
		l.fail(difference{}, fmt.Errorf("flow folder: %w (the flows that were loaded stay in force)", err))
		return true
	}
	if gone := diff(l.tried, files).removed; len(gone) > 0 && !l.scan.confirmed(gone) {
		return false
	}
	l.scan.doubted = nil
	l.take(files)
	return true
}

// take compiles files unless they are what was compiled last.
func (l *Library[T]) take(files Files) {
	d := diff(l.good, files)
	if diff(l.tried, files).none() {
		// The folder could not be read in between, or is as bad as it was.
		if l.trial != nil {
			l.fail(d, l.trial)
		} else if l.told != "" {
			l.same()
		}
		return
	}
	l.tried = files
	if d.none() { // mended by undoing
		l.trial = nil
		l.same()
		return
	}
	old := l.Current()
	next, err := l.compile(Input[T]{Prev: old, Files: maps.Clone(files), Added: d.added, Changed: d.changed, Removed: d.removed})
	if l.trial = err; err != nil {
		l.told = ""
		l.fail(d, err)
		return
	}
	l.good, l.told = files, ""
	l.current.Store(&next)
	l.tell(Change[T]{Old: old, New: next, Added: d.added, Changed: d.changed, Removed: d.removed})
}

// same reports that a failure is over and the snapshot in force is right as it is.
func (l *Library[T]) same() {
	l.told = ""
	cur := l.Current()
	l.tell(Change[T]{Old: cur, New: cur})
}

// fail reports err unless it is what was reported last.
func (l *Library[T]) fail(d difference, err error) {
	if l.told == err.Error() {
		return
	}
	l.told = err.Error()
	cur := l.Current()
	l.tell(Change[T]{Old: cur, New: cur, Added: d.added, Changed: d.changed, Removed: d.removed, Err: err})
}

func (l *Library[T]) tell(c Change[T]) {
	if l.o.OnChange != nil {
		l.o.OnChange(c)
	}
}
