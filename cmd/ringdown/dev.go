package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/desk/terminal"
	"github.com/ringdown/ringdown/engine/desk/web"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/schema"
)

// patience is how long a command of a script waits for its moment.
const patience = 10 * time.Second

// devFlags are the flags of dev that are no options of the desk.
type devFlags struct {
	terminal, noOpen bool
}

func newDevCommand(a *app) *cobra.Command {
	o := desk.Options{Flows: "flows", Env: a.Env}
	var f devFlags
	cmd := &cobra.Command{
		Use:   "dev [FLOWS_DIR]",
		Short: "Try flows with simulated phones",
		Long: `Runs the server and a simulated Twilio in one process, and a page with phones to play
with: call a flow, hear what is said, press keys, answer the phones that ring, and watch
the sessions. It needs no account and no settings, and keeps nothing. Only this machine
reaches it, unless --listen says otherwise: then the page asks for the API token.

The values of the flows' env names are in FLOWS_DIR/dev.env; the environment wins.
Changed flow files are loaded when they are saved.

With --terminal the phones are in this terminal. Commands may also come from a pipe: each
waits for its moment, keys for a question, answer for a ring. The exit code is 1 if one of
them failed.`,
		Example: `  ringdown dev
  ringdown dev --terminal my-flows
  printf 'call menu\n1\nanswer\nexpect is over\n' | ringdown dev`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Flows = args[0]
			}
			if o.Pace < 0 || o.Speed <= 0 || cmd.Flags().Changed("pace") && o.Pace == 0 {
				return usageError("--pace and --speed are above 0")
			}
			o.Token, _ = a.Env("RINGDOWN_API_TOKEN")
			return a.dev(cmd.Context(), o, f)
		},
	}
	cmd.Flags().StringVar(&o.Listen, "listen", desk.DefaultListen, "address of the server; if its port is taken, a free one")
	cmd.Flags().BoolVar(&o.Auto, "auto", false, "phones that ring are answered after 2 s by themselves")
	cmd.Flags().Float64Var(&o.Pace, "pace", 0, "how many times faster than natural prompts are spoken (default 1 for the page, which speaks, else 4)")
	cmd.Flags().Float64Var(&o.Speed, "speed", 1, "how many times faster than real all time runs")
	cmd.Flags().BoolVar(&f.terminal, "terminal", false, "phones in this terminal; the page is there as well")
	cmd.Flags().BoolVar(&f.noOpen, "no-open", false, "do not open the page in a browser")
	return cmd
}

func (a *app) dev(ctx context.Context, o desk.Options, f devFlags) (err error) {
	script := !f.terminal && !a.isDevice(a.In)
	if o.Pace == 0 && !f.terminal && !script {
		o.Pace = 1 // words are heard
	}
	d, err := desk.Open(ctx, o)
	if err != nil {
		return a.devError(o.Flows, err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	web.New(ctx, d)
	in, inFile := a.In.(*os.File)
	out, outFile := a.Out.(*os.File)
	interactive := inFile && outFile && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
	switch {
	case f.terminal && interactive:
		return a.devInteractive(ctx, d, in, out)
	case f.terminal, script:
		any, err := a.devScript(ctx, d)
		if any || f.terminal {
			return err
		}
		// A pipe without a command is what a program has that runs others in the background.
	}
	return a.devPage(ctx, d, interactive && !f.noOpen)
}

// isDevice reports whether r is a terminal or /dev/null, so that no commands come from it.
func (a *app) isDevice(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// devError tells why nothing could be opened: wrong flows with every place.
func (a *app) devError(dir string, err error) error {
	var wrong *node.DiagnosticsError
	if errors.As(err, &wrong) {
		_ = diag.WriteText(a.Err, desk.Located(dir, wrong.List), desk.Source, a.colored(a.Err))
		return &exitError{exitProblems, fmt.Errorf("the flows have errors; values for env names belong into %s/%s", dir, schema.EnvFile)}
	}
	if errors.Is(err, os.ErrNotExist) {
		return &exitError{exitRead, fmt.Errorf("%w: give the folder with the flows, ringdown dev FLOWS_DIR", err)}
	}
	return &exitError{exitProblems, err}
}

// devScript takes commands from whatever is not a terminal, and shows them among what
// happens. It reports whether there was any.
func (a *app) devScript(ctx context.Context, d *desk.Desk) (any bool, err error) {
	t := terminal.New(terminal.Options{Desk: d, Out: a.Out, Color: a.colored(a.Out), Patience: patience, Echo: true})
	t.Banner()
	failed := false
	for line := range lines(ctx, a.In) {
		any = true
		err := t.Do(ctx, line)
		if errors.Is(err, terminal.ErrQuit) {
			break
		}
		failed = failed || err != nil
		if errors.Is(err, terminal.ErrExpected) {
			break
		}
	}
	if any && ctx.Err() == nil {
		t.Finish(ctx)
	}
	if failed && ctx.Err() == nil {
		return any, &exitError{exitProblems, nil}
	}
	return any, nil
}

// lines gives the lines of r until it or ctx ends. The goroutine that reads may outlast
// ctx, blocked in a Read that nobody can break off; it touches nothing then.
func lines(ctx context.Context, r io.Reader) func(yield func(string) bool) {
	ch := make(chan string)
	ctx, stop := context.WithCancel(ctx)
	go func() {
		defer close(ch)
		s := bufio.NewScanner(r)
		for s.Scan() {
			select {
			case ch <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return func(yield func(string) bool) {
		defer stop()
		for {
			select {
			case line, ok := <-ch:
				if !ok || !yield(line) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
