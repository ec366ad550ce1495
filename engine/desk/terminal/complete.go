package terminal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/desk"
)

// Complete finishes the word before the cursor, which is at byte pos of line. With
// several ways it goes as far as they agree; choices are those that are left.
func (t *Terminal) Complete(line string, pos int) (newLine string, newPos int, choices []string) {
	pos = min(max(pos, 0), len(line))
	begin := strings.LastIndexByte(line[:pos], ' ') + 1
	word := line[begin:pos]
	for _, c := range t.candidates(strings.Fields(line[:begin])) {
		if strings.HasPrefix(c, word) {
			choices = append(choices, c)
		}
	}
	slices.Sort(choices)
	choices = slices.Compact(choices)
	if len(choices) == 0 {
		return line, pos, nil
	}
	text := common(choices)
	if len(choices) == 1 && !strings.HasSuffix(text, "=") {
		text += " "
		if pos < len(line) && line[pos] == ' ' {
			text = text[:len(text)-1]
		}
		choices = nil
	}
	return line[:begin] + text + line[pos:], begin + len(text), choices
}

func common(words []string) string {
	prefix := words[0]
	for _, w := range words[1:] {
		for !strings.HasPrefix(w, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix
}

// candidates gives what may stand after the words before.
func (t *Terminal) candidates(before []string) []string {
	var list []string
	if len(before) > 0 && strings.HasPrefix(before[0], "@") {
		before = before[1:]
	}
	if len(before) == 0 {
		for _, c := range commands() {
			if c.run != nil {
				list = append(list, c.name)
			}
		}
		for _, p := range t.desk.Phones() {
			list = append(list, "@"+p.Name)
		}
		return list
	}
	switch before[0] {
	case "call", "start":
		return t.flowCandidates(before)
	case "answer", "decline":
		return phoneNames(t.desk.Ring())
	case "use", "hangup":
		return phoneNames(t.desk.Phones())
	case "signal", "show", "end":
		for _, s := range t.desk.Sessions(context.Background(), true) {
			list = append(list, fmt.Sprint(s.Number))
			if before[0] == "signal" {
				list = append(list, s.Signals...)
			}
		}
	case "charges":
		list = []string{"accept", "refuse"}
	case "trace":
		list = []string{"on", "off"}
	}
	return list
}

func (t *Terminal) flowCandidates(before []string) []string {
	var list []string
	for _, f := range t.desk.Flows() {
		fits := f.Answers
		if before[0] == "start" {
			fits = f.Starts
		}
		switch {
		case len(before) == 1 && fits:
			list = append(list, f.Name)
			if before[0] == "call" {
				list = append(list, f.Numbers...)
			}
		case len(before) > 1 && (f.Name == before[1] || slices.Contains(f.Numbers, before[1])):
			for _, in := range f.Inputs {
				list = append(list, in.Name+"=")
			}
		}
	}
	return list
}

func phoneNames(phones []desk.Phone) []string {
	var names []string
	for _, p := range phones {
		names = append(names, p.Name)
	}
	return names
}
