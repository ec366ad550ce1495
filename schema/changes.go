package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
)

// Changes tells in words how two sets of flows differ: flows and states that are new or
// gone, and which keys of the others have changed. Comments and the order of keys are no
// change.
func Changes(before, after map[string]*engine.Closure) []string {
	var out []string
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		old, now := before[name], after[name]
		switch {
		case old == nil:
			out = append(out, name+" is new")
		case now == nil:
			out = append(out, name+" is gone")
		case old.ID != now.ID:
			out = append(out, changedFlow(name, old, now)...)
		}
	}
	return out
}

func changedFlow(name string, old, now *engine.Closure) []string {
	before, err := readSource(old.Source)
	after, err2 := readSource(now.Source)
	if err != nil || err2 != nil {
		return []string{name + " has changed"}
	}
	was, is := rootOf(before), rootOf(after)
	var out []string
	if keys := changedKeys(was, is, "states"); len(keys) > 0 {
		out = append(out, name+": "+strings.Join(keys, ", ")+" changed")
	}
	for _, c := range changedStates(was.Get("states"), is.Get("states")) {
		out = append(out, name+": state "+c)
	}
	switch {
	case len(out) > 0:
		return out
	case before.Files[0].Text != after.Files[0].Text:
		return []string{name + ": only comments or the layout changed"}
	}
	return []string{name + ": something that it uses has changed"}
}

func rootOf(s storedSource) *spec.Node {
	root, _ := Parse(s.Files[0].Name, []byte(s.Files[0].Text))
	return root
}

func changedStates(was, is *spec.Node) []string {
	var out []string
	for _, e := range entries(is) {
		old := was.Get(e.Key.Text)
		if old == nil {
			out = append(out, e.Key.Text+" is new")
		} else if keys := changedKeys(old, e.Value); len(keys) > 0 {
			out = append(out, e.Key.Text+": "+strings.Join(keys, ", ")+" changed")
		}
	}
	for _, e := range entries(was) {
		if is.Get(e.Key.Text) == nil {
			out = append(out, e.Key.Text+" is gone")
		}
	}
	return out
}

func entries(n *spec.Node) []spec.Entry {
	if n == nil {
		return nil
	}
	return n.Entries
}

// changedKeys are the keys of a mapping that have another value, but for those left out.
func changedKeys(was, is *spec.Node, without ...string) []string {
	var keys []string
	note := func(key string) {
		if !slices.Contains(keys, key) && !slices.Contains(without, key) && !equalNodes(was.Get(key), is.Get(key)) {
			keys = append(keys, key)
		}
	}
	for _, e := range entries(is) {
		note(e.Key.Text)
	}
	for _, e := range entries(was) {
		note(e.Key.Text)
	}
	return keys
}

// equalNodes compares what two nodes say, not where.
func equalNodes(a, b *spec.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Entries) != len(b.Entries) || !slices.EqualFunc(a.Items, b.Items, equalNodes) {
		return false
	}
	for _, e := range a.Entries {
		if !equalNodes(e.Value, b.Get(e.Key.Text)) {
			return false
		}
	}
	return true
}
