package sim

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine/twiml"
)

// payProcessing is the step of Pay at which the connector is asked.
const payProcessing = "payment-processing"

// payWords are Twilio's own prompts, nearly; their words are not documented.
var payWords = map[string]string{
	"payment-card-number": "Please enter your card number.",
	"expiration-date":     "Please enter the expiration date of the card: two digits for the month and two for the year.",
	"security-code":       "Please enter the security code of the card.",
	"postal-code":         "Please enter your postal code, then press pound.",
	"bank-routing-number": "Please enter your bank's routing number.",
	"bank-account-number": "Please enter your bank account number, then press pound.",
	payProcessing:         "Thank you. Please wait while your payment is being processed.",
}

// prompt is what the caller hears at a step: the Prompt that names most of what
// is the case now, or Twilio's own words.
func (p *paying) prompt(step string) []*twiml.Element {
	var best *twiml.Element
	most := -1
	for _, prompt := range p.verb.Elements() {
		if n, fits := p.fits(prompt, step); fits && n > most {
			best, most = prompt, n
		}
	}
	if best != nil {
		return best.Elements()
	}
	words := payWords[step]
	if p.problem != "" {
		words = "That was not valid. " + words
	}
	return []*twiml.Element{twiml.El("Say", twiml.Text(words))}
}

// fits reports whether a Prompt is for the current step, and how many of its
// conditions are met.
func (p *paying) fits(prompt *twiml.Element, step string) (int, bool) {
	if prompt.Name != "Prompt" || prompt.AttrOr("for", step) != step {
		return 0, false
	}
	problem := p.problem
	if problem == payTimeout {
		problem = "timeout" // its name in Prompt
	}
	met := 0
	for name, now := range map[string]string{"errorType": problem, "attempt": strconv.Itoa(p.attempt), "cardType": cardType(p.entry.got["payment-card-number"])} {
		list, has := prompt.Attr(name)
		if !has {
			continue
		}
		if !slices.Contains(strings.Fields(list), now) {
			return 0, false
		}
		met++
	}
	return met, true
}

// matches reports whether a field has to be entered twice.
func (p *paying) matches(name string) bool {
	return slices.ContainsFunc(p.verb.Elements(), func(e *twiml.Element) bool {
		return e.Name == "Prompt" && e.AttrOr("for", "") == name && boolAttr(e, "requireMatchingInputs", false)
	})
}

// play plays verbs one after the other and then calls done.
func (p *paying) play(verbs []*twiml.Element, done func()) {
	if len(verbs) == 0 {
		done()
		return
	}
	p.run.prompt(verbs[0], func() { p.play(verbs[1:], done) })
}
