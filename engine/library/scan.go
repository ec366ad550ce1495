package library

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Limits of a folder: enough for any real one, and an end for a wrong path.
const (
	maxFiles = 20_000
	maxBytes = 4 << 20 // of one file
	maxDepth = 16
)

// racy is how long after its last change a file is read again although time and
// size say that it is the same: a second change may have fallen into the same
// tick of the file system's clock, which is up to 2 s on some.
const racy = 3 * time.Second

// scanner reads a folder, each time only what may have changed.
type scanner struct {
	root    string
	files   map[string]file
	dirs    map[string]os.FileInfo // every folder that was read, by its real place
	doubted []string               // files that seemed gone the last time
}

type file struct {
	info    os.FileInfo
	read    time.Time
	content []byte
}

// read gives the files as they are now. A file that vanishes while it is read is
// not there; any other failure is an error, as half a folder is none.
func (s *scanner) read() (Files, error) {
	r := reading{old: s.files, files: map[string]file{}, dirs: map[string]os.FileInfo{}}
	info, err := os.Stat(s.root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", s.root)
	}
	err = r.folder(s.root, "", []os.FileInfo{info})
	s.dirs = r.dirs
	if err != nil {
		return nil, err
	}
	s.files = r.files
	out := make(Files, len(r.files))
	for name, f := range r.files {
		out[name] = f.content
	}
	return out, nil
}

// confirmed tells whether gone files were gone the last time as well.
func (s *scanner) confirmed(gone []string) bool {
	same := slices.Equal(s.doubted, gone)
	s.doubted = gone
	return same
}

// reading is one walk through the folder.
type reading struct {
	old, files map[string]file
	dirs       map[string]os.FileInfo
}

// folder reads dir, whose path within the root is name. Above are the folders on
// the way to it, itself the last, so that a link back up is not followed.
func (r *reading) folder(dir, name string, above []os.FileInfo) error {
	r.dirs[dir] = above[len(above)-1]
	entries, err := os.ReadDir(dir)
	if err != nil {
		if name != "" && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if e.Type()&fs.ModeSymlink == 0 && !e.IsDir() && !isFlow(e.Name()) {
			continue
		}
		if err := r.entry(filepath.Join(dir, e.Name()), path.Join(name, e.Name()), above); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) entry(full, name string, above []os.FileInfo) error {
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // gone meanwhile, or a link to nowhere
	case err != nil:
		return err
	case info.IsDir():
		loop := slices.ContainsFunc(above, func(up os.FileInfo) bool { return os.SameFile(up, info) })
		if loop {
			return nil
		}
		if len(above) >= maxDepth {
			return fmt.Errorf("%s: folders are nested more than %d deep", name, maxDepth)
		}
		return r.folder(full, name, append(slices.Clip(above), info))
	case !info.Mode().IsRegular() || !isFlow(name):
		return nil
	}
	return r.file(full, name, info)
}

func (r *reading) file(full, name string, info os.FileInfo) error {
	if old, ok := r.old[name]; ok && old.unchanged(info) {
		r.files[name] = old
		return nil
	}
	if len(r.files) >= maxFiles {
		return fmt.Errorf("more than %d flow files: is this the right folder?", maxFiles)
	}
	content, info, err := readFile(full)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if old, ok := r.old[name]; ok && bytes.Equal(old.content, content) {
		content = old.content // one copy, and quick to compare later
	}
	r.files[name] = file{info: info, read: time.Now(), content: content}
	return nil
}

func (f file) unchanged(now os.FileInfo) bool {
	return os.SameFile(f.info, now) && f.info.Size() == now.Size() && f.info.ModTime().Equal(now.ModTime()) &&
		f.read.Sub(now.ModTime()) > racy
}

func readFile(name string) ([]byte, os.FileInfo, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	b.Grow(int(min(info.Size(), maxBytes)) + bytes.MinRead)
	if n, err := b.ReadFrom(io.LimitReader(f, maxBytes+1)); err != nil {
		return nil, nil, err
	} else if n > maxBytes {
		return nil, nil, fmt.Errorf("%s: a flow file has at most %d MB", name, maxBytes>>20)
	}
	return b.Bytes(), info, nil
}

// isFlow tells whether a file of this name holds a flow.
func isFlow(name string) bool {
	ext := filepath.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !strings.HasSuffix(strings.TrimSuffix(name, ext), ".test")
}

// difference lists paths, sorted.
type difference struct{ added, changed, removed []string }

func (d difference) none() bool { return len(d.added)+len(d.changed)+len(d.removed) == 0 }

func diff(old, now Files) difference {
	var d difference
	for _, name := range slices.Sorted(maps.Keys(now)) {
		was, ok := old[name]
		switch {
		case !ok:
			d.added = append(d.added, name)
		case !bytes.Equal(was, now[name]):
			d.changed = append(d.changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		if _, ok := now[name]; !ok {
			d.removed = append(d.removed, name)
		}
	}
	return d
}
