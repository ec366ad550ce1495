package schema

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// misread are the codes of what could not be understood: what stands there is not known.
var misread = []string{"unknown-key", "unknown-state", "unknown-event", "type", "enum", "bad-name", "null-value", "duplicate-key", "reserved-name"}

// withoutFollowUps leaves out what only follows from another error of the file, so that
// the cause stands alone: it is told again should it still be so afterwards.
func (f *draft) withoutFollowUps(list diag.List) diag.List {
	said := func(code string) bool {
		return slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Code == code })
	}
	vars := f.hurt(list, "vars") || said("unknown-flow") || slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
		return d.Code == "bad-name" && strings.Contains(d.Message, string(spec.SaveName))
	})
	input := f.hurt(list, "input")
	events := said("unknown-event") || said("unknown-flow")
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		switch d.Code {
		case "no-beginning":
			return slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Code == "unknown-key" && d.Pos.Column == 1 })
		case "missing-next":
			return f.hurtState(list, d.Pos.Line)
		case "misplaced-accept":
			return said("unknown-state")
		case "screening":
			return said("unknown-state") && strings.HasPrefix(d.Message, "nobody is ever let in")
		case "unknown-var":
			return vars
		case "expr-unknown-name":
			name := strings.TrimPrefix(d.Message, "unknown name ")
			return vars && strings.HasPrefix(name, "vars.") || input && strings.HasPrefix(name, "input.") || events && strings.HasPrefix(name, "event.")
		}
		return false
	})
}

// hurt reports whether something under a key of the file was misread.
func (f *draft) hurt(list diag.List, key string) bool {
	for i, e := range f.root.Entries {
		if e.Key.Text != key {
			continue
		}
		return slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
			return slices.Contains(misread, d.Code) && d.Pos.Line >= e.Key.Pos.Line && (i+1 == len(f.root.Entries) || d.Pos.Line < f.root.Entries[i+1].Key.Pos.Line)
		})
	}
	return false
}

// hurtState reports whether something was misread in the state whose name stands in a line.
func (f *draft) hurtState(list diag.List, line int) bool {
	states := f.root.Get("states")
	if states == nil {
		return false
	}
	for i, e := range states.Entries {
		if e.Key.Pos.Line != line {
			continue
		}
		return slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
			return slices.Contains(misread, d.Code) && d.Pos.Line >= line && (i+1 == len(states.Entries) || d.Pos.Line < states.Entries[i+1].Key.Pos.Line)
		})
	}
	return false
}
