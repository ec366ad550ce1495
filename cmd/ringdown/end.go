package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"
)

func newEndCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "end ID",
		Short:   "End a session of a running server",
		Long:    "Ends a session: all its calls are hung up, its timers dropped, and nothing of its flow runs afterwards.",
		Example: `  ringdown end 3f2a9c0d1e5b7a8c9d0e`,
		Args:    needs(false, "ID"),
	}
	r := a.remote(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		answer, err := r.do(cmd.Context(), http.MethodDelete, sessionPath(args[0]), nil)
		if err != nil {
			return err
		}
		return r.show(answer, nil, func(w io.Writer) { fmt.Fprintf(w, "%s is being ended\n", args[0]) })
	}
	return cmd
}
