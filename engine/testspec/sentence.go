package testspec

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// Sentence is one way to go on in a script: the single declaration of its words, what
// stands behind its colon, and what it means.
type Sentence struct {
	ID      string // for the code that plays it
	Words   string // without who begins it: "hangs up"
	Who     bool   // a party or leg begins it
	Arg     string // what stands behind the colon, for people; "": nothing
	Bare    bool   // the argument may be left out
	Waits   bool   // takes `within`
	Doc     string
	Example string

	schema spec.Schema
	decode func(d *spec.Decoder, n *spec.Node, l *Line)
}

// Form is the sentence as the reference page shows it.
func (s *Sentence) Form() string {
	form := s.Words
	if s.Who {
		form = "WHO " + form
	}
	if s.Arg != "" && !s.Bare {
		form += ": " + s.Arg
	} else if s.Arg != "" {
		form += " [: " + s.Arg + "]"
	}
	return form
}

// bareExample is the example of a sentence that says nothing more, with its limit.
func (s *Sentence) bareExample() string {
	if s.Waits {
		return s.Example + ", or - " + s.Example + " within: 5s"
	}
	return s.Example
}

// The sentences by what they do.
const (
	Hears, NotHeard, Presses, Says       = "hears", "not-heard", "presses", "says"
	Rings, Answers, Declines, HangsUp    = "rings", "answers", "declines", "hangs-up"
	TalksTo, Alone, IsIn, Disconnected   = "talks-to", "alone", "is-in", "disconnected"
	TakesTask, CancelTask                = "takes-task", "cancel-task"
	DialsQueue, Kicked                   = "dials-queue", "kicked"
	Talk, Wait, SendSignal, Turn, EndAll = "talk", "wait", "signal", "switch", "end"
	Down, Up, Mocked, Broken, Expected   = "down", "up", "http", "fault", "expect"
)

// Sentences are all that a script can say, in the order of the reference page.
func Sentences() []*Sentence { return sentences }

var sentences = []*Sentence{
	{ID: Hears, Words: "hears", Who: true, Arg: "TEXT", Waits: true, Doc: "Waits until a text that holds this is heard, behind what was heard in the sentences before.",
		Example: "caller hears: For sales press 1", schema: textSchema, decode: text},
	{ID: NotHeard, Words: "has not heard", Who: true, Arg: "TEXT", Doc: "So far nothing was heard that holds this text.",
		Example: "caller has not heard: Goodbye", schema: textSchema, decode: text},
	{ID: Presses, Words: "presses", Who: true, Arg: "KEYS", Waits: true, Doc: "Waits until keys are asked for, then presses them: 0-9 * #.",
		Example: "caller presses: 1", schema: textSchema, decode: keys},
	{ID: Says, Words: "says", Who: true, Arg: "TEXT", Waits: true, Doc: "Waits until somebody listens, then speaks.",
		Example: "caller says: I need help", schema: textSchema, decode: text},
	{ID: Rings, Words: "rings", Who: true, Waits: true, Doc: "Waits until the phone rings.", Example: "sales rings"},
	{ID: Answers, Words: "answers", Who: true, Waits: true, Doc: "Waits until the phone rings, then picks up. Without this sentence a party answers by itself.", Example: "sales answers"},
	{ID: Declines, Words: "declines", Who: true, Waits: true, Doc: "Waits until the phone rings, then rejects the call.", Example: "sales declines"},
	{ID: HangsUp, Words: "hangs up", Who: true, Doc: "Puts the phone down.", Example: "caller hangs up"},
	{ID: TalksTo, Words: "talks to", Who: true, Arg: "WHO", Waits: true, Doc: "Waits until the two can hear each other.", Example: "caller talks to: sales",
		schema: nameSchema, decode: text},
	{ID: Alone, Words: "is alone", Who: true, Waits: true, Doc: "Waits until the party is in a call and nobody can hear it.", Example: "agent is alone"},
	{ID: IsIn, Words: "is in", Who: true, Arg: "STATE", Waits: true, Doc: "Waits until the call of the party or leg is in a state of the flow.", Example: "caller is in: on-hold",
		schema: nameSchema, decode: text},
	{ID: Disconnected, Words: "is disconnected", Who: true, Waits: true, Doc: "Waits until the call is over.", Example: "caller is disconnected"},
	{ID: TakesTask, Words: "takes the task", Who: true, Waits: true, Doc: "Waits until TaskRouter offers the worker a task, then accepts it in TaskRouter's own page: Twilio connects the two, whatever the flow does.",
		Example: "agent takes the task"},
	{ID: CancelTask, Words: "the task is canceled", Waits: true, Doc: "Waits until there is a task that is not over, then cancels it in TaskRouter.", Example: "the task is canceled"},
	{ID: DialsQueue, Words: "dials the queue of", Who: true, Arg: "WHO", Waits: true, Doc: "Waits until the other one waits in a queue, then another program of the account calls the party and connects it to that queue.",
		Example: "operator dials the queue of: caller", schema: nameSchema, decode: text},
	{ID: Kicked, Words: "is kicked out of the room", Who: true, Waits: true, Doc: "Waits until the party is in a room, then another program of the account removes it.", Example: "caller is kicked out of the room"},
	{ID: Talk, Words: "they talk", Arg: "DURATION", Bare: true, Waits: true, Doc: "Waits until two parties can hear each other, then lets so much time pass.", Example: "they talk: 20s",
		schema: ref("duration"), decode: duration},
	{ID: Wait, Words: "wait", Arg: "DURATION", Doc: "Lets time pass.", Example: "wait: 1m", schema: ref("duration"), decode: duration},
	{ID: SendSignal, Words: "signal", Arg: "NAME", Doc: "Sends a signal to the session, as a button does.", Example: "signal: {name: consult, data: {to: expert}}",
		schema: SignalObject.Schema(), decode: func(d *spec.Decoder, n *spec.Node, l *Line) {
			l.Signal = &Signal{Pos: n.Pos}
			SignalObject.Decode(d, n, l.Signal)
		}},
	{ID: Turn, Words: "switch", Arg: "NAME: on or off", Doc: "Turns switches of the flow.", Example: "switch: {emergency: on}",
		schema: mapSchema(onOffSchema), decode: func(d *spec.Decoder, n *spec.Node, l *Line) { l.Switches = positions(d, n, "a switch", onOff) }},
	{ID: EndAll, Words: "end the session", Doc: "Ends the session from outside, as the API does: the outcome is deleted.", Example: "end the session"},
	{ID: Down, Words: "the server goes down", Doc: "The server dies, as by a crash.", Example: "the server goes down"},
	{ID: Up, Words: "the server comes up", Doc: "The server starts again on what it had stored.", Example: "the server comes up"},
	{ID: Mocked, Words: "http", Arg: "MOCKS", Doc: "From now on these mocks come before the others.", Example: "http: [{get: /accounts/*, answer: 503}]",
		schema: mocksSchema, decode: func(d *spec.Decoder, n *spec.Node, l *Line) { l.Mocks = decodeMocks(d, n) }},
	{ID: Broken, Words: "fault", Arg: "FAULT", Doc: "From now on this goes wrong.", Example: "fault: error-webhook,for=wait,next=1", schema: spec.Schema{"type": "string"},
		decode: func(d *spec.Decoder, n *spec.Node, l *Line) { l.Fault = fault(d, n) }},
	{ID: Expected, Words: "expect", Arg: "EXPECTATIONS", Doc: "What must hold at this moment.", Example: "expect: {state: {caller: on-hold}, offered: [resume]}",
		schema: ref("expect"), decode: func(d *spec.Decoder, n *spec.Node, l *Line) {
			l.Expect = &Expect{Pos: n.Pos}
			ExpectObject.Decode(d, n, l.Expect)
		}},
}

