package schema

import (
	"crypto/sha256"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/verbs"
)

// Set is what a folder of flows compiles to. It is immutable.
type Set struct {
	Closures map[string]*engine.Closure // by id of the flow
	Numbers  map[string]*engine.Closure // by phone number in E.164 whose inbound calls run it
}

// EnvMode says what a name under `env` or `secrets` that has no value is.
type EnvMode int

// The modes. EnvIgnored is for checking files far from where they will run.
const (
	EnvIgnored EnvMode = iota
	EnvWarned
	EnvRequired
)

// Options say how flows are loaded.
type Options struct {
	// Env looks an environment variable up; nil knows none.
	Env func(name string) (value string, ok bool)
	// MissingEnv says what a variable without a value is (code missing-env).
	MissingEnv EnvMode
}

// Load compiles a set of files, as names with their bytes, with a Loader that is used
// once. Missing variables are errors; with a nil env they are ignored. The set is nil
// when the list holds an error.
func Load(files map[string][]byte, env func(string) (string, bool)) (*Set, diag.List) {
	o := Options{Env: env, MissingEnv: EnvRequired}
	if env == nil {
		o.MissingEnv = EnvIgnored
	}
	return NewLoader(o).Load(files)
}

// Loader compiles sets of files and keeps what it compiled: a file whose bytes have not
// changed is not compiled again. It is safe for concurrent use.
type Loader struct {
	lang *language
	o    Options

	mu      sync.Mutex
	units   map[string]cached
	sources sources
}

type cached struct {
	sum     [sha256.Size]byte
	unit    *unit
	closure *engine.Closure
}

// NewLoader returns a loader of the whole language.
func NewLoader(o Options) *Loader {
	if o.Env == nil {
		o.Env = func(string) (string, bool) { return "", false }
	}
	return &Loader{lang: newLanguage(verbs.All(), steps.All()), o: o, units: map[string]cached{}}
}

// With returns a loader with other options that has compiled what this one has.
func (l *Loader) With(o Options) *Loader {
	l.mu.Lock()
	defer l.mu.Unlock()
	other := NewLoader(o)
	other.lang = l.lang
	for name, c := range l.units {
		c.closure = nil // it holds the environment of this one
		other.units[name] = c
	}
	return other
}

// IsFlowFile reports whether a file of that name is a flow: *.yaml or *.yml, but not
// the *.test.yaml beside one, and not the file that flows share.
func IsFlowFile(name string) bool {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	stem, ok := strings.CutSuffix(base, ".yaml")
	if !ok {
		stem, ok = strings.CutSuffix(base, ".yml")
	}
	return ok && stem != "" && !strings.HasPrefix(base, ".") && !strings.HasSuffix(stem, ".test") && stem != sharedStem
}

// Load compiles the flow files among files, with the files that they share; others are passed over. All problems of all
// files are told, sorted. The set is nil when the list holds an error.
func (l *Loader) Load(files map[string][]byte) (*Set, diag.List) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(n string) bool { return !IsFlowFile(n) })
	l.mu.Lock()
	defer l.mu.Unlock()
	from := l.lang.readSources(files, l.sources)
	units := l.compile(names, files, from)
	diags := from.problems(files, names, units)
	for _, n := range names {
		diags = append(diags, units[n].unit.diags...)
	}
	checkSet(names, units, &diags)
	byFlow := map[string]*unit{}
	for _, n := range names {
		if u := units[n].unit; u.flow != nil && byFlow[u.flow.Name] == nil {
			byFlow[u.flow.Name] = u
		}
	}
	set := &Set{Closures: map[string]*engine.Closure{}, Numbers: map[string]*engine.Closure{}}
	for _, n := range names {
		c := units[n]
		if c.unit.flow == nil {
			continue
		}
		c.closure = l.closure(c, byFlow, &diags)
		units[n] = c
		set.add(c, &diags)
	}
	l.units, l.sources = units, from
	diags = diags.Sorted()
	if diags.HasErrors() {
		return nil, diags
	}
	return set, diags
}

