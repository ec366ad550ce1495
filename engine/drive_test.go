package engine_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twiml"
	"github.com/ringdown/ringdown/schema"
)

// driver steps one session through events, as the runtime would. Between any two events
// the session is encoded and read again: what is not stored, or changes its type on the
// way, breaks at once.
type driver struct {
	t       *testing.T
	c       *engine.Closure
	s       *engine.Session
	now     time.Time
	n       int
	effects []engine.Effect
	last    engine.Outcome
}

var testEnv = map[string]string{
	"WORKFLOW_SID": "WW00000000000000000000000000000001", "CALLER_ID": "+15005550006", "SALES": "+15005550101", "SUPPORT": "+15005550102", "OPERATOR": "+15005550103", "OFFICE": "+15005550104",
	"AGENT": "+15005550105", "ANN": "+15005550106", "BOB": "+15005550107", "CAT": "+15005550108", "MUSIC": "https://example.com/hold.mp3", "BILLING_URL": "https://billing.example.com", "TOKEN": "s3cret", "BILLING_TOKEN": "s3cret",
}

func load(t *testing.T, file string) *engine.Closure {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "flows", file))
	if err != nil {
		t.Fatal(err)
	}
	return compile(t, file, string(text))
}

func compile(t *testing.T, file, text string) *engine.Closure {
	t.Helper()
	set, diags := schema.Load(map[string][]byte{file: []byte(text)}, func(name string) (string, bool) {
		v, ok := testEnv[name]
		return v, ok
	})
	if diags.HasErrors() {
		t.Fatalf("%v", diags.Err())
	}
	for _, c := range set.Closures {
		return c
	}
	t.Fatal("no flow")
	return nil
}

func drive(t *testing.T, c *engine.Closure) *driver {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return &driver{t: t, c: c, s: engine.NewSession(c, "s1", now), now: now}
}

func (d *driver) send(ev engine.Event) *driver {
	d.t.Helper()
	d.n++
	ev.ID, ev.At = "e"+strconv.Itoa(d.n), d.now
	before, err := engine.EncodeSession(d.s)
	if err != nil {
		d.t.Fatal(err)
	}
	d.last = engine.Step(d.c, d.s, &ev)
	after, err := engine.EncodeSession(d.s)
	if err != nil {
		d.t.Fatal(err)
	}
	if string(before) != string(after) {
		d.t.Errorf("Step changed the session that it was given:\n%s", cmp.Diff(string(before), string(after)))
	}
	again := engine.Step(d.c, d.s, &ev)
	if diff := cmp.Diff(d.last, again); diff != "" {
		d.t.Errorf("the same event gave two outcomes: %s", diff)
	}
	for _, e := range d.last.Trace {
		if e.What == "fault" {
			d.t.Logf("fault: %s %v", e.Text, e.Fields)
		}
	}
	stored, err := engine.EncodeSession(d.last.Session)
	if err != nil {
		d.t.Fatal(err)
	}
	read, err := engine.DecodeSession(stored)
	if err != nil {
		d.t.Fatal(err)
	}
	if diff := cmp.Diff(d.last.Session, read, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		d.t.Errorf("the stored session is another one: %s", diff)
	}
	for _, l := range read.Legs {
		if old := d.s.Leg(l.Number); len(l.Doc) > 0 && (old == nil || old.Turn != l.Turn) {
			legal(d.t, l.Doc)
		}
	}
	d.s = read
	d.effects = append(d.effects, d.last.Effects...)
	return d
}

// legal fails when a document is not TwiML that Twilio takes in a call's own context.
func legal(t testing.TB, doc []byte) {
	t.Helper()
	root, err := twiml.Parse(doc)
	if err != nil {
		t.Errorf("%v in\n%s", err, doc)
		return
	}
	for _, p := range twiml.Check(root, twiml.Main) {
		t.Errorf("%+v in\n%s", p, doc)
	}
}

