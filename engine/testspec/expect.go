package testspec

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// The things that can be expected, by the key under `expect`.
const (
	Outcome, State, States, Legs          = "outcome", "state", "states", "legs"
	Vars, Heard, Unheard, Messages        = "vars", "heard", "unheard", "messages"
	Requests, REST, Tasks, Logged         = "requests", "rest", "tasks", "logged"
	Offered, Meter, Cost, Took, Irregular = "offered", "meter", "cost", "took", "troubles"
)

// ExpectObject declares what can be expected.
var ExpectObject = &spec.Object[Expect]{
	Name: "expect", Doc: "What must hold. What is not named is not looked at, but for troubles and, at the end, the outcome.",
	Fields: []spec.Field[Expect]{
		check(Outcome, "label", "the outcome of the session", textSchema, scalar).Or("completed"),
		check(States, "leg: states", "the states that each leg has entered, in order; of legs of one name those of all", mapSchema(oneOrList(nameSchema)), byName),
		check(State, "leg: state", "where each leg is now", mapSchema(nameSchema), byName),
		check(Legs, "leg: result", "what became of each call: completed, busy, no-answer, failed, canceled; a list where several have one name", mapSchema(oneOrList(nameSchema)), byName),
		check(Vars, "name: value", "variables; of JSON what is named", mapSchema(spec.Schema{}), mapping),
		check(Heard, "party: texts", "parts of what each party hears, in order", mapSchema(oneOrList(textSchema)), byName),
		check(Unheard, "party: texts", "what no party hears", mapSchema(oneOrList(textSchema)), byName),
		check(Messages, "list", "the text messages, all of them in order: a part of the text, or `{to, body}`", listOf(spec.Schema{"anyOf": []any{textSchema, messageObject.Schema()}}), listWith(messageObject)),
		check(Requests, "list", "the HTTP requests, all of them in order, as `POST /charges` or as a mock is written, with `times` and `answered`",
			listOf(spec.Schema{"anyOf": []any{spec.Schema{"type": "string"}, requestObject.Schema()}}), listWith(requestObject)),
		check(REST, "list", "REST actions at Twilio in this order, others may stand between them: `POST Calls`, `POST Conferences/*/Participants/*`, or with `params`",
			listOf(spec.Schema{"anyOf": []any{spec.Schema{"type": "string"}, restObject.Schema()}}), listWith(restObject)),
		check(Tasks, "list", "the tasks of TaskRouter, all of them in order: `{status, reservations}`", listOf(taskObject.Schema()), listWith(taskObject)),
		check(Logged, "texts", "parts of what the flow logs, in order", oneOrList(textSchema), textsShape),
		check(Offered, "signals", "the signals that the session takes now, in the order of their declaration", listOf(nameSchema), textsShape),
		check(Meter, "mapping", "the meter: `balance`, `credits`, `rate`, `empty`, and `ran`, how long it counted", spec.Schema{"type": "object"}, mapping),
		check(Cost, "amount", "what all calls of the session cost at Twilio, once it has told", textSchema, scalar),
		check(Took, "duration, or A to B", "how long the session lasted: `30s to 40s`, or to the second", spec.Schema{"type": "string"}, span),
		check(Irregular, "true or false", "requests that fail, TwiML that Twilio warns of, and faults of the flow are all right", spec.Schema{"type": "boolean"}, func(d *spec.Decoder, n *spec.Node) { d.Bool(n) }).Or("false"),
	},
}

// Message, Request, RESTCall and Task are entries of expected lists.
type (
	// Message is a text message.
	Message struct{ To, Body string }
	// Request is an HTTP request, or several alike.
	Request struct {
		Mock
		Times    int
		Answered int // 0: any
	}
	// RESTCall is a request to Twilio.
	RESTCall struct {
		Method, Path string
		Params       []Value
	}
	// Task is a task of TaskRouter.
	Task struct {
		Status       string
		Reservations []string
	}
)

var messageObject = &spec.Object[Message]{
	Name: "a message", Short: "body",
	Fields: []spec.Field[Message]{
		word("to", "who gets it: a number, or the name of a party", func(m *Message) *string { return &m.To }),
		word("body", "a part of its text", func(m *Message) *string { return &m.Body }),
	},
}

var requestObject = &spec.Object[Request]{
	Name: "a request", Short: "request",
	Fields: append(mockMatch(),
		spec.Custom("request", "METHOD pattern", "method and pattern in one text", spec.Schema{"type": "string"}, func(d *spec.Decoder, n *spec.Node, r *Request) {
			r.Method, r.URL = methodAnd(d, n)
		}),
		spec.Int("times", "how often in a row", 1, 1000, func(r *Request) *int { return &r.Times }).Or("1"),
		spec.Int("answered", "the status of the answer", 200, 599, func(r *Request) *int { return &r.Answered }),
	),
}

// mockMatch are the keys that say which requests are meant.
func mockMatch() []spec.Field[Request] {
	var fields []spec.Field[Request]
	for _, m := range methods {
		fields = append(fields, spec.Custom(m, "URL pattern", "a "+strings.ToUpper(m)+" request to such a URL", textSchema, func(d *spec.Decoder, n *spec.Node, r *Request) {
			if text, ok := d.Literal(n, "a pattern"); ok {
				r.Method, r.URL = strings.ToUpper(m), text
			}
		}))
	}
	return append(fields,
		spec.Custom("json", "JSON", "its body has at least this", spec.Schema{}, func(_ *spec.Decoder, n *spec.Node, r *Request) { r.JSON = n }),
		word("body", "its body holds this text", func(r *Request) *string { return &r.Body }),
	)
}

