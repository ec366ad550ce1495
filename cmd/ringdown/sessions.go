package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/server"
)

func newSessionsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "List sessions of a running server",
		Long:  "Lists the sessions that are not over on a running server, newest first; with --all also those that are.",
		Example: `  ringdown sessions
  ringdown sessions --flow menu --state voicemail
  ringdown sessions --all --json`,
		Args: cobra.NoArgs,
	}
	r := a.remote(cmd)
	flow := cmd.Flags().String("flow", "", "only sessions of this flow")
	state := cmd.Flags().String("state", "", "only sessions with a leg in this state")
	all := cmd.Flags().Bool("all", false, "also sessions that are over")
	limit := cmd.Flags().Int("limit", 100, "at most so many, 1 to 1000")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		q := url.Values{"limit": {strconv.Itoa(*limit)}}
		if *flow != "" {
			q.Set("flow", *flow)
		}
		if *state != "" {
			q.Set("state", *state)
		}
		if !*all {
			q.Set("active", "true")
		}
		answer, err := r.do(cmd.Context(), http.MethodGet, "/api/sessions?"+q.Encode(), nil)
		if err != nil {
			return err
		}
		var out struct{ Sessions []server.SessionLine }
		return r.show(answer, &out, func(w io.Writer) { printSessions(w, out.Sessions) })
	}
	return cmd
}

func printSessions(w io.Writer, sessions []server.SessionLine) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tFLOW\tCONDITION\tSTATES\tOUTCOME\tSTARTED")
	for _, s := range sessions {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Flow, s.Condition, orDash(strings.Join(s.States, " ")), orDash(s.Outcome), s.Started.Format(time.RFC3339))
	}
	_ = t.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
