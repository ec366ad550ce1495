package sim

import (
	"strconv"
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

	prompting bool     // nested verbs are heard
	words     []string // spoken so far
	began     time.Time
	pause     time.Duration // that ends speech
	longest   time.Duration // that speech may be
	sequence  int           // of the callbacks with partial results
}

// maxSpeech is the longest speech that a Gather takes (documentation: Gather).
const maxSpeech = 60

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
	g.pause = time.Duration(intAttr(verb, "speechTimeout", int(g.wait/time.Second))) * time.Second
	if verb.AttrOr("speechTimeout", "") == "auto" {
		g.pause = time.Second
	}
	g.longest = time.Duration(min(maxSpeech, intAttr(verb, "maxSpeechTime", maxSpeech))) * time.Second
	g.prompting = true
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
		g.prompting = false
		g.run.later(g.wait, g.timeout)
		if len(g.words) > 0 {
			g.recognise(0) // was said while the prompts could not be stopped
		}
		return
	}
	g.run.prompt(verbs[0], func() { g.prompts(verbs[1:]) })
}

// key takes a key: it stops the prompts and restarts the timeout.
func (g *gathering) key(key rune) {
	g.run.begin()
	g.prompting = false
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

// spoken takes words. They stop the prompts, unless bargeIn says otherwise, and
// end the Gather after a pause.
func (g *gathering) spoken(text string) {
	g.words = append(g.words, strings.Fields(text)...)
	if !g.prompting || boolAttr(g.verb, "bargeIn", true) {
		g.recognise(len(strings.Fields(text)))
	}
}

// recognise takes the last words, which are being spoken now. From the first
// word on keys do not count.
func (g *gathering) recognise(last int) {
	now := g.run.sim.now()
	g.run.begin()
	g.prompting, g.dtmf = false, false
	g.listen()
	if g.began.IsZero() {
		g.began = now
	}
	var length time.Duration
	for i := len(g.words) - last; i < len(g.words); i++ {
		length += time.Duration(len([]rune(g.words[i]))+1) * g.run.sim.o.Timings.Character
		g.run.later(length, func() { g.partial(i) })
	}
	g.run.later(min(length+g.pause, g.began.Add(g.longest).Sub(now)), func() {
		g.run.goOn(g.verb, true, form{{"SpeechResult", strings.Join(g.words, " ")}, {"Confidence", "0.9"}})
	})
}

// partial reports what is understood after the i-th word, which may still change.
func (g *gathering) partial(i int) {
	to, ok := g.verb.Attr("partialResultCallback")
	if !ok || to == "" {
		return
	}
	r := g.run
	abs, _ := r.resolve(to)
	f := r.call.standard().with("UnstableSpeechResult", g.words[i]).with("Stability", "0.8").
		with("StableSpeechResult", strings.Join(g.words[:i], " ")).with("SequenceNumber", strconv.Itoa(g.sequence))
	g.sequence++
	r.sim.callback(hook{name: "partial", sid: r.call.sid, call: r.call, params: f,
		to: endpoint{abs, g.verb.AttrOr("partialResultCallbackMethod", "POST")}})
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
