package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/desk/terminal"
	"github.com/ringdown/ringdown/schema"
)

// output collects what a terminal writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// play is a desk with a copy of some of the shipped flows, and a terminal on it.
// Which ones is fixed here, so that a new flow changes no list in these tests.
type play struct {
	t    *testing.T
	dir  string
	desk *desk.Desk
	term *terminal.Terminal
	out  *output
}

func open(t *testing.T, o desk.Options) *play {
	t.Helper()
	p := &play{t: t, dir: t.TempDir(), out: &output{}}
	shipped := filepath.Join("..", "..", "..", "flows")
	for _, name := range []string{"menu.yaml", "click-to-call.yaml", "hold-loop.yaml", "prepaid-watch.yaml", "support-hold.yaml", schema.EnvFile} {
		text, err := os.ReadFile(filepath.Join(shipped, name))
		if err != nil {
			t.Fatal(err)
		}
		p.save(name, text)
	}
	o.Flows, o.Listen, o.Debounce, o.Poll = p.dir, "127.0.0.1:0", 20*time.Millisecond, 100*time.Millisecond
	if o.Pace == 0 {
		o.Pace = 200
	}
	var err error
	if p.desk, err = desk.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.desk.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	p.term = terminal.New(terminal.Options{Desk: p.desk, Out: p.out, Patience: 20 * time.Second, Echo: true})
	return p
}

func (p *play) save(name string, text []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), text, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *play) edit(name, old, replacement string) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		p.t.Fatalf("%s does not contain %q", name, old)
	}
	p.save(name, []byte(strings.Replace(string(text), old, replacement, 1)))
}

// run carries out a script, which fails the test where a command fails.
func (p *play) run(script string) {
	p.t.Helper()
	for line := range strings.Lines(script) {
		if err := p.term.Do(p.t.Context(), line); err != nil {
			p.t.Fatalf("%s: %v\n%s", strings.TrimSpace(line), err, p.out)
		}
	}
}

// TestDialogues plays the shipped flows by script.
func TestDialogues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options desk.Options
		script  string
	}{
		{"menu by key", desk.Options{}, `
			call menu
			expect hears: Welcome to Owl Supplies
			1
			expect caller -> sales
			expect sales rings: you calls
			answer
			expect sales answers
			say Hello, is this sales?
			expect sales hears you: Hello
			@sales say Speaking.
			expect you hears sales: Speaking.
			hangup
			expect you hangs up
			expect sales the call is over
			expect menu has ended: completed`},
		{"menu by speech, declined, voicemail", desk.Options{Speed: 5}, `
			call menu
			say support please
			expect caller -> support
			decline
			expect support declines
			expect beep
			say call me back
			wait 2s
			hangup
			expect to office: Message from +15005550100`},
		{"menu, nobody answers", desk.Options{Speed: 20}, `
			call menu
			2
			expect support rings
			expect support stops ringing
			expect caller -> voicemail
			expect is recorded
			press 1
			expect Thank you, goodbye
			expect the call is over`},
		{"menu answers itself", desk.Options{Auto: true, Speed: 10}, `
			call +15005550006 +15005550142
			expect +15005550142 calls +15005550006 (menu)
			1
			expect sales answers
			@sales hangup
			expect menu has ended: completed`},
		{"click to call", desk.Options{}, `
			start click-to-call agent=+15005550142 customer=+15005550143
			answer agent
			expect agent hears: Connecting you to 1
			answer customer
			say hello
			expect customer hears agent: hello
			@customer hangup
			expect agent the call is over
			expect click-to-call has ended: completed`},
		{"click to call, customer busy", desk.Options{}, `
			start click-to-call agent=+15005550142 customer=+15005550143
			answer
			decline customer
			expect Sorry, nobody picked up
			expect click-to-call has ended: completed`},
		{"click to call, agent busy", desk.Options{}, `
			start click-to-call agent=+15005550142 customer=+15005550143
			decline
			expect ended: agent-unreachable`},
		{"hold and resume", desk.Options{}, `
			call hold-loop
			expect hears music
			answer
			expect agent is in room line
			signal hold
			expect sent to session #1
			expect you leaves room line
			expect hears music
			signal 1 resume
			expect you is in room line
			say here again
			expect agent hears you: here again
			signal room-hold
			expect you is on hold
			signal #1 resume
			expect you is back
			end 1
			expect hold-loop has ended`},
		{"a TaskRouter worker", desk.Options{}, `
			call support-hold
			expect you waits for a worker
			expect hears: You are number 1
			expect worker rings
			answer worker
			expect you is out of the queue
			expect you is in room line
			signal hold
			expect hears: Please hold the line
			signal resume
			expect you is in room line
			hangup
			expect support-hold has ended: completed`},
		{"prepaid", desk.Options{Speed: 30}, `
			balance 0.12
			charges refuse
			call prepaid-watch number=+15005550142
			expect +15005550100 has 0.12
			answer callee
			expect a charge of 5 to +15005550100 was refused
			expect you hears: Your balance is used up
			expect prepaid-watch has ended: completed`},
		{"prepaid without account", desk.Options{}, `
			call prepaid-watch +15005550199 number=+15005550142
			expect +15005550199 has no account
			expect Your balance is too low`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			open(t, tt.options).run(tt.script)
		})
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{})
	p.edit("menu.yaml", "Welcome to Owl", "Welcome to Great Owl")
	p.run("expect menu.yaml changed\ncall menu\nexpect Welcome to Great Owl\nhangup")
	p.edit("menu.yaml", "next: operator", "next: operater")
	p.run(`expect menu.yaml:33:11: error: there is no state "operater"
		expect the version before is still running
		call menu
		expect Welcome to Great Owl
		hangup`)
	p.edit("menu.yaml", "next: operater\n", "next: support\n")
	p.run("expect reloaded")
	p.save("new.yaml", []byte("flow: new\nanswers: [\"+15005550077\"]\nanswer: a\nstates:\n  a: {prompt: A new flow., next: hangup}\n"))
	p.run("expect new.yaml new\ncall new\nexpect A new flow\nexpect new has ended: completed")
}

