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
	if len(nouns) == 0 {
		nouns = []*twiml.Element{twiml.El("Number", twiml.Text(verb.Body()))}
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
	if boolAttr(verb, "sequential", false) {
		d.left = nouns[1:]
		nouns = nouns[:1]
	}
	for _, noun := range nouns {
		d.place(noun)
	}
}

// place rings one party. Legs of a Dial are never queued.
func (d *dial) place(noun *twiml.Element) {
	r := d.run
	from := d.verb.AttrOr("callerId", r.call.from)
	c := r.sim.newCall(r.call, "outbound-dial", from, target(noun))
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

// target is the address of a noun.
func target(noun *twiml.Element) string {
	address := noun.Body()
	switch noun.Name {
	case "Client":
		if id := noun.First("Identity"); id != nil {
			address = id.Body()
		}
		return "client:" + address
	case "Sip":
		if uri := noun.First("Uri"); uri != nil {
			address = uri.Body()
		}
		if !strings.HasPrefix(address, "sip:") {
			address = "sip:" + address
		}
	}
	return address
}

// detectionOf reads the detection attributes of a noun; there it is always
// asynchronous.
func (r *run) detectionOf(noun *twiml.Element) detection {
	mode, _ := noun.Attr("machineDetection")
	if mode != "" && noun.Name != "Number" && noun.Name != "Sip" {
		r.call.warn(twiml.CodeSchema, "no machine detection for <"+noun.Name+">")
		mode = ""
	}
	if _, digits := noun.Attr("sendDigits"); digits {
		mode = ""
	}
	url, _ := noun.Attr("amdStatusCallback")
	if url != "" {
		url, _ = r.resolve(url)
	}
	return detection{mode: mode, async: true, callback: endpoint{url, noun.AttrOr("amdStatusCallbackMethod", "POST")},
		timeout: ranges{3, 60, 30}.of(noun.AttrOr("machineDetectionTimeout", ""), time.Second),
		quiet:   ranges{500, 5000, 1200}.of(noun.AttrOr("machineDetectionSpeechEndThreshold", ""), time.Millisecond)}
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
	if mode := d.verb.AttrOr("record", "do-not-record"); mode != "do-not-record" && mode != "false" {
		channels := 1
		if strings.HasSuffix(mode, "-dual") {
			channels = 2
		}
		d.record = r.call.recordFrom(sourceDialVerb, channels, r.recordingCallback(d.verb))
	}
	if limit := intAttr(d.verb, "timeLimit", 0); limit > 0 {
		r.later(time.Duration(limit)*time.Second, func() { c.end("completed") })
	}
	r.call.meetsPeers()
	c.meetsPeers()
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
	if len(d.left) > 0 {
		noun := d.left[0]
		d.left = d.left[1:]
		d.place(noun)
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
