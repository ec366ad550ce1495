package twiml

// ssmlElements are what may stand in a Say. Their source is the Say page and
// Twilio's libraries.
func ssmlElements() []*ElementSpec {
	const source = "/docs/voice/twiml/say/text-speech"
	mixed := TextRule{Use: Mixed, Doc: "What is spoken."}
	return []*ElementSpec{
		{
			Name: "break", Kind: SSML, Source: source, Doc: "A pause.",
			Attrs: []AttrSpec{
				{Name: "strength", Type: Enum, Values: []string{"none", "x-weak", "weak", "medium", "strong", "x-strong"}, Doc: "How marked."},
				{Name: "time", Doc: "How long, such as 500ms or 2s."},
			},
		},
		{
			Name: "emphasis", Kind: SSML, Source: source, Doc: "Stress.", Text: mixed,
			Children: []string{"break", "emphasis", "lang", "phoneme", "prosody", "say-as", "sub", "w"},
			Attrs:    []AttrSpec{{Name: "level", Type: Enum, Values: []string{"strong", "moderate", "reduced"}, Doc: "How strong."}},
		},
		{
			Name: "lang", Kind: SSML, Source: source, Doc: "Words of another language.", Text: mixed,
			Children: []string{"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"},
			Attrs:    []AttrSpec{{Name: "xml:lang", Type: Language, Values: ssmlLanguages(), Open: true, Required: true, Doc: "The language."}},
		},
		{
			Name: "p", Kind: SSML, Source: source, Doc: "A paragraph.", Text: mixed,
			Children: []string{"break", "emphasis", "lang", "phoneme", "prosody", "s", "say-as", "sub", "w"},
		},
		{
			Name: "phoneme", Kind: SSML, Source: source, Doc: "A word with its sounds.", Text: mixed,
			Attrs: []AttrSpec{
				{Name: "alphabet", Type: Enum, Values: []string{"ipa", "x-sampa", "x-amazon-jyutping", "x-amazon-pinyin", "x-amazon-pron-kana", "x-amazon-yomigana"}, Doc: "How the sounds are written."},
				{Name: "ph", Required: true, Doc: "The sounds."},
			},
		},
		{
			Name: "prosody", Kind: SSML, Source: source, Doc: "Loudness, speed and pitch.", Text: mixed,
			Children: []string{"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"},
			Attrs: []AttrSpec{
				{Name: "volume", Doc: "A word such as loud, or a change such as +6dB."},
				{Name: "rate", Doc: "A word such as slow, or a percentage."},
				{Name: "pitch", Doc: "A word such as high, or a change such as +5%."},
			},
		},
		{
			Name: "s", Kind: SSML, Source: source, Doc: "A sentence.", Text: mixed,
			Children: []string{"break", "emphasis", "lang", "phoneme", "prosody", "say-as", "sub", "w"},
		},
		{
			Name: "say-as", Kind: SSML, Source: source, Doc: "How characters are read.", Text: mixed,
			Attrs: []AttrSpec{
				{Name: "interpret-as", Type: Enum, Values: []string{"characters", "spell-out", "cardinal", "number", "ordinal", "digits", "fraction", "unit", "date", "time", "address", "expletive", "telephone"}, Required: true, Doc: "As what."},
				{Name: "format", Type: Enum, Values: []string{"mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "yyyymmdd"}, Doc: "Order of a date."},
			},
		},
		{
			Name: "sub", Kind: SSML, Source: source, Doc: "Other words for those written.", Text: mixed,
			Attrs: []AttrSpec{{Name: "alias", Required: true, Doc: "What is spoken instead."}},
		},
		{
			Name: "w", Kind: SSML, Source: source, Doc: "A word with its part of speech.", Text: mixed,
			Children: []string{"break", "emphasis", "phoneme", "prosody", "say-as", "sub"},
			Attrs:    []AttrSpec{{Name: "role", Doc: "The part of speech, such as amazon:VB."}},
		},
	}
}
