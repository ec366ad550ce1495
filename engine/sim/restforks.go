package sim

import (
	"fmt"
)

// forkParams are those that streams, SIPREC sessions and transcriptions share.
var forkParams = params(
	plain("Name Track"),
	methods("StatusCallbackMethod"),
)

var (
	createStreamParams = params(forkParams, plain("Url ParameterN"), webURLs(21609, "StatusCallback"))
	createSiprecParams = params(forkParams, plain("ConnectorName ParameterN"), webURLs(21609, "StatusCallback"))

	createTranscriptionParams = params(forkParams,
		webURLs(21609, "StatusCallbackUrl"),
		plain("InboundTrackLabel OutboundTrackLabel PartialResults LanguageCode SpeechModel ProfanityFilter Hints EnableAutomaticPunctuation"),
		plain("IntelligenceService ConversationConfiguration ConversationId ConfigurationId EnableProviderData"),
		words(codeParameter, "google deepgram", "TranscriptionEngine"))

	stopParams = words(codeParameter, "stopped", "Status")
)

func (f *fork) json() any {
	s := f.call.sim
	return object{"sid": f.sid, "account_sid": s.o.AccountSID, "call_sid": f.call.sid, "name": text(f.spec.name), "status": f.status,
		"date_updated": date(f.updated), "uri": s.uri("Calls", f.call.sid, f.kind.path, f.sid)}
}

// forkAt finds a fork by SID or by name. A name is that of an active one.
func forkAt(kind *forkKind) func(*Sim, *restRequest) (*fork, *restError) {
	return func(s *Sim, q *restRequest) (*fork, *restError) {
		c, e := callAt(s, q)
		if e != nil {
			return nil, e
		}
		if f := c.forkNamed(kind, q.vars["Sid"]); f != nil {
			return f, nil
		}
		return among(c.forks, q, func(f *fork) bool { return f.kind == kind && f.sid == q.vars["Sid"] })
	}
}

// update stops the fork. One that has been stopped stays so.
func (f *fork) update(q *restRequest) (restAnswer, *restError) {
	if q.get("Status") == "" {
		return restAnswer{}, badRequest(codeParameter, "Status is required: stopped")
	}
	f.stop()
	return show(f, q)
}

// createFork begins a fork of a call in progress; Twilio answers 200.
func (c *Call) createFork(q *restRequest, kind *forkKind, spec forkSpec) (restAnswer, *restError) {
	if c.status != "in-progress" {
		return restAnswer{}, badRequest(21220, "Call is not in-progress: it is "+c.status)
	}
	spec.name, spec.track, spec.parameters = q.get("Name"), q.get("Track"), q.customParameters()
	f, code, why := c.startFork(kind, spec)
	if code != 0 {
		return restAnswer{}, badRequest(code, why)
	}
	return show(f, q)
}

// customParameters reads ParameterN.Name and ParameterN.Value for N from 1 to 99.
func (q *restRequest) customParameters() form {
	var f form
	for n := 1; n <= 99; n++ {
		if name := q.get(fmt.Sprintf("Parameter%d.Name", n)); name != "" {
			f = f.with(name, q.get(fmt.Sprintf("Parameter%d.Value", n)))
		}
	}
	return f
}

func (c *Call) createStream(q *restRequest) (restAnswer, *restError) {
	if code := checkStreamURL(q.get("Url")); code != 0 {
		return restAnswer{}, badRequest(code, "Url is not a wss URL: "+q.get("Url"))
	}
	return c.createFork(q, streams, forkSpec{url: q.get("Url"), callback: q.endpoint("StatusCallback")})
}

func (c *Call) createSiprec(q *restRequest) (restAnswer, *restError) {
	return c.createFork(q, siprecs, forkSpec{connector: q.get("ConnectorName"), callback: q.endpoint("StatusCallback")})
}

func (c *Call) createTranscription(q *restRequest) (restAnswer, *restError) {
	off := func(name string) bool { return q.has(name) && !q.flag(name) }
	return c.createFork(q, transcriptions, forkSpec{
		callback: endpoint{q.get("StatusCallbackUrl"), q.get("StatusCallbackMethod")},
		transcription: transcriptionSpec{
			inboundLabel: q.get("InboundTrackLabel"), outboundLabel: q.get("OutboundTrackLabel"), partials: q.flag("PartialResults"),
			language: q.get("LanguageCode"), engine: q.get("TranscriptionEngine"), model: q.get("SpeechModel"), hints: q.get("Hints"),
			keepProfanity: off("ProfanityFilter"), noPunctuation: off("EnableAutomaticPunctuation"),
			providerData: q.flag("EnableProviderData"), intelligence: q.get("IntelligenceService"),
		}})
}
