package sim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

type conferenceJSON struct {
	AccountSID              string            `json:"account_sid"`
	APIVersion              string            `json:"api_version"`
	CallSIDEndingConference *string           `json:"call_sid_ending_conference"`
	DateCreated             *string           `json:"date_created"`
	DateUpdated             *string           `json:"date_updated"`
	FriendlyName            string            `json:"friendly_name"`
	ReasonConferenceEnded   *string           `json:"reason_conference_ended"`
	Region                  string            `json:"region"`
	SID                     string            `json:"sid"`
	Status                  string            `json:"status"`
	SubresourceURIs         map[string]string `json:"subresource_uris"`
	URI                     string            `json:"uri"`
}

func (rm *room) json() any {
	s := rm.sim
	j := conferenceJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, DateCreated: date(rm.created), DateUpdated: date(rm.updated),
		FriendlyName: rm.name, ReasonConferenceEnded: text(rm.reason), Region: cmp.Or(rm.region, "us1"), SID: rm.sid, Status: rm.status,
		SubresourceURIs: map[string]string{
			"participants": s.uri("Conferences", rm.sid, "Participants"),
			"recordings":   s.uri("Conferences", rm.sid, "Recordings"),
		},
		URI: s.uri("Conferences", rm.sid),
	}
	if rm.ending != nil {
		j.CallSIDEndingConference = &rm.ending.sid
	}
	return j
}

func (s *Sim) listConferences(q *restRequest) (restAnswer, *restError) {
	var found []*room
	for _, rm := range s.rooms {
		if q.matches("FriendlyName", rm.name) && q.matches("Status", rm.status) &&
			q.dateMatches("DateCreated", rm.created) && q.dateMatches("DateUpdated", rm.updated) {
			found = append(found, rm)
		}
	}
	slices.Reverse(found)
	return page(s, q, "conferences", found)
}

// roomAt finds a conference by SID or, while it is live, by name.
func roomAt(s *Sim, q *restRequest) (*room, *restError) {
	id := cmp.Or(q.vars["ConferenceSid"], q.vars["Sid"])
	for _, rm := range s.rooms {
		if rm.sid == id {
			return rm, nil
		}
	}
	if rm := s.liveRoom(id); rm != nil {
		return rm, nil
	}
	return nil, notFound(q.path)
}

var updateConferenceParams = params(
	words(codeParameter, "completed", "Status"),
	webURLs(21205, "AnnounceUrl"),
	methods("AnnounceMethod"),
)

func (rm *room) update(q *restRequest) (restAnswer, *restError) {
	if rm.status == "completed" {
		return restAnswer{}, badRequest(16001, "Conference "+rm.sid+" is not active")
	}
	if url := q.get("AnnounceUrl"); url != "" {
		rm.announce(endpoint{url, q.get("AnnounceMethod")})
	}
	if q.get("Status") == "completed" {
		rm.end("conference-ended-via-api", nil, leftEnded)
	}
	return show(rm, q)
}

type participantJSON struct {
	AccountSID             string  `json:"account_sid"`
	CallSID                string  `json:"call_sid"`
	CallSIDToCoach         *string `json:"call_sid_to_coach"`
	Coaching               bool    `json:"coaching"`
	ConferenceSID          string  `json:"conference_sid"`
	DateCreated            *string `json:"date_created"`
	DateUpdated            *string `json:"date_updated"`
	EndConferenceOnExit    bool    `json:"end_conference_on_exit"`
	Hold                   bool    `json:"hold"`
	Label                  *string `json:"label"`
	Muted                  bool    `json:"muted"`
	QueueTime              *string `json:"queue_time"`
	StartConferenceOnEnter bool    `json:"start_conference_on_enter"`
	Status                 string  `json:"status"`
	URI                    string  `json:"uri"`
}

func (m *member) json() any {
	s := m.room.sim
	return participantJSON{
		AccountSID: s.o.AccountSID, CallSID: m.call.sid, CallSIDToCoach: text(m.coach), Coaching: m.coaching,
		ConferenceSID: m.room.sid, DateCreated: date(m.joined), DateUpdated: date(m.updated),
		EndConferenceOnExit: m.endOnExit, Hold: m.hold, Label: text(m.label), Muted: m.muted,
		StartConferenceOnEnter: m.startOnEnter, Status: "connected",
		URI: s.uri("Conferences", m.room.sid, "Participants", m.call.sid),
	}
}

