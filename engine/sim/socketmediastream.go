package sim

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// mediaStream is the WebSocket of a Stream (documentation: Media Streams,
// WebSocket messages). The sound of speech is a tone here.
type mediaStream struct {
	fork     *fork
	sock     *socket
	both     bool // bidirectional: sound and marks of the application are played
	sequence int
	chunks   map[string]int
	began    time.Time
	speaks   map[string]time.Time // until when a track is not silent
	playing  time.Time            // until when the application's sound lasts
	marks    []string             // of sound that is still played
}

// The names of tracks in messages, and of both tracks in turn.
var trackNames = map[string][]string{"inbound_track": {"inbound"}, "outbound_track": {"outbound"}, "both_tracks": {"inbound", "outbound"}}

// openStream connects the stream with its URL.
func (f *fork) openStream() {
	m := &mediaStream{fork: f, both: f.spec.both, chunks: map[string]int{}, speaks: map[string]time.Time{}}
	m.sock = &socket{sim: f.call.sim, url: f.spec.url, opened: m.start, tick: m.frame, takes: m.take, gone: m.gone}
	f.stream, f.onStop = m, m.stop
	m.sock.open()
}

// message sends an event; the stream's SID and a number are added.
func (m *mediaStream) message(event string, content map[string]any) {
	content["event"] = event
	if event != "connected" {
		m.sequence++
		content["sequenceNumber"], content["streamSid"] = strconv.Itoa(m.sequence), m.fork.sid
	}
	data, _ := json.Marshal(content) // plain data cannot fail
	m.sock.send(data)
}

func (m *mediaStream) start() {
	f := m.fork
	m.began = f.call.sim.now()
	custom := map[string]string{}
	for _, p := range f.spec.parameters {
		custom[p.name] = p.value
	}
	m.message("connected", map[string]any{"protocol": "Call", "version": "1.0.0"})
	m.message("start", map[string]any{"start": map[string]any{
		"accountSid": f.call.sim.o.AccountSID, "streamSid": f.sid, "callSid": f.call.sid, "tracks": trackNames[f.spec.track],
		"mediaFormat":      map[string]any{"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
		"customParameters": custom,
	}})
	f.kind.report(f, "started", nil)
}

// frame sends the sound of one frame.
func (m *mediaStream) frame() {
	now := m.fork.call.sim.now()
	for _, track := range trackNames[m.fork.spec.track] {
		payload := silence
		if now.Before(m.speaks[track]) {
			payload = tone
		}
		m.chunks[track]++
		m.message("media", map[string]any{"media": map[string]any{"track": track, "chunk": strconv.Itoa(m.chunks[track]),
			"timestamp": strconv.FormatInt(now.Sub(m.began).Milliseconds(), 10), "payload": payload}})
	}
}

// sound tells the streams of a call that there is something to hear on a track.
func (c *Call) sound(track string, d time.Duration) {
	for _, f := range c.forks {
		if f.stream != nil && f.hearsTrack(track) {
			for _, name := range trackNames[track] {
				f.stream.speaks[name] = c.sim.now().Add(d)
			}
		}
	}
}

// streamKey tells the bidirectional stream of a call about a key.
func (c *Call) streamKey(key rune) {
	for _, f := range c.forks {
		if f.stream != nil && f.stream.both && f.status == "in-progress" {
			f.stream.message("dtmf", map[string]any{"dtmf": map[string]string{"track": "inbound_track", "digit": string(key)}})
		}
	}
}

// take does what a message of the application says.
func (m *mediaStream) take(data []byte) {
	var in struct {
		Event     string
		StreamSid string
		Media     struct{ Payload string }
		Mark      struct{ Name string }
	}
	c := m.fork.call
	if err := json.Unmarshal(data, &in); err != nil {
		c.warn(codeSocketMalformed, "a message of the application: "+err.Error())
		return
	}
	sound, err := base64.StdEncoding.DecodeString(in.Media.Payload)
	switch {
	case !m.both:
		c.warn(codeSocketInvalid, "a stream of one direction takes no messages")
	case in.StreamSid != m.fork.sid:
		c.warn(codeSocketInvalid, "streamSid is "+strconv.Quote(in.StreamSid)+" and not "+m.fork.sid)
	case in.Event == "media" && err == nil && len(sound) > 0:
		m.play(time.Duration(len(sound)) * time.Second / 8000)
	case in.Event == "mark":
		m.mark(in.Mark.Name)
	case in.Event == "clear":
		m.playing = c.sim.now()
		m.reached()
	default:
		c.warn(codeSocketInvalid, "no message that is known: event "+strconv.Quote(in.Event))
	}
}

// play lets the party hear sound, behind that which is still played.
func (m *mediaStream) play(d time.Duration) {
	now := m.fork.call.sim.now()
	if !m.playing.After(now) {
		m.playing = now
		m.fork.call.hears("play stream " + m.fork.sid)
	}
	m.playing = m.playing.Add(d)
}

// mark is sent back when the sound before it was played.
func (m *mediaStream) mark(name string) {
	m.marks = append(m.marks, name)
	s := m.fork.call.sim
	s.after(m.playing.Sub(s.now()), func() {
		if !m.playing.After(s.now()) {
			m.reached()
		}
	})
}

// reached sends all marks back.
func (m *mediaStream) reached() {
	for _, name := range m.marks {
		m.message("mark", map[string]any{"mark": map[string]string{"name": name}})
	}
	m.marks = nil
}

// stop ends the stream from this side.
func (m *mediaStream) stop() {
	m.message("stop", map[string]any{"stop": map[string]string{"accountSid": m.fork.call.sim.o.AccountSID, "callSid": m.fork.call.sid}})
	m.sock.close()
}

func (m *mediaStream) gone(code int, why string) {
	if code != 0 {
		m.fork.fail(code, why)
		return
	}
	m.fork.stop()
}

// silence and tone are frames of 160 µ-law samples in Base64: nothing, and 400 Hz.
var silence, tone = muLawFrame(0), muLawFrame(8000)

func muLawFrame(amplitude float64) string {
	samples := make([]byte, 8000*frame/time.Second)
	for i := range samples {
		samples[i] = muLaw(int(amplitude * math.Sin(2*math.Pi*400*float64(i)/8000)))
	}
	return base64.StdEncoding.EncodeToString(samples)
}

// muLaw encodes a sample of 16 bits (ITU-T G.711).
func muLaw(sample int) byte {
	sign := 0
	if sample < 0 {
		sample, sign = -sample, 0x80
	}
	sample = min(sample, 32635) + 132
	exponent := 7
	for mask := 0x4000; sample&mask == 0 && exponent > 0; mask >>= 1 {
		exponent--
	}
	return ^byte(sign | exponent<<4 | sample>>(exponent+3)&0x0f)
}
