package engine_test

import (
	"testing"

	"github.com/ringdown/ringdown/engine"
)

const recordingFlow = `
flow: taped
answer: first
signals: {rec: {label: Record}, pause: {label: Pause}, stop: {label: Stop}}
on: {caller.recording: [{log: "session ${event.url}"}]}
states:
  first:
    do: [{recording: {do: start, leg: caller, channels: dual}}]
    prompt: This call is recorded.
    gather: {num_digits: 1}
    on:
      recording: [{log: "first ${event.url} ${event.duration}"}]
      signal.rec: [{recording: {do: start, leg: caller}}]
      signal.pause: [{recording: {do: pause, leg: caller}}]
      signal.stop: [{recording: {do: stop, leg: caller}}]
    next: room
  room:
    conference: {room: line, record: record-from-start}
    on: {signal.rec: [{recording: {do: start, leg: caller}}], signal.pause: [{recording: {do: pause, room: line}}], error: [{log: "error ${event.effect}"}]}
    next: hangup
`

func (d *driver) press(signal string) *driver {
	d.t.Helper()
	return d.send(engine.Event{Kind: engine.KindSignal, Name: signal})
}

func (d *driver) file(sid, status string) *driver {
	d.t.Helper()
	return d.hook(engine.KindRec, 1, 0, "RecordingSid", sid, "RecordingStatus", status, "RecordingUrl", "https://x/"+sid, "RecordingDuration", "4")
}

func TestRecordingFromTheFirstDocument(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "taped.yaml", recordingFlow)).inbound()
	d.hears(1, `<Response><Start><Recording channels="dual" trim="do-not-trim" recordingStatusCallback="/t/s1/1/0/rec`, `recordingStatusCallbackEvent="in-progress completed absent"/></Start><Gather`)
	d.none(engine.RecordStart).file("RE1", "in-progress")
	d.act(1, "Digits", "5").state(1, "room").hears(1, `record="record-from-start" recordingStatusCallback="/t/s1/1/2/rec`).press("pause")
	if e := d.take(engine.RecordRoom); e.Room != "rd-s1-line" || e.Params["Status"] != "paused" || e.Params[engine.RecordingParam] != engine.CurrentRecording {
		t.Errorf("got %+v", e)
	}
	d.act(1, "CallStatus", "completed", "CallDuration", "9")
	if d.s.Condition != engine.SessionClosing {
		t.Errorf("the file is still to come: %s %+v", d.s.Condition, d.s.Awaited)
	}
	d.file("RE1", "completed").logged("first https://x/RE1 4")
	d.hook(engine.KindRec, 1, 2, "RecordingSid", "RE9", "RecordingStatus", "completed", "RecordingUrl", "https://x/RE9").logged("session https://x/RE9").outcome("completed")
	d.file("RE1", "completed")
}

func TestRecordingOfACallInProgress(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "taped.yaml", recordingFlow)).inbound("CallStatus", "in-progress")
	start := d.take(engine.RecordStart)
	if start.Leg != 1 || start.Params["RecordingChannels"] != "dual" || start.Params["RecordingStatusCallback"] == "" {
		t.Errorf("got %+v", start)
	}
	d.result(start, engine.Result{OK: true, SID: "RE1"}).press("pause")
	if e := d.take(engine.RecordUpdate); e.Params["Status"] != "paused" || e.Params[engine.RecordingParam] != "RE1" {
		t.Errorf("got %+v", e)
	}
	d.press("stop")
	d.take(engine.RecordUpdate)
	d.press("rec") // another one, before the file of the first is there
	second := d.take(engine.RecordStart)
	d.result(second, engine.Result{OK: true, SID: "RE2"})
	d.file("RE1", "completed").logged("first https://x/RE1 4").file("RE1", "completed")
	if len(d.s.Awaited) != 1 || d.s.Awaited[0].SID != "RE2" {
		t.Errorf("a repeated callback took the place of another recording: %+v", d.s.Awaited)
	}
	d.act(1, "Digits", "5").state(1, "room").press("rec")
	third := d.take(engine.RecordStart)
	d.result(third, engine.Result{Code: 21220, Reason: "refused"}).logged("error record-start")
	d.act(1, "CallStatus", "completed")
	d.file("RE2", "completed").logged("first https://x/RE2 4")
	d.hook(engine.KindRec, 1, 2, "RecordingSid", "RE9", "RecordingStatus", "absent").outcome("completed")
}
