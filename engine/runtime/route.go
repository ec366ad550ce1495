package runtime

import (
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine"
)

// Place says which family of URLs a request belongs to.
type Place int

// The families of URLs that Twilio is given.
const (
	PlaceVoice      Place = iota + 1 // /voice, /voice/{flow}: an inbound call
	PlaceStatus                      // /voice/status: the number's status callback
	PlaceFallback                    // /voice/fallback: the number's fallback
	PlaceLeg                         // /t/{session}/{leg}/{turn}/{kind}
	PlaceRoom                        // /r/{session}/{room}; session "-" for a shared room
	PlaceAssignment                  // /taskrouter/assignment: TaskRouter chose a worker
	PlaceTaskCall                    // /taskrouter/status: progress of a call that Twilio places to a worker
)

// Route is a URL of this server taken apart. Its parts are hints where to look; what
// is true stands in the session.
type Route struct {
	Place   Place
	Flow    string // of PlaceVoice; "" when the number called decides
	Session string
	Leg     int
	Turn    int
	Kind    string // last part of a leg's URL, such as act or say-2
	Room    string // of PlaceRoom, as it stands in the URL
}

// SharedRoom stands in place of the session in the URLs of rooms that sessions share.
const SharedRoom = "-"

// maxPart bounds one part of a path; the longest that the engine makes has 40 characters.
const maxPart = 64

// ParseRoute takes the path of a request apart. False: no URL of ours is like that,
// which is answered with 404. Parts consist of [a-z0-9-] only, numbers have no leading
// zero, and a trailing slash is another URL.
func ParseRoute(path string) (Route, bool) {
	head, rest, more := cutPart(path)
	switch head {
	case "voice":
		return parseVoice(rest, more)
	case "t":
		return parseLeg(rest)
	case "taskrouter":
		switch rest {
		case "/assignment":
			return Route{Place: PlaceAssignment}, true
		case "/status":
			return Route{Place: PlaceTaskCall}, true
		}
	case "r":
		session, rest, more := cutPart(rest)
		room, _, extra := cutPart(rest)
		ok := more && !extra && isPart(session) && isPart(room)
		return Route{Place: PlaceRoom, Session: session, Room: room}, ok
	}
	return Route{}, false
}

func parseVoice(rest string, more bool) (Route, bool) {
	if !more {
		return Route{Place: PlaceVoice}, true
	}
	name, _, extra := cutPart(rest)
	if extra || !isPart(name) {
		return Route{}, false
	}
	switch name {
	case "status":
		return Route{Place: PlaceStatus}, true
	case "fallback":
		return Route{Place: PlaceFallback}, true
	}
	return Route{Place: PlaceVoice, Flow: name}, true
}

func parseLeg(rest string) (Route, bool) {
	session, rest, _ := cutPart(rest)
	leg, rest, _ := cutPart(rest)
	turn, rest, more := cutPart(rest)
	kind, _, extra := cutPart(rest)
	r := Route{Place: PlaceLeg, Session: session, Kind: kind}
	var okLeg, okTurn bool
	r.Leg, okLeg = number(leg)
	r.Turn, okTurn = number(turn)
	return r, more && !extra && isPart(session) && okLeg && okTurn && knownKind(kind)
}

// cutPart splits "/a/b" into "a" and "/b"; more tells whether a slash follows.
func cutPart(path string) (part, rest string, more bool) {
	if !strings.HasPrefix(path, "/") {
		return "", "", false
	}
	path = path[1:]
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:], true
	}
	return path, "", false
}

func isPart(s string) bool {
	if s == "" || len(s) > maxPart {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// number reads a leg or turn: 0 to 999999.
func number(s string) (int, bool) {
	if s == "" || len(s) > 6 || s[0] == '0' && len(s) > 1 || s[0] == '+' || s[0] == '-' {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// sayPrefix begins the kind of an announcement's URL: say-N.
const sayPrefix = engine.URLSay + "-"

func knownKind(kind string) bool {
	switch kind {
	case engine.URLDoc, engine.URLAct, engine.URLEnd, engine.URLStart, engine.URLLoop, engine.URLBack,
		engine.URLWait, engine.URLHold, engine.URLRec, engine.URLTrans, engine.URLRefer,
		engine.URLQueue, engine.URLFallback, engine.URLStatus, engine.URLAMD, engine.URLPartial:
		return true
	}
	if _, ok := keyOfWait(kind); ok {
		return true
	}
	n, found := strings.CutPrefix(kind, sayPrefix)
	_, ok := number(n)
	return found && ok
}
