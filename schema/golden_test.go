package schema

import (
	"bytes"
	"flag"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/diag"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

// fixture reads a file, or the files of a folder, as a set. A file NAME.env beside it
// holds the environment; without one the environment is ignored.
func fixture(t *testing.T, path string) (map[string][]byte, Options) {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := os.ReadFile(p)
		files[filepath.Base(p)] = src
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(strings.TrimSuffix(path, ".yaml") + ".env")
	if err != nil {
		return files, Options{}
	}
	env := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			env[k] = v
		}
	}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	return files, Options{Env: lookup, MissingEnv: EnvRequired}
}

// rendered is what validate prints for the problems of a set.
func rendered(t *testing.T, list diag.List, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := diag.WriteText(&b, list, func(f string) []byte { return files[f] }, false); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, name := range fixtures(t, "testdata/err") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			files, o := fixture(t, name)
			set, list := NewLoader(o).Load(files)
			if len(list) == 0 {
				t.Fatal("the file is clean")
			}
			if (set == nil) != list.HasErrors() {
				t.Errorf("set %v beside errors %v", set, list.HasErrors())
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".out", rendered(t, list, files))
		})
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for _, name := range append(fixtures(t, "testdata/ok"), fixtures(t, "../flows")...) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			files, o := fixture(t, name)
			set, list := NewLoader(o).Load(files)
			if len(list) > 0 || set == nil {
				t.Errorf("not clean:\n%s", rendered(t, list, files))
			}
		})
	}
}

// fixtures gives the flow files and folders of a folder.
func fixtures(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() || IsFlowFile(e.Name()) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s holds no flows", dir)
	}
	return out
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// TestEveryCodeHasAFixture reads the codes out of the sources that make diagnostics.
func TestEveryCodeHasAFixture(t *testing.T) {
	t.Parallel()
	var outputs strings.Builder
	files, err := filepath.Glob("testdata/err/*.out")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		outputs.Write(text)
	}
	for _, code := range codes(t) {
		if code == "file-too-large" {
			continue // in TestFileTooLarge: the file would be half a megabyte
		}
		if !strings.Contains(outputs.String(), "["+code+"]") {
			t.Errorf("no file in testdata/err shows the code %s", code)
		}
	}
}

// codes finds the second argument of Errorf and Warnf, and the code of what the
// expression compiler reports.
func codes(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{".", "../engine/spec", "../engine/steps", "../engine/verbs", "../engine/expr"} {
		names, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			parsed, err := goparser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if code := codeOf(n); code != "" {
					out = append(out, code)
				}
				return true
			})
		}
	}
	for _, kind := range []string{"state", "leg", "room", "timer", "signal"} {
		out = append(out, "unknown-"+kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func codeOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || len(n.Args) < 3 || sel.Sel.Name != "Errorf" && sel.Sel.Name != "Warnf" {
			return ""
		}
		return stringOf(n.Args[1])
	case *ast.CompositeLit:
		if id, ok := n.Type.(*ast.Ident); ok && id.Name == "problem" && len(n.Elts) > 2 {
			return stringOf(n.Elts[1])
		}
	}
	return ""
}

func stringOf(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil || strings.ContainsAny(s, " %") {
		return ""
	}
	return s
}
