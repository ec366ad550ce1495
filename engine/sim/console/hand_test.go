package console_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/sim/console"
)

// TestHand plays a call with typed words, and makes every mistake.
func TestHand(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		doc := `<Gather numDigits="2" timeout="60" action="/next"><Say>Welcome</Say></Gather>`
		if r.URL.Path == "/next" {
			doc = `<Dial>+15551110002</Dial>`
		}
		fmt.Fprint(w, "<Response>"+doc+"</Response>")
	}))
	defer app.Close()
	v := clock.NewVirtual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	s := sim.New(sim.Options{Clock: v, Default: &sim.Party{Outcome: sim.Manual}})
	defer s.Close()
	h := console.NewHand(func() *sim.Sim { return s })
	for _, step := range []struct {
		line, want, err string
	}{
		{"", "", ""},
		{"help", console.HandHelp, ""},
		{"dance", "", `there is no command "dance"; help lists them`},
		{"call", "", "the account has 0 numbers; say which: call NUMBER"},
		{"1", "", "there is no call of yours; type call, or answer when a phone rings"},
		{"number", "", ""},
		{"call +15559999999", "", "+15559999999 is no number of the account; add it with --number or the control API"},
		{"call a b", "", "call takes a number, and from ADDRESS"},
		{"calls", "no calls", ""},
		{"call from +15553330001", "", ""},
		{"answer", "", "no phone rings; with --party ring they ring until you answer"},
		{"press x", "", `keys are 0 to 9, *, #, A to D, and w and W to wait, not "x"`},
		{"12", "", ""},
		{"calls", "#1 +15553330001 → +15550001000 in-progress, the current one\n#2 +15553330001 → +15551110002 ringing", ""},
		{"answer", "", ""},
		{"say hello there", "", ""},
		{"use #9", "", `there is no call "#9"; calls lists them`},
		{"use 1", "#1 +15553330001 → +15550001000 in-progress, the current one", ""},
		{"hangup", "", ""},
		{"hangup", "", "your call is over; type call, or use #NUMBER for another one"},
	} {
		if step.line == "number" {
			s.AddNumber("+15550001000", sim.Number{VoiceURL: app.URL})
			continue
		}
		got, err := h.Do(step.line)
		if got != step.want || (err != nil || step.err != "") && (err == nil || err.Error() != step.err) {
			t.Errorf("%s: %q %v, want %q %s", step.line, got, err, step.want, step.err)
		}
		v.Advance(2 * time.Second)
	}
	if heard := s.Calls()[0].Heard(); strings.Join(heard, "|") != "Welcome|+15551110002: hello there" {
		t.Errorf("heard %q", heard)
	}
	if _, err := h.Do("quit"); !errors.Is(err, console.ErrQuit) {
		t.Errorf("quit: %v", err)
	}
}
