package terminal

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/diag"
)

// Colours, as the numbers that a terminal knows.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	yellow = "33"
	green  = "32"
)

// phoneColors tell phones apart.
var phoneColors = [...]string{"1;36", "1;35", "1;33", "1;32", "1;34"}

const (
	stamp  = "15:04:05"
	column = 13 // width of the names of phones
)

func (t *Terminal) paint(color, text string) string {
	if !t.o.Color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// print writes lines, all at once, and keeps them for expect.
func (t *Terminal) print(lines ...string) {
	t.mu.Lock()
	for _, l := range lines {
		t.seen = append(t.seen, normal(l))
	}
	if len(t.seen) > 5000 { // a script looks back over far less
		cut := len(t.seen) - 4000
		t.seen, t.passed = append([]string(nil), t.seen[cut:]...), max(t.passed-cut, 0)
	}
	t.mu.Unlock()
	t.write(lines...)
}

var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// normal is a text as expect compares it: without colours, columns and capitals.
func normal(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(colors.ReplaceAllString(text, "")), " "))
}

// write writes lines that expect does not look at.
func (t *Terminal) write(lines ...string) {
	t.writing.Lock() // events and commands write from goroutines of their own
	defer t.writing.Unlock()
	_, _ = t.o.Out.Write([]byte(strings.Join(lines, "\n") + "\n")) // who has closed the output does not look
}

// show writes what an event tells.
func (t *Terminal) show(e desk.Event) {
	if t.o.Only != nil && !slices.Contains(t.o.Only, e.Kind) {
		return
	}
	switch e.Kind {
	case desk.Began, desk.Entered, desk.Offered, desk.Ended:
		t.aside(e, "#"+fmt.Sprint(e.Number), sessionText(e))
	case desk.Billing:
		t.aside(e, "billing", e.Text)
	case desk.Message:
		t.line(e, t.paint(green, pad("text")), "to "+e.To+": "+e.Text)
	case desk.Warning:
		if e.Text != t.warned { // the server may say the same thing for each attempt
			t.warned = e.Text
			t.line(e, t.paint(yellow, pad("warning")), e.Text)
		}
	case desk.Reloaded, desk.Broken:
		t.reload(e)
	case desk.Requested:
		t.request(e)
	default:
		t.line(e, t.paint(phoneColors[(e.Phone+len(phoneColors)-1)%len(phoneColors)], pad(e.Name)), t.phoneText(e))
	}
}

// pad fills a name up to the column; a longer one moves its own line only.
func pad(name string) string {
	if n := utf8.RuneCountInString(name); n < column {
		return name + strings.Repeat(" ", column-n)
	}
	return name + " "
}

// line writes one line of a person's business, wrapped under its text.
func (t *Terminal) line(e desk.Event, who, text string) {
	t.print(t.paint(dim, e.At.Local().Format(stamp)) + "  " + who + t.wrap(text))
}

// aside writes one line of what happens behind the scenes.
func (t *Terminal) aside(e desk.Event, who, text string) {
	t.print(t.paint(dim, e.At.Local().Format(stamp)+"  "+pad(who)+t.wrap(text)))
}

// wrap breaks a text so that it stays in its column.
func (t *Terminal) wrap(text string) string {
	width := t.o.Width()
	if width < 40 {
		return text
	}
	indent := len(stamp) + 2 + column
	room := width - indent - 1
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+n > room:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String()
}

func sessionText(e desk.Event) string {
	switch e.Kind {
	case desk.Began:
		return e.Flow + " begins"
	case desk.Entered:
		return e.Leg + " -> " + e.State
	case desk.Offered:
		if e.Text == "" {
			return "takes no signal now"
		}
		names := strings.Fields(e.Text)
		if len(names) == 1 {
			return "takes the signal " + e.Text
		}
		return "takes the signals " + strings.Join(names, ", ")
	}
	return e.Flow + " has ended: " + e.Text
}

