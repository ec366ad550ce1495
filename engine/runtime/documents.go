package runtime

import (
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine"
)

// The constant documents. A function each, so that nobody can change the bytes of another.
const (
	prolog     = `<?xml version="1.0" encoding="UTF-8"?>`
	docEmpty   = prolog + `<Response/>`
	docHangup  = prolog + `<Response><Hangup/></Response>`
	docLeave   = prolog + `<Response><Leave/></Response>`
	docReject  = prolog + `<Response><Reject/></Response>`
	queueQuiet = 10 // seconds of silence for a stale request of a queue's wait
	roomQuiet  = 60 // and of a room's wait or hold
)

func quiet(p place) []byte {
	seconds := roomQuiet
	if p == inQueue {
		seconds = queueQuiet
	}
	return []byte(prolog + `<Response><Pause length="` + strconv.Itoa(seconds) + `"/></Response>`)
}

// redirectTo sends a leg to the document of its turn. While a RedirectCall of the leg
// is on its way the Pause keeps the two from overtaking each other.
func redirectTo(s *engine.Session, l *engine.Leg) []byte {
	kind := engine.URLDoc
	if l.Turn == 0 {
		kind = engine.URLStart // no document was made yet: the first request makes it
	}
	b := make([]byte, 0, 192)
	b = append(b, prolog+"<Response>"...)
	for _, p := range s.Pending {
		if p.Kind == engine.RedirectCall && p.Leg == l.Number {
			b = append(b, `<Pause length="1"/>`...)
			break
		}
	}
	b = append(b, "<Redirect>"...)
	b = append(b, strings.ReplaceAll(engine.Path(s.ID, l.Number, l.Turn, kind), "&", "&amp;")...)
	return append(b, "</Redirect></Response>"...)
}