// SignalObject declares the signal of a script.
var SignalObject = &spec.Object[Signal]{
	Name: "signal", Short: "name",
	Fields: []spec.Field[Signal]{
		word("name", "the signal", func(s *Signal) *string { return &s.Name }).Must(),
		spec.Custom("data", "name: value", "what it brings; the name of a party stands for its number", mapSchema(textSchema), func(d *spec.Decoder, n *spec.Node, s *Signal) {
			s.Data = texts(d, n, "data of a signal")
		}),
		spec.Bool("refused", "no state takes it: it is refused", func(s *Signal) *bool { return &s.Refused }).Or("false"),
	},
}

func text(d *spec.Decoder, n *spec.Node, l *Line) {
	if t, ok := d.Literal(n, "what is said here"); ok {
		l.Text, l.At = t, n.Pos
	}
}

func duration(d *spec.Decoder, n *spec.Node, l *Line) {
	if t, ok := d.Duration(n, time.Millisecond, 7*longest); ok {
		l.Time = t
	}
}

func keys(d *spec.Decoder, n *spec.Node, l *Line) {
	text(d, n, l)
	if bad := strings.Trim(l.Text, "0123456789*#"); bad != "" || l.Text == "" && n.Kind == spec.Scalar {
		d.Diags.Errorf(n.Pos, "keys", "%q are no keys", l.Text).WithHint(`keys are 0-9, * and #: "#" is quoted`)
	}
}

// decodeScript reads the lines of a script.
func decodeScript(d *spec.Decoder, n *spec.Node) []*Line {
	if !d.Expect(n, spec.Sequence) {
		return nil
	}
	var lines []*Line
	for _, item := range n.Items {
		if l := decodeLine(d, item); l != nil {
			lines = append(lines, l)
		}
	}
	return lines
}

