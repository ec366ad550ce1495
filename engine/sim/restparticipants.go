package sim

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine/sim/rest"
	"github.com/ringdown/ringdown/engine/twiml"
)

// invite is a participant that the REST API calls into a conference.
type invite struct {
	room  *room
	call  *Call
	label string
	noun  *twiml.Element // the Conference that it joins
}

func (v *invite) JSON() any {
	s := v.room.sim
	status := map[string]string{"queued": "queued", "ringing": "ringing", "in-progress": "connecting", "completed": "complete"}[v.call.status]
	if status == "" {
		status = "failed"
	}
	coach, coaching := v.noun.Attr("coach")
	return participantJSON{
		AccountSID: s.o.AccountSID, CallSID: v.call.sid, CallSIDToCoach: rest.Text(coach), Coaching: coaching, ConferenceSID: v.room.sid,
		DateCreated: date(v.call.created), DateUpdated: date(v.call.updated), Label: rest.Text(v.label), Status: status,
		Muted: boolAttr(v.noun, "muted", false), EndConferenceOnExit: boolAttr(v.noun, "endConferenceOnExit", false),
		StartConferenceOnEnter: boolAttr(v.noun, "startConferenceOnEnter", true),
		QueueTime:              rest.Text(strconv.FormatInt(v.call.queueTime.Milliseconds(), 10)),
		URI:                    s.uri("Conferences", v.room.sid, "Participants", v.call.sid),
	}
}

// update changes how the participant will join.
func (v *invite) update(q *rest.Request) (rest.Answer, *rest.Error) {
	for _, a := range []struct{ name, param string }{{"muted", "Muted"}, {"endConferenceOnExit", "EndConferenceOnExit"}, {"beep", "BeepOnExit"}} {
		if q.Has(a.param) {
			v.noun.Set(a.name, strconv.FormatBool(q.Flag(a.param)))
		}
	}
	return rest.Show(v, q)
}

// remove cancels the call.
func (v *invite) remove(*rest.Request) (rest.Answer, *rest.Error) {
	v.call.sip = 487
	v.call.end("canceled")
	return rest.Deleted()
}

// invited finds a participant that has not joined yet, by CallSid or label.
func (rm *room) invited(name string) *invite {
	for _, v := range rm.invites {
		if v.call.sid == name || v.label != "" && v.label == name {
			return v
		}
	}
	return nil
}

// createParticipantParams are those of POST Participants (documentation:
// Participant resource).
var createParticipantParams = rest.Join(legParams,
	rest.Plain("Muted StartConferenceOnEnter EndConferenceOnExit EarlyMedia Coaching CallSidToCoach CallerDisplayName Label WaitUrl AsyncAmd"),
	rest.Wholes(21208, 5, 600, "Timeout"),
	rest.Wholes(rest.CodeParameter, 2, 250, "MaxParticipants"),
	rest.Words(rest.CodeParameter, "true false onEnter onExit", "Beep"),
	rest.Words(rest.CodeParameter, "true false record-from-start do-not-record", "ConferenceRecord"),
	rest.Words(rest.CodeParameter, "trim-silence do-not-trim", "ConferenceTrim"),
	rest.Words(rest.CodeParameter, "small medium large off", "JitterBufferSize"),
	rest.Words(rest.CodeParameter, "us1 us2 ie1 de1 sg1 br1 au1 jp1", "Region"),
	rest.WebURLs(21609, "ConferenceStatusCallback ConferenceRecordingStatusCallback AmdStatusCallback"),
	rest.Methods("WaitMethod ConferenceStatusCallbackMethod ConferenceRecordingStatusCallbackMethod AmdStatusCallbackMethod"),
	rest.EventLists("start end join leave mute hold modify speaker announcement", "ConferenceStatusCallbackEvent"),
	rest.EventLists("in-progress completed absent failed", "ConferenceRecordingStatusCallbackEvent"),
	rest.EventLists("started in-progress paused resumed stopped completed failed absent", "RecordingStatusCallbackEvent"),
)

