package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// outputObject declares one value that a flow returns.
var outputObject = &spec.Object[engine.Input]{
	Name: "an output",
	Fields: []spec.Field[engine.Input]{
		spec.Enum("type", "its type", outputTypes, func(v *engine.Input) *string { return (*string)(&v.Type) }).Must(),
		literalText("label", "for people", func(v *engine.Input) *string { return &v.Label }),
	},
}

var outputTypes = slices.DeleteFunc(slices.Clone(engine.InputTypes), func(t string) bool {
	return t == string(engine.InputChoice)
})

// decodeOutput reads what the flow returns to one that runs it.
func decodeOutput(d *spec.Decoder, n *spec.Node, f *draft) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "this is a mapping of names to outputs, not %s", n.Kind).WithHint("write name: {type: text}")
		return
	}
	for _, e := range n.Entries {
		out := &engine.Input{Pos: e.Key.Pos, Optional: true}
		name, ok := d.Identifier(e.Key, "an output")
		if name == "name" || name == "time" {
			d.Diags.Errorf(e.Key.Pos, "reserved-name", "an output cannot be called %s: every event has a field of that name", name).WithHint("choose another name")
			ok = false
		}
		d.In(e.Key.Text, nil, func() { outputObject.Decode(d, e.Value, out) })
		if ok && out.Type != "" {
			out.Name = name
			f.flow.Outputs = append(f.flow.Outputs, out)
		}
	}
	d.Outputs = f.flow.Outputs
}

// alone is a part of a flow that no flow can have that another one runs.
type alone struct {
	pos  diag.Pos
	what string
}

// standsAlone lists what keeps the flow from being run by another one, which has one leg
// and lends it: the session, its people and its other legs are not its business.
func (f *draft) standsAlone() []alone {
	var parts []alone
	if f.root.Get("answer") == nil {
		parts = append(parts, alone{f.flow.Pos, "it has no answer, so nothing says where the leg begins"})
	}
	for _, e := range f.root.Entries {
		if slices.Contains([]string{"start", "on", "signals"}, e.Key.Text) {
			parts = append(parts, alone{e.Key.Pos, "it has " + e.Key.Text})
		}
	}
	for _, name := range f.flow.Order {
		if s := f.states[name]; s.verb != nil && (s.verb.Name == "conference" || s.verb.First) {
			parts = append(parts, alone{s.pos(s.verb.Name), "it has the verb " + s.verb.Name})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.flow.Lists)) {
		for _, s := range f.flow.Lists[id].Steps {
			if s.Name == "call" || s.Name == "move" {
				parts = append(parts, alone{s.Pos, "it has the step " + s.Name})
			}
		}
	}
	for _, s := range f.dec.Screenings {
		parts = append(parts, alone{s.Use.Pos, "it screens a called party"})
	}
	return parts
}

// madeToBeRun says by what the flow shows that another one runs it; "" when it does not.
func (f *draft) madeToBeRun() string {
	switch {
	case f.root.Get("output") != nil:
		return "output"
	case len(f.dec.Returns) > 0:
		return "return"
	}
	return ""
}

// checkReturns checks that a flow that returns can be run by another one.
func (f *draft) checkReturns() {
	why := f.madeToBeRun()
	if why == "" {
		return
	}
	for _, p := range f.standsAlone() {
		f.dec.Diags.Errorf(p.pos, "sub-flow", "this flow is made to be run by another one, as it has %s, but %s", why, p.what).
			WithHint("a flow that another one runs has answer, one leg, and no start, on, signals, call, move, screen or conference")
	}
}

// checkRuns checks the inputs that other flows are given.
func (f *draft) checkRuns() {
	for _, r := range f.dec.Runs {
		sig := f.dec.Flows[r.Flow]
		if sig == nil {
			continue // told for the whole folder
		}
		names := make([]string, 0, len(sig.Inputs))
		for _, in := range sig.Inputs {
			names = append(names, in.Name)
			if in.Default == nil && !in.Optional && !slices.ContainsFunc(r.Inputs, func(u spec.Use) bool { return u.Name == in.Name }) {
				f.dec.Diags.Errorf(r.Pos, "missing-input", "the flow %s needs the input %s", r.Flow, in.Name).WithHint("write input: {%s: ...}", in.Name)
			}
		}
		for _, u := range r.Inputs {
			if !slices.Contains(names, u.Name) {
				hint := diag.DidYouMean(u.Name, names)
				if len(names) == 0 {
					hint = "it takes no input"
				}
				f.dec.Diags.Errorf(u.Pos, "unknown-input", "the flow %s has no input %q", r.Flow, u.Name).WithHint("%s", hint)
			}
		}
		f.checkRunSave(r)
	}
}

