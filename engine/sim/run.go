package sim

import (
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/twiml"
)

// run executes documents on a leg: its main documents, or beside them those of
// a whisper, a wait, a hold or an announcement.
type run struct {
	sim      *Sim
	call     *Call
	ctx      twiml.Context
	base     endpoint // the current document; no URL for inline TwiML
	todo     []*twiml.Element
	over     bool
	step     int // counts verbs and fetches: what an earlier step has armed does nothing
	leave    func(leaving) *act
	extra    func() form    // parameters of all requests of this run
	ended    func()         // the document has run out; a main run hangs up instead
	broken   func(int)      // a document failed with a code; a main run has its fallback instead
	audience func() []*Call // who hears it; the leg unless set
}

// runMain starts the leg's own documents from its source.
func (c *Call) runMain() {
	c.keys, c.voice = nil, nil
	r := &run{sim: c.sim, call: c, ctx: twiml.Main}
	c.main = r
	r.start(c.source, c.detect.fields(c))
}

func (r *run) start(from source, extra form) {
	if from.twiml == "" {
		r.fetch("url", from.endpoint, extra)
		return
	}
	r.base = endpoint{}
	step := r.begin()
	r.sim.after(0, func() {
		if r.live(step) {
			r.take(reply{body: []byte(from.twiml), ctype: "text/xml"}, "")
		}
	})
}

// begin opens a new step: timers and answers of earlier ones are void.
func (r *run) begin() int {
	r.step++
	r.leave = nil
	if r.listens() {
		r.call.keys, r.call.voice = nil, nil
	}
	return r.step
}

// listens reports whether keys of the leg go to this run.
func (r *run) listens() bool {
	return r.ctx == twiml.Main || r.ctx == twiml.Whisper || r.ctx == twiml.QueueWait
}

func (r *run) live(step int) bool { return !r.over && r.step == step && !r.call.over() }

// later runs f after d unless the run has gone on by then.
func (r *run) later(d time.Duration, f func()) clock.Timer {
	step := r.step
	return r.sim.after(d, func() {
		if r.live(step) {
			f()
		}
	})
}

// cut ends the verb in progress from outside and returns its action, if it has one.
func (r *run) cut(why leaving) *act {
	leave := r.leave
	r.begin()
	if leave == nil {
		return nil
	}
	return leave(why)
}

// stop ends the run for good.
func (r *run) stop() {
	if r != nil && !r.over {
		r.cut(leaveHangup)
		r.over = true
	}
}

// hears lets the audience hear something.
func (r *run) hears(text string) { r.hearsIn("", text) }

// hearsIn is hears for words in a language, "" where that is not said.
func (r *run) hearsIn(language, text string) {
	if r.audience == nil {
		r.call.hearsIn(language, text)
		return
	}
	for _, c := range r.audience() {
		c.hearsIn(language, text)
	}
}

// resolve makes a URL of a document absolute (documentation: relative URLs are
// resolved against the current document's).
func (r *run) resolve(ref string) (string, bool) {
	u, err := url.Parse(ref)
	if err != nil {
		return ref, false
	}
	if u.IsAbs() {
		return ref, true
	}
	base, err := url.Parse(r.base.url)
	if err != nil || r.base.url == "" {
		return ref, false
	}
	if ref == "" {
		return r.base.url, true
	}
	return base.ResolveReference(u).String(), true
}

// fetch requests a document and goes on with it.
func (r *run) fetch(name string, to endpoint, extra form) {
	step := r.begin()
	params := append(r.call.standard(), extra...)
	if r.extra != nil {
		params = append(params, r.extra()...)
	}
	r.request(step, name, to, params, func(answer reply) {
		r.failed(name, answer.code, to, extra)
	})
}

// request sends a hook; its document becomes the run's, or bad is called.
func (r *run) request(step int, name string, to endpoint, params form, bad func(reply)) {
	h := &hook{kind: EntryWebhook, name: name, sid: r.call.sid, call: r.call, to: to, params: params}
	h.done = func(answer reply) {
		if !r.live(step) {
			return
		}
		r.call.fetched = h.fetched(answer)
		if answer.code != 0 {
			r.call.warn(answer.code, answer.why)
			bad(answer)
			return
		}
		r.base = to
		if code := r.take(answer, to.url); code != 0 {
			bad(reply{code: code})
		}
	}
	r.sim.send(r.sim.o.Timings.Latency, h)
}

