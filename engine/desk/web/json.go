package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// maxBody is the largest request of the page, in bytes.
const maxBody = 64 << 10

// read reads the body into v; an empty one is {}. False: it was refused.
func read(rw http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(rw, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		refuse(rw, http.StatusBadRequest, "the body is not what is expected: "+err.Error())
		return false
	}
	return true
}

func reply(rw http.ResponseWriter, v any) { write(rw, http.StatusOK, v) }

// refuse answers as the control API does.
func refuse(rw http.ResponseWriter, status int, detail string) {
	write(rw, status, map[string]any{"status": status, "title": http.StatusText(status), "detail": detail})
}

func write(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(v) // who has gone does not read
}
