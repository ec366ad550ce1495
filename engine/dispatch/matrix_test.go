package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/outbound"
)

// operation is the request that each kind of effect makes.
var operation = map[engine.EffectKind]string{
	engine.PlaceCall: "create-call", engine.RedirectCall: "update-call", engine.HangupCall: "update-call", engine.UpdateCall: "update-call",
	engine.UpdateParticipant: "update-participant", engine.KickParticipant: "delete-participant", engine.Announce: "update-conference",
	engine.EndRoom: "update-conference", engine.SendMessage: "create-message", engine.HTTPCall: "http",
	engine.RecordStart: "start-recording", engine.RecordUpdate: "update-recording", engine.RecordRoom: "update-conference-recording",
	engine.UpdateReservation: "update-reservation", engine.UpdateTask: "update-task", engine.SignalSession: "signal",
}

// sample is an effect of the kind, on leg 1 of session s, or leg 2 for one that is placed.
func sample(spec engine.EffectSpec) engine.Effect {
	e := engine.Effect{ID: "2.0", Kind: spec.Kind, Lane: "leg-1", Deadline: start().Add(spec.Deadline), Params: map[string]string{}}
	if spec.NeedsSID {
		e.Leg = 1
	}
	if spec.NeedsRoom {
		e.Room = engine.RoomName("s", "line")
	}
	switch spec.Kind {
	case engine.PlaceCall:
		e.Leg, e.Lane = 2, "leg-2"
		e.Params = map[string]string{"To": "+15550002", "From": "+15550001", "Url": "/t/s/2/0/start"}
	case engine.RedirectCall:
		e.Turn, e.Params = 2, map[string]string{"Url": "/t/s/1/2/doc"}
	case engine.SendMessage:
		e.Params = map[string]string{"To": "+15550002", "Body": "hello"}
	case engine.UpdateReservation:
		e.Params = map[string]string{"Workspace": "WS1", "Task": "WT1", "Reservation": "WR1", "ReservationStatus": "accepted"}
	case engine.UpdateTask:
		e.Params = map[string]string{"Workspace": "WS1", "Task": "WT1", "AssignmentStatus": "completed"}
	case engine.SignalSession:
		e.Signal = &engine.SignalTo{Session: "other", Name: "done"}
	case engine.HTTPCall:
		e.HTTP = &engine.HTTPRequest{Method: "GET", URL: "https://b.example/x", Timeout: 10 * time.Second, Tries: 2, Save: true, Key: "s.2.0"}
	}
	return e
}

type matrixCase struct {
	fault    string
	requests int
	lists    int // look-ups after an unknown outcome
	want     engine.Result
}

// matrixCases says what the declared properties of a kind promise for each fault.
func matrixCases(spec engine.EffectSpec) []matrixCase {
	gone := engine.Result{OK: spec.GoneIsOK, Reason: dispatch.ReasonGone, Attempts: 1}
	no := engine.Result{Reason: dispatch.ReasonRefused, Attempts: 1}
	if spec.Kind == engine.HTTPCall {
		gone.Reason, no.Reason = "", "" // an answer of a service speaks for itself
	}
	cases := []matrixCase{
		{"ok", 1, 0, engine.Result{OK: true, Attempts: 1}},
		{"not-done", 2, 0, engine.Result{OK: true, Attempts: 2}},
		{"refused", 1, 0, no},
		{"gone", 1, 0, gone},
	}
	lost := engine.Result{Unknown: true, Reason: dispatch.ReasonUnknown, Attempts: 1}
	switch spec.Unknown {
	case engine.UnknownResend, engine.UnknownByMethod:
		return append(cases,
			matrixCase{"unknown", 2, 0, engine.Result{OK: true, Attempts: 2}},
			matrixCase{"crash", 1, 0, engine.Result{OK: true, Attempts: 2}})
	case engine.UnknownReconcile:
		lost = engine.Result{Reason: dispatch.ReasonNotPlaced, Attempts: 1}
		return append(cases, matrixCase{"unknown", 1, 3, lost}, matrixCase{"crash", 0, 3, lost})
	case engine.UnknownLookup:
		return append(cases, matrixCase{"unknown", 1, 3, lost}, matrixCase{"crash", 0, 3, lost})
	}
	return append(cases, matrixCase{"unknown", 1, 0, lost}, matrixCase{"crash", 0, 0, lost})
}

