package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/schema"
)

func newFmtCommand(a *app) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Bring flow files into their canonical form",
		Long: `Puts the keys of flow files and of their states into the order of the reference page,
with the comments above them, and removes superfluous blanks and empty lines. Texts that
YAML does not take without quotes get them. How a value is written stays as it is
otherwise, and so does what the flow means.

A PATH is a file, a folder (default: flows), or - for the standard input, which is written
to the standard output. The names of the files that were changed are printed.

Exit codes: 0 done, 1 a file cannot be read as YAML, or with --check would change,
2 wrong usage, 3 a path cannot be read or written.`,
		Example: `  ringdown fmt
  ringdown fmt --check flows
  ringdown fmt - < draft.yaml`,
		RunE: func(_ *cobra.Command, args []string) error {
			if slices.Contains(args, "-") {
				if len(args) > 1 {
					return usageError("- stands alone")
				}
				return a.formatInput(check)
			}
			return a.formatFiles(args, check)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing; print the files that would change, and fail if there are any")
	return cmd
}

func (a *app) formatInput(check bool) error {
	src, err := io.ReadAll(io.LimitReader(a.In, maxFlowFile))
	if err != nil {
		return &exitError{exitRead, err}
	}
	out, err := a.formatted("stdin", src)
	switch {
	case err != nil:
		return err
	case check && !bytes.Equal(out, src):
		fmt.Fprintln(a.Out, "stdin")
		return &exitError{exitProblems, nil}
	case check:
		return nil
	}
	if _, err := a.Out.Write(out); err != nil {
		return &exitError{exitRead, err}
	}
	return nil
}

// formatted formats one file; its problems are told where it cannot be read.
func (a *app) formatted(name string, src []byte) ([]byte, error) {
	out, diags := schema.Format(name, src)
	if out != nil {
		return out, nil
	}
	if err := diag.WriteText(a.Err, diags, func(string) []byte { return src }, a.colored(a.Err)); err != nil {
		return nil, &exitError{exitRead, err}
	}
	return nil, &exitError{exitProblems, nil}
}

func (a *app) formatFiles(paths []string, check bool) error {
	if len(paths) == 0 {
		paths = []string{"flows"}
	}
	v := &validation{app: a, files: map[string][]byte{}, beside: map[string][]byte{}}
	var unreadable error
	for _, p := range paths {
		unreadable = errors.Join(unreadable, v.read(p))
	}
	failed := false
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		src := v.files[name]
		out, err := a.formatted(name, src)
		switch {
		case err != nil:
			failed = true
			continue
		case bytes.Equal(out, src):
			continue
		}
		fmt.Fprintln(a.Out, name)
		if check {
			failed = true
			continue
		}
		unreadable = errors.Join(unreadable, replaceFile(filepath.FromSlash(name), out))
	}
	switch {
	case unreadable != nil:
		return &exitError{exitRead, unreadable}
	case failed:
		return &exitError{exitProblems, nil}
	}
	return nil
}

// replaceFile writes a file as a whole: a server that reloads its flows never sees half of it.
func replaceFile(name string, text []byte) (err error) {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".ringdown-fmt-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
