package outbound

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine/outbound/wire"
)

// answer reads the body of the last hop.
func (x *exchange) answer(resp *http.Response, trace *wire.Trace) (Result, error) {
	defer resp.Body.Close()
	res := Result{Status: resp.StatusCode, Headers: headersOf(resp.Header)}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxRead+1))
	res.Size = len(body)
	switch {
	case err != nil:
		return Result{}, x.failed(trace, err, true)
	case len(body) > MaxRead:
		return res, x.tooLarge("it has more than " + strconv.Itoa(MaxRead) + " bytes")
	case len(body) > MaxSaved:
		return res, x.tooLarge("it has " + strconv.Itoa(len(body)) + " bytes, a flow may keep " + strconv.Itoa(MaxSaved))
	}
	res.Body = bodyOf(resp.Header.Get("Content-Type"), body)
	return res, nil
}

func (x *exchange) tooLarge(detail string) *Error {
	return &Error{Word: ErrTooLarge, Cause: ErrTooLarge, Outcome: Answered, Method: x.method, Host: x.url.Host, Detail: "the answer is too large: " + detail}
}

func headersOf(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		out[strings.ToLower(name)] = strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD")
	}
	return out
}

// bodyOf decodes JSON, by its type or, where none is given, by its look. What
// says to be JSON and is not stays text: the flow sees what came.
func bodyOf(contentType string, body []byte) any {
	if isJSON(contentType, body) {
		if v, err := decodeJSON(body); err == nil {
			return v
		}
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}

func isJSON(contentType string, body []byte) bool {
	if contentType == "" {
		body = bytes.TrimLeft(body, " \t\r\n")
		return len(body) > 0 && (body[0] == '{' || body[0] == '[')
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	return kind == "application/json" || kind == "text/json" || strings.HasSuffix(kind, "+json")
}

func decodeJSON(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON value")
	}
	return plain(v), nil
}

// plain turns the numbers of a decoded value into int where they are whole and
// exact, else into float64.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v)
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}

// maxExact is the largest integer up to which every float64 is exact.
const maxExact = 1 << 53

// number reads 5, 5.0 and 5e0 as the int 5. Whole numbers that neither int nor
// float64 holds exactly keep their digits as text: most are identifiers.
func number(n json.Number) any {
	if i, err := strconv.Atoi(n.String()); err == nil {
		return i
	}
	f, err := n.Float64()
	switch {
	case err != nil:
		return n.String()
	case f == math.Trunc(f) && math.Abs(f) <= maxExact:
		return int(f)
	case !strings.ContainsAny(n.String(), ".eE"):
		return n.String()
	}
	return f
}
