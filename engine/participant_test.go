package engine_test

import (
	"testing"

	"github.com/ringdown/ringdown/engine"
)

const muteFlow = `
flow: mute
answer: talk
signals: {mute: {label: Mute, data: {quiet: {type: boolean}}}}
states:
  talk:
    conference: {room: line}
    on: {signal.mute: [{participant: {leg: caller, muted: "${event.data.quiet}", beep_on_exit: "false"}}]}
    next: hangup
`

// TestParticipantComputed: what a participant step sets may come from a signal.
func TestParticipantComputed(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "mute.yaml", muteFlow)).inbound("CallStatus", "in-progress")
	d.conf("line", "participant-join", "1", "CA1")
	for _, quiet := range []string{"true", "false"} {
		d.send(engine.Event{Kind: engine.KindSignal, Name: "mute", Data: engine.Values{"quiet": quiet == "true"}})
		e := d.take(engine.UpdateParticipant)
		if e.Params["Muted"] != quiet || e.Params["BeepOnExit"] != "false" {
			t.Errorf("%s: sent %v", quiet, e.Params)
		}
	}
}
