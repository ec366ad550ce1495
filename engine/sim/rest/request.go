package rest

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Request is a request to the REST API, taken apart.
type Request struct {
	Method string
	Path   string
	Parts  []string          // of path, without .json; none before a route was found
	Vars   map[string]string // what stands in the path for the names of the route
	Form   url.Values        // of query and body
	host   string            // scheme and host that the client has used
}

const bodyLimit = 1 << 20

// Read takes a request apart. An error is that of a body above 1 MiB.
func Read(w http.ResponseWriter, r *http.Request) (*Request, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		form = url.Values{}
	}
	for name, values := range r.URL.Query() {
		form[name] = append(form[name], values...)
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return &Request{Method: r.Method, Form: form, Path: r.URL.Path, host: scheme + r.Host}, nil
}

// Get returns a parameter, "" for none.
func (q *Request) Get(name string) string { return q.Form.Get(name) }

// Has reports whether a parameter was sent, be it empty.
func (q *Request) Has(name string) bool { _, ok := q.Form[name]; return ok }

// Flag reads a boolean: everything but true is false.
func (q *Request) Flag(name string) bool { return strings.EqualFold(q.Get(name), "true") }

// Seconds reads a number of seconds whose range was checked.
func (q *Request) Seconds(name string, def int) time.Duration {
	if n, err := strconv.Atoi(q.Get(name)); err == nil {
		def = n
	}
	return time.Duration(def) * time.Second
}

// SetText takes over a parameter that was sent.
func (q *Request) SetText(name string, to *string) {
	if q.Has(name) {
		*to = q.Get(name)
	}
}

// SetFlag takes over a boolean that was sent.
func (q *Request) SetFlag(name string, to *bool) {
	if q.Has(name) {
		*to = q.Flag(name)
	}
}

// Needs refuses a request without one of these parameters.
func (q *Request) Needs(names ...string) *Error {
	for _, name := range names {
		if q.Get(name) == "" {
			return BadRequest(CodeParameter, "Missing required parameter "+name)
		}
	}
	return nil
}

// Matches reports whether a filter is absent or equals the value.
func (q *Request) Matches(name, value string) bool {
	want := q.Get(name)
	return want == "" || want == value
}

// MatchesAny is matches for a filter of several values with commas between them.
func (q *Request) MatchesAny(name, value string) bool {
	want := q.Form[name]
	return len(want) == 0 || slices.Contains(strings.Split(strings.Join(want, ","), ","), value)
}

// DateMatches checks the filters NAME, NAME< and NAME>: days in UTC as
// YYYY-MM-DD, or moments as ISO 8601.
func (q *Request) DateMatches(name string, t time.Time) bool {
	if t.IsZero() {
		return !q.Has(name) && !q.Has(name+"<") && !q.Has(name+">")
	}
	for _, op := range []string{"", "<", ">"} {
		v := q.Get(name + op)
		if v == "" {
			continue
		}
		limit, day, ok := ParseDate(v)
		if !ok {
			continue
		}
		at := t.UTC()
		if day {
			at = at.Truncate(24 * time.Hour)
		}
		switch op {
		case "":
			if !at.Truncate(24 * time.Hour).Equal(limit.Truncate(24 * time.Hour)) {
				return false
			}
		case "<":
			if at.After(limit) {
				return false
			}
		case ">":
			if at.Before(limit) {
				return false
			}
		}
	}
	return true
}

// ParseDate reads a day as YYYY-MM-DD, or a moment as ISO 8601.
func ParseDate(v string) (t time.Time, day, ok bool) {
	if t, err := time.Parse(time.DateOnly, v); err == nil {
		return t, true, true
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(v))
	return t.UTC(), false, err == nil
}
