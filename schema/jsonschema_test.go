package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

func TestJSONSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	text, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "flow.schema.json", text)
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// editorView is what an editor sees of a file: numbers and booleans are none of texts.
func editorView(t *testing.T, path string) any {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := yaml.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	return textKeys(doc)
}

func textKeys(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = textKeys(e)
		}
	case map[any]any: // keys such as 1 in choices
		out := map[string]any{}
		for k, e := range v {
			text, _ := yaml.Marshal(k)
			out[strings.TrimSpace(string(text))] = textKeys(e)
		}
		return out
	case []any:
		for i, e := range v {
			v[i] = textKeys(e)
		}
	case time.Time: // a date is a text in YAML 1.2
		return v.Format(time.DateOnly)
	}
	return v
}

func TestJSONSchemaAcceptsCleanFlows(t *testing.T) {
	t.Parallel()
	s := compiledSchema(t)
	paths := fixtures(t, "testdata/ok")
	paths = append(paths, fixtures(t, "testdata/ok/run")...)
	for _, path := range append(paths, fixtures(t, "../flows")...) {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			continue
		}
		if err := s.Validate(editorView(t, path)); err != nil {
			t.Errorf("%s: %#v", path, err)
		}
	}
}

func TestJSONSchemaRefusesBrokenFlows(t *testing.T) {
	t.Parallel()
	s := compiledSchema(t)
	for _, name := range []string{
		"unknown-key", "unknown-step", "enum", "missing-key", "two-actions", "two-verbs", "no-action", "type", "bad-name",
		"target", "not-yet", "no-states", "not-a-flow", "prompt-item",
	} {
		if err := s.Validate(editorView(t, filepath.Join("testdata/err", name+".yaml"))); err == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
}
