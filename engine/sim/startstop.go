package sim

import "github.com/ringdown/ringdown/engine/twiml"

// startVerb begins what runs beside the call. Only recordings are simulated.
func (r *run) startVerb(verb *twiml.Element) {
	for _, noun := range verb.Elements() {
		name, _ := noun.Attr("name")
		switch {
		case noun.Name != "Recording":
			r.call.warn(twiml.CodeSchema, "the simulator does not run <"+noun.Name+">; it is skipped")
			continue
		case name != "" && r.call.recordingNamed(name) != nil:
			r.call.warn(twiml.CodeSchema, "a recording of that name is active: "+name)
			continue
		}
		// None of the documented sources names this verb: the nearest is used.
		rec := r.call.recordFrom("StartCallRecordingAPI", pick1or2(noun.AttrOr("channels", "dual") == "dual"), r.recordingCallback(noun))
		rec.byVerb, rec.name, rec.track = true, name, noun.AttrOr("track", "both")
	}
	r.next()
}

// stopVerb ends recordings by their names.
func (r *run) stopVerb(verb *twiml.Element) {
	for _, noun := range verb.Elements() {
		name, _ := noun.Attr("name")
		if rec := r.call.recordingNamed(name); noun.Name == "Recording" && rec != nil {
			rec.finish()
			continue
		}
		r.call.warn(twiml.CodeSchema, "nothing to stop: "+noun.Name+" "+name)
	}
	r.next()
}

// recordingNamed is the active recording of the call with that name, or nil.
func (c *Call) recordingNamed(name string) *recording {
	for _, rec := range c.sim.recordings {
		if rec.call == c && rec.byVerb && rec.name == name && rec.ended.IsZero() {
			return rec
		}
	}
	return nil
}
