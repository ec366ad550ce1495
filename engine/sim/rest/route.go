package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Handler answers one method of one resource of an account.
type Handler[A any] func(A, *Request) (Answer, *Error)

// Route is one path of the REST API and what each method does to it. A nil
// handler is answered 405. {NAME} stands for one part of the path, and so it does
// in Twilio's OpenAPI documents.
type Route[A any] struct {
	Path              string
	parts             []string // of path
	Get, Post, Delete Handler[A]
	Filters, Takes    Rules // of get and post
}

// Table joins routes. The first whose path fits counts.
func Table[A any](groups ...[]Route[A]) []Route[A] {
	all := slices.Concat(groups...)
	for i := range all {
		all[i].parts = strings.Split(all[i].Path, "/")
	}
	return all
}

// Under puts routes below a path.
func Under[A any](path string, routes []Route[A]) []Route[A] {
	all := slices.Clone(routes)
	for i := range all {
		all[i].Path = path + all[i].Path
	}
	return all
}

// For makes routes of an account of those of a part of it.
func For[A, B any](part func(A) B, routes []Route[B]) []Route[A] {
	handler := func(h Handler[B]) Handler[A] {
		if h == nil {
			return nil
		}
		return func(account A, q *Request) (Answer, *Error) { return h(part(account), q) }
	}
	all := make([]Route[A], 0, len(routes))
	for _, r := range routes {
		all = append(all, Route[A]{Path: r.Path, Get: handler(r.Get), Post: handler(r.Post), Delete: handler(r.Delete), Filters: r.Filters, Takes: r.Takes})
	}
	return all
}

// Find finds the route of a path in a table and takes the path apart; nil if
// there is none.
func Find[A any](table []Route[A], q *Request, escaped string) *Route[A] {
	var parts []string
	for _, part := range strings.Split(strings.TrimSuffix(escaped, ".json"), "/") {
		name, err := url.PathUnescape(part)
		if err != nil {
			return nil
		}
		parts = append(parts, name)
	}
	for i := range table {
		if vars, ok := matchPath(table[i].parts, parts); ok {
			q.Vars, q.Parts = vars, parts
			return &table[i]
		}
	}
	return nil
}

// matchPath compares part by part; names are case-sensitive.
func matchPath(pattern, parts []string) (map[string]string, bool) {
	if len(pattern) != len(parts) {
		return nil, false
	}
	vars := map[string]string{}
	for i, want := range pattern {
		if name, ok := strings.CutPrefix(want, "{"); ok && parts[i] != "" {
			vars[strings.TrimSuffix(name, "}")] = parts[i]
		} else if want != parts[i] {
			return nil, false
		}
	}
	return vars, true
}

// Methods are those that the route answers.
func (r *Route[A]) Methods() []string {
	var all []string
	for _, m := range []struct {
		name string
		do   Handler[A]
	}{{http.MethodGet, r.Get}, {http.MethodPost, r.Post}, {http.MethodDelete, r.Delete}} {
		if m.do != nil {
			all = append(all, m.name)
		}
	}
	return all
}

// Answer runs the handler of the request's method, after a look at its parameters;
// unknown is told the name of each that the resource does not know.
func (r *Route[A]) Answer(account A, q *Request, unknown func(name string)) (Answer, *Error) {
	do, known := r.Get, r.Filters
	switch q.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		do, known = r.Post, r.Takes
	case http.MethodDelete:
		do, known = r.Delete, nil
	default:
		do = nil
	}
	if do == nil {
		return Answer{}, notAllowed()
	}
	if e := known.Check(q, unknown); e != nil {
		return Answer{}, e
	}
	return do(account, q)
}

// On makes a handler of what is done to the resource that the path names.
func On[A, T any](find func(A, *Request) (T, *Error), do func(T, *Request) (Answer, *Error)) Handler[A] {
	return func(account A, q *Request) (Answer, *Error) {
		x, e := find(account, q)
		if e != nil {
			return Answer{}, e
		}
		return do(x, q)
	}
}

// Among finds a resource in a list.
func Among[T any](all []T, q *Request, is func(T) bool) (T, *Error) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], nil
	}
	var none T
	return none, NotFound(q.Path)
}
