package schema

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/verbs"
)

// SharedFile is the name of the file whose entries hold for all flows of its folder and
// of the folders in it that have none of their own.
const SharedFile = sharedStem + ".yaml"

const sharedStem = "shared"

// sharedKeys are the keys of a flow that may stand in the shared file.
var sharedKeys = []string{"env", "secrets", "defaults", "languages", "hours", "switches"}

const sharedDoc = "What all flows of the folder have in common. A flow reads it as if it stood in its own file; its own entries win: " +
	"name by name under `defaults`, `languages`, `hours` and `switches`. Of `languages` the flow's own come first."

// IsSharedFile reports whether a file of that name is one that flows share, or is meant to
// be one.
func IsSharedFile(name string) bool {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	return base == SharedFile || base == sharedStem+".yml"
}

// sharedObject declares the shared file, with the fields of a flow.
func (l *language) sharedObject() *spec.Object[draft] {
	o := &spec.Object[draft]{
		Name: "the shared file", Doc: sharedDoc,
		Example: "env: [CALLER_ID]\ndefaults: {from: \"${env.CALLER_ID}\", voice: Polly.Joanna-Neural, language: en-US}",
	}
	for _, f := range l.file.Fields {
		if slices.Contains(sharedKeys, f.Name) {
			o.Fields = append(o.Fields, f)
		}
	}
	return o
}

// shared is a shared file that was read. It is immutable; nil stands for none.
type shared struct {
	file  string
	text  []byte
	root  *spec.Node // nil when nothing of it could be read
	diags diag.List
	whole bool // the YAML has no errors
	names []sharedName
}

// sharedName is something that the file declares for expressions.
type sharedName struct {
	root, name, what string
	pos              diag.Pos
}

// readShared reads and checks a shared file.
func (l *language) readShared(file string, src []byte) *shared {
	s := &shared{file: file, text: src}
	s.root, s.diags = Parse(file, src)
	s.whole = len(s.diags) == 0
	if s.root == nil {
		return s
	}
	f := l.newDraft(file, s.root)
	l.sharedObject().Decode(f.dec, s.root, f)
	s.diags = append(s.diags, f.dec.Diags...).Sorted()
	for _, n := range f.flow.Env {
		s.names = append(s.names, sharedName{"env", n.Name, "environment variable", n.Pos})
	}
	for _, n := range f.flow.Secrets {
		s.names = append(s.names, sharedName{"secrets", n.Name, "secret", n.Pos})
	}
	for _, n := range f.flow.Switches {
		s.names = append(s.names, sharedName{"switches", n.Name, "switch", n.Pos})
	}
	for _, n := range f.flow.Hours {
		s.names = append(s.names, sharedName{hoursRead, n.Name, "calendar of hours", n.Pos})
	}
	return s
}

// under gives the tree of a flow with what it shares: entries of its own win. The nodes of
// the shared file keep their places.
func (s *shared) under(own *spec.Node) *spec.Node {
	if s == nil || s.root == nil || own == nil || own.Kind != spec.Mapping {
		return own
	}
	out := *own
	out.Entries = slices.Clone(own.Entries)
	for _, e := range s.root.Entries {
		if !slices.Contains(sharedKeys, e.Key.Text) {
			continue
		}
		i := slices.IndexFunc(out.Entries, func(have spec.Entry) bool { return have.Key.Text == e.Key.Text })
		if i < 0 {
			out.Entries = append(out.Entries, e)
			continue
		}
		out.Entries[i].Value = joined(out.Entries[i].Value, e.Value)
	}
	return &out
}

// joined is a list or mapping with what another one has beside it.
func joined(own, more *spec.Node) *spec.Node {
	if own.Kind != more.Kind {
		return own // told as a wrong type
	}
	out := *own
	out.Entries, out.Items = slices.Clone(own.Entries), slices.Clone(own.Items)
	for _, e := range more.Entries {
		if own.Get(e.Key.Text) == nil {
			out.Entries = append(out.Entries, e)
		}
	}
	for _, item := range more.Items {
		if !slices.ContainsFunc(own.Items, func(have *spec.Node) bool { return have.Text == item.Text }) {
			out.Items = append(out.Items, item)
		}
	}
	return &out
}

// sources is what the flows of a set share, by the folder of the shared file.
type sources map[string]*shared

// of gives what a flow shares: the shared file of its folder, or of the nearest one above.
func (s sources) of(file string) *shared {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if found := s[dir]; found != nil {
			return found
		}
		if dir == "." || dir == path.Dir(dir) {
			return nil
		}
	}
}

// readSources reads the shared files among files. One that has not changed is not read again.
func (l *language) readSources(files map[string][]byte, before sources) sources {
	out := sources{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Base(name) != SharedFile {
			continue
		}
		dir := path.Dir(name)
		if had := before[dir]; had != nil && had.file == name && string(had.text) == string(files[name]) {
			out[dir] = had
			continue
		}
		out[dir] = l.readShared(name, files[name])
	}
	return out
}

// problems tells what is wrong with the shared files, and what no flow uses of them. That
// is known only when all flows that share a file could be compiled.
func (s sources) problems(files map[string][]byte, names []string, units map[string]cached) diag.List {
	var diags diag.List
	for name := range files {
		if path.Base(name) == sharedStem+".yml" {
			diags.Errorf(diag.Pos{File: name, Line: 1, Column: 1}, "shared-name", "the file that flows share is called %s", SharedFile).WithHint("rename it")
		}
	}
	for _, from := range s {
		diags = append(diags, from.diags...)
		used, known := map[string]bool{}, false
		for _, n := range names {
			u := units[n].unit
			if u.shared != from {
				continue
			}
			if known = u.flow != nil; !known {
				break
			}
			maps.Copy(used, u.reads)
		}
		for _, n := range from.names {
			if known && !used[n.root] && !used[n.root+"."+n.name] {
				diags.Warnf(n.pos, "unused", "no flow reads the %s %s", n.what, n.name).WithHint("remove it")
			}
		}
	}
	return diags
}

// SharedSchema returns the JSON Schema (draft 2020-12) of the shared file, as JSONSchema
// does for flow files.
func SharedSchema() ([]byte, error) {
	l := newLanguage(verbs.All(), steps.All())
	root := l.sharedObject().Schema()
	root["$id"], root["title"] = sharedSchemaID, "What Ringdown flows share"
	defs := l.defs()
	root["$defs"] = spec.Schema{"identifier": defs["identifier"], "label": defs["label"], "duration": defs["duration"], "prompt": defs["prompt"], "prompt-item": defs["prompt-item"]}
	return encodeSchema(root)
}

// sharedSchemaID names the schema; it is an identifier, not an address.
const sharedSchemaID = "https://ringdown.dev/schema/shared.schema.json"

// hoursRead is the root under which reads keeps the calendars that expressions ask.
const hoursRead = "hours"

// isShared reports whether something that the flow knows stands in its shared file.
func (f *draft) isShared(pos diag.Pos) bool { return pos.File != f.flow.File }

// newDraft is a draft of a file that nothing was decoded of yet.
func (l *language) newDraft(file string, root *spec.Node) *draft {
	return &draft{
		lang: l, root: root, dec: spec.NewDecoder(l.verbs, l.steps), states: map[string]*sketch{},
		flow: &engine.Flow{File: file, Pos: root.Pos, States: map[string]*engine.State{}},
	}
}
