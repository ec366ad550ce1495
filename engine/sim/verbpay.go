package sim

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// The codes of Pay that the simulator knows reasons for.
const (
	codePayAmount = 64003
	codePayAction = 64016
	codePayBank   = 64017
)

// paying is a Pay in progress: the caller enters one field after the other.
type paying struct {
	run     *run
	verb    *twiml.Element
	spec    paymentSpec
	entry   payEntry
	left    []*payField // still to be entered
	tries   int         // of one field
	attempt int         // of the current field, from 1
	problem string      // what was wrong with the last entry, "" for nothing
	first   string      // entry to be matched by a second one
	digits  string
}

func (r *run) payVerb(verb *twiml.Element) {
	p := &paying{run: r, verb: verb, spec: paySpec(verb), tries: intAttr(verb, "maxAttempts", 1), attempt: 1}
	if !r.sim.o.Switches.FirstTryCounts {
		p.tries++
	}
	p.entry = payEntry{method: p.spec.method, cards: p.spec.cards, postalLeft: p.spec.postalMin, got: map[string]string{}}
	if code := verb.AttrOr("postalCode", "true"); code != "true" && code != "false" {
		p.entry.got["postal-code"], p.spec.noPostal = code, true
	}
	for _, name := range p.spec.required() {
		p.left = append(p.left, payFieldNamed(name))
	}
	if code := p.invalid(); code != 0 {
		p.end(form{{"Result", "validation-error"}, {"PaymentError", CodeMessage(code)}, {"PayErrorCode", strconv.Itoa(code)}})
		return
	}
	if r.call.openPayment() != nil {
		p.report("", "session-in-progress")
		p.end(form{{"Result", "internal-error"}})
		return
	}
	p.ask()
}

// paySpec reads the attributes of Pay.
func paySpec(verb *twiml.Element) paymentSpec {
	return paymentSpec{
		connector: verb.AttrOr("paymentConnector", ""), method: verb.AttrOr("paymentMethod", "credit-card"),
		bankAccount: verb.AttrOr("bankAccountType", "consumer-checking"), token: verb.AttrOr("tokenType", ""),
		amount: verb.AttrOr("chargeAmount", ""), currency: verb.AttrOr("currency", ""), description: verb.AttrOr("description", ""),
		cards:   strings.Fields(verb.AttrOr("validCardTypes", strings.Join(defaultCards, " "))),
		timeout: time.Duration(intAttr(verb, "timeout", 5)) * time.Second, postalMin: intAttr(verb, "minPostalCodeLength", 0),
		noSecurity: !boolAttr(verb, "securityCode", true), noPostal: verb.AttrOr("postalCode", "true") == "false",
	}
}

// invalid is the code of what makes the verb fail before anything is asked, or 0.
func (p *paying) invalid() int {
	spec, _ := twiml.Lookup("Pay")
	amount, _ := spec.Attr("chargeAmount")
	if v, ok := p.verb.Attr("chargeAmount"); ok && amount.Check(v) != nil {
		return codePayAmount
	}
	if _, has := p.verb.Attr("bankAccountType"); has && p.spec.method == "credit-card" {
		return codePayBank
	}
	action := p.verb.AttrOr("action", "") // a relative one: the others are checked with the document
	if to, _ := p.run.resolve(action); !strings.Contains(action, "://") && !payable(to) {
		p.run.call.warn(codePayAction, "the action of Pay has to be https: "+to)
	}
	return 0
}

// payable reports whether card data may go to a URL: only https, or on a desk
// the own machine.
func payable(to string) bool {
	u, err := url.Parse(to)
	return err == nil && (u.Scheme == "https" || twiml.Loopback(u.Hostname()))
}

// ask plays the prompt of the next field and waits for its keys.
func (p *paying) ask() {
	r := p.run
	if len(p.left) == 0 {
		p.process()
		return
	}
	r.begin()
	r.leave = func(why leaving) *act {
		if why != leaveHangup {
			return nil
		}
		a := r.actOf(p.verb, p.result(form{{"Result", "caller-hung-up"}}))
		if a != nil {
			a.always = true // documentation: a Result of its own
		}
		return a
	}
	r.call.keys = p.key
	p.digits = ""
	r.asks("Pay")
	p.play(p.prompt(p.left[0].name), p.await)
}

