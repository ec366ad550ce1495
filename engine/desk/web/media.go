package web

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Bounds of media files.
const (
	maxFiles  = 500 // that were played and may be asked for
	maxMedia  = 10 << 20
	mediaTime = 4 * time.Second
)

// media gives the page what a phone plays. The page's own site is the only one that it may
// reach, so that the file comes through here; and where it cannot be had, a little music
// stands in for it, so that one hears that something plays.
type media struct {
	mu     sync.Mutex
	played map[string]bool
}

// allow lets the page ask for a file. Others are refused: the server is no proxy.
func (m *media) allow(file string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.played == nil || len(m.played) >= maxFiles {
		m.played = map[string]bool{}
	}
	m.played[file] = true
}

// ServeHTTP answers with the file `url`.
func (m *media) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file := r.URL.Query().Get("url")
	m.mu.Lock()
	known := m.played[file]
	m.mu.Unlock()
	if !known {
		http.Error(w, "no phone plays this file", http.StatusForbidden)
		return
	}
	kind, sound, ok := fetch(r, file)
	if !ok {
		kind, sound = "audio/wav", standIn()
		w.Header().Set("X-Ringdown-Stand-In", "the file could not be fetched")
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(sound))
}

// fetch gets a file over HTTP, if it is sound and not too big.
func fetch(r *http.Request, file string) (kind string, sound []byte, ok bool) {
	u, err := url.Parse(file)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", nil, false
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, file, nil)
	if err != nil {
		return "", nil, false
	}
	client := http.Client{Timeout: mediaTime}
	res, err := client.Do(req)
	if err != nil {
		return "", nil, false
	}
	defer res.Body.Close()
	kind = res.Header.Get("Content-Type")
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "audio/") {
		return "", nil, false
	}
	sound, err = io.ReadAll(io.LimitReader(res.Body, maxMedia+1))
	return kind, sound, err == nil && len(sound) <= maxMedia
}

// The stand-in: single notes that fade, 8 kHz, 16 bit, mono.
const (
	rate     = 8000
	noteTime = 450 * time.Millisecond
)

var notes = []float64{392, 494, 587, 784, 587, 494, 440, 523, 659, 880, 659, 523}

// standIn is a WAV file with some seconds of music.
var standIn = sync.OnceValue(func() []byte {
	perNote := int(noteTime.Seconds() * rate)
	samples := make([]int16, 0, perNote*len(notes))
	for _, hertz := range notes {
		for i := range perNote {
			at := float64(i) / rate
			fade := math.Exp(-4*at) * math.Min(1, at*100)
			samples = append(samples, int16(6000*fade*math.Sin(2*math.Pi*hertz*at)))
		}
	}
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a buffer takes everything
	b.WriteString("RIFF")
	put(uint32(36 + 2*len(samples)))
	b.WriteString("WAVEfmt ")
	put([]uint32{16, 1 | 1<<16, rate, 2 * rate, 2 | 16<<16})
	b.WriteString("data")
	put(uint32(2 * len(samples)))
	put(samples)
	return b.Bytes()
})
