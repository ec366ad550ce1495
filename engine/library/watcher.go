package library

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"

	"github.com/fsnotify/fsnotify"
)

// watcher says that something may have changed in one of the folders it follows.
// It watches folders, never files: a file that is saved by renaming another one
// over it, or through a link that is swapped, takes the watch with it. What
// happened is of no interest, only that something did. Where no watch can be had
// (a limit of the system, a network folder) the poll sees the change later.
type watcher struct {
	log     *slog.Logger
	fs      *fsnotify.Watcher // nil: none to be had
	news    chan struct{}
	watched map[string]os.FileInfo
	refused bool // said once
}

func newWatcher(log *slog.Logger, events bool) *watcher {
	w := &watcher{log: log, news: make(chan struct{}, 1), watched: map[string]os.FileInfo{}}
	if !events {
		return w
	}
	watch, err := fsnotify.NewWatcher()
	if err != nil {
		w.cannot("", err)
		return w
	}
	w.fs = watch
	go w.drain()
	return w
}

func (w *watcher) cannot(dir string, err error) {
	if !w.refused {
		w.refused = true
		w.log.Warn("cannot watch the flow folder: changes are seen by polling only", "dir", dir, "error", err)
	}
}

// drain makes one piece of news of any number of events. An error (an overflow
// of the system's queue) is news as well: events were lost. It ends with close.
func (w *watcher) drain() {
	for {
		var ok bool
		select {
		case e, more := <-w.fs.Events:
			// Reading and chmod change no content.
			if ok = more; more && e.Op == fsnotify.Chmod {
				continue
			}
		case _, ok = <-w.fs.Errors:
		}
		if !ok {
			return
		}
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}

func (w *watcher) events() <-chan struct{} { return w.news }

// follow watches exactly these folders. A folder that was made anew under its
// old name is watched anew: the old watch died with the old folder.
func (w *watcher) follow(dirs map[string]os.FileInfo) {
	if w.fs == nil {
		return
	}
	alive := map[string]bool{}
	for _, dir := range w.fs.WatchList() {
		alive[dir] = true
	}
	for dir, info := range w.watched {
		now, wanted := dirs[dir]
		if alive[dir] && wanted && os.SameFile(info, now) {
			continue
		}
		if alive[dir] {
			_ = w.fs.Remove(dir) // it may have died this moment
		}
		delete(w.watched, dir)
	}
	for dir, info := range dirs {
		if w.watched[dir] != nil {
			continue
		}
		if err := w.fs.Add(dir); err != nil {
			if !errors.Is(err, fs.ErrNotExist) { // else it went away: the next look knows
				w.cannot(dir, err)
			}
			continue
		}
		w.watched[dir] = info
		// What happened before the watch began has sent no event.
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}

func (w *watcher) close() {
	if w.fs != nil {
		_ = w.fs.Close()
	}
	clear(w.watched)
}
