package engine

import (
	"slices"
	"strconv"

	"github.com/ringdown/ringdown/engine/twiml"
)

// defaultApology is spoken when a flow sets no apology of its own.
const defaultApology = "We are sorry, something went wrong. Please call again later."

// maxSay is the most characters of one Say that every voice takes.
// https://www.twilio.com/docs/voice/twiml/say
const maxSay = 3000

// renderPrompt gives the TwiML of a prompt as the leg hears it.
func (x *Exec) renderPrompt(l *Leg, p *Prompt) ([]twiml.Node, error) {
	if p == nil || p.Silence {
		return nil, nil
	}
	nodes := make([]twiml.Node, 0, len(p.Items)+2)
	for i := range p.Items {
		it := &p.Items[i]
		if it.If != nil {
			ok, err := it.If.True(x.Env())
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
		}
		made, err := x.renderItem(l, it)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, made...)
	}
	return nodes, nil
}

func (x *Exec) renderItem(l *Leg, it *PromptItem) ([]twiml.Node, error) {
	switch {
	case it.Pause > 0:
		return []twiml.Node{twiml.El("Pause").SetSeconds("length", it.Pause)}, nil
	case it.Play != nil:
		url, err := it.Play.Text(x.Env())
		if err != nil {
			return nil, err
		}
		return []twiml.Node{loop(twiml.El("Play", twiml.Text(url)), it)}, nil
	case it.Digits != nil:
		keys, err := it.Digits.Text(x.Env())
		if err != nil {
			return nil, err
		}
		return []twiml.Node{twiml.El("Play").Set("digits", keys)}, nil
	}
	return x.renderSay(l, it)
}

func (x *Exec) renderSay(l *Leg, it *PromptItem) ([]twiml.Node, error) {
	say := it.Say
	if it.ByLang != nil {
		say = it.ByLang[x.languageName(l)]
	}
	if say == nil {
		return nil, nil
	}
	text, err := say.Text(x.Env())
	if err != nil || text == "" {
		return nil, err
	}
	var parts [][]twiml.Node
	if it.SSML {
		nodes, err := twiml.ParseSSML(text)
		if err != nil {
			return nil, &Fault{Reason: "document", Err: err}
		}
		parts = [][]twiml.Node{nodes}
	} else if len(text) <= maxSay {
		parts = [][]twiml.Node{{twiml.Text(text)}}
	} else {
		for _, piece := range twiml.SplitSay(text, maxSay) {
			parts = append(parts, []twiml.Node{twiml.Text(piece)})
		}
	}
	nodes := make([]twiml.Node, 0, len(parts))
	for _, part := range parts {
		el := twiml.El("Say", part...)
		if err := x.voice(l, el, it); err != nil {
			return nil, err
		}
		nodes = append(nodes, loop(el, it))
	}
	return nodes, nil
}

// voice sets voice and language: the item's own, else those of the leg's language, else
// the flow's. An item may name a language of the flow, or give a tag.
func (x *Exec) voice(l *Leg, el *twiml.Element, it *PromptItem) error {
	flow := x.Flow()
	voice, tag := flow.speech(x.languageOf(l))
	if it.Language != nil {
		text, err := it.Language.Text(x.Env())
		if err != nil {
			return err
		}
		if own := flow.Language(text); own != nil && own.Name == text {
			voice, tag = flow.speech(own)
		} else if text != "" {
			tag = text
		}
	}
	if it.Voice != nil {
		text, err := it.Voice.Text(x.Env())
		if err != nil {
			return err
		}
		voice = text
	}
	setVoice(el, voice, tag)
	return nil
}

func setVoice(el *twiml.Element, voice, language string) {
	if voice != "" {
		el.Set("voice", voice)
	}
	if language != "" {
		el.Set("language", language)
	}
}

func loop(el *twiml.Element, it *PromptItem) *twiml.Element {
	if it.Loop != nil {
		el.SetInt("loop", *it.Loop)
	}
	return el
}

// music gives what is played while waiting: the verb's own, else the flow's. set is
// false where neither is given and Twilio's own music plays.
func (x *Exec) Music(own *Prompt) (p *Prompt, set bool) {
	if own != nil {
		return own, true
	}
	if music := x.Flow().Defaults.Music; music != nil {
		return music, true
	}
	return nil, false
}

// roundPause is the silence of a wait without music; the leg asks again after it.
const roundPause = "10"

// parkDocument is what a leg hears while a list keeps it waiting: the flow's music. An
// inbound call that was not answered yet keeps ringing.
func (x *Exec) parkDocument(l *Leg) ([]byte, error) {
	defer x.as(l, l.here().frame)()
	doc := twiml.El("Response")
	music, _ := x.Music(nil)
	nodes, err := x.renderPrompt(l, music)
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 || l.Condition == LegRinging {
		nodes = []twiml.Node{twiml.El("Pause").Set("length", "2")}
	}
	doc.Append(nodes...)
	doc.Append(twiml.El("Redirect", twiml.Text(Path(x.s.ID, l.Number, l.Turn+1, URLLoop))))
	return twiml.AppendDocument(nil, doc), nil
}

