package twiml

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxSayBasic is the number of characters one Say speaks with the voices man,
	// woman and alice.
	MaxSayBasic = 4096
	// MaxSayPolly is the number of characters one Say speaks with a Polly voice,
	// SSML tags not counted.
	MaxSayPolly = 3000
	// MaxSayEncoded is the length of the text of one Say in URL-encoded form. A
	// letter outside ASCII counts 6 to 12 there, so this is the first limit that
	// text in other scripts meets.
	MaxSayEncoded = 4500
)

// SayLimit gives the number of characters to put into one Say with that voice.
// Without a voice the account's setting counts, which may be a Polly voice, so
// the smaller limit is given then.
func SayLimit(voice string) int {
	switch voice {
	case "man", "woman", "alice":
		return MaxSayBasic
	}
	return MaxSayPolly
}

// SplitSay cuts text into pieces of at most limit characters whose URL-encoded
// form is at most MaxSayEncoded: at the ends of sentences where possible, else
// at a comma, else at a blank, else anywhere. Blanks around a piece are dropped;
// blank text gives no piece. A limit below 1 is MaxSayPolly.
func SplitSay(text string, limit int) []string {
	if limit < 1 {
		limit = MaxSayPolly
	}
	var pieces []string
	for text = strings.TrimSpace(text); text != ""; {
		n := fitting(text, limit)
		if n < len(text) {
			n = bestCut(text, n)
		}
		if piece := strings.TrimSpace(text[:n]); piece != "" {
			pieces = append(pieces, piece)
		}
		text = strings.TrimSpace(text[n:])
	}
	return pieces
}

// fitting gives the length in bytes of the longest start of text within both
// limits; at least one character.
func fitting(text string, limit int) int {
	count, encoded := 0, 0
	for i, r := range text {
		count++
		encoded += encodedLen(r)
		if i > 0 && (count > limit || encoded > MaxSayEncoded) {
			return i
		}
	}
	return len(text)
}

// encodedLen is the length of a character in URL-encoded form; a blank is +.
func encodedLen(r rune) int {
	switch {
	case r == ' ', r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("-_.~", r):
		return 1
	}
	return 3 * utf8.RuneLen(r)
}

// bestCut gives the byte position at or before n where to cut, n < len(text).
func bestCut(text string, n int) int {
	sentence, clause, blank := 0, 0, 0
	var before rune
	for i, r := range text {
		if i > n {
			break
		}
		if i > 0 {
			spaced := unicode.IsSpace(r)
			switch {
			case strings.ContainsRune("。！？", before) || spaced && strings.ContainsRune(".!?…", before):
				sentence = i
			case strings.ContainsRune("，、；", before) || spaced && strings.ContainsRune(",;:", before):
				clause = i
			case spaced:
				blank = i
			}
		}
		before = r
	}
	for _, cut := range []int{sentence, clause, blank} {
		if cut > 0 {
			return cut
		}
	}
	return n
}

// ParseSSML reads the inside of a Say: text and SSML elements. Everything but
// SSML elements with their places and attributes is an error, a *ParseError with
// the position inside the fragment; an ampersand has to be written &amp;.
func ParseSSML(fragment string) ([]Node, error) {
	if len(fragment) > MaxDocument {
		return nil, &ParseError{1, 1, CodeTooLarge, fmt.Sprintf("the text has %d bytes; at most %d are allowed", len(fragment), MaxDocument)}
	}
	p := newParser([]byte(fragment))
	p.fragment = true
	p.say, _ = Lookup("Say")
	if err := p.run(); err != nil {
		return nil, err
	}
	return p.top.Children, nil
}

// Escape writes text so that ParseSSML reads the same characters back, as text or
// inside an attribute: for values that are put into a fragment.
func Escape(text string) string { return string(appendEscaped(nil, text, true)) }

// checkSSML checks an element of a fragment when it is opened, while its place
// is known.
func (p *parser) checkSSML(parent, e *Element) error {
	spec := p.say
	if parent != p.top {
		spec, _ = Lookup(parent.Name)
	}
	own, ok := spec.Child(e.Name)
	if !ok {
		switch known, isKnown := Lookup(e.Name); {
		case e.Name == "speak":
			return p.fail(CodeSchema, "<speak> has no place here; leave it out, Twilio adds it")
		case isKnown && known.Kind == SSML:
			return p.fail(CodeSchema, fmt.Sprintf("<%s> cannot stand in <%s>", e.Name, spec.Name))
		}
		return p.fail(CodeSchema, fmt.Sprintf("<%s> is not SSML that Twilio speaks; known are %s", e.Name, strings.Join(p.say.Children, ", ")))
	}
	if found := (&checker{}).attributes(own, e, parent.Name); len(found) > 0 {
		return p.fail(CodeSchema, found[0].Message)
	}
	return nil
}
