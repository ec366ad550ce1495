package schema

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/testspec"
)

// IsTestFile reports whether a file of that name holds tests of a flow: NAME.test.yaml or
// NAME.test.yml.
func IsTestFile(name string) bool {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	stem, ok := strings.CutSuffix(base, ".test.yaml")
	if !ok {
		stem, ok = strings.CutSuffix(base, ".test.yml")
	}
	return ok && stem != "" && !strings.HasPrefix(base, ".")
}

// LoadTests reads the test files among files; others are passed over. They are checked
// against the flows that they are tests of. With nil flows, when those have errors
// themselves, only what a file says by itself is checked. A file with errors is left out,
// unless they are about names that are expected: what comes of them can be looked at.
func LoadTests(files map[string][]byte, flows testspec.Flows) ([]*testspec.File, diag.List) {
	var (
		tests []*testspec.File
		diags diag.List
	)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !IsTestFile(name) {
			continue
		}
		root, list := Parse(name, files[name])
		if root != nil {
			f, more := testspec.Decode(name, root)
			list = append(list, more...)
			if flows != nil {
				list = append(list, testspec.CheckFile(f, flows)...)
			}
			if !slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Code != testspec.ExpectedName }) {
				tests = append(tests, f)
			}
		}
		diags = append(diags, list...)
	}
	return tests, diags.Sorted()
}

// TestSchema returns the JSON Schema of test files, as JSONSchema does that of flows.
func TestSchema() ([]byte, error) { return encodeSchema(testspec.Schema()) }

// keysOf are the names of fields in the order of their declaration.
func keysOf[T any](fields []spec.Field[T]) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.Name
	}
	return keys
}
