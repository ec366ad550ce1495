package sim

import (
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/audio"
)

// pause is a time in which a recording was paused. One that skips is missing from
// the file, the others are silent there.
type pause struct {
	from, to time.Time
	skips    bool
}

// file is the sound of the recording, made of what the log tells of its calls. A
// dialled call has its two parties in the channels, parent first; any other call has
// in the first what its party says and in the second what it hears.
func (rec *recording) file() audio.File {
	f := audio.File{Seconds: rec.seconds()}
	tracks := rec.tracks()
	if rec.channels < 2 {
		mixed := []audio.Sound{}
		for _, t := range tracks {
			mixed = append(mixed, t...)
		}
		tracks = [][]audio.Sound{mixed}
	}
	f.Channels = tracks
	return f
}

func (rec *recording) tracks() [][]audio.Sound {
	switch {
	case rec.room != nil:
		return [][]audio.Sound{rec.conference()}
	case rec.source == sourceRecordVerb:
		return [][]audio.Sound{rec.said(rec.call)}
	case rec.source == sourceDialVerb:
		var children []audio.Sound
		for _, c := range rec.sim.calls {
			if c.parent == rec.call {
				children = append(children, rec.said(c)...)
			}
		}
		return [][]audio.Sound{rec.said(rec.call), children}
	}
	in, out := rec.said(rec.call), rec.heard(rec.call)
	switch rec.track {
	case "inbound":
		out = nil
	case "outbound":
		in = nil
	}
	return [][]audio.Sound{in, out}
}

// at is where in the file a moment is; false: it was not recorded.
func (rec *recording) at(t time.Time) (time.Duration, bool) {
	if t.Before(rec.started) || !rec.ended.IsZero() && !t.Before(rec.ended) {
		return 0, false
	}
	d := t.Sub(rec.started)
	for _, p := range rec.pauses {
		switch {
		case t.Before(p.from):
		case t.Before(p.to):
			return 0, false
		case p.skips:
			d -= p.to.Sub(p.from)
		}
	}
	return d, true
}

// said is what the party of a call has said and pressed.
func (rec *recording) said(c *Call) []audio.Sound {
	var sounds []audio.Sound
	for _, e := range rec.sim.log {
		if e.Call == c.sid {
			sounds = rec.add(sounds, e, rec.voice(c, e))
		}
	}
	return sounds
}

// add appends the sound of an entry, unless it is none or was not recorded.
func (rec *recording) add(sounds []audio.Sound, e Entry, s audio.Sound) []audio.Sound {
	at, ok := rec.at(e.At)
	if !ok || s.Text == "" && s.Kind != audio.Beep {
		return sounds
	}
	s.At = at
	return append(sounds, s)
}

// voice is the sound that the party makes in an entry.
func (rec *recording) voice(c *Call, e Entry) audio.Sound {
	switch {
	case e.Kind == EntryKeys:
		return audio.Sound{Kind: audio.Keys, Text: e.Text}
	case e.Kind == EntrySpoken && e.Text == beep:
		return audio.Sound{Kind: audio.Beep}
	case e.Kind == EntrySpoken:
		return rec.words(e.Text, c.address())
	}
	return audio.Sound{}
}

func (rec *recording) words(text, voice string) audio.Sound {
	return audio.Sound{Kind: audio.Speech, Text: text, Voice: voice, For: time.Duration(len([]rune(text))) * rec.sim.o.Timings.Character}
}

// heard is what the party of a call has heard. A text ends where the next one
// begins, or a key has stopped it.
func (rec *recording) heard(c *Call) []audio.Sound {
	var sounds []audio.Sound
	for _, e := range rec.sim.log {
		if e.Call != c.sid || e.Kind != EntryHeard && e.Kind != EntryKeys {
			continue
		}
		if at, ok := rec.at(e.At); ok && len(sounds) > 0 {
			last := &sounds[len(sounds)-1]
			last.For = min(last.Length(), at-last.At)
		}
		if e.Kind == EntryHeard {
			sounds = rec.add(sounds, e, rec.played(e.Text))
		}
	}
	return sounds
}

// played is the sound of what a party hears, as Call.Heard tells it.
func (rec *recording) played(text string) audio.Sound {
	if text == beep {
		return audio.Sound{Kind: audio.Beep}
	}
	if keys, ok := strings.CutPrefix(text, "digits "); ok {
		return audio.Sound{Kind: audio.Keys, Text: keys}
	}
	if media, ok := strings.CutPrefix(text, "play "); ok {
		length, known := rec.sim.media[media]
		if !known {
			length = rec.sim.o.Timings.Play
		}
		return audio.Sound{Kind: audio.Music, Text: media, Voice: media, For: length}
	}
	if speaker, words, ok := strings.Cut(text, ": "); ok && addressOK(speaker) {
		return rec.words(words, speaker)
	}
	return rec.words(text, "")
}

// conference is what everybody in a conference hears: those in it who are neither
// muted nor on hold, and what is played to all.
func (rec *recording) conference() []audio.Sound {
	in, silent := map[string]bool{}, map[string]bool{}
	played := map[string]int{} // how many have heard the same at the same moment
	var sounds []audio.Sound
	for _, e := range rec.sim.log {
		switch {
		case e.Kind == EntryRoom && e.Room == rec.room.sid:
			follow(e, in, silent)
		case !in[e.Call]:
		case e.Kind == EntryHeard:
			if s := rec.played(e.Text); s.Voice == "" || s.Kind != audio.Speech {
				key := e.At.String() + e.Text
				if played[key]++; played[key] == len(in) {
					sounds = rec.add(sounds, e, s)
				}
			}
		case !silent[e.Call]:
			sounds = rec.add(sounds, e, rec.voice(rec.sim.bySID[e.Call], e))
		}
	}
	return sounds
}

// follow keeps in mind who is in the conference, and who is not heard there.
func follow(e Entry, in, silent map[string]bool) {
	if e.Call == "" {
		return
	}
	in[e.Call] = e.Text != "participant-leave"
	silent[e.Call] = e.Params.Get("Muted") == "true" || e.Params.Get("Hold") == "true"
	if !in[e.Call] {
		delete(in, e.Call)
	}
}
