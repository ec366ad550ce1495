package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ringdown/ringdown/engine/store"
)

// crashEnv names the database that a child process is to write until it is killed.
const crashEnv = "RINGDOWN_TEST_STORE_CRASH"

// bg is for the child, which has no test.
func bg() context.Context { return context.Background() }

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		crashChild(path)
		return
	}
	os.Exit(m.Run())
}

func TestSecondOpenerIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	s := openSQLite(t, path, store.Options{})
	link := filepath.Join(t.TempDir(), "link.db")
	names := []string{path}
	if os.Symlink(path, link) == nil {
		names = append(names, link)
	}
	for _, name := range names {
		_, err := store.OpenSQLite(name, store.Options{})
		wantErr(t, err, store.ErrLocked)
		if want := fmt.Sprint("process ", os.Getpid()); err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name the holder, %s", err, want)
		}
	}
	wantErr(t, s.Close(), nil)
	wantErr(t, openSQLite(t, path, store.Options{}).Healthy(t.Context()), nil)
}

func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	s := openSQLite(t, path, store.Options{})
	c := first("s1")
	c.Effects = []store.Effect{{ID: "1.0"}}
	commit(t, s, c)
	wantErr(t, s.Close(), nil)
	wantErr(t, s.Commit(t.Context(), first("s2")), store.ErrClosed)
	s = openSQLite(t, path, store.Options{})
	same(t, get[store.Session](t)(s.Session(t.Context(), "s1")), session("s1", 1))
	same(t, len(get[[]store.Effect](t)(s.Effects(t.Context()))), 1)
	commit(t, s, &store.Commit{Session: session("s1", 2)})
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	newer := openSQLite(t, filepath.Join(dir, "newer.db"), store.Options{})
	wantErr(t, newer.Script("PRAGMA user_version = 999"), nil)
	wantErr(t, newer.Close(), nil)
	if err := os.WriteFile(filepath.Join(dir, "text.db"), []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"newer.db": "newer program", "text.db": "not a database", "none/a.db": "no such file",
	} {
		_, err := store.OpenSQLite(filepath.Join(dir, name), store.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", name, err, want)
		}
	}
}

// gate lets the first transaction wait until release is called, so that what is
// queued meanwhile becomes one group.
type gate struct {
	entered, open chan struct{}
	once          sync.Once
	fail          atomic.Pointer[func(stage string) error]
}

func (g *gate) hook(stage string) error {
	g.once.Do(func() { close(g.entered); <-g.open })
	if f := g.fail.Load(); f != nil {
		return (*f)(stage)
	}
	return nil
}

// grouped commits all in one transaction, which fail may break.
func grouped(t *testing.T, commits []*store.Commit, fail func(stage string) error) (*store.SQLite, []error) {
	t.Helper()
	g := &gate{entered: make(chan struct{}), open: make(chan struct{})}
	s := openSQLite(t, filepath.Join(t.TempDir(), "a.db"), store.WithHook(g.hook))
	var wg sync.WaitGroup
	wg.Go(func() { wantErr(t, s.Commit(t.Context(), first("first")), nil) })
	<-g.entered
	errs := make([]error, len(commits))
	for i, c := range commits {
		wg.Go(func() { errs[i] = s.Commit(t.Context(), c) })
		for s.Stats().Queued <= i { // in this order
			runtime.Gosched()
		}
	}
	armed := func(stage string) error { return nil }
	if fail != nil {
		groups := s.Stats().Groups
		armed = func(stage string) error {
			if s.Stats().Groups == groups { // still the first transaction
				return nil
			}
			return fail(stage)
		}
	}
	g.fail.Store(&armed)
	close(g.open)
	wg.Wait()
	if st := s.Stats(); st.Groups != 2 || st.Commits != uint64(len(commits))+1 {
		t.Errorf("not one group: %+v", st)
	}
	return s, errs
}

