package engine

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func inputs() []*Input {
	def := "30s"
	return []*Input{
		{Name: "to", Type: InputPhone},
		{Name: "back", Type: InputPhone, Optional: true},
		{Name: "text", Type: InputText, Optional: true},
		{Name: "count", Type: InputNumber, Optional: true},
		{Name: "loud", Type: InputBoolean, Optional: true},
		{Name: "wait", Type: InputDuration, Default: &def},
		{Name: "kind", Type: InputChoice, Values: []string{"a", "b"}, Optional: true},
	}
}

func TestReadInputs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		given    map[string]any
		want     Values
		problems string
	}{
		{"least", map[string]any{"to": "+15551234567"},
			Values{"to": "+15551234567", "back": "", "text": "", "count": 0.0, "loud": false, "wait": 30 * time.Second, "kind": ""}, ""},
		{"as JSON", map[string]any{"to": "+15551234567", "count": 2.5, "loud": true, "wait": "1m", "kind": "b", "text": "hi", "back": nil},
			Values{"to": "+15551234567", "back": "", "text": "hi", "count": 2.5, "loud": true, "wait": time.Minute, "kind": "b"}, ""},
		{"as text", map[string]any{"to": "+15551234567", "count": "2.5", "loud": "true", "back": ""},
			Values{"to": "+15551234567", "back": "", "text": "", "count": 2.5, "loud": true, "wait": 30 * time.Second, "kind": ""}, ""},
		{"json.Number", map[string]any{"to": "+15551234567", "count": json.Number("7")},
			Values{"to": "+15551234567", "back": "", "text": "", "count": 7.0, "loud": false, "wait": 30 * time.Second, "kind": ""}, ""},
		{"all wrong", map[string]any{"to": "030", "back": 5.0, "text": []any{}, "count": "many", "loud": "yes", "wait": "30", "kind": "c", "knid": "a", "zzz": 1},
			nil, `to: "030" is not a phone number like +15551234567
back: must be a phone number like +15551234567
text: must be a text
count: "many" is not a number
loud: "yes" is not true or false
wait: "30" is not a duration like 30s, 5m or 1h30m
kind: "c" is not one of a, b
knid: there is no such input; did you mean kind?
zzz: there is no such input; it can be to, back, text, count, loud, wait, kind`},
		{"nothing", nil, nil, "to: is required"},
		{"not finite", map[string]any{"to": "+15551234567", "count": "NaN"}, nil, `count: "NaN" is not a number`},
		{"too long", map[string]any{"to": "+15551234567", "text": strings.Repeat("x", MaxInputText+1)}, nil, "text: is too long: 4097 bytes, at most 4096"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, problems := ReadInputs(inputs(), tt.given)
			var lines []string
			for _, p := range problems {
				lines = append(lines, p.Name+": "+p.Message)
			}
			if text := strings.Join(lines, "\n"); text != tt.problems {
				t.Errorf("problems\n%s\nwant\n%s", text, tt.problems)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestInboundInput(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"to": "+15551234567", "SipHeader_X-Count": "3", "SipHeader_x-kind": "b", "From": "client:ann"}
	got, missing := inboundInput(inputs(), fields)
	if missing != "" || got["to"] != "+15551234567" || got["count"] != 3.0 || got["kind"] != "b" || got["wait"] != 30*time.Second {
		t.Errorf("got %v, missing %q", got, missing)
	}
	got, missing = inboundInput(inputs(), map[string]string{"to": "nobody", "count": "x"})
	if missing != "to" || got["to"] != "" || got["count"] != 0.0 {
		t.Errorf("got %v, missing %q", got, missing)
	}
}
