package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/runtime"
)

// session is what is remembered of a session to tell what has changed.
type session struct {
	number  int
	id      string
	flow    string
	over    bool
	visits  []int // last told, by leg
	offered []string
}

// Session is one run of a flow.
type Session struct {
	Number  int // short number, from 1
	ID      string
	Flow    string
	Over    bool
	Signals []string        // that it takes now
	Data    *engine.Session // everything; must not be changed
}

// committed tells what a commit has changed. It is called while the session's lock is
// held and must not wait for anything.
func (d *Desk) committed(s *engine.Session) {
	now := d.clock.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.sessions[s.ID]
	if t == nil {
		t = &session{number: len(d.order) + 1, id: s.ID, flow: s.Flow}
		d.sessions[s.ID] = t
		d.order = append(d.order, t)
		d.feed.put(Event{At: now, Kind: Began, Session: t.id, Number: t.number, Flow: t.flow})
	}
	about := Event{At: now, Session: t.id, Number: t.number, Flow: t.flow}
	for i, l := range s.Legs {
		if l.Direction != engine.DirectionInbound {
			d.nameLeg(l)
		}
		if i >= len(t.visits) {
			t.visits = append(t.visits, 0)
		}
		if l.Started && l.State != "" && l.Visit != t.visits[i] && !l.Over() {
			t.visits[i] = l.Visit
			e := about
			e.Kind, e.Leg, e.State = Entered, l.Name, l.State
			d.feed.put(e)
		}
	}
	if offered := d.signals(s); !slices.Equal(offered, t.offered) {
		t.offered = offered
		e := about
		e.Kind, e.Text = Offered, strings.Join(offered, " ")
		d.feed.put(e)
	}
	if s.Condition == engine.SessionClosed && !t.over {
		t.over = true
		e := about
		e.Kind, e.Text = Ended, s.Outcome
		d.feed.put(e)
	}
}

// nameLeg names a phone after the leg that rings it, unless it has a name: d.mu is held.
func (d *Desk) nameLeg(l *engine.Leg) {
	own := l.Name != "" && !strings.HasPrefix(l.Name, l.State+"-")
	if l.Parent > 0 && l.Name != "" {
		// A dialled party without a name of its own is called STATE-N.
		own = strings.TrimRight(l.Name, "0123456789") == l.Name
	}
	if _, named := d.names[l.To]; l.To != "" && own && !named {
		d.names[l.To] = l.Name
	}
}

func (d *Desk) signals(s *engine.Session) []string {
	if s.Condition != engine.SessionRunning {
		return nil
	}
	if c := d.closure(s.Closure); c != nil {
		return engine.Signals(c, s)
	}
	return nil
}

// Sessions gives the sessions since the start, oldest first; with active only those that
// are not over.
func (d *Desk) Sessions(ctx context.Context, active bool) []Session {
	d.mu.Lock()
	order := slices.Clone(d.order)
	d.mu.Unlock()
	var list []Session
	for _, t := range order {
		s, err := d.session(ctx, t)
		if err == nil && !(active && s.Over) {
			list = append(list, s)
		}
	}
	return list
}

func (d *Desk) session(ctx context.Context, t *session) (Session, error) {
	data, err := d.node.Runtime().Load(ctx, t.id)
	if err != nil {
		return Session{}, err
	}
	return Session{Number: t.number, ID: t.id, Flow: t.flow, Over: data.Condition == engine.SessionClosed, Signals: d.signals(data), Data: data}, nil
}

// FindSession gives the session with a short number, written 2 or #2, or with an id or
// the beginning of one.
func (d *Desk) FindSession(ctx context.Context, word string) (Session, error) {
	short := strings.TrimPrefix(word, "#")
	d.mu.Lock()
	var found *session
	for _, t := range d.order {
		if fmt.Sprint(t.number) == short || len(short) >= 4 && strings.HasPrefix(t.id, short) {
			found = t
			break
		}
	}
	d.mu.Unlock()
	if found == nil {
		return Session{}, fmt.Errorf("there is no session %q", word)
	}
	return d.session(ctx, found)
}

