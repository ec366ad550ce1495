package sim

import (
	"net/url"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

const (
	codeCallerID = 13214
	codeSim      = 13258
)

// target is the address of a noun.
func target(noun *twiml.Element) string {
	address := noun.Body()
	switch noun.Name {
	case "Number":
		return dialled(address)
	case "Client":
		if id := noun.First("Identity"); id != nil {
			address = id.Body()
		}
		return "client:" + address
	case "Sip":
		if uri := noun.First("Uri"); uri != nil {
			address = uri.Body()
		}
		if !strings.HasPrefix(address, "sip:") && !strings.HasPrefix(address, "sips:") {
			address = "sip:" + address
		}
	case "WhatsApp":
		return "whatsapp:" + dialled(strings.TrimPrefix(address, "whatsapp:"))
	case "Application":
		if sid := noun.First("ApplicationSid"); sid != nil {
			address = sid.Body()
		}
		values := url.Values{}
		for _, p := range parameters(noun) {
			values.Add(p.name, p.value)
		}
		return strings.TrimSuffix("app:"+address+"?"+values.Encode(), "?")
	}
	return address
}

// dialled is the E.164 form of a number as people write it: marks between the
// digits do not count, and one without country is of North America.
func dialled(number string) string {
	digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(number)
	switch {
	case strings.HasPrefix(digits, "+"):
	case len(digits) == 10:
		return "+1" + digits
	case len(digits) == 11 && digits[0] == '1':
		return "+" + digits
	}
	return digits
}

// callerID is the address that the called parties see.
func (d *dial) callerID() string {
	if id := d.verb.AttrOr("callerId", ""); id != "" {
		return id
	}
	return d.run.call.from
}

// dialable reports whether a party can be rung at all; if not, the debugger says
// why.
func (d *dial) dialable(noun *twiml.Element) bool {
	c := d.run.call
	switch to := target(noun); {
	case noun.Name == "Sim":
		c.warn(codeSim, "the simulator has no SIM "+to)
		return false
	case noun.Name == "Number" && strings.Trim(to, "+0123456789") != "" || noun.Body() == "" && len(noun.Elements()) == 0:
		return false // reported with the document
	case noun.Name == "Number" && !d.mayShow(d.callerID()):
		c.warn(codeCallerID, "callerId has to be a number of the account, or one of this call: "+d.callerID())
		return false
	}
	return true
}

// mayShow reports whether a telephone may see a number as the caller: one of the
// account, or one of this call unless that is no telephone call.
func (d *dial) mayShow(id string) bool {
	c := d.run.call
	if _, own := c.sim.numbers[dialled(id)]; own || len(c.sim.numbers) == 0 || c.sim.callerIDAt(dialled(id)) != nil {
		return true
	}
	return (id == c.from || id == c.to) && !strings.HasPrefix(id, "client:") && !strings.HasPrefix(id, "sip:")
}

// detectionOf reads the detection attributes of a noun; there it is always
// asynchronous.
func (r *run) detectionOf(noun *twiml.Element) detection {
	mode, _ := noun.Attr("machineDetection")
	if mode != "" && noun.Name != "Number" && noun.Name != "Sip" {
		r.call.warn(twiml.CodeSchema, "no machine detection for <"+noun.Name+">")
		mode = ""
	}
	if _, digits := noun.Attr("sendDigits"); digits {
		mode = ""
	}
	url, _ := noun.Attr("amdStatusCallback")
	if url != "" {
		url, _ = r.resolve(url)
	}
	return detection{mode: mode, async: true, callback: endpoint{url, noun.AttrOr("amdStatusCallbackMethod", "POST")},
		timeout: ranges{3, 60, 30}.of(noun.AttrOr("machineDetectionTimeout", ""), time.Second),
		quiet:   ranges{500, 5000, 1200}.of(noun.AttrOr("machineDetectionSpeechEndThreshold", ""), time.Millisecond)}
}
