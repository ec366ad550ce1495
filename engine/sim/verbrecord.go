package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// recordingVerb is a Record in progress.
type recordingVerb struct {
	run     *run
	verb    *twiml.Element
	rec     *recording
	silence int // counts restarts of the silence timer
}

func (r *run) recordVerb(verb *twiml.Element) {
	c := r.call
	if boolAttr(verb, "playBeep", true) {
		r.hears(beep)
	}
	v := &recordingVerb{run: r, verb: verb, rec: c.recordFrom(sourceRecordVerb, 1, r.recordingCallback(verb))}
	finish := verb.AttrOr("finishOnKey", "1234567890*#")
	c.keys = func(key rune) {
		if strings.ContainsRune(finish, key) {
			v.end(string(key))
		}
	}
	c.voice = func(text string) {
		v.rec.speech = strings.TrimSpace(v.rec.speech + " " + text)
		v.awaitSilence(r.sim.speech(text))
	}
	r.leave = func(why leaving) *act {
		digits := ""
		if why == leaveHangup {
			digits = "hangup"
		}
		a := r.actOf(verb, v.result(digits))
		if a == nil && r.base.url != "" {
			a = &act{to: r.base, params: v.result(digits)}
		}
		if a != nil {
			a.always = why == leaveHangup
		}
		return a
	}
	most := intAttr(verb, "maxLength", 3600)
	if boolAttr(verb, "transcribe", false) {
		most = min(most, 120)
	}
	r.later(time.Duration(most)*time.Second, func() { v.end("") })
	v.awaitSilence(0)
	r.asks("Record")
}

// awaitSilence ends the recording after the silence that timeout allows,
// counted from the end of speech of the given length.
func (v *recordingVerb) awaitSilence(speech time.Duration) {
	v.silence++
	n, quiet := v.silence, intAttr(v.verb, "timeout", 5)
	if quiet == 0 {
		return
	}
	v.run.later(speech+time.Duration(quiet)*time.Second, func() {
		if v.silence == n {
			v.end("")
		}
	})
}

func (v *recordingVerb) end(key string) { v.run.goOn(v.verb, true, v.result(key)) }

// result finishes the recording and returns the parameters of the action.
func (v *recordingVerb) result(digits string) form {
	v.rec.finish()
	if boolAttr(v.verb, "transcribe", false) {
		v.transcribe()
	}
	f := form{{"RecordingUrl", v.rec.url()}, {"RecordingDuration", strconv.Itoa(v.rec.seconds())}, {"RecordingSid", v.rec.sid}}
	if digits != "" {
		f = f.with("Digits", digits)
	}
	return f
}

// transcribe sends the transcribeCallback. Twilio transcribes only recordings
// longer than 2 s and shorter than 120 s.
func (v *recordingVerb) transcribe() {
	to, ok := v.verb.Attr("transcribeCallback")
	if !ok || to == "" {
		return
	}
	s, rec, c := v.run.sim, v.rec, v.run.call
	url, _ := v.run.resolve(to)
	status := "completed"
	if n := rec.seconds(); n <= 2 || n >= 120 || rec.speech == "" {
		status = "failed"
		c.warn(codeNoTranscription, fmt.Sprintf("%s has %d seconds", rec.sid, n))
	}
	made := &recordingText{rec: rec, sid: s.sid("TR"), status: "in-progress", created: s.now(), updated: s.now()}
	s.recordingTexts = append(s.recordingTexts, made)
	sid := made.sid
	s.after(2*s.o.Timings.Recording, func() {
		made.status, made.text, made.updated = status, rec.speech, s.now()
		f := form{{"TranscriptionSid", sid}, {"TranscriptionText", rec.speech}, {"TranscriptionStatus", status},
			{"TranscriptionUrl", strings.Replace(rec.url(), "/Recordings/"+rec.sid, "/Transcriptions/"+sid, 1)},
			{"RecordingSid", rec.sid}, {"RecordingUrl", rec.url()}, {"CallSid", c.sid}, {"AccountSid", s.o.AccountSID},
			{"From", c.from}, {"To", c.to}, {"CallStatus", c.status}, {"ApiVersion", apiVersion}, {"Direction", c.direction}}
		if v, ok := c.extra.get("ForwardedFrom"); ok {
			f = f.with("ForwardedFrom", v)
		}
		s.callback(hook{name: "transcription", sid: c.sid, to: endpoint{url: url}, params: f})
	})
}
