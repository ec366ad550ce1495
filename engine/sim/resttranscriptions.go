package sim

import (
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// recordingText is the transcription of a recording, which Record's transcribe
// asks for.
type recordingText struct {
	rec     *recording
	sid     string
	status  string // in-progress, completed or failed
	text    string
	created time.Time
	updated time.Time
}

func (t *recordingText) JSON() any {
	s := t.rec.sim
	return object{"sid": t.sid, "account_sid": s.o.AccountSID, "api_version": apiVersion, "recording_sid": t.rec.sid, "status": t.status,
		"transcription_text": rest.Text(t.text), "type": "fast", "duration": strconv.Itoa(t.rec.seconds()), "price": nil, "price_unit": "USD",
		"date_created": date(t.created), "date_updated": date(t.updated), "uri": s.uri("Transcriptions", t.sid)}
}

// texts are the transcriptions of the recording that the path names, or all.
func (s *Sim) texts(q *rest.Request) []*recordingText {
	var found []*recordingText
	for _, t := range s.recordingTexts {
		if id := q.Vars["RecordingSid"]; id == "" || id == t.rec.sid {
			found = append(found, t)
		}
	}
	slices.Reverse(found)
	return found
}

func (s *Sim) listTexts(q *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Page(q, "transcriptions", s.texts(q))
}

func textAt(s *Sim, q *rest.Request) (*recordingText, *rest.Error) {
	return rest.Among(s.texts(q), q, func(t *recordingText) bool { return t.sid == q.Vars["Sid"] })
}

func (t *recordingText) remove(*rest.Request) (rest.Answer, *rest.Error) {
	s := t.rec.sim
	s.recordingTexts = slices.DeleteFunc(s.recordingTexts, func(o *recordingText) bool { return o == t })
	return rest.Deleted()
}
