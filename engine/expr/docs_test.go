package expr

import (
	"slices"
	"strings"
	"testing"
)

// TestEveryFunctionIsDocumented holds the page and the functions together.
func TestEveryFunctionIsDocumented(t *testing.T) {
	t.Parallel()
	var have, want []string
	for _, f := range FunctionDocs() {
		have = append(have, f.Name)
		if f.Doc == "" || !strings.HasPrefix(f.Call, f.Name+"(") {
			t.Errorf("%s: call %q, doc %q", f.Name, f.Call, f.Doc)
		}
	}
	for _, f := range functions() {
		want = append(want, f.name)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("documented %v, there are %v", have, want)
	}
}
