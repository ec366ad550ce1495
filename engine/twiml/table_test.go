package twiml

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reference holds facts about Twilio beside the checkout; tests that need them
// are skipped where it is absent.
const reference = "../../../shared/reference"

type schemaFile struct {
	Elements map[string]struct {
		XML        string
		Children   []string
		Text       string
		Attributes map[string]struct {
			Type   string
			Values []string
			Item   struct{ Values []any }
		}
	}
}

func readSchema(t *testing.T) schemaFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(reference, "twiml_schema.json"))
	if err != nil {
		t.Skip("no reference beside the checkout")
	}
	var s schemaFile
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTableIsComplete compares the table with what Twilio's own libraries know.
func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	for key, want := range schema.Elements {
		spec, ok := Lookup(want.XML)
		if key == "ReferSip" {
			refer, _ := Lookup("Refer")
			spec, ok = refer.Child("Sip")
		}
		if !ok {
			t.Errorf("%s: not in the table", want.XML)
			continue
		}
		for name, attr := range want.Attributes {
			as, ok := spec.Attr(name)
			if !ok {
				t.Errorf("%s: no attribute %s", want.XML, name)
				continue
			}
			words := attr.Values
			for _, v := range attr.Item.Values {
				words = append(words, v.(string))
			}
			for _, w := range words {
				if err := as.Check(w); err != nil {
					t.Errorf("%s@%s: %v", want.XML, name, err)
				}
			}
			if attr.Type == "boolean" && as.Check("true") != nil {
				t.Errorf("%s@%s: refuses true", want.XML, name)
			}
		}
		var children []string
		for _, c := range want.Children {
			// The libraries allow two nouns at the top, where they mean nothing.
			if key == "VoiceResponse" && (c == "Prompt" || c == "Queue") {
				continue
			}
			children = append(children, schema.Elements[c].XML)
		}
		got := slices.Clone(spec.Children)
		slices.Sort(children)
		slices.Sort(got)
		if !slices.Equal(children, got) {
			t.Errorf("%s: children %v, want %v", want.XML, got, children)
		}
		if want.Text != "" && spec.Text.Use == NoText {
			t.Errorf("%s: holds text", want.XML)
		}
	}
	if len(schema.Elements) != len(All()) {
		t.Errorf("the table has %d elements, the schema %d", len(All()), len(schema.Elements))
	}
}

// TestCodesHaveTheirLevel compares every code of the table and the checker with
// Twilio's dictionary.
func TestCodesHaveTheirLevel(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(reference, "twilio_error_codes_voice.tsv"))
	if err != nil {
		t.Skip("no reference beside the checkout")
	}
	defer f.Close()
	levels := map[int]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if parts := strings.Split(lines.Text(), "\t"); len(parts) > 1 {
			if code, err := strconv.Atoi(parts[0]); err == nil {
				levels[code] = parts[1]
			}
		}
	}
	codes := errorCodes()
	if !slices.IsSorted(codes) {
		t.Error("the codes are not sorted")
	}
	for _, s := range All() {
		codes = append(codes, s.NestCode, s.Text.Code, s.Text.CodeShort)
		for i := range s.Attrs {
			codes = append(codes, s.Attrs[i].Code)
		}
	}
	codes = append(codes, 13000, 13215, 13223, 13253, 13321, 13322, 13335, 13430, 13520, 13521, 13615, CodeSchema)
	for _, code := range codes {
		if code == 0 {
			continue
		}
		if want := levels[code] == "ERROR"; levels[code] == "" || want != fatal(code) {
			t.Errorf("%d: level %q, fatal %v", code, levels[code], fatal(code))
		}
	}
}

