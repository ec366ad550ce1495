package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/runtime"
)

// Problem is the body of every refusal of the control API, application/problem+json
// after RFC 9457. Code is a stable word; Errors names each input that is wrong.
type Problem struct {
	Type   string           `json:"type"` // about:blank: Status says it all
	Title  string           `json:"title"`
	Status int              `json:"status"`
	Detail string           `json:"detail,omitempty"`
	Code   string           `json:"code"`
	Errors []engine.Problem `json:"errors,omitempty"`
}

func refuse(w http.ResponseWriter, status int, code, detail string, errs ...engine.Problem) {
	p := Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Errors: errs}
	body, err := json.Marshal(p)
	if err != nil {
		http.Error(w, p.Title, status)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

func reply(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal", "the answer cannot be written")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// refuseError answers with what an error of the runtime means to a caller. Texts of
// errors that it does not know stay in the log.
func (s *Server) refuseError(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, runtime.ErrNotFound):
		refuse(w, http.StatusNotFound, "not-found", "there is no such session or flow")
	case errors.Is(err, runtime.ErrOver):
		refuse(w, http.StatusConflict, "session-over", err.Error())
	case errors.Is(err, runtime.ErrNotOffered):
		refuse(w, http.StatusConflict, "not-offered", err.Error())
	case errors.Is(err, runtime.ErrCannotStart):
		refuse(w, http.StatusConflict, "cannot-start", err.Error())
	case errors.Is(err, runtime.ErrKeyReused):
		refuse(w, http.StatusUnprocessableEntity, "key-reused", err.Error())
	case errors.Is(err, runtime.ErrDraining), errors.Is(err, runtime.ErrUnhealthy), errors.Is(err, context.DeadlineExceeded):
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "unavailable", err.Error())
	default:
		s.log.Error("a request of the control API failed", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "unavailable", "the request could not be carried out; nothing was changed; the log says why")
	}
}

// maxJSON is the largest body of the control API, in bytes.
const maxJSON = 1 << 20

// readJSON reads the body into v; an empty body is {}. False: it was refused.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSON))
	d.UseNumber()
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		_, err = d.Token()
		if err == nil {
			err = errors.New("there is more than one JSON value")
		}
	}
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return true
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, "too-large", "at most 1 MB")
	default:
		refuse(w, http.StatusBadRequest, "bad-json", "the body is not what is expected: "+err.Error())
	}
	return false
}

// methods chooses a handler by method; others get 405.
type methods map[string]http.HandlerFunc

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := m[r.Method]; h != nil {
		h(w, r)
		return
	}
	allowed := make([]string, 0, len(m))
	for name := range m {
		allowed = append(allowed, name)
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	refuse(w, http.StatusMethodNotAllowed, "method", "use "+strings.Join(allowed, " or "))
}
