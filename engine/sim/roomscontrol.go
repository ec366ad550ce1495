package sim

import (
	"cmp"
	"strconv"

	"github.com/ringdown/ringdown/engine/twiml"
)

// report sends a conference callback. Only the first participant's URL, method
// and events count (documentation: Conference, statusCallback).
func (rm *room) report(event, name string, m *member, extra form) {
	s := rm.sim
	call := ""
	if m != nil {
		call = m.call.sid
	}
	entry := Entry{Kind: EntryRoom, Room: rm.sid, Call: call, Name: rm.name, Text: name}
	if m != nil {
		entry.Params = m.state().values()
	}
	s.note(entry)
	if !rm.callback.wants(event) {
		return
	}
	rm.sequence++
	f := form{{"ConferenceSid", rm.sid}, {"FriendlyName", rm.name}, {"AccountSid", s.o.AccountSID},
		{"SequenceNumber", strconv.Itoa(rm.sequence)}, {"Timestamp", rfc2822(s.now())}, {"StatusCallbackEvent", name}}
	if m != nil {
		f = append(f, m.state()...)
	}
	s.callback(hook{name: "conference", sid: call, room: rm.sid, to: rm.callback.endpoint, params: append(f, extra...)})
}

func (m *member) state() form {
	f := form{{"CallSid", m.call.sid}, {"Muted", strconv.FormatBool(m.muted)}, {"Hold", strconv.FormatBool(m.hold)},
		{"Coaching", strconv.FormatBool(m.coaching)}, {"EndConferenceOnExit", strconv.FormatBool(m.endOnExit)},
		{"StartConferenceOnEnter", strconv.FormatBool(m.startOnEnter)}}
	if m.label != "" {
		f = f.with("ParticipantLabel", m.label)
	}
	return f
}

// speaks reports that the member speaks, and when it has finished.
func (m *member) speaks(text string) {
	if m.muted || m.room.status != "in-progress" || !m.room.callback.wants("speaker") {
		return
	}
	m.room.report("speaker", "participant-speech-start", m, nil)
	m.room.sim.after(m.room.sim.speech(text), func() {
		if m.call.member == m {
			m.room.report("speaker", "participant-speech-stop", m, nil)
		}
	})
}

func (m *member) mute(on bool) {
	if m.muted == on {
		return
	}
	m.muted = on
	m.room.report("mute", pick(on, "participant-mute", "participant-unmute"), m, nil)
}

// setHold puts the member on hold with the music of a document (or Twilio's
// own), or takes it back.
func (m *member) setHold(on bool, music endpoint) {
	if m.hold == on {
		return
	}
	m.hold = on
	m.music.stop()
	m.music = nil
	m.room.report("hold", pick(on, "participant-hold", "participant-unhold"), m, nil)
	switch {
	case !on:
	case music.url == "":
		m.call.hears("play hold music")
	default:
		m.music = m.beside(twiml.Hold)
		m.music.fetch("hold", music, nil)
	}
}

// changeWait plays another document to a member who still waits for the start.
func (m *member) changeWait(url, method string) {
	if m.room.status != "init" || m.hold {
		return
	}
	m.music.stop()
	m.music = nil
	m.wait(twiml.El("Conference").Set("waitUrl", url).Set("waitMethod", cmp.Or(method, "POST")))
}

// announce plays a document to one member.
func (m *member) announce(to endpoint) {
	r := m.beside(twiml.Announcement)
	m.messages = append(m.messages, r)
	m.room.play(r, to, m)
}

// announce plays a document to everybody in the room.
func (rm *room) announce(to endpoint) {
	if len(rm.members) == 0 {
		return
	}
	first := rm.members[0]
	r := first.beside(twiml.Announcement)
	r.audience = func() []*Call {
		var calls []*Call
		for _, m := range rm.members {
			calls = append(calls, m.call)
		}
		return calls
	}
	rm.play(r, to, nil)
}

// play runs an announcement and reports how it ended.
func (rm *room) play(r *run, to endpoint, m *member) {
	extra := form{{"AnnounceUrl", to.url}}
	r.ended = func() { rm.report("announcement", "announcement-end", m, extra) }
	r.broken = func(code int) {
		rm.report("announcement", "announcement-fail", m, extra.with("ReasonAnnouncementFailed", strconv.Itoa(code)))
	}
	r.fetch("announce", to, nil)
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