// participant is somebody in a conference, or on the way into it.
type participant interface {
	shown
	update(*restRequest) (restAnswer, *restError)
	remove(*restRequest) (restAnswer, *restError)
}

// participantAt finds a participant by CallSid or label.
func participantAt(s *Sim, q *restRequest) (participant, *restError) {
	rm, e := roomAt(s, q)
	if e != nil {
		return nil, e
	}
	id := q.vars["CallSid"]
	if m := rm.find(id); m != nil {
		return m, nil
	}
	if v := rm.invited(id); v != nil {
		return v, nil
	}
	return nil, notFound(q.path)
}

// listParticipants lists who is in a live conference.
func (rm *room) listParticipants(q *restRequest) (restAnswer, *restError) {
	flag := func(name string, on bool) bool { return !q.has(name) || q.flag(name) == on }
	var found []*member
	for _, m := range rm.members {
		if flag("Muted", m.muted) && flag("Hold", m.hold) && flag("Coaching", m.coaching) {
			found = append(found, m)
		}
	}
	return page(rm.sim, q, "participants", found)
}

var updateParticipantParams = params(
	plain("Muted Hold BeepOnExit EndConferenceOnExit Coaching CallSidToCoach"),
	webURLs(21205, "HoldUrl AnnounceUrl"),
	methods("HoldMethod AnnounceMethod WaitMethod"),
	plain("WaitUrl"), // empty for silence
)

// remove kicks the participant.
func (m *member) remove(*restRequest) (restAnswer, *restError) {
	m.kick()
	return gone()
}

// update changes a participant (documentation: Participant resource). While it
// is on hold, EndConferenceOnExit has no effect.
func (m *member) update(q *restRequest) (restAnswer, *restError) {
	if q.flag("Coaching") {
		target, e := m.room.coached(q)
		if e != nil {
			return restAnswer{}, e
		}
		m.coach = target.call.sid
	}
	m.updated = m.room.sim.now()
	onHold := m.hold
	if q.has("Muted") {
		m.mute(q.flag("Muted"))
	}
	if q.has("Hold") {
		m.setHold(q.flag("Hold"), endpoint{q.get("HoldUrl"), holdMethod(q.get("HoldMethod"))})
	}
	modified := false
	set := func(to *bool, name string) {
		if q.has(name) && *to != q.flag(name) {
			*to, modified = q.flag(name), true
		}
	}
	if !onHold || !m.hold {
		set(&m.endOnExit, "EndConferenceOnExit")
	}
	set(&m.coaching, "Coaching")
	if !m.coaching {
		m.coach = ""
	}
	if q.has("WaitUrl") {
		m.changeWait(q.get("WaitUrl"), q.get("WaitMethod"))
		modified = true
	}
	if q.has("BeepOnExit") {
		m.beep, modified = strings.ToLower(q.get("BeepOnExit")), true
	}
	if modified {
		m.room.report("modify", "participant-modify", m, nil)
	}
	if url := q.get("AnnounceUrl"); url != "" {
		m.announce(endpoint{url, q.get("AnnounceMethod")})
	}
	return show(m, q)
}

// coached is the participant whom CallSidToCoach names.
func (rm *room) coached(q *restRequest) (*member, *restError) {
	target := rm.find(q.get("CallSidToCoach"))
	switch {
	case target == nil:
		return nil, badRequest(16028, "The call to coach is not in the conference")
	case target.hold:
		return nil, badRequest(16027, "The call to coach is on hold")
	}
	return target, nil
}

// holdMethod is GET unless something else is asked for.
func holdMethod(method string) string {
	if method == "" {
		return http.MethodGet
	}
	return method
}

// Conference is what Sim.Conferences tells about one.
type Conference struct {
	SID, Name string
	Status    string   // init, in-progress or completed
	Reason    string   // why it has ended
	Calls     []string // CallSids of those in it, in the order of their joins
	Created   time.Time
}

// Conferences returns all conferences, oldest first.
func (s *Sim) Conferences() []Conference {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Conference
	for _, rm := range s.rooms {
		c := Conference{SID: rm.sid, Name: rm.name, Status: rm.status, Reason: rm.reason, Created: rm.created}
		for _, m := range rm.members {
			c.Calls = append(c.Calls, m.call.sid)
		}
		all = append(all, c)
	}
	return all
}
