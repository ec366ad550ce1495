package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// maxClosed is the most dates on which one calendar is closed.
const maxClosed = 1000

const (
	dayPattern  = `(sun|mon|tue|wed|thu|fri|sat)`
	spanPattern = `^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`
	datePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
)

var (
	weekdays   = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	spanLook   = regexp.MustCompile(spanPattern)
	spanSchema = spec.Schema{"type": "string", "pattern": spanPattern}
	openSchema = spec.Schema{
		"type": "object", "minProperties": 1, "propertyNames": spec.Schema{"pattern": "^" + dayPattern + "(-" + dayPattern + ")?$"},
		"additionalProperties": spec.Schema{"anyOf": []any{spanSchema, spec.Schema{"type": "array", "minItems": 1, "items": spanSchema}}},
	}
)

// hoursObject declares one calendar.
var hoursObject = &spec.Object[engine.Hours]{
	Name: "a calendar of hours",
	Doc: "When somebody is there, for `open()` and `next_open()`. A closed date wins: nothing is open on it, and no span begins on it. " +
		"What counts is the clock on the wall, also on days when it is changed.",
	Example: "hours: {office: {timezone: Europe/Berlin, open: {mon-fri: 09:00-18:00, sat: [09:00-12:00, 13:00-16:00]}, closed: [2026-12-25]}}",
	Fields: []spec.Field[engine.Hours]{
		spec.Custom("timezone", "time zone", "whose clocks count: `Europe/Berlin`, `America/Toronto`, `UTC`", spec.Schema{"type": "string"}, decodeZone).Must(),
		spec.Custom("open", "spans by day", "weekdays or ranges of them (`mon`, `mon-fri`) with a span or a list of spans; `22:00-06:00` ends on the day after", openSchema, decodeWeek).Must(),
		spec.Custom("closed", "list of dates", "dates on which it is closed, whatever the weekday",
			spec.Schema{"type": "array", "maxItems": maxClosed, "items": spec.Schema{"type": "string", "pattern": datePattern}}, decodeClosed),
	},
}

// switchObject declares one switch.
var switchObject = &spec.Object[engine.Switch]{
	Name: "a switch",
	Doc: "What people turn on and off, with `ringdown switch NAME on` or by the API, for all sessions at once: it is seen at the next event of each. " +
		"Off until it is turned on. Flows that declare the same name share one switch.",
	Fields: []spec.Field[engine.Switch]{literalText("label", "for people", func(v *engine.Switch) *string { return &v.Label })},
}

// hoursField declares `hours`.
func hoursField() spec.Field[draft] {
	return spec.Custom("hours", "calendars by name", "calendars for `open()` and `next_open()`", mapOf("identifier", hoursObject.Schema()),
		func(d *spec.Decoder, n *spec.Node, f *draft) {
			if n.Kind != spec.Mapping {
				d.Diags.Errorf(n.Pos, "type", "hours is a mapping of names to calendars, not %s", n.Kind).WithHint("write name: {timezone: UTC, open: {mon-fri: 09:00-17:00}}")
				return
			}
			for _, e := range n.Entries {
				h := &engine.Hours{Pos: e.Key.Pos, Zone: time.UTC}
				name, ok := d.Identifier(e.Key, "a calendar of hours")
				d.In(e.Key.Text, nil, func() { hoursObject.Decode(d, e.Value, h) })
				if ok { // also with errors: what it is used for is right
					h.Name = name
					f.flow.Hours = append(f.flow.Hours, h)
				}
			}
		})
}

// switchesField declares `switches`.
func switchesField() spec.Field[draft] {
	return spec.Custom("switches", "switches by name", "what people turn on and off for all sessions at once", mapOf("identifier", switchObject.Schema()),
		func(d *spec.Decoder, n *spec.Node, f *draft) {
			if n.Kind != spec.Mapping {
				d.Diags.Errorf(n.Pos, "type", "switches is a mapping of names to switches, not %s", n.Kind).WithHint("write name: {label: Name}")
				return
			}
			for _, e := range n.Entries {
				s := &engine.Switch{Pos: e.Key.Pos}
				name, ok := d.Identifier(e.Key, "a switch")
				d.In(e.Key.Text, nil, func() { switchObject.Decode(d, e.Value, s) })
				if ok {
					s.Name = name
					f.flow.Switches = append(f.flow.Switches, s)
				}
			}
		})
}

func decodeZone(d *spec.Decoder, n *spec.Node, h *engine.Hours) {
	name, ok := d.Literal(n, "a time zone")
	if !ok {
		return
	}
	// "" and Local mean something else on every machine.
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		d.Diags.Errorf(n.Pos, "hours", "%q is no time zone", name).WithHint("write one like Europe/Berlin, America/Toronto or UTC")
		return
	}
	h.Zone = zone
}

