//go:build unix

package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/store"
)

// BenchmarkCommit: callers, each with its own session, commit a body of 1 KB and
// a history of 300 bytes, with or without an effect that replaces another. One op is one commit; cpu-ns/op is what the whole
// process spent on it, disk sync in the kernel included.
func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{2, 8, 32} {
		for _, effects := range []int{0, 1} {
			name := fmt.Sprintf("callers=%d/effects=%d", callers, effects)
			b.Run(name, func(b *testing.B) { benchmarkCommit(b, callers, effects) })
		}
	}
}

func benchmarkCommit(b *testing.B, callers, effects int) {
	s, err := store.OpenSQLite(filepath.Join(b.TempDir(), "bench.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	body, history := make([]byte, 1024), make([]byte, 300)
	var next atomic.Int64
	var slowest atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
	before, start := cpu(), time.Now()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		id := fmt.Sprintf("session-%08d-%d", next.Add(1)*7919%100000, effects)
		c := store.Commit{
			Session: store.Session{ID: id, Rev: 1, Mark: "m", Flow: "menu", Closure: "c", Active: true, Started: time.Now(), Data: body},
			New:     true, Reply: true, History: history,
		}
		for pb.Next() {
			c.Session.Updated = time.Now()
			if effects > 0 {
				c.Effects = []store.Effect{{ID: fmt.Sprintf("%d.0", c.Session.Rev), Lane: "1", Kind: "HangupCall", Leg: 1, Data: history}}
				if c.Session.Rev > 1 {
					c.Done = []string{fmt.Sprintf("%d.0", c.Session.Rev-1)}
				}
			}
			t := time.Now()
			if err := s.Commit(context.Background(), &c); err != nil {
				b.Error(err)
				return
			}
			if d := int64(time.Since(t)); d > slowest.Load() {
				slowest.Store(d)
			}
			c.Session.Rev++
			c.New = false
		}
	})
	b.StopTimer()
	n := float64(b.N)
	b.ReportMetric(float64(cpu()-before)/n, "cpu-ns/op")
	b.ReportMetric(n/time.Since(start).Seconds(), "commits/s")
	b.ReportMetric(float64(slowest.Load())/1e6, "max-ms")
	st := s.Stats()
	b.ReportMetric(float64(st.Commits)/float64(st.Groups), "commits/group")
}

// cpu is the time this process has spent on the processor, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
