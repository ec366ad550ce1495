package twiml

import "slices"

// interrupts are the words for what may break in on speech.
func interrupts() []string { return []string{"none", "dtmf", "speech", "any"} }

// connectElements are Connect and its nouns but Stream.
func connectElements() []*ElementSpec {
	return []*ElementSpec{
		{
			Name: "Connect", Kind: Verb, Source: "/docs/voice/twiml/connect", Doc: "Hands the call to a service until that is done.",
			After: Action, NoAction: NextVerb, Max: 1,
			Children: []string{"AiSession", "Autopilot", "Conversation", "ConversationRelay", "ConversationRelaySession", "Room", "Stream", "VirtualAgent"},
			Attrs:    []AttrSpec{action(0, "Requested when the service is done; the next verb if absent."), method("method", 0)},
		},
		{
			Name: "ConversationRelay", Kind: Noun, Source: "/docs/voice/twiml/connect/conversationrelay", Doc: "Speech to text and back over a websocket.",
			Children: []string{"Language", "Parameter"}, Attrs: relayAttrs(),
		},
		{
			Name: "Language", Kind: Child, Source: "/docs/voice/twiml/connect/conversationrelay", Doc: "Settings of one language.",
			Attrs: []AttrSpec{
				{Name: "code", Type: Language, Values: []string{"multi"}, Open: true, Required: true, Doc: "The language."},
				{Name: "ttsProvider", Type: Enum, Values: ttsProviders(), Open: true, Doc: "Who speaks."},
				{Name: "voice", Doc: "Voice of that provider."},
				{Name: "transcriptionProvider", Type: Enum, Values: sttProviders(), Open: true, Doc: "Who listens."},
				{Name: "speechModel", Doc: "Recogniser of that provider."},
			},
		},
		{
			Name: "ConversationRelaySession", Kind: Noun, Source: "SDK", Doc: "A relay that is configured at Twilio.",
			Attrs: []AttrSpec{
				{Name: "connector", Doc: "Name of the connector."},
				{Name: "sessionConfiguration", Doc: "Name of the configuration."},
			},
		},
		{
			Name: "AiSession", Kind: Noun, Source: "SDK", Doc: "An AI session that is configured at Twilio.",
			Attrs: []AttrSpec{
				{Name: "aiConnector", Doc: "Name of the connector."},
				{Name: "aiSessionConfiguration", Doc: "Name of the configuration."},
			},
		},
		{
			Name: "VirtualAgent", Kind: Noun, Source: "/docs/voice/twiml/connect/virtualagent", Doc: "A Dialogflow agent.", Children: []string{"Config", "Parameter"},
			Attrs: []AttrSpec{
				{Name: "connectorName", Doc: "Name of the connector."},
				{Name: "language", Type: Language, Open: true, Doc: "Language of the talk."},
				{Name: "sentimentAnalysis", Type: Bool, Doc: "Whether moods are reported."},
				callback("statusCallback", 0, "Told about the talk."),
				method("statusCallbackMethod", 0),
			},
		},
		{Name: "Config", Kind: Child, Source: "/docs/voice/twiml/connect/virtualagent", Doc: "A setting of the service.", Attrs: nameValue()},
		{
			Name: "Room", Kind: Noun, Source: "/docs/voice/twiml/connect", Doc: "A video room.",
			Text:  TextRule{Use: MustText, Doc: "Name of the room."},
			Attrs: []AttrSpec{{Name: "participantIdentity", Doc: "Name of the caller in the room."}},
		},
		conversation(),
		{Name: "Autopilot", Kind: Noun, Source: "/docs/voice/twiml/autopilot", Doc: "An Autopilot assistant; the product has ended.", Text: TextRule{Use: MustText, Doc: "Assistant SID."}},
	}
}

func ttsProviders() []string { return []string{"Google", "Amazon", "ElevenLabs"} }

func sttProviders() []string { return []string{"Google", "Deepgram"} }

