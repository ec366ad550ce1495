package engine_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

// golden compares a text with the file of that name in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

const languageFlow = `flow: languages
answer: hello
defaults:
  from: "+15005550006"
  voice: Polly.Joanna-Neural
  language: en-US
  music: {play: "https://example.com/${leg.language}/music.mp3"}
  apology: [{say: {en: Sorry., fr: Désolé.}}, {play: "https://example.com/${leg.language}/sorry.mp3"}]
languages: {en: {language: en-CA}, fr: {language: fr-CA, voice: Polly.Gabrielle}}
vars: {count: 0}
states:
  hello:
    prompt: [{say: For English press 1., language: en}, {say: "Pour le français, le 2.", language: fr}, {say: Hola., language: es-MX, voice: Polly.Mia}]
    gather: {choices: {1: [{language: en}, {goto: menu}], 2: [{language: fr}, {goto: menu}], 3: [{language: "${event.digits}"}]}, tries: 2}
    next: menu
  menu:
    prompt: [{say: {en: "Sales or support?", fr: "Ventes ou soutien?"}}, {play: "https://example.com/${leg.language}/tone.mp3"}]
    gather:
      words: {wait: {en: [sales], fr: [ventes]}, ask: [agent]}
      hints: {en: [sales, agent], fr: [ventes, agent]}
      sorry: {say: {en: "Sorry?", fr: "Pardon?"}}
      again: [{say: {en: "Sales?", fr: "Ventes?"}}]
      tries: 2
    next: broken
  wait:
    hold: {music: [{say: {en: Wait., fr: Attendez.}}, {play: "https://example.com/${leg.language}/wait.mp3"}]}
    after: {10m: hangup}
    on: {agent.answered: hangup}
  ask:
    do: [{call: {leg: agent, to: "+15550009999", state: told}}]
    prompt: Un instant.
    next: wait
  told:
    do: [{log: "begins in ${leg.language}"}, {language: "${legs.caller.language}"}]
    prompt: {say: {en: A caller., fr: Un client.}}
    next: hangup
  broken:
    prompt: "${1 / vars.count == 1 ? 'a' : list(vars.count)[3]}"
    next: hangup
`

// TestLanguages holds the documents of a call in each language.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for key, name := range map[string]string{"1": "en", "2": "fr"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, compile(t, "languages.yaml", languageFlow)).inbound()
			var docs strings.Builder
			keep := func() {
				docs.WriteString(strings.TrimPrefix(d.doc(1), `<?xml version="1.0" encoding="UTF-8"?>`) + "\n")
			}
			keep()
			d.act(1, "Digits", key).state(1, "menu")
			keep()
			d.act(1, "Digits", "").state(1, "menu")
			keep()
			if got := d.s.Leg(1).Language; got != name {
				t.Errorf("the leg keeps the language %q", got)
			}
			word := map[string]string{"en": "sales", "fr": "ventes"}
			other := map[string]string{"en": "ventes", "fr": "sales"}[name]
			d.act(1, "SpeechResult", word[name]).state(1, "wait")
			docs.Write(engine.Wait(d.c, d.s, 1, d.s.Leg(1).Turn, engine.URLLoop, nil))
			docs.WriteString("\n")
			docs.Write(engine.Apology(d.c, d.s, 1))
			docs.WriteString("\n")
			golden(t, "languages-"+name+".xml", docs.String())

			d = drive(t, compile(t, "languages.yaml", languageFlow)).inbound()
			d.act(1, "Digits", key).act(1, "SpeechResult", other).state(1, "menu").act(1, "SpeechResult", "an agent").state(1, "wait").hears(1, "Un instant.")
		})
	}
}

// A phrase of another language is a miss, and a called leg begins in the first language.
func TestCalledLegsBeginInTheFirstLanguage(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "languages.yaml", languageFlow)).inbound()
	d.act(1, "Digits", "2").act(1, "SpeechResult", "agent").state(1, "wait")
	e := d.take(engine.PlaceCall)
	d.result(e, engine.Result{OK: true, SID: "CA2"})
	d.hook(engine.KindStart, 2, 0, "CallStatus", "in-progress").state(2, "told").hears(2, `language="fr-CA">Un client.`)
	for _, e := range d.last.Trace {
		if e.What == "log" && e.Text != "begins in en" {
			t.Errorf("the called leg %s", e.Text)
		}
	}
}

// What no language is called is a fault, and the caller hears the apology of the own one.
func TestAnUnknownLanguageIsAFault(t *testing.T) {
	t.Parallel()
	d := drive(t, compile(t, "languages.yaml", languageFlow)).inbound()
	d.act(1, "Digits", "3").hears(1, "Sorry.", "https://example.com/en/sorry.mp3", "<Hangup/>")
	if got := engine.StaticFallback(d.c); !strings.Contains(string(got), `language="en-CA">Sorry.`) {
		t.Errorf("what a call hears that nobody can store: %s", got)
	}
}

const (
	outerFlow = `flow: outer
answer: hello
languages: {en: {language: en-US}, fr: {language: fr-CA}}
states:
  hello: {do: [{language: fr}], prompt: {say: {en: Hello., fr: Bonjour.}}, next: inner}
  inner: {run: {flow: inner}, next: bye}
  bye: {prompt: {say: {en: Bye., fr: Salut.}}, next: hangup}
`
	innerFlow = `flow: inner
answer: ask
languages: {de: {language: de-DE}, fr: {language: fr-FR}, en: {language: en-GB}}
states:
  ask: {prompt: {say: {de: "Ja?", fr: "Oui?", en: "Yes?"}}, gather: {choices: {1: [{language: en}, {goto: done}], 2: [{language: de}, {goto: done}]}}, next: done}
  done: {prompt: {say: {de: Gut., fr: Bon., en: Good.}}, next: return}
`
)

// In a flow that another one runs the leg keeps its language by name, and brings back the
// one that was chosen there, as far as the outer flow has it.
func TestLanguagesOfSubFlows(t *testing.T) {
	t.Parallel()
	for digits, wants := range map[string][]string{
		"1": {`en-GB">Good.`, `en-US">Bye.`},
		"2": {`de-DE">Gut.`, `en-US">Bye.`},
		"":  {`fr-FR">Bon.`, `fr-CA">Salut.`},
	} {
		c := closureOf(t, "outer", map[string]string{"outer.yaml": outerFlow, "inner.yaml": innerFlow})
		d := drive(t, c).inbound().hears(1, `fr-CA">Bonjour.`)
		d.act(1).hears(1, `fr-FR">Oui?`)
		d.act(1, "Digits", digits).hears(1, wants[0])
		d.hook(engine.KindEnd, 1, d.s.Leg(1).Turn, "CallStatus", "in-progress").hears(1, wants[1])
	}
}
