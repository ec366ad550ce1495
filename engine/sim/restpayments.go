package sim

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

var createPaymentParams = rest.Join(
	rest.Plain("IdempotencyKey Currency Description Parameter PaymentConnector PostalCode SecurityCode RequireMatchingInputs Confirmation"),
	rest.WebURLs(21609, "StatusCallback"),
	rest.Words(rest.CodeParameter, "dtmf", "Input"),
	rest.Words(rest.CodeParameter, "credit-card ach-debit", "PaymentMethod"),
	rest.Words(rest.CodeParameter, "consumer-checking consumer-savings commercial-checking", "BankAccountType"),
	rest.Words(rest.CodeParameter, "one-time reusable payment-method", "TokenType"),
	rest.Wholes(rest.CodeParameter, 1, 600, "Timeout"),
	rest.Wholes(rest.CodeParameter, 1, 100, "MinPostalCodeLength"),
	cardLists("ValidCardTypes"),
	rest.Ruled(rest.Rule{Code: rest.CodeParameter, Wrong: func(v string) string {
		amount, err := strconv.ParseFloat(v, 64)
		return pick(err == nil && amount >= 0 && amount < 1_000_000, "", "is not an amount from 0 to less than 1000000")
	}}, "ChargeAmount"),
)

var updatePaymentParams = rest.Join(
	rest.Plain("IdempotencyKey"),
	rest.WebURLs(21609, "StatusCallback"),
	rest.Words(rest.CodeParameter, "complete cancel", "Status"),
	rest.Words(rest.CodeParameter, "payment-card-number expiration-date security-code postal-code bank-routing-number bank-account-number "+
		"payment-card-number-matcher expiration-date-matcher security-code-matcher postal-code-matcher", "Capture"),
)

// cardLists are types of cards with spaces between them.
func cardLists(names string) rest.Rules {
	return rest.Ruled(rest.Rule{Code: rest.CodeParameter, Wrong: func(v string) string {
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

func (p *payment) JSON() any {
	s := p.call.sim
	return object{"sid": p.sid, "account_sid": s.o.AccountSID, "call_sid": p.call.sid, "date_created": date(p.created),
		"date_updated": date(p.updated), "uri": s.uri("Calls", p.call.sid, "Payments", p.sid)}
}

func paymentAt(s *Sim, q *rest.Request) (*payment, *rest.Error) {
	c, e := callAt(s, q)
	if e != nil {
		return nil, e
	}
	return rest.Among(c.payments, q, func(p *payment) bool { return p.sid == q.Vars["Sid"] })
}

// createPayment opens a payment session (documentation: Payment resource).
func (c *Call) createPayment(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := needsKeyAndCallback(q); e != nil {
		return rest.Answer{}, e
	}
	key := q.Get("IdempotencyKey")
	for _, p := range c.payments {
		if p.key == key { // the same request again
			return rest.Created(p)
		}
	}
	switch {
	case c.status != "in-progress":
		return rest.Answer{}, rest.BadRequest(21220, "Call is not in-progress: it is "+c.status)
	case c.openPayment() != nil:
		return rest.Answer{}, rest.Refuse(http.StatusConflict, 20409, "The call has a payment session in progress: "+c.openPayment().sid)
	case q.Has("BankAccountType") && q.Get("PaymentMethod") != "ach-debit":
		return rest.Answer{}, rest.BadRequest(64017, `BankAccountType is not supported with PaymentMethod "credit-card"`)
	}
	off := func(name string) bool { return q.Has(name) && !q.Flag(name) }
	postal, _ := strconv.Atoi(q.Get("MinPostalCodeLength"))
	cards := strings.Fields(q.Get("ValidCardTypes"))
	if len(cards) == 0 {
		cards = defaultCards
	}
	p := c.startPayment(paymentSpec{
		connector: q.Get("PaymentConnector"), method: q.Get("PaymentMethod"), bankAccount: cmp.Or(q.Get("BankAccountType"), "consumer-checking"),
		token: q.Get("TokenType"), amount: q.Get("ChargeAmount"), currency: q.Get("Currency"), description: q.Get("Description"),
		cards: cards, timeout: q.Seconds("Timeout", 5), postalMin: postal, noSecurity: off("SecurityCode"), noPostal: off("PostalCode"),
		matching: strings.Fields(q.Get("RequireMatchingInputs")),
	}, endpoint{q.Get("StatusCallback"), http.MethodPost})
	p.key = key
	return rest.Created(p)
}

func needsKeyAndCallback(q *rest.Request) *rest.Error {
	for _, name := range []string{"IdempotencyKey", "StatusCallback"} {
		if q.Get(name) == "" {
			return rest.BadRequest(rest.CodeParameter, name+" is required")
		}
	}
	return nil
}

// update has the caller enter something, or ends the payment. Twilio answers 202:
// what comes of it goes to StatusCallback.
func (p *payment) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := needsKeyAndCallback(q); e != nil {
		return rest.Answer{}, e
	}
	status, capture := q.Get("Status"), q.Get("Capture")
	answer := rest.Answer{Status: http.StatusAccepted}
	switch missing := p.missing(); {
	case p.done[q.Get("IdempotencyKey")]:
	case p.over:
		return rest.Answer{}, rest.BadRequest(21220, "The payment session "+p.sid+" is over")
	case status == "cancel":
		p.cancel("payment-cancelled")
	case status == "complete" && len(missing) > 0:
		return rest.Answer{}, rest.BadRequest(64019, "Required payment information incomplete: "+strings.Join(missing, ", "))
	case status == "complete":
		p.complete()
	case capture == "":
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Capture or Status is required")
	default:
		name, matching := strings.CutSuffix(capture, "-matcher")
		p.begin(payFieldNamed(name), matching)
	}
	p.done[q.Get("IdempotencyKey")] = true
	p.callback.url, p.updated = q.Get("StatusCallback"), p.call.sim.now()
	answer.Body = p.JSON()
	return answer, nil
}
