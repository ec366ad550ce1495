package testspec

import (
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// methods are the keys that a mock has one of, the words of the step http.
var methods = []string{"get", "post", "put", "patch", "delete"}

// MockObject declares what answers some of the flow's HTTP requests.
var MockObject = mockObject()

func mockObject() *spec.Object[Mock] {
	o := &spec.Object[Mock]{
		Name: "a mock",
		Doc: "One of get, post, put, patch and delete says which requests: a URL without its query, or the end of its path when it begins with /; " +
			"`*` stands for any text. A list of answers is given in turn, the last one to all that follow.",
		Example: "{post: /charges, json: {amount: 5}, answer: [{status: 402, after: 3s}, 200]}",
	}
	for _, m := range methods {
		o.Fields = append(o.Fields, spec.Custom(m, "URL pattern", "answers "+strings.ToUpper(m)+" requests to such a URL", textSchema, func(d *spec.Decoder, n *spec.Node, v *Mock) {
			if text, ok := d.Literal(n, "a pattern"); ok {
				v.Method, v.URL = strings.ToUpper(m), text
			}
		}))
	}
	o.Fields = append(o.Fields,
		spec.Custom("json", "JSON", "only requests whose body has at least this", spec.Schema{}, func(_ *spec.Decoder, n *spec.Node, v *Mock) { v.JSON = n }),
		word("body", "only requests whose body holds this text", func(v *Mock) *string { return &v.Body }),
		spec.Custom("answer", "answer, or a list", "what comes back", answersSchema, func(d *spec.Decoder, n *spec.Node, v *Mock) {
			list := []*spec.Node{n}
			if n.Kind == spec.Sequence {
				list = n.Items
			}
			for _, item := range list {
				a := Answer{Status: 200}
				AnswerObject.Decode(d, item, &a)
				v.Answers = append(v.Answers, a)
			}
		}).Or("200"),
	)
	o.Check = func(d *spec.Decoder, n *spec.Node, v *Mock) {
		v.Pos = n.Pos
		count := 0
		for _, m := range methods {
			if n.Get(m) != nil {
				count++
			}
		}
		if count != 1 && n.Kind == spec.Mapping {
			d.Diags.Errorf(n.Pos, "mock", "a mock has exactly one of %s; this one has %d", strings.Join(methods, ", "), count).
				WithHint("write it like get: /accounts/*")
		}
		if v.URL != "" && !strings.HasPrefix(v.URL, "/") && !strings.HasPrefix(v.URL, "http") && !strings.HasPrefix(v.URL, "*") {
			d.Diags.Errorf(n.Get(strings.ToLower(v.Method)).Pos, "mock", "%q fits no request", v.URL).WithHint("begin it with / for the end of the path, with http for the whole URL, or with *")
		}
		if len(v.Answers) == 0 {
			v.Answers = []Answer{{Status: 200}}
		}
	}
	return o
}

// AnswerObject declares one answer of a mock.
var AnswerObject = &spec.Object[Answer]{
	Name: "an answer", Short: "status", Example: "{status: 402, after: 3s}",
	Fields: []spec.Field[Answer]{
		spec.Int("status", "the HTTP status", 200, 599, func(a *Answer) *int { return &a.Status }).Or("200"),
		spec.Custom("json", "JSON", "the body", spec.Schema{}, func(_ *spec.Decoder, n *spec.Node, a *Answer) { a.JSON = spec.Plain(n) }),
		word("body", "the body as text; in TwiML {NAME} stands for a parameter of the request, such as the address to return to", func(a *Answer) *string { return &a.Body }),
		spec.Custom("headers", "name: text", "headers of the answer", mapSchema(textSchema), func(d *spec.Decoder, n *spec.Node, a *Answer) { a.Headers = texts(d, n, "a header") }),
		spec.Duration("after", "how long the answer takes", 0, longest, func(a *Answer) *time.Duration { return &a.After }),
		spec.Enum("fails", "there is no answer: nobody listens, the connection breaks, the name has no address, the certificate is bad, or nothing ever comes back", FailsWords,
			func(a *Answer) *string { return &a.Fails }),
	},
	Check: func(d *spec.Decoder, n *spec.Node, a *Answer) {
		if a.JSON != nil && a.Body != "" {
			d.Diags.Errorf(n.Pos, "mock", "an answer has json or body, not both")
		}
	},
}

func decodeMocks(d *spec.Decoder, n *spec.Node) []*Mock {
	if !d.Expect(n, spec.Sequence) {
		return nil
	}
	var list []*Mock
	for _, item := range n.Items {
		m := &Mock{}
		MockObject.Decode(d, item, m)
		list = append(list, m)
	}
	return list
}

// Fits reports whether a pattern for URLs fits a URL: all of it without the query, or the
// end of its path.
func Fits(pattern, url string) bool {
	url, _, _ = strings.Cut(url, "?")
	if strings.HasPrefix(pattern, "/") {
		pattern = "*" + pattern
	}
	return glob(strings.Split(pattern, "*"), url)
}

// glob fits parts that have any text between them.
func glob(parts []string, text string) bool {
	if len(parts) == 1 {
		return text == parts[0]
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// Contains reports whether a JSON value has at least what a node says: every key of a
// mapping, every item of a list, each value by its text, amounts and durations by what
// they are.
func Contains(value any, n *spec.Node) bool {
	switch n.Kind {
	case spec.Mapping:
		m, ok := value.(map[string]any)
		if !ok {
			return false
		}
		for _, e := range n.Entries {
			v, there := m[e.Key.Text]
			if !there || !Contains(v, e.Value) {
				return false
			}
		}
		return true
	case spec.Sequence:
		list, ok := value.([]any)
		if !ok || len(list) != len(n.Items) {
			return false
		}
		for i, item := range n.Items {
			if !Contains(list[i], item) {
				return false
			}
		}
		return true
	}
	switch v := value.(type) {
	case expr.Money:
		want, err := expr.ParseMoney(n.Text)
		return err == nil && want == v
	case time.Duration:
		want, err := expr.ParseDuration(n.Text)
		return err == nil && want == v
	}
	return Text(value) == n.Text || slices.Contains([]string{"null", ""}, n.Text) && value == nil
}
