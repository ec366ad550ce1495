package twiml

func cardTypes() []string {
	return []string{"visa", "mastercard", "amex", "maestro", "discover", "optima", "jcb", "diners-club", "enroute"}
}

// payElements are Pay and its Prompt.
func payElements() []*ElementSpec {
	return []*ElementSpec{
		{
			Name: "Pay", Kind: Verb, Source: "/docs/voice/twiml/pay", Doc: "Takes a payment by keys.",
			After: Action, NoAction: SameDocument, Children: []string{"Prompt", "Parameter"},
			Attrs: []AttrSpec{
				action(64016, "Requested by POST with the result, https only; the current document if absent."),
				callback("statusCallback", 0, "Told about each step."),
				method("statusCallbackMethod", 0),
				{Name: "input", Type: Enum, Values: []string{"dtmf"}, Default: "dtmf", Doc: "How the caller answers."},
				{Name: "paymentMethod", Type: Enum, Values: []string{"credit-card", "ach-debit"}, Default: "credit-card", Doc: "What is paid with."},
				{Name: "bankAccountType", Type: Enum, Values: []string{"consumer-checking", "consumer-savings", "commercial-checking", "commercial-savings"}, Default: "consumer-checking", Code: 64017, Doc: "Kind of account; only with ach-debit."},
				{Name: "timeout", Type: Seconds, Min: 1, Max: 600, Default: "5", Doc: "Time for each key."},
				{Name: "maxAttempts", Type: Int, Min: 1, Max: 3, Doc: "How often wrong input may be repeated."},
				{Name: "securityCode", Type: Bool, Default: "true", Doc: "Whether the card's security code is asked for."},
				{Name: "postalCode", Default: "true", Doc: "Whether the postal code is asked for; or the code itself."},
				{Name: "minPostalCodeLength", Type: Int, Min: 1, Doc: "Fewest characters of a postal code."},
				{Name: "paymentConnector", Default: "Default", Code: 64004, Doc: "Name of the payment connector."},
				{Name: "tokenType", Type: Enum, Values: []string{"one-time", "reusable", "payment-method"}, Default: "reusable", Doc: "Kind of token when nothing is charged."},
				{Name: "chargeAmount", Type: Decimal, Max: 1000000, Code: 64003, Doc: "Amount; 0 or absent makes a token."},
				{Name: "currency", Min: 3, Max: 3, Default: "usd", Doc: "ISO code of the currency."},
				{Name: "language", Type: Language, Values: []string{"de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-IE", "en-NZ", "en-PH", "en-ZA", "en-US", "es-ES", "es-MX", "es-US", "fr-CA", "fr-FR", "it-IT"}, Open: true, Default: "en-US", Doc: "Language of Twilio's own prompts."},
				{Name: "description", Doc: "Description of the payment."},
				{Name: "validCardTypes", Type: EnumList, Values: cardTypes(), Default: "visa mastercard amex", Doc: "Cards that are taken."},
			},
		},
		{
			Name: "Prompt", Kind: Child, Source: "/docs/voice/twiml/pay/prompt", Doc: "What is heard at one step of a payment.",
			Children: []string{"Say", "Play", "Pause"},
			Attrs: []AttrSpec{
				{Name: "for", Type: Enum, Values: []string{"payment-card-number", "expiration-date", "security-code", "postal-code", "payment-processing", "bank-account-number", "bank-routing-number"}, Doc: "The step."},
				{Name: "errorType", Type: EnumList, Values: []string{"timeout", "invalid-card-number", "invalid-card-type", "invalid-date", "invalid-security-code", "internal-error", "input-matching-failed", "invalid-bank-routing-number"}, Open: true, Doc: "Only after these errors."},
				{Name: "cardType", Type: EnumList, Values: cardTypes(), Doc: "Only for these cards."},
				{Name: "attempt", Type: IntList, Min: 1, Max: 10, Doc: "Only at these tries."},
				{Name: "requireMatchingInputs", Type: Bool, Doc: "Whether the caller has to enter it twice."},
			},
		},
	}
}
