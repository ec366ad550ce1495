package sim

import (
	"github.com/ringdown/ringdown/engine/twiml"
)

// connectVerb hands the call to a service until that has finished.
func (r *run) connectVerb(verb *twiml.Element) {
	nouns := verb.Elements()
	if len(nouns) == 0 {
		r.next()
		return
	}
	switch noun := nouns[0]; noun.Name {
	case "Stream":
		r.connectStream(verb, noun)
	case "ConversationRelay":
		if checkStreamURL(noun.AttrOr("url", "")) != 0 {
			r.goOn(verb, false, nil) // reported with the document
			return
		}
		r.connectRelay(verb, noun)
	case "Autopilot":
		r.call.warn(twiml.CodeSchema, "Twilio has ended Autopilot; the call goes on")
		r.goOn(verb, false, nil)
	default:
		r.connectService(verb, noun)
	}
}

// connectStream lets the application hear and speak over a WebSocket, until it
// closes that or the stream is stopped by REST.
func (r *run) connectStream(verb, noun *twiml.Element) {
	f := r.startFork(streams, noun, true)
	if f == nil {
		r.goOn(verb, false, nil)
		return
	}
	live := true
	end := f.onStop
	f.onStop = func() {
		if end != nil {
			end()
		}
		if live {
			live = false
			r.leave = nil
			r.goOn(verb, false, nil)
		}
	}
	r.leave = func(leaving) *act {
		live = false
		f.stop()
		return nil
	}
}
