package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/testrun"
	"github.com/ringdown/ringdown/engine/testspec"
	"github.com/ringdown/ringdown/schema"
)

// testFormats are the ways in which results are written.
var testFormats = []string{"text", "json", "junit"}

func newTestCommand(a *app) *cobra.Command {
	t := &testCommand{app: a}
	cmd := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "Play the tests of flows",
		Long: `Plays the cases of test files (NAME.test.yaml beside a flow) against a simulated Twilio,
in virtual time: an hour of call takes some milliseconds. Of a case that fails it shows
the call as a transcript up to where it differs, with the places in both files.

A PATH is a folder of flows (default: flows), a test file, or a flow whose test file
stands beside it.

Exit codes: 0 all cases hold, 1 some do not, or a file has errors, 2 wrong usage, 3 a path
cannot be read.`,
		Example: `  ringdown test
  ringdown test flows/menu.test.yaml --run 'voicemail|operator'
  ringdown test --cover-min 100 --faults 5
  ringdown test --format junit flows > report.xml`,
		RunE: func(cmd *cobra.Command, args []string) error { return t.run(cmd.Context(), args) },
	}
	cmd.Flags().StringVar(&t.pattern, "run", "", "only cases whose FLOW/NAME fits this regular expression")
	cmd.Flags().StringVar(&t.format, "format", "text", "how results are written: "+strings.Join(testFormats, ", "))
	cmd.Flags().IntVar(&t.faults, "faults", 0, "play each case besides under so many seeded schedules of faults: late, repeated and reordered callbacks, repeated webhooks, a REST API that is busy or whose answers are lost")
	cmd.Flags().BoolVar(&t.update, "update", false, "write what came of it into the expectations that do not hold; comments stay. Look at the difference before you keep it")
	cmd.Flags().BoolVar(&t.watch, "watch", false, "play again whenever a file has changed")
	cmd.Flags().BoolVar(&t.covers, "cover", false, "tell which states, transitions and handlers were not taken")
	cmd.Flags().IntVar(&t.least, "cover-min", 0, "fail when less than so many percent of a flow were taken; implies --cover")
	cmd.Flags().StringVar(&t.draws, "cover-graph", "", "write a picture of each flow into this folder, untested parts in red; implies --cover")
	cmd.Flags().StringVar(&t.picture, "graph-format", "svg", "how the pictures are drawn: "+strings.Join(pictures, ", "))
	return cmd
}

// testCommand is one run of `test`.
type testCommand struct {
	*app
	pattern string
	format  string
	faults  int
	update  bool
	watch   bool
	covers  bool
	least   int    // percent of each flow
	draws   string // folder of the pictures
	picture string // their format

	match   *regexp.Regexp
	sources map[string][]byte // of all files, by the path that people see
}

func (t *testCommand) run(ctx context.Context, paths []string) error {
	if !slices.Contains(testFormats, t.format) {
		return usageError("--format is one of %s, not %q", strings.Join(testFormats, ", "), t.format)
	}
	if !slices.Contains(pictures, t.picture) {
		return usageError("--graph-format is one of %s, not %q", strings.Join(pictures, ", "), t.picture)
	}
	if t.least < 0 || t.least > 100 {
		return usageError("--cover-min is a percentage from 0 to 100, not %d", t.least)
	}
	var err error
	if t.match, err = regexp.Compile(t.pattern); err != nil {
		return usageError("--run: %v", err)
	}
	if len(paths) == 0 {
		paths = []string{"flows"}
	}
	if t.watch {
		return t.watching(ctx, paths)
	}
	return t.once(ctx, paths)
}

