package schema

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringdown/ringdown/engine"
)

func TestSharedSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	text, err := SharedSchema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "shared.schema.json", text)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(sharedSchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(sharedSchemaID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(editorView(t, "testdata/ok/shared/shared.yaml")); err != nil {
		t.Errorf("%#v", err)
	}
	if err := s.Validate(editorView(t, "testdata/err/shared/shared.yaml")); err == nil {
		t.Error("the schema accepts a key that belongs into flows")
	}
}

// loadAll loads texts as files; the environment has a value for every name.
func loadAll(t *testing.T, l *Loader, files map[string]string) *Set {
	t.Helper()
	src := map[string][]byte{}
	for name, text := range files {
		src[name] = []byte(text)
	}
	set, diags := l.Load(src)
	if set == nil {
		t.Fatal(diags.Err())
	}
	return set
}

const (
	sharedText = "env: [MEDIA]\ndefaults: {voice: Polly.Emma, language: en-GB}\nlanguages: {en: {language: en-GB}, fr: {language: fr-FR}}\n"
	plainFlow  = "flow: plain\nanswer: a\nstates: {a: {prompt: Hello., next: hangup}}\n"
	ownFlow    = "flow: own\nanswer: a\nenv: [OWN]\ndefaults: {voice: Polly.Amy}\nlanguages: {de: {language: de-DE}, fr: {language: fr-CA}}\nstates: {a: {prompt: Hello., next: hangup}}\n"
)

func TestOwnEntriesWin(t *testing.T) {
	t.Parallel()
	set := loadAll(t, NewLoader(Options{}), map[string]string{"shared.yaml": sharedText, "plain.yaml": plainFlow, "own.yaml": ownFlow})
	for flow, want := range map[string]string{
		"plain": "en=en-GB fr=fr-FR Polly.Emma en-GB MEDIA",
		"own":   "de=de-DE fr=fr-CA en=en-GB Polly.Amy en-GB OWN MEDIA",
	} {
		f := set.Closures[flow].Flow
		var got []string
		for _, l := range f.Languages {
			got = append(got, l.Name+"="+l.Tag)
		}
		got = append(got, f.Defaults.Voice, f.Defaults.Language)
		for _, n := range f.Env {
			got = append(got, n.Name)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s has %s, want %s", flow, text, want)
		}
	}
}

// A change of what flows share is a new version of each of them, and of those that run
// one; a flow below another shared file keeps its own.
func TestSharedFilesAreParts(t *testing.T) {
	t.Parallel()
	l := NewLoader(Options{})
	files := map[string]string{
		"flows/shared.yaml": sharedText, "flows/plain.yaml": plainFlow, "flows/team/own.yaml": ownFlow,
		"flows/other/shared.yaml": "env: [ELSE]\n", "flows/other/x.yaml": strings.ReplaceAll(plainFlow, "plain", "other"),
		"flows/other/y.yaml": "flow: outer\nanswer: a\nstates: {a: {run: {flow: plain}, next: hangup}}\n",
	}
	ids := func(set *Set) map[string]string {
		out := map[string]string{}
		for name, c := range set.Closures {
			out[name] = c.ID
		}
		return out
	}
	first := loadAll(t, l, files)
	if again := loadAll(t, l, files); again.Closures["plain"] != first.Closures["plain"] {
		t.Error("what has not changed was made again")
	}
	files["flows/shared.yaml"] = strings.ReplaceAll(sharedText, "Emma", "Brian")
	second := loadAll(t, l, files)
	before, after := ids(first), ids(second)
	for flow, changes := range map[string]bool{"plain": true, "own": true, "other": false, "outer": true} {
		if (before[flow] != after[flow]) != changes {
			t.Errorf("%s: %s, then %s", flow, before[flow], after[flow])
		}
	}
	if got := second.Closures["plain"].Flow.Defaults.Voice; got != "Polly.Brian" {
		t.Errorf("the new voice is %s", got)
	}
	delete(files, "flows/shared.yaml")
	if got := loadAll(t, l, files).Closures["plain"].Flow.Defaults.Voice; got != "" {
		t.Errorf("without the shared file the voice is %s", got)
	}
}

// A session keeps what its flow shared when it began.
func TestSharedFilesArePinned(t *testing.T) {
	t.Parallel()
	env := func(name string) (string, bool) { return "value of " + name, true }
	set := loadAll(t, NewLoader(Options{Env: env}), map[string]string{
		"shared.yaml": sharedText, "plain.yaml": plainFlow, "outer.yaml": "flow: outer\nanswer: a\nstates: {a: {run: {flow: plain}, next: hangup}}\n",
	})
	for _, c := range set.Closures {
		again, err := Compile(c.Source, env)
		if err != nil {
			t.Fatal(err)
		}
		flows := []*engine.Flow{again.Flow}
		for _, sub := range again.Subs {
			flows = append(flows, sub)
		}
		for _, f := range flows {
			if again.ID != c.ID || f.Defaults.Voice != "Polly.Emma" || len(f.Languages) != 2 || again.Env["MEDIA"] == "" {
				t.Errorf("%s came back as %+v with %v", f.Name, f.Defaults, again.Env)
			}
		}
	}
	old := strings.Replace(string(set.Closures["plain"].Source), `"format":2`, `"format":1`, 1)
	if _, err := Compile([]byte(old), nil); err != nil {
		t.Errorf("a source of the first format: %v", err)
	}
}
