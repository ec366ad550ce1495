package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
)

// InputProblem is what is wrong with one input of a start or one field of a signal.
type InputProblem struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// ReadInputs types the values that a start or a signal brings: texts, or JSON values of
// the right kind. Every problem is reported, unknown names with the nearest right one.
func ReadInputs(inputs []*Input, given map[string]any) (Values, []InputProblem) {
	values := make(Values, len(inputs))
	var problems []InputProblem
	names := make([]string, len(inputs))
	for i, in := range inputs {
		names[i] = in.Name
		raw, ok := given[in.Name]
		if !ok || raw == nil {
			v, err := in.absent()
			if err != nil {
				problems = append(problems, InputProblem{in.Name, err.Error()})
			}
			values[in.Name] = v
			continue
		}
		v, err := in.Read(raw)
		if err != nil {
			problems = append(problems, InputProblem{in.Name, err.Error()})
		}
		values[in.Name] = v
	}
	for name := range given {
		if !slices.Contains(names, name) {
			msg := "there is no such input"
			if hint := diag.DidYouMean(name, names); hint != "" {
				msg += "; " + hint
			}
			problems = append(problems, InputProblem{name, msg})
		}
	}
	slices.SortFunc(problems, func(a, b InputProblem) int { return strings.Compare(a.Name, b.Name) })
	return values, problems
}

// inboundInput takes the inputs of an inbound call from its request: a parameter of the
// input's name, or the SIP header X-Name. missing names the first that is needed and
// not there or not usable.
func inboundInput(inputs []*Input, fields map[string]string) (values Values, missing string) {
	values = make(Values, len(inputs))
	for _, in := range inputs {
		text, ok := fields[in.Name]
		if !ok {
			for k, v := range fields {
				if strings.HasPrefix(k, "SipHeader_") && sipName(k) == in.Name {
					text, ok = v, true
				}
			}
		}
		var v any
		var err error
		if ok {
			v, err = in.Read(text)
		}
		if !ok || err != nil && in.Optional {
			v, err = in.absent()
		}
		if err != nil && missing == "" {
			missing = in.Name
		}
		values[in.Name] = v
	}
	return values, missing
}

// absent is the value of an input that was not given.
func (in *Input) absent() (any, error) {
	if in.Default != nil {
		return in.Read(*in.Default)
	}
	zero := in.Zero()
	if !in.Optional {
		return zero, fmt.Errorf("it is missing (%s)", in.Expects())
	}
	return zero, nil
}

// Zero is what expressions read of an input that is optional and missing.
func (in *Input) Zero() any {
	switch in.Type {
	case InputNumber:
		return float64(0)
	case InputBoolean:
		return false
	case InputDuration:
		return time.Duration(0)
	}
	return ""
}

// Expects says in words what the input takes.
func (in *Input) Expects() string {
	switch in.Type {
	case InputPhone:
		return "a phone number like +15551234567"
	case InputNumber:
		return "a number"
	case InputBoolean:
		return "true or false"
	case InputDuration:
		return "a duration like 30s or 1h30m"
	case InputChoice:
		return "one of " + strings.Join(in.Values, ", ")
	}
	return "a text"
}

// Read types one value: its text, or a JSON value of the input's type.
func (in *Input) Read(raw any) (any, error) {
	text, isText := raw.(string)
	if !isText {
		switch v := raw.(type) {
		case bool:
			text = strconv.FormatBool(v)
		case float64, int, int64:
			text = fmt.Sprint(v)
			if f, ok := raw.(float64); ok {
				text = strconv.FormatFloat(f, 'f', -1, 64)
			}
		default:
			return in.Zero(), fmt.Errorf("it has to be %s", in.Expects())
		}
	}
	v, ok := in.parse(text)
	if !ok {
		return in.Zero(), fmt.Errorf("%q is not %s", text, in.Expects())
	}
	return v, nil
}

func (in *Input) parse(text string) (any, bool) {
	switch in.Type {
	case InputPhone:
		return text, expr.IsPhone(text) || in.Optional && text == ""
	case InputNumber:
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	case InputBoolean:
		return text == "true", text == "true" || text == "false"
	case InputDuration:
		d, err := expr.ParseDuration(text)
		return d, err == nil
	case InputChoice:
		return text, slices.Contains(in.Values, text) || in.Optional && text == ""
	}
	return text, true
}