func relayAttrs() []AttrSpec {
	return []AttrSpec{
		{Name: "url", Type: URL, Required: true, Values: []string{"wss"}, Code: 31923, Doc: "The websocket, wss only."},
		{Name: "welcomeGreeting", Doc: "Spoken at the start."},
		{Name: "welcomeGreetingInterruptible", Type: Enum, Values: append(interrupts(), "true", "false"), Default: "any", Doc: "What may break in on the greeting."},
		{Name: "language", Type: Language, Values: []string{"multi"}, Open: true, Default: "en-US", Doc: "Language of both directions."},
		{Name: "ttsLanguage", Type: Language, Values: []string{"multi"}, Open: true, Doc: "Language that is spoken; language if absent."},
		{Name: "ttsProvider", Type: Enum, Values: ttsProviders(), Open: true, Default: "ElevenLabs", Doc: "Who speaks."},
		{Name: "voice", Doc: "Voice of that provider."},
		{Name: "transcriptionLanguage", Type: Language, Values: []string{"multi"}, Open: true, Doc: "Language that is heard; language if absent."},
		{Name: "transcriptionProvider", Type: Enum, Values: sttProviders(), Open: true, Default: "Deepgram", Doc: "Who listens."},
		{Name: "speechModel", Doc: "Recogniser of that provider."},
		{Name: "interruptible", Type: Enum, Values: append(interrupts(), "true", "false"), Default: "any", Doc: "What may break in on speech."},
		{Name: "interruptSensitivity", Type: Enum, Values: []string{"low", "medium", "high"}, Default: "high", Doc: "How easily speech breaks in."},
		{Name: "dtmfDetection", Type: Bool, Doc: "Whether keys are reported."},
		{Name: "reportInputDuringAgentSpeech", Type: Enum, Values: append(interrupts(), "true", "false"), Default: "none", Doc: "What is reported while the agent speaks."},
		{Name: "preemptible", Type: Bool, Default: "false", Doc: "Whether later text replaces what is spoken."},
		{Name: "hints", Type: CommaList, Doc: "Words to expect."},
		{Name: "debug", Doc: "Debugging messages, separated by blanks."},
		{Name: "elevenlabsTextNormalization", Type: Enum, Values: []string{"on", "auto", "off"}, Default: "off", Doc: "Whether numbers and the like are written out before they are spoken."},
		{Name: "intelligenceService", Doc: "Conversational Intelligence service, by SID or name."},
		{Name: "profanityFilter", Type: Bool, Doc: "Masks rude words."},
		{Name: "partialPrompts", Type: Bool, Doc: "Whether speech is reported while it is spoken."},
		{Name: "events", Doc: "Events to report, separated by blanks. Only in Twilio's libraries."},
		{Name: "backgroundnoisereduction", Doc: "Only in Twilio's libraries."},
		{Name: "deepgramsmartformat", Doc: "Only in Twilio's libraries."},
		{Name: "ignorebackchannel", Doc: "Only in Twilio's libraries."},
		{Name: "speechtimeout", Doc: "Only in Twilio's libraries."},
	}
}

func conversation() *ElementSpec {
	return &ElementSpec{
		Name: "Conversation", Kind: Noun, Source: "/docs/voice/twiml/connect", Doc: "A conversation of the Conversations service.",
		Attrs: slices.Concat([]AttrSpec{
			{Name: "serviceInstanceSid", Type: SID, Values: []string{"IS"}, Doc: "The service."},
			{Name: "inboundAutocreation", Type: Bool, Doc: "Whether a conversation is made when there is none."},
			{Name: "routingAssignmentTimeout", Type: Seconds, Doc: "Time to find an agent."},
			{Name: "inboundTimeout", Type: Seconds, Doc: "Time until the call is in the conversation."},
			{Name: "record", Type: Enum, Values: []string{"do-not-record", "record-from-answer", "record-from-ringing", "record-from-answer-dual", "record-from-ringing-dual", "true", "false"}, Doc: "Whether and from when the talk is recorded."},
			trim("", 0),
			callback("url", 0, "Document for the called side before the connection."),
			method("method", 0),
			callback("statusCallback", 0, "Told about the call's states."),
			method("statusCallbackMethod", 0),
			callbackEvents("statusCallbackEvent", "", 0, "call-initiated", "call-ringing", "call-answered", "call-completed"),
		}, withoutLast(recordingAttrs(13256, 0))),
	}
}

// withoutLast leaves recordingConfigurationId out, which a Conversation does not
// have.
func withoutLast(attrs []AttrSpec) []AttrSpec { return attrs[:len(attrs)-1] }