// take makes an answer's body the current document and runs it. It returns an
// error code if Twilio would not run it.
func (r *run) take(answer reply, from string) int {
	body := answer.body
	media, _, _ := mime.ParseMediaType(answer.ctype)
	switch {
	case len(body) == 0 && answer.chunked:
		r.call.warn(codeEmpty, from)
		return codeEmpty
	case strings.HasPrefix(media, "audio/"):
		r.perform([]*twiml.Element{twiml.El("Play", twiml.Text(from)), twiml.El("Hangup")})
		return 0
	case media == "text/plain":
		if _, err := twiml.Parse(body); err != nil {
			r.perform([]*twiml.Element{twiml.El("Say", twiml.Text(body)), twiml.El("Hangup")})
			return 0
		}
	case media != "text/xml" && media != "application/xml" && media != "text/html":
		r.call.warn(codeContentType, "content type "+strconv.Quote(answer.ctype)+" of "+from)
		return codeContentType
	}
	doc, code := r.read(body)
	if code != 0 {
		return code
	}
	r.perform(doc.Elements())
	return 0
}

// perform runs verbs from the first on.
func (r *run) perform(verbs []*twiml.Element) {
	r.todo = verbs
	r.next()
}

// next goes on with the next verb, or ends the run if there is none.
func (r *run) next() {
	if r.over || r.call.over() {
		return
	}
	r.begin()
	if len(r.todo) > 0 {
		verb := r.todo[0]
		r.todo = r.todo[1:]
		r.execute(verb)
		return
	}
	if r.ctx == twiml.Main {
		r.call.end("completed")
		return
	}
	r.finish()
}

// finish ends a run beside the main one because its document has run out.
func (r *run) finish() {
	r.over = true
	if r.ended != nil {
		r.ended()
	}
}

// goOn requests the verb's action. Without one it goes on with the next verb,
// or with again requests the current document.
func (r *run) goOn(verb *twiml.Element, again bool, params form) {
	action, ok := verb.Attr("action")
	if !ok && !again {
		r.next()
		return
	}
	to, good := r.resolve(action)
	if !good {
		r.call.warn(15004, verb.Name+" needs an absolute action in inline TwiML")
		r.failed("action", codeURL, endpoint{url: to}, nil)
		return
	}
	r.fetch("action", endpoint{to, verb.AttrOr("method", "POST")}, params)
}

// actOf is the action of a verb that is cut short.
func (r *run) actOf(verb *twiml.Element, params form) *act {
	action, ok := verb.Attr("action")
	if !ok {
		return nil
	}
	to, good := r.resolve(action)
	if !good {
		return nil
	}
	return &act{to: endpoint{to, verb.AttrOr("method", "POST")}, params: params}
}

// redirect gives the leg another document from outside (a REST update). The
// action of the verb that it cuts short is requested as the switches say, but
// never instead of the new document's request.
func (c *Call) redirect(to source) {
	s := c.sim
	c.source = to
	if c.dialled != nil { // a party leaves the Dial that rang it
		d := c.dialled.dial
		c.dialled = nil
		c.main.stop()
		d.childMoved(c)
		c.runMain()
		return
	}
	r := c.main
	if r == nil { // answered, but detection still holds back the first document
		c.onAnswer = nil
		c.runMain()
		return
	}
	last := r.cut(leaveRedirect)
	r.start(to, nil)
	if last == nil || last.to.url == "" || (s.o.Switches.InterruptedAct == ActNotRequested && !last.always) {
		return
	}
	used := s.o.Switches.InterruptedAct == ActUsed
	c.lastAct(s.o.Timings.Latency, last, func(answer reply) {
		if used && !c.over() && c.main == r {
			r.cut(leaveRedirect)
			r.base = last.to
			r.take(answer, last.to.url)
		}
	})
}
