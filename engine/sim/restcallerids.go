package sim

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// outgoingCallerID is a number of somebody else that was verified for From.
type outgoingCallerID struct {
	sim     *Sim
	sid     string
	phone   string
	name    string
	created time.Time
	updated time.Time
}

func (o *outgoingCallerID) json() any {
	return object{"sid": o.sid, "account_sid": o.sim.o.AccountSID, "friendly_name": o.name, "phone_number": o.phone,
		"date_created": date(o.created), "date_updated": date(o.updated), "uri": o.sim.uri("OutgoingCallerIds", o.sid)}
}

// callerIDAt is a verified number, or nil.
func (s *Sim) callerIDAt(phone string) *outgoingCallerID {
	if i := slices.IndexFunc(s.callerIDs, func(o *outgoingCallerID) bool { return o.phone == phone }); i >= 0 {
		return s.callerIDs[i]
	}
	return nil
}

// AddCallerID verifies a number of somebody else, so that calls may come From it.
func (s *Sim) AddCallerID(phone string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addCallerID(phone, formatted(phone))
}

func (s *Sim) addCallerID(phone, name string) *outgoingCallerID {
	o := &outgoingCallerID{sim: s, sid: fixedSID("PN", phone), phone: phone, name: name, created: s.now(), updated: s.now()}
	s.callerIDs = append(s.callerIDs, o)
	return o
}

func theCallerID(s *Sim, q *restRequest) (*outgoingCallerID, *restError) {
	return among(s.callerIDs, q, func(o *outgoingCallerID) bool { return o.sid == q.vars["Sid"] })
}

func (s *Sim) listCallerIDs(q *restRequest) (restAnswer, *restError) {
	var found []*outgoingCallerID
	for _, o := range s.callerIDs {
		if q.matches("PhoneNumber", o.phone) && q.matches("FriendlyName", o.name) {
			found = append(found, o)
		}
	}
	return page(s, q, "outgoing_caller_ids", found)
}

func (o *outgoingCallerID) update(q *restRequest) (restAnswer, *restError) {
	o.name, o.updated = cmp.Or(q.get("FriendlyName"), o.name), o.sim.now()
	return show(o, q)
}

func (o *outgoingCallerID) remove(*restRequest) (restAnswer, *restError) {
	o.sim.callerIDs = slices.DeleteFunc(o.sim.callerIDs, func(other *outgoingCallerID) bool { return other == o })
	return gone()
}

// verifyFrom is the number that Twilio's verification calls come from.
const verifyFrom = "+14157234000"

var verifyParams = params(
	plain("PhoneNumber FriendlyName"),
	wholes(codeParameter, 0, 60, "CallDelay"),
	patterns(21206, sendDigits, "is not made of digits", "Extension"),
	webURLs(21609, "StatusCallback"),
	methods("StatusCallbackMethod"),
)

// verification is a call that asks its party for a code.
type verification struct {
	call     *Call
	name     string
	code     string
	typed    string
	callback endpoint
}

func (v *verification) json() any {
	return object{"account_sid": v.call.sim.o.AccountSID, "call_sid": v.call.sid, "friendly_name": v.name,
		"phone_number": v.call.to, "validation_code": v.code}
}

// verifyCallerID calls a number, which is verified once its party has pressed the
// code that the answer names.
func (s *Sim) verifyCallerID(q *restRequest) (restAnswer, *restError) {
	phone := q.get("PhoneNumber")
	switch {
	case !e164.MatchString(phone):
		return restAnswer{}, badRequest(21211, "Invalid 'PhoneNumber': "+phone)
	case s.callerIDAt(phone) != nil:
		return restAnswer{}, badRequest(21450, "Phone number already validated: "+phone)
	}
	v := &verification{name: cmp.Or(q.get("FriendlyName"), formatted(phone)), code: strconv.Itoa(100_000 + int(s.sids.Uint64()%900_000)),
		call: s.newCall(nil, "outbound-api", verifyFrom, phone), callback: q.endpoint("StatusCallback")}
	v.call.tones = q.get("Extension")
	v.call.onAnswer, v.call.onEnd = v.ask, v.report
	v.call.setStatus("queued")
	s.after(q.seconds("CallDelay", 0), func() { v.call.dialOut(time.Minute) })
	return show(v, q)
}

// ask waits for the code, for a minute.
func (v *verification) ask() {
	c := v.call
	c.hears("Please enter your validation code.")
	c.note(EntryListening, "validation code")
	c.keys = func(key rune) {
		if v.typed += string(key); len(v.typed) >= len(v.code) {
			c.end("completed")
		}
	}
	c.sim.after(time.Minute, func() { c.end("completed") })
}

// report ends the verification, with success or not.
func (v *verification) report() {
	s := v.call.sim
	f := v.call.standard().with("VerificationStatus", pick(v.typed == v.code, "success", "failed"))
	if v.typed == v.code {
		f = f.with("OutgoingCallerIdSid", s.addCallerID(v.call.to, v.name).sid)
	}
	if v.callback.url != "" {
		s.callback(hook{name: "verification", sid: v.call.sid, to: v.callback, params: f})
	}
}
