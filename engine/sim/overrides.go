package sim

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ceiling is the longest that any webhook may take, all attempts included
// (documentation: Webhooks connection overrides).
const ceiling = 15 * time.Second

// overrides are the connection settings of one URL.
type overrides struct {
	read, total time.Duration
	retries     int
	on          map[string]bool // ct, rt, 4xx, 5xx
}

// connectionOverrides reads the URL's fragment. Without one Twilio repeats a
// request once, and only if no connection was made. Values out of range are
// ignored.
func connectionOverrides(rawURL string, obey bool) overrides {
	o := overrides{read: ceiling, total: ceiling, retries: 1, on: map[string]bool{"ct": true}}
	_, fragment, found := strings.Cut(rawURL, "#")
	if !found || !obey {
		return o
	}
	values, err := url.ParseQuery(fragment)
	if err != nil {
		return o
	}
	if ms, ok := ranged(values.Get("rt"), 100, 15000); ok {
		o.read = time.Duration(ms) * time.Millisecond
	}
	if ms, ok := ranged(values.Get("tt"), 100, 15000); ok {
		o.total = time.Duration(ms) * time.Millisecond
	}
	if n, ok := ranged(values.Get("rc"), 0, 5); ok {
		o.retries = n
	}
	if list := values.Get("rp"); list != "" {
		o.on = map[string]bool{}
		for _, policy := range strings.Split(list, ",") {
			if policy == "all" {
				o.on = map[string]bool{"ct": true, "rt": true, "4xx": true, "5xx": true}
				break
			}
			o.on[policy] = true
		}
	}
	return o
}

func ranged(s string, low, high int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= low && n <= high
}
