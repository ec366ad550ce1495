package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/server"
)

func newShowCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a session of a running server",
		Long:  "Shows where a session is: its calls, variables, timers and meter; with --history what happened in it.",
		Example: `  ringdown show 3f2a9c0d1e5b7a8c9d0e
  ringdown show --history 3f2a9c0d1e5b7a8c9d0e`,
		Args: needs(false, "ID"),
	}
	r := a.remote(cmd)
	history := cmd.Flags().Bool("history", false, "what happened, event by event")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *history {
			answer, err := r.do(cmd.Context(), http.MethodGet, sessionPath(args[0])+"/history", nil)
			if err != nil {
				return err
			}
			var out server.HistoryView
			return r.show(answer, &out, func(w io.Writer) { printHistory(w, out) })
		}
		answer, err := r.do(cmd.Context(), http.MethodGet, sessionPath(args[0]), nil)
		if err != nil {
			return err
		}
		var out server.SessionView
		return r.show(answer, &out, func(w io.Writer) { printSession(w, out) })
	}
	return cmd
}

func printSession(w io.Writer, s server.SessionView) {
	fmt.Fprintf(w, "session %s of %s: %s", s.ID, s.Flow, s.Condition)
	if s.Outcome != "" {
		fmt.Fprintf(w, ", %s", s.Outcome)
	}
	fmt.Fprintf(w, "\nstarted %s, version %s, revision %d\n", s.Started.Format(time.RFC3339), s.Closure, s.Rev)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nLEG\tNAME\tFROM\tTO\tCONDITION\tSTATE\tPRICE\tCALL")
	for _, l := range s.Legs {
		condition := l.Condition
		if l.Result != "" {
			condition += " (" + l.Result + ")"
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Number, l.Name, orDash(l.From), orDash(l.To), condition, orDash(l.State), orDash(amount(l.Price, l.PriceUnit)), orDash(l.SID))
	}
	_ = t.Flush()
	printPrice(w, s)
	printValues(w, "input", s.Input)
	printValues(w, "vars", s.Vars)
	for _, timer := range s.Timers {
		fmt.Fprintf(w, "timer %s (%s) is due %s\n", timer.Name, timer.Scope, timer.Due.Format(time.RFC3339))
	}
	if m := s.Meter; m != nil {
		fmt.Fprintf(w, "meter in %s: balance %s, credits %s, %s per %s", m.State, m.Balance, m.Credits, m.Rate, m.Per)
		if !m.End.IsZero() {
			fmt.Fprintf(w, ", until %s", m.End.Format(time.RFC3339))
		}
		fmt.Fprintln(w)
	}
}

// printPrice tells what the calls cost together, and whether that is all.
func printPrice(w io.Writer, s server.SessionView) {
	if s.Price == "" && s.PriceOpen == 0 {
		return
	}
	fmt.Fprintf(w, "price %s", orDash(amount(s.Price, s.PriceUnit)))
	if s.PriceOpen > 0 {
		fmt.Fprintf(w, " (calls whose price is not known yet: %d)", s.PriceOpen)
	}
	fmt.Fprintln(w)
}

func amount(price, unit string) string { return strings.TrimSpace(price + " " + unit) }

func printValues(w io.Writer, title string, values map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, err := json.Marshal(values[name])
		if err != nil {
			text = []byte("?")
		}
		fmt.Fprintf(w, "%s.%s = %s\n", title, name, text)
	}
}

func printHistory(w io.Writer, h server.HistoryView) {
	for _, c := range h.History {
		var entries []engine.Entry
		if err := json.Unmarshal(c.Entries, &entries); err != nil {
			fmt.Fprintf(w, "%4d  %s  (written by another version)\n", c.Rev, c.At.Format(time.RFC3339))
			continue
		}
		for _, e := range entries {
			fmt.Fprintf(w, "%4d  %s  %s\n", c.Rev, c.At.Format("15:04:05.000"), entryText(e))
		}
	}
}

// entryText is one line of a history. Documents are left to --json.
func entryText(e engine.Entry) string {
	text := e.What
	if e.Leg != 0 {
		text += fmt.Sprintf(" leg %d", e.Leg)
	}
	if e.Name != "" {
		text += " " + e.Name
	}
	if e.From != "" || e.To != "" {
		text += " " + orDash(e.From) + " -> " + orDash(e.To)
	}
	if e.Effect != "" {
		text += " #" + e.Effect
	}
	if e.Why != "" {
		text += " (" + e.Why + ")"
	}
	if e.Text != "" && e.What != "document" {
		text += ": " + e.Text
	}
	return text
}
