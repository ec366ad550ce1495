package terminal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/desk"
)

// parts separates words from name=value pairs.
func parts(args []string) (words []string, pairs map[string]string) {
	pairs = map[string]string{}
	for _, a := range args {
		if name, value, ok := strings.Cut(a, "="); ok && name != "" {
			pairs[name] = value
		} else {
			words = append(words, a)
		}
	}
	return words, pairs
}

func (t *Terminal) call(_ context.Context, args []string) error {
	words, pairs := parts(args)
	if len(words) == 0 || len(words) > 2 {
		return errors.New("write: call NUMBER|FLOW [FROM] [input=value ...], such as: call menu")
	}
	from := ""
	if len(words) == 2 {
		from = words[1]
		if p, err := t.desk.FindPhone(from); err == nil {
			from = p.Address
		}
	}
	number, err := t.desk.Call(words[0], from, pairs)
	if err != nil {
		return err
	}
	t.setCurrent(number)
	return nil
}

func (t *Terminal) start(ctx context.Context, args []string) error {
	words, pairs := parts(args)
	if len(words) != 1 {
		return errors.New("write: start FLOW input=value, with all inputs of the flow")
	}
	_, err := t.desk.Start(ctx, words[0], pairs)
	return err
}

// patiently waits for the moment at which a command makes sense, if the terminal does.
func (t *Terminal) patiently(ctx context.Context, ready func() bool) {
	if t.o.Patience > 0 {
		t.desk.Await(ctx, t.o.Patience, ready)
	}
	t.echo()
}

func (t *Terminal) own() (int, error) {
	if n := t.currentPhone(); n != 0 {
		return n, nil
	}
	return 0, errors.New("you are in no call yet: call a flow, or answer a phone")
}

func (t *Terminal) press(ctx context.Context, args []string) error {
	n, err := t.own()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("write: press KEYS")
	}
	t.patiently(ctx, func() bool { return t.desk.Listening(n) || t.idle(n) })
	return t.desk.Press(n, strings.ToUpper(strings.Join(args, "")))
}

func (t *Terminal) say(ctx context.Context, args []string) error {
	n, err := t.own()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("write: say TEXT")
	}
	t.patiently(ctx, func() bool { return t.desk.Listening(n) || t.idle(n) })
	return t.desk.Say(n, strings.Join(args, " "))
}

func (t *Terminal) idle(n int) bool {
	p, _ := t.desk.Phone(n)
	return p.State == desk.Idle
}

func (t *Terminal) hangup(_ context.Context, args []string) error {
	n, err := t.phone(args)
	if err != nil {
		return err
	}
	return t.desk.Hangup(n)
}

// phone gives the phone that a command names, else the current one.
func (t *Terminal) phone(args []string) (int, error) {
	if len(args) == 0 {
		return t.own()
	}
	p, err := t.desk.FindPhone(args[0])
	return p.Number, err
}

func (t *Terminal) answer(ctx context.Context, args []string) error {
	p, err := t.ringing(ctx, args)
	if err != nil {
		return err
	}
	// Somebody who is in a call keeps speaking there.
	if n := t.currentPhone(); n == 0 || t.idle(n) {
		t.setCurrent(p.Number)
	}
	return t.desk.Answer(p.Number)
}

func (t *Terminal) decline(ctx context.Context, args []string) error {
	p, err := t.ringing(ctx, args)
	if err != nil {
		return err
	}
	return t.desk.Decline(p.Number)
}

// ringing gives the phone that is meant among those that ring.
func (t *Terminal) ringing(ctx context.Context, args []string) (desk.Phone, error) {
	var ring []desk.Phone
	find := func() bool {
		ring = slices.DeleteFunc(t.desk.Ring(), func(p desk.Phone) bool {
			return len(args) > 0 && args[0] != p.Name && args[0] != p.Address && args[0] != fmt.Sprint(p.Number)
		})
		return len(ring) > 0
	}
	t.patiently(ctx, find)
	switch {
	case find() && len(ring) == 1:
		return ring[0], nil
	case len(ring) > 1:
		var names []string
		for _, p := range ring {
			names = append(names, fmt.Sprintf("%d (%s)", p.Number, p.Name))
		}
		return desk.Phone{}, fmt.Errorf("several phones ring: say which, %s", strings.Join(names, ", "))
	case len(args) > 0:
		return desk.Phone{}, fmt.Errorf("%s does not ring", args[0])
	}
	return desk.Phone{}, errors.New("no phone rings")
}

func (t *Terminal) phones(context.Context, []string) error {
	phones := t.desk.Phones()
	if len(phones) == 0 {
		t.print("no phone has been used yet: call a flow")
		return nil
	}
	current := t.currentPhone()
	rows := make([][]string, 0, len(phones))
	for _, p := range phones {
		mark := ""
		if p.Number == current {
			mark = "*"
		}
		rows = append(rows, []string{mark, fmt.Sprint(p.Number), p.Name, p.Address, doing(p)})
	}
	t.print(table(rows)...)
	return nil
}

func doing(p desk.Phone) string {
	text := p.State
	if p.State == desk.Talking && len(p.With) == 0 {
		if p.Room != "" {
			return "alone in room " + p.Room
		}
		return "in a call"
	}
	if len(p.With) > 0 {
		text += " with " + strings.Join(p.With, ", ")
	}
	if p.Room != "" {
		text += ", in room " + p.Room
	}
	return text
}

func (t *Terminal) use(_ context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("write: use PHONE; phones lists them")
	}
	p, err := t.desk.FindPhone(args[0])
	if err != nil {
		return err
	}
	t.setCurrent(p.Number)
	return nil
}
