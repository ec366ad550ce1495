package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// scopes makes the scopes of a file's expressions, each once.
type scopes struct {
	draft *draft
	flow  *engine.Flow
	base  *expr.Scope
	leg   expr.Type
	made  map[string]*expr.Scope
}

// Why a root cannot be read in some places.
const (
	noEvent  = "event is known only in the target of an event in on or choices, and in valid; keep what you need with set"
	noLeg    = "there is no current leg here; write legs.NAME"
	noSecret = "secrets are read only in http steps and SIP passwords"
	noQueue  = "queue is known only in the music of enqueue, while the caller waits"
)

func newScopes(f *draft) *scopes {
	s := &scopes{draft: f, flow: f.flow, leg: legType(), made: map[string]*expr.Scope{}}
	legs := map[string]expr.Type{}
	for _, name := range f.flow.Legs {
		legs[name] = s.leg
	}
	s.base = expr.NewScope(map[string]expr.Type{
		"input":    expr.ObjectOf(inputTypes(f.flow.Inputs)),
		"vars":     expr.ObjectOf(varTypes(f)),
		"env":      expr.ObjectOf(texts(f.flow.Env)),
		"legs":     expr.ObjectOf(legs),
		"switches": expr.ObjectOf(switchTypes(f.flow.Switches)),
		"session": expr.ObjectOf(map[string]expr.Type{
			"id": expr.Of(expr.Text), "flow": expr.Of(expr.Text), "started": expr.Of(expr.Time),
		}),
	}).WithNames(expr.Names{States: f.flow.Order, Hours: calendarNames(f.flow.Hours)}).Without("event", noEvent).Without("leg", noLeg).
		Without("secrets", noSecret).Without("queue", noQueue)
	return s
}

// of returns the scope of a context.
func (s *scopes) of(c spec.Context) *expr.Scope {
	key := fmt.Sprint(c.Leg, c.Queue, c.Secret, c.Only, c.Events)
	if slices.Contains(c.Events, "returned") {
		key += c.State // what comes back depends on where it was
	}
	if sc := s.made[key]; sc != nil {
		return sc
	}
	sc := s.base
	if c.Events != nil {
		sc = sc.With("event", s.eventType(c))
	}
	if c.Leg {
		sc = sc.With("leg", s.leg)
	}
	if c.Queue {
		sc = sc.With("queue", expr.ObjectOf(map[string]expr.Type{
			"position": expr.Of(expr.Number), "size": expr.Of(expr.Number), "waited": expr.Of(expr.Duration), "average": expr.Of(expr.Duration),
		}))
	}
	if c.Secret {
		sc = sc.With("secrets", expr.ObjectOf(texts(s.flow.Secrets)))
	}
	if c.Only != nil {
		for _, root := range []string{"input", "vars", "legs", "session", "leg", "event", "env", "switches"} {
			if !slices.Contains(c.Only, root) {
				sc = sc.Without(root, "only "+strings.Join(c.Only, ", ")+" can be read here")
			}
		}
	}
	s.made[key] = sc
	return sc
}

func inputTypes(inputs []*engine.Input) map[string]expr.Type {
	m := make(map[string]expr.Type, len(inputs))
	for _, in := range inputs {
		m[in.Name] = in.Type.Type()
	}
	return m
}

func texts(names []engine.Name) map[string]expr.Type {
	m := make(map[string]expr.Type, len(names))
	for _, n := range names {
		m[n.Name] = expr.Of(expr.Text)
	}
	return m
}

// varTypes are the declared variables, and the answers and results that `save` keeps.
func varTypes(f *draft) map[string]expr.Type {
	m := make(map[string]expr.Type, len(f.flow.Vars)+len(f.flow.Saves))
	for _, name := range f.flow.Saves {
		m[name] = savedType()
		if outputs, runs := f.outputsOf(func(r spec.Run) bool { return r.Save == name }); runs {
			m[name] = expr.ObjectOf(inputTypes(outputs))
		}
	}
	for _, v := range f.flow.Vars {
		m[v.Name] = v.Type
	}
	return m
}

// savedType is what `save` of an http step keeps.
func savedType() expr.Type {
	return expr.ObjectOf(map[string]expr.Type{
		"ok": expr.Of(expr.Bool), "status": expr.Of(expr.Number), "body": expr.Of(expr.Any),
		"headers": expr.MapOf(expr.Of(expr.Any)), "error": expr.Of(expr.Text),
	})
}

// legType is what expressions see of a leg.
func legType() expr.Type {
	m := map[string]expr.Type{"live": expr.Of(expr.Bool), "duration": expr.Of(expr.Number), "params": expr.MapOf(expr.Of(expr.Any))}
	for _, name := range []string{
		"name", "sid", "from", "to", "direction", "status", "state", "language", "answered_by", "caller_name",
		"city", "region", "country", "zip", "forwarded_from", "return_url",
	} {
		m[name] = expr.Of(expr.Text)
	}
	return expr.ObjectOf(m)
}

// eventType is what expressions see of any of the events of a context, as written.
func (s *scopes) eventType(c spec.Context) expr.Type {
	m := map[string]expr.Type{"name": expr.Of(expr.Text), "time": expr.Of(expr.Time)}
	for _, written := range c.Events {
		for name, t := range s.eventFields(c.State, written) {
			m[name] = t
		}
	}
	return expr.ObjectOf(m)
}

func (s *scopes) eventFields(state, written string) map[string]expr.Type {
	prefix, name := engine.SplitEvent(written)
	if written == "returned" {
		if outputs, runs := s.draft.outputsOf(func(r spec.Run) bool { return r.State == state }); runs {
			return inputTypes(outputs)
		}
	}
	switch prefix {
	case "signal":
		m := map[string]expr.Type{"by": expr.Of(expr.Text), "data": expr.ObjectOf(nil)}
		if sig := s.flow.Signal(name); sig != nil {
			m["data"] = expr.ObjectOf(inputTypes(sig.Data))
		}
		return m
	case "timer":
		return nil
	case "", "meter", "message":
		name = written
	}
	event, _ := engine.FindEvent(name)
	return event.Fields
}
