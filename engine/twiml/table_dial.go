package twiml

import "slices"

// dialElements are Dial, its nouns but Queue, and Refer.
func dialElements() []*ElementSpec {
	return slices.Concat([]*ElementSpec{{
		Name: "Dial", Kind: Verb, Source: "/docs/voice/twiml/dial", Doc: "Connects the caller to others.",
		After: Action, NoAction: NextVerb, HangupAction: true, Answering: AnswersOnBridge,
		Children: []string{"Application", "Client", "Conference", "Number", "Queue", "Sim", "Sip", "WhatsApp"}, Max: 10, NestCode: 13215,
		Text:  TextRule{Use: MayText, Code: 13223, Doc: "A number, in place of nouns."},
		Attrs: slices.Concat(dialAttrs(), recordingAttrs(13256, 0)),
	}}, dialNouns(), []*ElementSpec{
		conference(),
		{
			Name: "Refer", Kind: Verb, Source: "/docs/voice/twiml/refer", Doc: "Moves a SIP call to another address.",
			After: Action, NoAction: NextVerb, Children: []string{"Sip"}, Max: 1,
			Attrs: []AttrSpec{action(0, "Requested with the outcome."), method("method", 0)},
		},
		{Name: "Sip", Parent: "Refer", Kind: Noun, Source: "/docs/voice/twiml/refer", Doc: "The new address.", Text: TextRule{Use: MustText, Max: 254, Code: 13243, Doc: "SIP URI."}},
	})
}

func dialAttrs() []AttrSpec {
	return []AttrSpec{
		action(0, "Requested when the dialled call is over; the next verb if absent."),
		method("method", 13210),
		{Name: "timeout", Type: Seconds, Min: 5, Max: 600, Default: "30", Code: 13212, Doc: "How long it rings; Twilio adds about 5 seconds."},
		{Name: "timeLimit", Type: Seconds, Min: 1, Max: 86400, Default: "14400", Code: 13216, Doc: "Longest talk; above 14,400 only with calls of 24 hours."},
		{Name: "hangupOnStar", Type: Bool, Default: "false", Code: 13213, Doc: "Whether the caller's star key ends the dialled call."},
		{Name: "answerOnBridge", Type: Bool, Default: "false", Code: 13219, Doc: "Whether the caller hears ringing, unanswered, until the other side answers."},
		{Name: "callerId", Code: 13214, Doc: "Number shown: owned or verified, or one of this call's; client:NAME for a Client. The caller's if absent."},
		{Name: "callReason", Max: 50, Doc: "Reason shown on a branded call."},
		{Name: "record", Type: Enum, Values: []string{"do-not-record", "record-from-answer", "record-from-ringing", "record-from-answer-dual", "record-from-ringing-dual", "true", "false"}, Default: "do-not-record", Code: 13217, Doc: "Whether and from when the talk is recorded; dual is one channel for each side."},
		{Name: "recordingTrack", Type: Enum, Values: []string{"both", "inbound", "outbound"}, Default: "both", Doc: "Whose voice is recorded."},
		trim("do-not-trim", 0),
		{Name: "ringTone", Type: Enum, Values: ringTones(), Code: 13220, Doc: "Country of the ringing tone; the carrier's if absent."},
		{Name: "sequential", Type: Bool, Default: "false", Code: 13218, Doc: "Whether several nouns are dialled one after the other instead of all at once."},
		callback("referUrl", 0, "Requested when the other side sends a SIP REFER."),
		method("referMethod", 0),
		{Name: "events", Type: Enum, Values: []string{"call-progress-event"}, Engine: true, Doc: "Only in Twilio's libraries."},
		{Name: "passports", Doc: "Signed caller identities in Base64. Only in Twilio's libraries."},
	}
}

// calledAttrs are the attributes of nouns that place a call: the document that
// the called side hears before it is connected, and the call's states.
func calledAttrs(methodCode int) []AttrSpec {
	return []AttrSpec{
		callback("url", 0, "Document for the called side after the answer, before it is connected."),
		method("method", methodCode),
		callback("statusCallback", 0, "Told about the called leg's states."),
		method("statusCallbackMethod", 0),
		callbackEvents("statusCallbackEvent", "completed", 0, "initiated", "ringing", "answered", "completed"),
	}
}

