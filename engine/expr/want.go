package expr

import (
	"fmt"
	"math"
	"time"
)

// Want is what a field of a flow file takes.
type Want int

// The wants. WantAny keeps any type. WantText takes whatever can stand in a text.
// WantDuration takes a number as seconds. WantPhone is an E.164 number as text.
const (
	WantAny Want = iota
	WantText
	WantNumber
	WantBool
	WantDuration
	WantTime
	WantPhone
	WantMoney
	WantList
)

// String gives the word that messages use.
func (w Want) String() string {
	words := [...]string{"value", "text", "number", "boolean", "duration", "time", "phone number", "amount", "list"}
	if w < 0 || int(w) >= len(words) {
		return "value"
	}
	return words[w]
}

func (w Want) phrase() string {
	if w == WantMoney {
		return "an amount"
	}
	return "a " + w.String()
}

// literalHint says how a literal is written, where the message does not.
func (w Want) literalHint() string {
	if w == WantBool {
		return "write true, false or one ${...}"
	}
	return ""
}

// mixes reports whether text and expressions may stand side by side.
func (w Want) mixes() bool {
	return w == WantAny || w == WantText || w == WantPhone || w == WantDuration
}

// refuses checks the static type of a text that is just one ${src}.
func (w Want) refuses(t Type, src string) (problem, bool) {
	src = shorten(src)
	bad := func(hint string) (problem, bool) {
		return problem{0, "expr-type", fmt.Sprintf("%s is wanted here, but %s is %s", w.phrase(), src, t.Kind.phrase()), hint}, true
	}
	if t.Kind == Any && w != WantAny && w != WantText {
		return problem{0, "expr-untyped", fmt.Sprintf("%s is wanted here, but %s is untyped", w.phrase(), src), w.typedHint(src)}, true
	}
	switch w {
	case WantText:
		if t.Kind == List || t.Kind == Object || t.Kind == Map {
			return bad("take one value out of it, or write toJSON(" + src + ")")
		}
	case WantNumber, WantMoney:
		if t.Kind != Number {
			hint := "write num(" + src + ", 0)"
			if t.Kind == Duration {
				hint = "write seconds(" + src + ")"
			}
			return bad(hint)
		}
	case WantBool:
		if t.Kind != Bool {
			return bad("compare it, or write flag(" + src + ", false)")
		}
	case WantDuration:
		if t.Kind != Duration && t.Kind != Number {
			return bad("write duration(" + src + "), or a number of seconds")
		}
	case WantTime:
		if t.Kind != Time {
			return bad("write date(" + src + ") to read a time from a text")
		}
	case WantPhone:
		if t.Kind != Text {
			return bad("write phone(" + src + ", 'US') with the country of the number")
		}
	case WantList:
		if t.Kind != List {
			return bad("write [" + src + "] for a list of one")
		}
	}
	return problem{}, false
}

func (w Want) typedHint(src string) string {
	switch w {
	case WantNumber, WantMoney, WantDuration:
		return hintAs(src, Number)
	case WantBool:
		return hintAs(src, Bool)
	case WantList:
		return hintAs(src, List)
	case WantTime:
		return "write date(text(" + src + "))"
	case WantPhone:
		return "write phone(" + src + ", 'US') with the country of the number"
	}
	return hintAs(src, Text)
}

// convert brings a value into the wanted type. isText: v was written as text, or
// put together from text, and has to be read.
func (w Want) convert(v any, isText bool) (any, error) {
	if s, ok := v.(string); ok && isText {
		return w.read(s)
	}
	switch w {
	case WantNumber:
		if i, ok := v.(int); ok {
			v = float64(i)
		}
		if f, ok := v.(float64); ok && (math.IsInf(f, 0) || math.IsNaN(f)) {
			return nil, fmt.Errorf("the result is no number; was it divided by 0?")
		}
	case WantDuration:
		return durationOf(v)
	case WantMoney:
		return ParseMoney(v)
	case WantPhone:
		if s, _ := v.(string); !IsPhone(s) {
			return nil, fmt.Errorf("%q is no phone number; numbers are written like +15551234567", shorten(s))
		}
	}
	if v == nil && w != WantAny {
		return nil, fmt.Errorf("%s is wanted, but the value is missing", w.phrase())
	}
	return v, nil
}

// read reads a value from a text.
func (w Want) read(s string) (any, error) {
	switch w {
	case WantNumber:
		if f, ok := parseNumber(s); ok {
			return f, nil
		}
		return nil, fmt.Errorf("%q is no number", shorten(s))
	case WantBool:
		if s == "true" || s == "false" {
			return s == "true", nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", shorten(s))
	case WantDuration:
		return ParseDuration(s)
	case WantTime:
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return nil, fmt.Errorf("%q is no time; write it like 2026-12-24T18:00:00Z", shorten(s))
		}
		return t, nil
	case WantMoney:
		return ParseMoney(s)
	case WantPhone:
		if !IsPhone(s) {
			return nil, fmt.Errorf("%q is no phone number; numbers are written like \"+15551234567\", in quotes", shorten(s))
		}
	case WantList:
		return nil, fmt.Errorf("a list is wanted here, not the text %q", shorten(s))
	}
	return s, nil
}

// durationOf takes a duration, or a number of seconds.
func durationOf(v any) (time.Duration, error) {
	var d time.Duration
	switch v := v.(type) {
	case time.Duration:
		d = v
	case int:
		return durationOf(float64(v))
	case float64:
		if !(math.Abs(v) < float64(math.MaxInt64)/float64(time.Second)) {
			return 0, fmt.Errorf("%s is too many seconds", formatNumber(v))
		}
		d = time.Duration(v * float64(time.Second))
	default:
		return 0, fmt.Errorf("a duration is wanted, but this is %s", kindOf(v).phrase())
	}
	if d < 0 {
		return 0, fmt.Errorf("a duration cannot be negative, but this is %s", formatDuration(d))
	}
	return d, nil
}
