package sim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
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

func (rm *room) JSON() any {
	s := rm.sim
	j := conferenceJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, DateCreated: date(rm.created), DateUpdated: date(rm.updated),
		FriendlyName: rm.name, ReasonConferenceEnded: rest.Text(rm.reason), Region: cmp.Or(rm.region, "us1"), SID: rm.sid, Status: rm.status,
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

func (s *Sim) listConferences(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []*room
	for _, rm := range s.rooms {
		if q.Matches("FriendlyName", rm.name) && q.Matches("Status", rm.status) &&
			q.DateMatches("DateCreated", rm.created) && q.DateMatches("DateUpdated", rm.updated) {
			found = append(found, rm)
		}
	}
	slices.Reverse(found)
	return rest.Page(q, "conferences", found)
}

// roomAt finds a conference by SID or, while it is live, by name.
func roomAt(s *Sim, q *rest.Request) (*room, *rest.Error) {
	id := cmp.Or(q.Vars["ConferenceSid"], q.Vars["Sid"])
	for _, rm := range s.rooms {
		if rm.sid == id {
			return rm, nil
		}
	}
	if rm := s.liveRoom(id); rm != nil {
		return rm, nil
	}
	return nil, rest.NotFound(q.Path)
}

var updateConferenceParams = rest.Join(
	rest.Words(rest.CodeParameter, "completed", "Status"),
	rest.WebURLs(21205, "AnnounceUrl"),
	rest.Methods("AnnounceMethod"),
)

func (rm *room) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if rm.status == "completed" {
		return rest.Answer{}, rest.BadRequest(16001, "Conference "+rm.sid+" is not active")
	}
	if url := q.Get("AnnounceUrl"); url != "" {
		rm.announce(endpoint{url, q.Get("AnnounceMethod")})
	}
	if q.Get("Status") == "completed" {
		rm.end("conference-ended-via-api", nil, leftEnded)
	}
	return rest.Show(rm, q)
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

func (m *member) JSON() any {
	s := m.room.sim
	return participantJSON{
		AccountSID: s.o.AccountSID, CallSID: m.call.sid, CallSIDToCoach: rest.Text(m.coach), Coaching: m.coaching,
		ConferenceSID: m.room.sid, DateCreated: date(m.joined), DateUpdated: date(m.updated),
		EndConferenceOnExit: m.endOnExit, Hold: m.hold, Label: rest.Text(m.label), Muted: m.muted,
		StartConferenceOnEnter: m.startOnEnter, Status: "connected",
		URI: s.uri("Conferences", m.room.sid, "Participants", m.call.sid),
	}
}

// participant is somebody in a conference, or on the way into it.
type participant interface {
	rest.Resource
	update(*rest.Request) (rest.Answer, *rest.Error)
	remove(*rest.Request) (rest.Answer, *rest.Error)
}

// participantAt finds a participant by CallSid or label.
func participantAt(s *Sim, q *rest.Request) (participant, *rest.Error) {
	rm, e := roomAt(s, q)
	if e != nil {
		return nil, e
	}
	id := q.Vars["CallSid"]
	if m := rm.find(id); m != nil {
		return m, nil
	}
	if v := rm.invited(id); v != nil {
		return v, nil
	}
	return nil, rest.NotFound(q.Path)
}

// listParticipants lists who is in a live conference.
func (rm *room) listParticipants(q *rest.Request) (rest.Answer, *rest.Error) {
	flag := func(name string, on bool) bool { return !q.Has(name) || q.Flag(name) == on }
	var found []*member
	for _, m := range rm.members {
		if flag("Muted", m.muted) && flag("Hold", m.hold) && flag("Coaching", m.coaching) {
			found = append(found, m)
		}
	}
	return rest.Page(q, "participants", found)
}

var updateParticipantParams = rest.Join(
	rest.Plain("Muted Hold BeepOnExit EndConferenceOnExit Coaching CallSidToCoach"),
	rest.WebURLs(21205, "HoldUrl AnnounceUrl"),
	rest.Methods("HoldMethod AnnounceMethod WaitMethod"),
	rest.Plain("WaitUrl"), // empty for silence
)

// remove kicks the participant.
func (m *member) remove(*rest.Request) (rest.Answer, *rest.Error) {
	m.kick()
	return rest.Deleted()
}

// update changes a participant (documentation: Participant resource). While it
// is on hold, EndConferenceOnExit has no effect.
func (m *member) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if q.Flag("Coaching") {
		target, e := m.room.coached(q)
		if e != nil {
			return rest.Answer{}, e
		}
		m.coach = target.call.sid
	}
	m.updated = m.room.sim.now()
	onHold := m.hold
	if q.Has("Muted") {
		m.mute(q.Flag("Muted"))
	}
	if q.Has("Hold") {
		m.setHold(q.Flag("Hold"), endpoint{q.Get("HoldUrl"), holdMethod(q.Get("HoldMethod"))})
	}
	modified := false
	set := func(to *bool, name string) {
		if q.Has(name) && *to != q.Flag(name) {
			*to, modified = q.Flag(name), true
		}
	}
	if !onHold || !m.hold {
		set(&m.endOnExit, "EndConferenceOnExit")
	}
	set(&m.coaching, "Coaching")
	if !m.coaching {
		m.coach = ""
	}
	if q.Has("WaitUrl") {
		m.changeWait(q.Get("WaitUrl"), q.Get("WaitMethod"))
		modified = true
	}
	if q.Has("BeepOnExit") {
		m.beep, modified = strings.ToLower(q.Get("BeepOnExit")), true
	}
	if modified {
		m.room.report("modify", "participant-modify", m, nil)
	}
	if url := q.Get("AnnounceUrl"); url != "" {
		m.announce(endpoint{url, q.Get("AnnounceMethod")})
	}
	return rest.Show(m, q)
}

// coached is the participant whom CallSidToCoach names.
func (rm *room) coached(q *rest.Request) (*member, *rest.Error) {
	target := rm.find(q.Get("CallSidToCoach"))
	switch {
	case target == nil:
		return nil, rest.BadRequest(16028, "The call to coach is not in the conference")
	case target.hold:
		return nil, rest.BadRequest(16027, "The call to coach is on hold")
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