func detectionAttrs() []AttrSpec {
	return []AttrSpec{
		{Name: "machineDetection", Type: Enum, Values: []string{"Enable", "DetectMessageEnd"}, Doc: "Whether it is found out if a person answered; the call goes on meanwhile."},
		{Name: "machineDetectionTimeout", Type: Seconds, Min: 3, Max: 60, Default: "30", Doc: "Longest time to find out."},
		{Name: "machineDetectionSpeechThreshold", Type: Millis, Min: 1000, Max: 6000, Default: "2400", Doc: "Speech longer than this is a machine."},
		{Name: "machineDetectionSpeechEndThreshold", Type: Millis, Min: 500, Max: 5000, Default: "1200", Doc: "Silence that ends a greeting."},
		{Name: "machineDetectionSilenceTimeout", Type: Millis, Min: 2000, Max: 10000, Default: "5000", Doc: "Silence at the start after which the result is unknown."},
		callback("amdStatusCallback", 0, "Told who answered."),
		method("amdStatusCallbackMethod", 0),
	}
}

func dialNouns() []*ElementSpec {
	return []*ElementSpec{
		{
			Name: "Number", Kind: Noun, Source: "/docs/voice/twiml/number", Doc: "A telephone number.",
			Text: TextRule{Use: MustText, Code: 13223, Doc: "E.164 with at most 15 digits; US numbers also without a country code."},
			Attrs: slices.Concat(calledAttrs(13221), []AttrSpec{
				{Name: "sendDigits", Type: Digits, Code: 13222, Doc: "Keys sent after the answer; w waits 0.5 s, W 1 s."},
				{Name: "byoc", Type: SID, Values: []string{"BY"}, Doc: "Own carrier's trunk."},
			}, detectionAttrs()),
		},
		{
			Name: "Client", Kind: Noun, Source: "/docs/voice/twiml/client", Doc: "A Voice SDK client.",
			Children: []string{"Identity", "Parameter"}, Text: TextRule{Use: MayText, Max: 256, Doc: "Identity, unless an Identity element has it."},
			Attrs: slices.Concat(calledAttrs(0), []AttrSpec{
				{Name: "clientNotificationUrl", Type: URL, Doc: "Told by POST to wake the client."},
			}),
		},
		{
			Name: "Sip", Kind: Noun, Source: "/docs/voice/twiml/sip", Doc: "A SIP address.",
			Children: []string{"Uri", "Headers"}, Text: TextRule{Use: MayText, Max: 1280, Code: 13243, Doc: "SIP URI, with or without sip:, unless Uri elements have it; headers after a question mark."},
			Attrs: slices.Concat(calledAttrs(13241), []AttrSpec{
				{Name: "username", Max: 255, Code: 13249, Doc: "User for SIP authentication."},
				{Name: "password", Secret: true, Max: 255, Code: 13249, Doc: "Password for SIP authentication."},
			}, detectionAttrs()),
		},
		{
			Name: "Application", Kind: Noun, Source: "SDK", Doc: "Another TwiML application.",
			Children: []string{"ApplicationSid", "Parameter"}, Text: TextRule{Use: MayText, Doc: "Application SID, unless an ApplicationSid element has it."},
			Attrs: slices.Concat(calledAttrs(0), []AttrSpec{
				{Name: "customerId", Doc: "Only in Twilio's libraries."},
				{Name: "copyParentTo", Type: Bool, Doc: "Whether the application sees this call's To."},
			}),
		},
		{Name: "Sim", Kind: Noun, Source: "SDK", Doc: "A SIM card.", Text: TextRule{Use: MustText, Doc: "SIM SID."}},
		{Name: "WhatsApp", Kind: Noun, Source: "SDK", Doc: "A WhatsApp user.", Text: TextRule{Use: MustText, Doc: "The number."}, Attrs: calledAttrs(0)},
		{Name: "Identity", Kind: Child, Source: "/docs/voice/twiml/client", Doc: "Identity of a client.", Text: TextRule{Use: MustText, Min: 1, Max: 256, Doc: "The identity."}},
		{Name: "ApplicationSid", Kind: Child, Source: "SDK", Doc: "Which application.", Text: TextRule{Use: MustText, Doc: "Application SID."}},
		{Name: "Headers", Kind: Child, Source: "SDK", Doc: "SIP headers.", Children: []string{"Header"}},
		{Name: "Header", Kind: Child, Source: "SDK", Doc: "One SIP header.", Attrs: nameValue()},
		{Name: "Parameter", Kind: Child, Source: "/docs/voice/twiml/client", Doc: "A value handed on.", Attrs: nameValue()},
		{
			Name: "Uri", Kind: Child, Source: "/docs/voice/twiml/sip", Doc: "One of several SIP addresses.",
			Text: TextRule{Use: MustText, Max: 1280, Code: 13243, Doc: "SIP URI."},
			Attrs: []AttrSpec{
				{Name: "priority", Type: Int, Doc: "Lower ones first."},
				{Name: "weight", Type: Int, Doc: "Share among the same priority."},
				{Name: "username", Max: 255, Code: 13249, Doc: "User for SIP authentication."},
				{Name: "password", Secret: true, Max: 255, Code: 13249, Doc: "Password for SIP authentication."},
			},
		},
	}
}

