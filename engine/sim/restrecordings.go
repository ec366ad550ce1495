package sim

import (
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

type recordingJSON struct {
	AccountSID        string            `json:"account_sid"`
	APIVersion        string            `json:"api_version"`
	CallSID           *string           `json:"call_sid"`
	ConferenceSID     *string           `json:"conference_sid"`
	Channels          int               `json:"channels"`
	DateCreated       *string           `json:"date_created"`
	DateUpdated       *string           `json:"date_updated"`
	Duration          *string           `json:"duration"`
	EncryptionDetails *string           `json:"encryption_details"`
	Track             string            `json:"track"`
	ErrorCode         *int              `json:"error_code"`
	MediaURL          string            `json:"media_url"`
	Price             *string           `json:"price"`
	PriceUnit         string            `json:"price_unit"`
	SID               string            `json:"sid"`
	Source            string            `json:"source"`
	StartTime         *string           `json:"start_time"`
	Status            string            `json:"status"`
	SubresourceURIs   map[string]string `json:"subresource_uris"`
	URI               string            `json:"uri"`
}

func (rec *recording) JSON() any {
	s := rec.sim
	j := recordingJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, CallSID: rest.Text(rec.callSID()), ConferenceSID: rest.Text(rec.roomSID()), Channels: rec.channels,
		DateCreated: date(rec.started), DateUpdated: date(rec.updated), MediaURL: rec.url(), PriceUnit: "USD",
		Track: rec.track, SID: rec.sid, Source: rec.source, StartTime: date(rec.started), Status: rec.status,
		SubresourceURIs: map[string]string{"transcriptions": s.uri("Recordings", rec.sid, "Transcriptions")},
		URI:             s.uri("Recordings", rec.sid),
	}
	if !rec.ended.IsZero() {
		j.Duration = rest.Text(strconv.Itoa(rec.seconds()))
	}
	return j
}

// recordingAt is the recording that the path names. Below a call or a conference
// that may be Twilio.CURRENT, the only active one.
func recordingAt(s *Sim, q *rest.Request) (*recording, *rest.Error) {
	sid, call, room := q.Vars["Sid"], q.Vars["CallSid"], q.Vars["ConferenceSid"]
	var found *recording
	for _, rec := range s.recordings {
		switch {
		case call != "" && rec.callSID() != call, room != "" && rec.roomSID() != room && (rec.room == nil || rec.room.name != room):
		case rec.sid == sid:
			return rec, nil
		case sid != currentRecording || call == "" && room == "" || !rec.ended.IsZero():
		case found != nil:
			return nil, rest.BadRequest(16108, "More than one recording is active: name the recording")
		default:
			found = rec
		}
	}
	if found == nil {
		return nil, rest.NotFound(q.Path)
	}
	return found, nil
}

// recordingKept is recordingAt for a recording that was not deleted, unless the request
// wants those too.
func recordingKept(s *Sim, q *rest.Request) (*recording, *rest.Error) {
	rec, e := recordingAt(s, q)
	if e == nil && !rec.keptFor(q) {
		return nil, rest.NotFound(q.Path)
	}
	return rec, e
}

// deletedFor is how long what is known about a deleted recording is kept
// (documentation: Recording resource).
const deletedFor = 40 * 24 * time.Hour

// keptFor reports whether the request may see the recording.
func (rec *recording) keptFor(q *rest.Request) bool {
	return rec.status != "deleted" || q.Flag("IncludeSoftDeleted") && rec.sim.now().Sub(rec.updated) < deletedFor
}

// delete removes the file; what is known about it stays for a while.
func (rec *recording) delete(*rest.Request) (rest.Answer, *rest.Error) {
	if rec.ended.IsZero() || rec.status == "processing" {
		return rest.Answer{}, rest.BadRequest(20009, "Recording "+rec.sid+" cannot be deleted before it is complete: it is "+rec.status)
	}
	rec.status, rec.updated = "deleted", rec.sim.now()
	return rest.Deleted()
}

// listRecordings lists those of a call or a conference, if the path or a filter
// names one.
func (s *Sim) listRecordings(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []*recording
	for _, rec := range s.recordings {
		if rec.keptFor(q) && q.Matches("CallSid", rec.callSID()) && q.Matches("ConferenceSid", rec.roomSID()) && q.DateMatches("DateCreated", rec.started) {
			found = append(found, rec)
		}
	}
	slices.Reverse(found)
	return rest.Page(q, "recordings", found)
}
