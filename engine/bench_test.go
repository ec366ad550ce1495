package engine_test

import (
	"os"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/schema"
)

func benchClosure(b *testing.B, file string) *engine.Closure {
	b.Helper()
	text, err := os.ReadFile("../flows/" + file)
	if err != nil {
		b.Fatal(err)
	}
	set, diags := schema.Load(map[string][]byte{file: text}, func(name string) (string, bool) {
		v, ok := testEnv[name]
		return v, ok
	})
	if diags.HasErrors() {
		b.Fatal(diags.Err())
	}
	for _, c := range set.Closures {
		return c
	}
	return nil
}

func menuAtFirstPrompt(b *testing.B) (*engine.Closure, *engine.Session) {
	c := benchClosure(b, "menu.yaml")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := engine.NewSession(c, "0123456789abcdef0123", now)
	out := engine.Step(c, s, &engine.Event{ID: "1", Kind: engine.KindInbound, At: now, Fields: map[string]string{
		"CallSid": "CA00000000000000000000000000000001", "From": "+15550001111", "To": "+15005550006", "CallStatus": "ringing",
	}})
	return c, out.Session
}

// BenchmarkStepMenu is one wrong key: the caller is asked again, with rendering.
func BenchmarkStepMenu(b *testing.B) {
	c, s := menuAtFirstPrompt(b)
	ev := &engine.Event{ID: "2", Kind: engine.KindAct, Leg: 1, Turn: 1, At: s.LastAt.Add(time.Second), Fields: map[string]string{
		"CallSid": "CA00000000000000000000000000000001", "CallStatus": "in-progress", "Digits": "7",
	}}
	b.ReportAllocs()
	for b.Loop() {
		out := engine.Step(c, s, ev)
		if out.Session.Legs[0].Turn != 2 {
			b.Fatal("no new turn")
		}
	}
}

// BenchmarkStepMenuDial is a right key: the leg goes to another state and dials.
func BenchmarkStepMenuDial(b *testing.B) {
	c, s := menuAtFirstPrompt(b)
	ev := &engine.Event{ID: "2", Kind: engine.KindAct, Leg: 1, Turn: 1, At: s.LastAt.Add(time.Second), Fields: map[string]string{
		"CallSid": "CA00000000000000000000000000000001", "CallStatus": "in-progress", "Digits": "1",
	}}
	b.ReportAllocs()
	for b.Loop() {
		if out := engine.Step(c, s, ev); out.Session.Legs[0].State != "sales" {
			b.Fatal("not there")
		}
	}
}

// BenchmarkEncodeSession is what a commit stores of the menu's session.
func BenchmarkEncodeSession(b *testing.B) {
	_, s := menuAtFirstPrompt(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := engine.EncodeSession(s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeSession is what is read after a restart.
func BenchmarkDecodeSession(b *testing.B) {
	_, s := menuAtFirstPrompt(b)
	data, err := engine.EncodeSession(s)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := engine.DecodeSession(data); err != nil {
			b.Fatal(err)
		}
	}
}
