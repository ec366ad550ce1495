package engine

import (
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
)

// dayMinutes is the length of a day on the clock, in minutes.
const dayMinutes = 24 * 60

// Hours is a calendar: when somebody is there, by the clocks of one time zone. It is
// immutable.
type Hours struct {
	Name string
	Zone *time.Location
	// Week has the spans of each weekday, Sunday first, sorted, without overlaps.
	Week [7][]Span
	// Closed are dates on which nobody is there, whatever Week says: from midnight to
	// midnight, and a span that would begin on one does not, also not its part after
	// midnight.
	Closed map[Date]bool
	Pos    diag.Pos
}

// Span is a part of a day in minutes after midnight: From is 0 to 1439, To is behind it
// and not within. Above 1440 the span ends on the day after.
type Span struct{ From, To int }

// Date is a day of the calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// plus is the date n days later.
func (d Date) plus(n int) Date {
	return dateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

func (d Date) weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// spans are those that begin on a date.
func (h *Hours) spans(d Date) []Span {
	if h.Closed[d] {
		return nil
	}
	return h.Week[d.weekday()]
}

// Open reports whether somebody is there at t. What counts is what a clock on the wall
// shows: an hour that daylight saving repeats is there twice, one that it leaves out never.
func (h *Hours) Open(t time.Time) bool {
	local := t.In(h.Zone)
	today := dateOf(local)
	if h.Closed[today] {
		return false
	}
	minute := local.Hour()*60 + local.Minute()
	within := func(d Date, m int) bool {
		return slices.ContainsFunc(h.spans(d), func(s Span) bool { return s.From <= m && m < s.To })
	}
	return within(today, minute) || within(today.plus(-1), minute+dayMinutes)
}

// NextOpen is the earliest moment from t on at which somebody is there: t itself while it
// is open. It is false for a calendar that never opens.
func (h *Hours) NextOpen(t time.Time) (time.Time, bool) {
	if h.Open(t) {
		return t.UTC(), true
	}
	var found time.Time
	// Every week has a day with hours; each closed date can take one such day away.
	days := 7*(len(h.Closed)+2) + 2
	// From the day before on, as the clocks may go back to it.
	for day, i := dateOf(t.In(h.Zone)).plus(-1), 0; i < days; day, i = day.plus(1), i+1 {
		last := !found.IsZero()
		for _, at := range h.moments(day) {
			if at.After(t) && h.Open(at) && (found.IsZero() || at.Before(found)) {
				found = at
			}
		}
		if last { // where clocks go back over midnight, the day after begins in between
			break
		}
	}
	return found.UTC(), !found.IsZero()
}

// moments are those of a date at which it may begin to be open: the beginnings of spans,
// and the changes of the clocks.
func (h *Hours) moments(day Date) []time.Time {
	spans := h.spans(day)
	if h.Closed[day] || len(spans) == 0 && len(h.spans(day.plus(-1))) == 0 {
		return nil
	}
	noon := time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, time.UTC)
	end := noon.Add(36 * time.Hour)
	var out []time.Time
	for at := noon.Add(-36 * time.Hour).In(h.Zone); ; {
		_, offset := at.Zone()
		for _, s := range spans {
			begin := noon.Add(time.Duration(s.From-dayMinutes/2)*time.Minute - time.Duration(offset)*time.Second)
			if local := begin.In(h.Zone); dateOf(local) == day && local.Hour()*60+local.Minute() == s.From {
				out = append(out, begin)
			}
		}
		_, change := at.ZoneBounds()
		if change.IsZero() || change.After(end) {
			return out
		}
		at = change.In(h.Zone)
		if dateOf(at) == day {
			out = append(out, at)
		}
	}
}

// Switch is something that people turn on and off for all sessions at once, also for
// those that run. It is off until somebody turns it on.
type Switch struct {
	Name  string
	Label string
	Pos   diag.Pos
}

// Calendar returns the calendar of that name, or nil.
func (f *Flow) Calendar(name string) *Hours {
	for _, h := range f.Hours {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// isOpen answers open() at the time of the event.
func (x *Exec) isOpen(name string) bool {
	h := x.Flow().Calendar(name)
	if open, held := x.ev.World.Hours[name]; held && h != nil {
		return open
	}
	return h != nil && h.Open(x.eventTime())
}

// nextOpen answers next_open(). A calendar that is held shut opens with the hours that
// follow those of now.
func (x *Exec) nextOpen(name string) time.Time {
	h := x.Flow().Calendar(name)
	if h == nil {
		return time.Time{}
	}
	t := x.eventTime()
	switch open, held := x.ev.World.Hours[name]; {
	case held && open:
		return t
	case held:
		t = h.end(t)
	}
	at, _ := h.NextOpen(t)
	return at
}

// end is the first full minute from t on at which nobody is there, t itself if nobody is;
// in a calendar that never shuts, some day after a week.
func (h *Hours) end(t time.Time) time.Time {
	for last := t.Add(8 * dayMinutes * time.Minute); h.Open(t) && t.Before(last); {
		t = t.Truncate(time.Minute).Add(time.Minute)
	}
	return t
}

// switches are those that the flow declares, as they are now.
func (x *Exec) switches() map[string]any {
	m := make(map[string]any, len(x.Flow().Switches))
	for _, s := range x.Flow().Switches {
		m[s.Name] = x.ev.World.Switches[s.Name]
	}
	return m
}
