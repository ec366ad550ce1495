package taskrouter_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim/taskrouter"
)

// desk is an account without telephones: it notes what TaskRouter wants.
type desk struct {
	later  []func()
	sids   int
	answer map[string]any // to each assignment; nil is a failure
	wants  []string
}

func (d *desk) Now() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func (d *desk) After(delay time.Duration, f func()) {
	if delay < time.Minute { // no time limit passes here
		d.later = append(d.later, f)
	}
}

func (d *desk) SID(prefix string) string {
	d.sids++
	return fmt.Sprintf("%s%032x", prefix, d.sids)
}

func (d *desk) want(format string, args ...any) {
	d.wants = append(d.wants, fmt.Sprintf(format, args...))
}

func (d *desk) Log(string, string, string)       {}
func (d *desk) Event(string, taskrouter.Fields)  {}
func (d *desk) Warn(code int, call, text string) { d.want("warn %d", code) }
func (d *desk) Drop(*taskrouter.Reservation)     { d.want("drop") }
func (d *desk) Release(*taskrouter.Task)         { d.want("release") }

func (d *desk) Assign(call, url string, _ taskrouter.Fields, done func(map[string]any, string)) {
	d.want("assign %s %s", call, url)
	if d.answer == nil {
		done(nil, "status 500")
		return
	}
	done(d.answer, "")
}

func (d *desk) Instruct(_ *taskrouter.Reservation, name string, get func(string) string) int {
	d.want("instruct %s %s", name, get("to"))
	return 0
}

// TestAssignment: what TaskRouter asks for, from a new task to its end.
func TestAssignment(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		answer map[string]any
		cancel bool
		wants  []string
		status string // of the reservation
	}{
		{map[string]any{"instruction": "accept"}, false, []string{"assign CA1 /ask", "drop", "release"}, "completed"},
		{map[string]any{"instruction": "dequeue", "to": "client:ann"}, false, []string{"assign CA1 /ask", "instruct dequeue client:ann", "drop", "release"}, "canceled"},
		{nil, false, []string{"assign CA1 /ask", "assign CA1 /fallback", "warn 11200", "drop", "release"}, "canceled"},
		{nil, true, []string{"assign CA1 /ask", "assign CA1 /fallback", "warn 11200", "release"}, "canceled"},
	} {
		d := &desk{answer: tc.answer}
		r := taskrouter.New(taskrouter.Options{AccountSID: "AC1", CancelFailed: func() bool { return tc.cancel }, Clock: d, Account: d, Webhooks: d, Calls: d})
		r.AddWorkflow("WW1", taskrouter.Workflow{AssignmentURL: "/ask", FallbackURL: "/fallback"})
		if _, err := r.AddWorker("ann", `{}`); err != nil {
			t.Fatal(err)
		}
		task := r.AddTask("WW1", map[string]any{"call_sid": "CA1"}, 0, time.Hour)
		for len(d.later) > 0 {
			next := d.later[0]
			d.later = d.later[1:]
			next()
		}
		end := "canceled"
		if tc.status == "completed" {
			end = "completed"
		}
		task.Finish(end, "")
		got := r.States()[0]
		if !slices.Equal(d.wants, tc.wants) || got.Status != end || got.Reservations[0].Status != tc.status {
			t.Errorf("%v: %q, %+v; want %q", tc.answer, d.wants, got, tc.wants)
		}
	}
}
