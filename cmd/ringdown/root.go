package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes of all commands.
const (
	exitOK       = 0 // done, nothing to complain about
	exitProblems = 1 // the command failed, or found problems
	exitUsage    = 2 // unknown command, flag or argument
	exitRead     = 3 // a file or folder cannot be read
)

// Streams is all that the program touches of the process that runs it.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	Env func(name string) (value string, ok bool)
}

// app is what the commands share.
type app struct {
	Streams
}

// commands lists the constructors of all subcommands, in the order of the help.
func commands() []func(*app) *cobra.Command {
	return []func(*app) *cobra.Command{
		newValidateCommand,
		newFmtCommand,
		newTestCommand,
		newGraphCommand,
		newReferenceCommand,
		newSchemaCommand,
		newServeCommand,
		newDevCommand,
		newSimCommand,
		newStartCommand,
		newSessionsCommand,
		newShowCommand,
		newSignalCommand,
		newEndCommand,
		newSwitchesCommand,
		newSwitchCommand,
		newVersionCommand,
	}
}

// exitError is an error with the code that the program exits with. A nil err was told
// already.
type exitError struct {
	code int
	err  error
}

// Error gives the cause.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap gives the cause.
func (e *exitError) Unwrap() error { return e.err }

// usageError is a wrong call of the command.
func usageError(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// Main runs the command line and returns the exit code: 0 done, 1 failed or found
// problems, 2 called wrongly, 3 could not read.
func Main(ctx context.Context, args []string, s Streams) int {
	a := &app{Streams: s}
	if a.Env == nil {
		a.Env = func(string) (string, bool) { return "", false }
	}
	root := newRootCommand(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	code := exitUsage // what cobra itself reports is about flags, arguments and command names
	var e *exitError
	if errors.As(err, &e) {
		code, err = e.code, e.err
	}
	if err != nil {
		fmt.Fprintf(a.Err, "ringdown: %v\n", err)
		if code == exitUsage {
			fmt.Fprintf(a.Err, "Run '%s --help' for usage.\n", cmd.CommandPath())
		}
	}
	return code
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "ringdown",
		Short: "Telephone call flows on Twilio, written as YAML",
		Long: `Ringdown runs telephone call flows on Twilio. A flow is a YAML file: what each call
hears and does, and what leads where. Flows are checked before they run, reloaded
while calls go on, and no call is lost when the server dies.`,
		Example: `  ringdown dev                      # try the flows with simulated phones
  ringdown validate                 # check all flows in the folder flows
  ringdown validate --strict a.yaml # one file; warnings fail, too
  ringdown schema > flow.schema.json`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "help [COMMAND]", Hidden: true, Short: "Help about a command", RunE: func(cmd *cobra.Command, args []string) error {
		found, _, err := root.Find(args)
		if err != nil || found == root && len(args) > 0 {
			return usageError("there is no command %q", strings.Join(args, " "))
		}
		return found.Help()
	}})
	for _, construct := range commands() {
		root.AddCommand(construct(a))
	}
	return root
}

// colored reports whether w is a terminal that wants colours.
func (a *app) colored(w io.Writer) bool {
	f, ok := w.(*os.File)
	if _, no := a.Env("NO_COLOR"); no || !ok {
		return false
	}
	return term.IsTerminal(int(f.Fd()))
}