// decodeWeek reads the spans of the weekdays.
func decodeWeek(d *spec.Decoder, n *spec.Node, h *engine.Hours) {
	if n.Kind != spec.Mapping {
		d.Diags.Errorf(n.Pos, "type", "open is a mapping of days to spans, not %s", n.Kind).WithHint("write open: {mon-fri: 09:00-17:00}")
		return
	}
	if len(n.Entries) == 0 {
		d.Diags.Errorf(n.Pos, "hours", "the calendar never opens").WithHint("write open: {mon-fri: 09:00-17:00}")
	}
	taken := map[int]bool{}
	for _, e := range n.Entries {
		days := daysOf(e.Key.Text)
		if days == nil {
			d.Diags.Errorf(e.Key.Pos, "hours", "%q is no weekday and no range of them", e.Key.Text).WithHint("write mon, or mon-fri; days: %s", strings.Join(weekdays, " "))
		}
		spans := decodeSpans(d, e.Value)
		for _, day := range days {
			if taken[day] {
				d.Diags.Errorf(e.Key.Pos, "hours", "%s stands here twice", weekdays[day]).WithHint("write all its spans as one list: %s: [09:00-12:00, 13:00-17:00]", weekdays[day])
				break
			}
			taken[day], h.Week[day] = true, spans
		}
	}
}

// daysOf gives the weekdays of `mon` or `mon-fri`, Sunday is 0; nil for anything else.
func daysOf(text string) []int {
	first, last, isRange := strings.Cut(text, "-")
	from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
	if !isRange {
		to = from
	}
	if from < 0 || to < 0 {
		return nil
	}
	days := []int{from}
	for from != to {
		from = (from + 1) % 7
		days = append(days, from)
	}
	return days
}

func decodeSpans(d *spec.Decoder, n *spec.Node) []engine.Span {
	items := []*spec.Node{n}
	if n.Kind == spec.Sequence {
		items = n.Items
		if len(items) == 0 {
			d.Diags.Errorf(n.Pos, "hours", "the day has no span").WithHint("leave the day out when it is closed")
		}
	}
	var spans []engine.Span
	for _, item := range items {
		text, ok := d.Literal(item, "a span of hours")
		if !ok {
			continue
		}
		if !spanLook.MatchString(text) {
			d.Diags.Errorf(item.Pos, "hours", "%q is no span of hours", text).WithHint("write it like 09:00-17:30, 24 hours a day, 00:00 to 24:00")
			continue
		}
		s := engine.Span{From: minutes(text[:5]), To: minutes(text[6:])}
		if s.To < s.From {
			s.To += 24 * 60
		}
		switch {
		case s.From == s.To:
			d.Diags.Errorf(item.Pos, "hours", "the span %s ends when it begins", text).WithHint("a whole day is 00:00-24:00")
		case len(spans) > 0 && s.From < spans[len(spans)-1].To:
			d.Diags.Errorf(item.Pos, "hours", "the span %s begins before the one in front of it ends", text).WithHint("write the spans of a day in order, without overlap")
		default:
			spans = append(spans, s)
		}
	}
	return spans
}

// minutes of a clock time that matches the pattern.
func minutes(clock string) int {
	h, _ := strconv.Atoi(clock[:2])
	m, _ := strconv.Atoi(clock[3:])
	return h*60 + m
}

func decodeClosed(d *spec.Decoder, n *spec.Node, h *engine.Hours) {
	if n.Kind != spec.Sequence {
		d.Diags.Errorf(n.Pos, "type", "closed is a list of dates, not %s", n.Kind).WithHint("write closed: [2026-12-25]")
		return
	}
	if len(n.Items) > maxClosed {
		d.Diags.Errorf(n.Pos, "hours", "the calendar has %d closed dates; at most %d are allowed", len(n.Items), maxClosed).WithHint("remove those that are over")
		return
	}
	h.Closed = make(map[engine.Date]bool, len(n.Items))
	for _, item := range n.Items {
		text, ok := d.Literal(item, "a closed date")
		if !ok {
			continue
		}
		at, err := time.Parse(time.DateOnly, text)
		date := engine.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()}
		switch {
		case err != nil:
			d.Diags.Errorf(item.Pos, "hours", "%q is no date", text).WithHint("write it like 2026-12-25: year, month, day")
		case h.Closed[date]:
			d.Diags.Errorf(item.Pos, "duplicate-name", "%s stands here twice", text).WithHint("remove one")
		default:
			h.Closed[date] = true
		}
	}
}

func switchTypes(switches []*engine.Switch) map[string]expr.Type {
	m := make(map[string]expr.Type, len(switches))
	for _, s := range switches {
		m[s.Name] = expr.Of(expr.Bool)
	}
	return m
}

func calendarNames(hours []*engine.Hours) []string {
	names := make([]string, 0, len(hours))
	for _, h := range hours {
		names = append(names, h.Name)
	}
	return names
}
