package audio_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim/audio"
)

// decoded is a WAV file taken apart.
func decoded(t *testing.T, f audio.File) [][]float64 {
	t.Helper()
	var b bytes.Buffer
	n, err := f.WriteTo(&b)
	raw := b.Bytes()
	if err != nil || n != f.Size() || int64(len(raw)) != n {
		t.Fatalf("wrote %d of %d bytes: %v", n, f.Size(), err)
	}
	le := binary.LittleEndian
	channels := int(le.Uint16(raw[22:]))
	if string(raw[:4]) != "RIFF" || string(raw[8:16]) != "WAVEfmt " || string(raw[36:40]) != "data" || le.Uint32(raw[4:]) != uint32(n-8) || le.Uint32(raw[40:]) != uint32(n-44) ||
		le.Uint16(raw[20:]) != 1 || channels != len(f.Channels) || le.Uint32(raw[24:]) != audio.Rate || le.Uint32(raw[28:]) != uint32(audio.Rate*2*channels) ||
		le.Uint16(raw[32:]) != uint16(2*channels) || le.Uint16(raw[34:]) != 16 {
		t.Fatalf("header % x", raw[:44])
	}
	out := make([][]float64, channels)
	for i := 44; i < len(raw); i += 2 {
		c := (i - 44) / 2 % channels
		out[c] = append(out[c], float64(int16(le.Uint16(raw[i:]))))
	}
	return out
}

// power is how strong a frequency is in samples (Goertzel), per sample.
func power(samples []float64, hertz float64) float64 {
	w := 2 * math.Cos(2*math.Pi*hertz/audio.Rate)
	var a, b float64
	for _, v := range samples {
		a, b = v+w*a-b, a
	}
	return (a*a + b*b - w*a*b) / float64(len(samples)) / float64(len(samples))
}

func loudness(samples []float64) float64 {
	var sum float64
	for _, v := range samples {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(samples)))
}

// TestKeys reads DTMF back out of the file.
func TestKeys(t *testing.T) {
	t.Parallel()
	const keys = "147*2580369#ABCD"
	rows, columns := []float64{697, 770, 852, 941}, []float64{1209, 1336, 1477, 1633}
	grid := []string{"123A", "456B", "789C", "*0#D"}
	pcm := decoded(t, audio.File{Seconds: 5, Channels: [][]audio.Sound{{{At: time.Second, Kind: audio.Keys, Text: keys}}}})[0]
	for i, key := range keys {
		from := audio.Rate + i*audio.Rate/5
		tone, gap := pcm[from:from+audio.Rate/10], pcm[from+audio.Rate/10:from+audio.Rate/5]
		row, column := strongest(tone, rows), strongest(tone, columns)
		if got := rune(grid[row][column]); got != key {
			t.Errorf("key %d is %c, want %c", i, got, key)
		}
		if loudness(tone) < 3000 || loudness(gap) > 0 {
			t.Errorf("key %c: loudness %v, behind it %v", key, loudness(tone), loudness(gap))
		}
	}
	if loudness(pcm[:audio.Rate]) > 0 || len(pcm) != 5*audio.Rate {
		t.Error("there is something before the keys")
	}
	if d := audio.KeysLength("1wW2"); d != 1900*time.Millisecond {
		t.Errorf("1wW2 takes %v", d)
	}
}

func strongest(samples, hertz []float64) int {
	best := 0
	for i, h := range hertz {
		if power(samples, h) > power(samples, hertz[best]) {
			best = i
		}
	}
	return best
}

// TestChannels: each sound is in its channel and its time, and all sound is the same again.
func TestChannels(t *testing.T) {
	t.Parallel()
	f := audio.File{Seconds: 4, Channels: [][]audio.Sound{
		{{At: time.Second, For: time.Second, Text: "hello there", Voice: "ann"}, {At: 3 * time.Second, Kind: audio.Beep}},
		{{At: 2 * time.Second, For: time.Second, Kind: audio.Music, Voice: "http://x/hold.mp3"}, {At: 2 * time.Second, For: time.Minute, Text: "on and on and on", Voice: "bob"}},
	}}
	pcm := decoded(t, f)
	for second, want := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
		for c := range 2 {
			if loud := loudness(pcm[c][second*audio.Rate : (second+1)*audio.Rate]); (loud > 300) != want[c] {
				t.Errorf("second %d of channel %d: loudness %v", second, c+1, loud)
			}
		}
	}
	if strongest(pcm[0][3*audio.Rate:3*audio.Rate+4000], []float64{440, 1000, 1400}) != 1 {
		t.Error("the beep is no beep")
	}
	var a, b bytes.Buffer
	_, _ = f.WriteTo(&a)
	_, _ = f.WriteTo(&b)
	sum := sha256.Sum256(a.Bytes())
	if !bytes.Equal(a.Bytes(), b.Bytes()) || hex.EncodeToString(sum[:4]) != "3f700375" {
		t.Errorf("the bytes have changed: %x", sum[:4])
	}
	f.Channels[0][0].Voice = "bob"
	if other := decoded(t, f); loudness(minus(other[0], pcm[0])) == 0 {
		t.Error("ann and bob sound alike")
	}
}

func minus(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}
