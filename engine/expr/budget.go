package expr

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The functions here are the ones through which a value can grow. The library
// counts list elements, but neither the bytes of a text nor the rounds of a loop,
// so that doubling a text thirty times would take gigabytes.

// Names of the functions that only compiled code calls; no source can spell them.
const (
	fieldName  = "(field)"
	getName    = "(get)"
	concatName = "(concat)"
	roundName  = "(round)"
	madeName   = "(made)"
)

// field reads a field of an object with the static type kind. What is not there is
// the zero value of the type, so that typed names are never nothing; a field of
// something that has none is nothing.
func field(base any, name string, kind Kind) (any, error) {
	m, _ := base.(map[string]any)
	v := m[name]
	if kind == Any || kind == Nil {
		return v, nil
	}
	switch got := kindOf(v); {
	case got == Nil:
		return zero(kind), nil
	case got == kind, kind == Object && got == Map:
		if i, ok := v.(int); ok {
			return float64(i), nil
		}
		return v, nil
	default:
		return nil, fmt.Errorf("%s is %s, but was declared as %s", name, got.phrase(), kind)
	}
}

func fieldCall(args ...any) (any, error) {
	return field(args[0], args[1].(string), Kind(args[2].(int)))
}

// getCall reads a field or an element of an untyped value: nothing where there is
// none.
func getCall(args ...any) (any, error) {
	switch base := args[0].(type) {
	case map[string]any:
		if name, ok := args[1].(string); ok {
			return base[name], nil
		}
	case []any:
		i, ok := args[1].(int)
		if f, isFloat := args[1].(float64); isFloat && f == float64(int(f)) {
			i, ok = int(f), true
		}
		if i < 0 {
			i += len(base)
		}
		if ok && i >= 0 && i < len(base) {
			return base[i], nil
		}
	case map[any][]any: // what groupBy gives
		if _, ok := args[1].(string); ok || kindOf(args[1]) != Any {
			if v, found := base[args[1]]; found {
				return v, nil
			}
		}
	}
	return nil, nil
}

func concatCall(args ...any) (any, error) {
	a, _ := args[1].(string)
	b, _ := args[2].(string)
	if err := args[0].(*Env).spend(len(a) + len(b)); err != nil {
		return nil, err
	}
	return a + b, nil
}

// roundCall counts one round of a loop.
func roundCall(args ...any) (any, error) { return nil, args[0].(*Env).spend(roundCost) }

// madeCall counts a list or object that was just made, with all that it holds: a
// list that holds itself twice, again and again, is small in memory but endless
// for whoever walks it.
func madeCall(args ...any) (any, error) {
	env := args[0].(*Env)
	weight, err := weigh(args[1], maxWork-env.work)
	if err != nil {
		return nil, err
	}
	return args[1], env.spend(weight)
}

// weigh gives the cost of a value; an error when it is more than limit.
func weigh(v any, limit int) (int, error) {
	sum := madeCost
	add := func(v any) error {
		w, err := weigh(v, limit-sum)
		sum += w
		return err
	}
	switch v := v.(type) {
	case string:
		sum += len(v)
	case []any:
		for _, e := range v {
			if err := add(e); err != nil {
				return sum, err
			}
		}
	case map[string]any:
		for k, e := range v {
			sum += len(k)
			if err := add(e); err != nil {
				return sum, err
			}
		}
	case []string:
		for _, e := range v {
			sum += len(e) + madeCost
		}
	}
	if sum > limit {
		return sum, errBudget
	}
	return sum, nil
}

// toJSON(x) writes compact JSON with sorted names.
func toJSON(args ...any) (any, error) {
	env := args[0].(*Env)
	weight, err := weigh(args[1], maxWork-env.work)
	if err != nil {
		return nil, err
	}
	if err := env.spend(weight); err != nil {
		return nil, err
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(jsonValue(args[1])); err != nil {
		return nil, errors.New("toJSON(): the value cannot be written as JSON")
	}
	return strings.TrimSuffix(b.String(), "\n"), env.spend(b.Len())
}

// jsonValue writes durations as text, as flow files do, instead of nanoseconds.
func jsonValue(v any) any {
	switch v := v.(type) {
	case time.Duration:
		return formatDuration(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = jsonValue(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = jsonValue(e)
		}
		return out
	}
	return v
}

// join(list) and join(list, separator): of anything that can stand in a text.
func join(args ...any) (any, error) {
	env, sep := args[0].(*Env), ""
	if len(args) > 2 {
		sep, _ = args[2].(string)
	}
	items, ok := args[1].([]any)
	if texts, isText := args[1].([]string); isText {
		items, ok = anyList(texts), true
	}
	if !ok {
		return nil, errors.New("join() takes a list")
	}
	var b strings.Builder
	for i, v := range items {
		s, err := FormatText(v)
		if err != nil {
			return nil, fmt.Errorf("join(): %w", err)
		}
		if i > 0 {
			s = sep + s
		}
		if err := env.spend(len(s)); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// replace(text, old, new) and with a fourth argument the most replacements.
func replace(args ...any) (any, error) {
	env := args[0].(*Env)
	s, _ := args[1].(string)
	old, _ := args[2].(string)
	with, _ := args[3].(string)
	n := strings.Count(s, old)
	if len(args) > 4 {
		if most, _ := args[4].(int); most >= 0 {
			n = min(n, most)
		}
	}
	if err := env.spend(len(s) + n*max(0, len(with)-len(old))); err != nil {
		return nil, err
	}
	return strings.Replace(s, old, with, n), nil
}

func repeat(args ...any) (any, error) {
	env := args[0].(*Env)
	s, _ := args[1].(string)
	n, _ := args[2].(int)
	if n < 0 {
		return nil, errors.New("repeat() takes a number that is not negative")
	}
	if n > maxWork {
		return nil, errBudget
	}
	if err := env.spend(len(s) * n); err != nil {
		return nil, err
	}
	return strings.Repeat(s, n), nil
}

func toBase64(args ...any) (any, error) {
	s, _ := args[1].(string)
	if err := args[0].(*Env).spend(base64.StdEncoding.EncodedLen(len(s))); err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), nil
}
