package sim

import (
	"errors"
	"strconv"

	"github.com/ringdown/ringdown/engine/twiml"
)

// read parses and checks a document. It returns Twilio's error code if the
// document cannot be run in this place; lesser problems are warnings.
func (r *run) read(body []byte) (*twiml.Element, int) {
	doc, err := twiml.Parse(body)
	if err != nil {
		code := twiml.CodeMarkup
		var parse *twiml.ParseError
		if errors.As(err, &parse) {
			code = parse.Code
		}
		r.call.warn(code, err.Error())
		return nil, code
	}
	code := 0
	for _, p := range twiml.Check(doc, r.ctx) {
		if p.Fatal && r.ctx == twiml.Whisper && r.sim.o.Switches.RedirectInWhisper && p.Path == "Response/Redirect" {
			continue
		}
		r.call.warn(p.Code, p.Path+": "+p.Message)
		if p.Fatal && code == 0 && !ofVerb(p.Code) {
			code = p.Code
		}
	}
	if r.ctx == twiml.Whisper && !r.sim.o.Switches.RedirectInWhisper && doc.First("Redirect") != nil && code == 0 {
		code = twiml.CodeSchema
		r.call.warn(code, "Redirect in the document of a dialled party")
	}
	if code != 0 {
		return nil, code
	}
	return twiml.Effective(doc), 0
}

// ofVerb reports whether an error concerns one verb only: a stream that does not
// come about leaves the call alone, and Pay tells its action.
func ofVerb(code int) bool {
	return code >= 31900 && code < 32000 || code >= 64000 && code < 64100
}

// failed is called when a document could not be had or could not be run: the
// fallback URL is next, once, and without it the announcement and a hang-up.
// extra are the fields of the failed request beyond the standard ones.
func (r *run) failed(name string, code int, at endpoint, extra form) {
	if r.broken != nil {
		r.over = true
		r.broken(code)
		return
	}
	fallback := r.call.fallback
	if fallback.url == "" || name == "fallback" || r.ctx == twiml.Whisper {
		r.apologise()
		return
	}
	params := r.call.standard()
	if r.sim.o.Switches.FallbackKeepsFields {
		params = append(params, extra...)
	}
	params = params.with("ErrorCode", strconv.Itoa(code)).with("ErrorUrl", at.url)
	r.request(r.begin(), "fallback", fallback, params, func(answer reply) {
		r.failed("fallback", answer.code, fallback, nil)
	})
}

// apologise plays Twilio's announcement and hangs up.
func (r *run) apologise() {
	r.begin()
	r.call.answerInbound()
	r.hears("We are sorry, an application error has occurred. Goodbye.")
	r.later(r.sim.o.Timings.Apology, func() { r.call.end("completed") })
}

// answerInbound answers an inbound call that rings; on other calls it does nothing.
func (c *Call) answerInbound() {
	if c.direction == "inbound" {
		c.connect()
	}
}
