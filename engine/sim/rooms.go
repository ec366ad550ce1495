package sim

import (
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/twiml"
)

// room is a conference. Its status is init until it starts.
type room struct {
	sim      *Sim
	sid      string
	name     string
	status   string
	region   string // default us1
	created  time.Time
	started  time.Time
	updated  time.Time
	members  []*member
	callback subscription // of the first participant
	sequence int
	reason   string // why it ended
	ending   *Call  // whose leaving ended it
	invites  []*invite
	onStart  func() // begins the recording, if there is to be one
}

// member is a call in a conference.
type member struct {
	room         *room
	call         *Call
	run          *run
	verb         *twiml.Element
	label        string
	muted        bool
	hold         bool
	coaching     bool
	coach        string // CallSid of the coached participant
	startOnEnter bool
	endOnExit    bool
	beep         string
	joined       time.Time
	updated      time.Time
	limit        clock.Timer
	music        *run // wait or hold music
	messages     []*run
}

// The values of ReasonParticipantLeft.
const (
	leftHungUp    = "participant_hung_up"
	leftUpdated   = "participant_updated_via_api"
	leftModerator = "moderator_ended_conference"
	leftEnded     = "conference_ended_via_api"
)

// liveRoom returns the conference in progress with that name, or nil.
func (s *Sim) liveRoom(name string) *room {
	for _, rm := range s.rooms {
		if rm.status != "completed" && (rm.name == name || rm.sid == name) {
			return rm
		}
	}
	return nil
}

// joinConference runs Dial with a Conference.
func (r *run) joinConference(verb, noun *twiml.Element) {
	s := r.sim
	rm := s.liveRoom(noun.Body())
	label, _ := noun.Attr("participantLabel")
	code := 0
	switch {
	case rm == nil:
	case len(rm.members) >= intAttr(noun, "maxParticipants", 250):
		code = 16020
	case label != "" && rm.find(label) != nil:
		code = 16025
	}
	coach, coaching := noun.Attr("coach")
	if coaching && (rm == nil || rm.find(coach) == nil) {
		code = 13240
	}
	if code != 0 {
		r.call.warn(code, "the call cannot join conference "+noun.Body())
		r.goOn(verb, false, form{{"DialCallStatus", "failed"}})
		return
	}
	if rm == nil {
		rm = &room{sim: s, sid: s.sid("CF"), name: noun.Body(), status: "init", created: s.now(), updated: s.now()}
		rm.callback = r.subscribe(noun, "statusCallback", "")
		rm.setRecord(noun.AttrOr("record", ""), r.recordingCallback(noun))
		s.rooms = append(s.rooms, rm)
	}
	m := &member{
		room: rm, call: r.call, run: r, verb: verb, label: label, coaching: coaching, coach: coach,
		muted:        boolAttr(noun, "muted", false),
		startOnEnter: boolAttr(noun, "startConferenceOnEnter", true),
		endOnExit:    boolAttr(noun, "endConferenceOnExit", false),
		beep:         noun.AttrOr("beep", "true"),
		joined:       s.now(), updated: s.now(),
	}
	rm.add(m, noun)
}

// find returns the member with that CallSid or label, or nil.
func (rm *room) find(name string) *member {
	i := slices.IndexFunc(rm.members, func(m *member) bool { return m.call.sid == name || m.label != "" && m.label == name })
	if i < 0 {
		return nil
	}
	return rm.members[i]
}

// add lets a member in. The conference starts with the second one, if any of
// them may start it.
func (rm *room) add(m *member, noun *twiml.Element) {
	rm.members = append(rm.members, m)
	m.call.member = m
	m.run.leave = m.cut
	if boolAttr(m.verb, "hangupOnStar", false) {
		m.run.call.keys = func(key rune) {
			if key == '*' {
				m.exit(leftHungUp)
			}
		}
	}
	starts := rm.status == "init" && len(rm.members) >= 2 &&
		slices.ContainsFunc(rm.members, func(m *member) bool { return m.startOnEnter })
	if starts && rm.sim.o.Switches.StartBeforeJoin {
		rm.start()
	}
	rm.report("join", "participant-join", m, nil)
	if starts && !rm.sim.o.Switches.StartBeforeJoin {
		rm.start()
	}
	if rm.status == "init" {
		m.wait(noun)
	} else if !starts {
		m.call.meetsPeers()
	}
	m.call.meets(Joins, rm.name, nil)
	m.limitTime()
}

func (rm *room) start() {
	rm.status, rm.started, rm.updated = "in-progress", rm.sim.now(), rm.sim.now()
	for _, m := range rm.members {
		m.music.stop()
		m.music = nil
		m.limitTime()
	}
	rm.report("start", "conference-start", nil, nil)
	for _, m := range rm.members {
		m.call.meetsPeers()
	}
	if rm.onStart != nil {
		rm.onStart()
	}
}

