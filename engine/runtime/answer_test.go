package runtime

import (
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twiml"
)

// Situations of a leg at turn 5 with a running session.
var legs = map[string]situation{
	"open":      {Known: true, Running: true, Current: 5},
	"suspended": {Known: true, Running: true, Current: 5, Suspended: true, Asked: true},
	"moving":    {Known: true, Running: true, Current: 5, Suspended: true}, // held by a move: nobody waits
	"over":      {Known: true, Running: true, Current: 5, Over: true},
	"ending":    {Known: true, Current: 5},
	"closed":    {Known: true, Current: 5, Over: true},
	"unknown":   {},
	"pressed":   {Known: true, Running: true, Current: 5, Fresh: true},
	"let out":   {Known: true, Running: true, Current: 5, LetsOut: true},
}

func TestMainTable(t *testing.T) {
	t.Parallel()
	// Columns: the turn of the request against the leg's, then final or not.
	type row struct {
		leg, kind                               string
		now, before, after, nowFinal, beforeFin verdict
	}
	acts := []string{engine.URLAct, engine.URLEnd, engine.URLStart, engine.KindInbound}
	var rows []row
	for _, kind := range acts {
		rows = append(rows,
			row{"open", kind, takeEvent, goCurrent, goCurrent, takeEvent, goCurrent},
			row{"suspended", kind, holdOn, goCurrent, goCurrent, takeEvent, goCurrent},
			row{"moving", kind, holdOn, goCurrent, goCurrent, takeEvent, goCurrent},
			row{"over", kind, giveHangup, giveHangup, giveHangup, takeEvent, giveEmpty},
			row{"ending", kind, giveHangup, giveHangup, giveHangup, takeEvent, giveHangup},
			row{"closed", kind, giveHangup, giveHangup, giveHangup, takeEvent, giveEmpty},
			row{"unknown", kind, giveApology, giveApology, giveApology, giveApology, giveApology},
		)
	}
	for kind, own := range map[string]verdict{engine.URLDoc: giveDocument, engine.URLLoop: giveWait} {
		rows = append(rows,
			row{"open", kind, own, goCurrent, goCurrent, own, goCurrent},
			row{"suspended", kind, holdOn, goCurrent, goCurrent, own, goCurrent},
			row{"moving", kind, own, goCurrent, goCurrent, own, goCurrent},
			row{"over", kind, giveHangup, giveHangup, giveHangup, giveEmpty, giveEmpty},
			row{"ending", kind, giveHangup, giveHangup, giveHangup, giveHangup, giveHangup},
			row{"closed", kind, giveHangup, giveHangup, giveHangup, giveEmpty, giveEmpty},
			row{"unknown", kind, giveApology, giveApology, giveApology, giveApology, giveApology},
		)
	}
	for _, r := range rows {
		for _, c := range []struct {
			name  string
			turn  int
			final bool
			want  verdict
		}{{"now", 5, false, r.now}, {"before", 4, false, r.before}, {"after", 6, false, r.after}, {"now, final", 5, true, r.nowFinal}, {"before, final", 4, true, r.beforeFin}} {
			s := legs[r.leg]
			s.Kind, s.Turn, s.Final = r.kind, c.turn, c.final
			if got := decide(s); got != c.want {
				t.Errorf("%s %s %s: verdict %d, want %d", r.leg, r.kind, c.name, got, c.want)
			}
		}
	}
}

// TestReturnURL: a leg that is out comes back by the URL of any turn that the state has
// had, once; one that is not gets its document.
func TestReturnURL(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]verdict{
		"open": takeEvent, "suspended": takeEvent, "over": giveHangup, "ending": giveHangup, "closed": giveHangup, "unknown": giveApology,
	} {
		for _, turn := range []int{4, 5} {
			s := legs[name]
			s.Kind, s.Turn, s.Returns = engine.URLBack, turn, true
			if got := decide(s); got != want {
				t.Errorf("%s at turn %d: verdict %d, want %d", name, turn, got, want)
			}
		}
	}
	for _, turn := range []int{4, 5, 6} {
		s := legs["open"]
		s.Kind, s.Turn = engine.URLBack, turn
		if got := decide(s); got != goCurrent {
			t.Errorf("a leg that is not out, turn %d: verdict %d", turn, got)
		}
	}
}

func TestRepetitionGetsTheSameDocument(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{engine.URLAct, engine.URLEnd, engine.URLStart, engine.KindInbound, engine.URLDoc, engine.URLLoop, engine.URLBack} {
		for _, p := range []place{inMain, inWhisper} {
			s := legs["open"]
			s.Place, s.Kind, s.Turn, s.Made = p, kind, 4, true
			if got := decide(s); got != giveDocument {
				t.Errorf("%s in place %d: verdict %d", kind, p, got)
			}
			s.Taken = true
			if got := decide(s); got != giveDocument {
				t.Errorf("%s in place %d, just stepped: verdict %d", kind, p, got)
			}
		}
	}
}

// TestNoEventIsTakenTwice: what was stepped is never stepped again, whatever became of it.
func TestNoEventIsTakenTwice(t *testing.T) {
	t.Parallel()
	for name, s := range legs {
		for _, p := range []place{inMain, inWhisper, inQueue, inRoom, inShort, inNone} {
			for _, final := range []bool{false, true} {
				for turn := 4; turn <= 6; turn++ {
					for _, kind := range []string{engine.URLAct, engine.URLStart, engine.URLBack, engine.URLRefer, engine.URLStatus, engine.URLWait, "say-1", "wact-0"} {
						s.Place, s.Kind, s.Turn, s.Final, s.Taken = p, kind, turn, final, true
						if decide(s) == takeEvent {
							t.Errorf("%s: place %d kind %s turn %d final %v", name, p, kind, turn, final)
						}
					}
				}
			}
		}
	}
}

