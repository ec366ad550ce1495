package twiml

// Attributes that many elements share. Functions, so that no two elements have
// one slice.

func action(code int, doc string) AttrSpec {
	return AttrSpec{Name: "action", Type: URL, Engine: true, Code: code, Doc: doc}
}

func method(name string, code int) AttrSpec {
	return AttrSpec{Name: name, Type: Enum, Values: []string{"GET", "POST"}, Default: "POST", Engine: true, Code: code, Doc: "HTTP method of that request."}
}

func callback(name string, code int, doc string) AttrSpec {
	return AttrSpec{Name: name, Type: URL, Engine: true, Code: code, Doc: doc}
}

func callbackEvents(name, def string, code int, values ...string) AttrSpec {
	return AttrSpec{Name: name, Type: EnumList, Values: values, Default: def, Engine: true, Code: code, Doc: "The events that are reported."}
}

func trim(def string, code int) AttrSpec {
	return AttrSpec{Name: "trim", Type: Enum, Values: []string{"trim-silence", "do-not-trim"}, Default: def, Code: code, Doc: "Whether silence is cut from the start and end of the recording."}
}

// recordingAttrs are the attributes of everything that records.
func recordingAttrs(urlCode, eventCode int) []AttrSpec {
	return []AttrSpec{
		callback("recordingStatusCallback", urlCode, "Told about the recording's state."),
		method("recordingStatusCallbackMethod", 0),
		callbackEvents("recordingStatusCallbackEvent", "completed", eventCode, "in-progress", "completed", "absent"),
		{Name: "recordingConfigurationId", Doc: "Named configuration of recordings."},
	}
}

// flowVerbs are the root and the verbs that play, leave or end.
func flowVerbs() []*ElementSpec {
	return []*ElementSpec{
		{
			Name: "Response", Kind: Root, Source: "/docs/voice/twiml",
			Doc:      "The root: verbs are carried out from top to bottom; when none is left the call is hung up.",
			Children: []string{"Connect", "Dial", "Echo", "Enqueue", "Gather", "Hangup", "Leave", "Pause", "Pay", "Play", "Record", "Redirect", "Refer", "Reject", "Say", "Sms", "Start", "Stop"},
		},
		{
			Name: "Say", Kind: Verb, Source: "/docs/voice/twiml/say", Doc: "Speaks text.",
			Children: []string{"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"},
			Text:     TextRule{Use: Mixed, Code: 13521, CodeShort: 13520, Doc: "What is spoken; SSML elements may stand in it."},
			Attrs: []AttrSpec{
				{Name: "voice", Type: Enum, Values: []string{"man", "woman", "alice", "Polly.*", "Google.*"}, Code: 13511, Doc: "Voice; the account's setting, else man."},
				{Name: "language", Type: Language, Values: sayLanguages(), Open: true, Default: "en-US", Code: 13512, Doc: "Language of the text."},
				{Name: "loop", Type: Int, Default: "1", Code: 13510, Doc: "How often; 0 is until hang-up, at most 1,000 times."},
			},
		},
		{
			Name: "Play", Kind: Verb, Source: "/docs/voice/twiml/play", Doc: "Plays a sound file or keys.",
			Text: TextRule{Use: MayText, Doc: "URL of the file; empty with digits."},
			Attrs: []AttrSpec{
				{Name: "loop", Type: Int, Default: "1", Code: 13410, Doc: "How often; 0 is until hang-up, at most 1,000 times."},
				{Name: "digits", Type: Digits, Code: 13430, Doc: "Keys to play; w waits 0.5 s, W 1 s."},
			},
		},
		{
			Name: "Pause", Kind: Verb, Source: "/docs/voice/twiml/pause", Doc: "Waits in silence; as the first verb lets the call ring.", Answering: RingsFirst,
			Attrs: []AttrSpec{
				{Name: "length", Type: Seconds, Min: 1, Default: "1", Code: 13910, Doc: "How long."},
			},
		},
		{
			Name: "Hangup", Kind: Verb, Source: "/docs/voice/twiml/hangup", Doc: "Ends the call.", After: Never,
			Children: []string{"Parameter"},
		},
		{
			Name: "Reject", Kind: Verb, Source: "/docs/voice/twiml/reject", Doc: "Refuses an inbound call, not billed; only as the first verb of the first document.", After: Never, Answering: Refuses,
			Children: []string{"Parameter"},
			Attrs: []AttrSpec{
				{Name: "reason", Type: Enum, Values: []string{"rejected", "busy"}, Default: "rejected", Code: 13810, Doc: "What the caller hears: not in service, or the busy tone."},
			},
		},
		{
			Name: "Redirect", Kind: Verb, Source: "/docs/voice/twiml/redirect", Doc: "Goes on with the document of another URL.", After: Never,
			Text: TextRule{Use: MayText, Doc: "The URL; empty is the current document again."},
			Attrs: []AttrSpec{
				{Name: "method", Type: Enum, Values: []string{"GET", "POST"}, Default: "POST", Code: 13710, Doc: "HTTP method of that request."},
			},
		},
		{Name: "Leave", Kind: Verb, Source: "/docs/voice/twiml/leave", Doc: "Leaves the queue; only in a waitUrl document of Enqueue.", After: Never},
		{Name: "Echo", Kind: Verb, Source: "SDK", Doc: "Sends the caller's sound back, for tests.", After: Never},
		{
			Name: "Sms", Kind: Verb, Source: "/docs/voice/twiml/sms", Doc: "Sends a message. Deprecated: use the REST API.", After: Action,
			Text: TextRule{Use: MustText, Max: 1600, Code: 14103, Doc: "Body of the message."},
			Attrs: []AttrSpec{
				{Name: "to", Code: 14101, Doc: "Receiver; the caller if absent."},
				{Name: "from", Code: 14102, Doc: "Sender; the called number if absent."},
				action(0, "Requested when the message is queued."),
				method("method", 14104),
				callback("statusCallback", 14105, "Told whether the message was sent."),
			},
		},
	}
}
