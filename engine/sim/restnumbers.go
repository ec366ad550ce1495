package sim

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
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
		p = &phoneNumber{sim: s, sid: rest.FixedSID("PN", phone), phone: phone, name: formatted(phone), created: s.now()}
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

func (p *phoneNumber) JSON() any {
	s := p.sim
	o := webhooksJSON(p.own, p.settings)
	o["sid"], o["account_sid"], o["phone_number"], o["friendly_name"] = p.sid, s.o.AccountSID, p.phone, p.name
	o["date_created"], o["date_updated"], o["uri"] = date(p.created), date(p.updated), s.uri("IncomingPhoneNumbers", p.sid)
	o["status_callback"] = p.own.StatusCallback
	o["voice_application_sid"], o["sms_application_sid"], o["trunk_sid"] = rest.Text(p.app), rest.Text(p.smsApp), rest.Text(p.trunk)
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

var numberParams = rest.Join(webhookParams,
	rest.Plain("SmsApplicationSid VoiceApplicationSid TrunkSid EmergencyStatus EmergencyAddressSid IdentitySid AddressSid BundleSid"),
	rest.Words(rest.CodeParameter, "voice fax", "VoiceReceiveMode"))

var (
	createNumberParams = rest.Join(numberParams, rest.Plain("PhoneNumber AreaCode"))
	updateNumberParams = rest.Join(numberParams, rest.Plain("AccountSid"))
)

func numberAt(s *Sim, q *rest.Request) (*phoneNumber, *rest.Error) {
	return rest.Among(slices.Collect(maps.Values(s.numbers)), q, func(p *phoneNumber) bool { return p.sid == q.Vars["Sid"] })
}

// listNumbers lists the numbers of a kind; "" is all.
func listNumbers(kind string) handler {
	return func(s *Sim, q *rest.Request) (rest.Answer, *rest.Error) {
		var found []*phoneNumber
		for _, phone := range slices.Sorted(maps.Keys(s.numbers)) {
			p := s.numbers[phone]
			// A part of a number is enough: PhoneNumber takes * for any digit too.
			if (kind == "" || kind == p.kind()) && numberLike(phone, q.Get("PhoneNumber")) && q.Matches("FriendlyName", p.name) &&
				q.Matches("Origin", "twilio") && !q.Flag("Beta") {
				found = append(found, p)
			}
		}
		return rest.Page(q, "incoming_phone_numbers", found)
	}
}

func numberLike(phone, pattern string) bool {
	form := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, "[0-9]")
	ok, err := regexp.MatchString(form, phone)
	return err == nil && ok
}

// createNumber buys a number: the one that is named, or any of an area.
func (s *Sim) createNumber(q *rest.Request) (rest.Answer, *rest.Error) {
	phone := q.Get("PhoneNumber")
	switch area := q.Get("AreaCode"); {
	case phone == "" && area == "":
		return rest.Answer{}, rest.BadRequest(21451, "PhoneNumber or AreaCode is required")
	case phone == "" && len(s.available("US", area, "", 1)) == 0:
		return rest.Answer{}, rest.BadRequest(21452, "No phone numbers found in area code "+area)
	case phone == "":
		phone = s.available("US", area, "", 1)[0]
	case !e164.MatchString(phone):
		return rest.Answer{}, rest.BadRequest(21421, "PhoneNumber is invalid: "+phone)
	case s.numbers[phone] != nil:
		return rest.Answer{}, rest.BadRequest(21422, phone+" is not available: the account has it")
	}
	if e := s.checkApplication(q); e != nil {
		return rest.Answer{}, e
	}
	p := s.setNumber(phone, Number{})
	p.mobile = strings.HasSuffix(q.Path, "/Mobile.json")
	p.set(q)
	return rest.Created(p)
}

// checkApplication refuses an application that there is not.
func (s *Sim) checkApplication(q *rest.Request) *rest.Error {
	if app := q.Get("VoiceApplicationSid"); app != "" && s.applicationAt(app) == nil {
		return rest.BadRequest(21218, "Invalid ApplicationSid: "+app)
	}
	return nil
}

func (p *phoneNumber) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := p.sim.checkApplication(q); e != nil {
		return rest.Answer{}, e
	}
	p.set(q)
	return rest.Show(p, q)
}

// set takes over the parameters. A trunk and webhooks of the number's own exclude
// each other; the trunk wins.
func (p *phoneNumber) set(q *rest.Request) {
	setVoice(q, &p.own)
	setSettings(q, &p.settings)
	q.SetText("VoiceApplicationSid", &p.app)
	q.SetText("SmsApplicationSid", &p.smsApp)
	q.SetText("TrunkSid", &p.trunk)
	if q.Has("VoiceReceiveMode") {
		p.fax = strings.EqualFold(q.Get("VoiceReceiveMode"), "fax")
	}
	p.name, p.updated = cmp.Or(q.Get("FriendlyName"), p.name), p.sim.now()
}

// remove releases the number.
func (p *phoneNumber) remove(*rest.Request) (rest.Answer, *rest.Error) {
	delete(p.sim.numbers, p.phone)
	return rest.Deleted()
}
