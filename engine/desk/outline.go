package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// Outline is a session in words: legs, variables, timers.
func (s Session) Outline(now time.Time) []string {
	d := s.Data
	lines := []string{fmt.Sprintf("session #%d of %s, %s, id %s", s.Number, s.Flow, conditionWord(d), s.ID)}
	for _, l := range d.Legs {
		line := fmt.Sprintf("  leg %d %s: %s", l.Number, l.Name, l.Condition)
		if l.State != "" {
			line += " in " + l.State
		}
		if l.Result != "" {
			line += ", " + l.Result
		}
		lines = append(lines, line+fmt.Sprintf(" (%s -> %s)", l.From, l.To))
	}
	lines = append(lines, outlineValues("input", d.Input)...)
	lines = append(lines, outlineValues("vars", d.Vars)...)
	for _, t := range d.Timers {
		if t.Scope != engine.ScopeEngine {
			lines = append(lines, fmt.Sprintf("  timer %s in %s", t.Name, t.Due.Sub(now).Round(time.Second)))
		}
	}
	if len(s.Signals) > 0 {
		lines = append(lines, "  takes "+strings.Join(s.Signals, ", "))
	}
	return lines
}

func outlineValues(title string, values engine.Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var lines []string
	for _, name := range names {
		lines = append(lines, fmt.Sprintf("  %s.%s = %v", title, name, values[name]))
	}
	return lines
}

func conditionWord(s *engine.Session) string {
	if s.Outcome != "" {
		return string(s.Condition) + ": " + s.Outcome
	}
	return string(s.Condition)
}
