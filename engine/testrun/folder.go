package testrun

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/testspec"
	"github.com/ringdown/ringdown/schema"
)

// Folder is a folder of flows with the test files in it.
type Folder struct {
	Path    string            // of the folder
	Set     *schema.Set       // its flows; nil when they have errors
	Env     map[string]string // values of dev.env; those of the cases win
	Files   []*testspec.File
	Loader  *schema.Loader    // has compiled the flows; nil: each case compiles them
	Sources map[string][]byte // of all files, by the path that the list of Open names

	count int // of test files
}

// Open reads the flows of a folder and of those in it, and its test files; with only,
// paths within the folder, these alone. The list has the errors of all of them; with one
// the folder cannot be played. The error says what cannot be read.
func Open(path string, only []string) (*Folder, diag.List, error) {
	f, diags, err := open(path, only)
	if err == nil && f.count == 0 {
		return nil, nil, fmt.Errorf("%s: the folder holds no tests (NAME.test.yaml)", path)
	}
	return f, diags, err
}

// OpenFlows is Open of a folder without its test files: those to be played are given
// otherwise.
func OpenFlows(path string) (*Folder, diag.List, error) { return open(path, []string{}) }

func open(path string, only []string) (*Folder, diag.List, error) {
	f := &Folder{Path: path, Loader: schema.NewLoader(schema.Options{}), Sources: map[string][]byte{}}
	flows, tests := map[string][]byte{}, map[string][]byte{}
	err := filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != path && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.IsDir() || !schema.IsFlowFile(name) && !schema.IsSharedFile(name) && !schema.IsTestFile(name):
			return nil
		}
		rel, err := filepath.Rel(path, name)
		if err != nil {
			return err
		}
		src, err := os.ReadFile(name)
		switch f.Sources[name] = src; {
		case !schema.IsTestFile(name):
			flows[filepath.ToSlash(rel)] = src
		case only == nil || slices.Contains(only, rel):
			tests[name] = src
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	f.count = len(tests)
	if f.Env, err = devEnv(path); err != nil {
		return nil, nil, err
	}
	set, diags := f.Loader.Load(flows)
	var closures testspec.Flows
	if f.Set = set; set != nil {
		closures = set.Closures
	}
	diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Severity != diag.Error }) // warnings are for validate
	for i := range diags {
		diags[i].Pos = f.located(diags[i].Pos)
	}
	files, list := schema.LoadTests(tests, closures)
	f.Files = files
	return f, append(diags, list...), nil
}

// located gives a place with the folder before its file, as people open it.
func (f *Folder) located(pos diag.Pos) diag.Pos {
	if pos.File != "" {
		pos.File = filepath.Join(f.Path, filepath.FromSlash(pos.File))
	}
	return pos
}

// devEnv reads the values for trying flows out, which tests have, too.
func devEnv(folder string) (map[string]string, error) {
	path := filepath.Join(folder, schema.EnvFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	values, err := schema.ParseEnv(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}
