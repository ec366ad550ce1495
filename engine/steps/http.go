package steps

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// httpRequest asks another system.
type httpRequest struct {
	Method  string
	URL     *expr.Template
	Query   []spec.Pair
	Headers []spec.Pair
	JSON    *spec.Tree
	Form    []spec.Pair
	Body    *expr.Template
	Timeout time.Duration
	Tries   int
	Save    string
}

const (
	defaultHTTPTimeout = 10 * time.Second
	maxHTTPTimeout     = time.Minute
	maxHTTPTries       = 10
)

func httpStep() *spec.StepKind {
	fields := []spec.Field[httpRequest]{}
	for _, m := range []string{"get", "post", "put", "patch", "delete"} {
		method := strings.ToUpper(m)
		fields = append(fields, spec.Secret(spec.Template(m, "address of a "+method+" request", expr.WantText, expr.URL, func(h *httpRequest) **expr.Template {
			h.Method = method
			return &h.URL
		})))
	}
	fields = append(fields,
		spec.Secret(spec.Pairs("query", "query parameters", func(h *httpRequest) *[]spec.Pair { return &h.Query })),
		spec.Secret(spec.Pairs("headers", "headers", func(h *httpRequest) *[]spec.Pair { return &h.Headers })),
		spec.Secret(spec.TreeField("json", "JSON body; values keep their types", func(h *httpRequest) **spec.Tree { return &h.JSON })),
		spec.Secret(spec.Pairs("form", "form body", func(h *httpRequest) *[]spec.Pair { return &h.Form })),
		spec.Secret(spec.Template("body", "text body", expr.WantText, expr.None, func(h *httpRequest) **expr.Template { return &h.Body })),
		spec.Duration("timeout", "longest wait for the answer of one try", 100*time.Millisecond, maxHTTPTimeout, func(h *httpRequest) *time.Duration { return &h.Timeout }).Or("10s"),
		spec.Int("tries", "how often it is tried; above 1 it says that repeats do no harm", 1, maxHTTPTries, func(h *httpRequest) *int { return &h.Tries }).Or("1"),
		spec.Custom("save", "variable", "waits, and keeps {ok, status, body, headers, error} as vars.NAME", spec.Schema{"$ref": "#/$defs/identifier"}, func(d *spec.Decoder, n *spec.Node, h *httpRequest) {
			if v, ok := d.Identifier(n, "a saved answer"); ok {
				h.Save = v
				d.Define(spec.SaveName, v, n.Pos)
			}
		}),
	)
	return spec.Action[httpRequest](&spec.Object[httpRequest]{
		Name: "http", Doc: "Asks another system. With save the list waits for the answer; without, the request is queued and retried for 15 minutes.",
		Example: "http: {post: \"${env.BILLING_URL}/charges\", json: {amount: 5}, timeout: 10s, save: charge}",
		Fields:  fields,
		Check:   checkHTTP,
	}, spec.StepKind{Becomes: "HTTP request", Waits: true})
}

func checkHTTP(d *spec.Decoder, n *spec.Node, h *httpRequest) {
	methods, bodies := 0, 0
	for _, key := range n.Keys() {
		switch key {
		case "get", "post", "put", "patch", "delete":
			methods++
		case "json", "form", "body":
			bodies++
		}
	}
	switch {
	case methods != 1:
		d.Diags.Errorf(n.Pos, "http-method", "an http step has exactly one of get, post, put, patch, delete; this one has %d", methods)
	case bodies > 1:
		d.Diags.Errorf(n.Pos, "http-body", "an http step has at most one of json, form, body")
	case bodies == 1 && (h.Method == http.MethodGet || h.Method == http.MethodDelete):
		d.Diags.Errorf(n.Pos, "http-body", "a %s request has no body", strings.ToLower(h.Method))
	}
	if h.Timeout == 0 {
		h.Timeout = defaultHTTPTimeout
	}
}

// Run asks for the request; with save the list waits for its answer.
func (h *httpRequest) Run(x *engine.Exec) (engine.Control, error) {
	req, err := h.build(x)
	if err != nil {
		return engine.Control{}, err
	}
	e := engine.Effect{Kind: engine.HTTPCall, HTTP: req, Leg: 0, Lane: x.NextLane("http")}
	if h.Save != "" {
		e.Deadline = x.Now().Add(time.Duration(req.Tries)*(h.Timeout+8*time.Second) + 2*time.Second)
	}
	id := x.EmitHTTP(e)
	if h.Save == "" {
		return engine.Control{}, nil
	}
	return engine.Control{Wait: id, Save: h.Save}, nil
}

func (h *httpRequest) build(x *engine.Exec) (*engine.HTTPRequest, error) {
	env := x.Env()
	address, err := h.URL.Text(env)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of an http request", address)
	}
	if len(h.Query) > 0 {
		query, err := encodeForm(env, h.Query)
		if err != nil {
			return nil, err
		}
		if u.RawQuery != "" {
			query = u.RawQuery + "&" + query
		}
		u.RawQuery = query
		address = u.String()
	}
	req := &engine.HTTPRequest{Method: h.Method, URL: address, Timeout: h.Timeout, Tries: max(1, h.Tries), Repeats: h.Tries > 1, Save: h.Save != "", Headers: map[string]string{}}
	for _, p := range h.Headers {
		if req.Headers[http.CanonicalHeaderKey(p.Name)], err = p.Value.Text(env); err != nil {
			return nil, err
		}
	}
	return req, h.body(env, req)
}

func (h *httpRequest) body(env *expr.Env, req *engine.HTTPRequest) (err error) {
	contentType := ""
	switch {
	case h.JSON != nil:
		v, err := h.JSON.Value(env)
		if err != nil {
			return err
		}
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		req.Body, contentType = string(b), "application/json"
	case h.Form != nil:
		if req.Body, err = encodeForm(env, h.Form); err != nil {
			return err
		}
		contentType = "application/x-www-form-urlencoded"
	case h.Body != nil:
		if req.Body, err = h.Body.Text(env); err != nil {
			return err
		}
		contentType = "text/plain; charset=utf-8"
	}
	if contentType != "" && req.Headers["Content-Type"] == "" {
		req.Headers["Content-Type"] = contentType
	}
	return nil
}

// encodeForm writes pairs in the order of the flow.
func encodeForm(env *expr.Env, pairs []spec.Pair) (string, error) {
	var b strings.Builder
	for i, p := range pairs {
		text, err := p.Value.Text(env)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.Name) + "=" + url.QueryEscape(text))
	}
	return b.String(), nil
}