var restObject = &spec.Object[RESTCall]{
	Name: "a REST action", Short: "action",
	Fields: []spec.Field[RESTCall]{
		spec.Custom("action", "METHOD path", "method and path behind the account, without .json; `*` stands for any text", spec.Schema{"type": "string"}, func(d *spec.Decoder, n *spec.Node, r *RESTCall) {
			r.Method, r.Path = methodAnd(d, n)
		}),
		spec.Custom("params", "name: text", "parameters that it has at least; the name of a party stands for its number", mapSchema(textSchema), func(d *spec.Decoder, n *spec.Node, r *RESTCall) {
			r.Params = texts(d, n, "a parameter")
		}),
	},
}

var taskObject = &spec.Object[Task]{
	Name: "a task", Short: "status",
	Fields: []spec.Field[Task]{
		word("status", "its status", func(t *Task) *string { return &t.Status }),
		spec.List("reservations", "the status of each of its reservations; without it they are not looked at", func(t *Task) *[]string { return &t.Reservations }),
	},
}

func methodAnd(d *spec.Decoder, n *spec.Node) (method, pattern string) {
	text, ok := d.Literal(n, "a request")
	if !ok {
		return "", ""
	}
	method, pattern, ok = strings.Cut(text, " ")
	if !ok || method != strings.ToUpper(method) {
		d.Diags.Errorf(n.Pos, "request", "%q is no request", text).WithHint("write it like POST /charges")
	}
	return method, strings.TrimSpace(pattern)
}

// Messages, Requests ... read the entries of a list whose shape was checked.
func ReadMessages(n *spec.Node) []Message   { return entries(messageObject, n) }
func ReadRequests(n *spec.Node) []Request   { return entries(requestObject, n) }
func ReadRESTCalls(n *spec.Node) []RESTCall { return entries(restObject, n) }
func ReadTasks(n *spec.Node) []Task         { return entries(taskObject, n) }

func entries[T any](o *spec.Object[T], n *spec.Node) []T {
	d := spec.NewDecoder(nil, nil)
	list := make([]T, len(n.Items))
	for i, item := range n.Items {
		o.Decode(d, item, &list[i])
	}
	return list
}

// check declares one expectation.
func check(key, typ, doc string, schema spec.Schema, shape func(d *spec.Decoder, n *spec.Node)) spec.Field[Expect] {
	return spec.Custom(key, typ, doc, schema, func(d *spec.Decoder, n *spec.Node, e *Expect) {
		e.Checks = append(e.Checks, Check{key, n})
		shape(d, n)
	})
}

func scalar(d *spec.Decoder, n *spec.Node) { d.Literal(n, "this") }

func mapping(d *spec.Decoder, n *spec.Node) { d.Expect(n, spec.Mapping) }

// byName is a mapping from names to a text or a list of texts.
func byName(d *spec.Decoder, n *spec.Node) {
	if !d.Expect(n, spec.Mapping) {
		return
	}
	for _, e := range n.Entries {
		textsShape(d, e.Value)
	}
}

func textsShape(d *spec.Decoder, n *spec.Node) {
	if n.Kind != spec.Sequence {
		d.Literal(n, "this")
		return
	}
	for _, item := range n.Items {
		d.Literal(item, "this")
	}
}

func listWith[T any](o *spec.Object[T]) func(d *spec.Decoder, n *spec.Node) {
	return func(d *spec.Decoder, n *spec.Node) {
		if !d.Expect(n, spec.Sequence) {
			return
		}
		for _, item := range n.Items {
			o.Decode(d, item, new(T))
		}
	}
}

func span(d *spec.Decoder, n *spec.Node) {
	text, ok := d.Literal(n, "a time here")
	if !ok {
		return
	}
	if _, _, err := ParseSpan(text); err != nil {
		d.Diags.Errorf(n.Pos, "duration", "%v", err).WithHint("write it like 30s, or 30s to 40s")
	}
}

// ParseSpan reads `30s to 40s`, or a single duration, which is meant to the second.
func ParseSpan(text string) (least, most time.Duration, err error) {
	low, high, several := strings.Cut(text, " to ")
	if least, err = expr.ParseDuration(strings.TrimSpace(low)); err != nil {
		return 0, 0, fmt.Errorf("%q is no duration", low)
	}
	if !several {
		return least, least + time.Second - 1, nil
	}
	if most, err = expr.ParseDuration(strings.TrimSpace(high)); err != nil {
		return 0, 0, fmt.Errorf("%q is no duration", high)
	}
	if most < least {
		return 0, 0, fmt.Errorf("%q ends before it begins", text)
	}
	return least, most, nil
}

// Texts are the texts of a scalar or of a list of them.
func Texts(n *spec.Node) []string {
	if n.Kind != spec.Sequence {
		return []string{n.Text}
	}
	list := make([]string, len(n.Items))
	for i, item := range n.Items {
		list[i] = item.Text
	}
	return list
}
