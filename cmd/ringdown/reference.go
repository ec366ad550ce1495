package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/schema"
)

func newReferenceCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "reference",
		Short: "Print the reference page of the flow language",
		Long: `Prints all keys, verbs, steps, events and functions of the flow language as one page of
Markdown, for the version of this program.`,
		Example: `  ringdown reference > REFERENCE.md`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := io.WriteString(a.Out, schema.Reference()); err != nil {
				return &exitError{exitRead, err}
			}
			return nil
		},
	}
}
