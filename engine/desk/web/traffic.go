package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/desk"
)

// Bounds of the exchanges that are kept.
const (
	maxExchanges = 1000
	maxTraffic   = 8 << 20 // of bodies and parameters, in bytes
	maxExchange  = 64 << 10
	maxCalls     = 10_000 // whose session is remembered
)

// Exchange is one request between the server and the simulated Twilio, with its answer.
type Exchange struct {
	Number  int       `json:"number"` // from 1
	At      time.Time `json:"at"`
	Session string    `json:"session,omitempty"` // that it belongs to; "": none, or nobody knows
	REST    bool      `json:"rest"`              // from the server to Twilio; else a webhook
	Method  string    `json:"method"`
	URL     string    `json:"url"`
	Status  int       `json:"status"`
	Params  string    `json:"params,omitempty"` // form-encoded
	Body    string    `json:"body,omitempty"`
}

// head is the exchange without what is shown only when one looks at it.
func (e Exchange) head() Exchange {
	e.Params, e.Body = "", ""
	return e
}

func (e Exchange) size() int { return len(e.Params) + len(e.Body) + len(e.URL) }

// traffic keeps the newest exchanges.
type traffic struct {
	tell func(Exchange)

	mu     sync.Mutex
	kept   []Exchange
	size   int
	next   int
	owners map[string]string // session by CallSid
}

var (
	ourPath = regexp.MustCompile(`/t/([a-z0-9-]+)/|/r/([a-z0-9]{8,})/`)
	callSID = regexp.MustCompile(`CA[0-9a-f]{32}`)
)

func (t *traffic) add(from desk.Event) {
	r := from.Request
	e := Exchange{
		At: from.At, REST: r.REST, Method: r.Method, URL: cut(r.URL), Status: r.Status, Params: cut(r.Params), Body: cut(r.Body),
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	e.Number, e.Session = t.next, t.owner(e)
	t.kept = append(t.kept, e)
	t.size += e.size()
	drop := 0
	for len(t.kept)-drop > maxExchanges || t.size > maxTraffic {
		t.size -= t.kept[drop].size()
		drop++
	}
	if drop > 0 {
		t.kept = append(t.kept[:0], t.kept[drop:]...)
	}
	t.tell(e)
}

// owner finds out which session an exchange belongs to: our own addresses name it, and
// so do calls that were seen together with one.
func (t *traffic) owner(e Exchange) string {
	text := e.URL + "\n" + strings.ReplaceAll(e.Params, "%2F", "/") + "\n" + e.Body
	session := ""
	if m := ourPath.FindStringSubmatch(text); m != nil {
		session = m[1] + m[2]
	}
	calls := callSID.FindAllString(text, 20)
	for _, sid := range calls {
		if session == "" {
			session = t.owners[sid]
		}
	}
	if session != "" {
		if t.owners == nil || len(t.owners) > maxCalls {
			t.owners = map[string]string{}
		}
		for _, sid := range calls {
			t.owners[sid] = session
		}
	}
	return session
}

func cut(s string) string { return s[:min(len(s), maxExchange)] }

// listTraffic gives the exchanges, of one session if it is named, without bodies.
func (w *Web) listTraffic(rw http.ResponseWriter, r *http.Request) {
	session := r.URL.Query().Get("session")
	list := []Exchange{}
	w.traffic.mu.Lock()
	for _, e := range w.traffic.kept {
		if session == "" || e.Session == session {
			list = append(list, e.head())
		}
	}
	w.traffic.mu.Unlock()
	reply(rw, map[string]any{"exchanges": list})
}

// showTraffic gives one exchange with all that was sent.
func (w *Web) showTraffic(rw http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number"))
	w.traffic.mu.Lock()
	defer w.traffic.mu.Unlock()
	for _, e := range w.traffic.kept {
		if e.Number == number {
			reply(rw, e)
			return
		}
	}
	refuse(rw, http.StatusNotFound, "this exchange is not kept any more")
}