// TestTableIsSound checks what every declaration owes.
func TestTableIsSound(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		if s.Doc == "" || s.Source == "" {
			t.Errorf("%s: no doc or source", s.Name)
		}
		for _, c := range s.Children {
			if _, ok := s.Child(c); !ok {
				t.Errorf("%s: child %s is not in the table", s.Name, c)
			}
		}
		seen := map[string]bool{}
		for i := range s.Attrs {
			a := &s.Attrs[i]
			if seen[a.Name] || seen[a.Snake()] || a.Doc == "" {
				t.Errorf("%s@%s: double or without doc", s.Name, a.Name)
			}
			seen[a.Name], seen[a.Snake()] = true, true
			if a.Default != "" && a.Check(a.Default) != nil {
				t.Errorf("%s@%s: the default: %v", s.Name, a.Name, a.Check(a.Default))
			}
			if a.Type == Enum && len(a.Values) == 0 || a.Type == SID && len(a.Values) == 0 {
				t.Errorf("%s@%s: no values", s.Name, a.Name)
			}
		}
		_, hasAction := s.Attr("action")
		if (s.After == Action) != hasAction && s.Name != "Start" {
			t.Errorf("%s: After is %v, has action %v", s.Name, s.After, hasAction)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	refer, _ := Lookup("Refer")
	dial, _ := Lookup("Dial")
	own, _ := refer.Child("Sip")
	dialled, _ := dial.Child("Sip")
	if len(own.Attrs) != 0 || len(dialled.Attrs) == 0 {
		t.Error("Sip of Refer and of Dial are mixed up")
	}
	if _, ok := dial.Child("Gather"); ok {
		t.Error("Gather in Dial")
	}
	for _, name := range []string{"say", "", "Message", "Refer/Sip2"} {
		if _, ok := Lookup(name); ok {
			t.Errorf("%q found", name)
		}
	}
}

func TestSnake(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"answerOnBridge": "answer_on_bridge", "timeout": "timeout", "xml:lang": "xml_lang", "interpret-as": "interpret_as",
		"machineDetectionSpeechEndThreshold": "machine_detection_speech_end_threshold",
	} {
		if got := (&AttrSpec{Name: name}).Snake(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestAttrCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ element, attr, good, bad string }{
		{"Gather", "timeout", "1|5|auto", "0|-1|x||1.5"},
		{"Gather", "input", "dtmf|speech|dtmf speech|speech dtmf", "|voice|dtmf,speech"},
		{"Gather", "finishOnKey", "|#|*|5", "##|a"},
		{"Gather", "numDigits", "1|20", "0|x"},
		{"Gather", "hints", "a, b|" + strings.Repeat("x,", 499) + "x", strings.Repeat("x,", 500) + "x|" + strings.Repeat("y", 101)},
		{"Gather", "language", "en-US|cmn-Hans-CN|en-XX", "english us|en-us|"},
		{"Gather", "speechModel", "phone_call|deepgram_nova-2|googlev2_new|somethingnew", ""},
		{"Record", "finishOnKey", "|12#", "A"},
		{"Record", "maxLength", "2|3600|86400", "1|0|86401"},
		{"Record", "timeout", "0|5", "-1"},
		{"Dial", "timeout", "5|600", "4|601"},
		{"Dial", "record", "true|record-from-answer-dual", "yes|TRUE"},
		{"Dial", "answerOnBridge", "true|false", "1|True|"},
		{"Dial", "callReason", strings.Repeat("x", 50), strings.Repeat("x", 51)},
		{"Dial", "ringTone", "us-old|de", "xx"},
		{"Conference", "waitUrl", "|http://a.b/c|/wait|wait?x=1", "ftp://a.b/|http:///x|http://a_b.c/|http://a b/"},
		{"Conference", "coach", "CA" + strings.Repeat("0a", 16), "CA12|WW" + strings.Repeat("0a", 16)},
		{"Conference", "maxParticipants", "2|250", "1|251"},
		{"Number", "sendDigits", "ww12#|W9AD*", "p|1-2"},
		{"Number", "machineDetectionSpeechThreshold", "1000|6000", "999|6001"},
		{"Say", "voice", "man|alice|Polly.Joanna-Neural|Google.en-US-Wavenet-A", "Polly.|polly.Joanna|bob|"},
		{"Say", "loop", "0|1000", "-1|"},
		{"Pay", "chargeAmount", "0|20.45|1000000", "-1|20.|1000000.01|1e3"},
		{"Prompt", "attempt", "1|1 2 3", "0|a|"},
		{"Stream", "url", "wss://a.b/c|ws://localhost:80/|ws://127.0.0.1/|ws://[::1]/", "https://a.b/|/c|ws://a.b/|ws:///x"},
	} {
		spec, _ := Lookup(c.element)
		a, ok := spec.Attr(c.attr)
		if !ok {
			t.Errorf("%s has no %s", c.element, c.attr)
			continue
		}
		for _, v := range strings.Split(c.good, "|") {
			if err := a.Check(v); err != nil {
				t.Errorf("%s@%s=%q: %v", c.element, c.attr, v, err)
			}
		}
		if c.bad == "" {
			continue
		}
		for _, v := range strings.Split(c.bad, "|") {
			if a.Check(v) == nil {
				t.Errorf("%s@%s=%q passes", c.element, c.attr, v)
			}
		}
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	gather, _ := Lookup("Gather")
	model, _ := gather.Attr("speechModel")
	if !model.Known("googlev2_long") || model.Known("somethingnew") {
		t.Error("Known does not tell known words from others")
	}
}
