package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// InputTypes are the words that a flow may write for the type of an input.
var InputTypes = []string{
	string(InputPhone), string(InputText), string(InputNumber),
	string(InputBoolean), string(InputDuration), string(InputChoice),
}

// MaxInputText is the longest text of an input, in bytes.
const MaxInputText = 4096

// Type is what expressions see of an input of type t.
func (t InputType) Type() expr.Type {
	switch t {
	case InputNumber:
		return expr.Of(expr.Number)
	case InputBoolean:
		return expr.Of(expr.Bool)
	case InputDuration:
		return expr.Of(expr.Duration)
	}
	return expr.Of(expr.Text)
}

// zero is what an optional input is when nobody gives it.
func (t InputType) zero() any {
	switch t {
	case InputNumber:
		return float64(0)
	case InputBoolean:
		return false
	case InputDuration:
		return time.Duration(0)
	}
	return ""
}

// Problem is one reason why a start or a signal is refused.
type Problem struct {
	Name    string `json:"name"` // of the input
	Message string `json:"message"`
}

// ReadInputs reads what a start or a signal brings. Values are given as JSON knows them
// or as their text ("+15551234567", "5", "true", "30s"); the result has a value of the
// declared type for every input. All problems are told at once, in the order of the
// declaration and then unknown names by the alphabet; the values are nil then.
func ReadInputs(inputs []*Input, given map[string]any) (Values, []Problem) {
	values := make(Values, len(inputs))
	var problems []Problem
	names := make([]string, 0, len(inputs))
	for _, in := range inputs {
		names = append(names, in.Name)
		v, err := in.Read(given[in.Name])
		if err != nil {
			problems = append(problems, Problem{in.Name, err.Error()})
			continue
		}
		values[in.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(names, name) {
			continue
		}
		message := "there is no such input"
		if hint := diag.DidYouMean(name, names); hint != "" {
			message += "; " + hint
		}
		problems = append(problems, Problem{name, message})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return values, nil
}

// Read gives the typed value of one input. Nil stands for "not given": the default, or
// the zero value of an optional input.
func (in *Input) Read(given any) (any, error) {
	if given == nil {
		switch {
		case in.Default != nil:
			return in.parse(*in.Default)
		case in.Optional:
			return in.Type.zero(), nil
		}
		return nil, fmt.Errorf("is required")
	}
	switch v := given.(type) {
	case string:
		return in.parse(v)
	case bool:
		if in.Type == InputBoolean {
			return v, nil
		}
	case float64, int, int64, json.Number:
		if in.Type == InputNumber {
			return in.parse(fmt.Sprint(v))
		}
	}
	return nil, fmt.Errorf("must be %s", in.wants())
}

// parse reads the text form of a value.
func (in *Input) parse(text string) (any, error) {
	bad := fmt.Errorf("%q is not %s", shortText(text), in.wants())
	if len(text) > MaxInputText {
		return nil, fmt.Errorf("is too long: %d bytes, at most %d", len(text), MaxInputText)
	}
	switch in.Type {
	case InputPhone:
		if text == "" && in.Optional {
			return "", nil
		}
		if !expr.IsPhone(text) {
			return nil, bad
		}
	case InputNumber:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return nil, bad
		}
		return n, nil
	case InputBoolean:
		if text != "true" && text != "false" {
			return nil, bad
		}
		return text == "true", nil
	case InputDuration:
		v, err := expr.ParseDuration(text)
		if err != nil {
			return nil, bad
		}
		return v, nil
	case InputChoice:
		if !slices.Contains(in.Values, text) {
			return nil, bad
		}
	}
	return text, nil
}

// wants says what a value must look like.
func (in *Input) wants() string {
	switch in.Type {
	case InputPhone:
		return "a phone number like +15551234567"
	case InputNumber:
		return "a number"
	case InputBoolean:
		return "true or false"
	case InputDuration:
		return "a duration like 30s, 5m or 1h30m"
	case InputChoice:
		return "one of " + strings.Join(in.Values, ", ")
	}
	return "a text"
}

func shortText(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}

// inboundInput reads the inputs of an inbound call: the request parameter of the same
// name, which is what connect() of the Voice SDK sends, or the SIP header X-Name, which
// arrives as SipHeader_X-Name. missing is the first input that is required and not there,
// or unreadable.
func inboundInput(inputs []*Input, fields map[string]string) (values Values, missing string) {
	values = make(Values, len(inputs))
	for _, in := range inputs {
		v, err := in.Read(inboundValue(in.Name, fields))
		if err != nil {
			v = in.Type.zero()
			if missing == "" {
				missing = in.Name
			}
		}
		values[in.Name] = v
	}
	return values, missing
}

func inboundValue(name string, fields map[string]string) any {
	if v, ok := fields[name]; ok {
		return v
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		if strings.HasPrefix(k, "SipHeader_") && sipName(k) == name {
			return fields[k]
		}
	}
	return nil
}
