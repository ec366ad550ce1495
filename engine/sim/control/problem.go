package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Problem is the body of every refusal, application/problem+json after RFC 9457.
// Code is a stable word.
type Problem struct {
	Type   string `json:"type"` // about:blank: Status says it all
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
}

func refuse(w http.ResponseWriter, status int, code, detail string) {
	write(w, status, "application/problem+json", Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail})
}

func reply(w http.ResponseWriter, status int, v any) { write(w, status, "application/json", v) }

// write sends plain data, which always can be written as JSON.
func write(w http.ResponseWriter, status int, kind string, v any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client may have gone
}

// maxBody is the largest body, in bytes.
const maxBody = 1 << 20

// read reads the body into v; none at all is {}. False: it was refused.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && d.More() {
		err = errors.New("there is more than one JSON value")
	}
	var large *http.MaxBytesError
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return true
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, "too-large", "at most 1 MB")
	default:
		refuse(w, http.StatusBadRequest, "bad-json", "the body is not what is expected: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	return false
}

func invalid(w http.ResponseWriter, err error) {
	refuse(w, http.StatusUnprocessableEntity, "invalid", err.Error())
}
