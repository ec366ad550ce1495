package main

import (
	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/schema"
)

func newSchemaCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of flow files",
		Long: `Prints the JSON Schema (draft 2020-12) of flow files, for completion and help in
editors. It says less than validate: names, expressions and the way through the states
are checked only there.`,
		Example: `  ringdown schema > flow.schema.json
  # first line of a flow: # yaml-language-server: $schema=flow.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := schema.JSONSchema()
			if err != nil {
				return &exitError{exitProblems, err}
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
}
