package engine_test

import (
	"encoding/binary"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/schema"
)

// FuzzStep feeds sessions of the shipped flows with events that are made of the input:
// whatever comes in whatever order, Step neither panics nor changes what it was given,
// its documents are legal TwiML, and what it returns can be stored and read again.
func FuzzStep(f *testing.F) {
	closures := shipped(f)
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08"))
	f.Add([]byte{0, 9, 1, 1, 0, 1, 2, 1, 0, 1, 3, 1, 5, 0, 0, 7, 1, 1})
	f.Add([]byte{1, 4, 4, 1, 1, 1, 9, 1, 1, 2, 2, 2, 7, 7, 7, 1, 0, 3})
	f.Add([]byte{2, 2, 2, 8, 8, 8, 8, 1, 1, 1, 3, 3, 3, 9, 9, 9, 9, 12, 12})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 2 || len(data) > 300 {
			return
		}
		c := closures[int(data[0])%len(closures)]
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		s := engine.NewSession(c, "s1", now)
		ev := firstEvent(c)
		for i := 1; ; i += 3 {
			now = now.Add(time.Duration(data[0]) * time.Second)
			ev.ID, ev.At = "e"+strconv.Itoa(i), now
			s = checkedStep(t, c, s, ev)
			if i+2 >= len(data) {
				return
			}
			ev = madeEvent(s, data[i], data[i+1], data[i+2])
		}
	})
}

func shipped(f *testing.F) []*engine.Closure {
	f.Helper()
	out := []*engine.Closure{mainClosure(f), alone(f, floorFlow), alone(f, awayFlow), alone(f, recordingFlow), alone(f, languageFlow),
		closureOf(f, "outer", map[string]string{"outer.yaml": outerFlow, "inner.yaml": innerFlow})}
	for _, file := range []string{
		"menu.yaml", "click-to-call.yaml", "prepaid-watch.yaml", "prepaid-rejoin.yaml", "hold-loop.yaml", "amd-reminder.yaml", "hunt-group.yaml", "inline-conference.yaml", "support-hold.yaml", "queue-callback.yaml",
	} {
		text, err := os.ReadFile("../flows/" + file)
		if err != nil {
			f.Fatal(err)
		}
		set, diags := schema.Load(map[string][]byte{file: text}, func(name string) (string, bool) { v, ok := testEnv[name]; return v, ok })
		if diags.HasErrors() {
			f.Fatal(diags.Err())
		}
		for _, c := range set.Closures {
			out = append(out, c)
		}
	}
	return out
}

func firstEvent(c *engine.Closure) *engine.Event {
	if c.Flow.Start != nil {
		return &engine.Event{Kind: engine.KindBegin, World: fuzzWorld, Data: engine.Values{
			"agent": "+15550000001", "customer": "+15550000002", "caller": "+15550000003", "callee": "+15550000004", "async": true, "mode": "Enable",
		}}
	}
	return &engine.Event{Kind: engine.KindInbound, Fields: map[string]string{"CallSid": "CA1", "From": "+15550001111", "To": "+15005550006", "CallStatus": "ringing", "number": "+15550002222"}}
}

var (
	fuzzWorld   = engine.World{Base: "https://rd.example.com"}
	fuzzAnswers = []string{"human", "machine_start", "machine_end_beep", "fax", "unknown", ""}
	fuzzKinds   = []string{
		engine.KindAct, engine.KindEnd, engine.KindStart, engine.KindStatus, engine.KindHanded, engine.KindPark, engine.KindTimer, engine.KindSignal,
		engine.KindResult, engine.KindRoom, engine.KindRec, engine.KindAMD, engine.KindFallback, engine.KindSent, engine.KindDelete, engine.KindTrans, engine.KindPrice, engine.KindWaitKey, engine.KindAssigned, engine.KindBridged, engine.KindBack, engine.KindPartial, engine.KindRefer, "nonsense",
	}
	fuzzStatus  = []string{"in-progress", "completed", "busy", "ringing", "no-answer", "failed", "canceled", "", "queued"}
	fuzzSignals = []string{"hold", "room-hold", "resume", "nonsense", "queue-hold", "agent-free", "out", "note", "home", "rec", "pause", "stop"}
	fuzzResults = []string{"bridged", "hangup", "leave", "queue-full", "error", "redirected", ""}
	fuzzRooms   = []string{"participant-join", "participant-leave", "conference-end", "conference-start", "participant-hold", "participant-mute"}
)

