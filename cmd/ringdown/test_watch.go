package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/schema"
)

// lookEvery is how often --watch looks whether a file has changed.
const lookEvery = 300 * time.Millisecond

// watching plays the tests, and again whenever a file has changed, until ctx ends.
func (t *testCommand) watching(ctx context.Context, paths []string) error {
	for {
		before := stamp(paths)
		if err := t.once(ctx, paths); err != nil {
			var e *exitError
			if !errors.As(err, &e) || e.err != nil {
				fmt.Fprintf(t.Err, "ringdown: %v\n", err)
			}
		}
		fmt.Fprintf(t.Err, "\nwatching %s; Ctrl-C ends it\n", strings.Join(paths, ", "))
		for stamp(paths) == before {
			if clock.Real().Sleep(ctx, lookEvery) != nil {
				return nil
			}
		}
	}
}

// stamp changes when a flow, a test or the values of a folder do.
func stamp(paths []string) string {
	var b strings.Builder
	for _, p := range paths {
		if schema.IsFlowFile(p) || schema.IsTestFile(p) {
			p = filepath.Dir(p)
		}
		// What cannot be read now is told when it is played.
		_ = filepath.WalkDir(p, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") && filepath.Base(name) != schema.EnvFile {
				return nil
			}
			if info, err := os.Stat(name); err == nil {
				fmt.Fprintf(&b, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return b.String()
}
