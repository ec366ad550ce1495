package engine_test

import (
	"testing"

	"github.com/ringdown/ringdown/engine"
)

const backFlow = `
flow: back
answer: go
signals: {say: {label: Say}}
states:
  go:
    conference: {room: line, hangup_on_star: true, alone: stay}
    on: {star: again, signal.say: [{announce: {room: line, prompt: Hello.}}], line.left: [{log: "left ${event.reason}"}]}
    next: hangup
  again: {prompt: Back you go., next: go}
`

// TestLateNewsOfAFormerConference: news of the conference that a leg has left come when it
// is in the next one already, and nothing of the former was known before.
func TestLateNewsOfAFormerConference(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "back.yaml", backFlow)).inbound("CallStatus", "in-progress")
	first := d.s.Leg(1).Turn
	d.act(1, "CallStatus", "in-progress", "DialCallStatus", "answered", "Digits", "*").state(1, "go")
	news := func(event, sid, seq string, turn int) {
		d.send(engine.Event{Kind: engine.KindRoom, Room: "line", Fields: map[string]string{
			"StatusCallbackEvent": event, "ConferenceSid": sid, "SequenceNumber": seq, "CallSid": "CA1", "ParticipantLabel": "l1t" + string(rune('0'+turn)),
		}})
	}
	second := d.s.Leg(1).Turn
	if second == first {
		t.Fatalf("the leg has not come back: turn %d", second)
	}
	news("participant-join", "CF2", "1", second)
	news("participant-join", "CF1", "1", first)
	news("participant-leave", "CF1", "2", first)
	if r := d.s.Rooms[0]; r.Conference != "CF2" || r.Ended || r.Size() != 1 {
		t.Errorf("the room is %+v", r)
	}
	news("participant-leave", "CF2", "3", second)
	if r := d.s.Rooms[0]; r.Size() != 0 {
		t.Errorf("news of the conference of now are not believed: %+v", r)
	}
}
