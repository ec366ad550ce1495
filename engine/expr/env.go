package expr

import (
	"errors"
	"fmt"
	"time"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/ringdown/ringdown/engine/diag"
)

const (
	// maxMemory is how many list elements one evaluation may make.
	maxMemory = 100_000
	// maxWork is the budget of one evaluation: a byte of text built costs 1, a
	// list element made 8, a round of a loop 64.
	maxWork   = 1 << 20
	roundCost = 64
	madeCost  = 8
)

// Env is what expressions read while a flow runs. Values are nil, bool, int,
// float64, string, time.Duration, time.Time, []any and map[string]any. An Env
// serves one goroutine; it keeps the roots that were asked for, so call Forget
// after changing one.
type Env struct {
	// Roots holds values that are at hand; Root is asked once for any other root
	// that an expression reads. Both may be nil.
	Roots map[string]any
	Root  func(root string) any
	// Now is the time of the event: what now() gives.
	Now time.Time
	// Zone is used by format() without a zone; nil means UTC.
	Zone *time.Location
	// Visits counts the entries of the current leg into a state; Open and NextOpen
	// answer for a calendar. A nil function makes its use a run-time error. They
	// must not evaluate anything in this Env themselves; Root may.
	Visits   func(state string) int
	Open     func(hours string) bool
	NextOpen func(hours string) time.Time

	values  map[string]any
	machine vm.VM
	work    int
}

// Forget drops the kept value of a root, so that Root is asked again.
func (e *Env) Forget(root string) { delete(e.values, root) }

// value returns the value of a root.
func (e *Env) value(root string) any {
	if v, ok := e.Roots[root]; ok {
		return v
	}
	v, ok := e.values[root]
	if !ok && e.Root != nil {
		v = e.Root(root)
		e.keep(root, v)
	}
	return v
}

func (e *Env) keep(name string, v any) {
	if e.values == nil {
		e.values = map[string]any{contextName: e}
	}
	e.values[name] = v
}

// spend takes n from the budget of the running evaluation.
func (e *Env) spend(n int) error {
	e.work += n
	if e.work > maxWork || n < 0 {
		return errBudget
	}
	return nil
}

var errBudget = errors.New("the expression takes too much time or memory; make its texts, lists or loops smaller")

// RunError is a failed evaluation: an unusable value, an index out of range, a
// spent budget.
type RunError struct {
	Pos diag.Pos
	Src string // the expression
	Msg string
}

// Error gives place, expression and cause on one line.
func (e *RunError) Error() string {
	return fmt.Sprintf("%s: in %s: %s", e.Pos, shorten(e.Src), e.Msg)
}

// run evaluates p in e.
func (p *program) run(e *Env) (any, error) {
	if e == nil {
		e = &Env{}
	}
	if p.path != nil {
		return p.follow(e)
	}
	if e.values == nil {
		e.keep(contextName, e)
	}
	for _, root := range p.roots {
		if v, ok := e.Roots[root]; ok {
			e.values[root] = v
		} else if _, ok := e.values[root]; !ok {
			e.keep(root, e.value(root))
		}
	}
	e.work = 0
	e.machine.MemoryBudget = maxMemory
	v, err := e.machine.Run(p.code, e.values)
	if err != nil {
		return nil, p.runError(err)
	}
	if v, err = normal(v); err != nil {
		return nil, p.fail(0, err.Error())
	}
	return v, nil
}

// follow evaluates a plain chain of names without the machine.
func (p *program) follow(e *Env) (any, error) {
	v := e.value(p.roots[0])
	for _, st := range p.path {
		var err error
		if v, err = field(v, st.name, st.kind); err != nil {
			return nil, p.fail(st.at, err.Error())
		}
	}
	return v, nil
}

func (p *program) fail(at int, msg string) error {
	return &RunError{Pos: p.place(at), Src: p.src, Msg: msg}
}

func (p *program) runError(err error) error {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return p.fail(0, plainRun(err.Error()))
	}
	if fe.Prev != nil && errors.Is(fe.Prev, errBudget) {
		return p.fail(fe.From, errBudget.Error())
	}
	return p.fail(fe.From, plainRun(fe.Message))
}

// normal brings the result of the library into the closed set of values.
func normal(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int, float64, string, time.Duration, time.Time, []any, map[string]any:
		return v, nil
	case []string:
		return anyList(v), nil
	case []int:
		return anyList(v), nil
	case []float64:
		return anyList(v), nil
	case int64:
		return int(v), nil
	case uint8:
		return int(v), nil
	case int32:
		return int(v), nil
	}
	return nil, errors.New("the result is a value that a flow cannot keep; use text, numbers, booleans, times, lists or objects")
}

func anyList[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}
