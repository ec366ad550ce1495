package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/server"
)

func newSwitchesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "switches",
		Short:   "List the switches of a running server",
		Long:    "Lists the switches that the flows of a running server declare, and whether they are on.",
		Example: "  ringdown switches",
		Args:    cobra.NoArgs,
	}
	r := a.remote(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		answer, err := r.do(cmd.Context(), http.MethodGet, "/api/switches", nil)
		if err != nil {
			return err
		}
		var out struct{ Switches []server.SwitchView }
		return r.show(answer, &out, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "NAME\tIS\tLABEL\tFLOWS")
			for _, s := range out.Switches {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.Name, onOff(s.On), orDash(s.Label), orDash(strings.Join(s.Flows, " ")))
			}
			_ = t.Flush()
		})
	}
	return cmd
}

func newSwitchCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "switch NAME on|off",
		Short: "Turn a switch of a running server on or off",
		Long: `Turns a switch on or off for all sessions at once. Each sees it at its next event, also
when it runs already.`,
		Example: `  ringdown switch emergency on
  ringdown switch emergency off`,
		Args: needs(false, "NAME", "on|off"),
	}
	r := a.remote(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[1] != "on" && args[1] != "off" {
			return usageError("a switch is turned on or off, not %q", args[1])
		}
		answer, err := r.do(cmd.Context(), http.MethodPut, "/api/switches/"+url.PathEscape(args[0]), map[string]any{"on": args[1] == "on"})
		if err != nil {
			return err
		}
		var out server.SwitchView
		return r.show(answer, &out, func(w io.Writer) { fmt.Fprintf(w, "%s is %s\n", out.Name, onOff(out.On)) })
	}
	return cmd
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
