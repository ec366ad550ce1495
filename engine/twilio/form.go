package twilio

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// MaxBody is the size in bytes of the largest webhook body that is read. Twilio
// states no limit; the largest field it sends is a transcription of some 10 KB.
const MaxBody = 256 << 10

// maxFields bounds the fields of one webhook. A call with all geographic, SIP and
// custom client fields has fewer than 200.
const maxFields = 1000

// ErrMalformed is wrapped by every error about a request that cannot be decoded:
// a wrong percent escape, too many fields, a body that is too large, a method that
// is neither GET nor POST. Answer it with 400.
var ErrMalformed = errors.New("malformed webhook")

// field is one decoded name and value, in the order sent.
type field struct{ name, value string }

// Decode reads the fields of a webhook: those of the form body (POST), then those
// of the query that the body does not name (GET has only these). Of a repeated
// name the first value counts. The reserved query field bodySHA256 is left out. A
// body of another type than a form, such as TaskRouter's JSON, yields no fields
// and is left to the caller. Decode trusts what it reads: verify the signature
// first, or use Validator.Verify, which does both in one pass.
func Decode(r *http.Request, body []byte) (Params, error) {
	form, err := bodyFields(r, body)
	if err != nil {
		return nil, err
	}
	return paramsOf(r, form)
}

// bodyFields decodes the form body of a POST; other requests have none.
func bodyFields(r *http.Request, body []byte) ([]field, error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return nil, nil
	case http.MethodPost:
	default:
		return nil, fmt.Errorf("%w: method %s; Twilio sends GET or POST", ErrMalformed, r.Method)
	}
	if len(body) > MaxBody {
		return nil, fmt.Errorf("%w: body of %d bytes; at most %d are read", ErrMalformed, len(body), MaxBody)
	}
	if !isForm(r) {
		return nil, nil
	}
	return parseFields(string(body))
}

// isForm reports whether the body is a form. A request without a type is read as
// one, because that is what Twilio sends for everything but JSON.
func isForm(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	kind = strings.TrimSpace(kind)
	return kind == "" || strings.EqualFold(kind, "application/x-www-form-urlencoded")
}

func paramsOf(r *http.Request, form []field) (Params, error) {
	query, err := parseFields(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	p := make(Params, len(form)+len(query))
	for _, list := range [2][]field{form, query} {
		for _, f := range list {
			if _, known := p[f.name]; !known {
				p[f.name] = f.value
			}
		}
	}
	delete(p, bodyHashField)
	return p, nil
}

// parseFields decodes application/x-www-form-urlencoded text. Unlike net/url it
// keeps the order and takes a semicolon for an ordinary character, as the form
// standard does. Values share the memory of text where nothing is escaped.
func parseFields(text string) ([]field, error) {
	if text == "" {
		return nil, nil
	}
	fields := make([]field, 0, min(strings.Count(text, "&")+1, maxFields))
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		if len(fields) == maxFields {
			return nil, fmt.Errorf("%w: more than %d fields", ErrMalformed, maxFields)
		}
		name, value, _ := strings.Cut(part, "=")
		n, ok := unescape(name)
		if !ok {
			return nil, fmt.Errorf("%w: wrong percent escape in the name of field %d", ErrMalformed, len(fields)+1)
		}
		v, ok := unescape(value)
		if !ok {
			return nil, fmt.Errorf("%w: wrong percent escape in field %.40q", ErrMalformed, n)
		}
		fields = append(fields, field{n, v})
	}
	return fields, nil
}

// unescape decodes plus signs and percent escapes; false means that a percent
// sign is not followed by two hexadecimal digits.
func unescape(s string) (string, bool) {
	at := strings.IndexAny(s, "%+")
	if at < 0 {
		return s, true
	}
	out := make([]byte, at, len(s))
	copy(out, s)
	for i := at; i < len(s); i++ {
		switch s[i] {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			out = append(out, byte(high<<4|low))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out), true
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
