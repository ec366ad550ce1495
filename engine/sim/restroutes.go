package sim

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// handler answers one method of one resource; mu is held.
type handler func(*Sim, *restRequest) (restAnswer, *restError)

// route is one path of the REST API and what each method does to it. A nil
// handler is answered 405. {NAME} stands for one part of the path, and so it does
// in Twilio's OpenAPI documents.
type route struct {
	path           string
	parts          []string // of path
	get, post, del handler
	filters, takes paramRules // of get and post
}

// accountPath is where the resources of accountRoutes live.
const accountPath = "/" + apiVersion + "/Accounts/{AccountSid}/"

// routes is the whole REST API. The first path that fits counts. TaskRouter has a
// host of its own at Twilio; its paths are served beside the others.
var routes = joinRoutes()

func joinRoutes() []route {
	all := slices.Clone(rootRoutes)
	for _, r := range accountRoutes {
		r.path = accountPath + r.path
		all = append(all, r)
	}
	all = append(append(all, statisticsRoutes...), taskRouterRoutes...)
	for i := range all {
		all[i].parts = strings.Split(all[i].path, "/")
	}
	return all
}

// Resource is one path of the REST API that the simulator serves, as Twilio's
// OpenAPI documents write it, with the parameters that it knows.
type Resource struct {
	Path    string   // {NAME} stands for one part of it
	Methods []string // GET, POST, DELETE
	Filters []string // query parameters of GET, in order of their names
	Takes   []string // form parameters of POST, in order of their names
}

// Resources lists the REST API.
func Resources() []Resource {
	var all []Resource
	for _, r := range routes {
		one := Resource{Path: r.path, Filters: slices.Sorted(maps.Keys(r.filters)), Takes: slices.Sorted(maps.Keys(r.takes))}
		for _, m := range []struct {
			name string
			do   handler
		}{{http.MethodGet, r.get}, {http.MethodPost, r.post}, {http.MethodDelete, r.del}} {
			if m.do != nil {
				one.Methods = append(one.Methods, m.name)
			}
		}
		all = append(all, one)
	}
	return all
}

// findRoute finds the resource of a path and takes the path apart.
func (q *restRequest) findRoute(escaped string) *route {
	var parts []string
	for _, part := range strings.Split(strings.TrimSuffix(escaped, ".json"), "/") {
		name, err := url.PathUnescape(part)
		if err != nil {
			return nil
		}
		parts = append(parts, name)
	}
	for i := range routes {
		if vars, ok := matchPath(routes[i].parts, parts); ok {
			q.vars = vars
			q.parts = parts[min(len(parts), len(strings.Split(accountPath, "/"))-1):]
			if parts[1] != apiVersion {
				q.parts = parts[2:]
			}
			return &routes[i]
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

// answer runs the handler of the request's method, after a look at its parameters.
func (r *route) answer(s *Sim, q *restRequest) (restAnswer, *restError) {
	if q.test {
		return s.answerTest(r, q)
	}
	do, known := r.get, r.filters
	switch q.method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		do, known = r.post, r.takes
	case http.MethodDelete:
		do, known = r.del, nil
	default:
		do = nil
	}
	if do == nil {
		return restAnswer{}, q.notAllowed()
	}
	if e := known.check(s, q); e != nil {
		return restAnswer{}, e
	}
	return do(s, q)
}

// shown is a resource with its JSON.
type shown interface{ json() any }

// show answers with the resource as it is.
func show[T shown](x T, _ *restRequest) (restAnswer, *restError) {
	return restAnswer{status: http.StatusOK, body: x.json()}, nil
}

// made answers that a resource was created.
func made(x shown) (restAnswer, *restError) {
	return restAnswer{status: http.StatusCreated, body: x.json()}, nil
}

// gone answers that a resource was deleted.
func gone() (restAnswer, *restError) { return restAnswer{status: http.StatusNoContent}, nil }

// on makes a handler of what is done to the resource that the path names.
func on[T any](find func(*Sim, *restRequest) (T, *restError), do func(T, *restRequest) (restAnswer, *restError)) handler {
	return func(s *Sim, q *restRequest) (restAnswer, *restError) {
		x, e := find(s, q)
		if e != nil {
			return restAnswer{}, e
		}
		return do(x, q)
	}
}

// among finds a resource in a list.
func among[T any](all []T, q *restRequest, is func(T) bool) (T, *restError) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], nil
	}
	var none T
	return none, notFound(q.path)
}
