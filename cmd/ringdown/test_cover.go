package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/ringdown/ringdown/engine/testrun"
	"github.com/ringdown/ringdown/schema"
)

// cover tells what of the flows was taken, and draws it. wanting says that it was too
// little of one.
func (t *testCommand) cover(folders []*testrun.Folder, cover *testrun.Coverage, paths []string) (wanting, err error) {
	if !t.covers && t.least == 0 && t.draws == "" {
		return nil, nil
	}
	whole := !slices.ContainsFunc(paths, func(p string) bool { return schema.IsFlowFile(p) || schema.IsTestFile(p) })
	flows, err := cover.Flows(folders, whole)
	if err != nil {
		return nil, &exitError{exitProblems, err}
	}
	out := t.Out
	if t.format != "text" {
		out = t.Err // the results are for a program
	}
	if err := testrun.WriteCoverage(out, flows, t.colored(out)); err != nil {
		return nil, &exitError{exitRead, err}
	}
	if err := t.draw(flows); err != nil {
		return nil, &exitError{exitRead, err}
	}
	for _, f := range flows {
		if f.Percent() < t.least {
			return &exitError{exitProblems, fmt.Errorf("%s: %d %% of the flow %s were taken, less than %d %%", f.File, f.Percent(), f.Flow, t.least)}, nil
		}
	}
	return nil, nil
}

// draw writes a picture of each flow.
func (t *testCommand) draw(flows []*testrun.FlowCoverage) error {
	if t.draws == "" {
		return nil
	}
	if err := os.MkdirAll(t.draws, 0o755); err != nil {
		return err
	}
	ending := map[string]string{"mermaid": ".mmd", "dot": ".dot", "svg": ".svg"}[t.picture]
	for _, f := range flows {
		if err := os.WriteFile(filepath.Join(t.draws, f.Flow+ending), []byte(drawings[t.picture](f.Draw())), 0o644); err != nil {
			return err
		}
	}
	return nil
}
