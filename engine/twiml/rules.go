package twiml

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rules checks what concerns more than one attribute or child of an element.
func (c *checker) rules(e *Element) {
	switch e.Name {
	case "Say":
		c.say(e)
	case "Play":
		c.play(e)
	case "Gather":
		c.gather(e)
	case "Record":
		c.record(e)
	case "Redirect":
		c.address(e.Body(), true)
	case "Dial":
		c.dial(e)
	case "Number":
		c.number(e.Body())
	case "Sip", "Uri":
		c.sip(e)
	case "Client", "Application":
		c.called(e)
	case "Conference":
		c.conference(e)
	case "Enqueue", "Queue", "Task":
		c.queue(e)
	case "Pay":
		c.pay(e)
	case "Refer", "Connect", "Start", "Stop":
		if len(e.Elements()) == 0 {
			c.add("", CodeSchema, "<%s> is empty; it needs a noun", e.Name)
		}
	case "Stream", "Siprec", "Recording", "Transcription":
		c.media(e)
	}
	if c.inline {
		c.absolute(e)
	}
}

func (c *checker) say(e *Element) {
	speech := e.Speech()
	if speech == "" {
		if len(e.Elements()) == 0 {
			c.add("", 13520, "<Say> has nothing to say")
		}
		return
	}
	voice, _ := e.Attr("voice")
	limit := MaxSayBasic
	if strings.HasPrefix(voice, "Polly.") {
		limit = MaxSayPolly
	}
	if n := utf8.RuneCountInString(speech); n > limit {
		c.add("", 13521, "the text has %d characters; this voice speaks at most %d", n, limit)
		return
	}
	// Every byte counts three at most, so short text needs no counting.
	if 3*len(speech) <= MaxSayEncoded {
		return
	}
	encoded := 0
	for _, r := range speech {
		encoded += encodedLen(r)
	}
	if encoded > MaxSayEncoded {
		c.add("", 13521, "the text has %d characters in URL-encoded form; at most %d are allowed", encoded, MaxSayEncoded)
	}
}

func (c *checker) play(e *Element) {
	digits, has := e.Attr("digits")
	switch body := e.Body(); {
	case has && c.parentName() == "Gather":
		c.add("digits", CodeSchema, "keys cannot be played in a <Gather>")
	case !has && body == "":
		c.add("", CodeSchema, "<Play> needs the URL of a file, or digits")
	case has && digits == "" && body == "":
		c.add("digits", 13430, "there are no keys to play")
	case body != "":
		c.address(body, false)
	}
}

// address checks a URL that is the text of an element. Twilio also plays what
// has another scheme than http, so only the form counts.
func (c *checker) address(text string, emptyIsCurrent bool) {
	if text == "" {
		if c.inline && emptyIsCurrent {
			c.add("", codeURL, "an inline document has no URL that could be requested again; give one")
		}
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		c.add("", codeURL, "%q is not a URL", text)
	case strings.Contains(u.Hostname(), "_"):
		c.add("", codeURL, "%q: Twilio refuses a host name with an underscore", text)
	case c.inline && !u.IsAbs():
		c.add("", codeURL, "%q is relative; in an inline document it has to be absolute", text)
	}
}

func (c *checker) gather(e *Element) {
	model, hasModel := e.Attr("speechModel")
	if hasModel && e.AttrOr("speechTimeout", "") == "auto" {
		c.add("speechTimeout", 13335, "auto cannot be used with speechModel %s; give seconds", model)
	}
}

func (c *checker) record(e *Element) {
	length, err := strconv.Atoi(e.AttrOr("maxLength", "120"))
	if e.AttrOr("transcribe", "false") == "true" && err == nil && length > 120 {
		c.add("maxLength", 13615, "a recording that is transcribed has at most 120 seconds, not %d", length)
	}
}

func (c *checker) dial(e *Element) {
	nouns := e.Elements()
	body := e.Body()
	switch {
	case len(nouns) == 0 && body == "":
		c.add("", CodeSchema, "<Dial> dials nobody; it needs a number or a noun")
	case len(nouns) == 0:
		c.number(body)
	case body != "":
		c.add("", CodeSchema, "<Dial> holds a number or nouns, not both")
	}
	if len(nouns) < 2 {
		return
	}
	if e.First("Conference") != nil {
		c.add("", 13000, "<Conference> has to be the only noun of a <Dial>")
	}
	if e.First("Queue") != nil {
		c.add("", 13215, "<Queue> has to be the only noun of a <Dial>")
	}
}

// number checks a telephone number: E.164 or a national one, with the usual
// marks between the digits.
func (c *checker) number(text string) {
	if text == "" {
		return
	}
	digits := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -().", r):
		default:
			c.add("", 13223, "%q is not a telephone number such as +14155550100", text)
			return
		}
	}
	if digits == 0 || digits > 15 {
		c.add("", 13223, "%q has %d digits; a telephone number has 1 to 15", text, digits)
	}
}

