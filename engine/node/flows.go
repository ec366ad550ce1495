package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/library"
	"github.com/ringdown/ringdown/engine/runtime"
	"github.com/ringdown/ringdown/engine/server"
	"github.com/ringdown/ringdown/schema"
)

// snapshot is one consistent set of flows.
type snapshot struct {
	set    *schema.Set
	loaded map[string]time.Time // by flow: when this version came into force
	diags  diag.List            // warnings
}

// Flow implements runtime.Snapshot.
func (s *snapshot) Flow(id string) *engine.Closure { return s.set.Closures[id] }

// Number implements runtime.Snapshot.
func (s *snapshot) Number(phone string) *engine.Closure { return s.set.Numbers[phone] }

// flows is the folder of flows, for the runtime and the server.
type flows struct {
	lib *library.Library[*snapshot]
}

// Snapshot implements runtime.Flows.
func (f *flows) Snapshot() runtime.Snapshot { return f.lib.Current() }

// list gives the flows in force, by id.
func (f *flows) list() []server.LoadedFlow {
	s := f.lib.Current()
	numbers := map[string][]string{}
	for _, number := range slices.Sorted(maps.Keys(s.set.Numbers)) {
		id := s.set.Numbers[number].Flow.Name
		numbers[id] = append(numbers[id], number)
	}
	list := make([]server.LoadedFlow, 0, len(s.set.Closures))
	for _, id := range slices.Sorted(maps.Keys(s.set.Closures)) {
		list = append(list, server.LoadedFlow{Closure: s.set.Closures[id], Numbers: numbers[id], Loaded: s.loaded[id]})
	}
	return list
}

// DiagnosticsError carries everything that is wrong with the flow files.
type DiagnosticsError struct{ List diag.List }

// Error gives the number of problems and the first one.
func (e *DiagnosticsError) Error() string {
	for _, d := range e.List {
		if d.Severity == diag.Error {
			return fmt.Sprintf("the flows have errors (%d problems), the first: %s", len(e.List), d.Error())
		}
	}
	return "the flows have errors"
}

// openFlows loads the folder and keeps an eye on it.
func openFlows(ctx context.Context, cfg *Config, tell func(Report)) (*flows, error) {
	options := schema.Options{Env: cfg.Env, MissingEnv: schema.EnvWarned}
	loader := schema.NewLoader(options)
	if cfg.Loader != nil {
		loader = cfg.Loader.With(options)
	}
	lib, err := library.Open(ctx, cfg.Flows, library.Options[*snapshot]{
		Compile: func(in library.Input[*snapshot]) (*snapshot, error) { return compile(loader, cfg, in) },
		OnChange: func(c library.Change[*snapshot]) {
			tell(report(c))
		},
		Poll: cfg.Poll, Debounce: cfg.Debounce, Log: cfg.Log,
	})
	if err != nil {
		return nil, err
	}
	s := lib.Current()
	tell(Report{First: true, Flows: len(s.set.Closures), Diagnostics: s.diags})
	return &flows{lib: lib}, nil
}

func compile(loader *schema.Loader, cfg *Config, in library.Input[*snapshot]) (*snapshot, error) {
	set, diags := loader.Load(in.Files)
	if set == nil {
		return nil, &DiagnosticsError{List: diags}
	}
	next := &snapshot{set: set, loaded: make(map[string]time.Time, len(set.Closures)), diags: diags}
	now := cfg.Clock.Now().UTC()
	for id, c := range set.Closures {
		next.loaded[id] = now
		if in.First {
			continue
		}
		if old := in.Prev.Flow(id); old != nil && old.ID == c.ID {
			next.loaded[id] = in.Prev.loaded[id]
		}
	}
	return next, nil
}

func report(c library.Change[*snapshot]) Report {
	r := Report{Added: c.Added, Changed: c.Changed, Removed: c.Removed, Err: c.Err, Flows: len(c.New.set.Closures)}
	var wrong *DiagnosticsError
	switch {
	case errors.As(c.Err, &wrong):
		r.Diagnostics = wrong.List
	case c.Err == nil:
		r.Diagnostics, r.Changes = c.New.diags, schema.Changes(c.Old.set.Closures, c.New.set.Closures)
	}
	return r
}