// hook sends a webhook of a leg.
func (d *driver) hook(kind string, leg, turn int, fields ...string) *driver {
	d.t.Helper()
	m := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		m[fields[i]] = fields[i+1]
	}
	if m["CallSid"] == "" {
		if l := d.s.Leg(leg); l != nil && l.SID != "" {
			m["CallSid"] = l.SID
		} else {
			m["CallSid"] = "CA" + strconv.Itoa(leg)
		}
	}
	return d.send(engine.Event{Kind: kind, Leg: leg, Turn: turn, Fields: m})
}

func (d *driver) inbound(fields ...string) *driver {
	d.t.Helper()
	return d.hook(engine.KindInbound, 0, 0, append([]string{"CallSid", "CA1", "From", "+15550001111", "To", "+15005550006", "CallStatus", "ringing"}, fields...)...)
}

// act sends the current turn's action of a live leg.
func (d *driver) act(leg int, fields ...string) *driver {
	d.t.Helper()
	return d.hook(engine.KindAct, leg, d.s.Leg(leg).Turn, append([]string{"CallStatus", "in-progress"}, fields...)...)
}

func (d *driver) status(leg int, status string, fields ...string) *driver {
	d.t.Helper()
	return d.hook(engine.KindStatus, leg, 0, append([]string{"CallStatus", status}, fields...)...)
}

// wait lets time pass and fires what comes due.
func (d *driver) wait(for_ time.Duration) *driver {
	d.t.Helper()
	end := d.now.Add(for_)
	for i := 0; i < 100; i++ {
		due := d.s.NextDue()
		if due.IsZero() || due.After(end) {
			break
		}
		d.now = due
		for _, t := range d.s.Timers {
			if t.Due.Equal(due) {
				d.send(engine.Event{Kind: engine.KindTimer, Gen: t.Gen})
				break
			}
		}
	}
	d.now = end
	return d
}

// take gives the oldest effect of a kind that was not taken yet.
func (d *driver) take(kind engine.EffectKind) engine.Effect {
	d.t.Helper()
	for i, e := range d.effects {
		if e.Kind == kind {
			d.effects = append(d.effects[:i:i], d.effects[i+1:]...)
			return e
		}
	}
	d.t.Fatalf("no effect %s; there are %v", kind, d.kinds())
	return engine.Effect{}
}

func (d *driver) kinds() []string {
	var kinds []string
	for _, e := range d.effects {
		kinds = append(kinds, string(e.Kind))
	}
	return kinds
}

func (d *driver) result(e engine.Effect, r engine.Result) *driver {
	d.t.Helper()
	return d.send(engine.Event{Kind: engine.KindResult, Effect: e.ID, Result: &r})
}

// none fails when an effect of the kind is open.
func (d *driver) none(kind engine.EffectKind) *driver {
	d.t.Helper()
	for _, e := range d.effects {
		if e.Kind == kind {
			d.t.Errorf("unexpected effect %s: %+v", kind, e)
		}
	}
	return d
}

func (d *driver) state(leg int, want string) *driver {
	d.t.Helper()
	if got := d.s.Leg(leg).State; got != want {
		d.t.Errorf("leg %d is in the state %s, want %s\n%s", leg, got, want, d.doc(leg))
	}
	return d
}

func (d *driver) doc(leg int) string { return string(d.s.Leg(leg).Doc) }

func (d *driver) hears(leg int, wants ...string) *driver {
	d.t.Helper()
	for _, want := range wants {
		if !strings.Contains(d.doc(leg), want) {
			d.t.Errorf("leg %d does not get %q but\n%s", leg, want, d.doc(leg))
		}
	}
	return d
}

func (d *driver) outcome(want string) *driver {
	d.t.Helper()
	if d.s.Condition != engine.SessionClosed || d.s.Outcome != want {
		d.t.Errorf("session is %s with outcome %q, want closed with %q; legs %+v timers %+v pending %+v", d.s.Condition, d.s.Outcome, want, legs(d.s), d.s.Timers, d.s.Pending)
	}
	return d
}

func legs(s *engine.Session) []string {
	var out []string
	for _, l := range s.Legs {
		out = append(out, l.Name+":"+string(l.Condition)+":"+l.Result)
	}
	return out
}
