package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine"
)

func newVersionCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Example: `  ringdown version
  ringdown version --json`,
		Args: cobra.NoArgs,
	}
	asJSON := cmd.Flags().Bool("json", false, "print as JSON")
	cmd.RunE = func(*cobra.Command, []string) error {
		version := "unknown"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			version = info.Main.Version
		}
		if *asJSON {
			return json.NewEncoder(a.Out).Encode(map[string]any{
				"version": version, "language": engine.LanguageVersion, "session_format": engine.SessionFormat, "go": runtime.Version(),
			})
		}
		_, err := fmt.Fprintf(a.Out, "ringdown %s (flow language %d, %s)\n", version, engine.LanguageVersion, runtime.Version())
		return err
	}
	return cmd
}
