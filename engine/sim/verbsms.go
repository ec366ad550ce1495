package sim

import "github.com/ringdown/ringdown/engine/twiml"

// smsVerb sends a text message, from the called number to the caller unless the
// verb says otherwise.
func (r *run) smsVerb(verb *twiml.Element) {
	c := r.call
	us, them := c.to, c.from
	if c.direction != "inbound" {
		us, them = them, us
	}
	m := r.sim.newMessage(verb.AttrOr("from", us), verb.AttrOr("to", them), verb.Body(), "")
	if to := verb.AttrOr("statusCallback", ""); to != "" {
		m.callback, _ = r.resolve(to)
	}
	code, why := 0, ""
	switch {
	case !e164.MatchString(m.To):
		code, why = 14101, "To is "+m.To
	case !e164.MatchString(m.From):
		code, why = 14102, "From is "+m.From
	case m.Body == "":
		code, why = 14103, "the message is empty"
	}
	status := "sent"
	if code != 0 {
		r.call.warn(code, why)
		status = "invalid"
	} else {
		m.submit(0)
	}
	r.goOn(verb, false, form{{"SmsSid", m.SID}, {"SmsStatus", status}})
}

// echo plays the party's own sound back to it until it hangs up.
func (r *run) echo() { r.call.voice = func(text string) { r.hears(text) } }
