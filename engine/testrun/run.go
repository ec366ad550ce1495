// Package testrun plays the cases of test files: each in a world of its own, with the
// real server, a simulated Twilio and virtual time, many at once. It tells what of the
// expectations does not hold, with the call as a transcript, and what of the flows was
// never taken.
package testrun

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/testspec"
)

// Options say how cases are played.
type Options struct {
	// Match says which cases are played, by flow/name; nil: all.
	Match func(name string) bool
	// Faults is how many seeded schedules of faults each case is played under besides.
	Faults int
	// Parallel is how many cases are played at a time; 0: as many as there are processors.
	Parallel int
	// Done is told of each case that is over, one at a time; nil: nobody is.
	Done func(*Result)
}

// Result is what came of one case.
type Result struct {
	File     *testspec.File
	Case     *testspec.Case
	Failures []Failure
	Script   []string      // the call as a transcript, of a case that has failed
	Call     time.Duration // how long the case lasted in its own time
	Took     time.Duration // how long it took to play, with all faults
}

// Name is flow/name of the case.
func (r *Result) Name() string { return Name(r.File, r.Case) }

// Name is the name of a case among all: its flow and its own.
func Name(f *testspec.File, c *testspec.Case) string { return f.Flow.Name + "/" + c.Name }

// Failure is one thing that does not hold.
type Failure struct {
	Pos     diag.Pos // of the sentence or expectation
	Message string
	Detail  []string // further lines
	State   string   // where the flow was: leg, state and its place; "" where nowhere
	Fix     *Fix     // how the expectation would hold; nil where it cannot be rewritten
	Faults  string   // the schedule of faults under which it does not; "" without
}

// Run plays all cases and gives their results in the order of the files. ctx ends it: the
// cases that have not begun are left out.
func Run(ctx context.Context, folders []*Folder, o Options) ([]*Result, *Coverage) {
	cover := newCoverage()
	type task struct {
		folder *Folder
		result *Result
	}
	var tasks []task
	for _, folder := range folders {
		for _, f := range folder.Files {
			for _, c := range f.Cases {
				if o.Match == nil || o.Match(Name(f, c)) {
					tasks = append(tasks, task{folder, &Result{File: f, Case: c}})
				}
			}
		}
	}
	if o.Parallel <= 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	var (
		workers sync.WaitGroup
		telling sync.Mutex
		free    = make(chan struct{}, o.Parallel)
		results []*Result
	)
	for _, t := range tasks {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		results = append(results, t.result)
		workers.Go(func() {
			defer func() { <-free }()
			t.folder.play(t.result, &o, cover)
			if o.Done != nil {
				telling.Lock()
				defer telling.Unlock()
				o.Done(t.result)
			}
		})
	}
	workers.Wait()
	return results, cover
}

// play plays one case, then under faults if it holds without.
func (f *Folder) play(r *Result, o *Options, cover *Coverage) {
	began := time.Now()
	defer func() { r.Took = time.Since(began) }()
	plain := newPlay(f, r.File, r.Case, conditions{seed: 1}, func(places []diag.Pos) { cover.add(f.Path, places) })
	plain.run()
	r.Call, r.Failures, r.Script = plain.took, plain.failures, plain.script
	if len(r.Failures) > 0 || r.Case.Steady {
		return
	}
	for seed := range o.Faults {
		if r.Failures, r.Script = f.playFaulty(r, plain.record, uint64(seed+1)); len(r.Failures) > 0 {
			return
		}
	}
}

func failf(pos diag.Pos, format string, args ...any) Failure {
	return Failure{Pos: pos, Message: fmt.Sprintf(format, args...)}
}