func TestConflictLeavesNeighboursAlone(t *testing.T) {
	t.Parallel()
	with := func(c *store.Commit) *store.Commit {
		c.History, c.Effects = []byte("[]"), []store.Effect{{ID: fmt.Sprint(c.Session.Rev, ".0")}}
		return c
	}
	taken := with(first("taken"))
	taken.Calls = []store.Call{{SID: "CA1", Leg: 1}}
	owner := with(first("owner"))
	owner.Calls = taken.Calls
	s, errs := grouped(t, []*store.Commit{
		with(first("a")), with(first("a")), with(&store.Commit{Session: session("first", 5)}), owner, taken,
		with(&store.Commit{Session: session("first", 2)}), with(&store.Commit{Session: session("a", 2)}),
	}, nil)
	for i, want := range []error{nil, store.ErrExists, store.ErrConflict, nil, store.ErrSIDTaken, nil, nil} {
		wantErr(t, errs[i], want)
	}
	var got []string
	for _, e := range get[[]store.Effect](t)(s.Effects(t.Context())) {
		got = append(got, e.Session+":"+e.ID)
	}
	same(t, got, []string{"a:1.0", "a:2.0", "first:2.0", "owner:1.0"})
}

// TestOneThatCannotBeStoredFailsAlone: the effect id is used twice, which shows
// only when half of the commit is written.
func TestOneThatCannotBeStoredFailsAlone(t *testing.T) {
	t.Parallel()
	bad := first("bad")
	bad.History = []byte("[]")
	bad.Closure = &store.Closure{ID: "new", Source: []byte("x")}
	bad.Effects = []store.Effect{{ID: "1.0"}, {ID: "1.0"}}
	good := first("good")
	good.Closure = bad.Closure
	conflict := &store.Commit{Session: session("first", 7)}
	s, errs := grouped(t, []*store.Commit{first("before"), bad, conflict, good}, nil)
	wantErr(t, errs[0], nil)
	wantErr(t, errs[2], store.ErrConflict)
	wantErr(t, errs[3], nil)
	if errs[1] == nil || !strings.Contains(errs[1].Error(), "effect 1.0 of session bad") {
		t.Errorf("bad commit: %v", errs[1])
	}
	_, err := s.Session(t.Context(), "bad")
	wantErr(t, err, store.ErrNotFound)
	same(t, len(get[[]store.History](t)(s.History(t.Context(), "bad"))), 0)
	for _, id := range []string{"before", "good"} {
		get[store.Session](t)(s.Session(t.Context(), id))
	}
	same(t, string(get[[]byte](t)(s.Closure(t.Context(), "new"))), "x")
	wantErr(t, s.Healthy(t.Context()), nil)
}

func TestCommitFailureIsEverybodys(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk is gone")
	var times atomic.Int32
	s, errs := grouped(t, []*store.Commit{first("a"), first("b"), {Session: session("first", 9)}}, func(stage string) error {
		if stage == "commit" && times.Add(1) == 1 {
			return broken
		}
		return nil
	})
	for _, err := range errs {
		wantErr(t, err, broken)
	}
	wantErr(t, s.Stats().Failed, broken)
	wantErr(t, s.Healthy(t.Context()), nil) // it tried again
	for _, id := range []string{"a", "b"} {
		_, err := s.Session(t.Context(), id)
		wantErr(t, err, store.ErrNotFound)
	}
	get[store.Session](t)(s.Session(t.Context(), "first"))
	commit(t, s, first("a")) // it works again
	get[[]byte](t)(s.Closure(t.Context(), "c1"))
	wantErr(t, s.Healthy(t.Context()), nil)
}

// crashSessions write at the same time in the child.
const crashSessions = 8

