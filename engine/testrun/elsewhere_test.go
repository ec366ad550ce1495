package testrun_test

import (
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/testrun"
)

const away = `flow: away
answers: ["+15005550006"]
answer: out
states:
  out: {redirect: {url: "https://old.example.com/ivr?back=${leg.return_url}"}, on: {returned: [{log: "with ${event.params.r}"}, {goto: back}]}}
  back: {prompt: Welcome back., next: hangup}
`

const awayTests = `flow: away
cases:
  - name: there and back
    http: [{post: /ivr, answer: {body: "<Response><Say>Old menu</Say><Redirect>{back}?r=ok</Redirect></Response>"}}]
    script: [{caller hears: Old menu}, the server goes down, the server comes up, {caller hears: Welcome back}]
    expect: {requests: [POST /ivr], logged: [with ok]}
  - name: nobody is there
    script: [caller is disconnected]
    expect: {troubles: true}
  - name: a number that is nobody's
    call: {to: "+15005550007"}
`

// TestElsewhere: the address of another application is answered by mocks as well, and
// nothing of a test reaches a network.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	folder := open(t, "away.yaml", away, "away.test.yaml", awayTests)
	_, text, _ := played(t, folder, testrun.Options{})
	for _, want := range []string{
		"2 failed", // not the first
		"FAIL away/nobody is there", "no mock answers POST https://old.example.com/ivr",
		"FAIL away/a number that is nobody's", "no flow answers +15005550007: answers has +15005550006",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