func (c *checker) sip(e *Element) {
	body := e.Body()
	if body == "" {
		if e.Name == "Sip" && c.parentName() == "Dial" && e.First("Uri") == nil {
			c.add("", 13243, "<Sip> needs a SIP URI")
		}
		return
	}
	uri, headers, _ := strings.Cut(body, "?")
	lower := strings.ToLower(uri)
	switch {
	case !strings.HasPrefix(lower, "sip:") && !strings.HasPrefix(lower, "sips:") && !strings.Contains(uri, "@"):
		// Twilio's own examples leave the scheme out.
		c.add("", 13243, "%q is not a SIP URI such as sip:kate@example.com", uri)
	case utf8.RuneCountInString(uri) > 254:
		c.add("", 13243, "the SIP URI has %d characters; at most 254 are allowed", utf8.RuneCountInString(uri))
	case utf8.RuneCountInString(headers) > 1023:
		c.add("", 13253, "the SIP headers have %d characters; at most 1023 are allowed", utf8.RuneCountInString(headers))
	}
}

// called checks the nouns that have their address as text or as a child.
func (c *checker) called(e *Element) {
	child := "Identity"
	if e.Name == "Application" {
		child = "ApplicationSid"
	}
	if e.Body() == "" && e.First(child) == nil {
		c.add("", CodeSchema, "<%s> is empty; it needs text or <%s>", e.Name, child)
	}
}

func (c *checker) conference(e *Element) {
	label, has := e.Attr("participantLabel")
	if has && (strings.Contains(label, "/") || strings.HasPrefix(label, "CA") && sidDigits.MatchString(label[2:])) {
		c.add("participantLabel", 16023, "%q has a slash or is a call SID", label)
	}
}

func (c *checker) queue(e *Element) {
	switch e.Name {
	case "Task":
		var attributes map[string]any
		if body := e.Body(); body != "" && (json.Unmarshal([]byte(body), &attributes) != nil || attributes == nil) {
			c.add("", 14221, "the attributes of the task are not a JSON object")
		}
	case "Queue":
		if _, has := e.Attr("reservationSid"); !has && e.Body() == "" {
			c.add("", 14212, "<Queue> needs the name of a queue, or reservationSid")
		}
	default:
		_, workflow := e.Attr("workflowSid")
		switch {
		case !workflow && e.First("Task") != nil:
			c.add("workflowSid", 14220, "a <Task> needs the workflowSid of <Enqueue>")
		case !workflow && e.Body() == "":
			c.add("", 14204, "<Enqueue> needs the name of a queue, or workflowSid and a <Task>")
		}
	}
}

func (c *checker) pay(e *Element) {
	if to, err := url.Parse(e.AttrOr("action", "")); err == nil && to.Scheme == "http" && !Loopback(to.Hostname()) {
		c.add("action", 64016, "the action of <Pay> has to be https")
	}
	if _, has := e.Attr("bankAccountType"); has && e.AttrOr("paymentMethod", "credit-card") == "credit-card" {
		c.add("bankAccountType", 64017, "bankAccountType needs paymentMethod ach-debit")
	}
}

// media checks the nouns of Connect, Start and Stop that share their names.
func (c *checker) media(e *Element) {
	parent := c.parentName()
	_, named := e.Attr("name")
	if parent == "Stop" {
		if !named {
			c.add("name", CodeSchema, "<Stop> needs the name of the <%s> to stop", e.Name)
		}
		return
	}
	if e.Name != "Stream" {
		return
	}
	_, hasURL := e.Attr("url")
	_, hasConnector := e.Attr("connectorName")
	if !hasURL && !hasConnector {
		c.add("url", CodeSchema, "<Stream> needs url or connectorName")
	}
	if track, has := e.Attr("track"); has && parent == "Connect" && track != "inbound_track" {
		c.add("track", 31941, "a <Stream> of <Connect> has only the track inbound_track")
	}
}

// absolute checks the URLs of an inline document.
func (c *checker) absolute(e *Element) {
	spec, ok := Lookup(e.Name)
	if !ok {
		return
	}
	again := spec.NoAction == SameDocument && spec.After == Action
	if _, has := e.Attr("action"); again && !has {
		c.add("action", codeURL, "<%s> needs an action: an inline document has no URL that could be requested again", e.Name)
	}
	for _, a := range e.Attrs {
		as, ok := spec.Attr(a.Name)
		if !ok || as.Type != URL || a.Value == "" && !(again && a.Name == "action") {
			continue
		}
		u, err := url.Parse(a.Value)
		if err != nil || u.IsAbs() || slices.Contains(as.Values, "wss") {
			continue // what is not a URL at all has been reported
		}
		code := codeURL
		if again && a.Name == "action" {
			code = 15004
		}
		c.add(a.Name, code, "%s %q is relative; in an inline document it has to be absolute", a.Name, a.Value)
	}
}
