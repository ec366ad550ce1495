package sim

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
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

func (o *outgoingCallerID) JSON() any {
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
	o := &outgoingCallerID{sim: s, sid: rest.FixedSID("PN", phone), phone: phone, name: name, created: s.now(), updated: s.now()}
	s.callerIDs = append(s.callerIDs, o)
	return o
}

func theCallerID(s *Sim, q *rest.Request) (*outgoingCallerID, *rest.Error) {
	return rest.Among(s.callerIDs, q, func(o *outgoingCallerID) bool { return o.sid == q.Vars["Sid"] })
}

func (s *Sim) listCallerIDs(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []*outgoingCallerID
	for _, o := range s.callerIDs {
		if q.Matches("PhoneNumber", o.phone) && q.Matches("FriendlyName", o.name) {
			found = append(found, o)
		}
	}
	return rest.Page(q, "outgoing_caller_ids", found)
}

func (o *outgoingCallerID) update(q *rest.Request) (rest.Answer, *rest.Error) {
	o.name, o.updated = cmp.Or(q.Get("FriendlyName"), o.name), o.sim.now()
	return rest.Show(o, q)
}

func (o *outgoingCallerID) remove(*rest.Request) (rest.Answer, *rest.Error) {
	o.sim.callerIDs = slices.DeleteFunc(o.sim.callerIDs, func(other *outgoingCallerID) bool { return other == o })
	return rest.Deleted()
}

// verifyFrom is the number that Twilio's verification calls come from.
const verifyFrom = "+14157234000"

var verifyParams = rest.Join(
	rest.Plain("PhoneNumber FriendlyName"),
	rest.Wholes(rest.CodeParameter, 0, 60, "CallDelay"),
	rest.Patterns(21206, sendDigits, "is not made of digits", "Extension"),
	rest.WebURLs(21609, "StatusCallback"),
	rest.Methods("StatusCallbackMethod"),
)

// verification is a call that asks its party for a code.
type verification struct {
	call     *Call
	name     string
	code     string
	typed    string
	callback endpoint
}

func (v *verification) JSON() any {
	return object{"account_sid": v.call.sim.o.AccountSID, "call_sid": v.call.sid, "friendly_name": v.name,
		"phone_number": v.call.to, "validation_code": v.code}
}

// verifyCallerID calls a number, which is verified once its party has pressed the
// code that the answer names.
func (s *Sim) verifyCallerID(q *rest.Request) (rest.Answer, *rest.Error) {
	phone := q.Get("PhoneNumber")
	switch {
	case !e164.MatchString(phone):
		return rest.Answer{}, rest.BadRequest(21211, "Invalid 'PhoneNumber': "+phone)
	case s.callerIDAt(phone) != nil:
		return rest.Answer{}, rest.BadRequest(21450, "Phone number already validated: "+phone)
	}
	v := &verification{name: cmp.Or(q.Get("FriendlyName"), formatted(phone)), code: strconv.Itoa(100_000 + int(s.sids.Uint64()%900_000)),
		call: s.newCall(nil, "outbound-api", verifyFrom, phone), callback: endpointOf(q, "StatusCallback")}
	v.call.tones = q.Get("Extension")
	v.call.onAnswer, v.call.onEnd = v.ask, v.report
	v.call.setStatus("queued")
	s.after(q.Seconds("CallDelay", 0), func() { v.call.dialOut(time.Minute) })
	return rest.Show(v, q)
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