// TestReloadOfWhatFlowsShare: a change of shared.yaml is there at the next call, and a
// mistake in it changes nothing.
func TestReloadOfWhatFlowsShare(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{})
	p.save("shared.yaml", []byte("defaults: {apology: {say: {en: Sorry., fr: Désolé.}}}\nlanguages: {en: {language: en-US}, fr: {language: fr-FR}}\n"))
	p.save("shop.yaml", []byte("flow: shop\nanswers: [\"+15005550077\"]\nanswer: a\nstates:\n  a: {prompt: {say: {en: Hello., fr: Bonjour.}}, next: hangup}\n"))
	p.run("expect shop.yaml new\ncall shop\nexpect Hello.\nexpect shop has ended: completed")
	p.edit("shared.yaml", "fr: {language", "de: {language")
	p.run("expect shop.yaml:5:34: error: there is no language \"fr\"\ncall shop\nexpect Hello.\nexpect shop has ended: completed")
	p.save("shared.yaml", []byte("defaults: {apology: {say: {en: Sorry., fr: Désolé.}}}\nlanguages: {fr: {language: fr-FR}, en: {language: en-US}}\n"))
	p.run("expect shared.yaml changed\ncall shop\nexpect Bonjour.\nexpect shop has ended: completed")
}

// TestMistakes: what cannot be done is said, with what can.
func TestMistakes(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{})
	p.term = terminal.New(terminal.Options{Desk: p.desk, Out: p.out})
	tests := []struct{ line, want string }{
		{"1", "you are in no call yet"},
		{"hangup", "you are in no call yet"},
		{"answer", "no phone rings"},
		{"decline 3", "3 does not ring"},
		{"call nothing", `no flow "nothing"; there are `},
		{"call +15005550999", "no flow answers +15005550999; there are +1500555"},
		{"call click-to-call", "start click-to-call"},
		{"call menu nobody", `"nobody" cannot call`},
		{"call prepaid-watch nmber=1", `no input "nmber"`},
		{"call", "write: call NUMBER|FLOW"},
		{"start menu", "call menu"},
		{"start click-to-call agent=5", `agent "5" is not a phone number like +15551234567; customer is required. Write: start click-to-call agent=`},
		{"start nothing", `no flow "nothing"`},
		{"signal hold", "no session takes the signal hold now; taken are none"},
		{"signal 7 hold", `no session "7"`},
		{"show", "no session yet"},
		{"use 9", "no such phone"},
		{"@9 hangup", "no such phone"},
		{"@9", "write @PHONE COMMAND"},
		{"balance much", "a balance is written like 0.25"},
		{"charges maybe", "charges accept"},
		{"trace", "trace on"},
		{"wait long", "wait 2s"},
		{"dance", `no command "dance"`},
		{"c", `"c" is call or charges`},
	}
	for _, tt := range tests {
		err := p.term.Do(t.Context(), tt.line)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.line, err, tt.want)
		}
	}
	for _, line := range []string{"", "# a comment", "help", "?", "flows", "phones", "sessions", "balance 2.50", "charges refuse", "trace on", "trace off"} {
		if err := p.term.Do(t.Context(), line); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
	if err := p.term.Do(t.Context(), "quit"); !errors.Is(err, terminal.ErrQuit) {
		t.Errorf("quit gives %v", err)
	}
}

