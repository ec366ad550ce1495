package twiml

import "slices"

// mediaElements are Start, Stop and what they start and stop.
func mediaElements() []*ElementSpec {
	return []*ElementSpec{
		{
			Name: "Start", Kind: Verb, Source: "/docs/voice/twiml/start", Doc: "Starts something beside the call.", Background: true,
			Children: []string{"Recording", "Siprec", "Stream", "Transcription"}, NestCode: 14300,
			Attrs: []AttrSpec{action(0, "Only in Twilio's libraries."), method("method", 0)},
		},
		{
			Name: "Stop", Kind: Verb, Source: "/docs/voice/twiml/stop", Doc: "Stops what Start started, by name.", Background: true,
			Children: []string{"Recording", "Siprec", "Stream", "Transcription"},
		},
		{
			Name: "Stream", Kind: Noun, Source: "/docs/voice/twiml/stream", Doc: "The call's sound over a websocket.", Children: []string{"Parameter"},
			Attrs: []AttrSpec{
				{Name: "url", Type: URL, Values: []string{"wss"}, Code: 31923, Doc: "The websocket, wss only, without a query."},
				{Name: "name", Doc: "Name to stop it by, unique in the call."},
				{Name: "connectorName", Code: 31940, Doc: "Name of a connector, in place of url."},
				track("inbound_track", 31941),
				{Name: "audioFormat", Doc: "Only in Twilio's libraries."},
				{Name: "sampleRate", Doc: "Only in Twilio's libraries."},
				callback("statusCallback", 0, "Told about the stream's state."),
				method("statusCallbackMethod", 0),
			},
		},
		{
			Name: "Siprec", Kind: Noun, Source: "/docs/voice/twiml/siprec", Doc: "The call's sound to a SIPREC recorder.", Children: []string{"Parameter"},
			Attrs: []AttrSpec{
				{Name: "name", Doc: "Name to stop it by, unique in the call."},
				{Name: "connectorName", Doc: "Name of the connector."},
				track("both_tracks", 0),
				callback("statusCallback", 0, "Told about the recorder's state."),
				method("statusCallbackMethod", 0),
			},
		},
		transcription(),
		{
			Name: "Recording", Kind: Noun, Source: "/docs/voice/twiml/recording", Doc: "A recording beside the call.",
			Attrs: slices.Concat([]AttrSpec{
				{Name: "name", Doc: "Name to stop it by, unique in the call."},
				{Name: "track", Type: Enum, Values: []string{"inbound", "outbound", "both"}, Default: "both", Doc: "Whose voice is recorded."},
				{Name: "channels", Type: Enum, Values: []string{"mono", "dual"}, Default: "dual", Doc: "One channel, or one for each side."},
				trim("trim-silence", 0),
			}, recordingAttrs(13256, 0)),
		},
	}
}

func track(def string, code int) AttrSpec {
	return AttrSpec{Name: "track", Type: Enum, Values: []string{"inbound_track", "outbound_track", "both_tracks"}, Default: def, Code: code, Doc: "Whose voice is sent."}
}

func transcription() *ElementSpec {
	return &ElementSpec{
		Name: "Transcription", Kind: Noun, Source: "/docs/voice/twiml/transcription", Doc: "Text of the talk while it is spoken.", Children: []string{"Config", "Parameter"},
		Attrs: []AttrSpec{
			{Name: "name", Doc: "Name to stop it by, unique in the call."},
			track("both_tracks", 0),
			callback("statusCallbackUrl", 0, "Gets the text."),
			method("statusCallbackMethod", 0),
			{Name: "inboundTrackLabel", Doc: "Name of the caller's side in the text."},
			{Name: "outboundTrackLabel", Doc: "Name of the other side in the text."},
			{Name: "partialResults", Type: Bool, Default: "false", Doc: "Whether text is sent before a phrase is over."},
			{Name: "languageCode", Type: Language, Values: []string{"multi"}, Open: true, Default: "en-US", Doc: "Language of the talk."},
			{Name: "transcriptionEngine", Type: Enum, Values: []string{"google", "deepgram"}, Open: true, Default: "google", Doc: "Who listens."},
			{Name: "speechModel", Default: "telephony", Doc: "Recogniser of that provider."},
			{Name: "profanityFilter", Type: Bool, Default: "true", Doc: "Masks rude words."},
			{Name: "hints", Type: CommaList, Doc: "Words to expect."},
			{Name: "enableAutomaticPunctuation", Type: Bool, Default: "true", Doc: "Whether the text has full stops and commas."},
			{Name: "enableProviderData", Type: Bool, Default: "false", Doc: "Whether the provider's own data is sent, too."},
			{Name: "intelligenceService", Doc: "Conversational Intelligence service, by SID or name."},
			{Name: "conversationConfiguration", Doc: "Configuration of the conversation."},
			{Name: "conversationId", Doc: "The conversation the text belongs to."},
		},
	}
}
