package desk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/sim"
)

// phone is one telephone. It takes part in one call at a time; a number that is in two
// calls has two phones.
type phone struct {
	number  int
	address string
	call    *sim.Call
	downBy  bool   // the person put it down
	music   string // file that plays and was told
	room    string
	up      time.Time // answered
}

// Phone is a telephone as one looks at it.
type Phone struct {
	Number  int
	Name    string
	Address string
	State   string   // idle, calling, ringing or talking
	With    []string // names of those it can talk to
	Room    string   // that it is in
	From    string   // who calls, while it rings: the name of a phone, or a number
	// Listening: keys or words would be taken now, by a question or a recording, or because
	// somebody is on the other end.
	Listening bool
	Up        time.Time // since when it talks
}

// The states of a phone.
const (
	Idle    = "idle"
	Calling = "calling"
	Ringing = "ringing"
	Talking = "talking"
)

// ErrNoPhone is what a command gives that is for a phone which is not there.
var ErrNoPhone = errors.New("there is no such phone")

// Call lets somebody at from, "" is You, call a number or a flow. The parameters travel
// with the call's requests: they fill the flow's inputs, as those of a browser call do.
// It gives the number of the phone.
func (d *Desk) Call(to, from string, params map[string]string) (int, error) {
	address, err := d.dialled(to)
	if err != nil {
		return 0, err
	}
	if from == "" {
		from = You
	}
	if !expr.IsPhone(from) {
		return 0, fmt.Errorf("%q cannot call: a number is written like +15005550142", from)
	}
	if f := d.loadedFlow(d.flowAt(address)); f != nil {
		for name := range params {
			if f.Input(name) == nil {
				return 0, fmt.Errorf("%s has no input %q", f.Name, name)
			}
		}
	}
	extra := url.Values{}
	for name, v := range params {
		extra.Set(name, v)
	}
	call, err := d.sim.CallWith(from, address, extra)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.phoneOf(call).number, nil
}

// dialled gives the address that a number or the name of a flow stands for.
func (d *Desk) dialled(to string) (string, error) {
	var numbers []string
	for _, f := range d.Flows() {
		switch {
		case slices.Contains(f.Numbers, to):
			return to, nil
		case f.Name == to && len(f.Numbers) > 0:
			return f.Numbers[0], nil
		case f.Name == to && f.Answers:
			return appAddress(to), nil
		case f.Name == to:
			return "", fmt.Errorf("%s answers no calls: start %s", to, to)
		}
		numbers = append(numbers, f.Numbers...)
	}
	if !expr.IsPhone(to) {
		return "", d.noFlow(to)
	}
	return "", fmt.Errorf("no flow answers %s; there are %s", to, orNone(numbers))
}

// phoneOf gives the phone of a call, a new one if need be: d.mu is held.
func (d *Desk) phoneOf(call *sim.Call) *phone {
	address := call.To()
	if call.Direction() == "inbound" {
		address = call.From()
	}
	var free *phone
	for _, p := range d.phones {
		switch {
		case p.call == call:
			return p
		case p.address == address && free == nil && p.call.Ended():
			free = p
		}
	}
	if free == nil {
		free = &phone{number: len(d.phones) + 1, address: address}
		d.phones = append(d.phones, free)
	}
	*free = phone{number: free.number, address: address, call: call}
	return free
}

// name gives the name of an address, or the address: d.mu is held.
func (d *Desk) name(address string) string {
	if name, ok := d.names[address]; ok {
		return name
	}
	return address
}

// Phones gives all phones that have taken part in a call.
func (d *Desk) Phones() []Phone {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Phone, 0, len(d.phones))
	for _, p := range d.phones {
		list = append(list, d.look(p))
	}
	return list
}

// Phone gives the phone with that number, false if there is none.
func (d *Desk) Phone(number int) (Phone, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if number < 1 || number > len(d.phones) {
		return Phone{}, false
	}
	return d.look(d.phones[number-1]), true
}

func (d *Desk) look(p *phone) Phone {
	v := Phone{Number: p.number, Name: d.name(p.address), Address: p.address, State: Idle}
	switch status := p.call.Status(); {
	case p.call.Ended():
	case status == "ringing" && p.call.Direction() == "inbound":
		v.State = Calling
	case status == "ringing":
		v.State, v.From = Ringing, d.name(p.call.From())
	case status == "in-progress":
		v.State, v.Room, v.Up = Talking, p.room, p.up
		for _, peer := range p.call.Peers() {
			v.With = append(v.With, d.name(d.phoneOf(peer).address))
		}
		v.Listening = p.call.Listening() || len(v.With) > 0
	}
	return v
}

