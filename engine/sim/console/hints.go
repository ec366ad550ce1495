package console

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/ringdown/ringdown/engine/sim"
)

// hints say what to do about a code that webhooks, callbacks and documents give.
var hints = map[int]string{
	11100: "A webhook needs an absolute http or https URL; relative ones count from the document they stand in.",
	11200: "The application must answer each webhook with 2xx and TwiML within 15 s.",
	11205: "The connection broke. Is the application still running?",
	11206: "What answered does not speak HTTP as it should. Is the port the right one?",
	11210: "No such host. In a container, name the machine of the application as the simulator sees it.",
	11215: "The application redirects in a circle.",
	11237: "The certificate is not trusted. Over loopback, plain http is enough.",
	12100: "The answer is no XML: send <Response>...</Response> and nothing before it.",
	12200: "The document is no TwiML as Twilio defines it: names are case-sensitive (<Say>, not <say>), and each verb takes only its own attributes and nouns.",
	12300: "Set the header Content-Type: text/xml. Frameworks often send text/html or application/json by default.",
	11770: "The application has answered with nothing: send at least <Response/>, which hangs up.",
	12102: "The answer is XML, but not <Response>: often the page of an error, or another path's.",
	13214: "callerId is a number of the account or the caller's own.",
	13223: "A number to dial is + and digits; a client is <Client>, a SIP address is <Sip>.",
	13238: "Wait, hold and announcement documents take only <Play>, <Say>, <Pause> and <Redirect>.",
	15003: "The callback was not answered with 2xx. Calls go on, but what it told is lost to the application.",
}

// restHints say what to do about a refused REST request.
var restHints = map[int]string{
	20003: "Use the account SID and token that the simulator has shown at its start (or set both for it with TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN).",
	20404: "The simulator has no such resource, or the application asks for another account.",
	21210: "From is no number of the account: add it with --number or PUT /sim/v1/numbers/NUMBER.",
	21212: "From is no number of the account: add it with --number or PUT /sim/v1/numbers/NUMBER.",
	21211: "To is no address. In a form a bare + is a blank: write it %2B (curl --data-urlencode).",
	20429: "A fault asks for this (rest-429): Twilio limits requests, the application has to repeat it later.",
}

// Hint says what to do about a warning, or nothing.
func Hint(e sim.Entry) string {
	switch {
	case e.Code == 11202 || e.Code == 11201:
		return fmt.Sprintf("Nothing answers at %s. Is the application running, and on that port? In a container localhost is the container itself.", host(e.URL))
	case e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized:
		return "Does the application check the signature? Then its auth token must be that of the simulator, and the URL that it takes for its own must be exactly " +
			e.URL + " (scheme, port and query included)."
	case e.Status == http.StatusNotFound:
		return fmt.Sprintf("The application has no %s for this path. Look at the voice URL of the number, and at action and url in the document before.", e.Method)
	case e.Status == http.StatusMethodNotAllowed:
		return "The application does not take " + e.Method + " there. Set the method of the number or the verb to the other one."
	case e.Status >= http.StatusInternalServerError:
		return "The application failed; its own log says why. Twilio goes to the fallback URL, if the number has one."
	}
	return hints[e.Code]
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Scheme + "://" + u.Host
}
