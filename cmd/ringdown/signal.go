package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

func newSignalCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "signal ID NAME [KEY=VALUE...]",
		Short: "Send a signal to a session of a running server",
		Long: `Sends the signal NAME to a session. KEY=VALUE are the signal's data. A signal is taken
only while a state of the session, or its flow, names it.`,
		Example: `  ringdown signal 3f2a9c0d1e5b7a8c9d0e hold
  ringdown signal 3f2a9c0d1e5b7a8c9d0e consult to=+15550003333`,
		Args: needs(true, "ID", "NAME"),
	}
	r := a.remote(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		data, err := pairs(args[2:])
		if err != nil {
			return err
		}
		answer, err := r.do(cmd.Context(), http.MethodPost, sessionPath(args[0])+"/signals/"+url.PathEscape(args[1]), map[string]any{"data": data})
		if err != nil {
			return err
		}
		return r.show(answer, nil, func(w io.Writer) { fmt.Fprintf(w, "%s was sent to %s\n", args[1], args[0]) })
	}
	return cmd
}