// inviteParticipant calls somebody into a conference (documentation: Participant
// resource, "Create"). A name without a live conference makes one.
func (s *Sim) inviteParticipant(q *rest.Request) (rest.Answer, *rest.Error) {
	name := q.Vars["ConferenceSid"]
	rm := s.liveRoom(name)
	if e := s.checkInvite(q, rm, name); e != nil {
		return rest.Answer{}, e
	}
	if rm == nil {
		rm = &room{sim: s, sid: s.sid("CF"), name: name, status: "init", region: strings.ToLower(q.Get("Region")), created: s.now(), updated: s.now()}
		rm.callback = subscriptionOf(q, "ConferenceStatusCallback", "start", "end")
		rm.setRecord(q.Get("ConferenceRecord"), subscriptionOf(q, "ConferenceRecordingStatusCallback", "completed"))
		s.rooms = append(s.rooms, rm)
	}
	c := s.newCall(nil, "outbound-api", q.Get("From"), q.Get("To"))
	c.progress = progressOf(q, c)
	c.detect = detectionOf(q, s)
	c.detect.async, c.detect.callback = true, endpointOf(q, "AmdStatusCallback")
	if q.Has("AsyncAmd") {
		c.warn(21263, "AsyncAmd has no meaning for a participant")
	}
	c.timeLimit, c.shownAs = q.Seconds("TimeLimit", 0), q.Get("CallerId")
	warnSIP(q, c)
	v := &invite{room: rm, call: c, label: q.Get("Label"), noun: conferenceNoun(q, rm.sid)}
	rm.invites = append(rm.invites, v)
	v.onAnswer(recordsLeg(q))
	s.dialInTurn(c, q.Seconds("Timeout", 60))
	return rest.Created(v)
}

// checkInvite refuses what cannot join; rm is nil where there is no conference yet.
func (s *Sim) checkInvite(q *rest.Request, rm *room, name string) *rest.Error {
	if e := s.checkAddresses(q); e != nil {
		return e
	}
	if e := s.checkBacklog(); e != nil {
		return e
	}
	label := q.Get("Label")
	switch {
	case rm == nil && rest.IsSID(name, "CF"):
		return rest.BadRequest(16022, "Conference "+name+" is not in progress")
	case len([]rune(name)) > 128:
		return rest.BadRequest(13237, "The conference's name is longer than 128 characters")
	case len([]rune(label)) > 128 || strings.Contains(label, "/") || rest.IsSID(label, "CA"):
		return rest.BadRequest(16024, "Invalid participant label: at most 128 characters, no / and no CallSid: "+label)
	case rm != nil && label != "" && (rm.find(label) != nil || rm.invited(label) != nil):
		return rest.BadRequest(16026, "Participant label is in use by another participant: "+label)
	case q.Flag("Coaching") && rm == nil:
		return rest.BadRequest(16028, "The call to coach is not in the conference")
	case q.Flag("Coaching"):
		_, e := rm.coached(q)
		return e
	}
	return nil
}

// onAnswer puts the party straight into the conference; one that cannot be had
// ends a conference that nobody is in.
func (v *invite) onAnswer(record func(*Call)) {
	rm, c := v.room, v.call
	joined := false
	leave := func() { rm.invites = slices.DeleteFunc(rm.invites, func(o *invite) bool { return o == v }) }
	c.onAnswer = func() {
		leave()
		joined = true
		if rm.status == "completed" {
			c.end("completed")
			return
		}
		record(c)
		c.runInline(twiml.El("Dial", v.noun))
	}
	c.onEnd = func() {
		if joined || rm.status == "completed" {
			return
		}
		leave()
		m := &member{room: rm, call: c, label: v.label}
		rm.report("leave", "participant-leave", m, form{{"ParticipantCallStatus", c.status}, {"ReasonParticipantLeft", "participant_add_failed"}})
		if len(rm.members) == 0 && len(rm.invites) == 0 {
			rm.end("last-participant-left", m, "")
		}
	}
}

// conferenceNoun writes the parameters as the attributes of a Conference.
func conferenceNoun(q *rest.Request, sid string) *twiml.Element {
	noun := twiml.El("Conference", twiml.Text(sid))
	for _, a := range []struct{ name, param string }{
		{"muted", "Muted"}, {"beep", "Beep"}, {"startConferenceOnEnter", "StartConferenceOnEnter"},
		{"endConferenceOnExit", "EndConferenceOnExit"}, {"participantLabel", "Label"}, {"waitUrl", "WaitUrl"},
		{"waitMethod", "WaitMethod"}, {"maxParticipants", "MaxParticipants"},
	} {
		if q.Has(a.param) {
			noun.Set(a.name, q.Get(a.param))
		}
	}
	if q.Flag("Coaching") {
		noun.Set("coach", q.Get("CallSidToCoach"))
	}
	return noun
}

// subscriptionOf reads a callback parameter with its Method and Event companions;
// events are those that are meant without the latter.
func subscriptionOf(q *rest.Request, name string, events ...string) subscription {
	p := subscription{endpointOf(q, name), map[string]bool{}}
	for _, list := range q.Form[name+"Event"] {
		for _, event := range strings.Fields(list) {
			p.events[event] = true
		}
	}
	if len(p.events) == 0 {
		for _, event := range events {
			p.events[event] = true
		}
	}
	return p
}
