package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/testspec"
	"github.com/ringdown/ringdown/schema"
)

// maxFlowFile is how much is read of one file, in bytes; a bigger one is reported as too large.
const maxFlowFile = 1 << 20

// formats are the ways in which problems are written: for people, programs, GitHub
// Actions and collectors of findings.
var formats = []string{"text", "json", "github", "sarif"}

func newValidateCommand(a *app) *cobra.Command {
	v := &validation{app: a}
	cmd := &cobra.Command{
		Use:   "validate [PATH...]",
		Short: "Check flow files and their tests",
		Long: `Checks flow files, and test files (NAME.test.yaml) against their flows, and tells all
problems of all files, sorted by place.

A PATH is a file, or a folder whose *.yaml files are flows (default: flows). Files that
are given together are one set: no two flows may have one id or one number. What flows
share in shared.yaml is taken from their folder, or the nearest one above.

Exit codes: 0 no problem, 1 problems, 2 wrong usage, 3 a path cannot be read.`,
		Example: `  ringdown validate
  ringdown validate --strict flows
  ringdown validate --format json flows/menu.yaml
  ringdown validate --format sarif flows > findings.sarif`,
		RunE: func(_ *cobra.Command, args []string) error { return v.run(args) },
	}
	cmd.Flags().BoolVar(&v.strict, "strict", false, "fail on warnings, too")
	cmd.Flags().StringVar(&v.format, "format", "text", "how problems are written: "+strings.Join(formats, ", "))
	cmd.Flags().BoolVar(&v.env, "env", false, "warn about variables under env and secrets that this environment does not have")
	return cmd
}

// validation is one run of `validate`.
type validation struct {
	*app
	strict bool
	env    bool
	format string
	files  map[string][]byte // that are checked
	beside map[string][]byte // round single files: flows that these may run, and what they share
}

func (v *validation) run(paths []string) error {
	if !slices.Contains(formats, v.format) {
		return usageError("--format is one of %s, not %q", strings.Join(formats, ", "), v.format)
	}
	if len(paths) == 0 {
		paths = []string{"flows"}
	}
	v.files, v.beside = map[string][]byte{}, map[string][]byte{}
	var unreadable error
	for _, p := range paths {
		unreadable = errors.Join(unreadable, v.read(p))
	}
	options := schema.Options{}
	if v.env {
		options = schema.Options{Env: v.Env, MissingEnv: schema.EnvWarned}
	}
	diags := v.check(options)
	if err := v.write(diags); err != nil {
		return &exitError{exitRead, fmt.Errorf("cannot write the result: %w", err)}
	}
	errs, warnings := count(diags)
	fmt.Fprintf(v.Err, "%s, %s, %s\n", v.counted(), plural(errs, "error"), plural(warnings, "warning"))
	switch {
	case unreadable != nil:
		return &exitError{exitRead, unreadable}
	case errs > 0 || v.strict && warnings > 0:
		return &exitError{exitProblems, nil}
	}
	return nil
}

// counted says how many files of which kind are checked.
func (v *validation) counted() string {
	flows, tests := 0, 0
	for name := range v.files {
		switch {
		case schema.IsFlowFile(name):
			flows++
		case schema.IsTestFile(name):
			tests++
		}
	}
	text := plural(flows, "flow file")
	if tests > 0 {
		text += ", " + plural(tests, "test file")
	}
	return text
}

// check loads the files together with those beside them, and tells the problems of the
// files alone, and errors of what they share.
func (v *validation) check(options schema.Options) diag.List {
	all := maps.Clone(v.beside)
	maps.Copy(all, v.files)
	set, diags := schema.NewLoader(options).Load(all)
	var flows testspec.Flows // nil: names in tests cannot be checked
	if set != nil {
		flows = set.Closures
	}
	_, tests := schema.LoadTests(v.files, flows)
	return slices.DeleteFunc(append(diags, tests...).Sorted(), func(d diag.Diagnostic) bool {
		shared := schema.IsSharedFile(d.Pos.File) && d.Severity == diag.Error
		return v.files[d.Pos.File] == nil && v.beside[d.Pos.File] != nil && !shared
	})
}

func (v *validation) write(diags diag.List) error {
	switch v.format {
	case "json":
		return diag.WriteJSON(v.Out, diags)
	case "github":
		return diag.WriteGitHub(v.Out, diags)
	case "sarif":
		return diag.WriteSARIF(v.Out, diags)
	}
	return diag.WriteText(v.Out, diags, v.source, v.colored(v.Out))
}

// source is the text of a file, for the lines that are shown.
func (v *validation) source(file string) []byte {
	if src := v.files[file]; src != nil {
		return src
	}
	return v.beside[file]
}

// read takes a file, or the flow files of a folder.
func (v *validation) read(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return pathError(path, err)
	}
	if !info.IsDir() {
		switch {
		case schema.IsSharedFile(path):
			_ = walkFlows(filepath.Dir(path), v.beside) // nobody has asked for what cannot be read
		case schema.IsFlowFile(path), schema.IsTestFile(path):
			v.readBeside(path)
		default:
			return fmt.Errorf("%s: a flow file is called NAME.yaml, one with tests NAME.test.yaml", path)
		}
		return v.readFile(path)
	}
	return v.readFolder(path)
}

// readBeside takes the other flow files of the folder of a file, and what they share. What
// cannot be read is left out: nobody has asked for it.
func (v *validation) readBeside(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if name := filepath.Join(filepath.Dir(path), e.Name()); !e.IsDir() && schema.IsFlowFile(name) {
			_ = readInto(v.beside, name)
		}
	}
	v.readShared(filepath.Dir(path))
}

// readShared takes what the flows of a folder share: from there, or from the nearest
// folder above.
func (v *validation) readShared(dir string) {
	for dir = filepath.Clean(dir); ; dir = filepath.Dir(dir) {
		if readInto(v.beside, filepath.Join(dir, schema.SharedFile)) == nil || dir == filepath.Dir(dir) {
			return
		}
	}
}

// readFolder takes the flow files of a folder and of the folders in it, but for hidden
// ones, with what they share.
func (v *validation) readFolder(root string) error {
	v.readShared(root)
	return walkFlows(root, v.files)
}

func walkFlows(root string, files map[string][]byte) error {
	var problems error
	found := false
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			problems = errors.Join(problems, err)
		case e.IsDir():
			if path != root && strings.HasPrefix(e.Name(), ".") {
				return fs.SkipDir
			}
		case schema.IsFlowFile(e.Name()), schema.IsSharedFile(e.Name()), schema.IsTestFile(e.Name()):
			found = found || schema.IsFlowFile(e.Name())
			problems = errors.Join(problems, readInto(files, path))
		}
		return nil
	})
	problems = errors.Join(problems, err)
	if !found && problems == nil {
		return fmt.Errorf("%s: the folder holds no flow files (*.yaml)", root)
	}
	return problems
}

func (v *validation) readFile(path string) error { return readInto(v.files, path) }

func readInto(files map[string][]byte, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFlowFile))
	if err != nil {
		return err
	}
	files[filepath.ToSlash(filepath.Clean(path))] = src
	return nil
}

func count(list diag.List) (errs, warnings int) {
	for _, d := range list {
		if d.Severity == diag.Error {
			errs++
		} else {
			warnings++
		}
	}
	return errs, warnings
}

func plural(n int, word string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", word)
	}
	return fmt.Sprintf("%d %ss", n, word)
}
