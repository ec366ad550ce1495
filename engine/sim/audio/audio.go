// Package audio makes sound of what a simulated call was like: WAV files as Twilio's
// recordings are, with real DTMF tones, beeps, chords for music and, for speech, a
// babble that has the length of the words and the pitch of its speaker. The same
// sounds always give the same bytes.
package audio

import (
	"hash/fnv"
	"time"
)

// Rate is the number of samples a second of each channel.
const Rate = 8000

// Kind says what a Sound is.
type Kind int

// The kinds of sounds.
const (
	Speech Kind = iota // Text is spoken by Voice
	Keys               // Text are DTMF keys; w is half a second of silence, W one
	Beep
	Music // of Voice, a URL for example: the same always sounds the same
)

// Sound is something audible in a channel.
type Sound struct {
	At    time.Duration // from the start of the file
	For   time.Duration // 0: as long as keys or a beep take; speech and music need it
	Kind  Kind
	Text  string
	Voice string
}

// How long tones last.
const (
	toneTime = 100 * time.Millisecond
	gapTime  = 100 * time.Millisecond
	beepTime = 500 * time.Millisecond
)

// Length is how long a sound takes.
func (s Sound) Length() time.Duration {
	switch {
	case s.For > 0:
		return s.For
	case s.Kind == Beep:
		return beepTime
	case s.Kind == Keys:
		return KeysLength(s.Text)
	}
	return 0
}

// KeysLength is how long it takes to send DTMF keys.
func KeysLength(keys string) time.Duration {
	var d time.Duration
	for _, k := range keys {
		d += keyLength(k)
	}
	return d
}

func keyLength(key rune) time.Duration {
	switch key {
	case 'w':
		return 500 * time.Millisecond
	case 'W':
		return time.Second
	}
	return toneTime + gapTime
}

// tone is a part of a sound: up to three frequencies in hertz, with one loudness.
type tone struct {
	from, to int // samples
	hertz    [3]uint32
	loud     int32 // of 32767, for each frequency
}

// tones takes a sound apart. Only what it is made of is computed here; the samples
// come block by block.
func (s Sound) tones() []tone {
	begin, end := samples(s.At), samples(s.At+s.Length())
	switch s.Kind {
	case Keys:
		return keyTones(s.Text, s.At, end)
	case Beep:
		return []tone{{begin, end, [3]uint32{1000}, 9000}}
	case Music:
		return musicTones(hash(s.Voice), begin, end)
	}
	return speechTones(s.Text, hash(s.Voice), begin, end)
}

// dtmf are the frequencies of keys (ITU-T Q.23).
var dtmf = map[rune][3]uint32{
	'1': {697, 1209}, '2': {697, 1336}, '3': {697, 1477}, 'A': {697, 1633},
	'4': {770, 1209}, '5': {770, 1336}, '6': {770, 1477}, 'B': {770, 1633},
	'7': {852, 1209}, '8': {852, 1336}, '9': {852, 1477}, 'C': {852, 1633},
	'*': {941, 1209}, '0': {941, 1336}, '#': {941, 1477}, 'D': {941, 1633},
}

func keyTones(keys string, at time.Duration, end int) []tone {
	var tones []tone
	for _, key := range keys {
		if key >= 'a' && key <= 'd' {
			key += 'A' - 'a'
		}
		if hertz, ok := dtmf[key]; ok {
			tones = append(tones, tone{samples(at), min(samples(at+toneTime), end), hertz, 8000})
		}
		at += keyLength(key)
	}
	return tones
}

// speechTones gives each letter its share of the time: vowels are loud, consonants
// soft and higher, blanks silent. The pitch is the voice's.
func speechTones(text string, voice uint32, begin, end int) []tone {
	pitch := 95 + voice%130 // of a low and a high human voice
	letters := []rune(text)
	var tones []tone
	for i, r := range letters {
		from, to := begin+(end-begin)*i/len(letters), begin+(end-begin)*(i+1)/len(letters)
		step := uint32(r) % 7 * 6 // speech is no monotone
		switch {
		case r == ' ' || r == '.' || r == ',' || r == '\n':
		case vowel(r):
			tones = append(tones, tone{from, to, [3]uint32{pitch + step, 2 * (pitch + step), 600 + uint32(r)%5*150}, 3600})
		default:
			tones = append(tones, tone{from, to, [3]uint32{pitch + step, 1200 + uint32(r)%9*110}, 1500})
		}
	}
	return tones
}

func vowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u', 'y', 'A', 'E', 'I', 'O', 'U', 'Y':
		return true
	}
	return false
}

// musicTones are four chords of half a second, again and again.
func musicTones(piece uint32, begin, end int) []tone {
	base := 220 + piece%5*22
	steps := [4]uint32{12, 15, 16, 18} // twelfths of the base
	var tones []tone
	for i, from := 0, begin; from < end; i, from = i+1, from+Rate/2 {
		root := base * steps[i%len(steps)] / 12
		tones = append(tones, tone{from, min(from+Rate/2, end), [3]uint32{root, root * 5 / 4, root * 3 / 2}, 2500})
	}
	return tones
}

func samples(d time.Duration) int { return int(d * Rate / time.Second) }

func hash(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum32()
}
