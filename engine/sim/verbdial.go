package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// dial is a Dial to numbers, clients and SIP addresses in progress.
type dial struct {
	run     *run
	verb    *twiml.Element
	left    []*twiml.Element // nouns that a sequential Dial has not tried yet
	legs    []*dialledLeg
	winner  *Call // the first to answer; may still hear its whisper
	bridged *Call
	since   time.Time // of the bridge
	over    bool
	record  *recording
}

// dialledLeg ties a called party to the Dial that rings it.
type dialledLeg struct {
	dial *dial
	noun *twiml.Element
	call *Call
}

func (r *run) dialVerb(verb *twiml.Element) {
	if noun := verb.First("Conference"); noun != nil {
		r.joinConference(verb, noun)
		return
	}
	if noun := verb.First("Queue"); noun != nil {
		r.dialQueue(verb, noun)
		return
	}
	nouns := verb.Elements()
	if body := verb.Body(); len(nouns) == 0 && body != "" {
		nouns = []*twiml.Element{twiml.El("Number", twiml.Text(body))}
	}
	d := &dial{run: r, verb: verb}
	r.call.dial = d
	r.leave = d.cut
	if boolAttr(verb, "hangupOnStar", false) {
		r.call.keys = func(key rune) {
			if key == '*' && d.bridged != nil {
				d.bridged.end("completed")
			}
		}
	}
	d.left = nouns
	if boolAttr(verb, "sequential", false) {
		d.placeNext()
	} else {
		for len(d.left) > 0 {
			d.placeNext()
		}
	}
	if len(d.legs) == 0 {
		d.finish("failed", nil, false)
	}
}

// placeNext rings the first of the parties left that can be rung, and reports
// whether there was one.
func (d *dial) placeNext() bool {
	for len(d.left) > 0 {
		noun := d.left[0]
		d.left = d.left[1:]
		if d.dialable(noun) {
			d.place(noun)
			return true
		}
	}
	return false
}

// place rings one party. Legs of a Dial are never queued.
func (d *dial) place(noun *twiml.Element) {
	r := d.run
	c := r.sim.newCall(r.call, "outbound-dial", d.callerID(), target(noun))
	leg := &dialledLeg{dial: d, noun: noun, call: c}
	d.legs = append(d.legs, leg)
	c.dialled = leg
	c.progress = r.subscribe(noun, "statusCallback", "completed")
	c.detect = r.detectionOf(noun)
	c.tones, _ = noun.Attr("sendDigits")
	c.onAnswer = func() { d.answered(leg) }
	c.setStatus("queued")
	c.dialOut(time.Duration(intAttr(d.verb, "timeout", 30)) * time.Second)
}

// answered: the first party to answer wins, all others are cancelled.
func (d *dial) answered(leg *dialledLeg) {
	if d.over || d.winner != nil {
		leg.call.end("completed")
		return
	}
	d.winner = leg.call
	for _, other := range d.legs {
		if other != leg {
			other.call.end("canceled")
		}
	}
	url, ok := leg.noun.Attr("url")
	if !ok || url == "" {
		d.bridge(leg.call)
		return
	}
	abs, _ := d.run.resolve(url)
	whisper := &run{sim: d.run.sim, call: leg.call, ctx: twiml.Whisper, ended: func() { d.bridge(leg.call) }}
	leg.call.main = whisper
	whisper.fetch("whisper", endpoint{abs, leg.noun.AttrOr("method", "POST")}, nil)
}

// bridge connects both parties.
func (d *dial) bridge(c *Call) {
	if d.over || c.over() {
		return
	}
	r := d.run
	d.bridged, d.since = c, r.sim.now()
	r.call.answerInbound()
	d.startRecording("")
	if limit := intAttr(d.verb, "timeLimit", 0); limit > 0 {
		r.later(time.Duration(limit)*time.Second, func() { c.end("completed") })
	}
	r.call.meetsPeers()
	c.meetsPeers()
}

// startRecording begins the recording that record asks for: at the answer, or
// with moment "ringing" only one that is to begin there.
func (d *dial) startRecording(moment string) {
	mode := d.verb.AttrOr("record", "do-not-record")
	if mode == "do-not-record" || mode == "false" || d.record != nil || !strings.Contains(mode, moment) {
		return
	}
	d.record = d.run.call.recordFrom(sourceDialVerb, pick1or2(strings.HasSuffix(mode, "-dual")), d.run.recordingCallback(d.verb))
	d.record.track = d.verb.AttrOr("recordingTrack", "both")
}

// childEnded takes the end of a party.
func (d *dial) childEnded(c *Call) {
	if d.over {
		return
	}
	switch c {
	case d.bridged:
		d.finish("completed", c, true)
	case d.winner:
		status := "no-answer"
		if d.run.sim.o.Switches.WhisperHangupCompletes {
			status = "completed"
		}
		d.finish(status, c, true)
	default:
		d.unanswered(c)
	}
}

// unanswered goes on to the next party of a sequential Dial; with none left and
// nobody ringing any more the Dial is over.
func (d *dial) unanswered(c *Call) {
	if d.winner != nil {
		return
	}
	if d.placeNext() {
		return
	}
	status := c.status
	for _, leg := range d.legs {
		if !leg.call.over() {
			return
		}
		if leg.call.status == "busy" {
			status = "busy"
		}
	}
	d.finish(status, c, true)
}

// childMoved takes a REST update that gives a party a document of its own.
func (d *dial) childMoved(c *Call) {
	if !d.over && c == d.winner {
		d.finish("completed", c, false)
	}
}

// finish ends the Dial; the parent goes on. timed says that the action reports
// the duration, which it does not for a party that was moved away.
func (d *dial) finish(status string, c *Call, timed bool) {
	d.over = true
	d.run.call.dial = nil
	d.run.goOn(d.verb, false, d.result(status, c, timed))
}

func (d *dial) result(status string, c *Call, timed bool) form {
	f := form{{"DialCallStatus", status}}
	if c != nil {
		f = f.with("DialCallSid", c.sid)
	}
	if timed && d.bridged != nil {
		f = f.with("DialCallDuration", strconv.Itoa(int(d.run.sim.now().Sub(d.since)/time.Second)))
	}
	f = f.with("DialBridged", strconv.FormatBool(d.bridged != nil))
	if d.record != nil {
		d.record.finish()
		f = f.with("RecordingUrl", d.record.url())
	}
	if c != nil && strings.HasPrefix(c.to, "sip:") {
		f = f.with("DialSipCallId", c.sipCallID()).with("DialSipResponseCode", strconv.Itoa(c.sip))
	}
	return f
}

// cut ends the Dial from the parent's side: the parties are hung up, after a
// redirect of the parent a moment later.
func (d *dial) cut(why leaving) *act {
	d.over = true
	d.run.call.dial = nil
	status, main := "canceled", d.winner
	if d.bridged != nil {
		status = "completed"
	}
	if why == leaveRedirect {
		d.run.sim.after(d.run.sim.o.Timings.ChildEnd, d.hangUpLegs)
	} else {
		d.hangUpLegs()
	}
	if main == nil && len(d.legs) > 0 {
		main = d.legs[len(d.legs)-1].call
	}
	return d.run.actOf(d.verb, d.result(status, main, true))
}

func (d *dial) hangUpLegs() {
	for _, leg := range d.legs {
		switch {
		case leg.call.dialled == nil: // moved away
		case leg.call.answered.IsZero():
			leg.call.end("canceled")
		default:
			leg.call.end("completed")
		}
	}
}
