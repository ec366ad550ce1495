package sim

import "github.com/ringdown/ringdown/engine/sim/rest"

// updateCallParams are those of POST /Calls/{Sid}.
var updateCallParams = rest.Join(
	rest.Plain("Twiml"),
	rest.WebURLs(21205, "Url FallbackUrl"),
	rest.WebURLs(21609, "StatusCallback"),
	rest.Methods("Method FallbackMethod StatusCallbackMethod"),
	rest.Words(rest.CodeParameter, "canceled completed", "Status"),
	rest.Wholes(rest.CodeParameter, 1, 86400, "TimeLimit"),
)

// update changes a live call (documentation: Call resource, "Update a Call").
func (c *Call) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := checkInline(q); e != nil {
		return rest.Answer{}, e
	}
	changes := q.Get("Url") != "" || q.Get("Twiml") != ""
	ringing := c.status == "queued" || c.status == "ringing"
	switch {
	case c.over() && (changes || q.Has("Status") || q.Has("TimeLimit")):
		return rest.Answer{}, notInProgress()
	case changes && ringing && !c.sim.o.Switches.RedirectWhileRinging:
		return rest.Answer{}, notInProgress()
	}
	c.updated = c.sim.now()
	warnTwoSources(q, c)
	c.updateSettings(q)
	switch status := q.Get("Status"); {
	case status == "completed" && !ringing:
		c.end("completed")
	case (status == "completed" || status == "canceled") && ringing:
		// Cancelled before it was dialled, a call makes no callbacks at all.
		c.silent = c.silent || !c.placed && c.direction == "outbound-api"
		c.sip = 487
		c.end("canceled")
	case changes && ringing && c.direction != "inbound":
		c.source = sourceOf(q)
	case changes:
		c.redirect(sourceOf(q))
	}
	return rest.Show(c, q)
}

func (c *Call) updateSettings(q *rest.Request) {
	switches := c.sim.o.Switches
	if q.Has("StatusCallback") && !switches.AttachStatusIgnored {
		c.progress.endpoint = endpointOf(q, "StatusCallback")
		if c.progress.events == nil {
			c.progress.events = map[string]bool{"completed": true}
		}
	}
	if q.Has("FallbackUrl") {
		c.fallback = fallbackOf(q)
	}
	limit := q.Seconds("TimeLimit", 0)
	switch {
	case limit == 0:
	case c.answered.IsZero():
		c.timeLimit = limit
	case switches.TimeLimitFromUpdate:
		c.limitTo(limit, c.sim.now())
	default:
		c.limitTo(limit, c.answered)
	}
}

func notInProgress() *rest.Error {
	return rest.BadRequest(21220, "Call is not in-progress. Cannot redirect.")
}
