package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

// TestTrace: the history has every change of a variable and what was asked for, and no
// secret.
func TestTrace(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "a.yaml", `flow: a
secrets: [TOKEN]
answers: ["+15005550006"]
vars: {tries: 0, name: "", pause: 0s}
answer: one
states:
  one:
    do:
      - set: {tries: "${vars.tries + 1}", name: "Ann ${leg.from}", pause: 90s}
      - http: {post: "https://api.example.com/x", headers: {Authorization: "Bearer ${secrets.TOKEN}"}, json: {key: "${secrets.TOKEN}"}, save: reply}
    prompt: Hello.
    next: hangup
`)).inbound()
	trace := d.last.Trace
	d.result(d.take(engine.HTTPCall), engine.Result{OK: true, Status: 200, Body: map[string]any{"balance": "1.00"}})
	trace = append(trace, d.last.Trace...)
	got := map[string]string{}
	for _, e := range trace {
		switch e.What {
		case "var":
			got[e.Name] = e.Text
		case "effect":
			got[e.Name] = e.Fields["method"] + " " + e.Fields["url"] + " " + e.Fields["body"]
		}
	}
	for name, want := range map[string]string{
		"tries": "1", "name": "Ann +1555000", "pause": "1m30s", "reply": `"balance":"1.00"`, "http": "POST https://api.example.com/x {\"key\":",
	} {
		if !strings.Contains(got[name], want) {
			t.Errorf("%s: the history has %q, want %q", name, got[name], want)
		}
	}
	all, err := json.Marshal(trace)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(all), "s3cret") {
		t.Errorf("a secret is in the history: %s", all)
	}
}
