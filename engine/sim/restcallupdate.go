package sim

// updateCallParams are those of POST /Calls/{Sid}.
var updateCallParams = params(
	plain("Twiml"),
	webURLs(21205, "Url FallbackUrl"),
	webURLs(21609, "StatusCallback"),
	methods("Method FallbackMethod StatusCallbackMethod"),
	words(codeParameter, "canceled completed", "Status"),
	wholes(codeParameter, 1, 86400, "TimeLimit"),
)

// update changes a live call (documentation: Call resource, "Update a Call").
func (c *Call) update(q *restRequest) (restAnswer, *restError) {
	if e := checkInline(q); e != nil {
		return restAnswer{}, e
	}
	changes := q.get("Url") != "" || q.get("Twiml") != ""
	ringing := c.status == "queued" || c.status == "ringing"
	switch {
	case c.over() && (changes || q.has("Status") || q.has("TimeLimit")):
		return restAnswer{}, notInProgress()
	case changes && ringing && !c.sim.o.Switches.RedirectWhileRinging:
		return restAnswer{}, notInProgress()
	}
	c.updated = c.sim.now()
	q.warnTwoSources(c)
	c.updateSettings(q)
	switch status := q.get("Status"); {
	case status == "completed" && !ringing:
		c.end("completed")
	case (status == "completed" || status == "canceled") && ringing:
		// Cancelled before it was dialled, a call makes no callbacks at all.
		c.silent = c.silent || !c.placed && c.direction == "outbound-api"
		c.sip = 487
		c.end("canceled")
	case changes && ringing && c.direction != "inbound":
		c.source = q.source()
	case changes:
		c.redirect(q.source())
	}
	return show(c, q)
}

func (c *Call) updateSettings(q *restRequest) {
	switches := c.sim.o.Switches
	if q.has("StatusCallback") && !switches.AttachStatusIgnored {
		c.progress.endpoint = q.endpoint("StatusCallback")
		if c.progress.events == nil {
			c.progress.events = map[string]bool{"completed": true}
		}
	}
	if q.has("FallbackUrl") {
		c.fallback = q.fallback()
	}
	limit := q.seconds("TimeLimit", 0)
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

func notInProgress() *restError {
	return badRequest(21220, "Call is not in-progress. Cannot redirect.")
}
