package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
)

// needs says which arguments a command must have: it fails with the name of the first that
// is not given, and, unless the last may be repeated, with the first that is too many.
func needs(repeated bool, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usageError("%s is missing: ringdown %s %s", names[len(args)], cmd.Name(), strings.Join(names, " "))
		}
		if !repeated && len(args) > len(names) {
			return usageError("%q is too much: ringdown %s %s", args[len(names)], cmd.Name(), strings.Join(names, " "))
		}
		return nil
	}
}

// pathError says what to do about a path that cannot be looked at.
func pathError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: there is no such file or folder: give the path of a flow file or of the folder with the flows: %w", path, fs.ErrNotExist)
	}
	return err
}
