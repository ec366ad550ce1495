package library

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// joined is a snapshot that tests can read: the files, sorted, as name=content.
type joined string

var errBad = errors.New("a file says bad")

func join(in Input[joined]) (joined, error) {
	var names, out []string
	for name := range in.Files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text := string(in.Files[name])
		if strings.Contains(text, "bad") {
			return "", fmt.Errorf("%s: %w", name, errBad)
		}
		out = append(out, name+"="+text)
	}
	return joined(strings.Join(out, " ")), nil
}

// folder is a folder under test and what the library says about it.
type folder struct {
	t       *testing.T
	dir     string
	lib     *Library[joined]
	changes chan Change[joined]
}

func open(t *testing.T, dir string, o Options[joined]) *folder {
	t.Helper()
	f := &folder{t: t, dir: dir, changes: make(chan Change[joined], 100)}
	o.OnChange = func(c Change[joined]) { f.changes <- c }
	o.Debounce = 5 * time.Millisecond
	if o.Compile == nil {
		o.Compile = join
	}
	if o.Poll == 0 {
		o.Poll = time.Hour // events alone must do
	}
	lib, err := Open(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lib.Close)
	f.lib = lib
	return f
}

// next waits for the next change.
func (f *folder) next() Change[joined] {
	f.t.Helper()
	select {
	case c := <-f.changes:
		if cur := f.lib.Current(); len(f.changes) == 0 && cur != c.New {
			f.t.Errorf("current is %q, the change says %q", cur, c.New)
		}
		return c
	case <-time.After(20 * time.Second):
		f.t.Fatalf("no change came; current is %q", f.lib.Current())
		panic("unreachable")
	}
}

// until waits until want is in force; on the way only good changes may come.
func (f *folder) until(want string) Change[joined] {
	f.t.Helper()
	for {
		c := f.next()
		if c.Err != nil {
			f.t.Fatalf("unexpected failure: %v", c.Err)
		}
		if string(c.New) == want {
			return c
		}
	}
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// write saves a file in one stroke, so that no test depends on whether it is seen
// half written.
func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	must(t, os.WriteFile(tmp, []byte(text), 0o644))
	must(t, os.Rename(tmp, path))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEditors(t *testing.T) {
	t.Parallel()
	for name, save := range map[string]func(t *testing.T, f *folder){
		"write in place": func(t *testing.T, f *folder) { must(t, os.WriteFile(f.path("a.yaml"), []byte("2"), 0o644)) },
		"write and rename over": func(t *testing.T, f *folder) {
			write(t, f.path("a.yaml.tmp"), "2")
			must(t, os.Rename(f.path("a.yaml.tmp"), f.path("a.yaml")))
		},
		"hidden copy and rename over, as sed -i": func(t *testing.T, f *folder) {
			write(t, f.path(".sedXYZ.yaml"), "2")
			must(t, os.Rename(f.path(".sedXYZ.yaml"), f.path("a.yaml")))
		},
		"move away, write anew, remove, as vim": func(t *testing.T, f *folder) {
			write(t, f.path("4913"), "")
			must(t, os.Remove(f.path("4913")))
			must(t, os.Rename(f.path("a.yaml"), f.path("a.yaml~")))
			write(t, f.path("a.yaml"), "2")
			must(t, os.Remove(f.path("a.yaml~")))
		},
		"piece by piece": func(t *testing.T, f *folder) {
			file, err := os.Create(f.path("a.yaml"))
			must(t, err)
			for range 3 {
				must(t, file.Sync())
			}
			_, err = file.WriteString("2")
			must(t, err)
			must(t, file.Close())
		},
		"remove and write anew": func(t *testing.T, f *folder) {
			must(t, os.Remove(f.path("a.yaml")))
			write(t, f.path("a.yaml"), "2")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a.yaml"), "1")
			write(t, filepath.Join(dir, "b.yml"), "b")
			f := open(t, dir, Options[joined]{})
			if got := f.lib.Current(); got != "a.yaml=1 b.yml=b" {
				t.Fatalf("first snapshot: %q", got)
			}
			save(t, f)
			f.until("a.yaml=2 b.yml=b")
		})
	}
}

