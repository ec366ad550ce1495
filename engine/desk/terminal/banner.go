package terminal

import (
	"context"
	"strings"

	"github.com/ringdown/ringdown/engine/desk"
)

// Banner tells where one is and what can be done.
func (t *Terminal) Banner() {
	d := t.desk
	lines := []string{
		t.paint(bold, "Ringdown") + ": the server, a simulated Twilio, and phones to play with. Nothing leaves this machine.", "",
	}
	lines = append(lines, t.flowLines()...)
	lines = append(lines, "",
		"Files in "+d.Folder()+" are watched: what you save is there at the next call.",
		"The phones are on a page, too: "+d.URL(),
	)
	if d.Moved() {
		lines = append(lines, t.paint(yellow, "The port was taken: the server is at "+d.URL()+" instead."))
	}
	settings := "RINGDOWN_API_TOKEN=" + d.Token()
	if d.URL() != "http://"+desk.DefaultListen { // where commands look if nobody says otherwise
		settings = "RINGDOWN_URL=" + d.URL() + " " + settings
	}
	lines = append(lines, "From another terminal:",
		t.paint(dim, "  export "+settings),
		t.paint(dim, "  ringdown sessions"),
		"Type "+t.paint(bold, "help")+" for all commands, "+t.paint(bold, "quit")+" to leave.", "")
	t.print(lines...)
}

// PageBanner tells where the page is, for a terminal that only looks on.
func (t *Terminal) PageBanner() {
	d := t.desk
	lines := []string{
		t.paint(bold, "Ringdown") + " is at " + t.paint(bold, d.URL()), "",
		"Call a flow there, and answer the phones that ring. Nothing leaves this machine.",
		"Files in " + d.Folder() + " are watched: what you save is there at the next call.",
	}
	if d.Moved() {
		lines = append(lines, t.paint(yellow, "The wished port was taken: this is another one."))
	}
	if !d.Open() {
		lines = append(lines, "The page asks for the API token: "+d.Token())
	}
	lines = append(lines, "From another terminal:", t.paint(dim, "  export RINGDOWN_URL="+d.URL()+" RINGDOWN_API_TOKEN="+d.Token()),
		t.paint(dim, "  ringdown sessions"), "Ctrl-C ends it.", "")
	t.print(lines...)
}

func (t *Terminal) flows(context.Context, []string) error {
	t.print(t.flowLines()...)
	return nil
}

// flowLines is a table of the flows with the command that tries each.
func (t *Terminal) flowLines() []string {
	rows := [][]string{{"FLOW", "NUMBER", "TRY"}}
	for _, f := range t.desk.Flows() {
		rows = append(rows, []string{f.Name, strings.Join(f.Numbers, " "), try(f)})
	}
	if len(rows) == 1 {
		return []string{"There are no flows in " + t.desk.Folder() + " yet."}
	}
	lines := table(rows)
	lines[0] = t.paint(dim, lines[0])
	return lines
}

// try is the command with which a flow is tried out.
func try(f desk.Flow) string {
	words := []string{"call", f.Name}
	if !f.Answers {
		words[0] = "start"
	}
	next := 0
	for _, in := range f.Inputs {
		if !in.Required {
			continue
		}
		value := desk.Example(in.Type, in.Values)
		if in.Type == "phone" { // each phone its own number
			value = value[:len(value)-1] + string(rune('2'+next%8))
			next++
		}
		if choice, _, ok := strings.Cut(value, "|"); ok {
			value = choice
		}
		words = append(words, in.Name+"="+value)
	}
	return strings.Join(words, " ")
}
