package twiml

import "slices"

// speechModels are the words of speechModel; providers add to them.
func speechModels() []string {
	return []string{"default", "numbers_and_commands", "phone_call", "experimental_conversations", "experimental_utterances", "googlev2_*", "deepgram_*"}
}

// inputVerbs are the verbs that take something from the caller.
func inputVerbs() []*ElementSpec {
	return []*ElementSpec{
		{
			Name: "Gather", Kind: Verb, Source: "/docs/voice/twiml/gather", Doc: "Collects keys or speech; what is nested is heard meanwhile.",
			After: Action, NoAction: SameDocument, FallsThrough: true,
			Children: []string{"Say", "Play", "Pause"}, NestCode: 13320,
			Attrs: gatherAttrs(),
		},
		{
			Name: "Record", Kind: Verb, Source: "/docs/voice/twiml/record", Doc: "Records the caller.",
			After: Action, NoAction: SameDocument, HangupAction: true,
			Attrs: slices.Concat([]AttrSpec{
				action(0, "Requested with the recording; the current document if absent."),
				method("method", 13610),
				{Name: "timeout", Type: Seconds, Default: "5", Code: 13611, Doc: "Silence that ends the recording; 0 is never."},
				{Name: "finishOnKey", Type: Keys, Default: "1234567890*#", Code: 13613, Doc: "Keys that end the recording; empty is none."},
				{Name: "maxLength", Type: Seconds, Min: 2, Max: 86400, Default: "3600", Code: 13612, Doc: "Longest recording; 120 by default with transcribe; above 14,400 only with calls of 24 hours."},
				{Name: "playBeep", Type: Bool, Default: "true", Code: 13616, Doc: "A tone before the recording."},
				trim("trim-silence", 13699),
				{Name: "transcribe", Type: Bool, Default: "false", Code: 13614, Doc: "Makes text of it; only en-US and from 2 to 120 seconds."},
				callback("transcribeCallback", 13257, "Gets the text; needs transcribe."),
			}, recordingAttrs(13256, 13621)),
		},
	}
}

func gatherAttrs() []AttrSpec {
	return []AttrSpec{
		action(0, "Requested with the input; the current document if absent."),
		method("method", 13312),
		{Name: "input", Type: EnumList, Values: []string{"dtmf", "speech"}, Default: "dtmf", Code: 13326, Doc: "What is listened to; with both the first wins."},
		{Name: "timeout", Type: Seconds, Min: 1, Values: []string{"auto"}, Default: "5", Code: 13313, Doc: "Time for the first and for each further key, or for speech to begin."},
		{Name: "speechTimeout", Type: Seconds, Min: 1, Values: []string{"auto"}, Code: 13327, Doc: "Silence that ends speech; timeout if absent; auto not with a speechModel."},
		{Name: "maxSpeechTime", Type: Seconds, Min: 1, Max: 60, Code: 13328, Doc: "Longest speech. Only in Twilio's libraries."},
		{Name: "numDigits", Type: Int, Min: 1, Code: 13314, Doc: "Number of keys that ends the input."},
		{Name: "finishOnKey", Type: Keys, Max: 1, Default: "#", Code: 13310, Doc: "Key that ends the input and is not part of it; empty is none."},
		{Name: "actionOnEmptyResult", Type: Bool, Default: "false", Engine: true, Code: 13338, Doc: "Whether action is requested without input, too."},
		{Name: "hints", Type: CommaList, Max: 500, Code: 13330, Doc: "Words or phrases to expect, each of at most 100 characters."},
		{Name: "language", Type: Language, Values: gatherLanguages(), Open: true, Default: "en-US", Code: 13331, Doc: "Language of the speech."},
		{Name: "speechModel", Type: Enum, Values: speechModels(), Open: true, Default: "default", Code: 13334, Doc: "Recogniser of the speech."},
		{Name: "enhanced", Type: Bool, Default: "false", Doc: "Better phone_call model. Deprecated."},
		{Name: "profanityFilter", Type: Bool, Default: "true", Code: 13333, Doc: "Masks rude words with asterisks."},
		{Name: "bargeIn", Type: Bool, Default: "true", Code: 13332, Doc: "Whether speech stops the prompt. Only in Twilio's libraries."},
		{Name: "debug", Type: Bool, Doc: "Only in Twilio's libraries."},
		callback("partialResultCallback", 0, "Told of speech while it is spoken; the answer is ignored."),
		method("partialResultCallbackMethod", 13329),
	}
}
