package testrun_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/testrun"
	"github.com/ringdown/ringdown/engine/testspec"
)

// menu is a flow to be tested.
const menu = `flow: menu
answers: ["+15005550006"]
env: [SALES, SUPPORT]
defaults: {voice: Polly.Joanna-Neural, language: en-US}
answer: main
states:
  main:
    prompt: For sales press 1. For support, press 2.
    gather: {choices: {1: sales, 2: support}, timeout: 6s, tries: 3, sorry: I did not get that.}
    next: hangup
  sales:
    dial: {to: "${env.SALES}", timeout: 20s}
    on: {unreached: nobody}
    next: hangup
  support:
    dial: {to: "${env.SUPPORT}", timeout: 20s}
    on: {unreached: [{log: away}, {goto: nobody}]}
    next: hangup
  nobody:
    prompt: Nobody is free. Please call again.
    next: hangup
`

const devEnv = "SALES=+15552220001\nSUPPORT=+15552220002\n"

// open writes files, as pairs of name and text, and opens their folder.
func open(t *testing.T, files ...string) *testrun.Folder {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, diags, err := testrun.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return f
}

// played plays a folder and gives the report, and as text without the folder's path.
func played(t *testing.T, f *testrun.Folder, o testrun.Options) (testrun.Report, string, *testrun.Coverage) {
	t.Helper()
	results, cover := testrun.Run(t.Context(), []*testrun.Folder{f}, o)
	report := testrun.Report{Results: results}
	var b bytes.Buffer
	if err := report.WriteText(&b, false); err != nil {
		t.Fatal(err)
	}
	return report, strings.ReplaceAll(b.String(), f.Path+"/", ""), cover
}

func cases(text string) string { return "flow: menu\ncases:\n" + text }

// TestFailures: each kind of failure says where and what, so that one can act on it.
func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a text that is not heard", "script: [caller hears: Hello]", `menu.test.yaml:4:14: caller never hears "Hello": the session is over
      heard instead: "For sales press 1. For support, press 2."
      heard instead: "I did not get that."`},
		{"a state", "script: [{caller presses: 1}, caller is in: support]", "caller is never in support within 2h\n      it is in sales"},
		{"a phone", "script: [{caller presses: 1}, support rings within: 10s]", "menu.test.yaml:4:35: support never rings within 10s\n      caller is in the state sales, menu.yaml:11:3"},
		{"states", "{script: [{caller hears: For sales}, caller hangs up], expect: {states: {caller: [main, sales]}}}", "menu.test.yaml:5:31: the states of caller: main, not main sales"},
		{"a call that nobody ends", "script: [{caller presses: 1}, they talk]", "the outcome is too-long, not completed\n      nobody ended the call after the script: add a line such as - caller hangs up"},
		{"an outcome", "{script: [end the session]}", "menu.test.yaml:3:11: the outcome is deleted, not completed"},
		{"a call", "{script: [{caller hears: For sales}, caller hangs up], expect: {legs: {caller: busy}}}", "the call of caller: completed, not busy"},
		{"a message", "{script: [{caller hears: For sales}, caller hangs up], expect: {messages: [{to: sales, body: x}]}}", "the messages differ: 0 instead of 1\n      nothing is sent"},
		{"a time", "{script: [{wait: 5s}, caller hangs up], expect: {took: 1m}}", "the session lasts 5s, not 1m"},
		{"what must not be heard", "{script: [{caller hears: For sales}, caller hangs up], expect: {unheard: {caller: For sales}}}", `caller has heard "For sales"`},
		{"a request", "{script: [{caller hears: For sales}, caller hangs up], expect: {requests: [GET /x]}}", "the HTTP requests differ: 0 instead of 1"},
		{"a REST action", "{script: [{caller hears: For sales}, caller hangs up], expect: {rest: [POST Calls]}}", "POST Calls is not asked of Twilio in this order"},
		{"a log", "{parties: {support: busy}, script: [{caller presses: 2}, caller hears: Nobody], expect: {logged: gone}}", "\"gone\" is not logged in this order\n      logged instead: \"away\""},
		{"a hang-up of nobody", "script: [sales hangs up]", "sales cannot hang up: there is no call"},
		{"somebody who talks to nobody", "script: [{caller talks to: sales, within: 3s}]", "caller never talks to sales within 3s"},
		{"an expectation on the way", "script: [{caller presses: 1}, {expect: {state: {caller: sales}}}]", "menu.test.yaml:4:61: the state of caller is main, not sales"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := tt.text
			if !strings.HasPrefix(body, "{") {
				body = "{" + body + "}"
			}
			body = "    " + strings.TrimSuffix(strings.TrimPrefix(body, "{"), "}") // one line, in block style
			_, text, _ := played(t, open(t, "menu.yaml", menu, "dev.env", devEnv, "menu.test.yaml", cases("  - name: x\n"+spread(body))), testrun.Options{})
			if !strings.Contains(text, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", text, tt.want)
			}
			if !strings.Contains(text, "caller calls +15005550006") {
				t.Errorf("no transcript:\n%s", text)
			}
		})
	}
}

// spread puts the keys of a case on lines of their own.
func spread(body string) string {
	return regexp.MustCompile(`, (script|expect|parties): `).ReplaceAllString(body, "\n    $1: ") + "\n"
}

// TestExamples plays every test file that README and reference page show.
func TestExamples(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	reference, err := os.ReadFile("../../schema/REFERENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(flow:.*?)```")
	shown := map[string]string{}
	for _, m := range blocks.FindAllStringSubmatch(string(readme), -1) {
		name := "menu.yaml"
		if strings.Contains(m[1], "\ncases:\n") {
			name = "menu.test.yaml"
		}
		if _, ok := shown[name]; !ok {
			shown[name] = m[1]
		}
	}
	check := func(files ...string) {
		if report, text, _ := played(t, open(t, files...), testrun.Options{}); report.Failed() > 0 || len(report.Results) == 0 {
			t.Error(text)
		}
	}
	check("menu.yaml", shown["menu.yaml"], "dev.env", devEnv, "menu.test.yaml", shown["menu.test.yaml"])
	flow, err := os.ReadFile("../../flows/prepaid-watch.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, m := range blocks.FindAllStringSubmatch(string(reference), -1) {
		if strings.Contains(m[1], "\ncases:\n") {
			check("prepaid-watch.yaml", string(flow), "dev.env", "BILLING_URL=http://billing.example.com\nCALLER_ID=+15005550008\n", "x.test.yaml", m[1])
			tested++
		}
	}
	if tested == 0 {
		t.Error("the reference page shows no tests")
	}
	// What the README shows of a failure is what comes.
	other := strings.Replace(shown["menu.yaml"], "Nobody is free. Please", "All lines are busy. Please", 1)
	_, text, _ := played(t, open(t, "menu.yaml", other, "dev.env", devEnv, "menu.test.yaml", shown["menu.test.yaml"]), testrun.Options{})
	m := regexp.MustCompile("(?s)```\nFAIL (.*?)```").FindStringSubmatch(string(readme))
	if m == nil {
		t.Fatal("the README shows no failure")
	}
	if want := strings.ReplaceAll(m[1], "flows/", ""); !strings.Contains(text, want) {
		t.Errorf("the README shows\n%s\nbut there comes\n%s", want, text)
	}
}

