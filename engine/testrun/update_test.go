package testrun_test

import (
	"path/filepath"
	"testing"

	"github.com/ringdown/ringdown/engine/testrun"
)

// TestUpdate: expectations become what came of it, and then hold; all else stays.
func TestUpdate(t *testing.T) {
	t.Parallel()
	before := cases(`  - name: x
    parties: {support: busy}
    script: # what happens
      - caller presses: 2
      - caller hears: Nobody
      - expect: {state: {caller: main}} # not any more
    expect:
      outcome: gone
      states: {caller: [main, sales]} # both
      legs: {caller: busy, support-1: busy}
      logged: away
      took: 1s
  - name: y
    script:
      - caller hears: Hello
`)
	after := cases(`  - name: x
    parties: {support: busy}
    script: # what happens
      - caller presses: 2
      - caller hears: Nobody
      - expect: {state: {caller: nobody}} # not any more
    expect:
      outcome: completed
      states: {caller: [main, support, nobody]} # both
      legs: {caller: completed, support-1: busy}
      logged: away
      took: 2s
  - name: y
    script:
      - caller hears: Hello
`)
	text := before
	for range 2 { // the script breaks off at its own expectation first
		f := open(t, "menu.yaml", menu, "dev.env", devEnv, "menu.test.yaml", text)
		results, _ := testrun.Run(t.Context(), []*testrun.Folder{f}, testrun.Options{})
		files, err := testrun.Update([]*testrun.Folder{f}, results)
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text = string(files[filepath.Join(f.Path, "menu.test.yaml")])
	}
	if text != after {
		t.Errorf("got\n%s", text)
	}
}