// await ends the entry when no key comes in time.
func (p *paying) await() { p.run.later(p.spec.timeout, p.entered) }

// key takes a key; the first one of a field stops the prompt.
func (p *paying) key(key rune) {
	leave := p.run.leave
	p.run.begin()
	p.run.leave, p.run.call.keys = leave, p.key
	switch {
	case key == '*':
		p.end(form{{"Result", "caller-interrupted-with-star"}})
		return
	case key == '#':
		p.entered()
		return
	case key >= '0' && key <= '9':
		p.digits += string(key)
	}
	if p.left[0].full(&p.entry, p.digits) {
		p.entered()
		return
	}
	p.await()
}

// entered takes what was entered for the current field.
func (p *paying) entered() {
	field := p.left[0]
	p.entry.now = p.run.sim.now()
	switch {
	case p.digits == "":
		p.problem = payTimeout
	default:
		p.problem = field.check(&p.entry, p.digits)
	}
	twice := p.matches(field.name)
	switch {
	case p.problem != "":
	case twice && p.first == "":
		p.first = p.digits
		p.ask()
		return
	case twice && p.first != p.digits:
		p.problem = payMismatch
	}
	p.first = ""
	if p.problem == "" {
		p.entry.got[field.name] = p.digits
		p.report(field.name, "")
		p.left, p.attempt = p.left[1:], 1
		p.ask()
		return
	}
	p.report(field.name, p.problem)
	if p.attempt >= p.tries {
		p.fail()
		return
	}
	p.attempt++
	p.ask()
}

// fail ends the verb after too many tries.
func (p *paying) fail() {
	if p.run.sim.o.Switches.PayFailureFallsThrough {
		p.run.next()
		return
	}
	p.end(form{{"Result", "too-many-failed-attempts"}})
}

// process gives what was entered to the connector.
func (p *paying) process() {
	p.run.begin()
	p.attempt, p.problem = 1, ""
	p.play(p.prompt(payProcessing), func() {
		p.run.later(time.Second, func() {
			result := p.spec.settle(p.run.sim, &p.entry)
			p.report(payProcessing, pick(result[0].value == "success", "", "internal-error"))
			p.end(result)
		})
	})
}

// payResults are the parameters of the action in the order of the documentation.
var payResults = []string{"Result", "PaymentToken", "ProfileId", "PaymentConfirmationCode", "PaymentMethod", "PaymentCardNumber", "PaymentCardType",
	"ExpirationDate", "SecurityCode", "PaymentCardPostalCode", "BankAccountNumber", "BankRoutingNumber", "BankAccountType", "PaymentError",
	"PayErrorCode", "ConnectorError"}

func (p *paying) result(f form) form {
	f = append(f.with("PaymentMethod", p.spec.method), p.entry.fields()...)
	if p.spec.method == "ach-debit" {
		f = f.with("BankAccountType", p.spec.bankAccount)
	}
	slices.SortStableFunc(f, func(a, b param) int {
		return cmp.Compare(slices.Index(payResults, a.name), slices.Index(payResults, b.name))
	})
	return f
}

func (p *paying) end(f form) {
	p.run.begin()
	p.run.goOn(p.verb, true, p.result(f))
}

// report sends the statusCallback: for the parent leg, what it was about, and
// what was entered so far.
func (p *paying) report(about, problem string) {
	r := p.run
	to := p.verb.AttrOr("statusCallback", "")
	if to == "" {
		return
	}
	abs, _ := r.resolve(to)
	f := form{{"AccountSid", r.sim.o.AccountSID}, {"CallSid", r.call.sid}}
	if about != "" {
		f = f.with("For", about)
	}
	if problem != "" {
		f = f.with("ErrorType", problem)
	}
	f = append(f.with("Attempt", strconv.Itoa(p.attempt)), p.entry.fields()...)
	if p.spec.method == "ach-debit" {
		f = f.with("BankAccountType", p.spec.bankAccount)
	}
	r.sim.callback(hook{name: "payment", sid: r.call.sid, to: endpoint{abs, p.verb.AttrOr("statusCallbackMethod", "POST")}, params: f})
}
