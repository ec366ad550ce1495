package flows_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/testrun"
)

// TestFlowTests plays the test files beside the flows, as `ringdown test` does: every
// case holds, and no state, transition or handler of any flow is left out.
func TestFlowTests(t *testing.T) {
	t.Parallel()
	folder, diags, err := testrun.Open(".", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	folders := []*testrun.Folder{folder}
	results, cover := testrun.Run(context.Background(), folders, testrun.Options{})
	report := testrun.Report{Results: results}
	if report.Failed() > 0 {
		var b strings.Builder
		if err := report.WriteText(&b, false); err != nil {
			t.Fatal(err)
		}
		t.Error(b.String())
	}
	flows, err := cover.Flows(folders, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flows {
		for _, way := range f.Untested {
			t.Errorf("%s: not tested: %s %s", way.Pos, way.Kind, way.Name)
		}
	}
}
