package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// shelf is an account with things.
type shelf struct{ things []thing }

type thing string

func (t thing) JSON() any { return map[string]any{"name": string(t)} }

func (s *shelf) list(q *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Page(q, "things", s.things)
}

func thingAt(s *shelf, q *rest.Request) (thing, *rest.Error) {
	return rest.Among(s.things, q, func(t thing) bool { return string(t) == q.Vars["Name"] })
}

// house is an account with a shelf as a part of it.
type house struct{ shelf *shelf }

var things = rest.Table(rest.For(func(h house) *shelf { return h.shelf }, rest.Under("/v1/", []rest.Route[*shelf]{
	{Path: "Things", Get: (*shelf).list, Filters: rest.Filters("Made@")},
	{Path: "Things/{Name}", Get: rest.On(thingAt, rest.Show), Post: rest.On(thingAt, rest.Show), Takes: rest.Join(
		rest.Wholes(20001, 1, 9, "Size"), rest.WebURLs(21205, "Url"), rest.Plain("ParameterN"))},
})))

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := house{&shelf{[]thing{"a", "b c", "d"}}}
	for _, tc := range []struct {
		method, target string
		status, code   int
		body, unknown  string
	}{
		{"GET", "/v1/Things/a", 200, 0, `{"name":"a"}`, ""},
		{"GET", "/v1/Things/b%20c.json", 200, 0, `{"name":"b c"}`, ""},
		{"GET", "/v1/Things/e", 404, 20404, "/v1/Things/e was not found", ""},
		{"GET", "/v1/things", 404, 20404, "", ""},
		{"DELETE", "/v1/Things/a", 405, 20004, "", ""},
		{"POST", "/v1/Things", 405, 20004, "", ""},
		{"GET", "/v1/Things?PageSize=2", 200, 0, `"next_page_url":"http://example.com/v1/Things?Page=1&PageSize=2&PageToken=PA1"`, ""},
		{"GET", "/v1/Things?PageSize=2&Page=1", 200, 0, `"things":[{"name":"d"}]`, ""},
		{"GET", "/v1/Things?PageSize=1001", 400, 20007, "", ""},
		{"GET", "/v1/Things?Made>=yesterday", 400, 20001, "Made> is not a date", ""},
		{"POST", "/v1/Things/a?Size=10", 400, 20001, "Size is not a number from 1 to 9: 10", ""},
		{"POST", "/v1/Things/a?Url=x", 400, 21205, "Url is not an http or https URL: x", ""},
		{"POST", "/v1/Things/a?Size=&Parameter1.Name=n&Colour=red", 200, 0, `{"name":"a"}`, "Colour"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(tc.method, tc.target, http.NoBody)
		q, err := rest.Read(w, r)
		if err != nil {
			t.Fatal(err)
		}
		unknown, answer, e := "", rest.Answer{}, rest.NotFound(q.Path)
		if found := rest.Find(things, q, r.URL.EscapedPath()); found != nil {
			answer, e = found.Answer(h, q, func(name string) { unknown += name })
		}
		if e != nil {
			answer = e.Answer()
		}
		answer.Write(w, answer.Encoded())
		if w.Code != tc.status || answer.Code != tc.code || !strings.Contains(w.Body.String(), tc.body) || unknown != tc.unknown {
			t.Errorf("%s %s: %d, code %d, unknown %q, %s; want %+v", tc.method, tc.target, w.Code, answer.Code, unknown, w.Body, tc)
		}
	}
}
