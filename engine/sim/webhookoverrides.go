package sim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ceiling is the longest that any webhook may take, all attempts included
// (documentation: Webhooks connection overrides).
const ceiling = 15 * time.Second

// overrides are the connection settings of one URL.
type overrides struct {
	connect, read, total time.Duration
	totalSet             bool // total is the URL's own
	retries              int
	on                   map[string]bool // ct, rt, 4xx, 5xx
	bad                  int             // the error code of what is wrong in the fragment, or 0
}

// connectLimit is how long Twilio tries to connect, TLS included.
const connectLimit = 5 * time.Second

// The codes of bad connection overrides.
const (
	codeEdge   = 11240
	codePolicy = 11243
)

// edges are the values of e but those of Interconnect, which end in -ix.
var edges = []string{"ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla"}

// connectionOverrides reads the URL's fragment. Without one Twilio repeats a
// request once, and only if no connection was made. Values out of range are
// ignored; a bad retry policy or edge is in the debugger, too.
func connectionOverrides(rawURL string, obey bool) overrides {
	o := overrides{connect: connectLimit, read: ceiling, total: ceiling, retries: 1, on: map[string]bool{"ct": true}}
	_, fragment, found := strings.Cut(rawURL, "#")
	if !found || !obey {
		return o
	}
	values, err := url.ParseQuery(fragment)
	if err != nil {
		return o
	}
	if ms, ok := ranged(values.Get("ct"), 100, 10000); ok {
		o.connect = time.Duration(ms) * time.Millisecond
	}
	if ms, ok := ranged(values.Get("rt"), 100, 15000); ok {
		o.read = time.Duration(ms) * time.Millisecond
	}
	if ms, ok := ranged(values.Get("tt"), 100, 15000); ok {
		o.total, o.totalSet = time.Duration(ms)*time.Millisecond, true
	}
	if n, ok := ranged(values.Get("rc"), 0, 5); ok {
		o.retries = n
	}
	if list := values.Get("rp"); list != "" {
		o.policies(list)
	}
	for _, edge := range strings.Split(values.Get("e"), ",") {
		if edge != "" && !slices.Contains(edges, strings.TrimSuffix(edge, "-ix")) {
			o.bad = codeEdge
		}
	}
	return o
}

// policies reads the list of what is retried.
func (o *overrides) policies(list string) {
	o.on = map[string]bool{}
	for _, policy := range strings.Split(list, ",") {
		switch policy {
		case "ct", "rt", "4xx", "5xx":
			o.on[policy] = true
		case "all":
			o.on = map[string]bool{"ct": true, "rt": true, "4xx": true, "5xx": true}
			return
		default:
			o.bad = codePolicy
		}
	}
}

func ranged(s string, low, high int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= low && n <= high
}
