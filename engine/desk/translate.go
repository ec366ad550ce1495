package desk

import (
	"strings"

	"github.com/ringdown/ringdown/engine/sim"
)

// translate makes events for people of one line of the simulator's log.
func (d *Desk) translate(e sim.Entry) []Event {
	switch e.Kind {
	case sim.EntryMessage:
		return []Event{{At: e.At, Kind: Message, To: d.NameOf(e.Name), Text: e.Text}}
	case sim.EntryWebhook, sim.EntryCallback, sim.EntryREST:
		return d.exchange(e)
	case sim.EntryWarning:
		return []Event{{At: e.At, Kind: Warning, Text: e.Text}}
	}
	call := d.sim.CallBySID(e.Call)
	if call == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.phoneOf(call)
	if p.call != call {
		return nil
	}
	about := Event{At: e.At, Phone: p.number, Call: call.SID(), Name: d.name(p.address), Called: call.Direction() != "inbound"}
	if !d.tellOf(p, e, &about) {
		return nil
	}
	return []Event{about}
}

// tellOf fills in what a line tells of a phone; false: nothing. d.mu is held.
func (d *Desk) tellOf(p *phone, e sim.Entry, about *Event) bool {
	if e.Kind != sim.EntryHeard && e.Kind != sim.EntryListening {
		p.music = ""
	}
	if kind, ok := plainEvents[e.Kind]; ok {
		about.Kind, about.Text = kind, e.Text
		return true
	}
	switch e.Kind {
	case sim.EntryStatus:
		return d.status(p, e, about)
	case sim.EntryHeard:
		return d.heard(p, e, about)
	case sim.EntryListening:
		about.Kind = Recorded
		return e.Text == "Record"
	case sim.EntryQueue:
		about.Kind, about.Text = Taken, e.Room
		if e.Text == "enter" {
			about.Kind = Waits
		}
		if sim.ForWorkers(e.Room) {
			about.Text = ""
		}
		return true
	case sim.EntryRoom:
		kind, ok := roomEvents[e.Text]
		about.Kind, about.Text = kind, d.roomName(e.Name)
		if p.room = ""; kind == Joins || kind == Held || kind == Unheld {
			p.room = about.Text
		}
		return ok
	}
	return false
}

func (d *Desk) status(p *phone, e sim.Entry, about *Event) bool {
	switch e.Text {
	case "queued":
		return false
	case "ringing":
		about.Kind, about.From, about.Manual = Rings, d.name(p.call.From()), !d.o.Auto
		if !about.Called {
			about.Kind, about.From, about.Manual = Calls, "", false
			about.To, about.Flow = p.call.To(), d.flowAt(p.call.To())
			if strings.HasPrefix(about.To, appAddress("")) {
				about.To = ""
			}
		}
		return true
	case "in-progress":
		p.up = e.At
		about.Kind = Answers
		return about.Called
	}
	about.Kind, about.Text = Over, e.Text
	if p.downBy {
		about.Kind = HangsUp
	}
	if !p.up.IsZero() {
		about.Took = e.At.Sub(p.up)
	}
	return true
}

func (d *Desk) heard(p *phone, e sim.Entry, about *Event) bool {
	file, isFile := strings.CutPrefix(e.Text, "play ")
	if !isFile {
		p.music = ""
		about.Kind = Hears
		about.From, about.Text = d.speaker(e.Text)
		about.Language = e.Language
		return true
	}
	about.Kind, about.Text = Music, file
	again := p.music == file
	p.music = file
	return !again
}

// roomName leaves out of a conference's name what makes it unique: d.mu is held.
func (d *Desk) roomName(name string) string {
	rest, ours := strings.CutPrefix(name, "rd-")
	if !ours {
		return name
	}
	for _, s := range d.order {
		if room, ok := strings.CutPrefix(rest, s.id+"-"); ok {
			return room
		}
	}
	return rest
}

// exchange tells of a request and, if it went wrong, says so.
func (d *Desk) exchange(e sim.Entry) []Event {
	events := []Event{{At: e.At, Kind: Requested, Request: &Request{
		Method: e.Method, URL: e.URL, Params: e.Params.Encode(), Status: e.Status, Body: e.Body, REST: e.Kind == sim.EntryREST,
	}}}
	if e.Kind != sim.EntryREST && e.Code != 0 {
		events = append(events, Event{At: e.At, Kind: Warning, Text: "the server's answer to " + e.URL + " is no good: " + e.Text})
	}
	return events
}
