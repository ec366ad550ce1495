package testspec

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/spec"
)

// Words of the format.
var (
	DoesWords  = []string{"answer", "busy", "decline", "no-answer", "unreachable", "ring"}
	IsWords    = []string{"human", "machine", "fax", "unclear"}
	FailsWords = []string{"refused", "reset", "dns", "tls", "silence"}
)

const (
	longest     = 24 * time.Hour
	defaultRing = 2 * time.Second
)

// partyName is a name of a party or leg: those of states dialled without a name have a -.
var partyName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,49}$`)

// setupFields are the keys that a file and each of its cases have in common.
func setupFields[T any](at func(*T) *Setup) []spec.Field[T] {
	return []spec.Field[T]{
		spec.Custom("clock", "date and time", "when the case begins: `2026-12-25 10:00 Europe/Berlin`; without a zone in UTC", textSchema,
			func(d *spec.Decoder, n *spec.Node, v *T) { at(v).Clock = decodeClock(d, n) }).Or("2026-03-02 09:00, a Monday"),
		spec.Custom("env", "name: text", "values of the flow's `env` and `secrets`, over those in dev.env", mapSchema(textSchema),
			func(d *spec.Decoder, n *spec.Node, v *T) { at(v).Env = texts(d, n, "a value") }),
		spec.Custom("switches", "name: on or off", "switches of the flow; the others are off", mapSchema(onOffSchema),
			func(d *spec.Decoder, n *spec.Node, v *T) { at(v).Switches = positions(d, n, "a switch", onOff) }),
		spec.Custom("hours", "name: open or closed", "calendars of the flow that are open or closed whatever `clock` says; the others go by their hours", mapSchema(spec.Schema{"enum": []any{"open", "closed"}}),
			func(d *spec.Decoder, n *spec.Node, v *T) { at(v).Hours = positions(d, n, "a calendar", openClosed) }),
		spec.Custom("parties", "parties by name", "who is at which phone; a phone that is not named is answered by a person after 2s", mapSchema(PartyObject.Schema()),
			func(d *spec.Decoder, n *spec.Node, v *T) { at(v).Parties = decodeParties(d, n) }),
		spec.Custom("workers", "list of parties", "who works for TaskRouter, available, under the workflow that env names",
			spec.Schema{"type": "array", "items": nameSchema}, func(d *spec.Decoder, n *spec.Node, v *T) { at(v).Workers = names(d, n, "a worker") }),
		spec.Custom("queues", "name: full, or number", "how many calls a queue holds: `*` are all, `tasks` is that of TaskRouter", mapSchema(spec.Schema{"anyOf": []any{spec.Schema{"const": "full"}, spec.Schema{"type": "integer", "minimum": 0}}}),
			func(d *spec.Decoder, n *spec.Node, v *T) { at(v).Queues = limits(d, n) }).Or("1000"),
		spec.Custom("media", "URL: duration", "how long sound files are; the others last 10s", mapSchema(ref("duration")), func(d *spec.Decoder, n *spec.Node, v *T) {
			if !d.Expect(n, spec.Mapping) {
				return
			}
			for _, e := range n.Entries {
				if t, ok := d.Duration(e.Value, time.Second, longest); ok {
					at(v).Media = append(at(v).Media, Length{e.Key.Text, t})
				}
			}
		}),
		spec.Custom("http", "list of mocks", "what answers the flow's HTTP requests; the first that fits does", mocksSchema,
			func(d *spec.Decoder, n *spec.Node, v *T) { at(v).HTTP = decodeMocks(d, n) }),
		spec.Custom("faults", "list of faults", "what goes wrong at Twilio and on the way, as `ringdown sim --fault` takes it: `error-webhook,for=wait,next=1`", listOf(spec.Schema{"type": "string"}),
			func(d *spec.Decoder, n *spec.Node, v *T) {
				if !d.Expect(n, spec.Sequence) {
					return
				}
				for _, item := range n.Items {
					at(v).Faults = append(at(v).Faults, fault(d, item))
				}
			}),
		spec.Custom("call", "mapping", "the session begins with a call to a number of the flow", CallObject.Schema(), func(d *spec.Decoder, n *spec.Node, v *T) {
			at(v).Call = &Call{Pos: n.Pos}
			CallObject.Decode(d, n, at(v).Call)
		}).Or("a call of the caller to the flow's first number"),
		spec.Custom("start", "input: value", "the session is started by the API with these inputs; the name of a party stands for its number", mapSchema(textSchema),
			func(d *spec.Decoder, n *spec.Node, v *T) {
				at(v).Start = &Start{Pos: n.Pos, Input: texts(d, n, "an input")}
			}),
	}
}

// CallObject declares `call`.
var CallObject = &spec.Object[Call]{
	Name: "call", Example: `{from: "+15551110001", params: {number: callee}}`,
	Fields: []spec.Field[Call]{
		word("from", "who calls: a number, or the name of a party", func(c *Call) *string { return &c.From }).Or(CallerNumber),
		word("to", "the number that is called", func(c *Call) *string { return &c.To }).Or("the first that the flow answers"),
		spec.Custom("params", "name: text", "further parameters of the call: inputs, headers of SIP; the name of a party stands for its number where the input is a phone",
			mapSchema(textSchema), func(d *spec.Decoder, n *spec.Node, c *Call) { c.Params = texts(d, n, "a parameter") }),
	},
}

// PartyObject declares one party.
var PartyObject = &spec.Object[Party]{
	Name: "a party", Short: "does",
	Doc:     "A phone. The bare word says what it does. A party whose script says that it answers or declines rings until then.",
	Example: "{does: decline, after: 4s}",
	Fields: []spec.Field[Party]{
		spec.Enum("does", "what it does with a call: picks up, is busy, rejects it, lets it ring, cannot be reached, or rings until the script answers", DoesWords,
			func(p *Party) *string { return &p.Does }).Or("answer"),
		spec.Duration("after", "how long it rings before", 0, longest, func(p *Party) *time.Duration { return &p.After }).Or("2s"),
		spec.Enum("is", "what picks up", IsWords, func(p *Party) *string { return &p.Is }).Or("human"),
		word("greeting", "what a machine says before its beep", func(p *Party) *string { return &p.Greeting }),
		spec.Custom("beep", "true or false", "a machine beeps when its greeting is over", spec.Schema{"type": "boolean"}, func(d *spec.Decoder, n *spec.Node, p *Party) {
			if v, ok := d.Bool(n); ok {
				p.Silent = !v
			}
		}).Or("true"),
		spec.Duration("hangs_up", "it hangs up so long after the answer", time.Second, longest, func(p *Party) *time.Duration { return &p.HangsUp }),
		spec.List("replies", "what it does when it is asked, in turn: keys, or after `say:` words, or nothing", func(p *Party) *[]string { return &p.Replies }),
		word("number", "its address: a phone number, client:ID or sip:USER@HOST", func(p *Party) *string { return &p.Number }).
			Or("the variable of its name in env (sales: SALES), else one that is made up"),
	},
	Check: func(d *spec.Decoder, n *spec.Node, p *Party) {
		if machine := p.Greeting != "" || p.Silent; machine && p.Is != "machine" {
			d.Diags.Errorf(n.Pos, "party", "only a machine has a greeting or a beep").WithHint("add is: machine")
		}
	},
}

func decodeParties(d *spec.Decoder, n *spec.Node) []*Party {
	if !d.Expect(n, spec.Mapping) {
		return nil
	}
	var list []*Party
	for _, e := range n.Entries {
		p := &Party{Name: e.Key.Text, Pos: e.Key.Pos, After: defaultRing}
		if !partyName.MatchString(p.Name) {
			d.Diags.Errorf(e.Key.Pos, "bad-name", "%q is no name for a party", p.Name).WithHint("small letters, digits, _ and -, a letter first")
		}
		d.In(e.Key.Text, nil, func() { PartyObject.Decode(d, e.Value, p) })
		list = append(list, p)
	}
	return list
}

// clockForms are the ways to write a date and time, without the zone.
var clockForms = []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00"}

func decodeClock(d *spec.Decoder, n *spec.Node) time.Time {
	text, ok := d.Literal(n, "a time here")
	if !ok {
		return time.Time{}
	}
	zone, written := time.UTC, text
	if i := strings.LastIndexByte(text, ' '); i > len("2006-01-02") {
		if z, err := time.LoadLocation(text[i+1:]); err == nil && strings.ContainsAny(text[i+1:], "/UG") {
			zone, written = z, text[:i]
		}
	}
	for _, form := range clockForms {
		if t, err := time.ParseInLocation(form, written, zone); err == nil {
			return t.UTC()
		}
	}
	d.Diags.Errorf(n.Pos, "clock", "%q is no date and time", text).WithHint("write it like 2026-12-25 10:00 Europe/Berlin")
	return time.Time{}
}

// texts reads a mapping from names to texts.
func texts(d *spec.Decoder, n *spec.Node, what string) []Value {
	if !d.Expect(n, spec.Mapping) {
		return nil
	}
	var list []Value
	for _, e := range n.Entries {
		if text, ok := d.Literal(e.Value, what); ok {
			list = append(list, Value{e.Key.Text, text, e.Key.Pos, e.Value.Pos})
		}
	}
	return list
}

func limits(d *spec.Decoder, n *spec.Node) []Limit {
	if !d.Expect(n, spec.Mapping) {
		return nil
	}
	var list []Limit
	for _, e := range n.Entries {
		if e.Value.Text == "full" {
			list = append(list, Limit{Queue: e.Key.Text})
		} else if most, ok := d.Int(e.Value, 0, 5000); ok {
			list = append(list, Limit{e.Key.Text, most})
		}
	}
	return list
}

func fault(d *spec.Decoder, n *spec.Node) sim.Fault {
	text, ok := d.Literal(n, "a fault")
	if !ok {
		return sim.Fault{}
	}
	f, err := sim.ParseFault(text)
	if err != nil {
		var kinds []string
		for _, info := range sim.FaultKinds() {
			kinds = append(kinds, string(info.Kind))
		}
		d.Diags.Errorf(n.Pos, "fault", "%v", err).WithHint("%s", diag.DidYouMean(string(f.Kind), kinds))
	}
	return f
}

// onOff and openClosed are the words for the two positions of a switch, and of a calendar.
var (
	onOff      = map[string]string{"on": "on", "off": "off", "true": "on", "false": "off"}
	openClosed = map[string]string{"open": "open", "closed": "closed"}
)

// positions reads what has one of two positions, by name.
func positions(d *spec.Decoder, n *spec.Node, what string, words map[string]string) []Value {
	list := texts(d, n, what)
	for i, v := range list {
		word, ok := words[v.Text]
		if !ok {
			known := slices.Sorted(maps.Values(words))
			slices.Reverse(known)
			d.Diags.Errorf(v.At, "enum", "%s is %s, not %q", what, strings.Join(slices.Compact(known), " or "), v.Text)
		}
		list[i].Text = word
	}
	return list
}

func names(d *spec.Decoder, n *spec.Node, what string) []engine.Name {
	if !d.Expect(n, spec.Sequence) {
		return nil
	}
	list := []engine.Name{} // also when there are none, which is another thing than not to say
	for _, item := range n.Items {
		if text, ok := d.Literal(item, what); ok {
			list = append(list, engine.Name{Name: text, Pos: item.Pos})
		}
	}
	return list
}

// word declares a literal text.
func word[T any](name, doc string, at func(*T) *string) spec.Field[T] {
	return spec.Custom(name, "text", doc, textSchema, func(d *spec.Decoder, n *spec.Node, v *T) {
		if text, ok := d.Literal(n, name); ok {
			*at(v) = text
		}
	})
}

// NumberOf gives the address of a party by its name: as the test writes it, the variable
// of its name, or one that is made up from its place among the names.
func (s *Setup) NumberOf(name string, env func(string) (string, bool)) string {
	p := s.Party(name)
	if p != nil && p.Number != "" {
		return p.Number
	}
	if name == Caller && s.Start == nil {
		if s.Call != nil && s.Call.From != "" && s.Call.From != Caller {
			return s.NumberOf(s.Call.From, env)
		}
		return CallerNumber
	}
	if v, ok := env(EnvName(name)); ok && v != "" {
		return v
	}
	if p != nil {
		return madeUp(slices.Index(s.Parties, p))
	}
	return name // an address as it stands
}

// EnvName is the variable that holds the number of a party.
func EnvName(party string) string { return strings.ToUpper(strings.ReplaceAll(party, "-", "_")) }

// madeUp is a number that nobody has: those with 555-01 are for fiction.
func madeUp(i int) string {
	tens, ones := i/10%10, i%10
	return "+120255501" + string(rune('0'+tens)) + string(rune('0'+ones))
}

// Known reports whether a text is the name of a party with a number.
func (s *Setup) Known(name string, env func(string) (string, bool)) bool {
	if expr.IsPhone(name) || !partyName.MatchString(name) {
		return false
	}
	number := s.NumberOf(name, env)
	return number != name
}
