package flowtest_test

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
)

const (
	caller = "+15551110001"
	callee = "+15553330002"
	number = "+15005550008" // of prepaid-watch
)

func start(t *testing.T, seed uint64, faults sim.Faults) *flowtest.World {
	t.Helper()
	env := map[string]string{"CALLER_ID": number, "MUSIC": "https://media.example.com/hold.mp3"}
	for i, name := range []string{"SALES", "SUPPORT", "OPERATOR", "OFFICE", "AGENT"} {
		env[name] = "+1555222000" + string(rune('1'+i))
	}
	w, err := flowtest.Start(flowtest.Options{Flows: "../../flows", Env: env, Seed: seed, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// talk plays a prepaid call that is charged once and hung up after twelve minutes.
func talk(t *testing.T, w *flowtest.World) flowtest.Record {
	t.Helper()
	w.Billing.SetBalance(caller, "1.00")
	c, err := w.Call(caller, number, "number", callee)
	if err != nil {
		t.Fatal(err)
	}
	if !w.Until(func() bool { return len(c.Peers()) > 0 }, time.Minute) {
		t.Fatalf("never connected\n%s", w.Dump())
	}
	w.Advance(12 * time.Minute)
	c.Hangup()
	if !w.Until(func() bool { return w.Closed(w.SessionOf(c)) }, time.Minute) {
		t.Fatalf("no end\n%s", w.Dump())
	}
	r, err := w.Record(w.SessionOf(c))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecord(t *testing.T) {
	t.Parallel()
	w := start(t, 1, sim.Faults{})
	r := talk(t, w)
	if r.Outcome != "completed" || !slices.Equal(r.Legs, []string{"caller inbound completed", "callee outbound-dial completed"}) ||
		!slices.Equal(r.States, []string{"caller: check talk"}) || len(r.Charges) != 1 {
		t.Errorf("record %+v", r)
	}
	if took := w.Elapsed(); took < 12*time.Minute || took > 13*time.Minute {
		t.Errorf("took %v", took)
	}
	if found := w.Troubles(); len(found) > 0 {
		t.Errorf("troubles: %q", found)
	}
}

// TestSameSeedSameRun: two worlds with one seed see the same, entry by entry.
func TestSameSeedSameRun(t *testing.T) {
	t.Parallel()
	port := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	faults := sim.Faults{
		{Kind: sim.RepeatCallback, Rate: 0.3}, {Kind: sim.DelayCallback, By: 3 * time.Second}, {Kind: sim.RepeatWebhook, Rate: 0.3}, {Kind: sim.TooManyRequests, Rate: 0.2},
	}
	run := func() string {
		w := start(t, 7, faults)
		talk(t, w)
		w.Advance(time.Minute)
		told, _, _ := strings.Cut(w.Dump(), "\nserver:")
		return port.ReplaceAllString(told, "HOST")
	}
	first, second := strings.Split(run(), "\n"), strings.Split(run(), "\n")
	for i := range first {
		if i >= len(second) || first[i] != second[i] {
			t.Fatalf("entry %d differs:\n%s\n%s", i, first[i], strings.Join(second[min(i, len(second)):min(i+1, len(second))], ""))
		}
	}
	if len(first) != len(second) {
		t.Errorf("%d and %d entries", len(first), len(second))
	}
}

func TestControlAPI(t *testing.T) {
	t.Parallel()
	w := start(t, 1, sim.Faults{})
	var refused *flowtest.StatusError
	if _, err := w.API.StartFlow("click-to-call", map[string]any{"agent": "nobody"}, ""); !errors.As(err, &refused) || refused.Status != http.StatusUnprocessableEntity {
		t.Errorf("bad input: %v", err)
	}
	input := map[string]any{"agent": caller, "customer": callee}
	id, err := w.API.StartFlow("click-to-call", input, "k1")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.API.StartFlow("click-to-call", input, "k1"); err != nil || again != id {
		t.Errorf("the same key: %s %v, want %s", again, err, id)
	}
	if err := w.API.Signal(id, "hold", nil); !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
		t.Errorf("a signal that the flow has not: %v", err)
	}
	if active, err := w.API.Sessions(true); err != nil || len(active) != 1 {
		t.Errorf("active: %v %v", active, err)
	}
	if err := w.API.End(id); err != nil {
		t.Fatal(err)
	}
	if !w.Until(func() bool { return w.Closed(id) }, time.Minute) {
		t.Errorf("no end\n%s", w.Dump())
	}
	if s, err := w.API.Session(id); err != nil || s.Outcome != "deleted" {
		t.Errorf("session %+v %v", s, err)
	}
}

// TestBillingPatience: an answer that comes after the client's patience is not there,
// although the service has done its work, and the wait is one of virtual time.
func TestBillingPatience(t *testing.T) {
	t.Parallel()
	w := start(t, 1, sim.Faults{})
	w.Billing.SetBalance(caller, "1.00")
	w.Billing.AnswerAccounts(flowtest.Answer{Delay: flowtest.Forever})
	c, err := w.Call(caller, number, "number", callee)
	if err != nil {
		t.Fatal(err)
	}
	if !w.Until(c.Ended, time.Minute) || !c.HeardText("too low") {
		t.Errorf("the call is not refused\n%s", w.Dump())
	}
	asked := w.Billing.Requests()
	if len(asked) != 2 || asked[1].At.Sub(asked[0].At) < 5*time.Second || asked[1].At.Sub(asked[0].At) > 6*time.Second {
		t.Errorf("requests: %+v", asked)
	}
}
