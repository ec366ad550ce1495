package sim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

const visa = "4111111111111111"

// TestPay pays by keys in every way that ends.
func TestPay(t *testing.T) {
	t.Parallel()
	const ach = `<Pay paymentMethod="ach-debit" bankAccountType="consumer-savings" action="/done" statusCallback="/step"/>`
	for _, tc := range []struct {
		name, doc string
		switches  sim.Switches
		keys      []string // one for each question
		want      map[string]string
		steps     string // For, with ErrorType and Attempt where there was an error
	}{
		{"charge", `<Pay chargeAmount="20.45" action="/done" statusCallback="/step"/>`, sim.Switches{}, []string{visa, "1230", "123", "94105#"},
			map[string]string{"Result": "success", "PaymentToken": "-", "PaymentMethod": "credit-card", "PaymentCardNumber": "xxxx-xxxx-xxxx-1111", "PaymentCardType": "visa",
				"ExpirationDate": "1230", "SecurityCode": "***", "PaymentCardPostalCode": "94105", "CallStatus": "in-progress"},
			"payment-card-number expiration-date security-code postal-code payment-processing"},
		{"token, fewer questions", `<Pay securityCode="false" postalCode="94105" action="/done" statusCallback="/step"/>`, sim.Switches{}, []string{visa, "1230"},
			map[string]string{"Result": "success", "PaymentConfirmationCode": "-", "SecurityCode": "-", "PaymentCardPostalCode": "94105"},
			"payment-card-number expiration-date payment-processing"},
		{"bank", ach, sim.Switches{}, []string{"021000021", "1234567#"},
			map[string]string{"Result": "success", "BankAccountNumber": "67", "BankRoutingNumber": "021000021", "BankAccountType": "consumer-savings", "PaymentCardNumber": "-"},
			"bank-routing-number bank-account-number payment-processing"},
		{"second try", ach, sim.Switches{}, []string{"021000020", "021000021", "1234567#"}, map[string]string{"Result": "success"},
			"bank-routing-number!invalid-bank-routing-number1 bank-routing-number bank-account-number payment-processing"},
		{"too many tries", ach, sim.Switches{}, []string{"1#", ""}, map[string]string{"Result": "too-many-failed-attempts"},
			"bank-routing-number!invalid-bank-routing-number1 bank-routing-number!input-timeout2"},
		{"the first try counts", ach, sim.Switches{FirstTryCounts: true}, []string{"1#"}, map[string]string{"Result": "too-many-failed-attempts"},
			"bank-routing-number!invalid-bank-routing-number1"},
		{"star", ach, sim.Switches{}, []string{"12*"}, map[string]string{"Result": "caller-interrupted-with-star"}, ""},
		{"card of another kind", `<Pay validCardTypes="amex" maxAttempts="3" action="/done" statusCallback="/step"/>`, sim.Switches{}, []string{visa, "*"},
			map[string]string{"Result": "caller-interrupted-with-star"}, "payment-card-number!invalid-card-type1"},
		{"declined", `<Pay chargeAmount="1" securityCode="false" postalCode="false" action="/done" statusCallback="/step"/>`, sim.Switches{}, []string{"4000000000000002", "1230"},
			map[string]string{"Result": "payment-connector-error", "PayErrorCode": "64008", "PaymentConfirmationCode": "-"},
			"payment-card-number expiration-date payment-processing!internal-error1"},
		{"amount that is none", `<Pay chargeAmount="ten" action="/done" statusCallback="/step"/>`, sim.Switches{}, nil,
			map[string]string{"Result": "validation-error", "PayErrorCode": "64003"}, ""},
		{"twice the same", `<Pay securityCode="false" postalCode="false" action="/done" statusCallback="/step"><Prompt for="expiration-date" requireMatchingInputs="true"><Say>Until?</Say></Prompt></Pay>`,
			sim.Switches{}, []string{visa, "1230", "1231", "1230", "1230"}, map[string]string{"Result": "success", "ExpirationDate": "1230"},
			"payment-card-number expiration-date!input-matching-failed1 expiration-date payment-processing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Options{Switches: tc.switches}, map[string]string{"/voice": tc.doc + `<Say>never</Say>`, "/done": `<Say>Bye</Say>`})
			c, err := w.CallAs(sim.Party{Script: sim.Replies(0, tc.keys...)}, alice, ours, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.ended(c)
			wantFields(t, w.one("/done"), tc.want)
			if c.HeardText("never") || !c.HeardText("Bye") {
				t.Errorf("heard %q", c.Heard())
			}
			var steps []string
			for _, f := range w.requests("/step") {
				step := f.Get("For")
				if f.Get("ErrorType") != "" {
					step += "!" + f.Get("ErrorType") + f.Get("Attempt")
				}
				steps = append(steps, step)
				wantFields(t, f, map[string]string{"CallSid": c.SID(), "AccountSid": w.AccountSID(), "From": "-"})
			}
			if got := strings.Join(steps, " "); got != tc.steps {
				t.Errorf("steps %s\nwant  %s", got, tc.steps)
			}
		})
	}
}

func TestPayFailureFallsThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{Switches: sim.Switches{PayFailureFallsThrough: true}}, map[string]string{
		"/voice": `<Pay timeout="1" action="/done"/><Say>on</Say>`})
	c := w.call()
	w.ended(c)
	if !c.HeardText("on") || len(w.requests("/done")) != 0 {
		t.Errorf("heard %q", c.Heard())
	}
}

func TestPayHangup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Pay action="/done"/>`, "/done": ""})
	c := w.call()
	w.until("asks", c.Listening)
	c.Press("4111")
	c.Hangup()
	w.ended(c)
	wantFields(t, w.one("/done"), map[string]string{"Result": "caller-hung-up", "CallStatus": "completed"})
}

// TestPayPrompts: the Prompt that names most of what is the case is heard.
func TestPayPrompts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, map[string]string{"/voice": `<Pay maxAttempts="2" postalCode="false" action="/done">
		<Prompt for="payment-card-number"><Say>Card</Say></Prompt>
		<Prompt for="payment-card-number" errorType="invalid-card-number timeout"><Say>Wrong card</Say></Prompt>
		<Prompt for="payment-card-number" errorType="timeout" attempt="3"><Say>Last chance</Say></Prompt>
		<Prompt for="security-code" cardType="amex"><Say>Four digits</Say></Prompt>
		<Prompt for="security-code" cardType="visa mastercard"><Say>Three digits</Say></Prompt>
		<Prompt for="payment-processing"><Say>One moment</Say></Prompt></Pay>`, "/done": ""})
	c, err := w.CallAs(sim.Party{Script: sim.Replies(0, "12#", "", visa, "1230", "123")}, alice, ours, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	w.until("processed", c.Ended)
	heard := c.Heard()
	if len(heard) != 6 || !strings.HasPrefix(heard[3], "Please enter the expiration date") {
		t.Fatalf("heard %q", heard)
	}
	heard[3] = ""
	if got, want := strings.Join(heard, "|"), "Card|Wrong card|Last chance||Three digits|One moment"; got != want {
		t.Errorf("heard %s", got)
	}
	w.clock.Advance(time.Second)
}

// TestPayOverPlainHTTP: card data goes over https only, but for the own machine.
func TestPayOverPlainHTTP(t *testing.T) {
	t.Parallel()
	s, _ := callDocument(t, `<Response><Pay action="http://app.example.com/done"/></Response>`)
	if found := s.Alerts(); len(found) != 1 || found[0].Code != 64016 || found[0].Level != sim.LevelError {
		t.Errorf("%+v", found)
	}
}
