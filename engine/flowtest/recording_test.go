package flowtest_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// roomTapeFlow records what is said in a room.
const roomTapeFlow = `
flow: room-tape
defaults: {from: "+15005550111"}
answers: ["+15005550111"]
answer: talk
signals: {pause: {label: Pause}, resume: {label: Resume}, stop: {label: Stop}}
states:
  talk:
    do: [{call: {leg: ann, to: "+15552220011", state: with-caller}}]
    conference: {room: line, record: record-from-start, beep: false}
    on:
      signal.pause: [{recording: {do: pause, room: line}}]
      signal.resume: [{recording: {do: resume, room: line}}]
      signal.stop: [{recording: {do: stop, room: line}}]
      recording: [{log: "talk of ${event.duration}"}]
    next: hangup
  with-caller: {conference: {room: line, beep: false}, next: hangup}
`

// TestRecordingOfARoom pauses, resumes and stops the recording of a room by signals.
func TestRecordingOfARoom(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, roomTapeFlow)
	for _, row := range []struct {
		name    string
		signals []string // 20 s apart
		want    []int    // seconds of the file, at least and at most
	}{
		{"all of it", nil, []int{58, 62}},
		{"stopped", []string{"stop"}, []int{19, 22}},
		{"paused for a while, with silence", []string{"pause", "resume"}, []int{58, 62}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			conditions(dir, func(name string, o flowtest.Options) {
				w, err := flowtest.Start(o)
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				w.Sim.AddParty(annTel, sim.Party{})
				c, err := w.Call(tester, "+15005550111")
				if err != nil {
					t.Fatal(err)
				}
				id := w.SessionOf(c)
				w.Until(func() bool { return len(c.Peers()) == 1 }, time.Minute)
				for i := range 3 {
					w.Advance(20 * time.Second)
					if i < len(row.signals) {
						if err := w.API.Signal(id, row.signals[i], nil); err != nil {
							t.Errorf("%s: %v", name, err)
						}
					}
				}
				c.Hangup()
				if !w.Until(func() bool { return w.Closed(id) }, 15*time.Minute) {
					t.Fatalf("%s: no end\n%s", name, w.Dump())
				}
				var fits []string
				for s := row.want[0]; s <= row.want[1]; s++ {
					fits = append(fits, "talk of "+strconv.Itoa(s))
				}
				if got := logsOf(t, w, id); len(got) != 1 || !slices.Contains(fits, got[0]) {
					t.Errorf("%s: logs %q, want one of %q\n%s", name, got, fits, w.Dump())
				}
				if found := w.Troubles(); name == "plain" && len(found) > 0 {
					t.Errorf("troubles: %q", found)
				}
			})
		})
	}
}
