package terminal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/desk"
)

func (t *Terminal) signal(ctx context.Context, args []string) error {
	words, pairs := parts(args)
	session, name := "", ""
	switch len(words) {
	case 1:
		name = words[0]
	case 2:
		session, name = words[0], words[1]
	default:
		return errors.New("write: signal [SESSION] NAME [field=value ...]")
	}
	if session == "" {
		t.patiently(ctx, func() bool {
			return slices.ContainsFunc(t.desk.Sessions(ctx, true), func(s desk.Session) bool { return slices.Contains(s.Signals, name) })
		})
	}
	number, err := t.desk.Signal(ctx, session, name, pairs)
	if err == nil {
		t.print(t.paint(dim, fmt.Sprintf("signal %s sent to session #%d", name, number)))
	}
	return err
}

func (t *Terminal) sessions(ctx context.Context, _ []string) error {
	list := t.desk.Sessions(ctx, true)
	if len(list) == 0 {
		t.print("no session is going on")
		return nil
	}
	rows := make([][]string, 0, len(list))
	for _, s := range list {
		var legs []string
		for _, l := range s.Data.Legs {
			where := string(l.Condition)
			if l.State != "" && !l.Over() {
				where += " in " + l.State
			}
			legs = append(legs, l.Name+" "+where)
		}
		rows = append(rows, []string{fmt.Sprintf("#%d", s.Number), s.Flow, strings.Join(legs, ", "), takes(s.Signals)})
	}
	t.print(table(rows)...)
	return nil
}

func takes(signals []string) string {
	if len(signals) == 0 {
		return ""
	}
	return "takes " + strings.Join(signals, ", ")
}

func (t *Terminal) showSession(ctx context.Context, args []string) error {
	word := ""
	if len(args) > 0 {
		word = args[0]
	} else if all := t.desk.Sessions(ctx, false); len(all) > 0 {
		word = fmt.Sprint(all[len(all)-1].Number)
	} else {
		return errors.New("there is no session yet")
	}
	s, err := t.desk.FindSession(ctx, word)
	if err != nil {
		return err
	}
	t.print(s.Outline(t.desk.Now())...)
	return nil
}

func (t *Terminal) end(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("write: end SESSION; sessions lists them")
	}
	return t.desk.End(ctx, args[0])
}

func (t *Terminal) balance(_ context.Context, args []string) error {
	if len(args) > 0 {
		if err := t.desk.Bank().SetBalance(args[0]); err != nil {
			return err
		}
	}
	t.print(t.bankLine())
	return nil
}

func (t *Terminal) charges(_ context.Context, args []string) error {
	switch {
	case len(args) == 0:
	case args[0] == "accept" || args[0] == "refuse":
		t.desk.Bank().Refuse(args[0] == "refuse")
	default:
		return errors.New("write: charges accept, or charges refuse")
	}
	t.print(t.bankLine())
	return nil
}

func (t *Terminal) bankLine() string {
	balance, refuse := t.desk.Bank().State()
	how := "charges succeed"
	if refuse {
		how = "charges are refused"
	}
	return fmt.Sprintf("billing: every account holds %s, numbers that end in %s have none; %s", balance, desk.NoAccount, how)
}

func (t *Terminal) setTrace(_ context.Context, args []string) error {
	if len(args) != 1 || args[0] != "on" && args[0] != "off" {
		return errors.New("write: trace on, or trace off")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trace = args[0] == "on"
	return nil
}

func (t *Terminal) wait(ctx context.Context, args []string) error {
	if len(args) == 0 {
		t.desk.Quiet(ctx, 500*time.Millisecond)
		return ctx.Err()
	}
	d, err := time.ParseDuration(args[0])
	if err != nil || d < 0 {
		return fmt.Errorf("write: wait 2s, not %q", args[0])
	}
	return t.desk.Sleep(ctx, d)
}

// expect looks for a text in the lines after the one that the last expect has found.
// Capitals, and how many spaces stand in a row, make no difference.
func (t *Terminal) expect(ctx context.Context, args []string) error {
	want := normal(strings.Join(args, " "))
	if want == "" {
		return errors.New("write: expect TEXT")
	}
	limit := t.o.Patience
	if limit <= 0 {
		limit = 10 * time.Second
	}
	found := t.desk.Await(ctx, limit, func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		for i := t.passed; i < len(t.seen); i++ {
			if strings.Contains(t.seen[i], want) {
				t.passed = i + 1
				return true
			}
		}
		return false
	})
	if !found {
		return fmt.Errorf("%q %w", strings.Join(args, " "), ErrExpected)
	}
	return nil
}

func (t *Terminal) help(context.Context, []string) error {
	rows := make([][]string, 0, len(commands()))
	for _, c := range commands() {
		rows = append(rows, []string{strings.TrimSpace(c.name + " " + c.args), c.help})
	}
	t.print(append(table(rows), "PHONE is a phone's number or name, SESSION a number such as 1. Commands may be cut short: ans, dec, sess.")...)
	return nil
}

func (t *Terminal) quit(context.Context, []string) error { return ErrQuit }
