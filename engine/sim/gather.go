package sim

import (
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// gathering is a Gather in progress.
type gathering struct {
	run    *run
	verb   *twiml.Element
	digits string
	most   int    // numDigits, 0 for no limit
	finish string // finishOnKey
	dtmf   bool
	speech bool
	wait   time.Duration
}

func (r *run) gather(verb *twiml.Element) {
	input := verb.AttrOr("input", "dtmf")
	g := &gathering{
		run: r, verb: verb,
		most:   intAttr(verb, "numDigits", 0),
		finish: verb.AttrOr("finishOnKey", "#"),
		dtmf:   strings.Contains(input, "dtmf"),
		speech: strings.Contains(input, "speech"),
		wait:   time.Duration(intAttr(verb, "timeout", 5)) * time.Second,
	}
	g.listen()
	r.asks("Gather")
	g.prompts(verb.Elements())
}

// listen routes the leg's keys and words here; a new step has cleared them.
func (g *gathering) listen() {
	if g.dtmf {
		g.run.call.keys = g.key
	}
	if g.speech {
		g.run.call.voice = g.spoken
	}
}

// prompts plays the nested verbs; the timeout runs from the end of the last.
func (g *gathering) prompts(verbs []*twiml.Element) {
	if len(verbs) == 0 {
		g.run.later(g.wait, g.timeout)
		return
	}
	g.run.prompt(verbs[0], func() { g.prompts(verbs[1:]) })
}

// key takes a key: it stops the prompts and restarts the timeout.
func (g *gathering) key(key rune) {
	g.run.begin()
	if g.finish != "" && strings.ContainsRune(g.finish, key) {
		if g.digits == "" {
			g.empty()
			return
		}
		g.run.goOn(g.verb, true, form{{"Digits", g.digits}, {"FinishedOnKey", string(key)}})
		return
	}
	g.digits += string(key)
	if len(g.digits) == g.most {
		g.submit()
		return
	}
	g.speech = false // the first kind of input wins
	g.listen()
	g.run.later(g.wait, g.timeout)
}

// spoken takes words. They end the Gather after the pause that makes it sure
// that the party has finished.
func (g *gathering) spoken(text string) {
	g.run.begin()
	length := time.Duration(len([]rune(text))) * g.run.sim.o.Timings.Character
	g.partial(text)
	g.run.later(length+time.Second, func() {
		g.run.goOn(g.verb, true, form{{"SpeechResult", text}, {"Confidence", "0.9"}})
	})
}

// partial tells of the first half of what is said while the party goes on speaking.
func (g *gathering) partial(text string) {
	url, words := g.verb.AttrOr("partialResultCallback", ""), strings.Fields(text)
	if url == "" || len(words) < 2 {
		return
	}
	r := g.run
	abs, _ := r.resolve(url)
	params := append(r.call.standard(), form{{"StableSpeechResult", ""}, {"UnstableSpeechResult", strings.Join(words[:len(words)/2], " ")}, {"Stability", "0.8"}, {"SequenceNumber", "0"}}...)
	r.sim.callback(hook{name: "partial", sid: r.call.sid, to: endpoint{abs, g.verb.AttrOr("partialResultCallbackMethod", "POST")}, params: params})
}

func (g *gathering) submit() { g.run.goOn(g.verb, true, form{{"Digits", g.digits}}) }

func (g *gathering) timeout() {
	if g.digits != "" {
		g.submit()
		return
	}
	g.empty()
}

// empty goes on without input.
func (g *gathering) empty() {
	if !boolAttr(g.verb, "actionOnEmptyResult", false) {
		g.run.next()
		return
	}
	var params form
	if g.dtmf {
		params = form{{"Digits", ""}}
	}
	g.run.goOn(g.verb, true, params)
}

// asks tells the party that the verb listens. What comes when the verb is over is not
// said any more.
func (r *run) asks(verb string) {
	r.call.note(EntryListening, verb)
	step := r.step
	r.call.meets(Asked, verb, func() bool { return r.live(step) })
}