func TestChangeNamesFiles(t *testing.T) {
	t.Parallel()
	f := open(t, t.TempDir(), Options[joined]{})
	write(t, f.path("a.yaml"), "1")
	if c := f.next(); !slices.Equal(c.Added, []string{"a.yaml"}) || c.Old != "" || c.New != "a.yaml=1" {
		t.Errorf("added: %+v", c)
	}
	write(t, f.path("sub/deep/b.yaml"), "1")
	f.until("a.yaml=1 sub/deep/b.yaml=1")
	write(t, f.path("sub/deep/b.yaml"), "2") // in a folder that is new
	if c := f.until("a.yaml=1 sub/deep/b.yaml=2"); !slices.Equal(c.Changed, []string{"sub/deep/b.yaml"}) {
		t.Errorf("changed: %+v", c)
	}
	must(t, os.RemoveAll(f.path("sub")))
	if c := f.until("a.yaml=1"); !slices.Equal(c.Removed, []string{"sub/deep/b.yaml"}) {
		t.Errorf("removed: %+v", c)
	}
}

func TestWhatIsAFlow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "b.yml", "sub/c.yaml", "a.test.yaml", "b.test.yml", ".hidden.yaml",
		".git/d.yaml", "readme.md", "a.yaml~", "#a.yaml#", "a.yaml.swp", "tested.yaml"} {
		write(t, filepath.Join(dir, name), "1")
	}
	must(t, os.Mkdir(filepath.Join(dir, "dir.yaml"), 0o755))
	symlink(t, dir, filepath.Join(dir, "sub", "up"))
	symlink(t, "nowhere.yaml", filepath.Join(dir, "dangling.yaml"))
	f := open(t, dir, Options[joined]{})
	if got, want := f.lib.Current(), joined("a.yaml=1 b.yml=1 sub/c.yaml=1 tested.yaml=1"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func symlink(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Skip("no symbolic links here:", err)
	}
}

func TestBadSnapshotChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "1")
	f := open(t, dir, Options[joined]{})
	write(t, f.path("a.yaml"), "bad")
	c := f.next()
	if !errors.Is(c.Err, errBad) || c.New != "a.yaml=1" || !slices.Equal(c.Changed, []string{"a.yaml"}) {
		t.Errorf("bad file: %+v", c)
	}
	// Another file changes while this one is bad: still bad, and when it is mended
	// both are loaded.
	write(t, f.path("b.yaml"), "1")
	if c := f.next(); !errors.Is(c.Err, errBad) || !slices.Equal(c.Added, []string{"b.yaml"}) {
		t.Errorf("still bad: %+v", c)
	}
	write(t, f.path("a.yaml"), "2")
	c = f.until("a.yaml=2 b.yaml=1")
	if !slices.Equal(c.Changed, []string{"a.yaml"}) || !slices.Equal(c.Added, []string{"b.yaml"}) || c.Old != "a.yaml=1" {
		t.Errorf("mended: %+v", c)
	}
	write(t, f.path("a.yaml"), "bad")
	if c := f.next(); c.Err == nil {
		t.Errorf("bad again: %+v", c)
	}
	write(t, f.path("a.yaml"), "2")
	if c := f.next(); c.Err != nil || c.Changed != nil || c.New != "a.yaml=2 b.yaml=1" {
		t.Errorf("mended by undoing: %+v", c)
	}
}

func TestKubernetesSwap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "..v1", "a.yaml"), "1")
	symlink(t, "..v1", filepath.Join(dir, "..data"))
	symlink(t, filepath.Join("..data", "a.yaml"), filepath.Join(dir, "a.yaml"))
	f := open(t, dir, Options[joined]{})
	if got := f.lib.Current(); got != "a.yaml=1" {
		t.Fatalf("first snapshot: %q", got)
	}
	for _, v := range []string{"2", "3"} {
		write(t, f.path("..v"+v+"/a.yaml"), v)
		symlink(t, "..v"+v, f.path("..data_tmp"))
		must(t, os.Rename(f.path("..data_tmp"), f.path("..data")))
		f.until("a.yaml=" + v)
	}
}

