package flowtest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
)

// TestSenders: what flows call from belongs to the account, also where no flow answers it.
func TestSenders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const flow = "flow: out\nenv: [LINE, SECOND]\ndefaults: {from: \"${env.LINE}\"}\nstart:\n" +
		"  - call: {leg: a, to: \"+15552220011\", state: hi}\n  - call: {leg: b, to: \"+15552220012\", from: \"${env.SECOND}\", state: hi}\n" +
		"on: {a.unreached: [{end: unreached}], b.unreached: [{end: unreached}]}\nstates:\n  hi: {prompt: Hello., next: hangup}\n"
	if err := os.WriteFile(filepath.Join(dir, "out.yaml"), []byte(flow), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := flowtest.Start(flowtest.Options{Flows: dir, Env: map[string]string{"LINE": "+15005550095", "SECOND": "+15005550096"}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	id, err := w.API.StartFlow("out", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if !w.Until(func() bool { return w.Closed(id) }, 5*time.Minute) || len(w.Troubles()) > 0 {
		t.Errorf("the calls are not placed: %v\n%s", w.Troubles(), w.Dump())
	}
}
