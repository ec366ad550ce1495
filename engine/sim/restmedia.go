package sim

import (
	"encoding/binary"
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
		return restAnswer{status: http.StatusOK, raw: rec.wave(), ctype: "audio/x-wav"}, nil
	case "mp3":
		return restAnswer{status: http.StatusOK, raw: silentMP3(rec.seconds()), ctype: "audio/mpeg"}, nil
	}
	return restAnswer{}, notFound(q.path)
}

// wave is the sound of a recording as a WAV file: 8000 samples of 16 bits a second
// and channel.
func (rec *recording) wave() []byte { return silentWave(rec.channels, rec.seconds()) }

// silentWave is a WAV file of silence (RIFF, PCM).
func silentWave(channels, seconds int) []byte {
	const rate, bytes = 8000, 2
	size := seconds * rate * bytes * channels
	file := make([]byte, 0, 44+size)
	file = append(file, "RIFF"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(36+size))
	file = append(file, "WAVEfmt "...)
	file = binary.LittleEndian.AppendUint32(file, 16)
	file = binary.LittleEndian.AppendUint16(file, 1)
	file = binary.LittleEndian.AppendUint16(file, uint16(channels))
	file = binary.LittleEndian.AppendUint32(file, rate)
	file = binary.LittleEndian.AppendUint32(file, uint32(rate*bytes*channels))
	file = binary.LittleEndian.AppendUint16(file, uint16(bytes*channels))
	file = binary.LittleEndian.AppendUint16(file, 8*bytes)
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(size))
	return append(file, make([]byte, size)...)
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