// once loads everything and plays it.
func (t *testCommand) once(ctx context.Context, paths []string) error {
	t.sources = map[string][]byte{}
	folders, diags, err := t.load(paths)
	if err != nil {
		return &exitError{exitRead, err}
	}
	if t.update { // they are rewritten
		diags = slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Code == testspec.ExpectedName })
	}
	if len(diags) > 0 {
		if err := diag.WriteText(t.Err, diags, func(file string) []byte { return t.sources[file] }, t.colored(t.Err)); err != nil {
			return &exitError{exitRead, err}
		}
	}
	if diags.HasErrors() {
		return &exitError{exitProblems, errors.New("nothing was played: the files have errors")}
	}
	began := time.Now()
	results, cover := testrun.Run(ctx, folders, testrun.Options{Match: t.match.MatchString, Faults: t.faults, Done: t.progress()})
	if t.update {
		if err := t.rewrite(folders, results); err != nil {
			return err
		}
	}
	report := testrun.Report{Results: results, Took: time.Since(began)}
	write := map[string]func() error{
		"text":  func() error { return report.WriteText(t.Out, t.colored(t.Out)) },
		"json":  func() error { return report.WriteJSON(t.Out) },
		"junit": func() error { return report.WriteJUnit(t.Out) },
	}[t.format]
	if err := write(); err != nil {
		return &exitError{exitRead, fmt.Errorf("cannot write the results: %w", err)}
	}
	covered, err := t.cover(folders, cover, paths)
	if err != nil {
		return err
	}
	switch {
	case len(results) == 0:
		return &exitError{exitProblems, fmt.Errorf("no case fits --run %q", t.pattern)}
	case report.Failed() > 0:
		return &exitError{exitProblems, nil}
	}
	return covered
}

// rewrite gives the test files the expectations that would hold, and takes what it has
// mended for holding.
func (t *testCommand) rewrite(folders []*testrun.Folder, results []*testrun.Result) error {
	files, err := testrun.Update(folders, results)
	if err != nil {
		return &exitError{exitProblems, err}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := replaceFile(name, files[name]); err != nil {
			return &exitError{exitRead, err}
		}
		fmt.Fprintf(t.Err, "%s: rewritten\n", name)
	}
	for _, r := range results {
		r.Failures = slices.DeleteFunc(r.Failures, func(f testrun.Failure) bool { return f.Fix != nil })
	}
	return nil
}

// slow is how long a run takes before it tells how far it is, and how often it does.
const slow = 2 * time.Second

// progress tells on long runs how far they are.
func (t *testCommand) progress() func(*testrun.Result) {
	told, done, failed := time.Now(), 0, 0
	return func(r *testrun.Result) {
		done++
		if len(r.Failures) > 0 {
			failed++
		}
		if time.Since(told) >= slow {
			told = time.Now()
			fmt.Fprintf(t.Err, "%s played, %d failed\n", plural(done, "case"), failed)
		}
	}
}

// load reads the folders of the paths with their flows and tests. The list has what is
// wrong with the files.
func (t *testCommand) load(paths []string) ([]*testrun.Folder, diag.List, error) {
	var (
		folders []*testrun.Folder
		diags   diag.List
	)
	only := map[string][]string{} // test files by folder; none: all
	var order []string
	for _, p := range paths {
		folder, file, err := testPath(p)
		if err != nil {
			return nil, nil, err
		}
		if !slices.Contains(order, folder) {
			order = append(order, folder)
		}
		if file != "" {
			only[folder] = append(only[folder], file)
		}
	}
	for _, path := range order {
		folder, list, err := testrun.Open(path, only[path])
		if err != nil {
			return nil, nil, err
		}
		maps.Copy(t.sources, folder.Sources)
		diags = append(diags, list...)
		folders = append(folders, folder)
	}
	return folders, diags, nil
}

// testPath gives the folder of a path, and the test file in it that is meant, if one is.
func testPath(path string) (folder, file string, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", "", pathError(path, err)
	case info.IsDir():
		return filepath.Clean(path), "", nil
	case schema.IsTestFile(path):
	case schema.IsFlowFile(path):
		beside := strings.TrimSuffix(path, filepath.Ext(path)) + ".test.yaml"
		if _, err := os.Stat(beside); err != nil {
			return "", "", fmt.Errorf("%s has no tests: there is no %s", path, beside)
		}
		path = beside
	default:
		return "", "", fmt.Errorf("%s: a test file is called NAME.test.yaml", path)
	}
	return filepath.Dir(path), filepath.Base(path), nil
}
