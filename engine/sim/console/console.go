// Package console writes the log of a simulated Twilio for people: a line for each
// thing that a caller hears or does and for each request, and for what goes wrong
// its Twilio code, what it means here and what to do.
package console

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/twiml"
)

// Console writes entries to one place. It is for one goroutine.
type Console struct {
	out    io.Writer
	color  bool
	calls  map[string]*call
	number int
}

// call is what the console remembers of a call.
type call struct {
	number   int
	from, to string
	who      string // the party
	answered time.Time
}

// New returns a console. color makes use of ANSI escape codes.
func New(out io.Writer, color bool) *Console {
	return &Console{out: out, color: color, calls: map[string]*call{}}
}

// The colours of lines.
const (
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (c *Console) paint(code, text string) string {
	if !c.color || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Write writes an entry; many need no line of their own.
func (c *Console) Write(e sim.Entry) {
	if e.Seq == 1 { // the first, or the first after a reset
		clear(c.calls)
		c.number = 0
	}
	switch e.Kind {
	case sim.EntryCall:
		c.begin(e)
	case sim.EntryStatus:
		c.status(e)
	case sim.EntryHeard:
		c.line(e, green, "hears", quoted(e.Text))
	case sim.EntryKeys:
		c.line(e, cyan, "presses", e.Text)
	case sim.EntrySpoken:
		c.line(e, cyan, "says", quoted(e.Text))
	case sim.EntryListening:
		c.line(e, dim, "is asked", e.Text)
	case sim.EntryWebhook:
		c.webhook(e)
	case sim.EntryCallback:
		c.line(e, dim, e.Method, joined(e.URL, "("+about(e)+")", outcome(e)))
	case sim.EntryLost:
		c.line(e, yellow, "fault", "the callback "+e.Name+" to "+e.URL+" is lost")
	case sim.EntryREST:
		c.rest(e)
	case sim.EntryRoom:
		c.line(e, "", "conference", joined(quoted(e.Name), e.Text))
	case sim.EntryQueue:
		c.line(e, "", "queue", joined(quoted(e.Room), e.Text))
	case sim.EntryTask:
		c.line(e, "", "task", joined(e.Name, e.Text))
	case sim.EntryMessage:
		c.line(e, "", "message", joined(e.From, "to", e.To+":", quoted(e.Text)))
	case sim.EntryWarning:
		c.warning(e)
	default:
		c.line(e, "", string(e.Kind), joined(e.Name, e.Text))
	}
}

// begin gives a new call its number, which stands before all its lines.
func (c *Console) begin(e sim.Entry) {
	c.number++
	known := &call{number: c.number, from: e.From, to: e.To, who: e.To}
	if e.Text == "inbound" {
		known.who = e.From
	}
	c.calls[e.Call] = known
	c.line(e, "1", "call", joined(e.From, "→", e.To, " ", e.Text, e.Call))
}

func (c *Console) status(e sim.Entry) {
	text := e.Text
	if known := c.calls[e.Call]; known != nil {
		switch {
		case e.Text == "in-progress":
			known.answered = e.At
			text = "answered"
		case ended(e.Text) && !known.answered.IsZero():
			text = fmt.Sprintf("%s after %s", e.Text, e.At.Sub(known.answered).Round(100*time.Millisecond))
		}
	}
	c.line(e, pick(ended(e.Text), "1", ""), "is", text)
}

func ended(status string) bool {
	switch status {
	case "completed", "busy", "no-answer", "failed", "canceled":
		return true
	}
	return false
}

// webhook shows a request for TwiML with what came back.
func (c *Console) webhook(e sim.Entry) {
	color := ""
	if e.Code != 0 {
		color = red
	}
	fields := ""
	for _, name := range []string{"Digits", "SpeechResult", "DialCallStatus", "RecordingDuration", "QueueResult", "AnsweredBy", "ErrorCode"} {
		if v := e.Params.Get(name); v != "" {
			fields = joined(fields, name+"="+v)
		}
	}
	c.line(e, color, e.Method, joined(e.URL, fields, outcome(e)))
	if body := strings.TrimSpace(e.Body); body != "" && e.Code == 0 {
		for _, line := range outline(body) {
			c.more(dim, line)
		}
	}
}

// outline is a document with a line for each verb.
func outline(body string) []string {
	doc, err := twiml.Parse([]byte(body))
	if err != nil {
		return []string{short(strings.Join(strings.Fields(body), " "), 200)}
	}
	var lines []string
	for _, verb := range doc.Elements() {
		lines = append(lines, short(verb.String(), 200))
	}
	if lines == nil {
		return []string{"an empty Response: the call ends"}
	}
	return lines
}

func (c *Console) rest(e sim.Entry) {
	color := ""
	if e.Status >= 400 {
		color = red
	}
	fields := ""
	if e.Method != "GET" {
		for _, name := range []string{"To", "From", "Url", "Twiml", "Status", "Muted", "Hold", "Body"} {
			if v := e.Params.Get(name); v != "" {
				fields = joined(fields, name+"="+short(v, 80))
			}
		}
	}
	c.line(e, color, "REST", joined(e.Method, e.URL, fields, fmt.Sprintf("→ %d", e.Status), e.Text))
	if e.Status >= 400 {
		c.more(color, short(strings.TrimSpace(e.Body), 300))
		if hint := restHints[e.Code]; hint != "" {
			c.more("", hint)
		}
	}
}

func (c *Console) warning(e sim.Entry) {
	color := yellow
	if sim.CodeLevel(e.Code) == sim.LevelError {
		color = red
	}
	text := strings.TrimSuffix(e.Text, fmt.Sprintf(" (%d)", e.Code))
	c.line(e, color, strings.ToUpper(sim.CodeLevel(e.Code)), joined(fmt.Sprint(e.Code), sim.CodeMessage(e.Code)+":", text))
	if hint := Hint(e); hint != "" {
		c.more("", hint)
	}
}

// about names a callback, with the status or event that it tells.
func about(e sim.Entry) string {
	for _, name := range []string{"StatusCallbackEvent", "RecordingStatus", "AnsweredBy", "CallStatus", "MessageStatus"} {
		if v := e.Params.Get(name); v != "" {
			return e.Name + " " + v
		}
	}
	return e.Name
}

func outcome(e sim.Entry) string {
	if e.Status == 0 {
		return "→ " + cmp.Or(e.Text, "no answer")
	}
	return fmt.Sprintf("→ %d", e.Status)
}

// line writes a line: time, call, what, text.
func (c *Console) line(e sim.Entry, color, what, text string) {
	tag := ""
	if known := c.calls[e.Call]; known != nil {
		tag = fmt.Sprintf("#%d", known.number)
	}
	fmt.Fprintf(c.out, "%s %-4s %s\n", c.paint(dim, e.At.Format("15:04:05.000")), tag, c.paint(color, fmt.Sprintf("%-10s %s", what, text)))
}

// more writes a line that belongs to the one before.
func (c *Console) more(color, text string) {
	fmt.Fprintf(c.out, "%30s%s\n", "", c.paint(color, text))
}

func quoted(text string) string {
	if strings.HasPrefix(text, "play ") || strings.HasPrefix(text, "digits ") || text == "beep" {
		return text
	}
	return "“" + text + "”"
}

// joined joins what is not empty.
func joined(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p)
	}
	return b.String()
}

// short cuts a text off that would fill the screen.
func short(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
