package sim

import (
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

func (rm *room) json() conferenceJSON {
	s := rm.sim
	j := conferenceJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, DateCreated: date(rm.created), DateUpdated: date(rm.updated),
		FriendlyName: rm.name, ReasonConferenceEnded: text(rm.reason), Region: "us1", SID: rm.sid, Status: rm.status,
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

func (s *Sim) restConferences(q *restRequest) (restAnswer, *restError) {
	if len(q.parts) == 1 {
		if q.method != http.MethodGet {
			return restAnswer{}, q.notAllowed()
		}
		var found []*room
		for _, rm := range s.rooms {
			if q.matches("FriendlyName", rm.name) && q.matches("Status", rm.status) &&
				q.dateMatches("DateCreated", rm.created) && q.dateMatches("DateUpdated", rm.updated) {
				found = append(found, rm)
			}
		}
		slices.Reverse(found)
		return page(s, q, "conferences", found, (*room).json)
	}
	if len(q.parts) == 3 && q.parts[2] == "Participants" && q.method == http.MethodPost {
		return s.inviteParticipant(q)
	}
	rm := s.roomAt(q.parts[1])
	if rm == nil {
		return restAnswer{}, notFound(q.path)
	}
	switch {
	case len(q.parts) > 2 && q.parts[2] == "Participants":
		return rm.restParticipants(q)
	case len(q.parts) > 2 && q.parts[2] == "Recordings":
		return s.restRecord(q, nil, rm)
	case len(q.parts) > 2:
		return restAnswer{}, notFound(q.path)
	case q.method == http.MethodGet:
		return restAnswer{status: 200, body: rm.json()}, nil
	case q.method == http.MethodPost:
		return rm.update(q)
	}
	return restAnswer{}, q.notAllowed()
}

// roomAt finds a conference by SID or, while it is live, by name.
func (s *Sim) roomAt(id string) *room {
	for _, rm := range s.rooms {
		if rm.sid == id {
			return rm
		}
	}
	return s.liveRoom(id)
}

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
	return restAnswer{status: 200, body: rm.json()}, nil
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

func (m *member) json() participantJSON {
	s := m.room.sim
	return participantJSON{
		AccountSID: s.o.AccountSID, CallSID: m.call.sid, CallSIDToCoach: text(m.coach), Coaching: m.coaching,
		ConferenceSID: m.room.sid, DateCreated: date(m.joined), DateUpdated: date(m.updated),
		EndConferenceOnExit: m.endOnExit, Hold: m.hold, Label: text(m.label), Muted: m.muted,
		StartConferenceOnEnter: m.startOnEnter, Status: "connected",
		URI: s.uri("Conferences", m.room.sid, "Participants", m.call.sid),
	}
}

func (rm *room) restParticipants(q *restRequest) (restAnswer, *restError) {
	if len(q.parts) == 3 {
		if q.method != http.MethodGet {
			return restAnswer{}, q.notAllowed()
		}
		flag := func(name string, on bool) bool { return !q.has(name) || q.flag(name) == on }
		var found []*member
		for _, m := range rm.members {
			if flag("Muted", m.muted) && flag("Hold", m.hold) && flag("Coaching", m.coaching) {
				found = append(found, m)
			}
		}
		return page(rm.sim, q, "participants", found, (*member).json)
	}
	m := rm.find(q.parts[3])
	if v := rm.invited(q.parts[3]); m == nil && v != nil && len(q.parts) == 4 {
		if q.method == http.MethodDelete {
			v.call.sip = 487
			v.call.end("canceled")
			return restAnswer{status: http.StatusNoContent}, nil
		}
		return restAnswer{status: 200, body: v.json()}, nil
	}
	if m == nil || len(q.parts) > 4 {
		return restAnswer{}, notFound(q.path)
	}
	switch q.method {
	case http.MethodGet:
		return restAnswer{status: 200, body: m.json()}, nil
	case http.MethodPost:
		return m.update(q)
	case http.MethodDelete:
		m.kick()
		return restAnswer{status: http.StatusNoContent}, nil
	}
	return restAnswer{}, q.notAllowed()
}

// update changes a participant (documentation: Participant resource). While it
// is on hold, EndConferenceOnExit has no effect.
func (m *member) update(q *restRequest) (restAnswer, *restError) {
	if q.flag("Coaching") {
		target := m.room.find(q.get("CallSidToCoach"))
		if target == nil {
			return restAnswer{}, badRequest(16028, "The call to coach is not in the conference")
		}
		if target.hold {
			return restAnswer{}, badRequest(16027, "The call to coach is on hold")
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
	if q.has("BeepOnExit") {
		m.beep, modified = strings.ToLower(q.get("BeepOnExit")), true
	}
	if modified {
		m.room.report("modify", "participant-modify", m, nil)
	}
	if url := q.get("AnnounceUrl"); url != "" {
		m.announce(endpoint{url, q.get("AnnounceMethod")})
	}
	return restAnswer{status: 200, body: m.json()}, nil
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
