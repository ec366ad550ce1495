package sim

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
)

var createPaymentParams = params(
	plain("IdempotencyKey Currency Description Parameter PaymentConnector PostalCode SecurityCode RequireMatchingInputs Confirmation"),
	webURLs(21609, "StatusCallback"),
	words(codeParameter, "dtmf", "Input"),
	words(codeParameter, "credit-card ach-debit", "PaymentMethod"),
	words(codeParameter, "consumer-checking consumer-savings commercial-checking", "BankAccountType"),
	words(codeParameter, "one-time reusable payment-method", "TokenType"),
	wholes(codeParameter, 1, 600, "Timeout"),
	wholes(codeParameter, 1, 100, "MinPostalCodeLength"),
	cardLists("ValidCardTypes"),
	ruled(rule{code: codeParameter, wrong: func(v string) string {
		amount, err := strconv.ParseFloat(v, 64)
		return pick(err == nil && amount >= 0 && amount < 1_000_000, "", "is not an amount from 0 to less than 1000000")
	}}, "ChargeAmount"),
)

var updatePaymentParams = params(
	plain("IdempotencyKey"),
	webURLs(21609, "StatusCallback"),
	words(codeParameter, "complete cancel", "Status"),
	words(codeParameter, "payment-card-number expiration-date security-code postal-code bank-routing-number bank-account-number "+
		"payment-card-number-matcher expiration-date-matcher security-code-matcher postal-code-matcher", "Capture"),
)

// cardLists are types of cards with spaces between them.
func cardLists(names string) paramRules {
	return ruled(rule{code: codeParameter, wrong: func(v string) string {
		for _, name := range strings.Fields(v) {
			known := false
			for _, k := range cardKinds {
				known = known || k.name == name
			}
			if !known {
				return "names a card type that there is not"
			}
		}
		return ""
	}}, names)
}

func (p *payment) json() any {
	s := p.call.sim
	return object{"sid": p.sid, "account_sid": s.o.AccountSID, "call_sid": p.call.sid, "date_created": date(p.created),
		"date_updated": date(p.updated), "uri": s.uri("Calls", p.call.sid, "Payments", p.sid)}
}

func paymentAt(s *Sim, q *restRequest) (*payment, *restError) {
	c, e := callAt(s, q)
	if e != nil {
		return nil, e
	}
	return among(c.payments, q, func(p *payment) bool { return p.sid == q.vars["Sid"] })
}

// createPayment opens a payment session (documentation: Payment resource).
func (c *Call) createPayment(q *restRequest) (restAnswer, *restError) {
	if e := q.needsKeyAndCallback(); e != nil {
		return restAnswer{}, e
	}
	key := q.get("IdempotencyKey")
	for _, p := range c.payments {
		if p.key == key { // the same request again
			return made(p)
		}
	}
	switch {
	case c.status != "in-progress":
		return restAnswer{}, badRequest(21220, "Call is not in-progress: it is "+c.status)
	case c.openPayment() != nil:
		return restAnswer{}, &restError{http.StatusConflict, 20409, "The call has a payment session in progress: " + c.openPayment().sid}
	case q.has("BankAccountType") && q.get("PaymentMethod") != "ach-debit":
		return restAnswer{}, badRequest(64017, `BankAccountType is not supported with PaymentMethod "credit-card"`)
	}
	off := func(name string) bool { return q.has(name) && !q.flag(name) }
	postal, _ := strconv.Atoi(q.get("MinPostalCodeLength"))
	cards := strings.Fields(q.get("ValidCardTypes"))
	if len(cards) == 0 {
		cards = defaultCards
	}
	p := c.startPayment(paymentSpec{
		connector: q.get("PaymentConnector"), method: q.get("PaymentMethod"), bankAccount: cmp.Or(q.get("BankAccountType"), "consumer-checking"),
		token: q.get("TokenType"), amount: q.get("ChargeAmount"), currency: q.get("Currency"), description: q.get("Description"),
		cards: cards, timeout: q.seconds("Timeout", 5), postalMin: postal, noSecurity: off("SecurityCode"), noPostal: off("PostalCode"),
		matching: strings.Fields(q.get("RequireMatchingInputs")),
	}, endpoint{q.get("StatusCallback"), http.MethodPost})
	p.key = key
	return made(p)
}

func (q *restRequest) needsKeyAndCallback() *restError {
	for _, name := range []string{"IdempotencyKey", "StatusCallback"} {
		if q.get(name) == "" {
			return badRequest(codeParameter, name+" is required")
		}
	}
	return nil
}

// update has the caller enter something, or ends the payment. Twilio answers 202:
// what comes of it goes to StatusCallback.
func (p *payment) update(q *restRequest) (restAnswer, *restError) {
	if e := q.needsKeyAndCallback(); e != nil {
		return restAnswer{}, e
	}
	status, capture := q.get("Status"), q.get("Capture")
	answer := restAnswer{status: http.StatusAccepted}
	switch missing := p.missing(); {
	case p.done[q.get("IdempotencyKey")]:
	case p.over:
		return restAnswer{}, badRequest(21220, "The payment session "+p.sid+" is over")
	case status == "cancel":
		p.cancel("payment-cancelled")
	case status == "complete" && len(missing) > 0:
		return restAnswer{}, badRequest(64019, "Required payment information incomplete: "+strings.Join(missing, ", "))
	case status == "complete":
		p.complete()
	case capture == "":
		return restAnswer{}, badRequest(codeParameter, "Capture or Status is required")
	default:
		name, matching := strings.CutSuffix(capture, "-matcher")
		p.begin(payFieldNamed(name), matching)
	}
	p.done[q.get("IdempotencyKey")] = true
	p.callback.url, p.updated = q.get("StatusCallback"), p.call.sim.now()
	answer.body = p.json()
	return answer, nil
}