// compile compiles what has changed: files, those whose shared file is another one now,
// and files that run a flow whose inputs or outputs are.
func (l *Loader) compile(names []string, files map[string][]byte, from sources) map[string]cached {
	out := make([]cached, len(names))
	onAll(len(names), func(i int) {
		n := names[i]
		sum := sha256.Sum256(files[n])
		if have, ok := l.units[n]; ok && have.sum == sum && have.unit.shared == from.of(n) {
			out[i] = have
			return
		}
		out[i] = cached{sum: sum, unit: l.lang.read(n, files[n], from.of(n))}
	})
	units := make(map[string]cached, len(names))
	for i, n := range names {
		units[n] = out[i]
	}
	flows := signatures(names, func(n string) *unit { return units[n].unit })
	onAll(len(names), func(i int) {
		switch u := out[i].unit; {
		case u.draft != nil:
			u.compile(flows, true)
		case u.sig != nil && u.relied != u.relies(flows):
			out[i].unit = l.lang.read(names[i], files[names[i]], u.shared).compile(flows, true)
		}
	})
	for i, n := range names {
		units[n] = out[i]
	}
	return units
}

// onAll does n things on all processors.
func onAll(n int, do func(int)) {
	var workers sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range n {
		free <- struct{}{}
		workers.Go(func() {
			do(i)
			<-free
		})
	}
	workers.Wait()
}

// closure gives the flow with those that it runs and the environment of this node. The
// one of the last load is given again where nothing has changed.
func (l *Loader) closure(c cached, byFlow map[string]*unit, diags *diag.List) *engine.Closure {
	env := make(map[string]string)
	subs := c.unit.subs(byFlow)
	for _, s := range subs { // what is missing there is told of the flow itself
		for _, n := range slices.Concat(s.flow.Env, s.flow.Secrets) {
			if v, ok := l.o.Env(n.Name); ok {
				env[n.Name] = v
			}
		}
	}
	for _, n := range slices.Concat(c.unit.flow.Env, c.unit.flow.Secrets) {
		v, ok := l.o.Env(n.Name)
		if ok {
			env[n.Name] = v
			continue
		}
		hint := "set it, or remove it from the flow"
		switch l.o.MissingEnv {
		case EnvWarned:
			diags.Warnf(n.Pos, "missing-env", "the environment variable %s has no value", n.Name).WithHint("%s", hint)
		case EnvRequired:
			diags.Errorf(n.Pos, "missing-env", "the environment variable %s has no value", n.Name).WithHint("%s", hint)
		}
	}
	id := closureID(c.unit, subs)
	if c.closure != nil && c.closure.ID == id && maps.Equal(c.closure.Env, env) {
		return c.closure
	}
	made := &engine.Closure{ID: id, Flow: c.unit.flow, Source: encodeSource(c.unit, subs), Env: env}
	if len(subs) > 0 {
		made.Subs = make(map[string]*engine.Flow, len(subs))
	}
	for _, s := range subs {
		made.Subs[s.flow.Name] = s.flow
	}
	return made
}

// add takes a flow into the set; its id and its numbers must be free.
func (s *Set) add(c cached, diags *diag.List) {
	flow := c.unit.flow
	if other := s.Closures[flow.Name]; other != nil {
		diags.Errorf(flow.Pos, "duplicate-flow", "another flow is called %s too: %s", flow.Name, other.Flow.Pos).WithHint("give one of them another id")
		return
	}
	s.Closures[flow.Name] = c.closure
	for i, t := range flow.Answers {
		number, ok := c.closure.FromEnv(t)
		pos := c.unit.answers[i]
		switch other := s.Numbers[number]; {
		case !ok:
		case !expr.IsPhone(number):
			diags.Errorf(pos, "answers", "%q is no phone number", number).WithHint("numbers are written like +15551234567")
		case other != nil && other.Flow == flow:
			diags.Errorf(pos, "duplicate-number", "%s stands here twice", number).WithHint("remove one")
		case other != nil:
			diags.Errorf(pos, "duplicate-number", "%s is answered by the flow %s too: %s", number, other.Flow.Name, other.Flow.Pos).
				WithHint("a number runs one flow; remove it from one of them")
		default:
			s.Numbers[number] = c.closure
		}
	}
}