// Start starts a flow without a call. The error names everything that is wrong with the
// inputs. It gives the short number of the new session.
func (d *Desk) Start(ctx context.Context, flow string, given map[string]string) (number int, err error) {
	f := d.loadedFlow(flow)
	switch {
	case f == nil:
		return 0, d.noFlow(flow)
	case f.Start == nil:
		return 0, fmt.Errorf("%s is begun by a call only: call %s", flow, flow)
	}
	input, problems := engine.ReadInputs(f.Inputs, anyMap(given))
	if len(problems) > 0 {
		return 0, problemsError("start "+flow, f.Inputs, problems)
	}
	id, err := d.node.Runtime().Start(ctx, runtime.StartRequest{Flow: flow, Input: input, By: "dev"})
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.sessions[id]; t != nil {
		return t.number, nil
	}
	return 0, nil
}

// Signal sends a signal to a session; word "" chooses the newest one that takes it. It
// gives the short number of the session.
func (d *Desk) Signal(ctx context.Context, word, name string, data map[string]string) (number int, err error) {
	s, err := d.signalled(ctx, word, name)
	if err != nil {
		return 0, err
	}
	signals, err := d.node.Runtime().Signals(ctx, s.ID)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(signals, func(sig *engine.Signal) bool { return sig.Name == name })
	if i < 0 {
		return 0, fmt.Errorf("%s has no signal %q", s.Flow, name)
	}
	values, problems := engine.ReadInputs(signals[i].Data, anyMap(data))
	if len(problems) > 0 {
		return 0, problemsError("signal "+name, signals[i].Data, problems)
	}
	err = d.node.Runtime().Signal(ctx, runtime.SignalRequest{Session: s.ID, Name: name, Data: values, By: "dev"})
	if err == nil {
		d.tape.signal(sent{s.ID, name, data})
	}
	if errors.Is(err, runtime.ErrNotOffered) {
		return 0, fmt.Errorf("session #%d does not take %s now; it takes %s", s.Number, name, orNone(s.Signals))
	}
	return s.Number, err
}

func (d *Desk) signalled(ctx context.Context, word, name string) (Session, error) {
	if word != "" {
		return d.FindSession(ctx, word)
	}
	sessions := d.Sessions(ctx, true)
	for _, s := range slices.Backward(sessions) {
		if slices.Contains(s.Signals, name) {
			return s, nil
		}
	}
	var now []string
	for _, s := range sessions {
		now = append(now, s.Signals...)
	}
	slices.Sort(now)
	return Session{}, fmt.Errorf("no session takes the signal %s now; taken are %s", name, orNone(slices.Compact(now)))
}

// End ends a session: its calls are hung up.
func (d *Desk) End(ctx context.Context, word string) error {
	s, err := d.FindSession(ctx, word)
	if err != nil {
		return err
	}
	return d.node.Runtime().End(ctx, s.ID, "dev")
}

// shortNumber gives the number of a session as people write it, or its id.
func (d *Desk) shortNumber(id string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.sessions[id]; t != nil {
		return fmt.Sprintf("#%d", t.number)
	}
	return id
}

// Now is the time of the desk's clock.
func (d *Desk) Now() time.Time { return d.clock.Now() }

func (d *Desk) loadedFlow(name string) *engine.Flow {
	for _, l := range d.node.Flows() {
		if l.Closure.Flow.Name == name {
			return l.Closure.Flow
		}
	}
	return nil
}

func (d *Desk) noFlow(name string) error {
	var names []string
	for _, f := range d.Flows() {
		names = append(names, f.Name)
	}
	return fmt.Errorf("there is no flow %q; there are %s", name, strings.Join(names, ", "))
}

func anyMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// problemsError says what is wrong with inputs, and how the whole is written.
func problemsError(command string, inputs []*engine.Input, problems []engine.Problem) error {
	var parts []string
	for _, p := range problems {
		parts = append(parts, p.Name+" "+p.Message)
	}
	for _, in := range inputs {
		command += " " + in.Name + "=" + Example(string(in.Type), in.Values)
	}
	return fmt.Errorf("%s. Write: %s", strings.Join(parts, "; "), command)
}

// Example is a value for an input of a type, as one would try it out.
func Example(inputType string, values []string) string {
	switch engine.InputType(inputType) {
	case engine.InputPhone:
		return "+15005550142"
	case engine.InputNumber:
		return "5"
	case engine.InputBoolean:
		return "true"
	case engine.InputDuration:
		return "30s"
	case engine.InputChoice:
		return strings.Join(values, "|")
	}
	return "text"
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
