package runtime

import (
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

func TestParseRoute(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Route{
		"/voice":            {Place: PlaceVoice},
		"/voice/my-flow":    {Place: PlaceVoice, Flow: "my-flow"},
		"/voice/status":     {Place: PlaceStatus},
		"/voice/fallback":   {Place: PlaceFallback},
		"/t/abc/1/0/start":  {Place: PlaceLeg, Session: "abc", Leg: 1, Kind: "start"},
		"/t/abc/12/34/act":  {Place: PlaceLeg, Session: "abc", Leg: 12, Turn: 34, Kind: "act"},
		"/t/abc/0/0/say-7":  {Place: PlaceLeg, Session: "abc", Kind: "say-7"},
		"/r/abc/line":       {Place: PlaceRoom, Session: "abc", Room: "line"},
		"/r/-/floor-1":      {Place: PlaceRoom, Session: SharedRoom, Room: "floor-1"},
		"/t/a-b/1/2/status": {Place: PlaceLeg, Session: "a-b", Leg: 1, Turn: 2, Kind: "status"},
	} {
		if got, ok := ParseRoute(path); !ok || got != want {
			t.Errorf("%s: %+v %v", path, got, ok)
		}
	}
	for _, path := range []string{
		"", "/", "/voice/", "/voices", "/voice/a/b", "/voice/A", "/t", "/t/abc", "/t/abc/1/1", "/t/abc/1/1/", "/t/abc/1/1/act/",
		"/t/abc/1/1/nope", "/t/abc/01/1/act", "/t/abc/-1/1/act", "/t/abc/1/9999999/act", "/t//1/1/act", "/t/a.b/1/1/act",
		"/t/abc/1/1/say-", "/t/abc/1/1/say-x", "/r/abc", "/r/abc/", "/r/abc/a/b", "/r//a", "/x/abc", "voice",
		"/voice/" + strings.Repeat("a", 65),
	} {
		if got, ok := ParseRoute(path); ok {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

// TestParseRouteReadsWhatTheEngineWrites keeps maker and parser together.
func TestParseRouteReadsWhatTheEngineWrites(t *testing.T) {
	t.Parallel()
	session := engine.SessionID("AC1", "CA1")
	for _, kind := range []string{
		engine.URLDoc, engine.URLAct, engine.URLEnd, engine.URLStart, engine.URLLoop, engine.URLWait, engine.URLHold, engine.URLSay + "-3",
		engine.URLRec, engine.URLTrans, engine.URLPartial, engine.URLRefer, engine.URLFallback, engine.URLStatus, engine.URLAMD,
	} {
		path, _, _ := strings.Cut(engine.Path(session, 2, 7, kind), "#")
		want := Route{Place: PlaceLeg, Session: session, Leg: 2, Turn: 7, Kind: kind}
		if got, ok := ParseRoute(path); !ok || got != want {
			t.Errorf("%s: %+v %v", path, got, ok)
		}
	}
	path, _, _ := strings.Cut(engine.RoomPath(session, "my_room"), "#")
	if got, ok := ParseRoute(path); !ok || got.Room != "my-room" {
		t.Errorf("%s: %+v %v", path, got, ok)
	}
}
