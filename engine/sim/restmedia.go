package sim

import (
	"bytes"
	"net/http"
	"strings"
)

// isMedia reports whether the path is that of the sound of a recording.
func isMedia(q *restRequest) bool {
	return len(q.parts) == 2 && q.parts[0] == "Recordings" && !strings.HasSuffix(q.path, ".json")
}

// fetchRecording answers with what is known about a recording, or for .wav, .mp3
// and no extension at all with its sound.
func (s *Sim) fetchRecording(q *restRequest) (restAnswer, *restError) {
	sid, ext, _ := strings.Cut(q.vars["Sid"], ".")
	q.vars["Sid"] = sid
	rec, e := recordingKept(s, q)
	if e != nil || strings.HasSuffix(q.path, ".json") {
		if e != nil {
			return restAnswer{}, e
		}
		return show(rec, q)
	}
	// The file is there a moment after the end (documentation: Recordings).
	if rec.status != "completed" {
		return restAnswer{}, notFound(q.path)
	}
	switch ext {
	case "", "wav":
		return restAnswer{status: http.StatusOK, media: rec.file(), ctype: "audio/x-wav"}, nil
	case "mp3":
		return restAnswer{status: http.StatusOK, media: bytes.NewReader(silentMP3(rec.seconds())), ctype: "audio/mpeg"}, nil
	}
	return restAnswer{}, notFound(q.path)
}

// silentMP3 is an MP3 file of that length. The simulator encodes no MP3: each
// frame (MPEG-2 Layer III, 16 kbit/s, 16 kHz, mono, 36 ms) is a header and zeros,
// which is silence.
func silentMP3(seconds int) []byte {
	const frame, millis = 72, 36
	header := []byte{0xFF, 0xF3, 0x28, 0xC4}
	frames := (seconds*1000 + millis - 1) / millis
	file := make([]byte, frames*frame)
	for n := range frames {
		copy(file[n*frame:], header)
	}
	return file
}
