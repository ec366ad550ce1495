package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/ringdown/ringdown/engine/runtime"
	"github.com/ringdown/ringdown/engine/twilio"
)

// tokenHeader is the same in all repetitions of one request.
// https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
const tokenHeader = "I-Twilio-Idempotency-Token"

// webhook answers a request of Twilio: whatever it says counts only once its
// signature was found to be good.
func (s *Server) webhook(w http.ResponseWriter, r *http.Request) {
	route, ok := runtime.ParseRoute(r.URL.Path)
	if !ok || r.URL.RawPath != "" { // no URL of ours needs an escape
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	buf := s.bufs.get()
	defer s.bufs.put(buf)
	body, status := readBody(w, r, buf)
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	fields, err := s.cfg.Validator.Verify(r, body)
	switch {
	case errors.Is(err, twilio.ErrSignature):
		s.log.Warn("a webhook without a good signature was refused: check TWILIO_AUTH_TOKEN and RINGDOWN_PUBLIC_URL", "path", r.URL.Path)
		w.WriteHeader(http.StatusForbidden)
		return
	case err != nil:
		s.log.Warn("a webhook cannot be read", "path", r.URL.Path, "error", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	// A caller of ours that goes away does not take the event back: it may be joined by
	// its own repetition.
	ctx := context.WithoutCancel(r.Context())
	write(w, s.rt.Webhook(ctx, runtime.Request{Route: route, Fields: fields, Token: r.Header.Get(tokenHeader)}))
}

func write(w http.ResponseWriter, reply runtime.Reply) {
	if reply.Body == nil {
		w.WriteHeader(reply.Status)
		return
	}
	h := w.Header()
	h["Content-Type"] = []string{"text/xml; charset=utf-8"}
	if reply.Type != "" {
		h["Content-Type"] = []string{reply.Type}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(reply.Body))}
	h["Cache-Control"] = []string{"no-store"}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body)
}

// readBody reads the whole body into buf; a status other than 0 refuses it.
func readBody(w http.ResponseWriter, r *http.Request, buf *[]byte) (body []byte, status int) {
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return nil, 0
	}
	if r.ContentLength > twilio.MaxBody {
		return nil, http.StatusRequestEntityTooLarge
	}
	b := (*buf)[:0]
	limited := http.MaxBytesReader(w, r.Body, twilio.MaxBody)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := limited.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		*buf = b
		var large *http.MaxBytesError
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return b, 0
		case errors.As(err, &large):
			return nil, http.StatusRequestEntityTooLarge
		default:
			return nil, http.StatusBadRequest
		}
	}
}

// bufferPool lends buffers for bodies. What is decoded from one does not share its memory.
type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) get() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, 4<<10)
	return &b
}

func (p *bufferPool) put(b *[]byte) {
	if cap(*b) <= 64<<10 {
		p.pool.Put(b)
	}
}
