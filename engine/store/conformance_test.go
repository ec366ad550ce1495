package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/store"
)

// conforming is what every store must do; the suite runs on each of them.
type conforming interface {
	Commit(context.Context, *store.Commit) error
	Claim(ctx context.Context, session, effect string, attempt int, lease time.Time, data []byte) error
	Release(ctx context.Context, session, effect string, attempt int, notBefore time.Time, data []byte) error
	Session(ctx context.Context, id string) (store.Session, error)
	Sessions(context.Context, store.Filter) ([]store.Session, error)
	ActiveSessions(context.Context, func(store.Session) error) error
	CallLeg(ctx context.Context, sid string) (string, int, error)
	History(ctx context.Context, session string) ([]store.History, error)
	Effects(context.Context) ([]store.Effect, error)
	Prices(context.Context) ([]store.Price, error)
	Closure(ctx context.Context, id string) ([]byte, error)
	Key(ctx context.Context, scope, key string) (store.Key, error)
	SetSwitch(ctx context.Context, name string, value bool) error
	Switch(ctx context.Context, name string) (bool, error)
	Switches(context.Context) (map[string]bool, error)
	Prune(ctx context.Context, keys, sessions time.Time) (store.Pruned, error)
	Healthy(context.Context) error
	Close() error
}

// stores lists the openers: each gives a new, empty store.
func stores() map[string]func(t *testing.T) conforming {
	return map[string]func(t *testing.T) conforming{
		"sqlite": func(t *testing.T) conforming {
			return openSQLite(t, filepath.Join(t.TempDir(), "a dir?with %41 odd#name.db"), store.Options{})
		},
		"sqlite-temporary": func(t *testing.T) conforming { return openSQLite(t, ":memory:", store.Options{}) },
	}
}

func openSQLite(t *testing.T, path string, o store.Options) *store.SQLite {
	t.Helper()
	s, err := store.OpenSQLite(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, open := range stores() {
		for test, run := range map[string]func(*testing.T, conforming){
			"round trip": testRoundTrip, "revisions": testRevisions, "retired": testRetired, "calls": testCalls,
			"keys": testKeys, "claims": testClaims, "order of effects": testEffectOrder, "filter": testFilter,
			"switches": testSwitches, "prune": testPrune, "invalid": testInvalid, "absent": testAbsent,
			"context": testContext, "prices": testPrices, "race for a revision": testRace,
		} {
			t.Run(name+"/"+test, func(t *testing.T) { t.Parallel(); run(t, open(t)) })
		}
	}
}

// at is a time with microseconds, n seconds after a fixed one.
func at(n int) time.Time { return time.UnixMicro(1_800_000_000_123_456 + int64(n)*1e6).UTC() }

func session(id string, rev int64) store.Session {
	return store.Session{ID: id, Rev: rev, Mark: fmt.Sprint("event ", rev), Flow: "menu", Closure: "c1", Condition: "running",
		Active: true, Due: at(50), Started: at(0), Updated: at(int(rev)), States: "welcome agent", Data: []byte{0, 1, 255, byte(rev)}}
}

// first is the commit that starts a session.
func first(id string) *store.Commit {
	return &store.Commit{New: true, Session: session(id, 1), Closure: &store.Closure{ID: "c1", Source: []byte("source")}}
}

func commit(t *testing.T, s conforming, c *store.Commit) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func get[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want -, got +:\n%s", d)
	}
}

