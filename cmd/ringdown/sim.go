package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/sim/control"
)

// simListen is where `ringdown sim` listens if nobody says otherwise.
const simListen = "127.0.0.1:8090"

// simFlags are the flags of `ringdown sim` as they were written.
type simFlags struct {
	byHand                         bool
	listen, accountSID, party, log string
	numbers, faults, switches      []string
	answerAfter                    time.Duration
	speed, pace, cps               float64
	seed                           uint64
}

func newSimCommand(a *app) *cobra.Command {
	var f simFlags
	cmd := &cobra.Command{
		Use:   "sim [-- COMMAND...]",
		Short: "Simulate Twilio for any TwiML application",
		Long: `Simulates Twilio's voice service for a TwiML application in any language: it calls the
application's webhooks, signed, runs the TwiML that they answer, and serves the REST API
to Twilio's helper libraries. Who is called, who answers and what is pressed is said over
a control API in JSON. It needs no account and no tunnel, and it knows nothing of flows.

A number is PHONE=VOICE_URL, and behind commas fallback=URL, status=URL, method=GET:
  --number +15550001000=http://localhost:3000/voice,status=http://localhost:3000/status
Without --number the numbers are added over the REST or the control API.

With a COMMAND the simulator runs as long as that, a test for example, and ends with its
exit code; what happened is told if it fails. The command has in its environment
TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and RINGDOWN_SIM_URL, the simulator's address.

Settings from the environment: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (the credentials
that the application has), TWILIO_API_KEY and TWILIO_API_SECRET, RINGDOWN_SIM_LISTEN,
RINGDOWN_SIM_TOKEN (opens the control API; needed to listen on more than this machine).

Control API, under ` + control.Prefix + `; these are enough for a first test:
` + control.Essentials() + `
Faults, --fault NAME[=RATE][,next=N][,skip=N][,for=TEXT][,by=DURATION]:
` + columns(faultNames()) + `
Switches, --switch NAME[=VALUE], for what Twilio's documentation leaves open:
` + columns(switchNames()) + `
"ringdown sim reference" explains each request, fault and switch.`,
		Example: `  ringdown sim --number +15550001000=http://localhost:3000/voice
  curl -d '{"to": "+15550001000"}' http://127.0.0.1:8090/sim/v1/calls
  ringdown sim -i --number +15550001000=http://localhost:3000/voice
  ringdown sim --number +15550001000=http://localhost:3000/voice -- npm test
  ringdown sim --fault lose-callback=0.1 --fault error-webhook,next=1 --switch kick-drops`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return usageError("%q is no flag; a command to run stands behind --", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.sim(cmd.Context(), f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "", "address to listen on; port 0 is a free one (default "+simListen+")")
	flags.StringArrayVar(&f.numbers, "number", nil, "a number of the account, PHONE=VOICE_URL[,fallback=URL][,status=URL][,method=GET]; repeatable")
	flags.StringVar(&f.accountSID, "account-sid", "", "SID of the account (default "+sim.DefaultAccountSID+")")
	flags.StringVar(&f.party, "party", "answer", "what unknown numbers do when they are called: answer, busy, decline, no-answer, unreachable, ring (until somebody answers by hand), machine, fax")
	flags.DurationVar(&f.answerAfter, "answer-after", 2*time.Second, "how long they ring before that")
	flags.StringArrayVar(&f.faults, "fault", nil, "something that goes wrong; repeatable")
	flags.StringArrayVar(&f.switches, "switch", nil, "another reading of what Twilio's documentation leaves open; repeatable")
	flags.Float64Var(&f.speed, "speed", 1, "how many times faster than real all time runs, the 15 s of a webhook too")
	flags.Float64Var(&f.pace, "pace", 1, "how many times faster than natural prompts are spoken and files played")
	flags.Float64Var(&f.cps, "cps", 1, "calls per second that the REST API starts")
	flags.Uint64Var(&f.seed, "seed", 0, "of SIDs and faults; 0 is a random one")
	flags.BoolVarP(&f.byHand, "interactive", "i", false, "take commands here: call, keys, say WORDS, answer, hangup ...; help lists them")
	flags.StringVar(&f.log, "log", "", "what is written of what happens: text, json (a line for each entry), none, or failure (text, but only if the COMMAND fails); default text, with a COMMAND failure")
	cmd.AddCommand(&cobra.Command{
		Use: "reference", Short: "Print the page of the simulator: control API, scripts, faults, switches", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.Out, control.Reference())
			return err
		},
	})
	return cmd
}

func (a *app) sim(ctx context.Context, f simFlags, command []string) error {
	if f.byHand && len(command) > 0 {
		return usageError("commands are taken where no COMMAND runs; leave out one of the two")
	}
	if f.log == "" {
		f.log = "text"
		if len(command) > 0 {
			f.log = logFailure
		}
	}
	o, err := a.simOptions(f)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return &exitError{exitProblems, fmt.Errorf("%s is in use; --listen takes another address, 127.0.0.1:0 a free port", o.listen)}
	}
	if err != nil {
		return &exitError{exitProblems, fmt.Errorf("cannot listen on %s: %w", o.listen, err)}
	}
	o.byHand = f.byHand
	return (&simRun{app: a, o: o, command: command}).serve(ctx, listener)
}

func faultNames() []string {
	var names []string
	for _, k := range sim.FaultKinds() {
		names = append(names, string(k.Kind))
	}
	return names
}

func switchNames() []string {
	var names []string
	for _, sw := range (sim.Switches{}).List() {
		names = append(names, sw.Name)
	}
	return names
}

// columns sets words in lines of a terminal's width.
func columns(words []string) string {
	var b strings.Builder
	line := " "
	for _, w := range words {
		if len(line)+len(w) > 86 {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + w
	}
	return b.String() + line + "\n"
}
