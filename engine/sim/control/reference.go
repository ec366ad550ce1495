package control

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/sim"
)

// Reference is the page of the simulator in Markdown, made of the declarations that
// the code uses: requests, moments of a script, faults, switches.
func Reference() string {
	var b strings.Builder
	b.WriteString("# The simulator\n\nMade by `ringdown sim reference`; do not edit.\n\n## Control API\n\n")
	fmt.Fprintf(&b, "Paths are below `%s`. Bodies and answers are JSON; durations are seconds. Refusals are `application/problem+json`\n(RFC 9457) with a stable word in `code`.\n\n", Prefix)
	b.WriteString("| request | body, for example | |\n|---|---|---|\n")
	for _, r := range Routes() {
		body := ""
		if r.Body != "" {
			body = "`" + r.Body + "`"
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", r.Method, "/"+strings.TrimPrefix(r.Path, "/"), body, cell(r.Doc))
	}
	writeREST(&b)
	b.WriteString(partyText)
	b.WriteString("\n| when | |\n|---|---|\n")
	for _, m := range sim.Moments() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", m, cell(m.Doc()))
	}
	b.WriteString("\n## Faults\n\n`--fault NAME[=RATE][,next=N][,skip=N][,for=TEXT][,by=DURATION]`, or `POST /faults`: RATE is the share of the chances that are\ntaken, at random by the seed, all without it; `next` ends after so many times, `skip` lets so many chances pass first, `for` takes\nonly chances with that text in them.\n\n| fault | what happens | `for` is in | `by` |\n|---|---|---|---|\n")
	for _, k := range sim.FaultKinds() {
		by := ""
		if k.By > 0 {
			by = k.By.String()
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Kind, cell(k.Doc), k.For, by)
	}
	b.WriteString("\n## Switches\n\nWhat Twilio's documentation leaves open. An application should work with every value.\n\n| switch | values, the default first | on means |\n|---|---|---|\n")
	for _, sw := range (sim.Switches{}).List() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", sw.Name, strings.Join(sw.Values, ", "), cell(sw.Doc))
	}
	b.WriteString("\n## The log\n\nEach entry has `seq`, `at` and `kind`; the other fields as far as they mean something.\n\n| kind | |\n|---|---|\n")
	for _, k := range sim.EntryKinds() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", k.Kind, cell(k.Doc))
	}
	return b.String()
}

// writeREST lists the resources of Twilio's API with the parameters that they know.
func writeREST(b *strings.Builder) {
	b.WriteString("\n## REST API\n\nTwilio's own, at the same address: paths without a leading `/` are below `/2010-04-01/Accounts/{AccountSid}/` and end in `.json`.\n" +
		"A parameter that is not here is ignored, with the warning 20001.\n\n| resource | methods | filters of GET | parameters of POST |\n|---|---|---|---|\n")
	for _, r := range sim.Resources() {
		filters := slices.DeleteFunc(r.Filters, func(name string) bool {
			return name == "Page" || name == "PageSize" || name == "PageToken" || strings.HasSuffix(name, "<") || strings.HasSuffix(name, ">")
		})
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", strings.TrimPrefix(r.Path, "/2010-04-01/Accounts/{AccountSid}/"), strings.Join(r.Methods, " "),
			strings.Join(filters, " "), strings.Join(r.Takes, " "))
	}
}

const partyText = "\n## Parties\n\nA party is who picks up: `outcome` (`answer`, `busy`, `decline`, `no-answer`, `unreachable`, or `ring` until somebody answers by hand), `after`\n(how long it rings before that), `kind` (`human`, `machine`, `fax`, `unclear`), `greeting` and `no_beep` of a machine, `hangup_after`, and\n`script`: moves, each with `when`, `text`, `after` and one of `press`, `say`, `hangup`, or nothing; `every` makes it each time.\n"

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// Essentials are the requests that a first test needs, a line each.
func Essentials() string {
	var b strings.Builder
	for _, path := range []string{"/calls", "/calls/{sid}/wait", "/calls/{sid}/press", "/calls/{sid}/say", "/parties/{address}", "/numbers/{number}"} {
		i := slices.IndexFunc(Routes(), func(r Route) bool { return r.Path == path && (r.Body != "" || path == "/calls/{sid}/wait") })
		r := Routes()[i]
		if path == "/calls/{sid}/wait" {
			r.Path += "?heard=welcome"
		}
		fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(fmt.Sprintf("%-4s %s %s", r.Method, r.Path, r.Body)))
	}
	return b.String()
}
