package schema

import (
	"os"
	"strings"
	"testing"
)

// TestLoaderKnowsWhatARunReliesOn loads a folder again and again: a flow is compiled anew
// when one that it runs takes or returns something else, and its closure changes whenever
// one that it runs does.
func TestLoaderKnowsWhatARunReliesOn(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{}
	for _, name := range []string{"main.yaml", "opening.yaml", "ask.yaml"} {
		src, err := os.ReadFile("testdata/ok/run/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = src
	}
	change := func(file, from, to string) {
		t.Helper()
		changed := strings.Replace(string(files[file]), from, to, 1)
		if changed == string(files[file]) {
			t.Fatalf("%s has no %q", file, from)
		}
		files[file] = []byte(changed)
	}
	loader := NewLoader(Options{})
	first, diags := loader.Load(files)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if again, _ := loader.Load(files); again.Closures["main"] != first.Closures["main"] {
		t.Error("nothing has changed, but the closure is another")
	}
	change("ask.yaml", "Press 1.", "Press 1 now.")
	second, diags := loader.Load(files)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for _, id := range []string{"main", "opening", "ask"} {
		if second.Closures[id].ID == first.Closures[id].ID {
			t.Errorf("%s has the same id, though ask is another flow now", id)
		}
	}
	if second.Closures["main"].Flow != first.Closures["main"].Flow || len(second.Closures["main"].Subs) != 2 {
		t.Error("main itself needed no new compilation, and has two flows in it")
	}
	change("opening.yaml", "waited: {type: number}", "waited: {type: text}")
	change("opening.yaml", "waited: \"${vars.tries}\"", "waited: long")
	if _, diags = loader.Load(files); !diags.HasErrors() || diags[0].Code != "expr-type" || diags[0].Pos.File != "main.yaml" {
		t.Errorf("main counts with what is a text now: %v", diags)
	}
	delete(files, "opening.yaml")
	if _, diags = loader.Load(files); !diags.HasErrors() || !strings.Contains(diags.Err().Error(), "opening") {
		t.Errorf("opening is gone: %v", diags)
	}
}