// Wait renders a document that is fetched again and again while a leg waits: the next
// round of a hold, a room's or queue's music, an announcement. It is pure and stores
// nothing; trouble gives silence, never an error.
func Wait(c *Closure, s *Session, leg, turn int, kind string, fields map[string]string) []byte {
	l := s.Leg(leg)
	if l == nil {
		return silence(kind)
	}
	if n, ok := sayNumber(kind); ok {
		i := slices.IndexFunc(s.Says, func(say Say) bool { return say.Number == n })
		if i < 0 {
			return emptyDocument
		}
		return s.Says[i].Doc
	}
	if kind == URLHold {
		if l.HoldDoc == nil {
			return silence(kind)
		}
		return l.HoldDoc
	}
	if l.Parked {
		return l.Doc
	}
	doc, err := waitDocument(c, s, l, kind, fields)
	if err != nil {
		return silence(kind)
	}
	return doc
}

func waitDocument(c *Closure, s *Session, l *Leg, kind string, fields map[string]string) (doc []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			doc, err = silence(kind), nil
		}
	}()
	st := c.stateOf(l)
	if st == nil {
		return silence(kind), nil
	}
	looper, ok := st.Verb.(Looper)
	if !ok || kind == URLWait && l.Held != "" { // it is on its way to that state, whose verb is not heard yet
		return silence(kind), nil
	}
	x := &Exec{c: c, s: s, ev: &Event{Kind: "wait", At: s.LastAt, Leg: l.Number, Fields: fields}, now: s.LastAt, leg: l, frame: l.here().frame}
	t := &Turn{Exec: x, Caller: l, State: st, Fields: fields, Number: max(l.Turn, l.given()), doc: twiml.El("Response")}
	if err := looper.Loop(t); err != nil {
		return nil, err
	}
	return twiml.AppendDocument(nil, t.doc), nil
}

// MusicLoop appends a round of music that asks for the next round of itself.
func (t *Turn) MusicLoop(music *Prompt, again string) error {
	nodes, err := t.RenderPrompt(music)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		nodes = []twiml.Node{twiml.El("Pause").Set("length", roundPause)}
	}
	t.Append(nodes...)
	redirect := twiml.El("Redirect")
	if again != "" {
		redirect.Append(twiml.Text(again))
	}
	t.Append(redirect)
	return nil
}

var emptyDocument = twiml.AppendDocument(nil, twiml.El("Response"))

// silence is what a wait plays that cannot be rendered: a pause, then the next round.
func silence(kind string) []byte {
	if _, ok := sayNumber(kind); ok {
		return emptyDocument
	}
	return twiml.AppendDocument(nil, twiml.El("Response",
		twiml.El("Pause").Set("length", roundPause), twiml.El("Redirect")))
}

func sayNumber(kind string) (int, bool) {
	if len(kind) < 5 || kind[:4] != "say-" {
		return 0, false
	}
	n, err := strconv.Atoi(kind[4:])
	return n, err == nil
}

// apology is what a leg hears when all else failed, in its language: a constant document
// of the flow that it is in. The language is all that is known of the leg there.
func (c *Closure) apology(f *Frame, language string) []byte {
	doc := twiml.El("Response")
	if c.flowIn(f).Defaults.Apology == nil {
		f = nil
	}
	flow, l := c.flowIn(f), &Leg{Language: language}
	x := &Exec{c: c, s: &Session{Input: Values{}, Vars: Values{}}, ev: &Event{Kind: "apology"}, frame: f, leg: l}
	if p := flow.Defaults.Apology; p != nil && !p.Silence {
		if nodes, err := x.renderPrompt(l, p); err == nil && len(nodes) > 0 {
			return twiml.AppendDocument(nil, doc.Append(nodes...).Append(twiml.El("Hangup")))
		}
	}
	say := twiml.El("Say", twiml.Text(defaultApology))
	voice, tag := flow.speech(x.languageOf(l))
	setVoice(say, voice, tag)
	return twiml.AppendDocument(nil, doc.Append(say, twiml.El("Hangup")))
}

// Apology is the flow's apology with the hang-up behind it, for a leg of the session.
func Apology(c *Closure, s *Session, leg int) []byte {
	if l := s.Leg(leg); l != nil {
		return c.apology(l.here().frame, l.Language)
	}
	return c.apology(nil, "")
}

// StaticFallback is what a new inbound call hears while nothing can be stored.
func StaticFallback(c *Closure) []byte { return c.apology(nil, "") }

// ServerApology is the apology where no flow is known.
func ServerApology() []byte {
	return twiml.AppendDocument(nil, twiml.El("Response", twiml.El("Say", twiml.Text(defaultApology)), twiml.El("Hangup")))
}
