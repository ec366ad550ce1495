package verbs

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twiml"
)

// tape asks for the file of what the element records, where something handles it.
// https://www.twilio.com/docs/voice/twiml/dial#recordingstatuscallback
func tape(t *engine.Turn, el *twiml.Element) {
	switch mode, _ := el.Attr("record"); mode {
	case "", "do-not-record", "false":
		return
	}
	if !t.Handles("recording") {
		return
	}
	el.Set("recordingStatusCallback", t.URL(engine.URLRec))
	el.Set("recordingStatusCallbackEvent", "completed absent")
	t.Expect("recording")
}
