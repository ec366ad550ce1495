package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

// payment is a Payment of the REST API: an agent, or a program, asks the caller of
// a live call for one thing after the other. Tones of a capture reach nobody else.
type payment struct {
	call     *Call
	sid      string
	key      string // IdempotencyKey of its creation
	spec     paymentSpec
	entry    payEntry
	created  time.Time
	updated  time.Time
	over     bool
	capture  *payField // what the caller enters now, or nil
	matching bool      // for the second time, to be compared
	matched  map[string]bool
	digits   string
	gap      clock.Timer
	callback endpoint
	done     map[string]bool // IdempotencyKeys of updates that were made
}

// paymentSpec is what a payment is for. Pay has the same settings.
type paymentSpec struct {
	connector   string // default Default
	method      string // credit-card or ach-debit
	bankAccount string // consumer-checking ...
	token       string // reusable, one-time or payment-method
	amount      string // decimal; "" or 0 makes a token
	currency    string // default USD
	description string
	cards       []string
	timeout     time.Duration // between keys
	postalMin   int
	noSecurity  bool // SecurityCode=false
	noPostal    bool // PostalCode=false
	matching    []string
}

// declinedCard is a number that is right in itself and that the simulated
// connector declines.
const declinedCard = "4000000000000002"

// required are the names of what must still be entered, in Pay's order.
func (spec *paymentSpec) required() []string {
	if spec.method == "ach-debit" {
		return []string{"bank-routing-number", "bank-account-number"}
	}
	names := []string{"payment-card-number", "expiration-date"}
	if !spec.noSecurity {
		names = append(names, "security-code")
	}
	if !spec.noPostal {
		names = append(names, "postal-code")
	}
	return names
}

// charges reports whether money is to be taken; else a token is made.
func (spec *paymentSpec) charges() bool {
	amount, err := strconv.ParseFloat(spec.amount, 64)
	return err == nil && amount > 0
}

// startPayment opens a payment; the call has no other that is open.
func (c *Call) startPayment(spec paymentSpec, callback endpoint) *payment {
	s := c.sim
	p := &payment{call: c, sid: s.sid("PK"), spec: spec, created: s.now(), updated: s.now(), callback: callback, matched: map[string]bool{}, done: map[string]bool{},
		entry: payEntry{method: spec.method, cards: spec.cards, postalLeft: spec.postalMin, got: map[string]string{}}}
	c.payments = append(c.payments, p)
	p.report(nil)
	return p
}

// openPayment is the payment of the call that is neither complete nor cancelled.
func (c *Call) openPayment() *payment {
	i := slices.IndexFunc(c.payments, func(p *payment) bool { return !p.over })
	if i < 0 {
		return nil
	}
	return c.payments[i]
}

// begin waits for what the caller enters for one field, from now on.
func (p *payment) begin(field *payField, matching bool) {
	p.capture, p.matching, p.digits = field, matching, ""
	p.await()
}

// await ends the capture when no key comes in time.
func (p *payment) await() {
	stopTimers(p.gap)
	p.gap = p.call.sim.after(p.spec.timeout, func() {
		if p.capture != nil && !p.over {
			p.entered()
		}
	})
}

// press takes a key and reports whether a capture wanted it.
func (p *payment) press(key rune) bool {
	if p == nil || p.over || p.capture == nil {
		return false
	}
	switch {
	case key == '#':
		p.entered()
		return true
	case key >= '0' && key <= '9':
		p.digits += string(key)
	}
	if p.capture.full(&p.entry, p.digits) {
		p.entered()
		return true
	}
	p.await()
	return true
}

// entered ends a capture and reports what came of it.
func (p *payment) entered() {
	stopTimers(p.gap)
	field, digits := p.capture, p.digits
	p.capture, p.digits = nil, ""
	p.entry.now = p.call.sim.now()
	wrong := ""
	switch {
	case digits == "":
		wrong = payTimeout
	case p.matching && p.entry.got[field.name] != digits:
		wrong = payMismatch
	default:
		wrong = field.check(&p.entry, digits)
	}
	capture := field.name + pick(p.matching, "-matcher", "")
	if wrong != "" {
		p.report(form{{"Capture", capture}, {"ErrorType", wrong}})
		return
	}
	p.entry.got[field.name] = digits
	p.matched[field.name] = p.matching
	p.report(form{{"Capture", capture}})
}

// missing are the names of what is still to be entered.
func (p *payment) missing() []string {
	var names []string
	for _, name := range p.spec.required() {
		if p.entry.got[name] == "" {
			names = append(names, name)
		}
	}
	for _, name := range p.spec.matching {
		if !p.matched[name] {
			names = append(names, name+"-matcher")
		}
	}
	return names
}

// complete gives the payment to the connector.
func (p *payment) complete() {
	p.over, p.updated = true, p.call.sim.now()
	p.report(append(p.spec.settle(p.call.sim, &p.entry), p.entry.fields()...))
}

// settle is what the simulated connector answers: Result and what belongs to it.
func (spec *paymentSpec) settle(s *Sim, e *payEntry) form {
	if e.got["payment-card-number"] == declinedCard {
		return form{{"Result", "payment-connector-error"}, {"PayErrorCode", pick(spec.charges(), "64008", "64010")},
			{"PaymentError", "Your card was declined."}, {"ConnectorError", `{"code":"card_declined"}`}}
	}
	f := form{{"Result", "success"}}
	if spec.charges() {
		return f.with("PaymentConfirmationCode", "ch_"+s.sid("")[:24])
	}
	return f.with("PaymentToken", "tok_"+s.sid("")[:24]).with("ProfileId", "cus_"+s.sid("")[:14])
}

// cancel ends the payment without a result.
func (p *payment) cancel(result string) {
	if p.over {
		return
	}
	stopTimers(p.gap)
	p.over, p.capture, p.updated = true, nil, p.call.sim.now()
	p.report(form{{"Result", result}})
}

// hungUp takes the end of the call; p may be nil.
func (p *payment) hungUp() {
	if p != nil {
		p.cancel("caller-hung-up")
	}
}

// report sends the status callback.
func (p *payment) report(extra form) {
	s := p.call.sim
	f := form{{"AccountSid", s.o.AccountSID}, {"CallSid", p.call.sid}, {"Sid", p.sid}, {"PaymentConnector", cmp.Or(p.spec.connector, "Default")},
		{"PaymentMethod", cmp.Or(p.spec.method, "credit-card")}, {"TokenType", cmp.Or(p.spec.token, "reusable")},
		{"DateCreated", rfc2822(p.created)}, {"DateUpdated", rfc2822(s.now())}}
	if p.spec.charges() {
		f = f.with("ChargeAmount", p.spec.amount).with("Currency", cmp.Or(p.spec.currency, "USD"))
	}
	if !p.over {
		f = append(f, p.entry.fields()...).with("PartialResult", "true").with("Required", strings.Join(p.missing(), ","))
	}
	s.callback(hook{name: "payment", sid: p.call.sid, to: p.callback, params: append(f, extra...)})
}
