package engine_test

import (
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

const floorFlow = `
flow: floor
answer: go
input: {team: {type: text, default: sales}}
states:
  go:
    conference: {room: floor, shared: "team-${input.team}", music: silence}
    on:
      joined: [{log: "in with ${event.size}"}]
      floor.joined: [{log: "joined '${event.leg}' ${event.size}"}]
      floor.left: [{log: "left '${event.leg}' ${event.size} ${event.reason}"}]
      floor.ended: [{log: "ended"}]
      error: [{log: "error ${event.message}"}, {goto: hangup}]
    after: {1h: [{announce: {room: floor, prompt: An hour.}}]}
    next: hangup
`

func (d *driver) conf(room, event string, seq, sid string, more ...string) *driver {
	d.t.Helper()
	fields := map[string]string{"StatusCallbackEvent": event, "SequenceNumber": seq, "CallSid": sid, "ConferenceSid": "CF1"}
	for i := 0; i+1 < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	return d.send(engine.Event{Kind: engine.KindRoom, Room: room, Fields: fields})
}

func TestSharedRoom(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "floor.yaml", floorFlow)).inbound("CallStatus", "in-progress")
	d.hears(1, ">rd-team-sales</Conference>", `statusCallback="/r/-/team-sales#`)
	at := engine.SharedRoomEvent("team-sales")
	d.conf(at, "participant-join", "3", "CA1", engine.PresentField, "CA1 CA7").logged("in with 2").logged("joined 'caller' 2")
	d.conf(at, "participant-join", "4", "CA8", engine.PresentField, "CA1 CA7").logged("joined '' 3")
	d.conf(at, "participant-leave", "5", "CA7", "ReasonParticipantLeft", "participant_hung_up").logged("left '' 2 participant_hung_up")
	d.conf(at, "participant-leave", "6", "CA8").logged("left '' 1 ")
	d.state(1, "go").none(engine.RedirectCall) // nobody waits for nobody only in private rooms
	d.conf("floor", "participant-join", "7", "CA9")
	if e := d.last.Trace[len(d.last.Trace)-1]; e.What != "late" {
		t.Errorf("a private room of that name: %+v", d.last.Trace)
	}
	d.wait(3600e9)
	if e := d.take(engine.Announce); e.Room != "rd-team-sales" {
		t.Errorf("announced in %s", e.Room)
	}
	d.act(1, "CallStatus", "completed").outcome("completed")
	d.conf(at, "participant-join", "8", "CA9")
}

func TestSharedRoomNames(t *testing.T) {
	t.Parallel()
	rooms := map[string]string{}
	for _, team := range []string{"a b", "a-b", "A-b", "a_b", "+1555", "1555", strings.Repeat("x", 100), strings.Repeat("x", 101)} {
		c := compile(t, "floor.yaml", strings.Replace(floorFlow, "default: sales", `default: "`+team+`"`, 1))
		d := drive(t, c).inbound()
		name := d.s.Rooms[0].TwilioName(d.s.ID)
		if other, taken := rooms[name]; taken {
			t.Errorf("%q and %q are the same room %s", team, other, name)
		}
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(name) > 90 {
			t.Errorf("the name for %q is %s", team, name)
		}
		rooms[name] = team
	}
	empty := strings.Replace(floorFlow, `"team-${input.team}"`, `"${input.none}"`, 1)
	empty = strings.Replace(empty, "input: {", "input: {none: {type: text, optional: true}, ", 1)
	drive(t, compile(t, "floor.yaml", strings.Replace(empty, "default: sales", "optional: true", 1))).inbound().hears(1, "We are sorry")
}