func TestOtherPlaces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		leg  string
		p    place
		kind string
		turn int
		want verdict
	}{
		{"open", inWhisper, engine.URLStart, 5, takeEvent},
		{"open", inWhisper, engine.URLAct, 5, takeEvent},
		{"open", inWhisper, engine.URLEnd, 4, giveHangup},
		{"open", inWhisper, engine.URLDoc, 5, giveDocument},
		{"suspended", inWhisper, engine.URLAct, 5, holdOn},
		{"over", inWhisper, engine.URLAct, 5, giveHangup},
		{"ending", inWhisper, engine.URLAct, 5, giveHangup},
		{"unknown", inWhisper, engine.URLStart, 0, giveHangup},
		{"open", inRoom, engine.URLWait, 5, giveWait},
		{"open", inRoom, engine.URLWait, 4, giveQuiet},
		{"over", inRoom, engine.URLHold, 5, giveQuiet},
		{"ending", inRoom, engine.URLHold, 5, giveQuiet},
		{"unknown", inRoom, engine.URLWait, 5, giveQuiet},
		{"open", inQueue, engine.URLWait, 5, giveWait},
		{"unknown", inQueue, engine.URLWait, 5, giveQuiet},
		{"open", inQueue, engine.URLWait, 4, giveQuiet},
		{"open", inQueue, "wact-1", 5, giveWait}, // a repetition
		{"pressed", inQueue, "wact-1", 5, takeEvent},
		{"pressed", inQueue, "wact-1", 4, giveQuiet},
		{"let out", inQueue, "wact-1", 4, giveLeave},
		{"over", inQueue, "wact-1", 5, giveQuiet},
		{"ending", inQueue, "wact-1", 5, giveQuiet},
		{"unknown", inQueue, "wact-1", 5, giveQuiet},
		{"open", inShort, "say-1", 5, giveWait},
		{"ending", inShort, "say-1", 5, giveEmpty},
		{"unknown", inShort, "say-1", 5, giveEmpty},
		{"open", inMain, engine.URLRefer, 5, takeEvent},
		{"open", inMain, engine.URLRefer, 4, goCurrent},
		{"suspended", inMain, engine.URLRefer, 5, holdOn},
		{"over", inMain, engine.URLRefer, 5, giveHangup},
		{"open", inNone, engine.URLStatus, 0, takeEvent},
		{"closed", inNone, engine.URLStatus, 0, takeEvent},
		{"unknown", inNone, engine.URLRec, 5, giveNothing},
	} {
		s := legs[tt.leg]
		s.Place, s.Kind, s.Turn = tt.p, tt.kind, tt.turn
		if got := decide(s); got != tt.want {
			t.Errorf("%s in place %d, %s at turn %d: verdict %d, want %d", tt.leg, tt.p, tt.kind, tt.turn, got, tt.want)
		}
	}
}

// TestConstantDocumentsAreLegal: each is what Twilio takes in the place that asked.
func TestConstantDocumentsAreLegal(t *testing.T) {
	t.Parallel()
	s := &engine.Session{ID: "s1", Pending: []engine.PendingEffect{{Kind: engine.RedirectCall, Leg: 1}}}
	l := &engine.Leg{Number: 1, Turn: 3}
	for name, tt := range map[string]struct {
		doc []byte
		ctx twiml.Context
	}{
		"empty":          {[]byte(docEmpty), twiml.Main},
		"empty, short":   {[]byte(docEmpty), twiml.Announcement},
		"hangup":         {[]byte(docHangup), twiml.Main},
		"hangup whisper": {[]byte(docHangup), twiml.Whisper},
		"leave":          {[]byte(docLeave), twiml.QueueWait},
		"reject":         {[]byte(docReject), twiml.Main},
		"quiet queue":    {quiet(inQueue), twiml.QueueWait},
		"quiet room":     {quiet(inRoom), twiml.RoomWait},
		"redirect":       {redirectTo(s, l), twiml.Main},
	} {
		parsed, err := twiml.Parse(tt.doc)
		if err != nil {
			t.Fatal(err)
		}
		if problems := twiml.Check(parsed, tt.ctx); len(problems) > 0 {
			t.Errorf("%s: %s: %v", name, tt.doc, problems)
		}
	}
	want := prolog + `<Response><Pause length="1"/><Redirect>` + strings.ReplaceAll(engine.Path("s1", 1, 3, engine.URLDoc), "&", "&amp;") + `</Redirect></Response>`
	if got := string(redirectTo(s, l)); got != want {
		t.Errorf("redirect: %s", got)
	}
}

func TestMadeBy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		by   engine.Asked
		kind string
		turn int
		want bool
	}{
		{engine.Asked{Turn: 4, Kind: "act"}, "act", 4, true},
		{engine.Asked{Turn: 4, Kind: "act"}, "end", 4, false},
		{engine.Asked{Turn: 4, Kind: "act"}, "act", 3, false},
		{engine.Asked{}, "act", 4, false},
		{engine.Asked{Turn: 0, Kind: engine.KindInbound}, engine.URLStart, 0, true},
		{engine.Asked{Turn: 4, Kind: engine.KindPark}, "end", 4, true},
	} {
		if got := madeBy(&engine.Leg{Turn: 5, By: tt.by}, &request{kind: tt.kind, turn: tt.turn}); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
