package sim_test

import (
	"encoding/binary"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// loud fetches the WAV file of a recording and tells for each second and channel
// whether there is anything to hear: "1." is the first channel only.
func (w *world) loud(recordingURL string) string {
	w.t.Helper()
	path := strings.TrimPrefix(recordingURL, "https://api.twilio.com/2010-04-01/Accounts/"+w.AccountSID())
	status, body := w.rest(http.MethodGet, path, nil)
	if status != http.StatusOK || !strings.HasPrefix(body, "RIFF") {
		w.t.Fatalf("GET %s: %d %.60q", path, status, body)
	}
	if _, again := w.rest(http.MethodGet, path+".wav", nil); again != body {
		w.t.Error("the file with .wav is another one")
	}
	channels := int(binary.LittleEndian.Uint16([]byte(body[22:])))
	second := 8000 * 2 * channels
	data := body[44:]
	var marks []string
	for ; len(data) >= second; data = data[second:] {
		mark := ""
		for c := range channels {
			quiet := true
			for i := 2 * c; i < second; i += 2 * channels {
				quiet = quiet && data[i] == 0 && data[i+1] == 0
			}
			mark += map[bool]string{true: ".", false: strconv.Itoa(c + 1)}[quiet]
		}
		marks = append(marks, mark)
	}
	return strings.Join(marks, " ")
}

// recording waits for the file of the only recording that a callback told of.
func (w *world) recording(path string) (string, url.Values) {
	w.t.Helper()
	w.settle()
	told := w.one(path)
	return told.Get("RecordingUrl"), told
}

func TestSoundOfRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Say>Speak.</Say><Record timeout="3" action="/done" recordingStatusCallback="/rec"/>`, "/done": ""})
	w.AddParty(alice, sim.Party{Script: []sim.Move{
		{When: sim.Beeps, After: time.Second, Say: "my name is alice"}, {When: sim.Next, After: 2 * time.Second, Press: "5"},
	}})
	w.ended(w.call())
	file, told := w.recording("/rec")
	if got := w.loud(file); got != ". 1 ." || told.Get("RecordingDuration") != "3" {
		t.Errorf("sound %q, duration %s", got, told.Get("RecordingDuration"))
	}
}

// TestSoundOfDial: the parent is in the first channel, the dialled party in the second.
func TestSoundOfDial(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{"record-from-answer-dual": ".. 1. .2 .. 1.", "record-from-answer": ". 1 1 . 1"} {
		w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Dial record="` + mode + `" recordingStatusCallback="/rec">` + bob + `</Dial>`})
		w.AddParty(alice, sim.Party{Script: []sim.Move{{When: sim.Connected, After: time.Second, Say: "hi bob"}, {When: sim.Next, After: 3 * time.Second, Press: "1"}}})
		w.AddParty(bob, sim.Party{Script: []sim.Move{{When: sim.Hears, After: time.Second, Say: "hi alice"}, {When: sim.Next, After: 3 * time.Second, Hangup: true}}})
		w.ended(w.call())
		file, _ := w.recording("/rec")
		if got := w.loud(file); got != want {
			t.Errorf("%s: sound %q, want %q", mode, got, want)
		}
	}
}

// TestSoundOfCallRecording: what the party says is in the first channel, what it hears in the second; pauses are silent or missing.
func TestSoundOfCallRecording(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body, pause, want string
	}{
		{"both", "RecordingChannels=dual", "", "1. .. .2 .2 12"},
		{"mono", "", "", "1 . 1 1 1"},
		{"inbound", "RecordingTrack=inbound", "", "1 . . . 1"},
		{"outbound", "RecordingTrack=outbound", "", ". . 1 1 1"},
		{"paused", "RecordingChannels=dual", "silence", "1. .. .. .. 12"},
		{"skipped", "RecordingChannels=dual", "skip", "1. .. 12"},
	} {
		w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Play digits="w"/><Pause length="3"/><Say>` + strings.Repeat("x", 30) + `</Say><Play digits="99999"/><Pause length="60"/>`})
		w.AddParty(alice, sim.Party{Script: []sim.Move{{When: sim.Answered, After: time.Second, Say: "hello"}, {When: sim.Next, After: 4 * time.Second, Press: "1"}}})
		c := w.call()
		w.clock.Advance(time.Second)
		form, _ := url.ParseQuery(tc.body)
		form.Set("RecordingStatusCallback", w.app.URL+"/rec")
		w.post("/Calls/"+c.SID()+"/Recordings.json", form)
		if tc.pause != "" {
			w.clock.Advance(2 * time.Second)
			w.post("/Calls/"+c.SID()+"/Recordings/Twilio.CURRENT.json", url.Values{"Status": {"paused"}, "PauseBehavior": {tc.pause}})
			w.clock.Advance(2 * time.Second)
			w.post("/Calls/"+c.SID()+"/Recordings/Twilio.CURRENT.json", url.Values{"Status": {"in-progress"}})
			w.clock.Advance(1500 * time.Millisecond)
		} else {
			w.clock.Advance(5500 * time.Millisecond)
		}
		c.Hangup()
		file, _ := w.recording("/rec")
		if got := w.loud(file); got != tc.want {
			t.Errorf("%s: sound %q, want %q\n%s", tc.name, got, tc.want, w.dump())
		}
	}
}

// TestSoundOfConference: everybody is heard who is not muted, and announcements to all, but not the music of one.
func TestSoundOfConference(t *testing.T) {
	t.Parallel()
	conference := func(attrs string) string {
		return `<Dial><Conference waitUrl="" ` + attrs + `>r</Conference></Dial>`
	}
	w := newWorld(t, sim.Options{CPS: 10}, map[string]string{
		"/voice": conference(`record="record-from-start" recordingStatusCallback="/rec" endConferenceOnExit="true"`), "/bob": conference(""), "/carol": conference(`muted="true"`),
		"/news": `<Say>` + strings.Repeat("y", 10) + `</Say>`,
	})
	talks := func(after time.Duration) sim.Party {
		return sim.Party{AnswerAfter: time.Millisecond, Script: []sim.Move{{When: sim.Connected, After: after, Say: "hi"}}}
	}
	w.AddParty(bob, talks(2*time.Second))
	w.AddParty(carol, talks(4*time.Second))
	c := w.call()
	w.until("alone", func() bool { return c.Conference() == "r" })
	w.place(carol, "/carol", nil)
	w.until("recorded", func() bool { return len(c.Peers()) == 1 })
	w.place(bob, "/bob", nil)
	w.clock.Advance(6500 * time.Millisecond)
	if status, body := w.post("/Conferences/"+w.Conferences()[0].SID+".json", url.Values{"AnnounceUrl": {w.app.URL + "/news"}}); status != http.StatusOK {
		t.Fatalf("announcement: %d %s", status, body)
	}
	w.clock.Advance(2 * time.Second)
	c.Hangup()
	file, told := w.recording("/rec")
	if got := w.loud(file); got != ". . 1 . . . 1 1" || told.Get("RecordingDuration") != "8" {
		t.Errorf("sound %q of %s s\n%s", got, told.Get("RecordingDuration"), w.dump())
	}
}
