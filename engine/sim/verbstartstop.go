package sim

import (
	"strings"

	"github.com/ringdown/ringdown/engine/twiml"
)

// forkKinds are the kinds of forks by the noun that starts and stops one.
var forkKinds = map[string]*forkKind{streams.noun: streams, siprecs.noun: siprecs, transcriptions.noun: transcriptions}

// startVerb begins what runs beside the call. Twilio's libraries give Start an
// action; no page says what for, so it is not requested.
func (r *run) startVerb(verb *twiml.Element) {
	for _, noun := range verb.Elements() {
		if kind := forkKinds[noun.Name]; kind != nil {
			r.startFork(kind, noun, false)
		} else {
			r.startRecording(noun)
		}
	}
	r.next()
}

func (r *run) startRecording(noun *twiml.Element) {
	name, _ := noun.Attr("name")
	if name != "" && r.call.recordingNamed(name) != nil {
		r.call.warn(twiml.CodeSchema, "a recording of that name is active: "+name)
		return
	}
	// None of the documented sources names this verb: the nearest is used.
	rec := r.call.recordFrom("StartCallRecordingAPI", pick1or2(noun.AttrOr("channels", "dual") == "dual"), r.recordingCallback(noun))
	rec.byVerb, rec.name, rec.track = true, name, noun.AttrOr("track", "both")
}

// startFork begins a stream, a SIPREC session or a transcription, or reports why
// it cannot. The call goes on in either case.
// both makes a stream one of both directions.
func (r *run) startFork(kind *forkKind, noun *twiml.Element, both bool) *fork {
	spec := r.forkSpec(noun)
	spec.both = both
	if kind == streams && spec.connector == "" && checkStreamURL(spec.url) != 0 {
		return nil // reported with the document
	}
	f, code, why := r.call.startFork(kind, spec)
	if code == codeForkName {
		code = twiml.CodeSchema // the dictionary has none for a name that is taken
	}
	if code != 0 {
		r.call.warn(code, why)
	}
	return f
}

// forkSpec reads the attributes and Parameters of a noun.
func (r *run) forkSpec(noun *twiml.Element) forkSpec {
	spec := forkSpec{name: noun.AttrOr("name", ""), url: noun.AttrOr("url", ""), connector: noun.AttrOr("connectorName", ""),
		track: noun.AttrOr("track", ""), parameters: parameters(noun), transcription: transcriptionSpec{
			inboundLabel: noun.AttrOr("inboundTrackLabel", ""), outboundLabel: noun.AttrOr("outboundTrackLabel", ""),
			partials: boolAttr(noun, "partialResults", false), language: noun.AttrOr("languageCode", ""),
			engine: noun.AttrOr("transcriptionEngine", ""), model: noun.AttrOr("speechModel", ""), hints: noun.AttrOr("hints", ""),
			keepProfanity: !boolAttr(noun, "profanityFilter", true), noPunctuation: !boolAttr(noun, "enableAutomaticPunctuation", true),
			providerData: boolAttr(noun, "enableProviderData", false), intelligence: noun.AttrOr("intelligenceService", ""),
		}}
	for _, name := range []string{"statusCallback", "statusCallbackUrl"} { // a transcription has the second
		if to := noun.AttrOr(name, ""); to != "" {
			abs, _ := r.resolve(to)
			spec.callback = endpoint{abs, noun.AttrOr("statusCallbackMethod", "POST")}
		}
	}
	return spec
}

// parameters are the Parameter children of a noun.
func parameters(noun *twiml.Element) form {
	var f form
	for _, child := range noun.Elements() {
		if child.Name == "Parameter" {
			f = f.with(child.AttrOr("name", ""), child.AttrOr("value", ""))
		}
	}
	return f
}

// stopVerb ends what Start began, by name.
func (r *run) stopVerb(verb *twiml.Element) {
	for _, noun := range verb.Elements() {
		if !r.stopNoun(noun, noun.AttrOr("name", "")) {
			r.call.warn(twiml.CodeSchema, strings.TrimSpace("nothing to stop: "+noun.Name+" "+noun.AttrOr("name", "")))
		}
	}
	r.next()
}

func (r *run) stopNoun(noun *twiml.Element, name string) bool {
	if name == "" {
		return false
	}
	if f := forkKinds[noun.Name]; f != nil {
		active := r.call.forkNamed(f, name)
		if active != nil {
			active.stop()
		}
		return active != nil
	}
	rec := r.call.recordingNamed(name)
	if rec != nil {
		rec.finish()
	}
	return rec != nil
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
