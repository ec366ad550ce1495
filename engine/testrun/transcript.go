package testrun

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/sim"
)

// entry is one line of a transcript.
type entry struct {
	at   time.Time
	rank int // of what happens at one moment: a call or request, what the flow does, what is heard
	text string
}

// noted is where the script broke off, and since when it had waited.
type noted struct {
	since   time.Time
	failure Failure
}

// behind is how many lines of a transcript stand behind the moment at which the script
// began to wait in vain.
const behind = 12

// note remembers for the transcript where the script broke off.
func (p *play) note(since time.Time, f Failure) { p.broke = &noted{since, f} }

// transcript tells the call as it was heard and as the flow went, up to where it diverges
// from the script.
func (p *play) transcript() []string {
	entries := p.entries()
	var out []string
	add := func(e entry) {
		out = append(out, fmt.Sprintf("%8s  %s", since(e.at.Sub(p.Began())), e.text))
	}
	rest := len(entries)
	if p.broke != nil {
		rest = 0
		for rest < len(entries) && !entries[rest].at.After(p.broke.since) {
			rest++
		}
	}
	for _, e := range entries[:rest] {
		add(e)
	}
	if p.broke == nil {
		return squeezed(out)
	}
	left := entries[rest:]
	for i, e := range left {
		if i == behind {
			out = append(out, fmt.Sprintf("%8s  and so on: %d more", "", len(left)-behind))
			break
		}
		add(e)
	}
	out = squeezed(out)
	return append(out, fmt.Sprintf("%8s  %s: %s", "here:", p.broke.failure.Pos, p.broke.failure.Message))
}

// since writes a time from the beginning as minutes and seconds.
func since(d time.Duration) string {
	d = d.Round(100 * time.Millisecond)
	if d >= time.Hour {
		return fmt.Sprintf("%d:%02d:%04.1f", int(d.Hours()), int(d.Minutes())%60, d.Seconds()-float64(int(d.Minutes())*60))
	}
	return fmt.Sprintf("%d:%04.1f", int(d.Minutes()), d.Seconds()-float64(int(d.Minutes())*60))
}

// squeezed keeps of lines that say the same again and again the first, as music on hold:
// several parties may hear theirs by turns.
func squeezed(lines []string) []string {
	var out []string
	last, again := map[string]bool{}, 0
	flush := func() {
		if again > 0 {
			out = append(out, fmt.Sprintf("%8s  the same %d times more", "", again))
		}
		again = 0
	}
	for _, l := range lines {
		text := strings.TrimSpace(l[min(8, len(l)):])
		if last[text] {
			again++
			continue
		}
		flush()
		if !strings.Contains(text, " hears: ") {
			clear(last)
		}
		out, last[text] = append(out, l), true
	}
	flush()
	return out
}

// entries are what is worth telling, by time.
func (p *play) entries() []entry {
	var list []entry
	if p.c.Start != nil {
		list = append(list, entry{p.Began(), 0, "the session is started"})
	}
	who := map[string]string{}
	for _, e := range p.Sim.Log() {
		if text := p.told(e, who); text != "" {
			rank := 2
			if e.Kind == sim.EntryCall && e.Text == "inbound" {
				rank = 0
			}
			list = append(list, entry{e.At, rank, text})
		}
	}
	for _, r := range p.mocks.requests() {
		answer := fmt.Sprint(r.Status)
		if r.Fails != "" {
			answer = "no answer: " + r.Fails
		}
		list = append(list, entry{r.At, 0, fmt.Sprintf("HTTP %s %s -> %s", r.Method, r.URL, answer)})
	}
	list = append(list, p.moves()...)
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.rank, b.rank)) })
	return list
}

// told is a line of the simulator's log in words, "" where it is nothing to tell. who are
// the names of calls met so far, by SID.
func (p *play) told(e sim.Entry, who map[string]string) string {
	name := who[e.Call]
	switch e.Kind {
	case sim.EntryCall:
		if e.Text == "inbound" {
			who[e.Call] = p.name(e.From)
			return fmt.Sprintf("%s calls %s", who[e.Call], e.To)
		}
		who[e.Call] = p.name(e.To)
		return fmt.Sprintf("%s is called", who[e.Call])
	case sim.EntryStatus:
		c := p.Sim.CallBySID(e.Call)
		switch {
		case e.Text == "ringing" && c.Direction() != "inbound":
			return name + " rings"
		case e.Text == "in-progress" && c.Direction() != "inbound":
			return name + " answers"
		case e.Text == "completed":
			return name + ": the call is over"
		case slices.Contains([]string{"busy", "no-answer", "failed", "canceled"}, e.Text):
			return name + ": " + e.Text
		}
	case sim.EntryHeard:
		return name + " hears: " + e.Text
	case sim.EntryKeys:
		return name + " presses: " + e.Text
	case sim.EntrySpoken:
		return name + " says: " + e.Text
	case sim.EntryMessage:
		return "message: " + e.Text
	case sim.EntryWarning:
		return fmt.Sprintf("Twilio warns: %d %s", e.Code, e.Text)
	case sim.EntryRoom:
		switch e.Text {
		case "participant-join":
			return name + " joins the room"
		case "participant-leave":
			return name + " leaves the room"
		}
	}
	return ""
}

// moves are the states that were entered, the signals and the faults, with their places.
func (p *play) moves() []entry {
	history, err := p.API.History(p.id)
	if err != nil {
		return nil
	}
	s, err := p.API.Session(p.id)
	if err != nil {
		return nil
	}
	flow := p.folder.Set.Closures[p.file.Flow.Name]
	var list []entry
	var at time.Time
	ended := false
	for _, h := range history {
		switch {
		case h.What == "event" && !h.At.IsZero():
			at = h.At
			if signal, ok := strings.CutPrefix(h.Name, engine.KindSignal+"."); ok {
				list = append(list, entry{at, 1, "signal " + signal})
			}
		case h.What == "moved" && h.Why == "" && h.Leg > 0 && h.Leg <= len(s.Legs):
			text := fmt.Sprintf("[%s -> %s]", s.Legs[h.Leg-1].Name, h.To)
			if place := placeOf(flow, h.To); !place.IsZero() {
				text += "  " + p.folder.located(place).String()
			}
			list = append(list, entry{at, 1, text})
		case h.What == "fault":
			list = append(list, entry{at, 1, "fault: " + h.Text})
		case h.What == "log":
			list = append(list, entry{at, 1, "log: " + h.Text})
		case h.What == "end" && h.Leg == 0 && !ended:
			ended = true
			list = append(list, entry{at, 1, "the session ends: " + h.Name})
		}
	}
	return list
}
