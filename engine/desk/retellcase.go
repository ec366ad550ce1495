package desk

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/testspec"
	"github.com/ringdown/ringdown/schema"
)

// text writes the case.
func (t *story) text(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n", schema.Quoted(name))
	if parties := t.partyText(); parties != "" {
		fmt.Fprintf(&b, "    parties: {%s}\n", parties)
	}
	b.WriteString(t.workers())
	b.WriteString(t.env())
	b.WriteString(t.mocks())
	b.WriteString(t.beginning())
	if len(t.lines) > 0 {
		b.WriteString("    script:\n")
		for _, l := range t.lines {
			fmt.Fprintf(&b, "      - %s\n", l)
		}
	}
	b.WriteString("    expect:\n")
	if t.data.Outcome != "completed" {
		fmt.Fprintf(&b, "      outcome: %s\n", t.data.Outcome)
	}
	b.WriteString(t.results())
	return b.String()
}

// workers are those of TaskRouter, if the flow has to do with it.
func (t *story) workers() string {
	values := t.desk.env.all()
	if !slices.ContainsFunc(t.flow.Env, func(n engine.Name) bool { return isWorkflow(values[n.Name]) }) {
		return ""
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if isWorker(name, values[name]) {
			list = append(list, strings.ToLower(strings.ReplaceAll(name, "_", "-")))
		}
	}
	return "    workers: [" + strings.Join(list, ", ") + "]\n"
}

// env are the variables that the process had in place of the file.
func (t *story) env() string {
	own := map[string]string{}
	for _, n := range t.flow.Env {
		if v, ok := t.desk.env.process(n.Name); ok && v != t.desk.env.all()[n.Name] {
			own[n.Name] = v
		}
	}
	if len(own) == 0 {
		return ""
	}
	return "    env: " + pairs(own) + "\n"
}

// partyText are the phones that were called: those whom nobody answered did not.
func (t *story) partyText() string {
	var list []string
	for _, who := range slices.Sorted(maps.Keys(t.parties)) {
		what := t.parties[who]
		acts := slices.ContainsFunc(t.lines, func(l string) bool { return l == who+" answers" || l == who+" declines" })
		switch {
		case strings.Contains(what, "is: machine"), acts && what != "":
			list = append(list, who+": {"+what+"}")
		case acts:
		case what != "":
			list = append(list, who+": {does: no-answer, "+what+"}")
		default:
			list = append(list, who+": no-answer")
		}
	}
	return strings.Join(list, ", ")
}

var numberInPath = regexp.MustCompile(`(%2B|\+)[0-9]+`)

// mocks answer what was asked as it was answered.
func (t *story) mocks() string {
	answers := map[string][]string{}
	var order []string
	for _, a := range t.asked {
		path := a.url
		if _, rest, ok := strings.Cut(path, "://"); ok {
			if i := strings.IndexByte(rest, '/'); i >= 0 {
				path = rest[i:]
			}
		}
		path, _, _ = strings.Cut(path, "?")
		key := strings.ToLower(a.method) + ": " + schema.Quoted(numberInPath.ReplaceAllString(path, "*"))
		if answers[key] == nil {
			order = append(order, key)
		}
		answers[key] = append(answers[key], a.text())
	}
	if len(order) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("    http:\n")
	for _, key := range order {
		list := slices.Compact(answers[key])
		text := list[0]
		if len(list) > 1 {
			text = "[" + strings.Join(list, ", ") + "]"
		}
		fmt.Fprintf(&b, "      - {%s, answer: %s}\n", key, text)
	}
	return b.String()
}

// text is an answer of a mock.
func (a asked) text() string {
	var parts []string
	switch {
	case a.status == 0:
		return "{fails: reset}"
	case a.status != 200:
		parts = append(parts, fmt.Sprintf("status: %d", a.status))
	}
	switch {
	case a.body == "":
	case a.json:
		parts = append(parts, "json: "+strings.TrimSpace(a.body)) // JSON is YAML
	default:
		parts = append(parts, "body: "+schema.Quoted(a.body))
	}
	if late := a.elapsed.Round(100 * time.Millisecond); late >= time.Second {
		parts = append(parts, "after: "+testspec.Text(late))
	}
	if len(parts) == 0 {
		return "200"
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// beginning is how the session began.
func (t *story) beginning() string {
	given := map[string]string{}
	for _, in := range t.flow.Inputs {
		v := t.data.Input[in.Name]
		if text := testspec.Text(v); text != "" && (in.Default == nil || *in.Default != text) && (!in.Optional || text != "0" && text != "false") {
			given[in.Name] = text
		}
	}
	if t.data.Direction != "inbound" {
		return "    start: " + pairs(given) + "\n"
	}
	var parts []string
	for _, l := range t.data.Legs {
		if l.Direction != engine.DirectionInbound {
			continue
		}
		if l.From != testspec.CallerNumber {
			parts = append(parts, "from: "+schema.Quoted(l.From))
		}
		if first := t.firstNumber(); expr.IsPhone(l.To) && l.To != first {
			parts = append(parts, "to: "+schema.Quoted(l.To))
		}
	}
	if len(given) > 0 {
		parts = append(parts, "params: "+pairs(given))
	}
	return "    call: {" + strings.Join(parts, ", ") + "}\n"
}

func (t *story) firstNumber() string {
	for _, f := range t.desk.Flows() {
		if f.Name == t.flow.Name && len(f.Numbers) > 0 {
			return f.Numbers[0]
		}
	}
	return ""
}

// results is what came of the session: states, calls and messages.
func (t *story) results() string {
	states, legs := map[string][]string{}, map[string][]string{}
	var order []string
	for _, l := range t.data.Legs {
		if !slices.Contains(order, l.Name) {
			order = append(order, l.Name)
		}
		legs[l.Name] = append(legs[l.Name], l.Result)
		for _, e := range t.history {
			if e.Enters(l.Number) {
				states[l.Name] = append(states[l.Name], e.To)
			}
		}
	}
	var b strings.Builder
	write := func(key string, of map[string][]string) {
		var list []string
		for _, name := range order {
			if len(of[name]) > 0 {
				list = append(list, name+": "+oneOrMore(of[name]))
			}
		}
		if len(list) > 0 {
			fmt.Fprintf(&b, "      %s: {%s}\n", key, strings.Join(list, ", "))
		}
	}
	write("states", states)
	write("legs", legs)
	var messages []string
	for _, e := range t.history {
		if e.What == "effect" && e.Name == string(engine.SendMessage) {
			body, _, _ := strings.Cut(e.Fields["Body"], "https://")
			messages = append(messages, "{to: "+schema.Quoted(t.desk.NameOf(e.Fields["To"]))+", body: "+schema.Quoted(strings.TrimSpace(body))+"}")
		}
	}
	if len(messages) > 0 {
		fmt.Fprintf(&b, "      messages: [%s]\n", strings.Join(messages, ", "))
	}
	return b.String()
}

func oneOrMore(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "[" + strings.Join(list, ", ") + "]"
}
