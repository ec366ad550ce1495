package verbs

import (
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// gather asks for keys or speech, several times if need be.
type gather struct {
	Attrs   engine.Attrs
	Choices map[string]*engine.Target // keys as Twilio reports them -> target
	Words   []phrase                  // longest first
	Valid   *expr.Condition
	Silent  int                       // tries while nothing comes
	Missed  int                       // tries while the wrong thing comes
	Sorry   map[string]*engine.Prompt // by event; "" for both
	Again   []*engine.Prompt
	Hints   map[string]string // by language, where they are written so
	length  int               // of the choices when all have the same, else 0
	hash    bool              // the hash key is a choice
}

// phrase is something that a caller may say and the state that it leads to.
type phrase struct {
	Words    string
	Language string
	Target   *engine.Target
}

const maxTries = 20

func gatherVerb() *spec.VerbKind {
	attributes := spec.Attributes("Gather", func(g *gather) *engine.Attrs { return &g.Attrs }, "actionOnEmptyResult")
	for i, f := range attributes {
		if f.Name == "hints" {
			attributes[i] = spec.ListsByLanguage(f, "Gather", func(g *gather) *map[string]string { return &g.Hints })
		}
	}
	return spec.Verb[gather](&spec.Object[gather]{
		Name: "gather", Doc: "Asks for keys or speech while the prompt is heard; a key or speech interrupts it.",
		Example: "gather: {choices: {1: sales, 2: support}, tries: 3, sorry: I did not get that.}",
		Fields: append([]spec.Field[gather]{
			spec.Custom("choices", "keys -> target", "what each key, or several keys, leads to: 0-9, star, hash", spec.Schema{"type": "object", "additionalProperties": spec.Schema{"$ref": "#/$defs/target"}}, decodeChoices),
			spec.Custom("words", "state -> phrases", "phrases that lead to a state, also by language", spec.Schema{"type": "object"}, decodeWords),
			spec.Condition("valid", "whether other input is accepted", func(g *gather) **expr.Condition { return &g.Valid }).InEvent("digits", "speech"),
			spec.Custom("tries", "number, or by event", "how often it is asked before no-input or no-match", spec.Schema{"anyOf": []any{
				spec.Schema{"type": "integer", "minimum": 1, "maximum": maxTries},
				spec.Schema{"type": "object", "additionalProperties": false, "properties": spec.Schema{"no-input": spec.Schema{"type": "integer"}, "no-match": spec.Schema{"type": "integer"}}},
			}}, decodeTries).Or("1"),
			spec.Custom("sorry", "prompt, or by event", "heard before the second and later tries", spec.Schema{"$ref": "#/$defs/prompt-or-object"}, decodeSorry),
			spec.Custom("again", "list of prompts", "prompts that replace the state's on try 2, 3 ...", spec.Schema{"type": "array", "items": spec.Schema{"$ref": "#/$defs/prompt"}}, func(d *spec.Decoder, n *spec.Node, g *gather) {
				if n.Kind != spec.Sequence {
					g.Again = []*engine.Prompt{d.Prompt(n)}
					return
				}
				for _, item := range n.Items {
					g.Again = append(g.Again, d.Prompt(item))
				}
			}),
		}, attributes...),
		Check: checkGather,
	}, spec.VerbKind{
		Becomes: "<Gather>, one for each try",
		Ending:  []string{"digits", "speech", "no-input", "no-match"},
		Other:   []string{"partial"},
		Never:   unheard,
		Waits:   true, Screen: true,
	})
}

// unheard gives the events that a Gather never raises: it is deaf to keys or speech, or
// choices and phrases take all that comes.
func unheard(n *spec.Node) map[string]string {
	never := map[string]string{}
	keys, speech := true, n.Get("words") != nil
	if input := n.Get("input"); input != nil {
		written := input.Text
		for _, item := range input.Items {
			written += " " + item.Text
		}
		computed := strings.Contains(written, "${")
		keys, speech = computed || strings.Contains(written, "dtmf"), computed || strings.Contains(written, "speech")
	}
	if n.Get("choices") == nil && n.Get("words") == nil && n.Get("valid") == nil {
		never["no-match"] = "without choices, words and valid all that comes is accepted"
	} else if n.Get("valid") == nil {
		const taken = "choices and words take what they name, all else is no-match; write valid: EXPR for what is accepted besides"
		never["digits"], never["speech"] = taken, taken
	}
	if !keys {
		never["digits"] = "it listens to speech only: write input: [dtmf, speech]"
	}
	if !speech {
		const deaf = "it listens to keys only: write input: [dtmf, speech], or words"
		never["speech"], never["partial"] = deaf, deaf
	}
	return never
}

var choiceKeys = map[string]string{"star": "*", "hash": "#"}

func decodeChoices(d *spec.Decoder, n *spec.Node, g *gather) {
	g.Choices = map[string]*engine.Target{}
	if !d.Expect(n, spec.Mapping) {
		return
	}
	for _, e := range n.Entries {
		keys := e.Key.Text
		if k, ok := choiceKeys[keys]; ok {
			keys = k
		} else if strings.Trim(keys, "0123456789*#") != "" || keys == "" {
			d.Diags.Errorf(e.Key.Pos, "choice", "%q is no key", e.Key.Text).WithHint("keys are 0-9, star and hash; several digits in a row are possible")
			continue
		}
		d.In(e.Key.Text, nil, func() { g.Choices[keys] = d.Target(e.Value, "digits") })
	}
}

func decodeWords(d *spec.Decoder, n *spec.Node, g *gather) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "words is a mapping of states to phrases, not %s", n.Kind).WithHint("write words: {STATE: [yes, of course]}")
		return
	}
	for _, e := range n.Entries {
		target := d.Target(e.Key, "speech")
		switch e.Value.Kind {
		case spec.Mapping:
			d.PhrasesByLanguage(e.Value, func(language string, v *spec.Node) { g.addPhrases(d, v, language, target) })
		default:
			g.addPhrases(d, e.Value, "", target)
		}
	}
	sort.SliceStable(g.Words, func(i, j int) bool { return len(g.Words[i].Words) > len(g.Words[j].Words) })
}