// checkRunSave reports a name that would keep values of two kinds.
func (f *draft) checkRunSave(r spec.Run) {
	if r.Save == "" {
		return
	}
	saves := 0
	for _, u := range f.dec.Defined {
		if u.Kind == spec.SaveName && u.Name == r.Save {
			saves++
		}
	}
	for _, other := range f.dec.Runs {
		if other.Save == r.Save && other.Flow == r.Flow {
			saves--
		}
	}
	if saves > 0 {
		f.dec.Diags.Errorf(r.Pos, "name-clash", "what %s returns is saved as %s, and something else is too", r.Flow, r.Save).WithHint("save it under another name")
	}
}

// outputsOf gives what the flows that states run return: of the one that a state runs, or
// of the one whose values are saved under a name.
func (f *draft) outputsOf(is func(spec.Run) bool) ([]*engine.Input, bool) {
	i := slices.IndexFunc(f.dec.Runs, is)
	if i < 0 {
		return nil, false
	}
	if sig := f.dec.Flows[f.dec.Runs[i].Flow]; sig != nil {
		return sig.Outputs, true
	}
	return nil, true
}

// checkSet checks what only the whole folder tells: that every flow that is run is there,
// can be run, and does not run itself in the end.
func checkSet(names []string, units map[string]cached, diags *diag.List) {
	byFlow := map[string]*unit{}
	for _, n := range names {
		if u := units[n].unit; u.sig != nil && byFlow[u.sig.Name] == nil {
			byFlow[u.sig.Name] = u
		}
	}
	known := slices.Sorted(maps.Keys(byFlow))
	for _, n := range names {
		u := units[n].unit
		if u.sig == nil {
			continue
		}
		for _, r := range u.runs {
			target := byFlow[r.Flow]
			switch {
			case target == nil:
				diags.Errorf(r.Pos, "unknown-flow", "there is no flow %q", r.Flow).WithHint("%s", diag.DidYouMean(r.Flow, known))
			case reaches(byFlow, r.Flow, u.sig.Name, map[string]bool{}):
				diags.Errorf(r.Pos, "run-cycle", "the flow %s runs itself in the end, by way of %s", u.sig.Name, r.Flow).WithHint("go to a state instead")
			case len(target.alone) > 0:
				diags.Errorf(r.Pos, "sub-flow", "the flow %s cannot be run by another one: %s (%s)", r.Flow, target.alone[0].what, target.alone[0].pos).
					WithHint("a flow that another one runs has answer, one leg, and no start, on, signals, call, move, screen or conference")
			}
		}
	}
}

// reaches reports whether a flow runs another one, or one that runs it.
func reaches(byFlow map[string]*unit, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	u := byFlow[from]
	if u == nil || seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(u.runs, func(r spec.Run) bool { return reaches(byFlow, r.Flow, to, seen) })
}

// signatures are those of all flows, by id.
func signatures(names []string, unitOf func(string) *unit) map[string]*spec.Signature {
	out := map[string]*spec.Signature{}
	for _, n := range names {
		if sig := unitOf(n).sig; sig != nil && out[sig.Name] == nil {
			out[sig.Name] = sig
		}
	}
	return out
}

// relies is what a file was compiled with beside its own text: what it knows of the
// flows that it runs.
func (u *unit) relies(flows map[string]*spec.Signature) string {
	var b strings.Builder
	for _, r := range u.runs {
		text, err := json.Marshal(flows[r.Flow])
		if err != nil { // a struct of texts always encodes
			text = []byte(err.Error())
		}
		fmt.Fprintf(&b, "%s %s\n", r.Flow, text)
	}
	return b.String()
}

// subs are the units of all flows that u runs, and that these run, sorted by id. One that
// is missing, or has errors, is left out.
func (u *unit) subs(byFlow map[string]*unit) []*unit {
	found := map[string]*unit{}
	var walk func(*unit)
	walk = func(at *unit) {
		for _, r := range at.runs {
			if next := byFlow[r.Flow]; next != nil && next != u && next.flow != nil && found[r.Flow] == nil {
				found[r.Flow] = next
				walk(next)
			}
		}
	}
	walk(u)
	out := make([]*unit, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[name])
	}
	return out
}
