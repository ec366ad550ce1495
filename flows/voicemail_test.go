package flows_test

import (
	"strings"
	"testing"
	"time"
)

// voicemailNumber is the number that the flow voicemail answers.
const voicemailNumber = "+15005550018"

func TestVoicemail(t *testing.T) {
	t.Parallel()
	spoken := "Please call me back about the invoice"
	recording := hears(caller, "beep")
	both := []string{"caller: greet thanks"}
	scenes := []scene{
		{
			name:   "a message, then silence",
			script: []step{recording, wait(time.Second), say(caller, spoken)},
			states: both, heard: []string{"Leave a message", "Thank you"}, messages: []string{officeTel + ": From " + caller + ": " + spoken},
		},
		{
			name:   "the caller hangs up after the message",
			script: []step{recording, wait(time.Second), say(caller, spoken), wait(4 * time.Second), hangup(caller)},
			states: []string{"caller: greet"}, messages: []string{spoken},
		},
		{
			name:   "the caller says nothing",
			script: []step{recording},
			states: both, heard: []string{"Thank you"}, messages: []string{"(no text)"},
		},
		{
			name:   "the caller hangs up at once after the tone",
			script: []step{recording, wait(time.Second), hangup(caller)},
			states: []string{"caller: greet"}, messages: []string{"(no text)"},
		},
		{
			name:   "the caller hangs up during the greeting",
			script: []step{hears(caller, "Leave a message"), wait(500 * time.Millisecond), hangup(caller)},
			states: []string{"caller: greet"},
		},
	}
	long := strings.Repeat("x", 3000)
	scenes = append(scenes, []scene{
		{name: "speaks until the limit", script: []step{recording, say(caller, long)}, states: both, heard: []string{"Thank you"}, messages: []string{"From " + caller}, least: 110 * time.Second, most: 4 * time.Minute},
		{name: "ends the message with a key", script: []step{recording, wait(time.Second), say(caller, spoken), wait(4 * time.Second), press(caller, "#")}, states: both, messages: []string{spoken}, most: time.Minute},
		{name: "hangs up when thanked", script: []step{recording, say(caller, spoken), hears(caller, "Thank you"), hangup(caller)}, states: both, messages: []string{spoken}},
		{name: "ended from outside during the greeting", script: []step{hears(caller, "Leave a message"), end()}, states: []string{"caller: greet"}, outcome: "deleted"},
		{name: "ended from outside while it records", script: []step{recording, say(caller, spoken), wait(time.Second), end()}, states: []string{"caller: greet"}, outcome: "deleted", messages: []string{spoken}},
	}...)
	for i := range scenes {
		scenes[i].to, scenes[i].legs = voicemailNumber, []string{"caller inbound completed"}
	}
	playAll(t, scenes)
}
