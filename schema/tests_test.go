package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/ringdown/ringdown/engine/diag"
)

// loadTests loads the flows and the tests of a folder.
func loadTests(t *testing.T, dir string) (files map[string][]byte, diags diag.List) {
	t.Helper()
	files, _ = fixture(t, dir)
	set, flows := NewLoader(Options{}).Load(files)
	if set == nil {
		t.Fatal(flows.Err())
	}
	_, diags = LoadTests(files, set.Closures)
	return files, diags
}

func TestTestFileErrors(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("testdata/tests/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal(err, dirs)
	}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue
		}
		files, diags := loadTests(t, dir)
		if !diags.HasErrors() {
			t.Errorf("%s is clean", dir)
		}
		golden(t, dir+".out", rendered(t, diags, files))
	}
}

// TestTestSchema: the schema is current, and takes the tests of the shipped flows.
func TestTestSchema(t *testing.T) {
	t.Parallel()
	text, err := TestSchema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "test.schema.json", text)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("tests.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("tests.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range shippedTests(t) {
		if err := s.Validate(asJSON(t, src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"flow: a\ncases: [{name: x, script: [caller hears]}]", "flow: a\ncases: [{name: x, script: [{caller hears: a, wait: 5s, x: 1}]}]",
		"flow: a\ncases: [{name: x, expect: {outcom: x}}]", "flow: a\nparties: {bob: bussy}\ncases: [{name: x}]", "cases: []"} {
		if s.Validate(asJSON(t, []byte(bad))) == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
}

func shippedTests(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../flows/*.test.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	files := map[string][]byte{}
	for _, n := range names {
		src, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		files[n] = src
	}
	return files
}

func asJSON(t *testing.T, src []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(src, &v); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestFormatTests: the keys of cases are put in order, those of a list with their dash.
func TestFormatTests(t *testing.T) {
	t.Parallel()
	src := "cases:\n  # first\n  - name: a\n    expect: {took: 3s}\n    # why\n    call: {from: \"+15551110001\"}\n\n  - name: b\n    script: [they talk]\nflow: x\n"
	want := "flow: x\ncases:\n  # first\n  - name: a\n    # why\n    call: {from: \"+15551110001\"}\n    expect: {took: 3s}\n\n  - name: b\n    script: [they talk]\n"
	if got := string(formatted(t, "x.test.yaml", []byte(src))); got != want {
		t.Errorf("%s", got)
	}
	for name, src := range shippedTests(t) {
		if got := formatted(t, name, src); !bytes.Equal(got, src) {
			t.Errorf("%s is not formatted", name)
		}
	}
}