func decodeLine(d *spec.Decoder, n *spec.Node) *Line {
	l := &Line{Pos: n.Pos, Within: DefaultPatience}
	key, arg := n, (*spec.Node)(nil)
	switch n.Kind {
	case spec.Sequence:
		d.Diags.Errorf(n.Pos, "type", "a line of a script is a sentence, not %s", n.Kind).WithHint("write it like - caller hears: Welcome")
		return nil
	case spec.Mapping:
		if key, arg = sayings(d, n, l); key == nil {
			return nil
		}
	}
	written, limited := strings.CutSuffix(key.Text, " within")
	if limited && arg != nil {
		if t, ok := d.Duration(arg, 0, longest); ok {
			l.Within = t
		}
		arg = nil
	} else {
		written = key.Text
	}
	l.Sentence, l.Who = parse(written)
	s := l.Sentence
	switch {
	case s == nil:
		d.Diags.Errorf(key.Pos, "sentence", "%q is no sentence of a script", key.Text).WithHint("%s", nearest(key.Text, arg != nil))
		return nil
	case s.Arg == "" && arg != nil:
		d.Diags.Errorf(arg.Pos, "sentence", "nothing stands behind %q", s.Words).WithHint("write - %s", s.bareExample())
		return nil
	case s.Arg != "" && arg == nil && !s.Bare:
		d.Diags.Errorf(key.Pos, "sentence", "%q needs something behind a colon", key.Text).WithHint("write - %s", s.Example)
		return nil
	case (limited || n.Get("within") != nil) && !s.Waits:
		d.Diags.Errorf(key.Pos, "sentence", "%q waits for nothing, so there is no within", s.Words).WithHint("leave it out")
	}
	if arg != nil {
		d.In(key.Text, nil, func() { s.decode(d, arg, l) })
	}
	return l
}

// sayings finds the sentence among the keys of a line; the other key is `within`.
func sayings(d *spec.Decoder, n *spec.Node, l *Line) (key, arg *spec.Node) {
	for _, e := range n.Entries {
		switch {
		case e.Key.Text == "within":
			if t, ok := d.Duration(e.Value, 0, longest); ok {
				l.Within = t
			}
		case key != nil:
			d.Diags.Errorf(e.Key.Pos, "sentence", "a line has one sentence; this one has %q and %q", key.Text, e.Key.Text).WithHint("begin a new line with - ")
		default:
			key, arg = e.Key, e.Value
		}
	}
	if key == nil {
		d.Diags.Errorf(n.Pos, "sentence", "this line says nothing").WithHint("write it like - caller hears: Welcome")
	}
	return key, arg
}

var saying = regexp.MustCompile(`^([a-z][a-z0-9_-]*) (.+)$`)

// parse finds the sentence and who begins it.
func parse(written string) (*Sentence, string) {
	m := saying.FindStringSubmatch(written)
	for _, s := range sentences {
		switch {
		case !s.Who && s.Words == written:
			return s, ""
		case s.Who && m != nil && s.Words == m[2]:
			return s, m[1]
		}
	}
	return nil, ""
}

// nearest says which sentence may be meant.
func nearest(written string, arg bool) string {
	who, rest, ok := strings.Cut(written, " ")
	for _, s := range sentences { // the argument without its colon
		if s.Who && ok && s.Arg != "" && strings.HasPrefix(rest, s.Words+" ") {
			return "put a colon before what it says: " + who + " " + s.Words + ": " + strings.TrimPrefix(rest, s.Words+" ")
		}
	}
	var forms []string
	for _, s := range sentences {
		if s.Who {
			forms = append(forms, who+" "+s.Words)
		} else {
			forms = append(forms, s.Words)
		}
	}
	if hint := diag.DidYouMean(written, forms); hint != "" {
		return hint
	}
	return "a script has lines like - caller hears: Welcome, - caller presses: 1, - they talk: 20s, - caller hangs up; the reference page has all"
}

// lineSchema is the JSON Schema of a line.
func lineSchema() spec.Schema {
	var bare []string
	props := spec.Schema{"within": spec.Schema{"$ref": "#/$defs/duration", "description": "how long the sentence waits at most; default 2h of the case's own time"}}
	patterns := spec.Schema{}
	for _, s := range sentences {
		name := regexp.QuoteMeta(s.Words)
		if s.Who {
			name = `[a-z][a-z0-9_-]* ` + name
		}
		if s.Arg == "" || s.Bare {
			bare = append(bare, name)
		}
		if s.Arg == "" {
			if s.Waits {
				patterns["^"+name+" within$"] = spec.Schema{"$ref": "#/$defs/duration", "description": s.Doc + " The duration is how long it waits at most."}
			}
			continue
		}
		schema := spec.Schema{"description": s.Doc + " Example: " + s.Example}
		for k, v := range s.schema {
			schema[k] = v
		}
		if s.Who {
			patterns["^"+name+"$"] = schema
		} else {
			props[s.Words] = schema
		}
	}
	slices.Sort(bare)
	return spec.Schema{"anyOf": []any{
		spec.Schema{"type": "string", "pattern": "^(" + strings.Join(bare, "|") + ")$"},
		spec.Schema{"type": "object", "minProperties": 1, "maxProperties": 2, "properties": props, "patternProperties": patterns, "additionalProperties": false},
	}}
}
