package sim

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// page answers a list request: the page that was asked for, in Twilio's frame.
func page[T, J any](s *Sim, q *restRequest, name string, items []T, show func(T) J) (restAnswer, *restError) {
	size, number := 50, 0
	if n, err := strconv.Atoi(q.get("PageSize")); err == nil && n > 0 {
		size = n
	}
	if size > 1000 {
		return restAnswer{}, badRequest(20007, "Page size is too large; at most 1000")
	}
	if n, err := strconv.Atoi(q.get("Page")); err == nil && n > 0 {
		number = n
	}
	start := min(number*size, len(items))
	end := min(start+size, len(items))
	shown := make([]J, 0, end-start)
	for _, item := range items[start:end] {
		shown = append(shown, show(item))
	}
	at := func(n int) string {
		v := url.Values{}
		for key, values := range q.form {
			if key != "Page" && key != "PageToken" && key != "PageSize" {
				v[key] = values
			}
		}
		v.Set("PageSize", strconv.Itoa(size))
		v.Set("Page", strconv.Itoa(n))
		if n > 0 {
			v.Set("PageToken", "PA"+strconv.Itoa(n))
		}
		return q.path + "?" + v.Encode()
	}
	body := map[string]any{
		name: shown, "page": number, "page_size": size, "start": start, "end": max(end-1, 0),
		"uri": at(number), "first_page_uri": at(0), "next_page_uri": nil, "previous_page_uri": nil,
	}
	if end < len(items) {
		body["next_page_uri"] = at(number + 1)
	}
	if number > 0 {
		body["previous_page_uri"] = at(number - 1)
	}
	return restAnswer{status: 200, body: body}, nil
}

// dateMatches checks the filters NAME, NAME< and NAME>: days in UTC as
// YYYY-MM-DD, or moments as ISO 8601.
func (q *restRequest) dateMatches(name string, t time.Time) bool {
	if t.IsZero() {
		return !q.has(name) && !q.has(name+"<") && !q.has(name+">")
	}
	for _, op := range []string{"", "<", ">"} {
		v := q.get(name + op)
		if v == "" {
			continue
		}
		limit, day, ok := parseDate(v)
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

func parseDate(v string) (t time.Time, day, ok bool) {
	if t, err := time.Parse(time.DateOnly, v); err == nil {
		return t, true, true
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(v))
	return t.UTC(), false, err == nil
}

// matches reports whether a filter is absent or equals the value.
func (q *restRequest) matches(name, value string) bool {
	want := q.get(name)
	return want == "" || want == value
}

// date is a JSON date, or null.
func date(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	v := rfc2822(t)
	return &v
}
