package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
)

// EncodeSession gives the stored form of a session: JSON in which every value keeps its
// type. Durations, times and whole numbers are tagged, because JSON does not tell them
// from texts and decimals.
func EncodeSession(s *Session) ([]byte, error) {
	b, err := encode((*storedSession)(s))
	if err != nil {
		return nil, fmt.Errorf("session %s cannot be stored: %w", s.ID, err)
	}
	if len(b) > maxSession {
		return nil, &Fault{Reason: "limit", Err: fmt.Errorf("the session has %d bytes; at most %d are stored: save less", len(b), maxSession)}
	}
	return b, nil
}

// maxSession is the most bytes of a stored session.
const maxSession = 256 << 10

// DecodeSession reads the stored form of a session.
func DecodeSession(b []byte) (*Session, error) {
	var s storedSession
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("a stored session cannot be read: %w", err)
	}
	if s.Format > SessionFormat {
		return nil, fmt.Errorf("session %s has format %d; this version reads up to %d", s.ID, s.Format, SessionFormat)
	}
	return (*Session)(&s), nil
}

type storedSession Session

// EncodeTrace gives the stored form of the history of one commit: a JSON array.
func EncodeTrace(trace []Entry) ([]byte, error) { return encode(trace) }

// encode writes JSON in which TwiML stays readable: < and > as they are.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(2 << 10)
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// MarshalJSON writes the values with their types.
func (v Values) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("null"), nil
	}
	tagged, err := tag(map[string]any(v))
	if err != nil {
		return nil, err
	}
	return json.Marshal(tagged)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Values) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return err
	}
	if raw == nil {
		*v = nil
		return nil
	}
	m, err := untag(raw)
	if err != nil {
		return err
	}
	values, ok := m.(map[string]any)
	if !ok {
		return fmt.Errorf("values are no mapping")
	}
	*v = values
	return nil
}

// The tags of types that JSON does not know. A map of the flow's own that has such a
// key as its only one is wrapped itself, so nothing is mistaken.
const (
	tagInt      = "\u0000int"
	tagDuration = "\u0000duration"
	tagTime     = "\u0000time"
)

func tag(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, float64:
		return v, nil
	case int:
		return map[string]string{tagInt: strconv.Itoa(v)}, nil
	case int64:
		return map[string]string{tagInt: strconv.FormatInt(v, 10)}, nil
	case expr.Money:
		return v.Float(), nil
	case time.Duration:
		return map[string]string{tagDuration: v.String()}, nil
	case time.Time:
		return map[string]string{tagTime: v.UTC().Format(time.RFC3339Nano)}, nil
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			t, err := tag(item)
			if err != nil {
				return nil, err
			}
			out[i] = t
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			t, err := tag(item)
			if err != nil {
				return nil, err
			}
			out[k] = t
		}
		return out, nil
	}
	return nil, fmt.Errorf("a value of the type %T cannot be stored", v)
}

func untag(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		return v.Float64()
	case []any:
		for i, item := range v {
			u, err := untag(item)
			if err != nil {
				return nil, err
			}
			v[i] = u
		}
		return v, nil
	case map[string]any:
		if len(v) == 1 {
			for k, item := range v {
				if text, ok := item.(string); ok && len(k) > 0 && k[0] == 0 {
					return untagText(k, text)
				}
			}
		}
		for k, item := range v {
			u, err := untag(item)
			if err != nil {
				return nil, err
			}
			v[k] = u
		}
		return v, nil
	}
	return v, nil
}

func untagText(kind, text string) (any, error) {
	switch kind {
	case tagInt:
		return strconv.Atoi(text)
	case tagDuration:
		return time.ParseDuration(text)
	case tagTime:
		return time.Parse(time.RFC3339Nano, text)
	}
	return nil, fmt.Errorf("a stored value has the unknown type %q", kind)
}
