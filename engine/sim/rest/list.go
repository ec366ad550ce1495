package rest

import (
	"net/url"
	"strconv"
	"strings"
)

// Page answers a list request: the page that was asked for, in the frame of its
// API. name is the plural of the resource.
func Page[T Resource](q *Request, name string, items []T) (Answer, *Error) {
	size, number := 50, 0
	if n, err := strconv.Atoi(q.Get("PageSize")); err == nil && n > 0 {
		size = n
	}
	if size > 1000 {
		return Answer{}, BadRequest(20007, "Page size is too large; at most 1000")
	}
	if n, err := strconv.Atoi(q.Get("Page")); err == nil && n > 0 {
		number = n
	}
	start := min(number*size, len(items))
	end := min(start+size, len(items))
	list := make([]any, 0, end-start)
	for _, item := range items[start:end] {
		list = append(list, item.JSON())
	}
	var next, previous any
	if end < len(items) {
		next = q.pageAt(number+1, size)
	}
	if number > 0 {
		previous = q.pageAt(number-1, size)
	}
	body := map[string]any{name: list}
	if q.newer() {
		body["meta"] = map[string]any{"key": name, "page": number, "page_size": size, "url": q.pageAt(number, size),
			"first_page_url": q.pageAt(0, size), "next_page_url": next, "previous_page_url": previous}
	} else {
		for key, v := range map[string]any{"page": number, "page_size": size, "start": start, "end": max(end-1, 0),
			"uri": q.pageAt(number, size), "first_page_uri": q.pageAt(0, size), "next_page_uri": next, "previous_page_uri": previous} {
			body[key] = v
		}
	}
	return Answer{Status: 200, Body: body}, nil
}

// Unpaged answers a list request of the few resources that have no pages.
func Unpaged[T Resource](q *Request, name string, items []T) (Answer, *Error) {
	list := make([]any, 0, len(items))
	for _, item := range items {
		list = append(list, item.JSON())
	}
	return Answer{Status: 200, Body: map[string]any{name: list, "uri": q.Path}}, nil
}

// newer reports whether the request is for an API with a version of its own.
func (q *Request) newer() bool { return strings.HasPrefix(q.Path, "/v1/") }

// pageAt is the address of a page: in the 2010 API without the host, in the
// newer ones with the host that the client has used.
func (q *Request) pageAt(number, size int) string {
	v := url.Values{}
	for key, values := range q.Form {
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
	return host + q.Path + "?" + v.Encode()
}