// TestSentences: each sentence and each expectation is declared and can be played.
func TestSentences(t *testing.T) {
	t.Parallel()
	for _, s := range testspec.Sentences() {
		if !testrun.Plays(s.ID) {
			t.Errorf("nothing plays %q", s.Words)
		}
		if s.Doc == "" || s.Example == "" {
			t.Errorf("%q is not explained", s.Words)
		}
	}
	for _, f := range testspec.ExpectObject.Fields {
		if !testrun.Looks(f.Name) {
			t.Errorf("nothing looks at %q", f.Name)
		}
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	const flow = "flow: ask\nanswers: [\"+15005550006\"]\nanswer: a\nstates:\n  a:\n    do: [{http: {get: \"https://example.com/a?b=1\", timeout: 5s, tries: 2, save: x}}]\n    prompt: \"${vars.x.status} ${vars.x.error}\"\n    next: hangup\n"
	for name, tt := range map[string]struct{ http, heard string }{
		"an answer": {"[{get: /a, answer: 201}]", "201"}, "in turn": {"[{get: /a, answer: [503, 200]}]", "200"},
		"refused": {"[{get: https://example.com/*, answer: {fails: refused}}]", "0 refused"}, "broken": {"[{get: /a, answer: {fails: reset}}]", "0 reset"},
		"unknown": {"[{get: /a, answer: {fails: dns}}]", "0 dns"}, "untrusted": {"[{get: /a, answer: {fails: tls}}]", "0 tls"},
		"silent": {"[{get: /a, answer: {fails: silence}}]", "0 timeout"}, "late": {"[{get: /a, answer: {after: 6s}}]", "0 timeout"}, "slow": {"[{get: /a, answer: {after: 3s}}]", "200"},
		"the first that fits": {"[{get: /b, answer: 500}, {get: \"*/a\", answer: 202}, {get: /a}]", "202"},
	} {
		text := "flow: ask\nhttp: " + tt.http + "\ncases:\n  - name: x\n    script: [{caller hears: \"" + tt.heard + "\"}]\n"
		if report, told, _ := played(t, open(t, "ask.yaml", flow, "ask.test.yaml", text), testrun.Options{}); report.Failed() > 0 {
			t.Errorf("%s: %s", name, told)
		}
	}
	_, told, _ := played(t, open(t, "ask.yaml", flow, "ask.test.yaml", "flow: ask\ncases: [{name: x}]"), testrun.Options{})
	if !strings.Contains(told, "no mock answers GET https://example.com/a?b=1\n      add one under http, such as: - {get: /a, answer: {json: {}}}") {
		t.Errorf("without a mock: %s", told)
	}
}

func TestCover(t *testing.T) {
	t.Parallel()
	f := open(t, "menu.yaml", menu, "dev.env", devEnv, "menu.test.yaml", cases("  - name: x\n    script: [{caller presses: 1}, {caller talks to: sales}, sales hangs up]\n"))
	_, _, cover := played(t, f, testrun.Options{})
	flows, err := cover.Flows([]*testrun.Folder{f}, true)
	if err != nil || len(flows) != 1 {
		t.Fatal(flows, err)
	}
	var b bytes.Buffer
	if err := testrun.WriteCoverage(&b, flows, false); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(b.String(), f.Path+"/", "")
	for _, want := range []string{"2 of 4", "menu.yaml:10:11: not tested: transition main -> hangup (next)", "menu.yaml:13:21: not tested: transition sales -> nobody (unreached)", "menu.yaml:15:3: not tested: state support"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "handler support") {
		t.Errorf("what belongs to a state that is not tested is told besides:\n%s", text)
	}
	if svg := flows[0].Draw().SVG(); !strings.Contains(svg, "#c62828") || !strings.Contains(svg, "#2c7a3f") {
		t.Error("the picture has no colours")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	// What the flow counts depends on when callbacks come, which a flow should not do.
	const flow = "flow: racy\nanswers: [\"+15005550006\"]\nenv: [SALES]\nanswer: a\nstates:\n  a:\n    do: [{call: {leg: b, to: \"${env.SALES}\", from: \"+15005550006\", timeout: 20s, state: c}}]\n    hold: {}\n    after: {3s: late}\n    on: {b.answered: soon, b.unreached: late}\n  c: {prompt: Hi., next: hangup}\n  soon: {prompt: Soon., next: hangup}\n  late: {prompt: Late., next: hangup}\n"
	f := open(t, "racy.yaml", flow, "dev.env", devEnv, "racy.test.yaml", "flow: racy\nparties: {sales: busy}\ncases:\n  - {name: x}\n  - {name: y, unruly: false}\n")
	plain, text, _ := played(t, f, testrun.Options{})
	if plain.Failed() > 0 {
		t.Fatal(text)
	}
	unruly, text, _ := played(t, f, testrun.Options{Faults: 12})
	if unruly.Failed() > 1 {
		t.Error("a case that is not for faults was played under them", text)
	}
	for _, r := range unruly.Results {
		for _, fail := range r.Failures {
			if fail.Faults == "" || !strings.Contains(text, "under "+fail.Faults) {
				t.Errorf("the schedule is not told: %+v", fail)
			}
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	f := open(t, "menu.yaml", menu, "dev.env", devEnv, "menu.test.yaml", cases("  - name: good\n    script: [caller hangs up]\n  - name: \"b & <d>\"\n    script: [caller hears: Hello]\n"))
	var done []string
	report, _, _ := played(t, f, testrun.Options{Done: func(r *testrun.Result) { done = append(done, r.Name()) }})
	if slices.Sort(done); !slices.Equal(done, []string{"menu/b & <d>", "menu/good"}) {
		t.Errorf("done %q", done)
	}
	var b bytes.Buffer
	if err := report.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var out struct {
		Failed int
		Cases  []struct {
			Name       string
			OK         bool
			Failures   []struct{ Line int }
			Transcript []string
		}
	}
	if err := json.Unmarshal(b.Bytes(), &out); err != nil || out.Failed != 1 || len(out.Cases) != 2 || !out.Cases[0].OK || out.Cases[1].Failures[0].Line != 6 || len(out.Cases[1].Transcript) == 0 {
		t.Errorf("%v %s", err, b.String())
	}
	b.Reset()
	if err := report.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Name    string `xml:"name,attr"`
			Failure string `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil || suites.Failures != 1 || len(suites.Cases) != 2 || suites.Cases[1].Name != "b & <d>" || !strings.Contains(suites.Cases[1].Failure, "never hears") {
		t.Errorf("%v %s", err, b.String())
	}
	few, _, _ := played(t, f, testrun.Options{Match: func(name string) bool { return strings.Contains(name, "good") }})
	if len(few.Results) != 1 {
		t.Errorf("%d cases match", len(few.Results))
	}
}

func TestMissingEnv(t *testing.T) {
	t.Parallel()
	_, text, _ := played(t, open(t, "menu.yaml", menu, "menu.test.yaml", cases("  - name: x\n    env: {SALES: \"+15552220001\"}\n")), testrun.Options{})
	if !strings.Contains(text, "the flow reads SUPPORT, which no value is given: add env: {SUPPORT: ...}, or a line to dev.env") {
		t.Error(text)
	}
}