// crashChild commits for ever and says so after each commit. Every commit adds
// one effect and ends the one before, so that tables can be compared.
func crashChild(path string) {
	s, err := store.OpenSQLite(path, store.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	var out sync.Mutex
	var wg sync.WaitGroup
	for i := range crashSessions {
		wg.Go(func() {
			id := fmt.Sprint("s", i)
			last, err := s.Session(bg(), id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				fmt.Println("error", err)
				return
			}
			for rev := last.Rev + 1; ; rev++ {
				c := crashCommit(id, rev)
				if err := s.Commit(bg(), c); err != nil {
					fmt.Println("error", err)
					return
				}
				out.Lock()
				fmt.Println(id, rev)
				out.Unlock()
			}
		})
	}
	wg.Wait()
}

func crashCommit(id string, rev int64) *store.Commit {
	c := &store.Commit{New: rev == 1, Session: session(id, rev), History: fmt.Appendf(nil, "[%d]", rev),
		Effects: []store.Effect{{ID: fmt.Sprint(rev, ".0")}},
		Calls:   []store.Call{{SID: fmt.Sprint("CA", id, "-", rev), Leg: int(rev)}}}
	if rev > 1 {
		c.Done = []string{fmt.Sprint(rev-1, ".0")}
	}
	return c
}

func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	random := rand.New(rand.NewPCG(1, 2))
	acknowledged := map[string]int64{}
	for round := range 10 {
		killChild(t, path, 1+random.IntN(1500), acknowledged)
		s, err := store.OpenSQLite(path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkCrashed(t, s, acknowledged)
		wantErr(t, s.Close(), nil)
		if t.Failed() {
			t.Fatalf("after kill %d: %v", round+1, acknowledged)
		}
	}
}

// killChild runs a child, kills it after so many commits, and notes the newest
// revision of each session that it acknowledged.
func killChild(t *testing.T, path string, commits int, acknowledged map[string]int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ { // also what was written before the kill came through
		id, text, _ := strings.Cut(lines.Text(), " ")
		var rev int64
		if _, err := fmt.Sscanf(text+"\n", "%d\n", &rev); err != nil {
			if n < commits {
				t.Errorf("child: %s", lines.Text())
			}
			continue // cut off
		}
		acknowledged[id] = rev
		if n == commits {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
}

func checkCrashed(t *testing.T, s *store.SQLite, acknowledged map[string]int64) {
	t.Helper()
	same(t, get[string](t)(s.Check()), "ok")
	effects := map[string]string{}
	for _, e := range get[[]store.Effect](t)(s.Effects(t.Context())) {
		if effects[e.Session] != "" {
			t.Errorf("session %s has two effects", e.Session)
		}
		effects[e.Session] = e.ID
	}
	for id, rev := range acknowledged {
		x := get[store.Session](t)(s.Session(t.Context(), id))
		if x.Rev < rev {
			t.Errorf("session %s is at %d, %d was acknowledged", id, x.Rev, rev)
		}
		same(t, effects[id], fmt.Sprint(x.Rev, ".0"))
		history := get[[]store.History](t)(s.History(t.Context(), id))
		same(t, len(history), int(x.Rev))
		for i, h := range history {
			if h.Rev != int64(i+1) || string(h.Data) != fmt.Sprintf("[%d]", i+1) {
				t.Errorf("session %s: history %d is %+v", id, i, h)
			}
		}
		if _, leg, err := s.CallLeg(t.Context(), fmt.Sprint("CA", id, "-", x.Rev)); err != nil || leg != int(x.Rev) {
			t.Errorf("session %s: newest call: leg %d, %v", id, leg, err)
		}
	}
}

// TestDiskFull: SQLite rolls the transaction back by itself; the store goes on.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	s := openSQLite(t, filepath.Join(t.TempDir(), "a.db"), store.Options{})
	commit(t, s, first("s1"))
	wantErr(t, s.Script("PRAGMA max_page_count = 1"), nil) // becomes: no more than there are
	large := &store.Commit{Session: session("s1", 2), History: []byte("[]")}
	large.Session.Data = make([]byte, 1<<20)
	if err := s.Commit(t.Context(), large); err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("got %v, want that the database is full", err)
	}
	same(t, get[store.Session](t)(s.Session(t.Context(), "s1")), session("s1", 1))
	wantErr(t, s.Script("PRAGMA max_page_count = 1000000"), nil)
	commit(t, s, large)
	wantErr(t, s.Healthy(t.Context()), nil)
}
