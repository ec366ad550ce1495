package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// payField is one thing that a caller enters with keys to pay, by the Pay verb or
// by a Payment of the REST API.
type payField struct {
	name  string // as the for attribute of Prompt and the parameter Capture write it
	param string // of callbacks and the action
	check func(e *payEntry, digits string) string
	full  func(e *payEntry, digits string) bool // nothing can follow; else # or the timeout ends it
	mask  func(digits string) string
}

// payEntry holds what a caller has entered so far, and what counts as right.
type payEntry struct {
	method     string   // credit-card or ach-debit
	cards      []string // validCardTypes
	postalLeft int      // minPostalCodeLength
	now        time.Time
	got        map[string]string // digits by the name of the field
}

// The values of ErrorType that come from what was entered.
const (
	payTimeout      = "input-timeout"
	payCardNumber   = "invalid-card-number"
	payCardType     = "invalid-card-type"
	payDate         = "invalid-date"
	paySecurityCode = "invalid-security-code"
	payPostalCode   = "invalid-postal-code"
	payRouting      = "invalid-bank-routing-number"
	payAccount      = "invalid-bank-account-number"
	payMismatch     = "input-matching-failed"
)

// defaultCards are the validCardTypes of Pay and of Payments.
var defaultCards = []string{"visa", "mastercard", "amex"}

// payFields are in the order in which Pay asks for them.
var payFields = []payField{
	{"payment-card-number", "PaymentCardNumber", (*payEntry).checkCard, func(e *payEntry, d string) bool { return len(d) == cardLength(d) }, maskCard},
	{"expiration-date", "ExpirationDate", (*payEntry).checkDate, digitsFull(4), func(d string) string { return d }},
	{"security-code", "SecurityCode", (*payEntry).checkSecurityCode, func(e *payEntry, d string) bool { return len(d) == e.securityDigits() }, stars},
	{"postal-code", "PaymentCardPostalCode", (*payEntry).checkPostalCode, digitsFull(10), func(d string) string { return d }},
	{"bank-routing-number", "BankRoutingNumber", func(_ *payEntry, d string) string { return pick(routingOK(d), "", payRouting) }, digitsFull(9),
		func(d string) string { return d }},
	{"bank-account-number", "BankAccountNumber", func(_ *payEntry, d string) string { return pick(len(d) >= 4 && len(d) <= 17, "", payAccount) },
		digitsFull(17), func(d string) string { return d[max(0, len(d)-2):] }},
}

func payFieldNamed(name string) *payField {
	i := slices.IndexFunc(payFields, func(f payField) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &payFields[i]
}

func digitsFull(n int) func(*payEntry, string) bool {
	return func(_ *payEntry, digits string) bool { return len(digits) == n }
}

// cardKinds are told apart by the first digits; the first match counts.
var cardKinds = []struct {
	name      string
	low, high int // of the first digits; both have the same number of them
	length    int
}{
	{"enroute", 2014, 2014, 15}, {"enroute", 2149, 2149, 15},
	{"diners-club", 300, 305, 14}, {"diners-club", 36, 36, 14}, {"diners-club", 38, 38, 14},
	{"optima", 3707, 3707, 15}, {"amex", 34, 34, 15}, {"amex", 37, 37, 15},
	{"jcb", 3528, 3589, 16},
	{"visa", 4, 4, 16},
	{"mastercard", 51, 55, 16}, {"mastercard", 2221, 2720, 16},
	{"discover", 6011, 6011, 16}, {"discover", 644, 649, 16}, {"discover", 65, 65, 16},
	{"maestro", 50, 50, 16}, {"maestro", 56, 69, 16},
}

// cardType is the type of a card number as validCardTypes writes it, or "".
func cardType(digits string) string {
	name, _ := cardKind(digits)
	return name
}

func cardLength(digits string) int {
	_, n := cardKind(digits)
	return n
}

func cardKind(digits string) (string, int) {
	for _, k := range cardKinds {
		width := len(strconv.Itoa(k.low))
		if len(digits) < width {
			continue
		}
		if n, err := strconv.Atoi(digits[:width]); err == nil && n >= k.low && n <= k.high {
			return k.name, k.length
		}
	}
	return "", 16
}

func (e *payEntry) checkCard(digits string) string {
	switch {
	case len(digits) != cardLength(digits) || !luhn(digits):
		return payCardNumber
	case !slices.Contains(e.cards, cardType(digits)):
		return payCardType
	}
	return ""
}

// luhn is the check sum of card numbers (ISO/IEC 7812-1).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// routingOK is the check sum of American bank routing numbers.
func routingOK(digits string) bool {
	if len(digits) != 9 {
		return false
	}
	sum := 0
	for i, weight := range []int{3, 7, 1, 3, 7, 1, 3, 7, 1} {
		sum += weight * int(digits[i]-'0')
	}
	return sum%10 == 0
}

// checkDate takes MMYY, up to the end of the month.
func (e *payEntry) checkDate(digits string) string {
	t, err := time.Parse("0106", digits)
	if err != nil || !t.AddDate(0, 1, 0).After(e.now) {
		return payDate
	}
	return ""
}

func (e *payEntry) securityDigits() int {
	if t := cardType(e.got["payment-card-number"]); t == "amex" || t == "optima" {
		return 4
	}
	return 3
}

func (e *payEntry) checkSecurityCode(digits string) string {
	return pick(len(digits) == e.securityDigits(), "", paySecurityCode)
}

func (e *payEntry) checkPostalCode(digits string) string {
	return pick(len(digits) >= max(1, e.postalLeft), "", payPostalCode)
}

// fields are the parameters that show what was entered, masked.
func (e *payEntry) fields() form {
	var f form
	for _, field := range payFields {
		digits, ok := e.got[field.name]
		if !ok {
			continue
		}
		f = f.with(field.param, field.mask(digits))
		if field.name == "payment-card-number" {
			f = f.with("PaymentCardType", cardType(digits))
		}
	}
	return f
}

// maskCard shows the last four digits, as in xxxx-xxxxxx-x4001 of a card of 15.
func maskCard(digits string) string {
	shown := strings.Repeat("x", max(0, len(digits)-4)) + digits[max(0, len(digits)-4):]
	groups := []int{4, 4, 4, 4}
	if len(digits) == 15 {
		groups = []int{4, 6, 5}
	}
	var parts []string
	for _, n := range groups {
		n = min(n, len(shown))
		parts, shown = append(parts, shown[:n]), shown[n:]
	}
	return strings.Trim(strings.Join(parts, "-")+shown, "-")
}

func stars(digits string) string { return strings.Repeat("*", len(digits)) }
