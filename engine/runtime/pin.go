package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ringdown/ringdown/engine"
)

// maxClosures is how many closures of older versions are kept compiled.
const maxClosures = 512

// closureCache keeps compiled closures that are not in the snapshot any more. When it
// is full it starts anew: compiling again is cheap and rare.
type closureCache struct {
	mu    sync.Mutex
	limit int
	byID  map[string]*engine.Closure
}

func (k *closureCache) get(id string) *engine.Closure {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byID[id]
}

func (k *closureCache) put(c *engine.Closure) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byID == nil || len(k.byID) >= k.limit {
		k.byID = map[string]*engine.Closure{}
	}
	k.byID[c.ID] = c
}

// pinError: the closure that a session is pinned to cannot be had. It hides its cause
// from errors.Is: a closure that is not found is no session that is not found.
type pinError struct {
	id  string
	err error
}

func (e *pinError) Error() string { return fmt.Sprintf("closure %s: %v", e.id, e.err) }

// closure gives the closure that a session of that flow is pinned to: the loaded flow
// if it is still the same, else what the store kept.
func (r *Runtime) closure(ctx context.Context, flow, id string) (*engine.Closure, error) {
	if c := r.cfg.Flows.Snapshot().Flow(flow); c != nil && c.ID == id {
		return c, nil
	}
	if c := r.closures.get(id); c != nil {
		return c, nil
	}
	c, err := r.recompile(ctx, id)
	if err != nil {
		r.unloadable.Store(id, err.Error())
		return nil, &pinError{id: id, err: err}
	}
	r.unloadable.Delete(id)
	r.closures.put(c)
	return c, nil
}

func (r *Runtime) recompile(ctx context.Context, id string) (*engine.Closure, error) {
	source, err := r.store.Closure(ctx, id)
	if err != nil {
		return nil, err
	}
	if r.cfg.Compile == nil {
		return nil, errors.New("nothing can compile it")
	}
	c, err := r.cfg.Compile(source)
	if err != nil {
		return nil, err
	}
	if c.ID != id {
		return nil, fmt.Errorf("its source compiles to %s", c.ID)
	}
	return c, nil
}

// Secret gives the value of a secret that the flow of a session declares. False: it
// declares no such secret, or this process does not have it.
func (r *Runtime) Secret(session, name string) (string, bool) {
	ctx, end := r.budget(context.Background(), commitBudget)
	defer end()
	s, err := r.Load(ctx, session)
	if err != nil {
		return "", false
	}
	c, err := r.closure(ctx, s.Flow, s.Closure)
	if err != nil {
		return "", false
	}
	return c.Secret(name)
}
