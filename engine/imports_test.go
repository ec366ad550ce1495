package engine_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ringdown/ringdown/"

// allowed is the picture of the packages: what each may import of this module. A
// package that is not listed may import nothing.
var allowed = map[string]string{
	"engine/diag":           "",
	"engine/clock":          "",
	"engine/store":          "",
	"engine/library":        "",
	"engine/outbound":       "engine/outbound/wire",
	"engine/outbound/wire":  "",
	"engine/twilio":         "engine/outbound/wire",
	"engine/twiml":          "",
	"engine/expr":           "engine/diag",
	"engine":                "engine/diag engine/expr engine/twiml",
	"engine/spec":           "engine engine/diag engine/expr engine/twiml",
	"engine/testspec":       "engine engine/diag engine/expr engine/sim engine/spec",
	"engine/verbs":          "engine engine/diag engine/expr engine/spec engine/twiml",
	"engine/steps":          "engine engine/diag engine/expr engine/spec engine/twiml",
	"engine/graph":          "",
	"schema":                "engine engine/diag engine/expr engine/graph engine/spec engine/steps engine/testspec engine/twiml engine/verbs",
	"engine/sim":            "engine/clock engine/sim/audio engine/sim/rest engine/sim/taskrouter engine/twiml",
	"engine/sim/rest":       "",
	"engine/sim/taskrouter": "engine/sim/rest",
	"engine/sim/audio":      "",
	"engine/runtime":        "engine engine/clock engine/diag engine/store engine/twilio engine/twiml",
	"engine/sim/control":    "engine/clock engine/sim",
	"engine/sim/console":    "engine/sim engine/twiml",
	"engine/dispatch":       "engine engine/clock engine/outbound engine/twilio",
	"engine/live":           "",
	"engine/console":        "engine/clock",
	"engine/server":         "engine engine/clock engine/diag engine/graph engine/live engine/runtime engine/store engine/twilio",
	"engine/node":           "engine engine/clock engine/console engine/diag engine/dispatch engine/library engine/live engine/outbound engine/runtime engine/server engine/store engine/twilio schema",
	"engine/flowtest":       "engine engine/clock engine/diag engine/node engine/server engine/sim schema",
	"engine/testrun":        "engine engine/diag engine/expr engine/flowtest engine/graph engine/server engine/sim engine/spec engine/testspec engine/twiml schema",
	"engine/desk":           "engine engine/clock engine/console engine/diag engine/expr engine/live engine/node engine/runtime engine/sim engine/testrun engine/testspec schema",
	"engine/desk/terminal":  "engine/desk engine/diag",
	"engine/desk/web":       "engine/desk",
	"cmd/ringdown":          "*",
}

// onlyImporter names the one package that may import a third-party module.
var onlyImporter = map[string]string{
	"gopkg.in/yaml.v3":             "schema",
	"github.com/expr-lang/expr":    "engine/expr",
	"github.com/twilio/twilio-go":  "engine/twilio",
	"github.com/fsnotify/fsnotify": "engine/library",
	"modernc.org/sqlite":           "engine/store",
	"github.com/coder/websocket":   "engine/sim",
	"github.com/spf13/cobra":       "cmd/ringdown",
	"golang.org/x/term":            "cmd/ringdown",
}

// TestImports reads the import graph and fails on an edge that the picture does not have.
func TestImports(t *testing.T) {
	t.Parallel()
	root := ".."
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		seen[pkg] = true
		checkImports(t, path, pkg)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range allowed {
		if !seen[pkg] {
			t.Errorf("the picture names %s, which has no Go file", pkg)
		}
	}
}

func checkImports(t *testing.T, path, pkg string) {
	t.Helper()
	rule, known := allowed[pkg]
	if !known {
		t.Errorf("%s: the package %s is not in the picture; add it to the table with what it may import", path, pkg)
		return
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range f.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		if own, ok := strings.CutPrefix(imported, module); ok {
			if rule != "*" && !strings.Contains(" "+rule+" ", " "+own+" ") {
				t.Errorf("%s imports %s, which %s may not", path, own, pkg)
			}
			continue
		}
		for third, owner := range onlyImporter {
			if (imported == third || strings.HasPrefix(imported, third+"/")) && pkg != owner {
				t.Errorf("%s imports %s; only %s does", path, imported, owner)
			}
		}
	}
}
