package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/sim/console"
	"github.com/ringdown/ringdown/engine/sim/control"
)

// simRun is one run of `ringdown sim`.
type simRun struct {
	*app
	o       *simOptions
	command []string
	server  *control.Server
	out     io.Writer // for the log
	screen  *screen   // of a person who types; nil if it is no terminal
}

// serve serves until ctx ends, the command does or the person at the keyboard leaves.
func (r *simRun) serve(ctx context.Context, listener net.Listener) error {
	r.o.url = "http://" + reachable(listener.Addr())
	r.o.sim.BaseURL = r.o.url // recordings are fetched from here
	r.server = control.New(control.Options{Open: r.o.open, Clock: r.o.sim.Clock, Speed: r.o.speed, Token: r.o.token})
	web := &http.Server{Handler: r.server.Handler(), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()

	r.out = r.Out
	if len(r.command) > 0 {
		r.out = r.Err // the command's own output is what the user redirects
	}
	var kept bytes.Buffer
	if r.o.log == logFailure {
		r.out = &kept
	}
	r.out = &lineWriter{to: r.out}
	restore, err := r.keyboard()
	if err != nil {
		return errors.Join(err, web.Close())
	}
	defer restore()
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		r.show()
	}()
	err = r.wait(ctx, served)
	r.server.Close()
	<-shown // to the last line
	if err != nil {
		_, _ = kept.WriteTo(r.Err)
	}
	return errors.Join(err, web.Close())
}

// lineWriter is for the log and for answers to commands, which come from two sides.
type lineWriter struct {
	mu sync.Mutex
	to io.Writer
}

// Write writes one line or more.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// keyboard makes the terminal one at which lines are typed below the log, if commands
// are taken and it is one.
func (r *simRun) keyboard() (restore func(), err error) {
	in, inFile := r.In.(*os.File)
	out, outFile := r.Out.(*os.File)
	if !r.o.byHand || !inFile || !outFile || !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return func() {}, nil
	}
	was, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, &exitError{exitProblems, fmt.Errorf("the terminal cannot be used: %w", err)}
	}
	r.screen = &screen{Terminal: term.NewTerminal(readWriter{in, out}, "> "), out: out}
	r.screen.resize()
	r.out = r.screen
	return func() {
		_ = term.Restore(int(in.Fd()), was)
		fmt.Fprintln(out)
	}, nil
}

// wait waits for whatever ends the simulator.
func (r *simRun) wait(ctx context.Context, served <-chan error) error {
	if len(r.command) > 0 {
		return r.runBeside(ctx)
	}
	left := make(chan struct{})
	if r.o.byHand {
		go func() {
			if r.byHand(ctx) {
				close(left)
			}
		}()
	}
	select {
	case <-ctx.Done():
	case <-left:
	case err := <-served:
		return &exitError{exitProblems, err}
	}
	return nil
}

// byHand carries out what is typed, and reports whether the person wants to leave. The
// end of a file is no wish to.
func (r *simRun) byHand(ctx context.Context) bool {
	hand := console.NewHand(r.server.Sim)
	do := func(line string) bool {
		said, err := hand.Do(line)
		if errors.Is(err, console.ErrQuit) {
			return true
		}
		if err != nil {
			said = err.Error()
		}
		if said != "" {
			fmt.Fprintln(r.out, said)
		}
		return false
	}
	if r.screen != nil {
		for {
			line, err := r.screen.ReadLine()
			if err != nil || do(line) { // Ctrl-C and Ctrl-D are io.EOF
				return true
			}
		}
	}
	if r.In != nil {
		for line := range lines(ctx, r.In) {
			if do(line) {
				return true
			}
		}
	}
	return false
}

// runBeside runs the command with the simulator in its environment.
func (r *simRun) runBeside(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, r.command[0], r.command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r.In, r.Out, r.Err
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "TWILIO_ACCOUNT_SID="+r.o.sim.AccountSID, "TWILIO_AUTH_TOKEN="+r.o.sim.AuthToken, "RINGDOWN_SIM_URL="+r.o.url)
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return &exitError{exit.ExitCode(), nil}
	case err != nil:
		return &exitError{exitProblems, fmt.Errorf("the command %s: %w", r.command[0], err)}
	}
	return nil
}

// show writes the banner and then what happens.
func (r *simRun) show() {
	switch r.o.log {
	case "json":
		enc := json.NewEncoder(r.out)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(map[string]string{"kind": "ready", "url": r.o.url, "account_sid": r.o.sim.AccountSID})
		r.server.Follow(context.Background(), func(e sim.Entry) { _ = enc.Encode(control.EntryOut(e)) })
	case "text", logFailure:
		r.banner()
		c := console.New(r.out, len(r.command) == 0 && r.colored(r.Out))
		r.server.Follow(context.Background(), c.Write)
	}
}

// banner says how to point an application here.
func (r *simRun) banner() {
	o, out := r.o, r.out
	fmt.Fprintf(out, "Simulated Twilio at %s\n\n", o.url)
	fmt.Fprintf(out, "For the application:\n  export TWILIO_ACCOUNT_SID=%s\n", o.sim.AccountSID)
	if o.secret {
		fmt.Fprintf(out, "  TWILIO_AUTH_TOKEN is that of this environment\n")
	} else {
		fmt.Fprintf(out, "  export TWILIO_AUTH_TOKEN=%s\n", o.sim.AuthToken)
	}
	fmt.Fprintf(out, "  REST: %s in place of https://api.twilio.com\n\n", o.url)
	for _, phone := range sortedNumbers(o.numbers) {
		n := o.numbers[phone]
		fmt.Fprintf(out, "Number %s calls %s\n", phone, n.VoiceURL)
	}
	auth, to := "", "+15550001000"
	if len(o.numbers) > 0 {
		to = sortedNumbers(o.numbers)[0]
	} else {
		fmt.Fprintf(out, "No numbers yet. Add one:\n  curl -X PUT -d '{\"voice_url\": \"http://localhost:3000/voice\"}' %s%s/numbers/%s\n", o.url, control.Prefix, to)
	}
	if o.token != "" {
		auth = ` -H "Authorization: Bearer $RINGDOWN_SIM_TOKEN"`
	}
	if o.byHand {
		fmt.Fprintf(out, "Type call, and then keys; help lists the commands.\n\n")
		return
	}
	fmt.Fprintf(out, "Call it:\n  curl%s -d '{\"to\": %q}' %s%s/calls\n\n", auth, to, o.url, control.Prefix)
}

// reachable is an address of this machine that reaches the listener.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func randomToken() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
