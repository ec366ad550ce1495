package audio

import (
	"encoding/binary"
	"io"
	"math"
	"slices"
)

// File is a WAV file: PCM of 16 bits, 8000 samples a second and channel.
type File struct {
	Channels [][]Sound // what there is to hear in each; at least one channel
	Seconds  int
}

const headerSize = 44

// Size is the length of the file in bytes.
func (f File) Size() int64 { return headerSize + f.dataSize() }

func (f File) dataSize() int64 { return int64(f.Seconds) * Rate * 2 * int64(len(f.Channels)) }

// WriteTo writes the file, a second at a time.
func (f File) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(f.header())
	written := int64(n)
	mixers := make([]*mixer, len(f.Channels))
	for i, sounds := range f.Channels {
		mixers[i] = newMixer(sounds)
	}
	block := make([]byte, 2*Rate*len(mixers))
	for second := 0; second < f.Seconds && err == nil; second++ {
		for i, m := range mixers {
			for j, v := range m.block(second * Rate) {
				binary.LittleEndian.PutUint16(block[2*(j*len(mixers)+i):], uint16(v))
			}
		}
		n, err = w.Write(block)
		written += int64(n)
	}
	return written, err
}

// header is that of RIFF/WAVE with a format and a data chunk.
func (f File) header() []byte {
	channels := uint16(len(f.Channels))
	size := uint32(min(f.dataSize(), math.MaxUint32-headerSize))
	h := append(make([]byte, 0, headerSize), "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, headerSize-8+size)
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, 1) // PCM
	h = binary.LittleEndian.AppendUint16(h, channels)
	h = binary.LittleEndian.AppendUint32(h, Rate)
	h = binary.LittleEndian.AppendUint32(h, Rate*2*uint32(channels))
	h = binary.LittleEndian.AppendUint16(h, 2*channels)
	h = binary.LittleEndian.AppendUint16(h, 16)
	h = append(h, "data"...)
	return binary.LittleEndian.AppendUint32(h, size)
}

// mixer adds up the sounds of a channel.
type mixer struct {
	tones  []tone // still to come, in the order of their beginnings
	active []tone
	sum    [Rate]int32
	out    [Rate]int16
}

func newMixer(sounds []Sound) *mixer {
	m := &mixer{}
	for _, s := range sounds {
		m.tones = append(m.tones, s.tones()...)
	}
	slices.SortStableFunc(m.tones, func(a, b tone) int { return a.from - b.from })
	return m
}

// block gives the second that begins with the sample at; seconds come in turn.
func (m *mixer) block(at int) *[Rate]int16 {
	clear(m.sum[:])
	for len(m.tones) > 0 && m.tones[0].from < at+Rate {
		m.active, m.tones = append(m.active, m.tones[0]), m.tones[1:]
	}
	for _, t := range m.active {
		t.add(&m.sum, at)
	}
	m.active = slices.DeleteFunc(m.active, func(t tone) bool { return t.to <= at+Rate })
	for i, v := range m.sum {
		m.out[i] = int16(max(math.MinInt16, min(math.MaxInt16, v)))
	}
	return &m.out
}

// fade is how many samples a tone takes to come and to go, so that it does not click.
const fade = 40

func (t tone) add(sum *[Rate]int32, at int) {
	for i := max(t.from, at); i < min(t.to, at+Rate); i++ {
		loud := t.loud
		if edge := int32(min(i-t.from, t.to-1-i)); edge < fade {
			loud = loud * edge / fade
		}
		for _, hertz := range t.hertz {
			if hertz > 0 {
				sum[i-at] += loud * sine[uint64(i-t.from)*uint64(hertz)*sineSize/Rate%sineSize] >> 15
			}
		}
	}
}

// sine is one period, by a table so that every machine makes the same file.
var sine = func() (table [sineSize]int32) {
	for i := range table {
		table[i] = int32(math.Round(32767 * math.Sin(2*math.Pi*float64(i)/sineSize)))
	}
	return table
}()

const sineSize = 1024
