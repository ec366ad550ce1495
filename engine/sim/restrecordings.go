package sim

import (
	"net/http"
	"slices"
	"strconv"
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

func (rec *recording) json() recordingJSON {
	s := rec.sim
	j := recordingJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, CallSID: text(rec.callSID()), ConferenceSID: text(rec.roomSID()), Channels: rec.channels,
		DateCreated: date(rec.started), DateUpdated: date(rec.updated), MediaURL: rec.url(), PriceUnit: "USD",
		Track: rec.track, SID: rec.sid, Source: rec.source, StartTime: date(rec.started), Status: rec.status,
		SubresourceURIs: map[string]string{"transcriptions": s.uri("Recordings", rec.sid, "Transcriptions")},
		URI:             s.uri("Recordings", rec.sid),
	}
	if !rec.ended.IsZero() {
		j.Duration = text(strconv.Itoa(rec.seconds()))
	}
	return j
}

func (s *Sim) restRecordings(q *restRequest) (restAnswer, *restError) {
	if len(q.parts) == 1 {
		if q.method != http.MethodGet {
			return restAnswer{}, q.notAllowed()
		}
		return s.listRecordings(q)
	}
	for _, rec := range s.recordings {
		switch {
		case rec.sid != q.parts[1] || len(q.parts) > 2:
		case q.method == http.MethodGet:
			return restAnswer{status: 200, body: rec.json()}, nil
		case q.method == http.MethodDelete:
			return rec.delete()
		default:
			return restAnswer{}, q.notAllowed()
		}
	}
	return restAnswer{}, notFound(q.path)
}

// delete removes the file; what is known about it stays for 40 days
// (documentation: Recording resource), here for ever.
func (rec *recording) delete() (restAnswer, *restError) {
	if rec.ended.IsZero() || rec.status == "processing" || rec.status == "deleted" {
		return restAnswer{}, badRequest(20001, "Recording "+rec.sid+" is "+rec.status)
	}
	rec.status, rec.updated = "deleted", rec.sim.now()
	return restAnswer{status: http.StatusNoContent}, nil
}

func (s *Sim) listRecordings(q *restRequest) (restAnswer, *restError) {
	var found []*recording
	for _, rec := range s.recordings {
		if (rec.status != "deleted" || q.flag("IncludeSoftDeleted")) && q.matches("CallSid", rec.callSID()) && q.matches("ConferenceSid", rec.roomSID()) && q.dateMatches("DateCreated", rec.started) {
			found = append(found, rec)
		}
	}
	slices.Reverse(found)
	return page(s, q, "recordings", found, (*recording).json)
}
