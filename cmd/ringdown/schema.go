package main

import (
	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/schema"
)

func newSchemaCommand(a *app) *cobra.Command {
	var shared, tests bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of flow files, or of those beside them",
		Long: `Prints the JSON Schema (draft 2020-12) of flow files, for completion and help in
editors. It says less than validate: names, expressions and the way through the states
are checked only there. With --shared it is that of shared.yaml, which flows share, with
--tests that of test files.`,
		Example: `  ringdown schema > flow.schema.json
  ringdown schema --shared > shared.schema.json
  ringdown schema --tests > test.schema.json
  # first line of a flow: # yaml-language-server: $schema=flow.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			print := schema.JSONSchema
			switch {
			case shared && tests:
				return usageError("--shared and --tests are two schemas: write one of them")
			case shared:
				print = schema.SharedSchema
			case tests:
				print = schema.TestSchema
			}
			text, err := print()
			if err != nil {
				return &exitError{exitProblems, err}
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
	cmd.Flags().BoolVar(&shared, "shared", false, "the schema of the file that flows share")
	cmd.Flags().BoolVar(&tests, "tests", false, "the schema of test files (NAME.test.yaml)")
	return cmd
}
