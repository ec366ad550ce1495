package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// invite is a participant that the REST API calls into a conference.
type invite struct {
	room  *room
	call  *Call
	label string
}

func (v *invite) json() participantJSON {
	s := v.room.sim
	status := map[string]string{"queued": "queued", "ringing": "ringing", "in-progress": "connecting", "completed": "complete"}[v.call.status]
	if status == "" {
		status = "failed"
	}
	return participantJSON{
		AccountSID: s.o.AccountSID, CallSID: v.call.sid, ConferenceSID: v.room.sid, DateCreated: date(v.call.created),
		DateUpdated: date(v.call.updated), Label: text(v.label), Status: status,
		QueueTime: text(strconv.FormatInt(v.call.queueTime.Milliseconds(), 10)),
		URI:       s.uri("Conferences", v.room.sid, "Participants", v.call.sid),
	}
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

// inviteParticipant calls somebody into a conference (documentation: Participant
// resource, "Create"). A name without a live conference makes one.
func (s *Sim) inviteParticipant(q *restRequest) (restAnswer, *restError) {
	if e := s.checkAddresses(q); e != nil {
		return restAnswer{}, e
	}
	timeout, e := q.seconds("Timeout", 60, 600, 21208)
	if e != nil {
		return restAnswer{}, e
	}
	name := q.parts[1]
	rm := s.liveRoom(name)
	label := q.get("Label")
	switch {
	case rm == nil && strings.HasPrefix(name, "CF") && len(name) == 34:
		return restAnswer{}, badRequest(16022, "Conference "+name+" is not in progress")
	case rm != nil && label != "" && (rm.find(label) != nil || rm.invited(label) != nil):
		return restAnswer{}, badRequest(16025, "The label is in use: "+label)
	case q.flag("Coaching") && (rm == nil || rm.find(q.get("CallSidToCoach")) == nil):
		return restAnswer{}, badRequest(16028, "The call to coach is not in the conference")
	}
	if rm == nil {
		rm = &room{sim: s, sid: s.sid("CF"), name: name, status: "init", created: s.now(), updated: s.now()}
		rm.callback = q.subscription("ConferenceStatusCallback", "start", "end")
		rm.setRecord(q.get("ConferenceRecord"), q.subscription("ConferenceRecordingStatusCallback", "completed"))
		s.rooms = append(s.rooms, rm)
	}
	c := s.newCall(nil, "outbound-api", q.get("From"), q.get("To"))
	c.progress = q.progress(c)
	c.detect = q.detection(s)
	c.detect.async, c.detect.callback = true, q.endpoint("AmdStatusCallback")
	if q.has("AsyncAmd") {
		c.warn(21263, "AsyncAmd has no meaning for a participant")
	}
	if limit, err := strconv.Atoi(q.get("TimeLimit")); err == nil {
		c.timeLimit = time.Duration(limit) * time.Second
	}
	v := &invite{room: rm, call: c, label: label}
	rm.invites = append(rm.invites, v)
	v.onAnswer(q)
	s.dialInTurn(c, timeout)
	return restAnswer{status: http.StatusCreated, body: v.json()}, nil
}

// onAnswer puts the party straight into the conference; one that cannot be had
// ends a conference that nobody is in.
func (v *invite) onAnswer(q *restRequest) {
	rm, c := v.room, v.call
	record, recordTo := q.flag("Record"), q.subscription("RecordingStatusCallback", "completed")
	dual := q.get("RecordingChannels") == "dual"
	noun := conferenceNoun(q, rm.sid)
	joined := false
	leave := func() { rm.invites = slices.DeleteFunc(rm.invites, func(o *invite) bool { return o == v }) }
	c.onAnswer = func() {
		leave()
		joined = true
		if rm.status == "completed" {
			c.end("completed")
			return
		}
		if record {
			c.record = c.recordFrom("OutboundAPI", pick1or2(dual), recordTo)
		}
		c.runInline(twiml.El("Dial", noun))
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
func conferenceNoun(q *restRequest, sid string) *twiml.Element {
	noun := twiml.El("Conference", twiml.Text(sid))
	for _, a := range []struct{ name, param string }{
		{"muted", "Muted"}, {"beep", "Beep"}, {"startConferenceOnEnter", "StartConferenceOnEnter"},
		{"endConferenceOnExit", "EndConferenceOnExit"}, {"participantLabel", "Label"}, {"waitUrl", "WaitUrl"},
		{"waitMethod", "WaitMethod"}, {"maxParticipants", "MaxParticipants"},
	} {
		if q.has(a.param) {
			noun.Set(a.name, q.get(a.param))
		}
	}
	if q.flag("Coaching") {
		noun.Set("coach", q.get("CallSidToCoach"))
	}
	return noun
}

// subscription reads a callback parameter with its Method and Event companions;
// events are those that are meant without the latter.
func (q *restRequest) subscription(name string, events ...string) subscription {
	p := subscription{q.endpoint(name), map[string]bool{}}
	for _, list := range q.form[name+"Event"] {
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
