package schema

import (
	"fmt"

	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/testspec"
)

const testsText = `
## Tests

` + "`NAME.test.yaml`" + ` beside a flow tells calls of it as stories: who calls, what they do and hear, and what must come of it.
` + "`ringdown test`" + ` plays them against a simulated Twilio, in time of their own. Values of ` + "`env`" + ` come from dev.env in the folder
and from the test. A party is known by the variable that holds its number (` + "`SALES`: `sales`" + `), by the name of its leg, or as
` + "`parties`" + ` names it. No request of a flow reaches a network: mocks under ` + "`http`" + ` answer.

` + "```yaml\n" + testExample + "```\n"

// testExample is played by a test.
const testExample = `flow: prepaid-watch
parties: {callee: answer} # at a number that is made up
call: {params: {number: callee}}
http:
  - {get: /accounts/*, answer: {json: {balance: "1.00"}}} # ten minutes
  - {post: /charges, answer: [200, 402]}
cases:
  - name: the first charge succeeds, the second does not
    script:
      - callee rings
      - caller talks to: callee
      - wait: 12m
      - expect: {state: {caller: talk}, requests: [GET /accounts/*, {post: /charges, answered: 200}]}
      - caller hears: Your balance is used up
    expect:
      states: {caller: [check, talk, out-of-credit]}
      legs: {caller: completed, callee: completed}
      took: 59m30s to 59m50s
`

// tests writes what a test file says.
func (p *page) tests() {
	p.WriteString(testsText)
	p.fields("key", spec.Docs(testspec.FileObject.Fields))
	p.WriteString("\n### cases\n\nA case has the keys of the file, too, where what it says comes first: names, mocks and faults that only the file has count as well. Besides it has these:\n")
	var own []spec.FieldDoc
	for _, f := range spec.Docs(testspec.CaseObject.Fields) {
		if !known(spec.Docs(testspec.FileObject.Fields), f.Name) {
			own = append(own, f)
		}
	}
	p.fields("key", own)
	p.sub("script", "Each line is a sentence. WHO is a party or a leg. A sentence that waits does so for two hours at most, or `within` a time: `- sales rings within: 20s`, `- {caller hears: Hello, within: 5s}`.", "", nil)
	p.WriteString("\n| sentence | meaning |\n|---|---|\n")
	for _, s := range testspec.Sentences() {
		fmt.Fprintf(p, "| `%s` | %s |\n", s.Form(), cell(s.Doc+" Example: `"+s.Example+"`"))
	}
	p.sub("expect", testspec.ExpectObject.Doc, "", spec.Docs(testspec.ExpectObject.Fields))
	p.sub("a party", testspec.PartyObject.Doc, testspec.PartyObject.Example, spec.Docs(testspec.PartyObject.Fields))
	p.sub("call of a test", "", testspec.CallObject.Example, spec.Docs(testspec.CallObject.Fields))
	p.sub("a mock", testspec.MockObject.Doc, testspec.MockObject.Example, spec.Docs(testspec.MockObject.Fields))
	p.sub("an answer of a mock", "A bare number is its status.", testspec.AnswerObject.Example, spec.Docs(testspec.AnswerObject.Fields))
}

func known(fields []spec.FieldDoc, name string) bool {
	for _, f := range fields {
		if f.Name == name {
			return true
		}
	}
	return false
}
