package schema

import (
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/verbs"
)

// TestReferenceIsCurrent holds the committed page to the declarations.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	text := Reference()
	golden(t, "REFERENCE.md", []byte(text))
	if text != Reference() {
		t.Error("the page is another one the second time")
	}
}

// exampleFlow declares all that the examples of the page name. %verb% and %step% are
// where one is put.
const exampleFlow = `flow: example
env: [AGENT, BILLING_URL]
input: {other: {type: text}}
vars: {tries: 0, rate: 1.5}
defaults: {from: "+15005550006"}
languages: {en: {language: en-US}, fr: {language: fr-CA}}
answer: first
states:
  first:
    %verb%
  second:
    prompt: Hello.
    do:
      - %step%
    next: meeting
  meeting:
    conference: {room: line}
    meter: {leg: agent, balance: 5, rate: 0.1, per: 1m}
    on:
      timer.retry: hangup
      meter.empty: hangup
      left:
        - call: {leg: agent, to: "+15005550001", state: talk}
        - timer: {name: retry, after: 1m}
    next: hangup
  talk: {prompt: Hello., next: hangup}
  sales: {prompt: Hello., next: hangup}
  support: {prompt: Hello., next: hangup}
  mailbox: {prompt: Hello., next: hangup}
  on-hold: {hold: {}, after: {1m: hangup}}
`

// subFlow is made to be run by another one; some steps stand only in such.
const subFlow = `flow: opening
input: {team: {type: text}}
output: {status: {type: text}}
answer: first
states:
  first:
    prompt: Hi.
    do: [{if: "leg.language == 'x'", log: x}, {%step%}]
    next: return
`

// unrelated are problems of the frame that an example stands in, not of the example.
var unrelated = map[string]bool{"unreachable-state": true, "never-used": true}

func TestExamplesLoad(t *testing.T) {
	t.Parallel()
	opening := strings.ReplaceAll(subFlow, "%step%", "return: {status: x}")
	problems := func(frame, verb, step string) (out diag.List) {
		src := strings.NewReplacer("%verb%", verb, "%step%", step).Replace(frame)
		_, diags := NewLoader(Options{}).Load(map[string][]byte{"example.yaml": []byte(src), "opening.yaml": []byte(opening)})
		for _, d := range diags {
			if d.Severity == diag.Error && d.Pos.File == "example.yaml" && !unrelated[d.Code] {
				out = append(out, d)
			}
		}
		return out
	}
	load := func(t *testing.T, verb, step string) {
		t.Helper()
		if list := problems(exampleFlow, verb, step); list.HasErrors() && problems(strings.Replace(subFlow, "opening", "example", 1), verb, step).HasErrors() {
			t.Error(list.Err())
		}
	}
	const verb, step = "prompt: Hello.\n    next: second", "log: x"
	for _, k := range verbs.All() {
		t.Run("verb "+k.Name, func(t *testing.T) {
			t.Parallel()
			if k.Example == "" || k.Doc == "" || strings.TrimSpace(k.Name) == "" {
				t.Fatal("the declaration has no example or no doc")
			}
			next := "\n    next: second"
			if k.Ends || k.Endless {
				next = "\n    after: {1m: second}"
			}
			if k.Ends {
				next = ""
			}
			load(t, k.Example+next, step)
		})
	}
	for _, k := range steps.All() {
		t.Run("step "+k.Name, func(t *testing.T) {
			t.Parallel()
			if k.Example == "" || k.Doc == "" {
				t.Fatal("the declaration has no example or no doc")
			}
			load(t, verb, k.Example)
		})
	}
}

func TestExamplesOfTheFileLoad(t *testing.T) {
	t.Parallel()
	examples := 0
	for _, part := range fileParts() {
		if part.example == "" {
			continue
		}
		examples++
		src := "flow: example\nanswer: first\n" + part.example + "\nstates: {first: {prompt: Hello., next: hangup}}\n"
		if _, diags := Load(map[string][]byte{"example.yaml": []byte(src)}, nil); diags.HasErrors() {
			t.Errorf("%s: %v", part.name, diags.Err())
		}
	}
	if examples == 0 {
		t.Error("no part has an example")
	}
}

// TestFieldsAreDocumented: no row of the page is without a meaning and a type.
func TestFieldsAreDocumented(t *testing.T) {
	t.Parallel()
	check := func(of string, fields []spec.FieldDoc) {
		for _, f := range fields {
			if f.Doc == "" || f.Type == "" {
				t.Errorf("%s.%s: type %q, doc %q", of, f.Name, f.Type, f.Doc)
			}
		}
	}
	for _, k := range verbs.All() {
		check(k.Name, k.Fields)
	}
	for _, k := range steps.All() {
		check(k.Name, k.Fields)
	}
}