func TestExpectFails(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{})
	p.term = terminal.New(terminal.Options{Desk: p.desk, Out: p.out, Patience: time.Millisecond})
	if err := p.term.Do(t.Context(), "expect the moon"); !errors.Is(err, terminal.ErrExpected) {
		t.Errorf("expect gives %v", err)
	}
}

func TestSeveralPhonesRing(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{})
	p.run(`call menu +15005550141
		1
		expect sales rings
		call menu +15005550142
		1
		expect answer 4`)
	if err := p.term.Do(t.Context(), "answer"); err == nil || !strings.Contains(err.Error(), "2 (sales), 4 (sales)") {
		t.Errorf("answer with two phones ringing gives %v\n%s", err, p.out)
	}
	p.run("answer 4\nexpect sales answers\nuse 1\nphones\nexpect 1 ")
	if got := p.term.Prompt(); got != "+15005550141> " {
		t.Errorf("prompt %q", got)
	}
}

func TestBannerAndTrace(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{Token: "secret"})
	p.term.Banner()
	p.run("trace on\ncall menu\nexpect <Gather\nphones\nsessions\nshow\nhangup\nexpect ended")
	for _, want := range []string{
		"click-to-call                start click-to-call agent=+15005550142 customer=+15005550143",
		"prepaid-watch  +15005550008  call prepaid-watch number=+15005550142",
		"RINGDOWN_URL=" + p.desk.URL() + " RINGDOWN_API_TOKEN=secret",
		"POST /voice -> 200", "  leg 1 caller: ", "  #1  menu  caller ",
	} {
		if !strings.Contains(p.out.String(), want) {
			t.Errorf("%q was not written:\n%s", want, p.out)
		}
	}
}

func TestFinishHangsUp(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{})
	p.run("call menu\nexpect Welcome\nhangup")
	p.term.Finish(context.Background())
	if !strings.Contains(p.out.String(), "menu has ended: completed") {
		t.Errorf("the end is missing:\n%s", p.out)
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	p := open(t, desk.Options{})
	tests := []struct {
		line, want string
		choices    []string
	}{
		{"cal", "call ", nil},
		{"c", "c", []string{"call", "charges"}},
		{"call m", "call menu ", nil},
		{"call +1500555000", "call +1500555000", []string{"+15005550006", "+15005550008"}},
		{"start ", "start click-to-call ", nil},
		{"start click-to-call a", "start click-to-call agent=", nil},
		{"charges r", "charges refuse ", nil},
		{"nothing at all", "nothing at all", nil},
	}
	for _, tt := range tests {
		line, pos, choices := p.term.Complete(tt.line, len(tt.line))
		if len(choices) < 2 {
			choices = nil
		}
		if line != tt.want || pos != len(tt.want) || strings.Join(choices, " ") != strings.Join(tt.choices, " ") {
			t.Errorf("Complete(%q) = %q, %d, %q", tt.line, line, pos, choices)
		}
	}
}
