package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/sim/control"
)

// logFailure is the log that is only written where the command fails.
const logFailure = "failure"

// simOptions are what the flags and the environment of `ringdown sim` say.
type simOptions struct {
	sim     sim.Options
	numbers map[string]sim.Number
	listen  string
	url     string // where it is reached
	token   string
	log     string
	speed   float64
	byHand  bool
	secret  bool // the auth token is the user's own and is not shown
}

// open makes the simulator, anew after each reset.
func (o *simOptions) open(generation uint64) *sim.Sim {
	so := o.sim
	so.Seed += generation
	party := *o.sim.Default
	so.Default = &party
	s := sim.New(so)
	for phone, n := range o.numbers {
		s.AddNumber(phone, n)
	}
	return s
}

func (a *app) simOptions(f simFlags) (*simOptions, error) {
	env := func(name, otherwise string) string {
		if v, ok := a.Env(name); ok && v != "" {
			return v
		}
		return otherwise
	}
	o := &simOptions{
		listen: cmp.Or(f.listen, env("RINGDOWN_SIM_LISTEN", simListen)), token: env("RINGDOWN_SIM_TOKEN", ""), log: f.log, speed: f.speed,
		numbers: map[string]sim.Number{},
	}
	host, _, err := net.SplitHostPort(o.listen)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the address to listen on is like %s, not %q", simListen, o.listen)
	case !control.Loopback(host) && o.token == "":
		return nil, fmt.Errorf("%s is reached from other machines: set RINGDOWN_SIM_TOKEN, which then opens the control API, or listen on 127.0.0.1", o.listen)
	case f.speed <= 0 || f.pace <= 0 || f.cps <= 0:
		return nil, fmt.Errorf("--speed, --pace and --cps are above 0")
	case !slices.Contains([]string{"text", "json", "none", logFailure}, f.log):
		return nil, fmt.Errorf("--log is text, json, none or failure, not %q", f.log)
	}
	o.sim = sim.Options{
		Clock: clock.Real(), AccountSID: cmp.Or(f.accountSID, env("TWILIO_ACCOUNT_SID", sim.DefaultAccountSID)), AuthToken: env("TWILIO_AUTH_TOKEN", ""),
		Seed: cmp.Or(f.seed, rand.Uint64()), CPS: f.cps, Timings: paced(f.pace),
	}
	if f.speed != 1 {
		o.sim.Clock = clock.Scaled(f.speed)
	}
	o.secret = o.sim.AuthToken != ""
	if !o.secret {
		o.sim.AuthToken = sim.DefaultAuthToken
		if !control.Loopback(host) { // what everybody knows protects nothing
			o.sim.AuthToken = randomToken()
		}
	}
	if key, secret := env("TWILIO_API_KEY", ""), env("TWILIO_API_SECRET", ""); key != "" && secret != "" {
		o.sim.APIKeys = map[string]string{key: secret}
	}
	return o, o.behaviour(f)
}

// paced are timings of which prompts are so many times faster than natural.
func paced(pace float64) sim.Timings {
	natural := func(d time.Duration) time.Duration { return time.Duration(float64(d) / pace) }
	return sim.Timings{Character: natural(60 * time.Millisecond), Play: natural(10 * time.Second), Apology: natural(4 * time.Second)}
}

// behaviour reads numbers, the default party, switches and faults.
func (o *simOptions) behaviour(f simFlags) error {
	for _, text := range f.numbers {
		phone, n, err := parseNumber(text)
		if err != nil {
			return fmt.Errorf("--number %s: %w", text, err)
		}
		o.numbers[phone] = n
	}
	party, err := parseParty(f.party, f.answerAfter)
	if err != nil {
		return fmt.Errorf("--party: %w", err)
	}
	o.sim.Default = &party
	for _, text := range f.switches {
		name, value, _ := strings.Cut(text, "=")
		if err := o.sim.Switches.Set(name, value); err != nil {
			return fmt.Errorf("--switch: %w; see ringdown sim reference", err)
		}
	}
	for _, text := range f.faults {
		fault, err := sim.ParseFault(text)
		if err != nil {
			return fmt.Errorf("--fault: %w; see ringdown sim reference", err)
		}
		o.sim.Faults = append(o.sim.Faults, fault)
	}
	return nil
}

// parseNumber reads PHONE=VOICE_URL[,fallback=URL][,status=URL][,method=GET].
func parseNumber(text string) (string, sim.Number, error) {
	phone, rest, ok := strings.Cut(text, "=")
	if err := control.CheckNumber(phone); err != nil {
		return "", sim.Number{}, err
	}
	if !ok {
		return "", sim.Number{}, fmt.Errorf("the voice URL is missing: %s=http://localhost:3000/voice", phone)
	}
	parts := strings.Split(rest, ",")
	n := sim.Number{VoiceURL: parts[0]}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "fallback":
			n.FallbackURL = value
		case "status":
			n.StatusCallback = value
		case "method":
			n.VoiceMethod = strings.ToUpper(value)
		default:
			return "", sim.Number{}, fmt.Errorf("behind a comma stands fallback=URL, status=URL or method=GET, not %q", part)
		}
	}
	for i, u := range []string{n.VoiceURL, n.FallbackURL, n.StatusCallback} {
		if err := control.CheckURL(u); err != nil && (i == 0 || u != "") {
			return "", sim.Number{}, err
		}
	}
	if n.VoiceMethod != "" && n.VoiceMethod != "GET" && n.VoiceMethod != "POST" {
		return "", sim.Number{}, fmt.Errorf("method is GET or POST, not %s", n.VoiceMethod)
	}
	return phone, n, nil
}

// parseParty reads an outcome, or what answers.
func parseParty(text string, after time.Duration) (sim.Party, error) {
	p := sim.Party{AnswerAfter: after}
	switch text {
	case "machine":
		p.Kind, p.Greeting = sim.Machine, "Please leave a message after the tone."
		return p, nil
	case "fax":
		p.Kind = sim.Fax
		return p, nil
	}
	if err := p.Outcome.UnmarshalText([]byte(text)); err != nil {
		return p, fmt.Errorf("%w, nor machine or fax", err)
	}
	return p, nil
}

func sortedNumbers(numbers map[string]sim.Number) []string {
	return slices.Sorted(maps.Keys(numbers))
}
