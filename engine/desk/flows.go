package desk

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/node"
	"github.com/ringdown/ringdown/engine/sim"
)

// Flow is a flow that can be tried out.
type Flow struct {
	Name        string
	Description string
	Numbers     []string // that it answers
	Answers     bool     // takes calls
	Starts      bool     // can be started without a call
	Inputs      []Input
	Signals     []string
}

// Input is a value that a call or a start must or may bring.
type Input struct {
	Name     string
	Type     string // phone, text, number, boolean, duration or choice
	Label    string
	Required bool
	Values   []string // of a choice
}

// Flows gives the flows in force, by name.
func (d *Desk) Flows() []Flow {
	var list []Flow
	for _, l := range d.node.Flows() {
		f := l.Closure.Flow
		flow := Flow{
			Name: f.Name, Description: f.Description, Numbers: l.Numbers, Answers: f.Answer.State != "", Starts: f.Start != nil,
		}
		for _, in := range f.Inputs {
			flow.Inputs = append(flow.Inputs, Input{in.Name, string(in.Type), in.Label, in.Default == nil && !in.Optional, in.Values})
		}
		for _, s := range f.Signals {
			flow.Signals = append(flow.Signals, s.Name)
		}
		list = append(list, flow)
	}
	return list
}

// appAddress is what a call to a flow without a number is addressed to, as a call from a
// browser is addressed to an application.
func appAddress(flow string) string { return "app:" + flow }

// addNumbers gives the simulated account the numbers of the flows in force, and an
// address for every flow without one. What a flow gave up stays, and rejects calls.
func (d *Desk) addNumbers() {
	settings := sim.Number{
		VoiceURL: d.base + "/voice", FallbackURL: d.base + "/voice/fallback", StatusCallback: d.base + "/voice/status",
	}
	for _, f := range d.Flows() {
		for _, number := range f.Numbers {
			d.sim.AddNumber(number, settings)
		}
		if len(f.Numbers) == 0 && f.Answers {
			own := settings
			own.VoiceURL += "/" + f.Name
			d.sim.AddNumber(appAddress(f.Name), own)
		}
	}
	for _, f := range d.node.Flows() {
		for _, number := range f.Closure.Senders() {
			d.addOwn(number, settings)
		}
	}
	// Whoever calls may show any number that the env file calls so.
	for name, v := range d.env.all() {
		if strings.Contains(name, "CALLER_ID") && expr.IsPhone(v) {
			d.addOwn(v, settings)
		}
	}
}

func (d *Desk) addOwn(number string, settings sim.Number) {
	if d.flowAt(number) == "" {
		d.sim.AddNumber(number, settings)
	}
}

// flowAt gives the flow that answers an address of the account, or "".
func (d *Desk) flowAt(address string) string {
	for _, f := range d.Flows() {
		if slices.Contains(f.Numbers, address) || address == appAddress(f.Name) {
			return f.Name
		}
	}
	return ""
}

// nameAddresses names phones after the variables of the env file that hold their numbers.
func (d *Desk) nameAddresses() {
	for name, v := range d.env.all() {
		if !expr.IsPhone(v) || strings.Contains(name, "CALLER_ID") {
			continue
		}
		name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		d.mu.Lock()
		if have, ok := d.names[v]; !ok || name < have {
			d.names[v] = name
		}
		d.mu.Unlock()
	}
}

// loaded tells of changed flow files.
func (d *Desk) loaded(r node.Report) {
	if r.First {
		if len(r.Diagnostics) > 0 {
			d.tell(Event{Kind: Reloaded, Reload: d.reload(r)})
		}
		return
	}
	kind := Reloaded
	if r.Err != nil {
		kind = Broken
	} else if d.up.Load() {
		d.nameAddresses()
		d.addNumbers()
	}
	d.tell(Event{Kind: kind, Reload: d.reload(r)})
}

func (d *Desk) reload(r node.Report) *Reload {
	files := func(list []string) []string {
		out := make([]string, 0, len(list))
		for _, f := range list {
			out = append(out, d.file(f))
		}
		return out
	}
	return &Reload{
		Added: files(r.Added), Changed: files(r.Changed), Removed: files(r.Removed),
		Diagnostics: Located(d.o.Flows, r.Diagnostics), Err: r.Err,
	}
}

func (d *Desk) file(name string) string {
	return filepath.Join(d.o.Flows, filepath.FromSlash(name))
}

// Located gives the diagnostics with file names that lead from the working directory to
// the file, so that editors and terminals can open them.
func Located(folder string, list diag.List) diag.List {
	out := list.Sorted()
	for i := range out {
		if out[i].Pos.File != "" {
			out[i].Pos.File = filepath.Join(folder, filepath.FromSlash(out[i].Pos.File))
		}
	}
	return out
}

// Source reads a file that a diagnostic names, for showing the line; nil if it cannot be
// read.
func Source(file string) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return text
}

// logger makes events of what the server would write to its log for people to act on.
func (d *Desk) logger() *slog.Logger { return slog.New(&logTeller{desk: d}) }

type logTeller struct {
	desk  *Desk
	attrs []slog.Attr
}

func (l *logTeller) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

func (l *logTeller) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Message)
	add := func(a slog.Attr) bool {
		switch a.Key {
		case "stack":
		case "session":
			b.WriteString(" " + a.Key + "=" + l.desk.shortNumber(a.Value.String()))
		default:
			b.WriteString(" " + a.Key + "=" + a.Value.String())
		}
		return true
	}
	for _, a := range l.attrs {
		add(a)
	}
	r.Attrs(add)
	l.desk.tell(Event{Kind: Warning, Text: b.String()})
	return nil
}

func (l *logTeller) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logTeller{l.desk, append(slices.Clone(l.attrs), attrs...)}
}

func (l *logTeller) WithGroup(string) slog.Handler { return l }

// closure gives the loaded flow of that version, or nil if it is not loaded any more.
func (d *Desk) closure(id string) *engine.Closure {
	for _, l := range d.node.Flows() {
		if l.Closure.ID == id {
			return l.Closure
		}
	}
	return nil
}