func (g *gather) addPhrases(d *spec.Decoder, n *spec.Node, language string, target *engine.Target) {
	items := n.Items
	if n.Kind == spec.Scalar {
		items = []*spec.Node{n}
	}
	for _, item := range items {
		if text, ok := d.Literal(item, "a phrase"); ok {
			if normal := normalise(text); normal != "" {
				g.Words = append(g.Words, phrase{normal, language, target})
			} else {
				d.Diags.Errorf(item.Pos, "phrase", "this phrase has no word")
			}
		}
	}
}

func decodeTries(d *spec.Decoder, n *spec.Node, g *gather) {
	if n.Kind == spec.Scalar {
		if v, ok := d.Int(n, 1, maxTries); ok {
			g.Silent, g.Missed = v, v
		}
		return
	}
	if !d.Expect(n, spec.Mapping) {
		return
	}
	for _, e := range n.Entries {
		v, ok := 0, false
		switch e.Key.Text {
		case "no-input":
			if v, ok = d.Int(e.Value, 1, maxTries); ok {
				g.Silent = v
			}
		case "no-match":
			if v, ok = d.Int(e.Value, 1, maxTries); ok {
				g.Missed = v
			}
		default:
			d.Diags.Errorf(e.Key.Pos, "unknown-key", "tries has no key %q", e.Key.Text).WithHint("%s", diag.DidYouMean(e.Key.Text, []string{"no-input", "no-match"}))
		}
	}
}

func decodeSorry(d *spec.Decoder, n *spec.Node, g *gather) {
	g.Sorry = map[string]*engine.Prompt{}
	if n.Kind == spec.Mapping && (n.Get("no-input") != nil || n.Get("no-match") != nil) {
		for _, e := range n.Entries {
			if e.Key.Text != "no-input" && e.Key.Text != "no-match" {
				d.Diags.Errorf(e.Key.Pos, "unknown-key", "sorry has no key %q", e.Key.Text).WithHint("it can be no-input, no-match")
				continue
			}
			g.Sorry[e.Key.Text] = d.Prompt(e.Value)
		}
		return
	}
	g.Sorry[""] = d.Prompt(n)
}

func checkGather(d *spec.Decoder, n *spec.Node, g *gather) {
	if g.Silent == 0 {
		g.Silent = 1
	}
	if g.Missed == 0 {
		g.Missed = 1
	}
	g.measure()
	if len(g.Choices) == 0 && len(g.Words) == 0 {
		return
	}
	if g.Valid == nil && g.Attrs.Has("numDigits") && len(g.Choices) > 0 && g.length < 0 {
		d.Diags.Warnf(n.Pos, "choices-length", "the choices differ in length; num_digits cuts the longer ones off")
	}
}

// measure looks at the keys of the choices: how many they are, and whether the hash key
// is one of them.
func (g *gather) measure() {
	for keys := range g.Choices {
		switch {
		case g.length == 0:
			g.length = len(keys)
		case g.length != len(keys):
			g.length = -1
		}
		g.hash = g.hash || strings.Contains(keys, "#")
	}
}

// Render appends the Gather of this try. Where the document must not lead on by itself,
// all tries that are left stand in a row.
func (g *gather) Render(t *engine.Turn) error {
	prompt, first, tries := t.TakePrompt(), t.Caller.Tries.Count, 1
	if t.Whisper() {
		tries = max(1, g.Silent-first)
	}
	for i := range tries {
		el, err := g.element(t, i == tries-1)
		if err != nil {
			return err
		}
		event := "no-input"
		if i == 0 && t.Caller.Tries.Digits+t.Caller.Tries.Speech != "" {
			event = "no-match"
		}
		heard, err := g.heard(t, prompt, first+i, event)
		if err != nil {
			return err
		}
		before, nested := splitPrompt(heard)
		t.Append(before...)
		el.Append(nested...)
		t.Append(el)
	}
	return nil
}

