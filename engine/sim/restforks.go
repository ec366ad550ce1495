package sim

import (
	"fmt"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// forkParams are those that streams, SIPREC sessions and transcriptions share.
var forkParams = rest.Join(
	rest.Plain("Name Track"),
	rest.Methods("StatusCallbackMethod"),
)

var (
	createStreamParams = rest.Join(forkParams, rest.Plain("Url ParameterN"), rest.WebURLs(21609, "StatusCallback"))
	createSiprecParams = rest.Join(forkParams, rest.Plain("ConnectorName ParameterN"), rest.WebURLs(21609, "StatusCallback"))

	createTranscriptionParams = rest.Join(forkParams,
		rest.WebURLs(21609, "StatusCallbackUrl"),
		rest.Plain("InboundTrackLabel OutboundTrackLabel PartialResults LanguageCode SpeechModel ProfanityFilter Hints EnableAutomaticPunctuation"),
		rest.Plain("IntelligenceService ConversationConfiguration ConversationId ConfigurationId EnableProviderData"),
		rest.Words(rest.CodeParameter, "google deepgram", "TranscriptionEngine"))

	stopParams = rest.Words(rest.CodeParameter, "stopped", "Status")
)

func (f *fork) JSON() any {
	s := f.call.sim
	return object{"sid": f.sid, "account_sid": s.o.AccountSID, "call_sid": f.call.sid, "name": rest.Text(f.spec.name), "status": f.status,
		"date_updated": date(f.updated), "uri": s.uri("Calls", f.call.sid, f.kind.path, f.sid)}
}

// forkAt finds a fork by SID or by name. A name is that of an active one.
func forkAt(kind *forkKind) func(*Sim, *rest.Request) (*fork, *rest.Error) {
	return func(s *Sim, q *rest.Request) (*fork, *rest.Error) {
		c, e := callAt(s, q)
		if e != nil {
			return nil, e
		}
		if f := c.forkNamed(kind, q.Vars["Sid"]); f != nil {
			return f, nil
		}
		return rest.Among(c.forks, q, func(f *fork) bool { return f.kind == kind && f.sid == q.Vars["Sid"] })
	}
}

// update stops the fork. One that has been stopped stays so.
func (f *fork) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if q.Get("Status") == "" {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Status is required: stopped")
	}
	f.stop()
	return rest.Show(f, q)
}

// createFork begins a fork of a call in progress; Twilio answers 200.
func (c *Call) createFork(q *rest.Request, kind *forkKind, spec forkSpec) (rest.Answer, *rest.Error) {
	if c.status != "in-progress" {
		return rest.Answer{}, rest.BadRequest(21220, "Call is not in-progress: it is "+c.status)
	}
	spec.name, spec.track, spec.parameters = q.Get("Name"), q.Get("Track"), customParameters(q)
	f, code, why := c.startFork(kind, spec)
	if code != 0 {
		return rest.Answer{}, rest.BadRequest(code, why)
	}
	return rest.Show(f, q)
}

// customParameters reads ParameterN.Name and ParameterN.Value for N from 1 to 99.
func customParameters(q *rest.Request) form {
	var f form
	for n := 1; n <= 99; n++ {
		if name := q.Get(fmt.Sprintf("Parameter%d.Name", n)); name != "" {
			f = f.with(name, q.Get(fmt.Sprintf("Parameter%d.Value", n)))
		}
	}
	return f
}

func (c *Call) createStream(q *rest.Request) (rest.Answer, *rest.Error) {
	if code := checkStreamURL(q.Get("Url")); code != 0 {
		return rest.Answer{}, rest.BadRequest(code, "Url is not a wss URL: "+q.Get("Url"))
	}
	return c.createFork(q, streams, forkSpec{url: q.Get("Url"), callback: endpointOf(q, "StatusCallback")})
}

func (c *Call) createSiprec(q *rest.Request) (rest.Answer, *rest.Error) {
	return c.createFork(q, siprecs, forkSpec{connector: q.Get("ConnectorName"), callback: endpointOf(q, "StatusCallback")})
}

func (c *Call) createTranscription(q *rest.Request) (rest.Answer, *rest.Error) {
	off := func(name string) bool { return q.Has(name) && !q.Flag(name) }
	return c.createFork(q, transcriptions, forkSpec{
		callback: endpoint{q.Get("StatusCallbackUrl"), q.Get("StatusCallbackMethod")},
		transcription: transcriptionSpec{
			inboundLabel: q.Get("InboundTrackLabel"), outboundLabel: q.Get("OutboundTrackLabel"), partials: q.Flag("PartialResults"),
			language: q.Get("LanguageCode"), engine: q.Get("TranscriptionEngine"), model: q.Get("SpeechModel"), hints: q.Get("Hints"),
			keepProfanity: off("ProfanityFilter"), noPunctuation: off("EnableAutomaticPunctuation"),
			providerData: q.Flag("EnableProviderData"), intelligence: q.Get("IntelligenceService"),
		}})
}
