package twilio

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// fill sets the fields of one of twilio-go's parameter structs, given by pointer,
// from parameters by Twilio's names. Each field is a pointer whose type says how
// the text is read; a slice means that Twilio takes the parameter repeatedly.
func fill(op string, into any, params map[string]string) error {
	v := reflect.ValueOf(into).Elem()
	for name, text := range params {
		// PathAccountSid would change the account, Limit is twilio-go's own.
		field := v.FieldByName(name)
		if !field.IsValid() || name == "PathAccountSid" || name == "Limit" {
			return &Error{Op: op, Outcome: Refused, Message: "Twilio knows no parameter " + strconv.Quote(name) + " here"}
		}
		value, err := parseParam(field.Type().Elem(), text)
		if err != nil {
			return &Error{Op: op, Outcome: Refused, Message: fmt.Sprintf("parameter %s: %v", name, err)}
		}
		p := reflect.New(field.Type().Elem())
		p.Elem().Set(value)
		field.Set(p)
	}
	return nil
}

func parseParam(t reflect.Type, text string) (reflect.Value, error) {
	var (
		value any
		err   error
	)
	switch reflect.Zero(t).Interface().(type) {
	case string:
		value = text
	case []string:
		value = strings.Fields(text)
	case int:
		if value, err = strconv.Atoi(text); err != nil {
			err = fmt.Errorf("%.40q is not a whole number", text)
		}
	case bool:
		if value, err = strconv.ParseBool(text); err != nil {
			err = fmt.Errorf("%.40q is neither true nor false", text)
		}
	case time.Time:
		if value, err = time.Parse(time.RFC3339, text); err != nil {
			err = fmt.Errorf("%.40q is not a time like 2030-01-31T12:00:00Z", text)
		}
	default:
		return reflect.Value{}, fmt.Errorf("cannot be given (type %s)", t)
	}
	if err != nil {
		return reflect.Value{}, err
	}
	return reflect.ValueOf(value), nil
}

// pathPart makes sid fit for one part of a path; participants may be addressed by
// a label, which may hold anything. An empty part would address another resource.
func pathPart(op, what, sid string) (string, error) {
	if sid == "" || sid == "." || sid == ".." {
		return "", &Error{Op: op, Outcome: Refused, Message: "no " + what + " is given"}
	}
	return url.PathEscape(sid), nil
}
