package sim

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// phoneNumber is a number of the account.
type phoneNumber struct {
	sim      *Sim
	sid      string // the same number always has the same
	phone    string
	name     string
	own      Number // its own webhooks; those of an application win over them
	app      string // VoiceApplicationSid
	smsApp   string
	trunk    string
	fax      bool // VoiceReceiveMode
	mobile   bool // bought as such
	settings settings
	created  time.Time
	updated  time.Time
}

// setNumber gives the account a number, or changes one that it has.
func (s *Sim) setNumber(phone string, n Number) *phoneNumber {
	p := s.numbers[phone]
	if p == nil {
		p = &phoneNumber{sim: s, sid: fixedSID("PN", phone), phone: phone, name: formatted(phone), created: s.now()}
		s.numbers[phone] = p
	}
	p.own, p.updated = n, s.now()
	return p
}

// voice are the webhooks of a call to the number.
func (p *phoneNumber) voice() Number {
	if app := p.sim.applicationAt(p.app); app != nil {
		return app.voice
	}
	return p.own
}

func (p *phoneNumber) json() any {
	s := p.sim
	o := webhooksJSON(p.own, p.settings)
	o["sid"], o["account_sid"], o["phone_number"], o["friendly_name"] = p.sid, s.o.AccountSID, p.phone, p.name
	o["date_created"], o["date_updated"], o["uri"] = date(p.created), date(p.updated), s.uri("IncomingPhoneNumbers", p.sid)
	o["status_callback"] = p.own.StatusCallback
	o["voice_application_sid"], o["sms_application_sid"], o["trunk_sid"] = text(p.app), text(p.smsApp), text(p.trunk)
	o["voice_receive_mode"] = pick(p.fax, "fax", "voice")
	o["capabilities"] = object{"voice": true, "sms": true, "mms": true, "fax": false}
	o["address_requirements"], o["beta"], o["origin"], o["status"], o["type"] = "none", false, "twilio", "in-use", p.kind()
	o["emergency_status"], o["emergency_address_status"] = "Inactive", "unregistered"
	for _, none := range []string{"address_sid", "identity_sid", "bundle_sid", "emergency_address_sid"} {
		o[none] = nil
	}
	o["subresource_uris"] = object{"assigned_add_ons": s.uri("IncomingPhoneNumbers", p.sid, "AssignedAddOns")}
	return o
}

// kind is local, mobile or toll-free; the last the number itself tells.
func (p *phoneNumber) kind() string {
	return pick(tollFree.MatchString(p.phone), "toll-free", pick(p.mobile, "mobile", "local"))
}

var tollFree = regexp.MustCompile(`^\+1(800|833|844|855|866|877|888)`)

var numberParams = params(webhookParams,
	plain("SmsApplicationSid VoiceApplicationSid TrunkSid EmergencyStatus EmergencyAddressSid IdentitySid AddressSid BundleSid"),
	words(codeParameter, "voice fax", "VoiceReceiveMode"))

var (
	createNumberParams = params(numberParams, plain("PhoneNumber AreaCode"))
	updateNumberParams = params(numberParams, plain("AccountSid"))
)

func numberAt(s *Sim, q *restRequest) (*phoneNumber, *restError) {
	return among(slices.Collect(maps.Values(s.numbers)), q, func(p *phoneNumber) bool { return p.sid == q.vars["Sid"] })
}

// listNumbers lists the numbers of a kind; "" is all.
func listNumbers(kind string) handler {
	return func(s *Sim, q *restRequest) (restAnswer, *restError) {
		var found []*phoneNumber
		for _, phone := range slices.Sorted(maps.Keys(s.numbers)) {
			p := s.numbers[phone]
			// A part of a number is enough: PhoneNumber takes * for any digit too.
			if (kind == "" || kind == p.kind()) && numberLike(phone, q.get("PhoneNumber")) && q.matches("FriendlyName", p.name) &&
				q.matches("Origin", "twilio") && !q.flag("Beta") {
				found = append(found, p)
			}
		}
		return page(s, q, "incoming_phone_numbers", found)
	}
}

func numberLike(phone, pattern string) bool {
	form := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, "[0-9]")
	ok, err := regexp.MatchString(form, phone)
	return err == nil && ok
}

// createNumber buys a number: the one that is named, or any of an area.
func (s *Sim) createNumber(q *restRequest) (restAnswer, *restError) {
	phone := q.get("PhoneNumber")
	switch area := q.get("AreaCode"); {
	case phone == "" && area == "":
		return restAnswer{}, badRequest(21451, "PhoneNumber or AreaCode is required")
	case phone == "" && len(s.available("US", area, "", 1)) == 0:
		return restAnswer{}, badRequest(21452, "No phone numbers found in area code "+area)
	case phone == "":
		phone = s.available("US", area, "", 1)[0]
	case !e164.MatchString(phone):
		return restAnswer{}, badRequest(21421, "PhoneNumber is invalid: "+phone)
	case s.numbers[phone] != nil:
		return restAnswer{}, badRequest(21422, phone+" is not available: the account has it")
	}
	if e := s.checkApplication(q); e != nil {
		return restAnswer{}, e
	}
	p := s.setNumber(phone, Number{})
	p.mobile = strings.HasSuffix(q.path, "/Mobile.json")
	p.set(q)
	return made(p)
}

// checkApplication refuses an application that there is not.
func (s *Sim) checkApplication(q *restRequest) *restError {
	if app := q.get("VoiceApplicationSid"); app != "" && s.applicationAt(app) == nil {
		return badRequest(21218, "Invalid ApplicationSid: "+app)
	}
	return nil
}

func (p *phoneNumber) update(q *restRequest) (restAnswer, *restError) {
	if e := p.sim.checkApplication(q); e != nil {
		return restAnswer{}, e
	}
	p.set(q)
	return show(p, q)
}

// set takes over the parameters. A trunk and webhooks of the number's own exclude
// each other; the trunk wins.
func (p *phoneNumber) set(q *restRequest) {
	q.setVoice(&p.own)
	q.setSettings(&p.settings)
	q.setText("VoiceApplicationSid", &p.app)
	q.setText("SmsApplicationSid", &p.smsApp)
	q.setText("TrunkSid", &p.trunk)
	if q.has("VoiceReceiveMode") {
		p.fax = strings.EqualFold(q.get("VoiceReceiveMode"), "fax")
	}
	p.name, p.updated = cmp.Or(q.get("FriendlyName"), p.name), p.sim.now()
}

// remove releases the number.
func (p *phoneNumber) remove(*restRequest) (restAnswer, *restError) {
	delete(p.sim.numbers, p.phone)
	return gone()
}
