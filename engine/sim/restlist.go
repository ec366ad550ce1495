package sim

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// page answers a list request: the page that was asked for, in the frame of its
// API. name is the plural of the resource.
func page[T shown](s *Sim, q *restRequest, name string, items []T) (restAnswer, *restError) {
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
	list := make([]any, 0, end-start)
	for _, item := range items[start:end] {
		list = append(list, item.json())
	}
	var next, previous any
	if end < len(items) {
		next = q.pageAt(number+1, size)
	}
	if number > 0 {
		previous = q.pageAt(number-1, size)
	}
	body := object{name: list}
	if q.newer() {
		body["meta"] = object{"key": name, "page": number, "page_size": size, "url": q.pageAt(number, size),
			"first_page_url": q.pageAt(0, size), "next_page_url": next, "previous_page_url": previous}
	} else {
		for key, v := range (object{"page": number, "page_size": size, "start": start, "end": max(end-1, 0),
			"uri": q.pageAt(number, size), "first_page_uri": q.pageAt(0, size), "next_page_uri": next, "previous_page_uri": previous}) {
			body[key] = v
		}
	}
	return restAnswer{status: 200, body: body}, nil
}

// unpaged answers a list request of the few resources that have no pages.
func unpaged[T shown](q *restRequest, name string, items []T) (restAnswer, *restError) {
	list := make([]any, 0, len(items))
	for _, item := range items {
		list = append(list, item.json())
	}
	return restAnswer{status: 200, body: object{name: list, "uri": q.path}}, nil
}

// newer reports whether the request is for an API with a version of its own.
func (q *restRequest) newer() bool { return strings.HasPrefix(q.path, "/v1/") }

// pageAt is the address of a page: in the 2010 API without the host, in the
// newer ones with the host that the client has used.
func (q *restRequest) pageAt(number, size int) string {
	v := url.Values{}
	for key, values := range q.form {
		if key != "Page" && key != "PageToken" && key != "PageSize" {
			v[key] = values
		}
	}
	v.Set("PageSize", strconv.Itoa(size))
	v.Set("Page", strconv.Itoa(number))
	if number > 0 {
		v.Set("PageToken", "PA"+strconv.Itoa(number))
	}
	host := ""
	if q.newer() {
		host = q.host
	}
	return host + q.path + "?" + v.Encode()
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