// FindPhone gives the phone with a number, written 2, or with a name or an address. Of
// several with one name it is the newest that is in a call, else the newest.
func (d *Desk) FindPhone(word string) (Phone, error) {
	var best Phone
	phones := d.Phones()
	for _, p := range phones {
		if strconv.Itoa(p.Number) == word {
			return p, nil
		}
		if (p.Name == word || p.Address == word) && (best.Number == 0 || p.State != Idle || best.State == Idle) {
			best = p
		}
	}
	if best.Number == 0 {
		return best, fmt.Errorf("%w: %q", ErrNoPhone, word)
	}
	return best, nil
}

func (d *Desk) act(number int, f func(p *phone)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if number < 1 || number > len(d.phones) {
		return ErrNoPhone
	}
	p := d.phones[number-1]
	if p.call.Ended() {
		return fmt.Errorf("the phone %s is in no call", d.name(p.address))
	}
	f(p)
	return nil
}

// Press presses keys, 0-9 * # A-D, on a phone.
func (d *Desk) Press(number int, keys string) error {
	if bad := strings.Trim(keys, "0123456789*#ABCD"); keys == "" || bad != "" {
		return fmt.Errorf("keys are 0-9, *, # and A-D, not %q", keys)
	}
	return d.act(number, func(p *phone) { p.call.Press(keys) })
}

// Say speaks into a phone.
func (d *Desk) Say(number int, text string) error {
	return d.act(number, func(p *phone) { p.call.Say(text) })
}

// Hangup puts a phone down. One that rings declines.
func (d *Desk) Hangup(number int) error {
	return d.act(number, func(p *phone) { p.downBy = true; p.call.Hangup() })
}

// Answer picks up a phone that rings.
func (d *Desk) Answer(number int) error {
	return d.ringing(number, func(p *phone) { p.call.Answer() })
}

// machineStays is how long an answering machine records.
const machineStays = 2 * time.Minute

// Machine lets an answering machine pick up a phone that rings: it speaks a greeting,
// beeps and records. A greeting of "" is one as people have them.
func (d *Desk) Machine(number int, greeting string) error {
	return d.ringing(number, func(p *phone) {
		if greeting == "" {
			greeting = "This is the answering machine of " + d.name(p.address) + ". Please leave a message after the beep."
		}
		d.tape.machine(p.number, greeting)
		p.call.AnswerWith(sim.Party{Kind: sim.Machine, Greeting: greeting, HangupAfter: machineStays})
	})
}

// Decline rejects the call on a phone that rings: the caller finds it busy.
func (d *Desk) Decline(number int) error {
	return d.ringing(number, func(p *phone) { p.downBy = true; p.call.Decline() })
}

func (d *Desk) ringing(number int, f func(p *phone)) error {
	var err error
	if e := d.act(number, func(p *phone) {
		if d.look(p).State != Ringing {
			err = fmt.Errorf("the phone %s does not ring", d.name(p.address))
			return
		}
		f(p)
	}); e != nil {
		return e
	}
	return err
}

// Listening reports whether keys or words on a phone would be taken now: by a question or
// a recording, or because somebody is on the other end.
func (d *Desk) Listening(number int) bool {
	p, _ := d.Phone(number)
	return p.Listening
}

// Ring gives the phones that ring, longest first.
func (d *Desk) Ring() []Phone {
	return slices.DeleteFunc(d.Phones(), func(p Phone) bool { return p.State != Ringing })
}

// HangUpAll puts down all phones, and waits until no call is left or ctx ends.
func (d *Desk) HangUpAll(ctx context.Context) {
	for _, p := range d.Phones() {
		if p.State != Idle {
			_ = d.Hangup(p.Number) // it may have ended by now
		}
	}
	d.Await(ctx, 2*time.Second, func() bool { return d.Live() == 0 })
}

// NameOf gives the name of the phone at an address, or the address.
func (d *Desk) NameOf(address string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.name(address)
}

// speaker separates who speaks, if it is somebody at another phone, from the words:
// d.mu is held.
func (d *Desk) speaker(text string) (from, words string) {
	address, words, ok := strings.Cut(text, ": ")
	if ok && expr.IsPhone(address) {
		return d.name(address), words
	}
	return "", text
}