func testRoundTrip(t *testing.T, s conforming) {
	c := first("s1")
	c.History = []byte(`[{"kind":"event"}]`)
	c.Effects = []store.Effect{
		{ID: "1.0", Lane: "1", Kind: "PlaceCall", Leg: 1, NotBefore: at(1), Deadline: at(2), Data: []byte("to")},
		{ID: "1.1", Lane: "misc", Kind: "HTTP"},
	}
	c.Calls = []store.Call{{SID: "CA1", Leg: 1}}
	c.Key = &store.Key{Scope: "menu", Key: "k", Result: "s1", Expires: at(100)}
	commit(t, s, c)
	same(t, get[store.Session](t)(s.Session(t.Context(), "s1")), session("s1", 1))
	same(t, get[[]store.History](t)(s.History(t.Context(), "s1")), []store.History{{Session: "s1", Rev: 1, At: at(1), Data: c.History}})
	want := slices.Clone(c.Effects)
	want[0].Session, want[1].Session = "s1", "s1"
	same(t, get[[]store.Effect](t)(s.Effects(t.Context())), want)
	same(t, string(get[[]byte](t)(s.Closure(t.Context(), "c1"))), "source")
	same(t, get[store.Key](t)(s.Key(t.Context(), "menu", "k")), *c.Key)
	id, leg, err := s.CallLeg(t.Context(), "CA1")
	if err != nil || id != "s1" || leg != 1 {
		t.Errorf("CA1 is leg %d of %q, %v", leg, id, err)
	}
	var active []store.Session
	err = s.ActiveSessions(t.Context(), func(x store.Session) error { active = append(active, x); return nil })
	if err != nil {
		t.Error(err)
	}
	same(t, active, []store.Session{session("s1", 1)})
	wantErr(t, s.ActiveSessions(t.Context(), func(store.Session) error { return errStop }), errStop)
	if err := s.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
}

var errStop = errors.New("stop")

func testRevisions(t *testing.T, s conforming) {
	commit(t, s, first("s1"))
	wantErr(t, s.Commit(t.Context(), first("s1")), store.ErrExists)
	for _, rev := range []int64{1, 3, 0} {
		wantErr(t, s.Commit(t.Context(), &store.Commit{Session: session("s1", rev)}), store.ErrConflict)
	}
	wantErr(t, s.Commit(t.Context(), &store.Commit{Session: session("none", 2)}), store.ErrConflict)
	// Nothing may be visible of a commit that lost.
	lost := &store.Commit{Session: session("s1", 3), History: []byte("[]"), Effects: []store.Effect{{ID: "3.0"}},
		Calls: []store.Call{{SID: "CA9", Leg: 9}}, Key: &store.Key{Scope: "x", Key: "x", Expires: at(99)},
		Closure: &store.Closure{ID: "lost", Source: []byte("x")}}
	wantErr(t, s.Commit(t.Context(), lost), store.ErrConflict)
	nothingOfLost(t, s)

	next := session("s1", 2)
	next.Due, next.Outcome, next.States, next.Data = time.Time{}, "won", "", bytes.Repeat([]byte("x"), 200<<10)
	next.Flow, next.Closure, next.Started = "ignored", "ignored", at(9)
	commit(t, s, &store.Commit{Session: next, History: []byte("[2]")})
	next.Flow, next.Closure, next.Started = "menu", "c1", at(0)
	same(t, get[store.Session](t)(s.Session(t.Context(), "s1")), next)
}

func nothingOfLost(t *testing.T, s conforming) {
	t.Helper()
	same(t, len(get[[]store.History](t)(s.History(t.Context(), "s1"))), 0)
	same(t, len(get[[]store.Effect](t)(s.Effects(t.Context()))), 0)
	_, _, err := s.CallLeg(t.Context(), "CA9")
	wantErr(t, err, store.ErrNotFound)
	_, err = s.Key(t.Context(), "x", "x")
	wantErr(t, err, store.ErrNotFound)
	_, err = s.Closure(t.Context(), "lost")
	wantErr(t, err, store.ErrNotFound)
}

func testRetired(t *testing.T, s conforming) {
	commit(t, s, first("s1"))
	closed := session("s1", 2)
	closed.Active, closed.Condition = false, "closed"
	commit(t, s, &store.Commit{Session: closed})
	same(t, get[store.Session](t)(s.Session(t.Context(), "s1")).Active, false)
	wantErr(t, s.Commit(t.Context(), &store.Commit{Session: session("s1", 3)}), store.ErrConflict)
	closed.Rev = 3 // prices come late
	commit(t, s, &store.Commit{Session: closed, History: []byte("[]")})
	err := s.ActiveSessions(t.Context(), func(x store.Session) error { return fmt.Errorf("%s is active", x.ID) })
	if err != nil {
		t.Error(err)
	}
}

