package sim

import (
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// execute runs one verb. Every verb ends with next, with a fetch, with the end
// of the call, or stays until something from outside cuts it short.
func (r *run) execute(verb *twiml.Element) {
	if !r.keepsRinging(verb) {
		r.call.answerInbound()
	}
	if f := r.sim.happens(HangUp, verb.Name); f != nil {
		r.sim.after(f.spread(), r.call.partyHangsUp)
	}
	switch verb.Name {
	case "Say", "Play", "Pause":
		r.prompt(verb, r.next)
	case "Gather":
		r.gather(verb)
	case "Record":
		r.recordVerb(verb)
	case "Dial":
		r.dialVerb(verb)
	case "Enqueue":
		r.enqueue(verb)
	case "Leave":
		r.leaveVerb()
	case "Redirect":
		r.redirectVerb(verb)
	case "Start":
		r.startVerb(verb)
	case "Stop":
		r.stopVerb(verb)
	case "Connect":
		r.connectVerb(verb)
	case "Pay":
		r.payVerb(verb)
	case "Refer":
		r.referVerb(verb)
	case "Sms":
		r.smsVerb(verb)
	case "Echo":
		r.echo()
	case "Hangup":
		r.call.end("completed")
	case "Reject":
		r.reject(verb)
	default:
		r.call.warn(twiml.CodeSchema, "the simulator does not run <"+verb.Name+">; it is skipped")
		r.next()
	}
}

// keepsRinging reports whether an inbound call that still rings goes on ringing
// during the verb (documentation: Reject, Pause, Dial answerOnBridge).
func (r *run) keepsRinging(verb *twiml.Element) bool {
	switch verb.Name {
	case "Reject", "Pause":
		return true
	case "Dial":
		return verb.AttrOr("answerOnBridge", "false") == "true" && verb.First("Conference") == nil && verb.First("Queue") == nil
	case "Redirect":
		return r.sim.o.Switches.PauseRingsOn
	}
	return false
}

// prompt plays a Say, Play or Pause and then calls done.
func (r *run) prompt(verb *twiml.Element, done func()) {
	if verb.Name == "Pause" {
		r.later(time.Duration(intAttr(verb, "length", 1))*time.Second, done)
		return
	}
	text, length := r.content(verb)
	rounds := intAttr(verb, "loop", 1)
	if rounds <= 0 {
		rounds = 1000
	}
	var round func(int)
	round = func(left int) {
		if left == 0 {
			done()
			return
		}
		if text != "" {
			r.hearsIn(verb.AttrOr("language", ""), text)
		}
		r.later(length, func() { round(left - 1) })
	}
	round(rounds)
}

// content is what a Say or Play lets the party hear, and how long it takes.
func (r *run) content(verb *twiml.Element) (string, time.Duration) {
	if verb.Name == "Say" {
		text := verb.Speech()
		return text, r.sim.speech(text) + breaks(verb)
	}
	if digits, ok := verb.Attr("digits"); ok {
		return "digits " + digits, digitsLength(digits)
	}
	media, _ := r.resolve(verb.Body())
	if d, ok := r.sim.media[media]; ok {
		return "play " + media, d
	}
	return "play " + media, r.sim.o.Timings.Play
}

// breaks are the pauses of SSML in a Say, as far as their time is given.
func breaks(e *twiml.Element) time.Duration {
	var all time.Duration
	for _, child := range e.Elements() {
		if d, err := time.ParseDuration(child.AttrOr("time", "")); err == nil && child.Name == "break" && d > 0 {
			all += d
		}
		all += breaks(child)
	}
	return all
}

// digitsLength is the playing time of DTMF digits: w is half a second, W one.
func digitsLength(digits string) time.Duration {
	var d time.Duration
	for _, key := range digits {
		switch key {
		case 'w':
			d += 500 * time.Millisecond
		case 'W':
			d += time.Second
		default:
			d += 200 * time.Millisecond
		}
	}
	return d
}

func (r *run) redirectVerb(verb *twiml.Element) {
	to, ok := r.resolve(verb.Body())
	if !ok {
		r.call.warn(15004, "Redirect needs an absolute URL in inline TwiML")
		r.failed("redirect", codeURL, endpoint{url: to}, nil)
		return
	}
	r.fetch("redirect", endpoint{to, verb.AttrOr("method", "POST")}, nil)
}

// reject ends a call that was not answered; on an answered one it hangs up.
func (r *run) reject(verb *twiml.Element) {
	switch {
	case !r.call.answered.IsZero():
		r.call.end("completed")
	case verb.AttrOr("reason", "rejected") == "busy":
		r.call.end("busy")
	default:
		r.call.end("no-answer")
	}
}

func intAttr(e *twiml.Element, name string, def int) int {
	v, ok := e.Attr(name)
	if !ok {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return def
	}
	return n
}

func boolAttr(e *twiml.Element, name string, def bool) bool {
	switch v, _ := e.Attr(name); v {
	case "true":
		return true
	case "false":
		return false
	}
	return def
}
