package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

func newStartCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start FLOW [KEY=VALUE...]",
		Short: "Start a session on a running server",
		Long:  "Starts a session of FLOW on a running server and prints its id. KEY=VALUE are the inputs of the flow.",
		Example: `  ringdown start click-to-call agent=+15550001111 customer=+15550002222
  ringdown start click-to-call --json --url https://voice.example.com agent=+15550001111 customer=+15550002222`,
		Args: needs(true, "FLOW"),
	}
	r := a.remote(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		input, err := pairs(args[1:])
		if err != nil {
			return err
		}
		answer, err := r.do(cmd.Context(), http.MethodPost, "/api/flows/"+url.PathEscape(args[0])+"/sessions", map[string]any{"input": input})
		if err != nil {
			return err
		}
		var out struct{ ID string }
		return r.show(answer, &out, func(w io.Writer) { fmt.Fprintln(w, out.ID) })
	}
	return cmd
}