func (t *Terminal) phoneText(e desk.Event) string {
	switch e.Kind {
	case desk.Calls:
		text := "calls " + e.To
		if e.To == "" {
			return "calls " + e.Flow
		}
		if e.Flow != "" {
			text += " (" + e.Flow + ")"
		}
		return text
	case desk.Rings:
		return t.ringText(e)
	case desk.Answers:
		return "answers"
	case desk.Hears:
		if e.Text == "beep" {
			return "hears a beep"
		}
		if e.From != "" {
			return "hears " + e.From + ": " + e.Text
		}
		return "hears: " + e.Text
	case desk.Music:
		return "hears music: " + e.Text
	case desk.Presses:
		return "presses " + e.Text
	case desk.Says:
		return "says: " + e.Text
	case desk.Recorded:
		return "is recorded: say TEXT, then hangup or a key"
	case desk.Joins:
		return "is in room " + e.Text
	case desk.Leaves:
		return "leaves room " + e.Text
	case desk.Held:
		return "is on hold in room " + e.Text
	case desk.Unheld:
		return "is back in room " + e.Text
	case desk.Waits:
		if e.Text == "" {
			return "waits for a worker"
		}
		return "waits in queue " + e.Text
	case desk.Taken:
		return strings.TrimSuffix("is out of the queue "+e.Text, " ")
	case desk.HangsUp:
		if e.Took == 0 && e.Text == "busy" {
			return "declines"
		}
		return "hangs up" + length(e.Took)
	}
	return overText(e)
}

func (t *Terminal) ringText(e desk.Event) string {
	text := "rings: " + e.From + " calls"
	if !e.Manual {
		return text
	}
	who := ""
	if len(t.desk.Ring()) > 1 {
		who = fmt.Sprintf(" %d", e.Phone)
	}
	return text + ". Type answer" + who + " or decline" + who
}

func overText(e desk.Event) string {
	switch e.Text {
	case "completed":
		return "the call is over" + length(e.Took)
	case "busy":
		return "is busy"
	case "no-answer":
		if e.Called {
			return "stops ringing: nobody answered"
		}
		return "is not put through"
	case "canceled":
		return "stops ringing"
	case "failed":
		return "cannot be reached"
	}
	return "the call has ended: " + e.Text
}

func length(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return " after " + d.Round(time.Second).String()
}

// reload tells of changed files: what is in force now, or what is wrong with them.
func (t *Terminal) reload(e desk.Event) {
	r := e.Reload
	who := t.paint(green, pad("reloaded"))
	text := joinChanges(r)
	if t.desk.Live() > 0 {
		text += "; calls that are up keep the version they began with"
	}
	if e.Kind == desk.Broken {
		who, text = t.paint(red, pad("not loaded")), "the version before is still running"
		if len(r.Diagnostics) == 0 {
			text = r.Err.Error()
		}
	}
	lines := diagnosticLines(r.Diagnostics, t.o.Color)
	t.print(append(lines, t.paint(dim, e.At.Local().Format(stamp))+"  "+who+text)...)
}

func joinChanges(r *desk.Reload) string {
	var all []string
	for _, part := range []struct {
		files []string
		what  string
	}{{r.Added, "new"}, {r.Changed, "changed"}, {r.Removed, "removed"}} {
		for _, f := range part.files {
			all = append(all, f+" "+part.what)
		}
	}
	if len(all) == 0 {
		return "the flows are as they were"
	}
	return strings.Join(all, ", ")
}

func diagnosticLines(list diag.List, color bool) []string {
	if len(list) == 0 {
		return nil
	}
	var b bytes.Buffer
	_ = diag.WriteText(&b, list, desk.Source, color) // a buffer takes everything
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

// request shows an exchange between the server and the simulated Twilio, if wanted.
func (t *Terminal) request(e desk.Event) {
	t.mu.Lock()
	on := t.trace
	t.mu.Unlock()
	if !on {
		return
	}
	r, who := e.Request, "webhook"
	if r.REST {
		who = "rest"
	}
	url, _, _ := strings.Cut(strings.TrimPrefix(r.URL, t.desk.URL()), "#")
	lines := []string{fmt.Sprintf("%s  %s%s %s -> %d", e.At.Local().Format(stamp), pad(who), r.Method, url, r.Status)}
	if !r.REST {
		_, document, found := strings.Cut(r.Body, "?>")
		if !found {
			document = r.Body
		}
		for l := range strings.Lines(strings.TrimSpace(document)) {
			lines = append(lines, strings.Repeat(" ", len(stamp)+2+column)+strings.TrimRight(l, "\r\n"))
		}
	}
	for i := range lines {
		lines[i] = t.paint(dim, lines[i])
	}
	t.print(lines...)
}

// table lines up rows in columns.
func table(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString("  " + cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}
