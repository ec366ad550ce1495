package console

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine/sim"
)

// You is who calls by hand.
const You = "+15551110001"

// Hand does by hand, in words that are typed, what people at phones do. It is for one
// goroutine.
type Hand struct {
	sim     func() *sim.Sim // the present one: a reset makes another
	current string          // CallSid of the call that keys and words go to
}

// NewHand returns a hand for the simulator that now gives.
func NewHand(now func() *sim.Sim) *Hand { return &Hand{sim: now} }

// HandHelp lists the commands.
const HandHelp = `call [NUMBER] [from ADDRESS]   call a number of the account; yours if nothing is said
1, 12#, press 1w2              press keys in the current call; w waits half a second
say WORDS                      speak in it
answer, decline                the phone that rings
hangup                         end the current call
use #2                         make another call the current one
calls                          all calls that are not over
quit`

// ErrQuit is what Do returns for the command quit.
var ErrQuit = errors.New("quit")

// Do carries out a line and returns what there is to say about it; most of what
// happens is told by the log. An error says what would be right.
func (h *Hand) Do(line string) (string, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(word) {
	case "":
		return "", nil
	case "help", "?":
		return HandHelp, nil
	case "quit", "exit":
		return "", ErrQuit
	case "call":
		return "", h.call(strings.Fields(rest))
	case "press":
		return "", h.press(rest)
	case "say":
		return "", h.inCall(func(c *sim.Call) { c.Say(rest) })
	case "hangup":
		return "", h.inCall((*sim.Call).Hangup)
	case "answer":
		return "", h.rings((*sim.Call).Answer)
	case "decline":
		return "", h.rings((*sim.Call).Decline)
	case "use":
		return h.use(rest)
	case "calls":
		return h.calls(), nil
	}
	if rest == "" && sim.Keys(word) {
		return "", h.press(word)
	}
	return "", fmt.Errorf("there is no command %q; help lists them", word)
}

func (h *Hand) call(words []string) error {
	s, from, to := h.sim(), You, ""
	if n := len(words); n >= 2 && words[n-2] == "from" {
		from, words = words[n-1], words[:n-2]
	}
	numbers := s.Numbers()
	switch {
	case len(words) == 1:
		to = words[0]
	case len(words) > 1:
		return errors.New("call takes a number, and from ADDRESS")
	case len(numbers) == 1:
		for to = range numbers {
		}
	default:
		return fmt.Errorf("the account has %d numbers; say which: call NUMBER", len(numbers))
	}
	c, err := s.Call(from, to)
	if err != nil {
		return fmt.Errorf("%s is no number of the account; add it with --number or the control API", to)
	}
	h.current = c.SID()
	return nil
}

func (h *Hand) press(keys string) error {
	if keys == "" || !sim.Keys(keys) {
		return fmt.Errorf("keys are 0 to 9, *, #, A to D, and w and W to wait, not %q", keys)
	}
	return h.inCall(func(c *sim.Call) { c.Press(keys) })
}

// inCall does something in the current call.
func (h *Hand) inCall(do func(*sim.Call)) error {
	c := h.sim().CallBySID(h.current)
	switch {
	case c == nil:
		return errors.New("there is no call of yours; type call, or answer when a phone rings")
	case c.Ended():
		return errors.New("your call is over; type call, or use #NUMBER for another one")
	}
	do(c)
	return nil
}

// rings does something with the phone that has rung last, whose call is then the
// current one.
func (h *Hand) rings(do func(*sim.Call)) error {
	calls := h.sim().Calls()
	for _, c := range slices.Backward(calls) {
		if c.Direction() != "inbound" && c.Ringing() {
			h.current = c.SID()
			do(c)
			return nil
		}
	}
	return errors.New("no phone rings; with --party ring they ring until you answer")
}

// use takes a call by its number in the log.
func (h *Hand) use(text string) (string, error) {
	calls := h.sim().Calls()
	n, err := strconv.Atoi(strings.TrimPrefix(text, "#"))
	if err != nil || n < 1 || n > len(calls) {
		return "", fmt.Errorf("there is no call %q; calls lists them", text)
	}
	h.current = calls[n-1].SID()
	return h.describe(n, calls[n-1].State()), nil
}

func (h *Hand) calls() string {
	var lines []string
	for i, c := range h.sim().States() {
		if c.Ended.IsZero() {
			lines = append(lines, h.describe(i+1, c))
		}
	}
	if lines == nil {
		return "no calls"
	}
	return strings.Join(lines, "\n")
}

func (h *Hand) describe(n int, c sim.CallState) string {
	text := fmt.Sprintf("#%d %s → %s %s", n, c.From, c.To, c.Status)
	if c.SID == h.current {
		text += ", the current one"
	}
	return text
}