// limitTime arms the Dial's timeLimit, which counts from the join or from the
// start of the conference.
func (m *member) limitTime() {
	limit := time.Duration(intAttr(m.verb, "timeLimit", 0)) * time.Second
	s, from := m.room.sim, m.joined
	if s.o.Switches.LimitFromConferenceStart {
		from = m.room.started
	}
	if limit <= 0 || from.IsZero() || m.limit != nil || m.call.member != m {
		return
	}
	m.limit = s.after(from.Add(limit).Sub(s.now()), func() {
		if m.call.member == m {
			m.exit("")
		}
	})
}

// wait plays what a participant hears until the conference starts. The document
// is played once; if it cannot be had, the participant is put out again.
func (m *member) wait(noun *twiml.Element) {
	url, ok := noun.Attr("waitUrl")
	if !ok {
		m.call.hears("play hold music")
		return
	}
	if url == "" {
		return
	}
	abs, _ := m.run.resolve(url)
	m.music = m.beside(twiml.RoomWait)
	m.music.broken = func(int) {
		if m.call.member == m {
			m.depart(leftHungUp, "left")
			m.run.goOn(m.verb, false, form{{"DialCallStatus", "failed"}})
		}
	}
	m.music.fetch("wait", endpoint{abs, noun.AttrOr("waitMethod", "POST")}, nil)
}

// beside makes a run for documents that play beside the member's main one.
func (m *member) beside(ctx twiml.Context) *run {
	r := &run{sim: m.room.sim, call: m.call, ctx: ctx}
	r.broken = func(code int) { m.call.warn(code, "a document of the conference failed") }
	r.extra = m.fields
	return r
}

func (m *member) fields() form {
	return form{{"ConferenceSid", m.room.sid}, {"FriendlyName", m.room.name}}
}

// others are the calls that a member hears.
func (m *member) others() []*Call {
	if m.room.status != "in-progress" || m.hold {
		return nil
	}
	var calls []*Call
	for _, other := range m.room.members {
		if other != m && !other.hold {
			calls = append(calls, other.call)
		}
	}
	return calls
}

// cut takes the member out because its call has ended or was redirected.
func (m *member) cut(why leaving) *act {
	reason := leftHungUp
	if why == leaveRedirect {
		reason = leftUpdated
	}
	m.depart(reason, "left")
	return m.run.actOf(m.verb, form{{"DialCallStatus", "answered"}})
}

// exit takes the member out; its call goes on behind the Dial.
func (m *member) exit(reason string) {
	m.run.leave = nil
	m.depart(reason, "left")
	m.goOn()
}

func (m *member) goOn() { m.run.goOn(m.verb, false, form{{"DialCallStatus", "answered"}}) }

// kick is the removal by REST: the call goes on with the action, or ends.
func (m *member) kick() {
	m.run.leave = nil
	m.depart(leftUpdated, "kicked")
	if m.room.sim.o.Switches.KickDrops {
		m.call.end("completed")
		return
	}
	m.goOn()
}

// depart takes the member out of the room, and ends the room if it was the last
// one or was to end it. how is left or kicked.
func (m *member) depart(reason, how string) {
	rm := m.room
	if !m.take(reason) {
		return
	}
	switch {
	case m.endOnExit:
		rm.end("participant-with-end-conference-on-exit-"+how, m, leftModerator)
	case len(rm.members) == 0:
		rm.end("last-participant-"+how, m, "")
	}
}

// take only takes the member out and reports it.
func (m *member) take(reason string) bool {
	rm := m.room
	i := slices.Index(rm.members, m)
	if i < 0 {
		return false
	}
	rm.members = slices.Delete(rm.members, i, i+1)
	m.call.member = nil
	m.music.stop()
	for _, r := range m.messages {
		r.stop()
	}
	stopTimers(m.limit)
	extra := form{{"ParticipantCallStatus", m.call.status}}
	if reason != "" {
		extra = extra.with("ReasonParticipantLeft", reason)
	}
	rm.report("leave", "participant-leave", m, extra)
	return true
}

// end closes the conference; whoever is still in it goes on behind its Dial.
func (rm *room) end(reason string, by *member, left string) {
	if rm.status == "completed" {
		return
	}
	rm.status, rm.reason, rm.updated = "completed", reason, rm.sim.now()
	if by != nil {
		rm.ending = by.call
	}
	rest := slices.Clone(rm.members)
	for _, m := range rest {
		m.run.leave = nil
		m.take(left)
	}
	extra := form{}
	if by != nil {
		extra = extra.with("CallSidEndingConference", by.call.sid)
		if by.label != "" {
			extra = extra.with("ParticipantLabelEndingConference", by.label)
		}
	}
	extra = extra.with("ReasonConferenceEnded", reason).with("Reason", reason)
	rm.report("end", "conference-end", nil, extra)
	rm.sim.finishRecordings(nil, rm)
	for _, m := range rest {
		m.goOn()
	}
}
