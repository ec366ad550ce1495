package sim

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// isMedia reports whether the path is that of the sound of a recording.
func isMedia(q *rest.Request) bool {
	parts := resourceParts(q)
	return len(parts) == 2 && parts[0] == "Recordings" && !strings.HasSuffix(q.Path, ".json")
}

// fetchRecording answers with what is known about a recording, or for .wav, .mp3
// and no extension at all with its sound.
func (s *Sim) fetchRecording(q *rest.Request) (rest.Answer, *rest.Error) {
	sid, ext, _ := strings.Cut(q.Vars["Sid"], ".")
	q.Vars["Sid"] = sid
	rec, e := recordingKept(s, q)
	if e != nil || strings.HasSuffix(q.Path, ".json") {
		if e != nil {
			return rest.Answer{}, e
		}
		return rest.Show(rec, q)
	}
	// The file is there a moment after the end (documentation: Recordings).
	if rec.status != "completed" {
		return rest.Answer{}, rest.NotFound(q.Path)
	}
	switch ext {
	case "", "wav":
		return rest.Answer{Status: http.StatusOK, Media: rec.file(), ContentType: "audio/x-wav"}, nil
	case "mp3":
		return rest.Answer{Status: http.StatusOK, Media: bytes.NewReader(silentMP3(rec.seconds())), ContentType: "audio/mpeg"}, nil
	}
	return rest.Answer{}, rest.NotFound(q.Path)
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