func TestFolderGoes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "flows")
	write(t, filepath.Join(dir, "a.yaml"), "1")
	f := open(t, dir, Options[joined]{Poll: 10 * time.Millisecond})
	must(t, os.Rename(dir, dir+".away"))
	if c := f.next(); c.Err == nil || c.New != "a.yaml=1" {
		t.Errorf("folder gone: %+v", c)
	}
	must(t, os.Rename(dir+".away", dir))
	if c := f.next(); c.Err != nil || c.New != "a.yaml=1" {
		t.Errorf("folder back: %+v", c)
	}
	must(t, os.RemoveAll(dir))
	for c := f.next(); !errors.Is(c.Err, os.ErrNotExist); c = f.next() {
		if c.Err == nil {
			t.Fatalf("the last file went: %+v", c)
		}
	}
	write(t, f.path("b.yaml"), "2")
	for c := f.next(); c.New != "b.yaml=2"; c = f.next() {
		if c.Err == nil {
			t.Fatalf("a new folder: %+v", c)
		}
	}
	write(t, f.path("b.yaml"), "3")
	f.until("b.yaml=3")
}

func TestPollAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "1")
	f := open(t, dir, Options[joined]{Poll: 5 * time.Millisecond, pollOnly: true})
	// The same size and, likely, the same tick of the file system's clock.
	for i := range 9 {
		text := fmt.Sprint(9 - i)
		write(t, f.path("a.yaml"), text)
		for string(f.lib.Current()) != "a.yaml="+text {
			f.next()
		}
	}
}

func TestCompilerPanic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "1")
	f := open(t, dir, Options[joined]{Compile: func(in Input[joined]) (joined, error) {
		if string(in.Files["a.yaml"]) == "boom" {
			panic("boom")
		}
		return join(in)
	}})
	write(t, f.path("a.yaml"), "boom")
	if c := f.next(); c.Err == nil {
		t.Fatalf("got %+v", c)
	}
	write(t, f.path("a.yaml"), "2")
	f.until("a.yaml=2")
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "bad")
	large := t.TempDir()
	write(t, filepath.Join(large, "a.yaml"), strings.Repeat("x", maxBytes+1))
	for name, c := range map[string]struct{ dir, want string }{
		"no folder": {filepath.Join(dir, "none"), "no such"},
		"a file":    {filepath.Join(dir, "a.yaml"), "is not a folder"},
		"too large": {large, "at most 4 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(context.Background(), c.dir, Options[joined]{Compile: join})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := Open(context.Background(), dir, Options[joined]{Compile: join}); !errors.Is(err, errBad) {
		t.Errorf("got %v, want the compiler's error", err)
	}
}

func TestCloseEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "1")
	ctx, cancel := context.WithCancel(context.Background())
	lib, err := Open(ctx, dir, Options[joined]{Compile: join})
	must(t, err)
	cancel()
	lib.ended.Wait()
	lib.Close()
	if lib.Current() != "a.yaml=1" {
		t.Error("the snapshot is gone")
	}
}

// BenchmarkReload: one of 1,000 files of 3 KB changes; one op is reading the
// folder and handing the difference to the compiler, without debounce.
func BenchmarkReload(b *testing.B) {
	dir := b.TempDir()
	text := strings.Repeat("x", 3000)
	for i := range 1000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.yaml", i)), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	compile := func(in Input[int]) (int, error) { return len(in.Changed), nil }
	lib, err := Open(context.Background(), dir, Options[int]{Compile: compile, Poll: time.Hour, pollOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	lib.Close()
	w := newWatcher(lib.o.Log, false)
	for i := 0; b.Loop(); i++ {
		if err := os.WriteFile(filepath.Join(dir, "0500.yaml"), fmt.Append(nil, text, i), 0o644); err != nil {
			b.Fatal(err)
		}
		if lib.look(w); lib.Current() != 1 {
			b.Fatalf("%d files changed", lib.Current())
		}
	}
}