func nameValue() []AttrSpec {
	return []AttrSpec{{Name: "name", Required: true, Doc: "Its name."}, {Name: "value", Doc: "Its value."}}
}

func conference() *ElementSpec {
	return &ElementSpec{
		Name: "Conference", Kind: Noun, Source: "/docs/voice/twiml/conference", Doc: "A conference room.",
		Text: TextRule{Use: MustText, Min: 1, Max: 128, Code: 13237, Doc: "Name of the room."},
		Attrs: slices.Concat([]AttrSpec{
			{Name: "muted", Type: Bool, Default: "false", Code: 13230, Doc: "Whether nobody hears this participant."},
			{Name: "beep", Type: Enum, Values: []string{"true", "false", "onEnter", "onExit"}, Default: "true", Code: 13235, Doc: "When a tone is heard."},
			{Name: "startConferenceOnEnter", Type: Bool, Default: "true", Code: 13232, Doc: "Whether entering starts the conference; else the participant waits, muted."},
			{Name: "endConferenceOnExit", Type: Bool, Default: "false", Code: 13231, Doc: "Whether leaving ends the conference for all."},
			{Name: "participantLabel", Min: 1, Max: 128, Code: 16023, Doc: "Name of the participant, unique in the room; no slash, no call SID."},
			{Name: "jitterBufferSize", Type: Enum, Values: []string{"large", "medium", "small", "off"}, Default: "large", Doc: "Delay against uneven lines."},
			{Name: "waitUrl", Type: URL, Code: 13233, Doc: "Document heard before the conference starts, once; empty is silence; Twilio's music if absent."},
			{Name: "waitMethod", Type: Enum, Values: []string{"GET", "POST"}, Default: "POST", Code: 13234, Doc: "HTTP method of waitUrl."},
			{Name: "maxParticipants", Type: Int, Min: 2, Max: 250, Default: "250", Doc: "Most participants."},
			{Name: "record", Type: Enum, Values: []string{"do-not-record", "record-from-start"}, Default: "do-not-record", Doc: "Whether the conference is recorded."},
			{Name: "region", Type: Enum, Values: []string{"us1", "us2", "ie1", "sg1", "br1", "au1", "jp1", "de1"}, Doc: "Where the sound is mixed; automatic if absent."},
			trim("trim-silence", 13239),
			{Name: "coach", Type: SID, Values: []string{"CA"}, Code: 13240, Doc: "Call SID of the participant who alone hears this one; has to be in the room."},
			callback("statusCallback", 0, "Told about the room; only the first participant's value counts."),
			method("statusCallbackMethod", 0),
			callbackEvents("statusCallbackEvent", "", 0, "start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"),
			callback("eventCallbackUrl", 0, "Deprecated: statusCallback."),
		}, recordingAttrs(13256, 0)),
	}
}