func testCalls(t *testing.T, s conforming) {
	c := first("s1")
	c.Calls = []store.Call{{SID: "CA1", Leg: 1}}
	commit(t, s, c)
	// The same call again, as a repeated callback brings it.
	commit(t, s, &store.Commit{Session: session("s1", 2), Calls: []store.Call{{SID: "CA1", Leg: 1}, {SID: "CA2", Leg: 2}}})
	// Two first requests of one call make one session.
	twice := first("s2")
	twice.Calls = []store.Call{{SID: "CA3", Leg: 1}, {SID: "CA1", Leg: 1}}
	err := s.Commit(t.Context(), twice)
	wantErr(t, err, store.ErrSIDTaken)
	var taken *store.SIDTakenError
	if !errors.As(err, &taken) || *taken != (store.SIDTakenError{SID: "CA1", Session: "s1", Leg: 1}) {
		t.Errorf("got %+v", taken)
	}
	_, err = s.Session(t.Context(), "s2")
	wantErr(t, err, store.ErrNotFound)
	_, _, err = s.CallLeg(t.Context(), "CA3")
	wantErr(t, err, store.ErrNotFound)
	err = s.Commit(t.Context(), &store.Commit{Session: session("s1", 3), Calls: []store.Call{{SID: "CA1", Leg: 7}}})
	wantErr(t, err, store.ErrSIDTaken)
}

func testKeys(t *testing.T, s conforming) {
	key := func(id, result string, expires time.Time) *store.Commit {
		c := first(id)
		c.Key = &store.Key{Scope: "menu", Key: "k", Result: result, Expires: expires}
		return c
	}
	commit(t, s, key("s1", "one", at(10)))
	err := s.Commit(t.Context(), key("s2", "two", at(20)))
	wantErr(t, err, store.ErrKeyTaken)
	var taken *store.KeyTakenError
	if !errors.As(err, &taken) || taken.Key.Result != "one" {
		t.Errorf("got %+v", taken)
	}
	later := key("s2", "two", at(20))
	later.Session.Updated = at(10)
	commit(t, s, later)
	same(t, get[store.Key](t)(s.Key(t.Context(), "menu", "k")).Result, "two")
	other := key("s3", "three", at(20))
	other.Key.Scope = "other"
	commit(t, s, other)
}

func testClaims(t *testing.T, s conforming) {
	c := first("s1")
	c.Effects = []store.Effect{{ID: "1.0", Kind: "PlaceCall", Data: []byte("a")}}
	commit(t, s, c)
	ctx := t.Context()
	check := func(attempt int, lease, notBefore time.Time, data string) {
		t.Helper()
		e := get[[]store.Effect](t)(s.Effects(ctx))[0]
		if e.Attempt != attempt || !e.Lease.Equal(lease) || !e.NotBefore.Equal(notBefore) || string(e.Data) != data {
			t.Errorf("effect is %+v", e)
		}
	}
	wantErr(t, s.Claim(ctx, "s1", "1.0", 2, at(15), nil), store.ErrConflict)
	wantErr(t, s.Claim(ctx, "s1", "1.0", 1, at(15), nil), nil)
	check(1, at(15), time.Time{}, "a")
	wantErr(t, s.Claim(ctx, "s1", "1.0", 1, at(15), nil), store.ErrConflict)
	wantErr(t, s.Release(ctx, "s1", "1.0", 2, at(20), nil), store.ErrConflict)
	wantErr(t, s.Release(ctx, "s1", "1.0", 1, at(20), []byte("b")), nil)
	check(1, time.Time{}, at(20), "b")
	wantErr(t, s.Claim(ctx, "s1", "1.0", 2, at(35), []byte("c")), nil)
	check(2, at(35), at(20), "c")
	commit(t, s, &store.Commit{Session: session("s1", 2), Done: []string{"1.0", "1.7"}})
	same(t, len(get[[]store.Effect](t)(s.Effects(ctx))), 0)
	wantErr(t, s.Claim(ctx, "s1", "1.0", 3, at(50), nil), store.ErrConflict)
}

