package rest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// Answer is what a resource answers: body as JSON, or media with its content
// type, or nothing.
type Answer struct {
	Status      int
	Body        any
	Code        int // of the error that it tells, else 0
	Media       Content
	ContentType string
}

// Content is what is in a file. It is written while the simulator goes on already.
type Content interface {
	Size() int64
	io.WriterTo
}

// Encoded is the body as JSON, for Write: what it shows may be different a moment
// later.
func (a Answer) Encoded() []byte {
	var body bytes.Buffer
	if a.Body != nil {
		enc := json.NewEncoder(&body)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(a.Body) // plain data, cannot fail
	}
	return body.Bytes()
}

// Write sends the answer; body is what Encoded has returned.
func (a Answer) Write(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", cmp.Or(a.ContentType, "application/json"))
	if a.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	if a.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if a.Media != nil {
		w.Header().Set("Content-Length", strconv.FormatInt(a.Media.Size(), 10))
		w.WriteHeader(a.Status)
		_, _ = a.Media.WriteTo(w) // the client may have gone
		return
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(body)
}

// Error is an answer that refuses a request.
type Error struct {
	status, code int
	message      string
}

// Answer tells the error as Twilio does.
func (e *Error) Answer() Answer {
	return Answer{Code: e.code, Status: e.status, Body: struct {
		Code     int    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
		Status   int    `json:"status"`
	}{e.code, e.message, fmt.Sprintf("https://www.twilio.com/docs/errors/%d", e.code), e.status}}
}

// Refuse is an answer with an HTTP status and a code of Twilio's error dictionary.
func Refuse(status, code int, message string) *Error { return &Error{status, code, message} }

// NotFound tells that there is no such resource.
func NotFound(path string) *Error {
	return Refuse(http.StatusNotFound, 20404, "The requested resource "+path+" was not found")
}

// BadRequest refuses a parameter.
func BadRequest(code int, message string) *Error {
	return Refuse(http.StatusBadRequest, code, message)
}

func notAllowed() *Error {
	return Refuse(http.StatusMethodNotAllowed, 20004, "Method not allowed")
}

// Resource is something with its JSON.
type Resource interface{ JSON() any }

// Show answers with the resource as it is.
func Show[R Resource](x R, _ *Request) (Answer, *Error) {
	return Answer{Status: http.StatusOK, Body: x.JSON()}, nil
}

// Created answers that a resource was created.
func Created(x Resource) (Answer, *Error) {
	return Answer{Status: http.StatusCreated, Body: x.JSON()}, nil
}

// Deleted answers that a resource was deleted.
func Deleted() (Answer, *Error) { return Answer{Status: http.StatusNoContent}, nil }

// Text is a JSON string, or null where it is empty.
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
