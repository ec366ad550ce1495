package expr

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// function is one function of the flow language. One with context gets the *Env
// before its own arguments. takesAny: its first argument may be untyped.
type function struct {
	name     string
	context  bool
	takesAny bool
	types    []reflect.Type
	run      func(args ...any) (any, error)
}

// functions lists the functions that flows add to those of the expression
// language, or put in the place of one: a copy that knows the time of the event,
// or that keeps the budget.
func functions() []function {
	return []function{
		{name: "num", takesAny: true, types: sig[func(any) float64, func(any, float64) float64](), run: num},
		{name: "text", takesAny: true, types: sig[func(any) string, func(any, string) string](), run: text},
		{name: "flag", takesAny: true, types: sig[func(any) bool, func(any, bool) bool](), run: flag},
		{name: "list", takesAny: true, types: sig[func(any) []any, func(any, []any) []any](), run: list},
		{name: "spoken", takesAny: true, types: sig1[func(any) string](), run: onText(Spoken)},
		{name: "mask", takesAny: true, types: sig1[func(any) string](), run: onText(mask)},
		{name: "money", takesAny: true, types: sig1[func(any) string](), run: money},
		{name: "phone", takesAny: true, types: sig[func(any) string, func(any, string) string](), run: phone},
		{name: "seconds", types: sig1[func(time.Duration) float64](), run: seconds},
		{name: "string", takesAny: true, types: sig1[func(any) string](), run: text},
		{name: "toJSON", takesAny: true, context: true, types: sig1[func(any) string](), run: toJSON},
		{name: "now", context: true, types: sig1[func() time.Time](), run: now},
		{name: "format", context: true, types: sig[func(time.Time, string) string, func(time.Time, string, string) string](), run: format},
		{name: "visits", context: true, types: sig1[func(string) int](), run: visits},
		{name: "open", context: true, types: sig1[func(string) bool](), run: open},
		{name: "next_open", context: true, types: sig1[func(string) time.Time](), run: nextOpen},
		{name: "join", context: true, types: append(sig[func([]string) string, func([]string, string) string](),
			sig[func([]any) string, func([]any, string) string]()...), run: join},
		{name: "replace", context: true, types: sig[func(string, string, string, int) string, func(string, string, string) string](), run: replace},
		{name: "repeat", context: true, types: sig1[func(string, int) string](), run: repeat},
		{name: "toBase64", context: true, types: sig1[func(string) string](), run: toBase64},
	}
}

// hidden lists the functions that only compiled code calls.
func hidden() []function {
	return []function{
		{name: fieldName, run: fieldCall},
		{name: getName, run: getCall},
		{name: concatName, run: concatCall},
		{name: roundName, run: roundCall},
		{name: madeName, run: madeCall},
	}
}

func sig1[A any]() []reflect.Type   { return []reflect.Type{reflect.TypeFor[A]()} }
func sig[A, B any]() []reflect.Type { return append(sig1[A](), sig1[B]()...) }

// otherwise gives the second argument where there is one, else the error that x is
// missing or unusable.
func otherwise(args []any, name, wanted string) (any, error) {
	if len(args) > 1 {
		return args[1], nil
	}
	if args[0] == nil {
		return nil, fmt.Errorf("%s(): the value is missing; give a second argument to stand for it", name)
	}
	return nil, fmt.Errorf("%s(): the value is no %s; give a second argument to stand for it", name, wanted)
}

// num(x) and num(x, else): numbers, and texts that are decimal numbers.
func num(args ...any) (any, error) {
	switch v := args[0].(type) {
	case float64:
		return v, nil
	case int:
		return float64(v), nil
	case string:
		if f, ok := parseNumber(v); ok {
			return f, nil
		}
	}
	v, err := otherwise(args, "num", "number")
	if i, ok := v.(int); ok {
		return float64(i), nil
	}
	return v, err
}

// text(x) and text(x, else): whatever can stand in a text, missing values apart.
func text(args ...any) (any, error) {
	if args[0] != nil {
		if s, err := FormatText(args[0]); err == nil {
			return s, nil
		}
	}
	return otherwise(args, "text", "text")
}

// flag(x) and flag(x, else): booleans, the texts true and false, the numbers 1 and 0.
func flag(args ...any) (any, error) {
	switch v := args[0].(type) {
	case bool:
		return v, nil
	case string:
		if v == "true" || v == "false" {
			return v == "true", nil
		}
	case float64:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
	case int:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
	}
	return otherwise(args, "flag", "boolean")
}

// list(x) and list(x, else).
func list(args ...any) (any, error) {
	switch v := args[0].(type) {
	case []any:
		return v, nil
	case []string:
		return anyList(v), nil
	}
	return otherwise(args, "list", "list")
}

func onText(f func(string) string) func(args ...any) (any, error) {
	return func(args ...any) (any, error) {
		s, err := FormatText(args[0])
		if err != nil {
			return nil, err
		}
		return f(s), nil
	}
}

// money(x) writes an amount for people: 12.50.
func money(args ...any) (any, error) {
	m, err := ParseMoney(args[0])
	if err != nil {
		return nil, fmt.Errorf("money(): %w", err)
	}
	return m.String(), nil
}

// phone(x) and phone(x, country): E.164, or "" for what is no number.
func phone(args ...any) (any, error) {
	s, err := FormatText(args[0])
	if err != nil {
		return "", nil // a list is no number, which is an answer here
	}
	country := ""
	if len(args) > 1 {
		country, _ = args[1].(string)
	}
	return ParsePhone(s, country), nil
}

func seconds(args ...any) (any, error) {
	d, ok := args[0].(time.Duration)
	if !ok {
		return nil, errors.New("seconds() takes a duration")
	}
	return d.Seconds(), nil
}

func now(args ...any) (any, error) { return args[0].(*Env).Now, nil }

// format(time, layout, zone): without a zone the one of the Env.
func format(args ...any) (any, error) {
	env := args[0].(*Env)
	t, _ := args[1].(time.Time)
	layout, _ := args[2].(string)
	zone := env.Zone
	if zone == nil {
		zone = time.UTC
	}
	if len(args) > 3 {
		name, _ := args[3].(string)
		z, err := loadZone(name)
		if err != nil {
			return nil, err
		}
		zone = z
	}
	s := t.In(zone).Format(layout)
	return s, env.spend(len(s))
}

// loadZone refuses "Local" and "", whose meaning depends on the machine or is
// easily not what was meant.
func loadZone(name string) (*time.Location, error) {
	if name != "" && name != "Local" {
		if z, err := time.LoadLocation(name); err == nil {
			return z, nil
		}
	}
	return nil, fmt.Errorf("%q is no time zone; write one like Europe/Berlin or UTC", name)
}

var errNotHere = errors.New("this function is not available here")

func visits(args ...any) (any, error) {
	env, state := args[0].(*Env), args[1].(string)
	if env.Visits == nil {
		return nil, errNotHere
	}
	return env.Visits(state), nil
}

func open(args ...any) (any, error) {
	env, hours := args[0].(*Env), args[1].(string)
	if env.Open == nil {
		return nil, errNotHere
	}
	return env.Open(hours), nil
}

func nextOpen(args ...any) (any, error) {
	env, hours := args[0].(*Env), args[1].(string)
	if env.NextOpen == nil {
		return nil, errNotHere
	}
	return env.NextOpen(hours), nil
}
