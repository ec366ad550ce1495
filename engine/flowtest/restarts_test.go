package flowtest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

// restarting lets the server die and come back again and again while time passes, until
// cond holds.
func restarting(t *testing.T, w *flowtest.World, every time.Duration, cond func() bool) {
	t.Helper()
	for range 400 {
		if w.Until(cond, every) {
			return
		}
		w.Down()
		if err := w.Up(); err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("it never comes to that\n%s", w.Dump())
}

// TestRestartsChangeNothing plays calls that are in a flow within a flow, at another
// server, or recorded, on a server that dies all the time.
func TestRestartsChangeNothing(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, withinFlows+"---\n"+awayFlows+"---\n"+tapedFlows)
	other := foreign(t)
	for _, row := range []struct {
		name, number, hears, key string
		states                   string
		logs                     []string
	}{
		{"a flow within a flow", "+15005550091", "Try 1.", "1234", "check ask in", nil},
		{"at another server", "+15005550093", "Foreign menu.", "4", "out raw end", []string{"key 4"}},
		{"recorded", "+15005550094", "This call is recorded.", "", "early talk", []string{"early 1"}},
	} {
		for _, every := range []time.Duration{170 * time.Millisecond, 430 * time.Millisecond, 1900 * time.Millisecond} {
			t.Run(row.name+" every "+every.String(), func(t *testing.T) {
				t.Parallel()
				w, err := flowtest.Start(flowtest.Options{Flows: dir, Seed: 1, Restarts: true, Env: map[string]string{"IVR": other.URL + "/ivr"}})
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				c, err := w.Call(tester, row.number)
				if err != nil {
					t.Fatal(err)
				}
				id := w.SessionOf(c)
				restarting(t, w, every, func() bool { return c.HeardText(row.hears) && (row.key == "" || c.Listening()) })
				if row.key != "" {
					c.Press(row.key)
				} else {
					end := w.Elapsed() + 12*time.Second
					restarting(t, w, every, func() bool { return w.Elapsed() >= end })
					c.Hangup()
				}
				restarting(t, w, every, func() bool { return w.Sim.Live() == 0 && w.Closed(id) })
				r, err := w.Record(id)
				want := flowtest.Record{Outcome: "completed", Legs: []string{"caller inbound completed"}, States: []string{"caller: " + row.states}}
				if d := cmp.Diff(want, r); err != nil || d != "" {
					t.Errorf("%v (-want +got):\n%s", err, d)
				}
				if got := logsOf(t, w, id); !slices.Equal(got, row.logs) {
					t.Errorf("logs %q, want %q", got, row.logs)
				}
			})
		}
	}
}

// TestAwayCannotBeReached sends a call to a server that is not there: it is tried again,
// then the flow gets to know.
func TestAwayCannotBeReached(t *testing.T) {
	t.Parallel()
	dir := withinFolder(t, `
flow: gone
answers: ["+15005550095"]
answer: out
states:
  out: {redirect: {url: "http://127.0.0.1:9/ivr"}, on: {returned: hangup, error: [{log: "code ${event.code}"}, {goto: sorry}]}}
  sorry: {prompt: The other side is not there., next: hangup}
`)
	w, err := flowtest.Start(flowtest.Options{Flows: dir, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var c *sim.Call
	if c, err = w.Call(tester, "+15005550095"); err != nil {
		t.Fatal(err)
	}
	if !w.Until(func() bool { return w.Closed(w.SessionOf(c)) }, 5*time.Minute) || !c.HeardText("The other side is not there.") {
		t.Errorf("heard %q\n%s", c.Heard(), w.Dump())
	}
	if got := logsOf(t, w, w.SessionOf(c)); len(got) != 1 || !strings.HasPrefix(got[0], "code 112") {
		t.Errorf("logs %q", got)
	}
}
