package sim

import (
	"testing"
	"time"
)

func TestPayFields(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ field, digits, want string }{
		{"payment-card-number", "4111111111111111", ""},
		{"payment-card-number", "4111111111111112", payCardNumber},
		{"payment-card-number", "411111111111111", payCardNumber},
		{"payment-card-number", "378282246310005", ""},
		{"payment-card-number", "5555555555554444", ""},
		{"payment-card-number", "6011111111111117", payCardType},
		{"expiration-date", "0326", ""},
		{"expiration-date", "0226", payDate},
		{"expiration-date", "1326", payDate},
		{"security-code", "123", ""},
		{"security-code", "1234", paySecurityCode},
		{"postal-code", "9410", payPostalCode},
		{"postal-code", "94105", ""},
		{"bank-routing-number", "021000021", ""},
		{"bank-routing-number", "021000022", payRouting},
		{"bank-account-number", "123", payAccount},
		{"bank-account-number", "1234567890", ""},
	} {
		e := &payEntry{cards: defaultCards, postalLeft: 5, now: time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), got: map[string]string{}}
		if got := payFieldNamed(tc.field).check(e, tc.digits); got != tc.want {
			t.Errorf("%s %s: %q, want %q", tc.field, tc.digits, got, tc.want)
		}
	}
	for digits, want := range map[string]string{"378282246310005": "xxxx-xxxxxx-x0005", "4111111111111111": "xxxx-xxxx-xxxx-1111", "30569309025904": "xxxx-xxxx-xx59-04"} {
		if got := maskCard(digits); got != want {
			t.Errorf("mask of %s is %s, want %s", digits, got, want)
		}
	}
	e := &payEntry{cards: defaultCards, got: map[string]string{"payment-card-number": "378282246310005", "security-code": "1234"}}
	if got := e.fields().encode(); got != "PaymentCardNumber=xxxx-xxxxxx-x0005&PaymentCardType=amex&SecurityCode=%2A%2A%2A%2A" {
		t.Error(got)
	}
	if e.checkSecurityCode("123") != paySecurityCode {
		t.Error("amex has four digits")
	}
}
