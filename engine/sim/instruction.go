package sim

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/taskrouter"
	"github.com/ringdown/ringdown/engine/twiml"
)

// instruction is what TaskRouter wants to have done to calls for a reservation.
// get reads a parameter by its name in an assignment's answer.
type instruction struct {
	sim *Sim
	r   *taskrouter.Reservation
	get func(string) string
}

// Instruct runs an instruction. It returns an error code.
func (h taskHost) Instruct(r *taskrouter.Reservation, name string, get func(string) string) int {
	i := instruction{h.sim, r, get}
	switch name {
	case "dequeue":
		return i.dequeue()
	case "call":
		return i.callWorker()
	case "redirect":
		return i.redirectCaller()
	case "conference":
		return i.conference()
	case "supervise":
		return i.supervise()
	}
	return 40151
}

// contact is the worker's address.
func (i instruction) contact() string {
	if to := i.get("to"); to != "" {
		return to
	}
	return i.r.Contact()
}

// ring calls the worker; answered runs when it picks up. A worker that cannot
// be reached loses the reservation and goes offline.
func (i instruction) ring(to, from string, answered func(*Call)) {
	s := i.sim
	c := s.newCall(nil, "outbound-api", from, to)
	if url := cmp.Or(i.get("status_callback_url"), i.get("status_callback")); url != "" {
		events := map[string]bool{}
		for _, event := range strings.Split(i.get("status_callback_events"), ",") {
			events[strings.TrimSpace(event)] = true
		}
		if i.get("status_callback_events") == "" {
			events = map[string]bool{"completed": true}
		}
		// The instructions dequeue and call request it by GET.
		c.progress = subscription{endpoint{url, cmp.Or(i.get("status_callback_method"), http.MethodGet)}, events}
		c.extra = form{{"taskCallSid", i.r.Task().CallSID()}}
	}
	i.r.Task().Set("worker_call_sid", c.sid)
	s.taskLegs[i.r] = c
	c.onAnswer = func() { answered(c) }
	c.onEnd = i.r.TimeOut
	c.setStatus("queued")
	seconds, ok := ranged(i.get("timeout"), 1, 999)
	if !ok {
		seconds = 60
	}
	c.dialOut(time.Duration(seconds) * time.Second)
}

// dequeue rings the worker and connects it with the caller.
func (i instruction) dequeue() int {
	w, to, from := i.sim.taskWaits[i.r.Task()], i.contact(), i.get("from")
	switch {
	case w == nil:
		return 40140
	case to == "" || !addressOK(to):
		return 40131
	}
	if from == "" {
		from = w.call.to
	}
	i.r.SetPostWork(i.get("post_work_activity_sid"))
	dial := twiml.El("Dial", twiml.El("Queue").Set("reservationSid", i.r.SID()))
	if record := i.get("record"); record != "" {
		dial = dial.Set("record", record)
	}
	i.ring(to, from, func(c *Call) { c.runInline(dial) })
	return 0
}

// callWorker rings the worker with a document of the application.
func (i instruction) callWorker() int {
	to, from, url := i.contact(), i.get("from"), i.get("url")
	switch {
	case to == "" || !addressOK(to):
		return 40110
	case from == "":
		return 40111
	case url == "":
		return 40112
	}
	if i.get("accept") == "true" {
		i.r.Accept()
	}
	i.ring(to, from, func(c *Call) {
		c.source = source{endpoint: endpoint{url: url}}
		c.runMain()
	})
	return 0
}

// redirectCaller gives a call another document.
func (i instruction) redirectCaller() int {
	c := i.sim.bySID[i.get("call_sid")]
	switch {
	case c == nil || c.over():
		return 40120
	case i.get("url") == "":
		return 40121
	}
	if i.get("accept") == "true" {
		i.r.Accept()
	}
	c.redirect(source{endpoint: endpoint{url: i.get("url")}})
	return 0
}

func inline(verb *twiml.Element) string { return "<Response>" + verb.String() + "</Response>" }

func (c *Call) runInline(verb *twiml.Element) {
	c.source = source{twiml: inline(verb)}
	c.runMain()
}