// TestFaultMatrix plays every kind of effect with every fault of one attempt.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	for _, spec := range engine.EffectSpecs {
		if operation[spec.Kind] == "" {
			t.Errorf("no case for effects of kind %s", spec.Kind)
			continue
		}
		for _, c := range matrixCases(spec) {
			t.Run(fmt.Sprintf("%s/%s", spec.Kind, c.fault), func(t *testing.T) {
				t.Parallel()
				playFault(t, spec, c)
			})
		}
	}
}

func playFault(t *testing.T, spec engine.EffectSpec, c matrixCase) {
	w := newWorld(t, nil)
	s := w.session("s")
	s.Legs = append(s.Legs, &engine.Leg{Number: 2, Condition: engine.LegPlanned, RingTimeout: 20 * time.Second})
	s.Legs[0].Turn = 2
	s.Legs[0].Handed = 1
	op := operation[spec.Kind]
	w.answer = func(o string, n int) error {
		if o != op || n > 1 {
			return nil
		}
		return map[string]error{"not-done": busy(0), "refused": refusal(21211, 400), "gone": refusal(20404, 404), "unknown": broke()}[c.fault]
	}
	w.http = func(n int, _ outbound.Request) (outbound.Result, error) {
		if n == 1 {
			switch c.fault {
			case "not-done":
				return outbound.Result{}, &outbound.Error{Word: outbound.ErrRefused, Outcome: outbound.NotDone}
			case "refused":
				return outbound.Result{Status: 402}, nil
			case "gone":
				return outbound.Result{Status: 404}, nil
			case "unknown":
				return outbound.Result{}, &outbound.Error{Word: outbound.ErrTimeout, Outcome: outbound.Unknown}
			}
		}
		return outbound.Result{Status: 200}, nil
	}
	e := sample(spec)
	lease := start().Add(15 * time.Second)
	if c.fault == "crash" {
		e.Deadline = start().Add(max(spec.Deadline, time.Minute))
		w.d.Recover([]dispatch.Stored{{Session: "s", Effect: e, Attempt: 1, Lease: lease}}, []*engine.Session{s})
	} else {
		w.commit("s", nil, e)
	}
	w.clock.RunUntil(func() bool { return w.result(e.ID) != nil }, 15*time.Minute)
	got := w.result(e.ID)
	if got == nil {
		t.Fatalf("no result; log: %q", w.log)
	}
	if n := len(w.lines(op)); n != c.requests {
		t.Errorf("%d requests, want %d: %q", n, c.requests, w.log)
	}
	if n := len(w.lines("list-calls", "list-messages", "list-recordings")); n != c.lists {
		t.Errorf("%d look-ups, want %d: %q", n, c.lists, w.log)
	}
	brief := engine.Result{OK: got.OK, Unknown: got.Unknown, Dropped: got.Dropped, Attempts: got.Attempts}
	want := c.want
	if !got.OK || spec.GoneIsOK && c.fault == "gone" {
		brief.Reason = got.Reason
	} else {
		want.Reason = ""
	}
	if brief.OK != want.OK || brief.Unknown != want.Unknown || brief.Dropped != want.Dropped || brief.Attempts != want.Attempts || brief.Reason != want.Reason {
		t.Errorf("got %+v, want %+v; log: %q", *got, want, w.log)
	}
	if c.fault == "crash" && c.requests > 0 && w.clock.Now().Before(lease) {
		t.Errorf("sent again at %v, before the lease ended", w.clock.Now().Sub(start()))
	}
	before := len(w.log)
	w.clock.Advance(time.Minute)
	if more := w.lines(op); len(more) != c.requests && spec.Kind != engine.PlaceCall {
		t.Errorf("requests after the result: %q", w.log[before:])
	}
}
