package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/graph"
	"github.com/ringdown/ringdown/schema"
)

// pictures are the forms in which a flow is drawn.
var pictures = []string{"mermaid", "dot", "svg"}

// drawings are the ways to draw them.
var drawings = map[string]func(graph.Graph) string{"mermaid": graph.Graph.Mermaid, "dot": graph.Graph.DOT, "svg": graph.Graph.SVG}

func newGraphCommand(a *app) *cobra.Command {
	var format, folder string
	cmd := &cobra.Command{
		Use:   "graph FLOW",
		Short: "Draw the states of a flow",
		Long: `Draws the states of a flow and what leads from one to another: Mermaid (which GitHub
and GitLab show), DOT for Graphviz, or an SVG that every browser opens. Dashed lines are
ways of another leg: one that is called or moved.

FLOW is a file, or the id of a flow in the folder of flows.

Exit codes: 0 drawn, 1 the file has errors, 2 wrong usage, 3 there is no such flow.`,
		Example: `  ringdown graph menu
  ringdown graph menu --format svg > menu.svg`,
		Args: needs(false, "FLOW"),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(pictures, format) {
				return usageError("--format is one of %s, not %q", strings.Join(pictures, ", "), format)
			}
			return a.graph(args[0], folder, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "mermaid", "how it is drawn: "+strings.Join(pictures, ", "))
	cmd.Flags().StringVar(&folder, "flows", "flows", "folder of the flows")
	return cmd
}

func (a *app) graph(flow, folder, format string) error {
	path := flow
	if !schema.IsFlowFile(flow) {
		path = filepath.Join(folder, flow+".yaml")
	}
	if _, err := os.Stat(path); err != nil {
		return &exitError{exitRead, fmt.Errorf("there is no flow %q: %w", flow, err)}
	}
	files := map[string][]byte{}
	if err := readInto(files, path); err != nil {
		return &exitError{exitRead, err}
	}
	name := filepath.ToSlash(filepath.Clean(path))
	g, diags := schema.Graph(name, files[name])
	if g == nil {
		if err := diag.WriteText(a.Err, diags, func(f string) []byte { return files[f] }, a.colored(a.Err)); err != nil {
			return &exitError{exitRead, err}
		}
		return &exitError{exitProblems, nil}
	}
	if _, err := fmt.Fprint(a.Out, drawings[format](*g)); err != nil {
		return &exitError{exitRead, err}
	}
	return nil
}