func testEffectOrder(t *testing.T, s conforming) {
	for _, id := range []string{"s2", "s1"} {
		c := first(id)
		c.Effects = []store.Effect{{ID: "1.10"}, {ID: "1.9"}, {ID: "10.0"}, {ID: "9.0"}}
		commit(t, s, c)
	}
	var got []string
	for _, e := range get[[]store.Effect](t)(s.Effects(t.Context())) {
		got = append(got, e.Session+":"+e.ID)
	}
	same(t, got, []string{"s1:1.9", "s1:1.10", "s1:9.0", "s1:10.0", "s2:1.9", "s2:1.10", "s2:9.0", "s2:10.0"})
}

func testFilter(t *testing.T, s conforming) {
	for i, flow := range []string{"menu", "menu", "prepaid"} {
		c := first(fmt.Sprint("s", i))
		c.Session.Flow = flow
		c.Session.Active = i != 0
		c.Session.States = []string{"", "wait talk", "waiting"}[i]
		commit(t, s, c)
	}
	yes, no := true, false
	for name, c := range map[string]struct {
		f    store.Filter
		want []string
	}{
		"all":        {store.Filter{}, []string{"s2", "s1", "s0"}},
		"flow":       {store.Filter{Flow: "menu"}, []string{"s1", "s0"}},
		"state":      {store.Filter{State: "wait"}, []string{"s1"}},
		"last state": {store.Filter{State: "talk"}, []string{"s1"}},
		"active":     {store.Filter{Active: &yes}, []string{"s2", "s1"}},
		"inactive":   {store.Filter{Active: &no}, []string{"s0"}},
		"limit":      {store.Filter{Limit: 1}, []string{"s2"}},
		"both":       {store.Filter{Flow: "menu", Active: &yes}, []string{"s1"}},
		"none":       {store.Filter{Flow: "x"}, nil},
		"with data":  {store.Filter{Flow: "prepaid", Data: true}, []string{"s2"}},
	} {
		var ids []string
		for _, x := range get[[]store.Session](t)(s.Sessions(t.Context(), c.f)) {
			ids = append(ids, x.ID)
			if (x.Data != nil) != c.f.Data {
				t.Errorf("%s: data is %v", name, x.Data)
			}
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s: got %v, want %v", name, ids, c.want)
		}
	}
}

func testSwitches(t *testing.T, s conforming) {
	_, err := s.Switch(t.Context(), "emergency")
	wantErr(t, err, store.ErrNotFound)
	for _, v := range []bool{true, false, true} {
		wantErr(t, s.SetSwitch(t.Context(), "emergency", v), nil)
		same(t, get[bool](t)(s.Switch(t.Context(), "emergency")), v)
	}
	wantErr(t, s.SetSwitch(t.Context(), "other", false), nil)
	same(t, get[map[string]bool](t)(s.Switches(t.Context())), map[string]bool{"emergency": true, "other": false})
}

func testPrune(t *testing.T, s conforming) {
	start := func(id, closure string, active bool, updated int, effects ...store.Effect) {
		c := first(id)
		c.Session.Closure, c.Closure.ID = closure, closure
		c.Session.Active, c.Session.Updated = active, at(updated)
		c.History, c.Effects = []byte("[]"), effects
		c.Calls = []store.Call{{SID: "CA" + id, Leg: 1}}
		c.Key = &store.Key{Scope: "menu", Key: id, Expires: at(updated + 10)}
		commit(t, s, c)
	}
	for i := range 120 {
		start(fmt.Sprint("old", i), "c1", false, 1)
	}
	start("busy", "c2", false, 1, store.Effect{ID: "1.0"})
	start("active", "c3", true, 1)
	start("new", "c4", false, 100)
	ctx := t.Context()
	same(t, get[store.Pruned](t)(s.Prune(ctx, at(50), time.Time{})), store.Pruned{Keys: 122})
	same(t, get[store.Pruned](t)(s.Prune(ctx, at(50), at(50))), store.Pruned{Sessions: 120, Closures: 1})
	same(t, len(get[[]store.Session](t)(s.Sessions(ctx, store.Filter{}))), 3)
	same(t, len(get[[]store.History](t)(s.History(ctx, "old7"))), 0)
	_, _, err := s.CallLeg(ctx, "CAold7")
	wantErr(t, err, store.ErrNotFound)
	_, err = s.Closure(ctx, "c1")
	wantErr(t, err, store.ErrNotFound)
	for _, id := range []string{"c2", "c3", "c4"} {
		get[[]byte](t)(s.Closure(ctx, id))
	}
	start("again", "c1", true, 200) // the closure is stored once more
	same(t, string(get[[]byte](t)(s.Closure(ctx, "c1"))), "source")
}