// element is the Gather of one try; last says that silence is told as well.
func (g *gather) element(t *engine.Turn, last bool) (*twiml.Element, error) {
	el := twiml.El("Gather")
	speech := len(g.Words) > 0
	if !g.Attrs.Has("input") && speech {
		el.Set("input", "dtmf speech")
	}
	el.Set("action", t.URL(engine.URLAct))
	if last {
		el.Set("actionOnEmptyResult", "true")
	}
	if !g.Attrs.Has("numDigits") && g.length == 1 && g.Valid == nil {
		el.Set("numDigits", "1")
	}
	if t.State.On["partial"] != nil {
		el.Set("partialResultCallback", t.URL(engine.URLPartial))
	}
	if !g.Attrs.Has("finishOnKey") && g.hash {
		el.Set("finishOnKey", "")
	}
	if language := t.SpokenTag(); language != "" && !g.Attrs.Has("language") && (speech || g.Attrs.Has("input")) {
		el.Set("language", language)
	}
	if hints := g.Hints[t.Spoken()]; hints != "" {
		el.Set("hints", hints)
	}
	return el, g.Attrs.Apply(t.Exec, el)
}

// heard is what is heard on a try: an apology first, then the prompt or what replaces it.
func (g *gather) heard(t *engine.Turn, prompt []twiml.Node, try int, event string) ([]twiml.Node, error) {
	if try == 0 {
		return prompt, nil
	}
	sorry := g.Sorry[event]
	if sorry == nil {
		sorry = g.Sorry[""]
	}
	nodes, err := t.RenderPrompt(sorry)
	if err != nil {
		return nil, err
	}
	if len(g.Again) > 0 {
		if prompt, err = t.RenderPrompt(g.Again[min(try, len(g.Again))-1]); err != nil {
			return nil, err
		}
	}
	return append(nodes, prompt...), nil
}

// splitPrompt takes apart what may not stand inside a Gather: keys that are sent.
func splitPrompt(nodes []twiml.Node) (before, nested []twiml.Node) {
	for i := len(nodes) - 1; i >= 0; i-- {
		if el, ok := nodes[i].(*twiml.Element); ok {
			if _, sends := el.Attr("digits"); sends {
				return nodes[:i+1], nodes[i+1:]
			}
		}
	}
	return nil, nodes
}

// Act reads what was pressed or said.
func (g *gather) Act(t *engine.Turn) error {
	digits, speech := t.Fields["Digits"], t.Fields["SpeechResult"]
	if target := g.Choices[digits]; target != nil && digits != "" {
		return t.Choose(target, "digits", engine.Values{"digits": digits})
	}
	confidence, _ := strconv.ParseFloat(t.Fields["Confidence"], 64)
	said := engine.Values{"speech": speech, "confidence": confidence}
	if target := g.match(speech, t.Spoken()); target != nil {
		return t.Choose(target, "speech", said)
	}
	if digits == "" && speech == "" {
		if t.Whisper() { // the Gathers before it in the document were silent, too
			tries := &t.Caller.Tries
			tries.Silent, tries.Count = g.Silent-1, max(tries.Count, g.Silent-1)
		}
		return g.miss(t, "no-input", "", "")
	}
	open := len(g.Choices) == 0 && len(g.Words) == 0
	accepted := open || g.Valid != nil
	if g.Valid != nil {
		var err error
		data := engine.Values{"digits": digits, "speech": speech, "confidence": confidence}
		if accepted, err = t.Check(g.Valid, "digits", data); err != nil {
			return err
		}
	}
	switch {
	case !accepted:
		return g.miss(t, "no-match", digits, speech)
	case digits != "":
		return t.End("digits", engine.Values{"digits": digits})
	}
	return t.End("speech", said)
}

// miss counts a try that brought nothing usable and asks again while there are tries.
func (g *gather) miss(t *engine.Turn, event, digits, speech string) error {
	tries := &t.Caller.Tries
	tries.Count++
	tries.Digits, tries.Speech = digits, speech
	left := 0
	if event == "no-input" {
		tries.Silent++
		left = g.Silent - tries.Silent
	} else {
		tries.Misses++
		left = g.Missed - tries.Misses
	}
	if left > 0 && tries.Count < max(g.Silent, g.Missed) {
		return t.Again()
	}
	return t.End(event, engine.Values{"tries": float64(tries.Count), "digits": digits, "speech": speech})
}

// match finds the longest phrase of the leg's language that was said as whole words.
func (g *gather) match(speech, language string) *engine.Target {
	if speech == "" || len(g.Words) == 0 {
		return nil
	}
	said := " " + normalise(speech) + " "
	for _, p := range g.Words {
		if p.Language != "" && p.Language != language {
			continue
		}
		if strings.Contains(said, " "+p.Words+" ") {
			return p.Target
		}
	}
	return nil
}

// normalise leaves letters and digits in lower case with single blanks between words.
func normalise(text string) string {
	var b strings.Builder
	blank := false
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || unicode.IsMark(r):
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank = false
			if r != '\'' {
				b.WriteRune(r)
			}
		default:
			blank = true
		}
	}
	return b.String()
}
