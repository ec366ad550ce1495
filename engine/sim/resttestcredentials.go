package sim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// Test credentials check the parameters of a few requests and do nothing else
// (documentation: Test credentials): magic numbers stand for each error.

// magicNumbers are the codes of From and To, by path and number; "" is any other
// number, and 0 is success.
var magicNumbers = map[string]struct{ from, to map[string]int }{
	"Calls": {
		from: map[string]int{"+15005550006": 0, "+15005550001": 21212, "": 21210},
		to:   map[string]int{"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216},
	},
	"Messages": {
		from: map[string]int{"+15005550006": 0, "+15005550001": 21212, "+15005550008": 21611, "": 21606},
		to: map[string]int{"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610,
			"+15005550009": 21614},
	},
}

// magicCode is the error that a number stands for, or 0.
func magicCode(codes map[string]int, number string) int {
	if code, ok := codes[number]; ok {
		return code
	}
	return codes[""]
}

// answerTest answers a request with test credentials.
func (s *Sim) answerTest(found *route, q *rest.Request) (rest.Answer, *rest.Error) {
	name, below := strings.CutPrefix(found.Path, accountPath)
	if q.Method != http.MethodPost || !below || strings.Contains(name, "/") {
		return s.forbidden()
	}
	if e := found.Takes.Check(q, s.unknownParameter(q)); e != nil {
		return rest.Answer{}, e
	}
	magic := magicNumbers[name]
	from, to := q.Get("From"), q.Get("To")
	var made rest.Resource
	switch name {
	case "Calls":
		c := &Call{sim: s, sid: s.sid("CA"), from: from, to: to, direction: "outbound-api", status: "queued", created: s.now(), updated: s.now()}
		if from == "" || to == "" || !addressOK(to) {
			return rest.Answer{}, s.checkAddresses(q)
		}
		if _, e := s.sourceApplication(q); e != nil {
			return rest.Answer{}, e
		}
		made = c
	case "Messages":
		made = s.newMessage(from, to, q.Get("Body"), "")
		if e := checkText(q); e != nil {
			return rest.Answer{}, e
		}
	case "IncomingPhoneNumbers":
		return s.testNumber(q)
	default:
		return s.forbidden()
	}
	for _, code := range []int{magicCode(magic.from, from), magicCode(magic.to, to)} {
		if code != 0 {
			return rest.Answer{}, rest.BadRequest(code, "The magic number of error "+errorPage(code))
		}
	}
	return s.asTest(made), nil
}

// testNumber buys +15005550006, or any number of the area code 500.
func (s *Sim) testNumber(q *rest.Request) (rest.Answer, *rest.Error) {
	phone, area := q.Get("PhoneNumber"), q.Get("AreaCode")
	switch {
	case phone == "+15005550001":
		return rest.Answer{}, rest.BadRequest(21421, "PhoneNumber is invalid: "+phone)
	case phone != "" && phone != "+15005550006":
		return rest.Answer{}, rest.BadRequest(21422, phone+" is not available")
	case phone == "" && area != "500":
		return rest.Answer{}, rest.BadRequest(21452, "No phone numbers found in area code "+area)
	}
	p := &phoneNumber{sim: s, sid: rest.FixedSID("PN", "+15005550006"), phone: "+15005550006", created: s.now(), updated: s.now()}
	p.name = formatted(p.phone)
	return s.asTest(p), nil
}

func (s *Sim) forbidden() (rest.Answer, *rest.Error) {
	return rest.Answer{}, rest.Refuse(http.StatusForbidden, 20008, "Resource not accessible with Test Account Credentials")
}

// asTest shows a resource as one of the test account.
func (s *Sim) asTest(x rest.Resource) rest.Answer {
	var body bytes.Buffer
	_ = json.NewEncoder(&body).Encode(x.JSON()) // plain data, cannot fail
	text := strings.ReplaceAll(body.String(), s.o.AccountSID, s.o.TestAccountSID)
	return rest.Answer{Status: http.StatusCreated, Body: json.RawMessage(text)}
}
