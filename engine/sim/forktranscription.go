package sim

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

// transcriptions are real-time transcriptions: what is said on a call as text.
var transcriptions = &forkKind{noun: "Transcription", path: "Transcriptions", prefix: "GT", tracks: "both_tracks", report: reportTranscription}

// transcriptionSpec holds the settings that only a transcription has. The zero
// value is Twilio's default.
type transcriptionSpec struct {
	inboundLabel, outboundLabel string
	partials                    bool
	language                    string // default en-US
	engine                      string // default google
	model                       string // default telephony
	hints                       string
	keepProfanity               bool // profanityFilter="false"
	noPunctuation               bool // enableAutomaticPunctuation="false"
	providerData                bool
	intelligence                string
}

// reportTranscription sends transcription-started, -content, -stopped or -error.
func reportTranscription(f *fork, event string, extra form) {
	p := form{{"AccountSid", f.call.sim.o.AccountSID}, {"CallSid", f.call.sid}, {"TranscriptionSid", f.sid},
		{"Timestamp", isoMillis(f.call.sim.now())}, {"SequenceId", f.next()}, {"TranscriptionEvent", "transcription-" + event}}
	if event == "started" {
		p = append(p, f.transcriptionSettings()...)
	}
	f.send(append(p, extra...))
}

// transcriptionSettings are the fields of transcription-started.
func (f *fork) transcriptionSettings() form {
	t := f.spec.transcription
	provider, _ := json.Marshal(map[string]string{ // strings cannot fail
		"profanityFilter": strconv.FormatBool(!t.keepProfanity), "speechModel": cmp.Or(t.model, "telephony"),
		"enableAutomaticPunctuation": strconv.FormatBool(!t.noPunctuation), "hints": t.hints,
	})
	p := form{{"Name", f.spec.label(f)}, {"Track", f.spec.track}}
	if t.inboundLabel != "" {
		p = p.with("InboundTrackLabel", t.inboundLabel)
	}
	if t.outboundLabel != "" {
		p = p.with("OutboundTrackLabel", t.outboundLabel)
	}
	p = p.with("PartialResults", strconv.FormatBool(t.partials)).with("LanguageCode", cmp.Or(t.language, "en-US")).
		with("TranscriptionEngine", cmp.Or(t.engine, "google")).with("ProviderConfiguration", string(provider))
	if t.intelligence != "" {
		p = p.with("IntelligenceService", t.intelligence)
	}
	return p
}

// transcribe gives words of a track to the transcriptions of the call. What the
// party says is on the inbound track, what it hears on the outbound one.
func (c *Call) transcribe(track, text string) {
	for _, f := range c.forks {
		if f.kind != transcriptions || !f.hearsTrack(track) {
			continue
		}
		if words := strings.Fields(text); f.spec.transcription.partials && len(words) > 1 {
			f.content(track, strings.Join(words[:(len(words)+1)/2], " "), false)
		}
		f.content(track, text, true)
	}
}

// content reports one result. The simulator understands everything, nearly.
func (f *fork) content(track, text string, final bool) {
	data, _ := json.Marshal(struct { // plain data cannot fail
		Transcript string  `json:"transcript"`
		Confidence float64 `json:"confidence,omitempty"`
	}{text, map[bool]float64{true: 0.95}[final]})
	p := form{{"LanguageCode", cmp.Or(f.spec.transcription.language, "en-US")}, {"Track", track}, {"TranscriptionData", string(data)}}
	if !final {
		p = p.with("Stability", "0.8")
	}
	f.kind.report(f, "content", p.with("Final", strconv.FormatBool(final)))
}

// spokenPart is the words in what a party hears, or "" for a file or tones.
func spokenPart(heard string) string {
	switch {
	case heard == beep, strings.HasPrefix(heard, "play "), strings.HasPrefix(heard, "digits "):
		return ""
	}
	if who, words, found := strings.Cut(heard, ": "); found && addressOK(who) { // another party's
		return words
	}
	return heard
}
