package sim_test

import (
	"testing"

	"github.com/ringdown/ringdown/engine/sim"
)

func TestStartAndStopRecording(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Start><Recording name="a" recordingStatusCallback="/a" channels="mono"/></Start>` +
		`<Start><Recording name="b" recordingStatusCallback="/b"/></Start>` +
		`<Pause length="10"/><Stop><Recording name="a"/></Stop><Say>On we go.</Say><Pause length="10"/>`})
	c := w.call()
	w.ended(c)
	w.wantHeard(c, "On we go.")
	wantFields(t, w.one("/a"), map[string]string{"RecordingStatus": "completed", "RecordingDuration": "10", "RecordingChannels": "1", "CallSid": c.SID()})
	wantFields(t, w.one("/b"), map[string]string{"RecordingStatus": "completed", "RecordingDuration": "20", "RecordingChannels": "2"})
}