func testInvalid(t *testing.T, s conforming) {
	for _, id := range []string{"", "1", "1.", ".1", "a.b", "1.2.3", "-1.0"} {
		c := first("s1")
		c.Effects = []store.Effect{{ID: id}}
		wantErr(t, s.Commit(t.Context(), c), store.ErrInvalid)
		wantErr(t, s.Commit(t.Context(), &store.Commit{Session: session("s1", 2), Done: []string{id}}), store.ErrInvalid)
		wantErr(t, s.Claim(t.Context(), "s1", id, 1, at(1), nil), store.ErrInvalid)
	}
	wantErr(t, s.Commit(t.Context(), &store.Commit{New: true}), store.ErrInvalid)
}

func testAbsent(t *testing.T, s conforming) {
	_, err := s.Session(t.Context(), "s1")
	wantErr(t, err, store.ErrNotFound)
	_, err = s.Key(t.Context(), "a", "b")
	wantErr(t, err, store.ErrNotFound)
	same(t, len(get[[]store.History](t)(s.History(t.Context(), "s1"))), 0)
}

func testContext(t *testing.T, s conforming) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantErr(t, s.Commit(ctx, first("s1")), context.Canceled)
	_, err := s.Session(t.Context(), "s1")
	wantErr(t, err, store.ErrNotFound)
}

// testRace: of many that want the same revision one wins, every time.
func testRace(t *testing.T, s conforming) {
	commit(t, s, first("s1"))
	for rev := int64(2); rev < 12; rev++ {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				c := &store.Commit{Session: session("s1", rev), Reply: i%2 == 0, History: []byte("[]")}
				c.Session.Mark = fmt.Sprint(i)
				errs[i] = s.Commit(t.Context(), c)
			})
		}
		wg.Wait()
		won := slices.IndexFunc(errs, func(err error) bool { return err == nil })
		for i, err := range errs {
			if i != won {
				wantErr(t, err, store.ErrConflict)
			}
		}
		same(t, get[store.Session](t)(s.Session(t.Context(), "s1")).Mark, fmt.Sprint(won))
	}
	same(t, len(get[[]store.History](t)(s.History(t.Context(), "s1"))), 10)
}

func testPrices(t *testing.T, s conforming) {
	c := first("s1")
	c.Prices = []store.Price{{Leg: 2, SID: "CA2", Ended: at(9), Answered: true}, {Leg: 1, SID: "CA1", Ended: at(7)}}
	commit(t, s, c)
	one, two := store.Price{Session: "s1", Leg: 1, SID: "CA1", Ended: at(7)}, store.Price{Session: "s1", Leg: 2, SID: "CA2", Ended: at(9), Answered: true}
	same(t, get[[]store.Price](t)(s.Prices(t.Context())), []store.Price{one, two})
	closed := session("s1", 2)
	closed.Active = false
	commit(t, s, &store.Commit{Session: closed, Prices: []store.Price{one}, Priced: []int{2, 5}})
	same(t, get[[]store.Price](t)(s.Prices(t.Context())), []store.Price{one})
	closed.Rev = 3
	wantErr(t, s.Commit(t.Context(), &store.Commit{Session: session("s1", 9), Priced: []int{1}}), store.ErrConflict)
	same(t, len(get[[]store.Price](t)(s.Prices(t.Context()))), 1)
	if _, err := s.Prune(t.Context(), at(0), at(100)); err != nil {
		t.Fatal(err)
	}
	same(t, len(get[[]store.Price](t)(s.Prices(t.Context()))), 0)
}