// madeEvent makes an event out of three bytes and what the session is like.
func madeEvent(s *engine.Session, a, b, n byte) *engine.Event {
	ev := &engine.Event{Kind: fuzzKinds[int(a)%len(fuzzKinds)], Leg: int(b)%(len(s.Legs)+2) - 0, Turn: int(n) % 4, Room: "line", Name: fuzzSignals[int(n)%len(fuzzSignals)], World: fuzzWorld}
	if l := s.Leg(ev.Leg); l != nil && n%2 == 0 {
		ev.Turn = l.Turn
	}
	ev.Fields = map[string]string{
		"CallSid": "CA" + strconv.Itoa(ev.Leg), "CallStatus": fuzzStatus[int(n)%len(fuzzStatus)], "SequenceNumber": strconv.Itoa(int(b)),
		"Digits": strconv.Itoa(int(n) % 10), "DialCallStatus": fuzzStatus[int(b)%len(fuzzStatus)], "DialCallSid": "CA" + strconv.Itoa(int(n)%4),
		"StatusCallbackEvent": fuzzRooms[int(n)%len(fuzzRooms)], "ConferenceSid": "CF" + strconv.Itoa(int(b)%3), "RecordingStatus": "completed",
		"RecordingUrl": "https://example.com/RE1", "AnsweredBy": fuzzAnswers[int(n)%len(fuzzAnswers)], "ErrorCode": "12100", "CallDuration": strconv.Itoa(int(b)), "Price": "-0.0" + strconv.Itoa(int(n)), "PriceUnit": "USD",
		"QueueResult": fuzzResults[int(n)%len(fuzzResults)], "ReservationSid": "WR" + strconv.Itoa(int(b)%3), "WorkerAttributes": `{"contact_uri":"client:ann"}`,
		"StableSpeechResult": "sales", "SpeechResult": []string{"sales", "ventes", ""}[int(b)%3],
	}
	switch ev.Kind {
	case engine.KindRoom:
		if n%3 == 0 {
			ev.Room, ev.Fields[engine.PresentField] = engine.SharedRoomEvent("team-sales"), "CA1 CA7"
		}
	case engine.KindRec:
		if b%2 == 0 {
			ev.Turn = 0
		}
		ev.Fields["RecordingSid"] = "RE" + strconv.Itoa(int(n)%3)
	case engine.KindWaitKey:
		ev.Gen = int64(b) % 2
	case engine.KindTimer:
		if len(s.Timers) > 0 {
			ev.Gen = s.Timers[int(n)%len(s.Timers)].Gen
		}
	case engine.KindResult, engine.KindSent:
		if len(s.Pending) > 0 {
			ev.Effect = s.Pending[int(n)%len(s.Pending)].ID
		}
		ev.Result = &engine.Result{OK: b%2 == 0, Status: 100 + int(binary.LittleEndian.Uint16([]byte{b, n}))%500, SID: "CA" + strconv.Itoa(int(n)%4), Body: map[string]any{"balance": strconv.Itoa(int(b))}}
	}
	return ev
}

func checkedStep(t *testing.T, c *engine.Closure, s *engine.Session, ev *engine.Event) *engine.Session {
	t.Helper()
	before, err := engine.EncodeSession(s)
	if err != nil {
		t.Fatal(err)
	}
	out := engine.Step(c, s, ev)
	for _, e := range out.Trace {
		if e.What == "fault" && e.Why == "panic" {
			t.Fatalf("%s\n%s", e.Text, e.Fields["stack"])
		}
	}
	after, err := engine.EncodeSession(s)
	if err != nil || string(before) != string(after) {
		t.Fatalf("Step changed its input: %v %s", err, cmp.Diff(string(before), string(after)))
	}
	for _, l := range out.Session.Legs {
		if old := s.Leg(l.Number); len(l.Doc) > 0 && (old == nil || old.Turn != l.Turn) {
			legal(t, l.Doc)
		}
	}
	stored, err := engine.EncodeSession(out.Session)
	if err != nil {
		t.Fatal(err)
	}
	read, err := engine.DecodeSession(stored)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// alone compiles a flow that runs no other one.
func alone(f *testing.F, text string) *engine.Closure {
	f.Helper()
	set, diags := schema.Load(map[string][]byte{"alone.yaml": []byte(text)}, nil)
	if diags.HasErrors() {
		f.Fatal(diags.Err())
	}
	for _, c := range set.Closures {
		return c
	}
	return nil
}
