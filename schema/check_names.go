package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// maxUnknown is how many unknown names of a file are told: each is compared with all
// known ones to find the nearest.
const maxUnknown = 200

// checkNames finds names that nobody defines, and names that mean two things.
func (f *draft) checkNames() {
	d := &f.dec.Diags
	before := len(*d)
	for _, u := range f.dec.Referred {
		if len(*d)-before >= maxUnknown {
			break
		}
		switch u.Kind {
		case spec.DefaultName:
			f.checkDefault(u)
		case spec.VarName:
			f.checkAssigned(u)
		default:
			if !f.declared(u.Kind, u.Name) {
				known := f.dec.Names(u.Kind)
				hint := diag.DidYouMean(u.Name, known)
				if u.Kind == spec.StateName {
					if target := diag.Nearest(u.Name, spec.ReservedTargets); target != "" && diag.Nearest(u.Name, known) == "" {
						hint = "did you mean " + target + "?"
					}
				}
				switch {
				case len(known) > 0:
				case u.Kind == spec.LanguageName:
					hint = fmt.Sprintf("declare it: languages: {%s: {language: en-US}}", u.Name)
				default:
					hint = fmt.Sprintf("the flow makes no %s", u.Kind)
				}
				d.Errorf(u.Pos, "unknown-"+string(u.Kind), "there is no %s %q", u.Kind, u.Name).WithHint("%s", hint)
			}
		}
	}
	for _, u := range f.dec.Defined {
		switch {
		case u.Kind == spec.RoomName && f.declared(spec.LegName, u.Name):
			d.Errorf(u.Pos, "name-clash", "%s is the name of a leg and of a room", u.Name).WithHint("call one of them otherwise")
		case u.Kind == spec.SaveName && f.flow.Var(u.Name) != nil:
			d.Errorf(u.Pos, "name-clash", "%s is a declared variable, so an answer cannot be saved as it", u.Name).WithHint("save it under another name; it need not be declared")
		}
	}
}

// checkDefault reports a step without a value that `defaults` does not give either.
func (f *draft) checkDefault(u spec.Use) {
	have := f.root.Get("defaults")
	if have.Get("from") != nil || u.Name == "sms_from" && have.Get("sms_from") != nil {
		return
	}
	f.dec.Diags.Errorf(u.Pos, "missing-default", "this step needs from, or defaults.%s", u.Name).
		WithHint(`write defaults: {from: "${env.CALLER_ID}"}`)
}

func (f *draft) checkAssigned(u spec.Use) {
	if f.flow.Var(u.Name) != nil {
		return
	}
	names := make([]string, 0, len(f.flow.Vars))
	for _, v := range f.flow.Vars {
		names = append(names, v.Name)
	}
	hint := diag.DidYouMean(u.Name, names)
	if f.declared(spec.SaveName, u.Name) {
		hint = "it is an answer that save keeps; those are not assigned"
	} else if diag.Nearest(u.Name, names) == "" {
		hint = fmt.Sprintf("declare it with its first value: vars: {%s: ...}", u.Name)
	}
	f.dec.Diags.Errorf(u.Pos, "unknown-var", "there is no variable %q", u.Name).WithHint("%s", hint)
}

// checkUnused warns about what is declared and never used.
func (f *draft) checkUnused() {
	read := f.reads()
	unused := func(root, what, name string, pos diag.Pos) {
		if !read[root] && !read[root+"."+name] && !f.isShared(pos) {
			f.dec.Diags.Warnf(pos, "unused", "the %s %s is never read", what, name).WithHint("remove it")
		}
	}
	for _, in := range f.flow.Inputs {
		unused("input", "input", in.Name, in.Pos)
	}
	for _, v := range f.flow.Vars {
		unused("vars", "variable", v.Name, v.Pos)
	}
	for _, n := range f.flow.Env {
		unused("env", "environment variable", n.Name, n.Pos)
	}
	for _, n := range f.flow.Secrets {
		unused("secrets", "secret", n.Name, n.Pos)
	}
	for _, s := range f.flow.Switches {
		unused("switches", "switch", s.Name, s.Pos)
	}
	for _, h := range f.flow.Hours {
		if !read[hoursRead+"."+h.Name] && !f.isShared(h.Pos) {
			f.dec.Diags.Warnf(h.Pos, "unused", "no expression asks for the hours %s", h.Name).WithHint("remove them, or write open('%s')", h.Name)
		}
	}
	handled := f.handledEvents()
	for _, s := range f.flow.Signals {
		if !slices.Contains(handled, "signal."+s.Name) {
			f.dec.Diags.Warnf(s.Pos, "unused", "nothing handles the signal %s, so it is refused always", s.Name).WithHint("add signal.%s to an on, or remove it", s.Name)
		}
	}
	for _, u := range f.dec.Defined {
		if u.Kind == spec.TimerName && !slices.Contains(handled, "timer."+u.Name) {
			f.dec.Diags.Warnf(u.Pos, "unused", "nothing handles the timer %s", u.Name).WithHint("add timer.%s to an on, or remove it", u.Name)
		}
	}
}

// reads gives what the expressions of the flow read, as root.name, and root alone where a
// whole root is read; a calendar that is asked as hours.NAME.
func (f *draft) reads() map[string]bool {
	read := map[string]bool{}
	for _, p := range f.dec.Pending {
		if p.Refs == nil || p.Calls == nil {
			continue
		}
		for _, r := range p.Refs() {
			read[strings.Join(r.Path[:min(2, len(r.Path))], ".")] = true
		}
		for _, c := range p.Calls() {
			if c.Func == "open" || c.Func == "next_open" {
				read[hoursRead+"."+c.Arg] = true
			}
		}
	}
	return read
}

// handledEvents gives the events of all `on` of the flow, as written.
func (f *draft) handledEvents() []string {
	var out []string
	for e := range f.flow.On {
		out = append(out, e)
	}
	for _, s := range f.flow.States {
		for e := range s.On {
			out = append(out, e)
		}
	}
	return out
}

// rawInput reports what a caller said or keyed in that stands as an address as it is, also
// by way of a variable.
func (f *draft) rawInput() {
	raw := func(r expr.Ref) bool {
		path := strings.Join(r.Path, ".")
		return (path == "event.digits" || path == "event.speech") && r.Func != "phone"
	}
	tainted := map[string]bool{}
	for _, p := range f.dec.Pending {
		base, name := splitLast(p.Context.Field)
		if p.Refs != nil && strings.HasSuffix(base, ".set") && slices.ContainsFunc(p.Refs(), raw) {
			tainted[name] = true
		}
	}
	for _, p := range f.dec.Pending {
		if p.Refs == nil || !addressField(p.Context.Field) {
			continue
		}
		for _, r := range p.Refs() {
			from := len(r.Path) == 2 && r.Path[0] == "vars" && tainted[r.Path[1]] && r.Func != "phone"
			if raw(r) || from {
				f.dec.Diags.Warnf(r.Pos, "raw-address", "what a caller gives is dialled as it is").
					WithHint("write phone(%s, 'US') with the country, and check that it is not ''", strings.Join(r.Path, "."))
			}
		}
	}
}

// addressField reports whether a field says who is called or written to.
func addressField(path string) bool {
	base, last := splitLast(path)
	if _, err := strconv.Atoi(last); err == nil { // one of several
		_, last = splitLast(base)
	}
	return last == "to" && !strings.HasSuffix(base, ".set")
}

func splitLast(path string) (before, last string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(0, i)], path[i+1:]
}
