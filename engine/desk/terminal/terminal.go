// Package terminal plays a desk with lines of text: commands in, what happens out. It
// needs no terminal in the narrow sense, so that a file of commands works as well as a
// person at a keyboard.
package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/desk"
)

// Options configures a Terminal. Desk and Out are required.
type Options struct {
	Desk *desk.Desk
	// Out gets whole lines, in one Write each time.
	Out io.Writer
	// Color asks for the colours of a terminal.
	Color bool
	// Width is where long lines are wrapped; nil, or a result below 40: nowhere.
	Width func() int
	// Patience is how long a command waits for the moment at which it makes sense: keys
	// for a question, answer for a ring, expect for its text. 0: commands do not wait,
	// and expect waits 10 s.
	Patience time.Duration
	// Only are the kinds of events that are shown; nil: all.
	Only []desk.Kind
	// Echo shows each command at the moment at which it is carried out.
	Echo bool
}

// The errors of Do that a caller has to know.
var (
	// ErrQuit: the person wants to leave.
	ErrQuit = errors.New("quit")
	// ErrExpected: an expected text did not come. What follows in a script makes no sense.
	ErrExpected = errors.New("was not seen")
)

// Terminal plays one desk. Its methods are safe for concurrent use, Do one at a time.
type Terminal struct {
	o    Options
	desk *desk.Desk

	writing sync.Mutex // one line at a time
	mu      sync.Mutex
	current int      // number of the phone that commands are for; 0: none yet
	trace   bool     // requests are shown
	said    string   // command that is to be shown yet
	warned  string   // last warning
	seen    []string // lines written, for expect
	passed  int      // lines that an expect has gone past
}

// New makes a terminal that shows all that happens on the desk from now on.
func New(o Options) *Terminal {
	t := &Terminal{o: o, desk: o.Desk}
	if t.o.Width == nil {
		t.o.Width = func() int { return 0 }
	}
	t.desk.Subscribe(t.show)
	return t
}

// command is one word that can be typed.
type command struct {
	name, args, help string
	run              func(t *Terminal, ctx context.Context, args []string) error
	waits            bool // for its moment, and is shown then
}

// commands lists all commands in the order of the help.
func commands() []command {
	return []command{
		{"call", "NUMBER|FLOW [FROM] [input=value ...]", "call a flow with your phone", (*Terminal).call, false},
		{"start", "FLOW input=value ...", "start a flow without a call", (*Terminal).start, false},
		{"12#", "", "just keys: press them on the current phone", nil, false},
		{"press", "KEYS", "the same, also for A-D", (*Terminal).press, true},
		{"say", "TEXT", "speak into the current phone", (*Terminal).say, true},
		{"hangup", "[PHONE]", "put a phone down", (*Terminal).hangup, false},
		{"answer", "[PHONE]", "pick up a phone that rings", (*Terminal).answer, true},
		{"decline", "[PHONE]", "reject the call: the caller finds it busy", (*Terminal).decline, true},
		{"phones", "", "all phones and what they do", (*Terminal).phones, false},
		{"use", "PHONE", "make a phone the current one; or for one command: @PHONE COMMAND", (*Terminal).use, false},
		{"signal", "[SESSION] NAME [field=value ...]", "send a signal, as a console would", (*Terminal).signal, true},
		{"sessions", "", "the sessions that are going on", (*Terminal).sessions, false},
		{"show", "[SESSION]", "one session: legs, variables, timers", (*Terminal).showSession, false},
		{"end", "SESSION", "end a session: its calls are hung up", (*Terminal).end, false},
		{"save", "NAME [FILE]", "make a test case of the session that has ended: its name in words", (*Terminal).save, true},
		{"flows", "", "flows, their numbers, and how to try them", (*Terminal).flows, false},
		{"balance", "[AMOUNT]", "what accounts hold in the billing service", (*Terminal).balance, false},
		{"charges", "accept|refuse", "whether the billing service can charge", (*Terminal).charges, false},
		{"trace", "on|off", "show webhooks with their TwiML, and REST requests", (*Terminal).setTrace, false},
		{"wait", "[2s]", "for scripts: let time pass, or wait until all is quiet", (*Terminal).wait, false},
		{"expect", "TEXT", "for scripts: wait until a line with TEXT appears, fail if it does not", (*Terminal).expect, false},
		{"help", "", "this", (*Terminal).help, false},
		{"quit", "", "leave; Ctrl-D does the same", (*Terminal).quit, false},
	}
}

