package flows_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/testrun"
)

// TestFlowTests plays the test files beside the flows, as `ringdown test` does.
func TestFlowTests(t *testing.T) {
	t.Parallel()
	folder, diags, err := testrun.Open(".", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	results, _ := testrun.Run(context.Background(), []*testrun.Folder{folder}, testrun.Options{})
	report := testrun.Report{Results: results}
	if report.Failed() > 0 {
		var b strings.Builder
		if err := report.WriteText(&b, false); err != nil {
			t.Fatal(err)
		}
		t.Error(b.String())
	}
}