var (
	onlyKeys = regexp.MustCompile(`^[0-9*#]+$`)
	comment  = regexp.MustCompile(`^#\s`)
)

// Do carries out one line. Errors are shown already; they are returned so that a script
// can fail. An empty line and a comment (# and a space) do nothing.
func (t *Terminal) Do(ctx context.Context, line string) error {
	line = strings.TrimSpace(line)
	if line == "" || comment.MatchString(line) {
		return nil
	}
	if t.o.Echo {
		t.said = t.Prompt() + line
	}
	err := t.dispatch(ctx, line)
	t.echo()
	if err != nil && !errors.Is(err, ErrQuit) && ctx.Err() == nil {
		t.print(t.paint(red, "! "+err.Error()))
	}
	return err
}

func (t *Terminal) dispatch(ctx context.Context, line string) error {
	if rest, ok := strings.CutPrefix(line, "@"); ok {
		return t.as(ctx, rest)
	}
	if onlyKeys.MatchString(line) {
		return t.press(ctx, []string{line})
	}
	words := strings.Fields(line)
	if words[0] == "?" {
		words[0] = "help"
	}
	c, err := find(words[0])
	if err != nil {
		return err
	}
	if !c.waits {
		t.echo()
	}
	return c.run(t, ctx, words[1:])
}

// echo shows the command in hand, unless it was shown.
func (t *Terminal) echo() {
	if said := t.said; said != "" {
		t.said = ""
		t.write(said)
	}
}

// find gives the command of that name, or the only one that begins so.
func find(word string) (command, error) {
	var begin []command
	for _, c := range commands() {
		if c.run == nil {
			continue
		}
		if c.name == word {
			return c, nil
		}
		if strings.HasPrefix(c.name, strings.ToLower(word)) {
			begin = append(begin, c)
		}
	}
	switch len(begin) {
	case 1:
		return begin[0], nil
	case 0:
		return command{}, fmt.Errorf("there is no command %q: type help", word)
	}
	return command{}, fmt.Errorf("%q is %s or %s: write more of it", word, begin[0].name, begin[1].name)
}

// as does one command with another phone.
func (t *Terminal) as(ctx context.Context, rest string) error {
	word, line, ok := strings.Cut(rest, " ")
	if !ok {
		return errors.New("write @PHONE COMMAND, such as @2 hangup")
	}
	p, err := t.desk.FindPhone(word)
	if err != nil {
		return err
	}
	before := t.currentPhone()
	t.setCurrent(p.Number)
	err = t.dispatch(ctx, strings.TrimSpace(line))
	if before != 0 {
		t.setCurrent(before)
	}
	return err
}

// Prompt is what stands before the line that is typed.
func (t *Terminal) Prompt() string {
	if p, ok := t.desk.Phone(t.currentPhone()); ok {
		return p.Name + "> "
	}
	return "> "
}

func (t *Terminal) currentPhone() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

func (t *Terminal) setCurrent(number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = number
}

// Finish waits, after the last command of a script, until calls and sessions are over or
// nothing has happened for 3 s, but for no more than a minute, and then hangs up.
func (t *Terminal) Finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	over, stop := context.WithCancel(ctx)
	go func() {
		defer stop()
		t.desk.Quiet(over, 3*time.Second)
	}()
	done := func() bool { return t.desk.Live() == 0 && len(t.desk.Sessions(ctx, true)) == 0 }
	t.desk.Await(over, time.Minute, done)
	t.desk.HangUpAll(ctx)
	t.desk.Await(ctx, 3*time.Second, done)
	t.desk.Quiet(ctx, 200*time.Millisecond)
}
